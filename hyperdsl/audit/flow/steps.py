"""One step: what fails at it, and what comes out of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from hyperdsl.audit.flow.frame import Flow, Frame, Table
from hyperdsl.audit.witness import FALSE, TRUE, choice
from hyperdsl.catalog.needs import Behaviour, Case, Needs
from hyperdsl.frozen import frozen
from hyperdsl.ir.plan import Symbol
from hyperdsl.space.expressions import OPEN, Expression, compare, logic, negate

Arguments = Mapping[str, Expression]  # of the given parameters and of the defaults that are constants


@frozen
class Fault:
    """Why a step fails: a rule, a detail of it, and what brought it about.

    The rule ``count`` is no failure: it tells how many columns reach the step.
    """

    rule: str
    detail: str = ""
    origins: frozenset[str] = frozenset()
    count: Expression = OPEN


def behaviours(needs: Needs, arguments: Arguments) -> list[tuple[Expression, Behaviour]]:
    """What the class does, case by case, with the condition of each."""
    found = [(TRUE, needs.behaviour)]
    for case in needs.cases:
        condition = _condition(case, arguments)
        split = []
        for before, behaviour in found:
            for also, changed in ((condition, behaviour.changed(case.changes)), (_opposite(condition), behaviour)):
                both = logic("and", [before, also])
                if both != FALSE:
                    split.append((both, changed))
        found = split
    return found


def _condition(case: Case, arguments: Arguments) -> Expression:
    parts = [is_one_of(arguments.get(name, OPEN), values) for name, values in case.conditions]
    return logic("and", [FALSE if p == OPEN else p for p in parts])


def _opposite(condition: Expression) -> Expression:
    """The negation, as choices where it can be: those join with others."""
    match condition:
        case ("t", row, parts):
            return choice(row, [_opposite(p) for p in parts])
        case ("and" | "or" as operator, items):
            return logic("or" if operator == "and" else "and", [_opposite(i) for i in items])
    return negate(condition)


def is_one_of(value: Expression, options: tuple[object, ...]) -> Expression:
    """Whether an argument is one of some constants."""
    match value:
        case ("c", constant):
            return ("c", any(_same(constant, o) for o in options))
        case ("t", row, parts):
            mapped = tuple(is_one_of(p, options) for p in parts)
            return mapped[0] if all(m == mapped[0] for m in mapped) else ("t", row, mapped)
        case ("if", test, then, other):
            return ("if", test, is_one_of(then, options), is_one_of(other, options))
        case ("r", _) | ("sum", *_) | ("a", *_):
            numbers = [o for o in options if type(o) in (int, float)]
            return logic("or", [compare("==", value, ("c", o)) for o in numbers])
    return OPEN


def _same(value: Any, option: Any) -> bool:
    if isinstance(value, Symbol):
        value = value.path
    if isinstance(value, float) and isinstance(option, float) and math.isnan(value):
        return math.isnan(option)
    return bool(value == option) and isinstance(value, bool) == isinstance(option, bool)


def either(left: Expression, right: Expression) -> Expression:
    """``left or right``, shorter where they differ in one part only."""
    if left == right or FALSE in (left, right):
        return right if left == FALSE else left
    if left[0] == right[0] == "t" and left[1] == right[1]:
        return choice(left[1], [either(a, b) for a, b in zip(left[2], right[2], strict=True)])
    if left[0] == right[0] == "and":
        a, b = set(left[1]), set(right[1])
        if len(a - b) == len(b - a) == 1 and a & b:
            return logic("and", [*(a & b), either(*(a - b), *(b - a))])
    return logic("or", [left, right])


def whole(value: Expression) -> Expression:
    """An argument where it is a whole number, else unknown."""
    match value:
        case ("c", constant):
            return value if type(constant) is int else OPEN
        case ("t", row, parts):
            return ("t", row, tuple(whole(p) for p in parts))
        case ("if", test, then, other):
            return ("if", test, whole(then), whole(other))
    return value


def faults(
    behaviour: Behaviour, flow: Flow, *, one_target: bool = False, smallest_class: int | None = None
) -> Iterator[tuple[Fault, Expression]]:
    """What makes the step fail, and under which condition; ``one_target``: it is fitted to a table and a target."""
    frame = flow.frame
    unfit = behaviour.fails or (behaviour.asks if one_target else "")
    if unfit:
        yield Fault("unfit", unfit), TRUE
        return
    if behaviour.alone and not frame.alone and (frame.columns is not None or not frame.named):
        yield Fault("alone"), TRUE
        return
    for fact, found in _refused(behaviour, frame):
        if found:
            origins = frozenset(o for f, o in flow.origins if f == fact.rpartition(" ")[2])
            yield Fault(fact, origins=origins), TRUE
            return
    if behaviour.least > 1:
        yield Fault("few", str(behaviour.least)), compare("<", flow.count, ("c", behaviour.least))
    elif behaviour.least == 1 and (none_left := _is_zero(flow.count)) != FALSE:
        yield Fault("few", "1"), none_left
    if behaviour.most is not None:
        yield Fault("many", str(behaviour.most)), compare(">", flow.count, ("c", behaviour.most))
    if behaviour.full_rank and smallest_class is not None:
        yield Fault("rank", str(smallest_class)), compare(">=", flow.count, ("c", smallest_class))


def _is_zero(count: Expression) -> Expression:
    """Where a step surely left no column; a range of numbers of columns begins at 1."""
    match count:
        case ("t", row, parts):
            return choice(row, [_is_zero(p) for p in parts])
        case ("if", test, then, other):
            zeros = (_is_zero(then), _is_zero(other))
            return zeros[0] if zeros[0] == zeros[1] else ("if", test, *zeros)
    return ("c", count == ("c", 0))


def _refused(behaviour: Behaviour, frame: Frame) -> Iterator[tuple[str, bool]]:
    is_sparse = frame.form in ("sparse", "thin")
    is_negative = frame.values in ("negative", "some negative")
    yield "pair", frame.form == "pair"
    yield "sparse", is_sparse and "sparse" not in behaviour.takes
    yield "text", frame.text == "some" and "text" not in behaviour.takes
    yield "dates", frame.dates == "some" and "dates" not in behaviour.takes
    yield "missing", frame.missing == "some" and "missing" not in behaviour.takes
    yield "negative", is_negative and "negative" in behaviour.refuses
    yield "sparse negative", is_negative and is_sparse and "sparse negative" in behaviour.refuses
    yield "negative", is_negative and "zero" in behaviour.refuses
    yield "zero", frame.values == "zero" and "zero" in behaviour.refuses
    yield "unseen", frame.unseen == "some" and "unseen" in behaviour.refuses


def model_faults(behaviour: Behaviour, table: Table, tags: Mapping[str, bool]) -> Iterator[Fault]:
    """What the metric and the target ask of the last step."""
    if table.methods and not any(_has(m, behaviour, tags) for m in table.methods):
        yield Fault("method", " or ".join(table.methods))
    if behaviour.classes is not None and table.classes > behaviour.classes:
        yield Fault("classes", str(behaviour.classes))
    refused = {"positive": ("negative", "zero"), "nonnegative": ("negative",)}.get(behaviour.target, ())
    if table.target in refused:
        yield Fault("target", behaviour.target)


def _has(method: str, behaviour: Behaviour, tags: Mapping[str, bool]) -> bool:
    """Whether a model may have a method."""
    return method in behaviour.methods if behaviour.methods is not None else tags.get(method, True)


def after(behaviour: Behaviour, flow: Flow, arguments: Arguments, name: str, thin: bool) -> Flow:
    """What comes out of a step that takes what comes in."""
    frame, shown = flow.frame, f"`{name}`"
    form: Any = frame.form if behaviour.form == "same" else behaviour.form
    if form == "sparse" and (thin or (frame.form == "thin" and behaviour.columns == "same")):
        form = "thin"
    if behaviour.form == "same" and form == "thin" and behaviour.columns != "same":
        form = "sparse"
    values = _values(behaviour.values, frame.values)
    if behaviour.values == "same" and behaviour.columns != "same" and values == "negative":
        values = "some negative"  # beside columns of another kind
    out = Frame(
        form=form,
        values=values,
        missing=frame.missing if behaviour.missing == "same" else behaviour.missing,  # type: ignore[arg-type]
        text=frame.text if behaviour.text == "same" else behaviour.text,  # type: ignore[arg-type]
        dates="open" if "dates" in behaviour.takes and behaviour.text != "none" else "none",
        unseen=frame.unseen if behaviour.text == "same" else "open",
        named=False,
    )
    origins = {(f, o) for f, o in flow.origins if f != "sparse" or behaviour.form == "same"}
    if behaviour.values == "negative":
        origins = {(f, o) for f, o in origins if f != "negative"} | {("negative", shown)}
    if behaviour.values == "zero":
        origins |= {("zero", shown)}
    if behaviour.form in ("sparse", "pair"):
        origins |= {(behaviour.form, shown)}
    return Flow(out, _columns(behaviour, flow, arguments), frozenset(origins))


def _values(rule: str, before: str) -> str:
    if rule == "same":
        return before
    if rule == "chosen":  # any of the columns may be left out
        return {"some negative": "open", "zero": "nonnegative"}.get(before, before)
    return rule


def _columns(behaviour: Behaviour, flow: Flow, arguments: Arguments) -> Expression:
    match behaviour.columns:
        case "same":
            return flow.count
        case int() as number:
            return ("c", number)
        case "gaps":
            return ("c", 0) if flow.frame.missing == "none" else OPEN
        case "open":
            return OPEN
        case parameter:
            return whole(arguments.get(parameter, OPEN))
