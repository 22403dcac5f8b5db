"""One step: what fails at it, and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hyperdsl.audit.flow.frame import Flow, Frame, Table
from hyperdsl.audit.lifting import Lifting, Names
from hyperdsl.audit.witness import FALSE, TRUE, choice
from hyperdsl.catalog.needs import Behaviour, Needs
from hyperdsl.catalog.rulebook import parsed
from hyperdsl.frozen import frozen
from hyperdsl.space.expressions import OPEN, Expression, compare, logic, negate

DOUBT = "perhaps negative"


@frozen
class Fault:
    """Why a step fails: a rule, a detail of it, and what brought it about.

    The rule ``count`` is no failure: it tells how many columns reach the step; ``DOUBT`` is one only fitting can tell.
    """

    rule: str
    detail: str = ""
    origins: frozenset[str] = frozenset()
    count: Expression = OPEN


def behaviours(needs: Needs, lifting: Lifting, names: Names) -> list[tuple[Expression, Behaviour]]:
    """What the class does, case by case, with the condition of each."""
    found = [(TRUE, needs.behaviour)]
    for case in needs.cases:
        condition = lifting.truth(parsed(case.condition), names)
        if "fails" in case.changes:
            condition = certain(condition)  # what is not known does not fail, and the rest of the entry still holds
        split = []
        for before, behaviour in found:
            for also, changed in ((condition, behaviour.changed(case.changes)), (_opposite(condition), behaviour)):
                if (joined := both(before, also)) != FALSE:
                    split.append((joined, changed))
        found = split
    return found


def _opposite(condition: Expression) -> Expression:
    """The negation, as choices where it can be: those join with others."""
    match condition:
        case ("t", row, parts):
            return choice(row, [_opposite(p) for p in parts])
        case ("and" | "or" as operator, items):
            return logic("or" if operator == "and" else "and", [_opposite(i) for i in items])
    return negate(condition)


def both(left: Expression, right: Expression) -> Expression:
    """``left and right``."""
    return logic("and", [left, right])


def certain(condition: Expression) -> Expression:
    """The same, false where it is unknown, which makes it short."""
    match condition:
        case ("u",):
            return FALSE
        case ("t", row, parts):
            return choice(row, [certain(p) for p in parts])
        case ("if", test, then, other):
            kept = certain(then), certain(other)
            return kept[0] if kept[0] == kept[1] else ("if", test, *kept)
        case ("and" | "or" as operator, items):
            return logic(operator, [certain(i) for i in items])
    return condition


def either(left: Expression, right: Expression) -> Expression:
    """``left or right``, shorter where they differ in one part only."""
    if TRUE in (left, right):
        return TRUE
    if left == right or FALSE in (left, right):
        return right if left == FALSE else left
    if left[0] == right[0] == "t" and left[1] == right[1]:
        return choice(left[1], [either(a, b) for a, b in zip(left[2], right[2], strict=True)])
    if left[0] == right[0] == "and":
        a, b = set(left[1]), set(right[1])
        if len(a - b) == len(b - a) == 1 and a & b:
            return logic("and", [*(a & b), either(*(a - b), *(b - a))])
    return logic("or", [left, right])


def faults(
    behaviour: Behaviour,
    flow: Flow,
    compared: Callable[[str, Expression, Expression], Expression] = compare,
    *,
    one_target: bool = False,
    smallest_class: int | None = None,
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
    if behaviour.least:
        yield Fault("few", str(behaviour.least)), compared("<", flow.count, ("c", behaviour.least))
    if behaviour.most is not None:
        yield Fault("many", str(behaviour.most)), compared(">", flow.count, ("c", behaviour.most))
    if behaviour.full_rank and smallest_class is not None:
        yield Fault("rank", str(smallest_class)), compared(">=", flow.count, ("c", smallest_class))


def doubts(behaviour: Behaviour, flow: Flow) -> Iterator[Fault]:
    """What may make the step fail, as far as is known before fitting: negative numbers of which some are left out."""
    refuses = behaviour.refuses
    is_refused = "negative" in refuses or "zero" in refuses
    if flow.frame.form in ("sparse", "thin"):
        is_refused = is_refused or "sparse negative" in refuses
    origins = frozenset(o for f, o in flow.origins if f == "negative")
    if is_refused and flow.frame.values == "left negative":
        yield Fault(DOUBT, origins=origins)


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
    yield "wide", frame.wide and "wide" in behaviour.refuses
    yield "constant", frame.constant and "constant" in behaviour.refuses
    yield "unseen", frame.unseen == "some" and "unseen" in behaviour.refuses


@frozen
class Asked:
    """What is asked of a model: one of some methods, by a metric or by the class that takes the model.

    ``whole``: it surely gets the whole target as it is.
    """

    methods: tuple[str, ...] = ()
    by: str = ""
    whole: bool = False


def model_faults(behaviour: Behaviour, asked: Asked, tags: Mapping[str, bool]) -> Iterator[Fault]:
    """What a metric, or the class around it, asks of a model."""
    if asked.methods and not any(_has(m, behaviour, tags) for m in asked.methods):
        yield Fault("method", f"{asked.by} needs `{' or '.join(asked.methods)}`")


def target_faults(behaviour: Behaviour, table: Table, whole: bool) -> Iterator[Fault]:
    """What is wrong with the target: for any step, or for a model that surely gets the whole of it as it is."""
    if behaviour.target == "classes" and table.is_continuous:
        yield Fault("unfit", "it takes classes, and the target has other numbers than whole ones")
    if whole and behaviour.classes is not None and table.classes > behaviour.classes:
        yield Fault("classes", str(behaviour.classes))
    refused = {"positive": ("negative", "zero"), "nonnegative": ("negative",)}.get(behaviour.target, ())
    if whole and table.target in refused:
        yield Fault("target", behaviour.target)


def _has(method: str, behaviour: Behaviour, tags: Mapping[str, bool]) -> bool:
    """Whether a model may have a method."""
    return method in behaviour.methods if behaviour.methods is not None else tags.get(method, True)


def after(behaviour: Behaviour, flow: Flow, count: Expression, name: str, thin: bool) -> Flow:
    """What comes out of a step that takes what comes in, with so many columns."""
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
        unseen=frame.unseen if "same" in (behaviour.text, behaviour.unseen) else "open",
        named=False,
        wide=behaviour.wide == "some" or (behaviour.wide == "same" and frame.wide),
        unit=behaviour.unit == "all",
        constant=behaviour.constant == "all",
    )
    origins = {(f, o) for f, o in flow.origins if f != "sparse" or behaviour.form == "same"}
    if values in ("negative", "zero", "nonnegative", "positive") and behaviour.values != "same":
        origins = {(f, o) for f, o in origins if f != "negative"}
    if behaviour.values == "negative":
        origins |= {("negative", shown)}
    if behaviour.values == "zero":
        origins |= {("zero", shown)}
    if behaviour.wide != "same":
        origins = {(f, o) for f, o in origins if f != "wide"} | ({("wide", shown)} if out.wide else set())
    if out.constant:
        origins |= {("constant", shown)}
    if behaviour.form in ("sparse", "pair"):
        origins |= {(behaviour.form, shown)}
    return Flow(out, count, frozenset(origins))


def _values(rule: str, before: str) -> str:
    if rule == "same":
        return before
    if rule == "chosen":  # any of the columns may be left out
        return {"some negative": "left negative", "zero": "nonnegative"}.get(before, before)
    return rule


def facts_of(flow: Flow) -> dict[str, Expression]:
    """What the entries of classes may read of what comes in; a truth is one for certain."""
    least = OPEN if flow.frame.least is None else ("c", flow.frame.least)
    whole = ("c", flow.frame.missing == "none")
    return {"features": flow.count, "least": least, "is_unit": ("c", flow.frame.unit), "is_whole": whole}


def columns(behaviour: Behaviour, flow: Flow, lifting: Lifting, names: Names) -> Expression:
    """How many columns come out of a step."""
    match behaviour.columns:
        case "same":
            return flow.count
        case "gaps":
            return ("c", 0) if flow.frame.missing == "none" else OPEN
        case "open":
            return OPEN
    return lifting.whole(lifting.value(parsed(behaviour.columns), names))
