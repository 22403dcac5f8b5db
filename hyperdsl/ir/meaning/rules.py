"""What each operation means: a rule for each, by which ``evaluation`` walks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hyperdsl.ir import ops, plan
from hyperdsl.ir.domain import Permutations, Reals, choices
from hyperdsl.ir.meaning.decisions import integer_domain, normal_domain, real_domain, subset_domain
from hyperdsl.ir.meaning.modules import as_step, is_module, parallel, sequence
from hyperdsl.ir.meaning.networks import flat
from hyperdsl.ir.meaning.values import (
    NOTHING,
    UNKNOWN,
    Inactive,
    Undefined,
    aggregate,
    arithmetic,
    compare,
    item,
    known,
    negate,
    part,
)

if TYPE_CHECKING:
    from hyperdsl.ir.meaning.evaluation import Evaluation

# --- decisions


def _integer(run: Evaluation, index: int, op: ops.Integer, operands: tuple[int, ...]) -> Any:
    return run.code(index, integer_domain(op, run.value(operands[0]), run.value(operands[1]), index))


def _real(run: Evaluation, index: int, op: ops.Real, operands: tuple[int, ...]) -> Any:
    return float(run.code(index, real_domain(op, run.value(operands[0]), run.value(operands[1]), index)))  # type: ignore[arg-type]


def _normal(run: Evaluation, index: int, op: ops.Normal, operands: tuple[int, ...]) -> Any:
    return run.code(index, normal_domain(op, run.value(operands[0]), run.value(operands[1]), index))


def _choose(run: Evaluation, index: int, op: ops.Choose, operands: tuple[int, ...]) -> Any:
    code = run.code(index, choices(op.weights))
    assert isinstance(code, int)
    return run.value(operands[code])


def _subset(run: Evaluation, index: int, op: ops.Subset, operands: tuple[int, ...]) -> Any:
    items = operands[1:]
    code = run.code(index, subset_domain(run.value(operands[0]), len(items), index))
    assert isinstance(code, tuple)
    chosen = [run.value(items[i]) for i in code]
    if op.joined and chosen and all(is_module(v) or v is NOTHING for v in chosen):
        return parallel([as_step(v) for v in chosen])
    return plan.ListPlan(tuple(v for v in chosen if v is not NOTHING))


def _permute(run: Evaluation, index: int, op: ops.Permute, operands: tuple[int, ...]) -> Any:
    code = run.code(index, Permutations(len(operands)))
    assert isinstance(code, tuple)
    return _list_of(run, tuple(operands[i] for i in code))


# --- values


def _list_of(run: Evaluation, operands: tuple[int, ...]) -> plan.ListPlan:
    values = (known(run.value(o), o) for o in operands)
    return plan.ListPlan(tuple(v for v in values if v is not NOTHING))


def _make_dict(run: Evaluation, index: int, op: ops.MakeDict, operands: tuple[int, ...]) -> Any:
    pairs = ((key, known(run.value(o), o)) for key, o in zip(op.keys, operands, strict=True))
    return plan.DictPlan(tuple((key, value) for key, value in pairs if value is not NOTHING))


def _repeat(run: Evaluation, index: int, op: ops.Repeat, operands: tuple[int, ...]) -> Any:
    return _list_of(run, _bodies(run, index, operands))


def _bodies(run: Evaluation, index: int, operands: tuple[int, ...]) -> tuple[int, ...]:
    """The items of a repetition that there are."""
    count = run.value(operands[0])
    if type(count) is not int or not 0 <= count <= len(operands) - 1:
        raise Undefined(index, f"cannot repeat {count!r} times")
    return operands[1 : 1 + count]


def _arithmetic(run: Evaluation, index: int, op: ops.Arithmetic, operands: tuple[int, ...]) -> Any:
    left, right = run.value(operands[0]), run.value(operands[1])
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    return arithmetic(op.operator, left, right, index)


def _negate(run: Evaluation, index: int, op: ops.Negate, operands: tuple[int, ...]) -> Any:
    value = run.value(operands[0])
    return UNKNOWN if value is UNKNOWN else negate(value, index)


def _compare(run: Evaluation, index: int, op: ops.Compare, operands: tuple[int, ...]) -> Any:
    left, right = run.read(operands[0]), run.read(operands[1])
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    return compare(op.operator, left, right, index)


def _logic(run: Evaluation, index: int, op: ops.Logic, operands: tuple[int, ...]) -> Any:
    if op.operator == "not":
        value = run.read(operands[0])  # what is inactive is unknown to whoever asked for it
        return UNKNOWN if value is UNKNOWN else not value
    return _kleene(run, op.operator == "or", operands)


def _kleene(run: Evaluation, decisive: bool, operands: tuple[int, ...]) -> Any:
    """Kleene's three values, from left to right.

    What follows a decisive operand is reached all the same, so that a condition reads all its decisions; it need not
    have a value (``n > 0 and 10 / n > 2``).
    """
    decided = unknown = False
    for operand in operands:
        try:
            value = run.read(operand)
        except Inactive:
            value = UNKNOWN
        except Undefined:
            if not decided:
                raise
            continue
        unknown = unknown or value is UNKNOWN
        decided = decided or (value is not UNKNOWN and bool(value) == decisive)
    if decided:
        return decisive
    return UNKNOWN if unknown else not decisive


def _interval(run: Evaluation, index: int, op: ops.Interval, operands: tuple[int, ...]) -> Any:
    low, high = run.value(operands[0]), run.value(operands[1])
    if low is UNKNOWN or high is UNKNOWN:
        return UNKNOWN
    if not all(isinstance(end, (int, float)) for end in (low, high)):
        raise Undefined(index, f"its ends are {low!r} and {high!r}, not numbers")
    return Reals(low, high)


def _is_module(run: Evaluation, index: int, op: ops.IsModule, operands: tuple[int, ...]) -> Any:
    holds = op.holds_of(run.nodes[run.head(operands[0])].op)
    return UNKNOWN if holds is None else holds


def _argument(run: Evaluation, index: int, op: ops.Argument, operands: tuple[int, ...]) -> Any:
    node = run.nodes[run.head(operands[0])]
    if isinstance(node.op, ops.MakeDict) and op.parameter in node.op.keys:
        return run.value(node.operands[node.op.keys.index(op.parameter)])
    if not isinstance(node.op, ops.Call) or op.parameter not in node.op.parameters:
        return UNKNOWN
    value = run.value(node.operands[node.op.parameters.index(op.parameter)])
    return UNKNOWN if value is NOTHING else value


def _index(run: Evaluation, index: int, op: ops.Index, operands: tuple[int, ...]) -> Any:
    return item(run.value(operands[0]), run.value(operands[1]), index)


def _slice(run: Evaluation, index: int, op: ops.Slice, operands: tuple[int, ...]) -> Any:
    return part(run.value(operands[0]), slice(op.lower, op.upper, op.step), index)


def _aggregate(run: Evaluation, index: int, op: ops.Aggregate, operands: tuple[int, ...]) -> Any:
    if op.function in ("any", "all") and (items := _repeated(run, operands[0])) is not None:
        return _kleene(run, op.function == "any", items)
    return aggregate(op.function, [run.value(o) for o in operands], index)


def _repeated(run: Evaluation, index: int) -> tuple[int, ...] | None:
    """The items that a list with a decided length has; None for other nodes."""
    node = run.nodes[index]
    match node.op:
        case ops.Named() | ops.Label():
            return _repeated(run, node.operands[0])
        case ops.Where():
            run.require(node.operands[1:])
            return _repeated(run, node.operands[0])
        case ops.Repeat():
            return _bodies(run, index, node.operands)
    return None


# --- modules


def _call(run: Evaluation, index: int, op: ops.Call, operands: tuple[int, ...]) -> Any:
    arguments = []
    for parameter, operand in zip(op.parameters, operands, strict=True):
        value = known(run.value(operand), operand)
        if op.path == plan.TRAIN and parameter == "network" and (value is NOTHING or is_module(value)):
            span = run.nodes[operand].span
            value = run.layers.apply(as_step(value), run.layers.input(None, None, span), operand)
        if value is not NOTHING:
            arguments.append((parameter, run.closed(value)))
    return plan.Call(op.path, tuple(arguments), span=run.nodes[index].span)


def _steps(run: Evaluation, operands: tuple[int, ...]) -> list[plan.PlanNode]:
    return [as_step(run.value(o)) for o in operands]


def _seq(run: Evaluation, index: int, op: ops.Seq, operands: tuple[int, ...]) -> Any:
    return sequence(_steps(run, operands))


def _par(run: Evaluation, index: int, op: ops.Par, operands: tuple[int, ...]) -> Any:
    return parallel(_steps(run, operands))


def _columns(run: Evaluation, index: int, op: ops.Columns, operands: tuple[int, ...]) -> Any:
    routes = [
        plan.RoutePlan(
            tuple(plan.Selector(kind, value) for kind, value in selectors),
            as_step(run.value(body)),
            label,
            span=run.nodes[body].span,
        )
        for selectors, body, label in zip(op.selectors, operands, op.labels, strict=True)
    ]
    return plan.ColumnsPlan(tuple(routes), span=run.nodes[index].span)


# --- networks


def _input(run: Evaluation, index: int, op: ops.Input, operands: tuple[int, ...]) -> Any:
    shape = tuple(known(run.value(o), o) for o in operands) if operands else None
    return run.layers.input(shape, op.dtype, run.nodes[index].span)


def _apply(run: Evaluation, index: int, op: ops.Apply, operands: tuple[int, ...]) -> Any:
    source = flat(run.value(operands[0]), operands[0])
    return run.layers.apply(as_step(run.value(operands[1])), source, index)


# --- around values


def _label(run: Evaluation, index: int, op: ops.Label, operands: tuple[int, ...]) -> Any:
    value = run.value(operands[0])
    if isinstance(value, (plan.Call, plan.Seq, plan.Par, plan.Pass, plan.Drop, plan.ColumnsPlan, plan.Tied)):
        return replace(value, label=op.label)
    return run.layers.labelled(value, op.label)


def _where(run: Evaluation, index: int, op: ops.Where, operands: tuple[int, ...]) -> Any:
    run.require(operands[1:])
    return run.value(operands[0])


def _data_fact(run: Evaluation, index: int, op: ops.DataFact, operands: tuple[int, ...]) -> Any:
    if op.fact not in run.facts:
        raise Undefined(index, f"`data.{op.fact}` is known only together with data")
    return run.facts[op.fact]


def _cost(run: Evaluation, index: int, op: ops.Cost, operands: tuple[int, ...]) -> Any:
    raise Undefined(index, f"`{op.measure}` of this network is known only together with data")


def _case(run: Evaluation, index: int, op: ops.Case, operands: tuple[int, ...]) -> Any:
    code = run.assignment.get(op.path)
    return run.value(operands[op.codes.index(code) if code in op.codes else 0])


RULES: dict[type[ops.Op], Callable[[Evaluation, int, Any, tuple[int, ...]], Any]] = {
    ops.Const: lambda run, index, op, operands: op.value,
    ops.Symbol: lambda run, index, op, operands: plan.Symbol(op.path, span=run.nodes[index].span),
    ops.DataFact: _data_fact,
    ops.Nothing: lambda run, index, op, operands: NOTHING,
    ops.Missing: lambda run, index, op, operands: UNKNOWN,
    ops.Integer: _integer,
    ops.Real: _real,
    ops.Normal: _normal,
    ops.Choose: _choose,
    ops.Subset: _subset,
    ops.Permute: _permute,
    ops.Repeat: _repeat,
    ops.Select: lambda run, index, op, operands: run.value(operands[1 if run.truth(operands[0]) else 2]),
    ops.Arithmetic: _arithmetic,
    ops.Negate: _negate,
    ops.Compare: _compare,
    ops.Logic: _logic,
    ops.IsModule: _is_module,
    ops.Argument: _argument,
    ops.Interval: _interval,
    ops.MakeList: lambda run, index, op, operands: _list_of(run, operands),
    ops.MakeTuple: lambda run, index, op, operands: tuple(_list_of(run, operands).items),
    ops.MakeDict: _make_dict,
    ops.Index: _index,
    ops.Slice: _slice,
    ops.Aggregate: _aggregate,
    ops.Call: _call,
    ops.Seq: _seq,
    ops.Par: _par,
    ops.Pass: lambda run, index, op, operands: plan.Pass(),
    ops.Drop: lambda run, index, op, operands: plan.Drop(),
    ops.Columns: _columns,
    ops.Input: _input,
    ops.Apply: _apply,
    ops.Tied: lambda run, index, op, operands: plan.Tied(as_step(run.value(operands[0])), operands[0]),
    ops.Loose: lambda run, index, op, operands: run.layers.loose(flat(run.value(operands[0]), operands[0]), index),
    ops.Cost: _cost,
    ops.Case: _case,
    ops.Unknown: lambda run, index, op, operands: UNKNOWN,
    ops.Label: _label,
    ops.Where: _where,
    ops.Named: lambda run, index, op, operands: run.value(operands[0]),
}
