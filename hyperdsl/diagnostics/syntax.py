"""Reading the text: statements and expressions (E01xx, W01xx).

Single characters, numbers and strings are in ``characters``, files in ``files``.
"""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic, Label
from hyperdsl.source import Span

STATEMENT_EXAMPLES = "`space`, `let`, `def`, `import`, `use`, `require`, `forbid` or `experiment`"


def unexpected(span: Span, found: str, expected: str, after: str, help: str = "") -> Diagnostic:
    """A token that nothing in the language allows at its place."""
    place = f" after {after}" if after else ""
    return Diagnostic("E0101", f"expected {expected}, found {found}", span, f"expected {expected}{place}", help)


def nothing_here(span: Span) -> Diagnostic:
    """A text without a single definition."""
    return Diagnostic(
        "E0102",
        "there is nothing here",
        span,
        "no definition in this text",
        "define a space, for instance `space model = Ridge(alpha = 1e-3..1e3 log)`",
    )


def unclosed_bracket(span: Span, bracket: str, closing: str) -> Diagnostic:
    """An opening bracket without its closing one."""
    return Diagnostic(
        "E0103", f"`{bracket}` is never closed", span, "opened here", f"add `{closing}` where its content ends"
    )


def nothing_to_close(span: Span, bracket: str, opened: Span | None) -> Diagnostic:
    """A closing bracket without an opening one."""
    labels = (Label(opened, "the innermost open bracket"),) if opened else ()
    return Diagnostic(
        "E0104", f"`{bracket}` closes nothing", span, "no bracket to close", f"delete `{bracket}`", labels
    )


def wrong_bracket(span: Span, bracket: str, wanted: str, opened: Span) -> Diagnostic:
    """A closing bracket of another kind than the opening one."""
    return Diagnostic(
        "E0105",
        f"expected `{wanted}`, found `{bracket}`",
        span,
        "closes another kind of bracket",
        f"write `{wanted}` before it, or instead of it",
        (Label(opened, "opened here"),),
    )


def brackets_too_deep(span: Span, limit: int) -> Diagnostic:
    """Brackets nested past the limit."""
    return Diagnostic(
        "E0106",
        f"brackets are nested more than {limit} deep",
        span,
        f"level {limit + 1}",
        "give inner parts a name with `let` or `def`",
    )


def expression_too_deep(span: Span, limit: int) -> Diagnostic:
    """An expression nested past the limit, by operators or calls."""
    return Diagnostic(
        "E0107",
        f"this expression is nested more than {limit} deep",
        span,
        f"level {limit + 1}",
        "give inner parts a name with `let` or `def`",
    )


def repeated_modifier(span: Span, name: str, first: Span) -> Diagnostic:
    """A range with the same modifier twice."""
    return Diagnostic(
        "E0108",
        f"`{name}` is given twice",
        span,
        "given again here",
        f"keep one `{name}`",
        (Label(first, "first given here"),),
    )


def colon_in_argument(span: Span, name: str) -> Diagnostic:
    """``f(name: value)``."""
    return Diagnostic("E0109", f"argument `{name}` is given with `:`", span, "read as a label", f"write `{name} = …`")


def missing_comma(span: Span, found: str, closing: str) -> Diagnostic:
    """Two items without a comma between them."""
    return Diagnostic(
        "E0110", f"expected `,` or `{closing}`, found {found}", span, "a new item begins here", "put a comma before it"
    )


def missing_keyword(span: Span, name: str) -> Diagnostic:
    """``name = value`` outside of everything."""
    return Diagnostic(
        "E0111",
        "a definition begins with a keyword",
        span,
        "no keyword before this name",
        f"write `let {name} = …` for a part, or `space {name} = …` for a space to search",
    )


def not_a_statement(span: Span, found: str, help: str = "") -> Diagnostic:
    """A text that begins with something that begins no statement."""
    general = f"a definition begins with {STATEMENT_EXAMPLES}"
    return Diagnostic("E0112", f"expected a definition, found {found}", span, "", help or general)


def keyword_as_name(span: Span, word: str) -> Diagnostic:
    """A keyword where a name is defined or used."""
    return Diagnostic(
        "E0113",
        f"`{word}` is a keyword and cannot be a name",
        span,
        "expected a name",
        f"choose another name, such as `{word}_`",
    )


def missing_name(span: Span, keyword: str) -> Diagnostic:
    """``space = value``."""
    return Diagnostic(
        "E0114", f"`{keyword}` needs a name", span, "expected a name here", f"write `{keyword} my_{keyword} = …`"
    )


def equals_in_condition(span: Span) -> Diagnostic:
    """``=`` where two values are compared."""
    return Diagnostic("E0116", "`=` defines; it does not compare", span, "", "write `==` to compare")


def comparison_in_definition(span: Span, written: str) -> Diagnostic:
    """``let x == 5`` or ``let x := 5``."""
    return Diagnostic("E0117", f"a definition is written with `=`, not `{written}`", span, "expected `=`", "write `=`")


def python_body(span: Span, head: str) -> Diagnostic:
    """``def f(x):`` or ``def f(x) { … }``."""
    return Diagnostic(
        "E0118",
        "a template's body follows `=`",
        span,
        "expected `=`",
        f"write `{head} = …`; for several parts, `= {{ let … return … }}`",
    )


def annotated_parameter(span: Span, name: str) -> Diagnostic:
    """``def f(x: int)``."""
    return Diagnostic(
        "E0119", "parameters have no types", span, "expected `,`, `=` or `)`", f"write `{name}`, or `{name} = default`"
    )


def log_as_function(span: Span) -> Diagnostic:
    """``log(1e-4..1)`` or ``log 1e-4..1``."""
    return Diagnostic(
        "E0125",
        "`log` is a keyword that follows a range",
        span,
        "expected an expression",
        "write the range first: `1e-4..1e-1 log`",
    )


def conditional_order(span: Span) -> Diagnostic:
    """``if c then a else b``, or ``if`` as a statement."""
    return Diagnostic(
        "E0126", "a conditional begins with its value", span, "expected an expression", "write `a if condition else b`"
    )


def missing_else(span: Span, found: str, conditional: Span) -> Diagnostic:
    """``a if c`` without ``else``."""
    return Diagnostic(
        "E0127",
        f"expected `else`, found {found}",
        span,
        "the condition ends here",
        "write `a if condition else b`; for a part that may be absent, `a?`",
        (Label(conditional, "the conditional"),),
    )


def lone_weight(span: Span) -> Diagnostic:
    """``a @ 3`` with no other alternative."""
    return Diagnostic(
        "E0128",
        "a weight needs another alternative",
        span,
        "expected `|` after the weight",
        "weights compare alternatives: `a @ 3 | b`",
    )


def weight_not_literal(span: Span, found: str) -> Diagnostic:
    """``a @ n``."""
    return Diagnostic(
        "E0129", f"expected a number as weight, found {found}", span, "", "a weight is a literal number: `a @ 3 | b`"
    )


def key_not_literal(span: Span, written: str) -> Diagnostic:
    """``{name: value}``."""
    return Diagnostic(
        "E0130",
        "the keys of a dictionary are literals",
        span,
        "expected a literal key",
        f'put it in quotes: `"{written}": …`',
    )


def missing_return(span: Span) -> Diagnostic:
    """A block without a value."""
    return Diagnostic(
        "E0133", "a block ends with its value", span, "expected `return`", "write `return …` before the `}`"
    )


def missing_body(span: Span, keyword: str, name: str, found: str, unpacked: Sequence[str] = ()) -> Diagnostic:
    """``let x 5``: a definition without ``=``; ``name`` is one word, ``unpacked`` the names of ``let a, b = …``."""
    help = f"write `{keyword} {name} = …`"
    if unpacked:
        items = ", ".join(f"`let {each} = items[{i}]`" for i, each in enumerate(unpacked))
        help = f"a definition has one name: write `let items = …`, then {items}"
    if keyword == "space" and found == "`(`":
        help += "; what has parameters is a `def`"
    return Diagnostic("E0134", f"expected `=`, found {found}", span, "expected `=`", help)


def missing_import_names(span: Span, found: str, target: str) -> Diagnostic:
    """``import std.tabular`` without the names to import."""
    return Diagnostic(
        "E0135",
        f"expected the names to import, found {found}",
        span,
        "expected `(`",
        f"list them: `import {target} (name, …)`",
    )


def statement_in_expression(span: Span, word: str) -> Diagnostic:
    """A statement keyword where an expression is expected."""
    return Diagnostic(
        "E0136",
        f"expected an expression, found the keyword `{word}`",
        span,
        "a new definition begins here",
        "write a value before it",
    )


def column_selector(span: Span, found: str) -> Diagnostic:
    """Something else than a selector at the beginning of a route."""
    return Diagnostic(
        "E0137",
        f"expected a column selector, found {found}",
        span,
        "a route begins here",
        'selectors are `numeric`, `"age", "income"`, `regex("x_.*")`, `rest`, …',
    )


def route_arrow(span: Span, found: str, route: str) -> Diagnostic:
    """``numeric: Imputer()`` among the routes of ``columns``."""
    return Diagnostic(
        "E0138",
        f"expected `=>`, found {found}",
        span,
        "expected `=>`",
        f"write a route as `{route}`",
    )


def range_ends(span: Span) -> Diagnostic:
    """``1..2..3``."""
    return Diagnostic(
        "E0139", "a range has two ends", span, "a second `..`", "write the step behind them: `16..512 step 16`"
    )


def quoted_path(span: Span, written: str) -> Diagnostic:
    """``use "pkg.Class"``."""
    return Diagnostic("E0140", "a class is named without quotes", span, "", f"write `use {written}`")


def missing_parameters(span: Span, name: str) -> Diagnostic:
    """``def f = …``."""
    return Diagnostic(
        "E0141",
        "`def` needs a list of parameters",
        span,
        "expected `(`",
        f"write `def {name}() = …`; for one decision that all uses share, `let {name} = …`",
    )


def lone_return(span: Span, help: str = "write `space my_space = …`, or a block: `= { let … return … }`") -> Diagnostic:
    """``return`` outside of a block."""
    return Diagnostic(
        "E0142",
        "`return` stands only in a block",
        span,
        "not in a block",
        help,
    )


def too_many_problems(span: Span, shown: int) -> Diagnostic:
    """More problems than anyone reads at once."""
    return Diagnostic(
        "E0144", "there is more wrong with this text", span, "the next problem", f"mend the first {shown} before"
    )


def nothing_follows(span: Span, sign: str, help: str) -> Diagnostic:
    """``a >>`` with nothing behind it."""
    return Diagnostic("E0145", f"nothing follows `{sign}`", span, "expected an expression after it", help)


def nothing_before(span: Span, sign: str, leads: bool) -> Diagnostic:
    """``= | a``: an operator with nothing before it."""
    if sign == "?":
        help = "it stands behind the part that may be left out: `part?`"
    elif sign == "|" and leads:
        help = "remove it: `|` stands between alternatives, not before the first"
    else:
        help = f"write what comes before it, or remove `{sign}`"
    return Diagnostic("E0146", f"nothing stands before `{sign}`", span, "expected an expression", help)


def columns_body(span: Span, found: str) -> Diagnostic:
    """``columns(…)`` or ``columns`` alone."""
    return Diagnostic(
        "E0100",
        f"expected `{{`, found {found}",
        span,
        "expected the routes",
        "write `columns { numeric => …   rest => drop }`; a definition of this name needs another one",
    )
