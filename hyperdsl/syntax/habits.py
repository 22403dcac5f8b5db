"""Habits from Python, from other languages and from other libraries -> what to write here."""

from __future__ import annotations

import re

from hyperdsl.diagnostics import Diagnostic, habits, syntax
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.syntax.brackets import begins_line
from hyperdsl.syntax.mistake import VALUES, WORDS, Mistake, found, touching
from hyperdsl.syntax.scan import END, Token

# Words of Python -> what there is instead.
PYTHON_WORDS = {
    "lambda": "write a template: `def name(x) = …`",
    "class": "write your class in Python and name it here: `use my_pkg.MyClass`",
    "elif": "write `a if c else b if d else e`",
    "while": "repeat a part with `repeat(1..4, part)`",
    "to": "write a range as `1..5`",
    "then": "write `a if condition else b`",
}
_RUNS = "remove it: a program says what to build and runs nothing"
# What statements of Python begin with -> what there is instead.
PYTHON_STATEMENTS = {
    "if": "write it inside an expression, `a if condition else b`; what must hold for the whole space: `require …`",
    "for": "write it inside an expression: `[f(i) for i in 1..3]`, or `repeat(1..3, part)`",
    "while": "repeat a part with `repeat(1..4, part)`",
    "@": "remove it: there are no decorators",
    "async": "write `def name(x) = …`",
    **dict.fromkeys(("with", "try", "except", "finally", "raise", "print", "global", "yield", "del", "await"), _RUNS),
}
# Two tokens that touch -> what to write instead of the operator that they were meant to be.
FOREIGN_OPERATORS = {
    "&&": "write `and` between conditions, `&` between parallel parts",
    "||": "write `or` between conditions, `|` between alternatives",
    "|>": "write `>>` between steps",
    "<>": "write `!=`",
    "===": "write `==`",
    "++": "write one `+`",
    "<-": "write `=` to define",
    "=>": "write `>>` between steps, `>=` to compare",
    "->": "write `>>` between steps; a template's body follows `=`",
    "<<": "write `a >> b`: what comes first stands left",
    "=<": "write `<=` to compare",
    "%>": "write `>>` between steps",
    "??": "one `?` makes a part optional",
    **dict.fromkeys(("+=", "-=", "*=", "/="), "a name has one value: define another, `let b = a + 1`"),
    "AND": "write `and`",
    "OR": "write `or`",
    "NOT": "write `not`",
}
# Words of other languages, and other words for the same -> the keyword.
KEYWORDS_ELSEWHERE = {
    **dict.fromkeys(("function", "fn", "func", "fun", "template", "macro"), "def"),
    **dict.fromkeys(("var", "val", "const", "set", "param", "parameter", "define"), "let"),
    **dict.fromkeys(("search", "search_space", "pipeline", "model", "config", "choice"), "space"),
    **dict.fromkeys(("assert", "constraint", "condition", "where", "ensure"), "require"),
    **dict.fromkeys(("exclude", "reject", "disallow"), "forbid"),
    **dict.fromkeys(("include", "load"), "import"),
    "using": "use",
}
# What people write behind a range -> what there is.
MODIFIERS_ELSEWHERE = {
    **dict.fromkeys(("log10", "log2", "ln", "logarithmic", "log_scale", "logscale", "log_uniform"), "log"),
    **dict.fromkeys(("by", "steps", "stepsize", "increment", "every"), "step 2"),
    "q": "step 2",
    **dict.fromkeys(("init", "initial", "starting"), "default 3"),
}
# What people write behind a range and need not.
SUPERFLUOUS = {
    **dict.fromkeys(("int", "integer", "integers"), "leave it out: a range of whole numbers has whole numbers only"),
    **dict.fromkeys(
        ("float", "real", "uniform", "linear"), "leave it out: `0.0..1.0` is uniform; `log` makes it log-uniform"
    ),
}
OPERATORS = frozenset(
    {"|", ">>", "&", "+", "-", "*", "/", "//", "%", "**", "..", "==", "!=", "<", "<=", ">", ">=", "?"}
)
CLOSING = frozenset({")", "]", "}"})
FROM_STD = re.compile(r"from\s+(std(?:\.\w+)+)\s+import\s+([\w, ]+)")
STATEMENT_WORDS = ("space", "let", "def", "import", "use", "require", "forbid", "experiment")
FOREIGN_FILE = (
    "this is no .hyp file: for a space of Optuna, ConfigSpace, W&B or Katib, `hyperdsl import FILE` writes one"
)


def python_import(mistake: Mistake) -> Diagnostic | None:
    token, first = mistake.token, mistake.tokens[0]
    if first.text == "from" and first.type == "NAME":
        return habits.python_import(first.span, "`from`", _imported_from(first))
    if mistake.keyword != "IMPORT":
        return None
    if token.text == "as":
        return habits.python_import(token.span, f"`{token.text}`", "")
    target = mistake.tokens[1]
    if "LPAR" in mistake.accepted and target.type == "NAME" and target.text != "std":
        return habits.python_import(target.span.to(mistake.tokens[mistake.at - 1].span), f"`{target.text}`", "")
    return None


def python_statement(mistake: Mistake) -> Diagnostic | None:
    """``if x > 1: …``, ``try: …``: a statement of Python where one of ours begins."""
    token = mistake.token
    begins = {"SPACE", "DEF"} <= mistake.accepted and "INT" not in mistake.accepted
    help = PYTHON_STATEMENTS.get(token.text) if begins and (mistake.at == 0 or begins_line(token)) else None
    if help is None or (mistake.after is not None and mistake.after.text == "="):
        return None
    return syntax.not_a_statement(token.span, found(token), help)


def _imported_from(first: Token) -> str:
    """The line `from std.tabular import mixed` in our way; empty for what is no file of the language."""
    written = FROM_STD.match(first.span.source.text, first.span.start)
    return f"import {written[1]} ({', '.join(written[2].replace(',', ' ').split())})" if written else ""


def operator(mistake: Mistake) -> Diagnostic | None:
    """An operator of another language, of one token or of two that touch."""
    pair = touching(mistake)
    after = mistake.after
    if pair is not None and pair[0] == ":=":
        return syntax.comparison_in_definition(pair[1], ":=")
    token = mistake.token
    if token.type == "NAME" and token.text in FOREIGN_OPERATORS and not begins_line(token):
        pair = token.text, token.span
    if token.text == "-" and after is not None and after.text == ">":
        pair = "->", token.span.to(after.span)
    if token.text == "=>":
        if "EQUAL" in mistake.accepted:
            return syntax.comparison_in_definition(token.span, "=>")
        pair = "=>", token.span
    if pair is None or pair[0] not in FOREIGN_OPERATORS or "=>" in mistake.written:
        return None
    if pair[0] == "->" and mistake.keyword == "DEF" and not any(t.text == "=" for t in mistake.tokens[: mistake.at]):
        return habits.returned_type(pair[1])
    return habits.foreign_operator(pair[1], pair[0], FOREIGN_OPERATORS[pair[0]])


def range_sign(mistake: Mistake) -> Diagnostic | None:
    """``1...5``, ``1..<5``, ``1..=5``, ``0.1:1.0`` and ``1..5:2``."""
    token, before, after = mistake.token, mistake.before, mistake.after
    if token.text == "...":
        return habits.range_sign(token.span, "...", "write `..`, as in `1e-4..1e-1`")
    pair = touching(mistake)
    if pair is not None and pair[0] in ("..=", "..<", "..<="):
        return habits.range_sign(pair[1], pair[0], "write `..`: a range holds both its ends")
    numbers = ("INT", "FLOAT")
    if token.text == ":" and before is not None and before.type in numbers and after is not None:
        if after.type in numbers and "LOG" in mistake.accepted:
            return habits.range_sign(token.span, ":", f"write `step {after.text}`")
        if after.type in numbers and ".." in mistake.written and "RSQB" not in mistake.accepted:
            return habits.range_sign(token.span, ":", f"write `{before.text}..{after.text}`")
    return None


def modifier(mistake: Mistake) -> Diagnostic | None:
    """``1..5 log10``, ``1..5 by 2`` and ``1..5 log=True``."""
    token, before, after = mistake.token, mistake.before, mistake.after
    if token.text == "=" and before is not None and before.type == "LOG":
        return habits.modifier(token.span, "=", "write `log` alone")
    if token.text == "=" and before is not None and before.type in ("STEP", "DEFAULT"):
        return habits.modifier(token.span, "=", f"write `{before.text} 2`, without `=`")
    if token.type != "NAME" or "LOG" not in mistake.accepted or (after is not None and after.text == "="):
        return None
    instead = MODIFIERS_ELSEWHERE.get(token.text)
    if begins_line(token):
        return None
    if token.text in SUPERFLUOUS and mistake.at > 1 and mistake.tokens[mistake.at - 2].text == "..":
        return habits.modifier(token.span, token.text, SUPERFLUOUS[token.text])
    if instead is None:
        return None
    if after is not None and after.type in ("INT", "FLOAT"):
        instead = f"{instead.partition(' ')[0]} {after.text}"
    return habits.modifier(token.span, token.text, f"write `{instead}`")


def statement_word(mistake: Mistake) -> Diagnostic | None:
    """``const x = 1``, ``assert a > 1``, ``spcae s = …``: a statement that begins with no keyword of ours."""
    token, after = mistake.token, mistake.after
    begins = {"SPACE", "DEF"} <= mistake.accepted and "INT" not in mistake.accepted
    if not begins or token.type != "NAME" or not (begins_line(token) or mistake.at == 0):
        return None
    if after is None or after.type == END or after.text == "=":
        return None
    if [t.text for t in mistake.tokens[mistake.at + 1 : mistake.at + 3]] == ["<", "-"]:
        return syntax.missing_keyword(token.span, token.text)
    if after.text == ":" and mistake.at == 0:
        return syntax.not_a_statement(token.span, found(token), FOREIGN_FILE)
    keyword = KEYWORDS_ELSEWHERE.get(token.text)
    near = [keyword] if keyword else did_you_mean(token.text, STATEMENT_WORDS)
    help = f"did you mean `{near[0]}`?" if near and (keyword or after.type == "NAME") else ""
    return syntax.not_a_statement(token.span, found(token), help)


def other_file(mistake: Mistake) -> Diagnostic | None:
    """A file that begins with a bracket: JSON, most likely."""
    token = mistake.token
    return (
        syntax.not_a_statement(token.span, found(token), FOREIGN_FILE)
        if mistake.at == 0 and token.text in ("{", "[", "-", "<")
        else None
    )


def percent(mistake: Mistake) -> Diagnostic | None:
    """``50%``."""
    number = mistake.tokens[mistake.at - 2] if mistake.at > 1 else None
    if mistake.before is not None and mistake.before.text == "%" and number is not None:
        if number.type in ("INT", "FLOAT") and mistake.wants_expression:
            try:
                share = float(number.text) / 100
            except ValueError:  # `0x10`: not a number either, which is told first
                return None
            return habits.percent(number.span.to(mistake.before.span), f"{share:g}")
    if mistake.token.text == "%" and mistake.back("AT", "INT"):
        return habits.percent(
            mistake.tokens[mistake.at - 1].span.to(mistake.token.span), mistake.tokens[mistake.at - 1].text
        )
    return None


def no_sets(mistake: Mistake) -> Diagnostic | None:
    """``{"a", "b"}``."""
    if (
        mistake.token.text in (",", "}")
        and mistake.accepted == {"COLON"}
        and mistake.tokens[mistake.at - 2].text == "{"
    ):
        return habits.no_sets(mistake.tokens[mistake.at - 2].span.to(mistake.token.span))
    return None


def missing_operand(mistake: Mistake) -> Diagnostic | None:
    """``a >>`` with nothing behind it, ``= | a`` with nothing before it, ``f(a,, b)``."""
    token, before = mistake.token, mistake.before
    if before is None or not mistake.wants_expression:
        return None
    if token.text == ":" and mistake.at == 1:
        return syntax.nothing_before(token.span, ":", False)
    if token.text in OPERATORS:
        return syntax.nothing_before(token.span, token.text, before.text in ("=", "(", "return"))
    ends = token.type == END or token.text in CLOSING or token.text == ","
    if not ends or before.type == "STRING":
        return None
    if token.text == "," and before.text in (",", "(", "["):
        return syntax.nothing_follows(token.span, before.text, "remove one `,`" if before.text == "," else "remove it")
    if before.text == "=" and mistake.at > 1:
        return syntax.nothing_follows(before.span, "=", f"write a value: `{mistake.tokens[mistake.at - 2].text} = …`")
    if before.text in OPERATORS:
        return syntax.nothing_follows(before.span, before.text, f"write what follows it, or remove `{before.text}`")
    return None


def comment(mistake: Mistake) -> Diagnostic | None:
    """``// note`` in this line, up to here."""
    line = mistake.token.span.source.position
    here = line(mistake.token.span.start)[0]
    for i in range(mistake.at, -1, -1):
        token = mistake.tokens[i]
        if i < mistake.at - 1 and line(token.span.start)[0] not in (here, here - 1):
            return None
        if token.text == "//" and (i == mistake.at or _reads_as_prose(mistake, i)):
            return habits.foreign_comment(token.span, "//")
    return None


def _reads_as_prose(mistake: Mistake, i: int) -> bool:
    """Whether a word follows ``//`` and the fault right behind it: ``5 // the rate``."""
    return mistake.at - i <= 2 and mistake.tokens[i + 1].type in WORDS | {"NAME"}


def python_word(mistake: Mistake) -> Diagnostic | None:
    at = mistake.at
    for i in (at, at - 1):
        token = mistake.tokens[i] if i >= 0 else None
        if token is None or token.type != "NAME" or token.text not in PYTHON_WORDS:
            continue
        help = PYTHON_WORDS[token.text]
        ends = mistake.tokens[i - 1 : i + 2 : 2] if i > 0 else ()
        if token.text == "to" and [end.type in ("INT", "FLOAT") for end in ends] == [True, True]:
            help = f"write `{ends[0].text}..{ends[1].text}`"
        return habits.python_word(token.span, token.text, help)
    return None


def second_for(mistake: Mistake) -> Diagnostic | None:
    """``[i * j for i in xs for j in ys]``."""
    if mistake.token.type != "FOR" or "RSQB" not in mistake.accepted:
        return None
    help = "put one comprehension into another, for a list of lists: `[[i * j for i in 1..2] for j in 1..3]`"
    return habits.python_word(mistake.token.span, "for … for", help)


def any_arguments(mistake: Mistake) -> Diagnostic | None:
    """``def f(**kwargs)`` and ``def f(*args)``."""
    stars = mistake.token
    if stars.text not in ("*", "**") or mistake.keyword not in ("DEF", "LET") or mistake.wants_expression:
        return None
    if mistake.before is None or mistake.before.text not in ("(", ","):
        return None
    name = mistake.after.text if mistake.after is not None and mistake.after.type == "NAME" else ""
    return habits.python_word(stars.span, f"{stars.text}{name}", "name each parameter: `def f(alpha, tol = 1e-3) = …`")


def string_prefix(mistake: Mistake) -> Diagnostic | None:
    before = mistake.before
    if mistake.token.type != "STRING" or before is None or before.type != "NAME" or touching(mistake) is None:
        return None
    prefixes = ("r", "f", "b", "u", "rb", "fr", "rf")
    return habits.string_prefix(before.span, before.text) if before.text.lower() in prefixes else None


def ternary(mistake: Mistake) -> Diagnostic | None:
    if mistake.back("PRESENCE") and mistake.token.type in VALUES and not begins_line(mistake.token):
        return habits.ternary(mistake.token.span)
    return None


def starred(mistake: Mistake) -> Diagnostic | None:
    if mistake.token.text == "*" and (mistake.back("LPAR") or mistake.back("COMMA")) and mistake.wants_expression:
        return habits.starred_argument(mistake.token.span)
    return None
