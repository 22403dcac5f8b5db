"""Lowers choices: ``a | b @ 2``, ``a?`` and ``a if test else b``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import kinds
from hyperdsl.ir import ops
from hyperdsl.ir.domain import integer_weights
from hyperdsl.ir.lowering.labels import is_written, label, name_of
from hyperdsl.ir.lowering.sharing import choose, decide
from hyperdsl.ir.meaning import UNKNOWN
from hyperdsl.ir.paths import distinct
from hyperdsl.syntax import tree

if TYPE_CHECKING:
    from hyperdsl.ir.lowering.environment import Scope
    from hyperdsl.ir.lowering.lower import Lowering


def _weight(run: Lowering, literal: tree.Literal | None) -> float | int:
    if literal is None:
        return 1
    value = literal.value
    if type(value) not in (int, float) or not 0 < value < float("inf"):  # type: ignore[operator]
        run.reporter.add(kinds.bad_weight(literal.span, literal.span.text))
        return 1
    return value  # type: ignore[return-value]


def lower_choice(run: Lowering, expr: tree.Choice, scope: Scope, place: str) -> int:
    """``a | b @ 2``: equal alternatives are one, their weights added."""
    path = run.paths.decision(expr, place)
    merged: dict[Any, int] = {}
    operands: list[int] = []
    labels: list[ops.Scalar] = []
    weights: list[float | int] = []
    for alternative in expr.alternatives:
        operand = run.node(run.bound(alternative.value, scope, place), alternative.value.span)
        key = _identity(run, alternative.value, operand)
        weight = _weight(run, alternative.weight)
        if key in merged:
            run.reporter.add(kinds.merged_alternatives(alternative.span, alternative.value.span.text))
            weights[merged[key]] += weight
            continue
        merged[key] = len(operands)
        operands.append(operand)
        weights.append(weight)
        labels.append(label(run, alternative.value, operand))
    if len(operands) == 1:
        return operands[0]
    values = [op.value if isinstance(op := run.builder[o].op, ops.Const) else None for o in operands]
    ordinal = all(type(v) in (int, float) for v in values)
    op = ops.Choose(path, distinct(labels), integer_weights(weights), ordinal)
    if all(is_written(a.value) for a in expr.alternatives):
        return decide(run, op, operands, expr.span)
    return choose(run, op, operands, expr.span)


def _identity(run: Lowering, expr: tree.Expr, operand: int) -> Any:
    """Equal for equal constants and for one node; decisions are never equal."""
    op = run.builder[operand].op
    if run.paths.trail is not None and not is_written(expr):  # equal in this call, perhaps not in another
        return ("name", expr.id) if isinstance(expr, tree.Name) else ("part", expr.span.start)
    if isinstance(op, ops.Const):
        return ("const", type(op.value), op.value)
    if isinstance(op, (ops.Pass, ops.Drop, ops.Nothing, ops.Symbol)):
        return op
    return ("node", operand)


def lower_presence(run: Lowering, expr: tree.Presence, scope: Scope, place: str) -> int:
    """``a?``: the part or nothing."""
    part = expr.value
    while isinstance(part, tree.Paren):
        part = part.value
    name = name_of(part) if isinstance(part, (tree.Call, tree.Name, tree.Attribute, tree.Labelled)) else None
    path = run.paths.decision(expr, f"{place}.{name}" if name else place, "?")
    operand = run.node(run.bound(expr.value, scope, place), expr.value.span)
    nothing = run.add(ops.Nothing(), (), expr.span)
    weights = integer_weights([_weight(run, expr.weight), 1])
    return choose(run, ops.Choose(path, (True, False), weights, default=0), (operand, nothing), expr.span)


def lower_conditional(run: Lowering, expr: tree.Conditional, scope: Scope, place: str) -> int:
    """``a if test else b``: one of the two where the test is constant, which ends recursion."""
    test = run.lower(expr.test, scope, place)
    if run.analysis.is_constant(test):
        met = run.constant(test)
        taken = expr.then if met is not UNKNOWN and met else expr.other
        return run.node(run.bound(taken, scope, place), taken.span)
    then = run.node(run.bound(expr.then, scope, place), expr.then.span)
    other = run.node(run.bound(expr.other, scope, place), expr.other.span)
    return run.add(ops.Select(), (test, then, other), expr.span)
