"""Values, ranges, choices, wiring and expansion (E03xx, W03xx)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic, Label
from hyperdsl.diagnostics.names import _or
from hyperdsl.source import Span

GIVE_VALUE = "change it so that it has one"
GIVE_DATA = "say which table: `--data FILE --target COLUMN`, or `schema` in Python"


def undefined(span: Span, fact: str, witness: str, origin: Span | None = None, help: str = GIVE_VALUE) -> Diagnostic:
    """An expression without a value, always or under some decisions."""
    labels = (Label(origin, "used here"),) if origin is not None and origin != span else ()
    if not witness:
        return Diagnostic("E0301", fact, span, "has no value", help, labels)
    help = "change it, or narrow the other decision, so that every combination has a value"
    return Diagnostic("E0301", f"{fact} when {witness}", span, "has no value then", help, labels)


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


def range_end(span: Span, shown: str, instead: str = "") -> Diagnostic:
    """An end of a range that is no number; ``instead`` where a ``?`` was meant for the whole range."""
    return Diagnostic(
        "E0304",
        f"a range goes from number to number, and {shown} is none",
        span,
        "not a number",
        f"write `{instead}`" if instead else "for a choice among other values write `a | b | c`",
    )


def not_constant(span: Span, what: str, instead: str) -> Diagnostic:
    """Something must be fixed at compile time."""
    return Diagnostic("E0305", f"{what} must be a constant", span, "depends on a decision", f"write {instead}")


def bad_step(span: Span, shown: str, ends: str) -> Diagnostic:
    """A step that is no positive number, or a real step in an integer range; then ``ends`` shows real ends."""
    if ends:
        help = f"write real ends: `{ends} step {shown}`"
        return Diagnostic("E0306", f"whole numbers cannot go in steps of {shown}", span, "not a whole number", help)
    return Diagnostic(
        "E0306",
        f"a step must be a number above 0, not {shown}",
        span,
        "this step",
        "write for instance `step 5` or, between real ends, `step 0.1`",
    )


def end_too_large(span: Span, is_integer: bool) -> Diagnostic:
    """An end of a range that the arithmetic of sampling cannot hold."""
    fact = "takes more than 64 bits" if is_integer else "is beyond the floats"
    help = "write real ends, such as `1.0..1e30 log`, or a smaller one" if is_integer else "write a smaller one"
    return Diagnostic("E0324", f"an end of this range {fact}", span, "too large", help)


def too_many_steps(span: Span, most: int) -> Diagnostic:
    """A log range of reals with a table of weights that is too long."""
    return Diagnostic(
        "E0325",
        f"a `log` range of reals can have {most:,} steps at most",
        span,
        "too small a step",
        "write a larger step, or drop it: a range of reals needs none",
    )


def step_too_fine(span: Span, end: float) -> Diagnostic:
    """A step that is lost in the rounding of floats as large as an end of its range."""
    return Diagnostic(
        "E0327",
        f"floats around {end:g} do not tell such steps apart",
        span,
        "too small a step",
        "write a larger step, or drop it: a range of reals needs none",
    )


def default_outside(span: Span, shown: str, near: object) -> Diagnostic:
    """A default that is no member of its range; ``near`` is one that is."""
    return Diagnostic(
        "E0307",
        f"the default {shown} is no member of the range",
        span,
        "not a member",
        f"write a member, for instance `default {near}`",
    )


def bad_weight(span: Span, shown: str) -> Diagnostic:
    """A weight that is not a positive number."""
    return Diagnostic(
        "E0308",
        f"a weight must be a number above 0, not {shown}",
        span,
        "this weight",
        "write for instance `a | b @ 3`; leave an alternative out to give it weight 0",
    )


def decision_in_condition(span: Span, what: str, shown: str) -> Diagnostic:
    """A choice or a range inside a condition."""
    return Diagnostic(
        "E0309",
        f"a condition reads decisions and makes none, but this is {what}",
        span,
        what,
        f"bind it first, `let name = {shown}`, then write `name` here",
    )


def count_and_items(span: Span, name: str) -> Diagnostic:
    """``pick``, ``subset`` or ``repeat`` without count or items."""
    return Diagnostic(
        "E0310",
        f"`{name}` takes a count and then its items",
        span,
        "not two arguments",
        f"write `{name}(1..2, [a, b, c])`" if name != "repeat" else "write `repeat(1..3, part)`",
    )


def count_outside(span: Span, name: str, low: int, high: int, items: int) -> Diagnostic:
    """A count that the items cannot fill."""
    return Diagnostic(
        "E0311",
        f"`{name}` cannot take {f'{low}..{high}' if low != high else low} of {items} item{'s' if items != 1 else ''}",
        span,
        "more than there are items",
        f"the count must lie in 0..{items}",
    )


def not_whole_count(span: Span, name: str) -> Diagnostic:
    """A count that is no whole number with known bounds."""
    return Diagnostic(
        "E0312",
        f"the count of `{name}` must be a whole number or a range of them",
        span,
        "not a whole number",
        f"the count comes first: `{name}(1..3, ...)`",
    )


def negative_count(span: Span, name: str, low: int) -> Diagnostic:
    """A count below zero."""
    return Diagnostic("E0313", f"`{name}` cannot take {low} items", span, "this count", "start it at 0 or 1")


def list_expected(span: Span, what: str, instead: str) -> Diagnostic:
    """A list whose items are known at compile time is needed."""
    return Diagnostic(
        "E0314",
        f"{what} takes a list of items that no decision changes",
        span,
        "not such a list",
        f"write for instance `{instead}`",
    )


def unknown_argument_read(span: Span, name: str, written: Sequence[str], suggestions: Sequence[str]) -> Diagnostic:
    """``m.p`` where m has no argument p; ``written`` are those that it has."""
    has = (
        f"what is written can be read: {_or(written)}"
        if written
        else "`m.p` reads argument p of `let m = Module(p = ...)`"
    )
    help = f"did you mean {_or(suggestions)}?" if suggestions else has
    return Diagnostic("E0315", f"there is no argument `{name}` to read here", span, "not written there", help)


def read_through_choice(span: Span, instead: str) -> Diagnostic:
    """``m.p.q`` or ``m.p is C`` where ``m`` is a choice, or an item of a list that is chosen."""
    return Diagnostic(
        "E0326",
        f"`{span.text}` cannot be looked into: decisions say which part is meant",
        span,
        "not known by itself",
        f"bind the part by a `let` of its own, `let part = ...`, use it where it stands, and write `{instead}`",
    )


def method_called(span: Span, name: str) -> Diagnostic:
    """``Ridge().fit(…)``: a method of an object."""
    return Diagnostic(
        "E0321",
        f"`{name}` cannot be called: a program says what to build and runs nothing",
        span,
        "a method",
        "drop it; `hyperdsl search` fits and evaluates what a space describes",
    )


def not_a_condition(span: Span, operator: str, what: str) -> Diagnostic:
    """``"a" or "b"``: a condition among things that are neither true nor false."""
    return Diagnostic(
        "E0322",
        f"`{operator}` joins conditions, and this is {what}",
        span,
        "neither true nor false",
        "for a choice write `a | b`",
    )


def module_arithmetic(span: Span, operator: str) -> Diagnostic:
    """``RBF() * WhiteKernel()``: arithmetic on modules."""
    kernel = {
        "+": "Sum(k1 = a, k2 = b)",
        "*": "Product(k1 = a, k2 = b)",
        "**": "Exponentiation(kernel = a, exponent = 2)",
    }
    instead = f"for kernels write `{kernel[operator]}`; " if operator in kernel else ""
    return Diagnostic(
        "E0323",
        f"`{operator}` works on values, not on modules",
        span,
        "a module",
        f"{instead}to wire modules write `a >> b` or `a & b`",
    )


def budget(span: Span | None, what: str, limit: int, chain: Sequence[str]) -> Diagnostic:
    """Expansion went past a limit."""
    shown = f"reached through {' -> '.join(chain)}; " if len(set(chain)) > 1 else ""
    recursive = len(set(chain)) < len(chain)
    return Diagnostic(
        "E0316",
        f"expanding this program takes more than {limit:,} {what}",
        span,
        "while expanding this",
        shown
        + (
            "end the recursion where no decision has a part: `def f(n) = a if n == 0 else f(n - 1)`"
            if recursive
            else "make it smaller"
        ),
    )


def bad_selector(span: Span, suggestions: Sequence[str]) -> Diagnostic:
    """Something in ``columns`` that does not select columns."""
    forms = 'numeric, categorical, text, boolean, datetime, rest, "name", regex("x_.*") or dtype("int64")'
    return Diagnostic(
        "E0317",
        "this does not select columns",
        span,
        "not a selector",
        f"did you mean {_or(suggestions)}?" if suggestions else f"write {forms}",
    )


def bad_call(span: Span, name: str, takes: str, example: str) -> Diagnostic:
    """A built-in called with the wrong arguments."""
    return Diagnostic("E0318", f"`{name}` takes {takes}", span, "called like this", f"for instance `{example}`")


def not_a_record(span: Span) -> Diagnostic:
    """``**x`` of something that is no record."""
    return Diagnostic(
        "E0319",
        "`**` takes one record, whose values may be searched but whose names are fixed",
        span,
        "not one record",
        "for instance `let common = record(alpha = 0.1..1.0)`, then `**common`",
    )


def is_needs_module(span: Span, instead: str) -> Diagnostic:
    """``is`` against something that is no class."""
    return Diagnostic(
        "E0320",
        "`is` compares a module with a class",
        span,
        "not a class",
        f"write `{instead}`",
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
        "no route for the rest",
        "add `rest => drop` to say so, or `rest => pass` to keep them",
    )


def merged_alternatives(span: Span, shown: str) -> Diagnostic:
    """Equal alternatives of one choice."""
    return Diagnostic(
        "W0302",
        f"the alternative {shown} stands twice; the two are one, their weights added",
        span,
        "again here",
        f"write it once: `{shown} @ 2` keeps the weight of both",
    )


def product_before_range(span: Span, shown: str, instead: str) -> Diagnostic:
    """``2 * 3..5``: arithmetic binds tighter than a range."""
    return Diagnostic(
        "W0304",
        f"this range starts at `{shown}`: arithmetic binds tighter than `..`",
        span,
        "the low end",
        f"to multiply the range write `{instead}`; to start there, `({shown})..`",
    )


def conflict(spans: Sequence[Span]) -> Diagnostic:
    """Conditions that no configuration meets together."""
    if len(spans) == 1:
        return Diagnostic(
            "E0330",
            "no configuration meets this condition",
            spans[0],
            "never holds",
            "relax it, or widen what it reads",
        )
    return Diagnostic(
        "E0330",
        f"no configuration meets these {len(spans)} conditions together",
        spans[0],
        "this one",
        "relax one of them; without any of them the others can hold",
        tuple(Label(span, "and this one") for span in spans[1:]),
    )


def always_holds(span: Span) -> Diagnostic:
    """A condition that every configuration meets anyway."""
    return Diagnostic("W0330", "every configuration meets this condition", span, "says nothing", "remove it")


def equal_reals(span: Span) -> Diagnostic:
    """A condition that asks a number of a continuous range to be equal to another."""
    return Diagnostic(
        "E0331",
        "a number drawn from a continuous range never equals another",
        span,
        "no draw meets this",
        "write what must be equal as one decision, `let y = 2 * x`, or give the range a step, `0.0..1.0 step 0.1`",
    )


def not_counted(spans: Sequence[Span], reason: str) -> Diagnostic:
    """Conditions that are beyond exact counting."""
    these = "this condition" if len(spans) == 1 else "these conditions"
    return Diagnostic(
        "W0331",
        f"configurations under {these} are not counted exactly: {reason}",
        spans[0],
        "it is estimated, and drawn anew until it holds" if len(spans) == 1 else "this one",
        "ends such as `low..x` need no drawing anew; ranges with fewer values can be counted",
        tuple(Label(span, "and this one") for span in spans[1:]),
    )


def list_of_a_range(span: Span, shown: str) -> Diagnostic:
    """``alpha = [1..10]`` where a list is possible too."""
    return Diagnostic(
        "W0305",
        "this is a list of one item, which is a range",
        span,
        "a list",
        f"write `{shown}` for a number; brackets make a list",
    )
