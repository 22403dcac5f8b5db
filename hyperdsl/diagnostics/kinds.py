"""Values, ranges, choices, wiring and expansion (E03xx, W03xx)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic, Label
from hyperdsl.source import Span


def undefined(span: Span, fact: str, witness: str, origin: Span | None = None) -> Diagnostic:
    """An expression without a value, always or under some decisions."""
    when = f" when {witness}" if witness else ""
    labels = (Label(origin, "used here"),) if origin is not None and origin != span else ()
    return Diagnostic("E0301", f"{fact}{when}", span, fact, "change it so that every combination has a value", labels)


def empty_range(span: Span, low: object, high: object) -> Diagnostic:
    """A range whose low end is above its high end."""
    return Diagnostic(
        "E0302", f"the range {low}..{high} is empty", span, f"{low} is above {high}", f"write `{high}..{low}`"
    )


def log_from_zero(span: Span, low: object) -> Diagnostic:
    """A logarithmic range that does not start above zero."""
    return Diagnostic(
        "E0303",
        f"a `log` range cannot start at {low}",
        span,
        "must be above 0",
        "start it at a small positive number such as 1e-6, or drop `log`",
    )


def range_end(span: Span, shown: str) -> Diagnostic:
    """An end of a range that is no number."""
    return Diagnostic("E0304", f"a range goes from number to number, not {shown}", span, "not a number", "")


def not_constant(span: Span, what: str) -> Diagnostic:
    """Something must be fixed at compile time."""
    return Diagnostic("E0305", f"{what} must be a constant", span, "depends on a decision", "write a literal number")


def bad_step(span: Span, shown: str) -> Diagnostic:
    """A step that is no positive number, or a real step in an integer range."""
    return Diagnostic(
        "E0306",
        f"a step must be a positive number that fits its range, not {shown}",
        span,
        "this step",
        "for steps of a fraction write real ends: `0.0..1.0 step 0.1`",
    )


def default_outside(span: Span, shown: str, low: object, high: object) -> Diagnostic:
    """A default that is no member of its range."""
    return Diagnostic(
        "E0307", f"the default {shown} is not in {low}..{high}", span, "not a member", "choose a member of the range"
    )


def bad_weight(span: Span, shown: str) -> Diagnostic:
    """A weight that is not a positive number."""
    return Diagnostic(
        "E0308",
        f"a weight must be a number above 0, not {shown}",
        span,
        "this weight",
        "drop the alternative to give it weight 0",
    )


def decision_in_condition(span: Span, what: str) -> Diagnostic:
    """A choice or a range inside a condition."""
    return Diagnostic(
        "E0309",
        f"a condition reads decisions and makes none, but this is {what}",
        span,
        what,
        "bind it first: `let name = ...`, then read `name`",
    )


def count_and_items(span: Span, name: str) -> Diagnostic:
    """``pick``, ``subset`` or ``repeat`` without count or items."""
    return Diagnostic(
        "E0310",
        f"`{name}` takes a count and then its items",
        span,
        "",
        f"write `{name}(1..2, [a, b, c])`" if name != "repeat" else "write `repeat(1..3, part)`",
    )


def count_outside(span: Span, name: str, low: int, high: int, items: int) -> Diagnostic:
    """A count that the items cannot fill."""
    return Diagnostic(
        "E0311",
        f"`{name}` cannot take {low}..{high} of {items} item{'s' if items != 1 else ''}",
        span,
        "this count",
        f"the count must lie in 0..{items}",
    )


def not_whole_count(span: Span, name: str) -> Diagnostic:
    """A count that is no whole number with known bounds."""
    return Diagnostic(
        "E0312",
        f"the count of `{name}` must be a whole number of known size",
        span,
        "this count",
        "write a number or a range such as `1..3`",
    )


def negative_count(span: Span, name: str, low: int) -> Diagnostic:
    """A count below zero."""
    return Diagnostic("E0313", f"`{name}` cannot take {low} items", span, "this count", "start it at 0 or 1")


def list_expected(span: Span, what: str) -> Diagnostic:
    """A list whose items are known at compile time is needed."""
    return Diagnostic(
        "E0314",
        f"{what} takes a list that is known at compile time",
        span,
        "not such a list",
        "write the list here, or bind it with `let`",
    )


def unknown_method(span: Span, name: str) -> Diagnostic:
    """Attribute access on something that has none."""
    return Diagnostic(
        "E0315",
        f"there is nothing named `{name}` to read here",
        span,
        "",
        "`m.p` reads argument p of the module bound by `let m`",
    )


def budget(span: Span | None, what: str, limit: int, chain: Sequence[str]) -> Diagnostic:
    """Expansion went past a limit."""
    shown = " -> ".join(chain)
    return Diagnostic(
        "E0316",
        f"expanding this program takes more than {limit:,} {what}",
        span,
        "while expanding this",
        (f"through {shown}; " if shown else "") + "make it smaller, or end the recursion earlier",
    )


def bad_selector(span: Span) -> Diagnostic:
    """Something in ``columns`` that does not select columns."""
    return Diagnostic(
        "E0317",
        "this does not select columns",
        span,
        "",
        'write numeric, categorical, text, boolean, datetime, rest, "name", regex("x_.*") or dtype("int64")',
    )


def bad_call(span: Span, name: str, takes: str) -> Diagnostic:
    """A built-in called with the wrong arguments."""
    return Diagnostic("E0318", f"`{name}` takes {takes}", span, "", f"write `{name}(...)` with {takes}")


def not_a_record(span: Span) -> Diagnostic:
    """``**x`` of something that is no record."""
    return Diagnostic(
        "E0319",
        "`**` needs a record or a dict that is known at compile time",
        span,
        "not a record",
        "for instance `let common = record(n_jobs = 2)`, then `**common`",
    )


def is_needs_module(span: Span) -> Diagnostic:
    """``is`` against something that is no class."""
    return Diagnostic(
        "E0320",
        "`is` compares a module with a class",
        span,
        "not a class",
        "write `model is LGBMClassifier`; to compare values write `==`",
    )


def selector_shadowed(span: Span, kind: str, first: Span) -> Diagnostic:
    """Two routes for the same columns."""
    return Diagnostic(
        "W0303",
        f"an earlier route already takes the {kind} columns",
        span,
        "never reached",
        "remove one of them",
        (Label(first, "the earlier route"),),
    )


def no_rest(span: Span) -> Diagnostic:
    """``columns`` that says nothing about the other columns."""
    return Diagnostic(
        "W0301",
        "columns that no route takes are dropped",
        span,
        "",
        "add `rest => drop` to say so, or `rest => pass` to keep them",
    )


def merged_alternatives(span: Span, shown: str) -> Diagnostic:
    """Equal alternatives of one choice."""
    return Diagnostic(
        "W0302",
        f"the alternative {shown} stands twice; the two are one, their weights added",
        span,
        "again here",
        "write it once with a weight: `a @ 2`",
    )


def product_before_range(span: Span, shown: str) -> Diagnostic:
    """``2 * 3..5``: arithmetic binds tighter than a range."""
    return Diagnostic(
        "W0304",
        f"this range starts at `{shown}`: arithmetic binds tighter than `..`",
        span,
        "the low end",
        "write `(…) * …` around the range if the range was to be multiplied",
    )
