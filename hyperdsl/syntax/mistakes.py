"""A token that does not fit -> the message that helps most.

Each rule looks at one plausible slip and returns its diagnostic or None; the first that knows the slip wins, and what
no rule knows becomes "expected this, found that".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hyperdsl.diagnostics import Diagnostic, syntax
from hyperdsl.source import Span
from hyperdsl.syntax.brackets import STATEMENTS, begins_line
from hyperdsl.syntax.scan import END, Token

# Words of Python -> what there is instead.
PYTHON_WORDS = {
    "lambda": "write a template: `def name(x) = …`",
    "class": "write your class in Python and name it here: `use my_pkg.MyClass`",
    "elif": "write `a if c else b if d else e`",
    "while": "repeat a part with `repeat(1..4, part)`",
    "with": "a definition begins with " + syntax.STATEMENT_EXAMPLES,
    "to": "write a range as `1..5`",
    "then": "write `a if condition else b`",
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
    "=>": "write `>=` to compare",
    "=<": "write `<=` to compare",
    "??": "one `?` makes a part optional",
}
WORDS = frozenset({
    *STATEMENTS, "COLUMNS", "RETURN", "AND", "OR", "NOT", "IN", "IS", "IF", "ELSE", "FOR", "LOG", "STEP", "DEFAULT",
    "TRUE", "LOWER_TRUE", "FALSE", "LOWER_FALSE", "NONE", "LOWER_NONE",
})  # fmt: skip
VALUES = frozenset({"INT", "FLOAT", "STRING", "NAME", "LPAR", "LSQB", "LBRACE"})


@dataclass(frozen=True, slots=True)
class Mistake:
    """The tokens of a statement, the number of the one that does not fit, and the terminals that would.

    ``symbols`` is how terminals without a value of their own are written: ``{"RPAR": ")", ...}``.
    """

    tokens: tuple[Token, ...]
    at: int
    accepted: frozenset[str]
    symbols: Mapping[str, str]

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def before(self) -> Token | None:
        return self.tokens[self.at - 1] if self.at else None

    @property
    def after(self) -> Token | None:
        return self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None

    @property
    def keyword(self) -> str:
        """The terminal that the statement begins with."""
        return self.tokens[0].type

    @property
    def written(self) -> frozenset[str]:
        """The terminals that would fit, as they are written."""
        return frozenset(self.symbols[name] for name in self.accepted if name in self.symbols)

    @property
    def wants_expression(self) -> bool:
        return {"INT", "NAME"} <= self.accepted

    def back(self, *types: str) -> bool:
        """Whether exactly these terminals stand before the token."""
        return self.at >= len(types) and all(
            token.type == wanted
            for token, wanted in zip(self.tokens[self.at - len(types) : self.at], types, strict=True)
        )


Rule = Callable[[Mistake], Diagnostic | None]


def explain(mistake: Mistake) -> Diagnostic:
    """The diagnostic for a token that does not fit."""
    for rule in RULES:
        if diagnostic := rule(mistake):
            return diagnostic
    before = f"`{_short(mistake.before.text)}`" if mistake.before else ""
    return syntax.unexpected(mistake.token.span, found(mistake.token), _expected(mistake), before)


def found(token: Token) -> str:
    """The token in words."""
    if token.type == END:
        return f"`{_short(token.text)}`" if token.text else "the end of the file"
    if token.type in WORDS:
        return f"the keyword `{token.text}`"
    return f"`{_short(token.text)}`"


def _short(text: str, limit: int = 24) -> str:
    line = text.partition("\n")[0]
    return text if len(text) <= limit and line == text else line[: limit - 1] + "…"


def _expected(mistake: Mistake) -> str:
    """What would fit, in plain words, the most telling first."""
    accepted, written = mistake.accepted, mistake.written
    if mistake.wants_expression:
        return "an expression"
    if "INT" in accepted:
        return "a number"
    if {"LET", "TRUE"} <= accepted:
        return "a name"
    operators = "." in written
    marks = ["=", ",", ")", "]", "}", ":", "=>", "return", *(() if operators else ("(", "{", "in"))]
    parts = [f"`{mark}`" for mark in marks if mark in written]
    if "NAME" in accepted and not operators:
        parts.append("a name")
    if operators and len(parts) < 3:
        parts.append("an operator")
    if "space" in written and "NAME" not in accepted:
        parts.append("a new definition")
    if not parts:
        parts = [f"`{word}`" for word in sorted(written)[:3]] or ["the end of the text"]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"


# --- the rules, most telling first


def _touching(mistake: Mistake) -> tuple[str, Span] | None:
    """The token together with the one before it, when nothing stands between them."""
    before, token = mistake.before, mistake.token
    if before is None or before.span.end != token.span.start or token.type == END:
        return None
    return before.text + token.text, before.span.to(token.span)


def _comment(mistake: Mistake) -> Diagnostic | None:
    """``// note`` in this line, up to here, or ``/* note */``."""
    line = mistake.token.span.source.position
    here = line(mistake.token.span.start)[0]
    for i in range(mistake.at, -1, -1):
        token = mistake.tokens[i]
        if i < mistake.at - 1 and line(token.span.start)[0] not in (here, here - 1):
            return None
        if token.text == "//" and (i == mistake.at or _reads_as_prose(mistake, i)):
            return syntax.foreign_comment(token.span, "//")
        opened = token.text == "/" and i + 1 < len(mistake.tokens) and mistake.tokens[i + 1].text in ("*", "**")
        if opened and mistake.tokens[i + 1].span.start == token.span.end:
            return syntax.foreign_comment(token.span.to(mistake.tokens[i + 1].span), "/*")
    return None


def _reads_as_prose(mistake: Mistake, i: int) -> bool:
    """Whether a word follows ``//`` and the fault right behind it: ``5 // the rate``."""
    return mistake.at - i <= 2 and mistake.tokens[i + 1].type in WORDS | {"NAME"}


def _python_import(mistake: Mistake) -> Diagnostic | None:
    token = mistake.token
    first = mistake.tokens[0]
    if first.text == "from" and first.type == "NAME":
        return syntax.python_import(first.span, "`from`")
    if mistake.keyword == "IMPORT" and token.text == "as":
        return syntax.python_import(token.span, f"`{token.text}`")
    return None


def _import_names(mistake: Mistake) -> Diagnostic | None:
    if mistake.keyword == "IMPORT" and "LPAR" in mistake.accepted:
        return syntax.missing_import_names(mistake.token.span, found(mistake.token))
    return None


def _python_word(mistake: Mistake) -> Diagnostic | None:
    for token in (mistake.token, mistake.before):
        if token is not None and token.type == "NAME" and token.text in PYTHON_WORDS:
            return syntax.python_word(token.span, token.text, PYTHON_WORDS[token.text])
    return None


def _operator(mistake: Mistake) -> Diagnostic | None:
    pair = _touching(mistake)
    if pair is None:
        return None
    text, span = pair
    if text == "->":
        return syntax.returned_type(span)
    if text == ":=":
        return syntax.comparison_in_definition(span, text)
    return syntax.foreign_operator(span, text, FOREIGN_OPERATORS[text]) if text in FOREIGN_OPERATORS else None


def _three_dots(mistake: Mistake) -> Diagnostic | None:
    return syntax.three_dots(mistake.token.span) if mistake.token.text == "..." else None


def _string_prefix(mistake: Mistake) -> Diagnostic | None:
    before = mistake.before
    if mistake.token.type != "STRING" or before is None or before.type != "NAME" or _touching(mistake) is None:
        return None
    return syntax.string_prefix(before.span, before.text) if before.text.lower() in ("r", "f", "b", "u", "rb") else None


def _definition(mistake: Mistake) -> Diagnostic | None:
    """Slips between the keyword of a definition and its ``=``."""
    token, before = mistake.token, mistake.before
    if mistake.keyword not in ("SPACE", "LET", "DEF") or "EQUAL" not in mistake.accepted or before is None:
        return None
    if token.text == "==":
        return syntax.comparison_in_definition(token.span, "==")
    after = mistake.after
    if token.text == ":" and after is not None and after.text == "=":
        return syntax.comparison_in_definition(token.span.to(after.span), ":=")
    if token.text == ":" and before.type == "RPAR":
        return syntax.python_body(token.span, mistake.tokens[1].text)
    if token.text == ":" and "COMMA" in mistake.accepted:
        return syntax.annotated_parameter(token.span, before.text)
    if token.text == "-" and after is not None and after.text == ">":
        return syntax.returned_type(token.span.to(after.span))
    if mistake.accepted <= {"EQUAL", "LPAR"}:
        return syntax.missing_body(token.span, mistake.tokens[0].text, mistake.tokens[1].text, found(token))
    return None


def _missing_name(mistake: Mistake) -> Diagnostic | None:
    before = mistake.before
    if before is None or mistake.accepted != {"NAME"} or mistake.token.text != "=":
        return None
    return syntax.missing_name(mistake.token.span, before.text)


def _equals(mistake: Mistake) -> Diagnostic | None:
    if mistake.token.text != "=":
        return None
    in_condition = mistake.keyword in ("REQUIRE", "FORBID")
    if in_condition or any(token.type in ("IF", "AND", "OR", "NOT") for token in mistake.tokens[: mistake.at]):
        return syntax.equals_in_condition(mistake.token.span)
    return None


def _missing_keyword(mistake: Mistake) -> Diagnostic | None:
    """``x = 5`` at the start of a line, first in the text or after a whole definition."""
    token, after = mistake.token, mistake.after
    if "SPACE" not in mistake.accepted or "DEF" not in mistake.accepted or "INT" in mistake.accepted:
        return None
    if token.type == "NAME" and begins_line(token) and after is not None and after.text == "=":
        return syntax.missing_keyword(token.span, token.text)
    equals_after_name = token.text == "=" and mistake.before is not None and begins_line(mistake.before)
    if equals_after_name and mistake.before is not None:
        return syntax.missing_keyword(mistake.before.span, mistake.before.text)
    return syntax.not_a_statement(token.span, found(token)) if mistake.at == 0 else None


def _keyword_in_place(mistake: Mistake) -> Diagnostic | None:
    """A keyword where a name or an expression is expected."""
    token = mistake.token
    if token.type not in WORDS or "NAME" not in mistake.accepted:
        return None
    if mistake.wants_expression:
        if token.type == "LOG":
            return syntax.log_as_function(token.span)
        if token.type == "IF":
            return syntax.conditional_order(token.span)
        if token.type in STATEMENTS and begins_line(token):
            return syntax.statement_in_expression(token.span, token.text)
        if token.type in ("AND", "OR", "IN", "IS", "ELSE", "FOR"):
            return None
    return syntax.keyword_as_name(token.span, token.text)


def _missing_else(mistake: Mistake) -> Diagnostic | None:
    if "ELSE" not in mistake.accepted or {"INT", "IF"} & mistake.accepted:
        return None
    conditional = next(token for token in reversed(mistake.tokens[: mistake.at]) if token.type == "IF")
    return syntax.missing_else(mistake.token.span, found(mistake.token), conditional.span)


def _weight(mistake: Mistake) -> Diagnostic | None:
    if mistake.back("AT") or mistake.back("WEIGHTED_PRESENCE"):
        return syntax.weight_not_literal(mistake.token.span, found(mistake.token))
    if mistake.back("AT", "INT") or mistake.back("AT", "FLOAT"):
        return syntax.lone_weight(mistake.token.span)
    return None


def _dict_key(mistake: Mistake) -> Diagnostic | None:
    token, after = mistake.token, mistake.after
    opened = mistake.before is not None and mistake.before.type in ("LBRACE", "COMMA")
    if opened and token.type == "NAME" and "STRING" in mistake.accepted and after is not None and after.text == ":":
        return syntax.key_not_literal(token.span, token.text)
    return None


def _ternary(mistake: Mistake) -> Diagnostic | None:
    if mistake.back("PRESENCE") and mistake.token.type in VALUES and not begins_line(mistake.token):
        return syntax.ternary(mistake.token.span)
    return None


def _missing_return(mistake: Mistake) -> Diagnostic | None:
    if "RETURN" in mistake.accepted and mistake.token.type == "RBRACE":
        return syntax.missing_return(mistake.token.span)
    return None


def _route(mistake: Mistake) -> Diagnostic | None:
    arrow = "=>" in mistake.written
    if (
        {"NAME", "STRING", "LET"} & mistake.accepted == {"NAME", "STRING"}
        and not mistake.wants_expression
        and not arrow
    ):
        closed = "RBRACE" in mistake.accepted
        return None if closed else syntax.column_selector(mistake.token.span, found(mistake.token))
    if arrow and mistake.token.text in (":", "=", ">>", "->"):
        return syntax.route_arrow(mistake.token.span, found(mistake.token))
    return None


def _second_range(mistake: Mistake) -> Diagnostic | None:
    return (
        syntax.range_ends(mistake.token.span) if mistake.token.text == ".." and not mistake.wants_expression else None
    )


def _quoted_path(mistake: Mistake) -> Diagnostic | None:
    token = mistake.token
    return syntax.quoted_path(token.span, str(token.value)) if mistake.back("USE") and token.type == "STRING" else None


def _missing_parameters(mistake: Mistake) -> Diagnostic | None:
    if mistake.keyword == "DEF" and mistake.at == 2 and mistake.token.text == "=":
        return syntax.missing_parameters(mistake.token.span, mistake.tokens[1].text)
    return None


def _lone_return(mistake: Mistake) -> Diagnostic | None:
    if mistake.token.type == "RETURN" and "SPACE" in mistake.accepted:
        return syntax.lone_return(mistake.token.span)
    return None


def _starred(mistake: Mistake) -> Diagnostic | None:
    if mistake.token.text == "*" and (mistake.back("LPAR") or mistake.back("COMMA")) and mistake.wants_expression:
        return syntax.starred_argument(mistake.token.span)
    return None


def _missing_comma(mistake: Mistake) -> Diagnostic | None:
    """A value where an item has ended."""
    if "COMMA" not in mistake.accepted or mistake.token.type not in VALUES | WORDS:
        return None
    for closing, mark in (("RPAR", ")"), ("RSQB", "]"), ("RBRACE", "}")):
        if closing in mistake.accepted:
            return syntax.missing_comma(mistake.token.span, found(mistake.token), mark)
    return None


RULES: tuple[Rule, ...] = (
    _comment,
    _python_import,
    _python_word,
    _string_prefix,
    _operator,
    _three_dots,
    _definition,
    _missing_name,
    _import_names,
    _missing_keyword,
    _equals,
    _weight,
    _dict_key,
    _ternary,
    _missing_return,
    _missing_parameters,
    _lone_return,
    _quoted_path,
    _second_range,
    _starred,
    _route,
    _keyword_in_place,
    _missing_else,
    _missing_comma,
)
