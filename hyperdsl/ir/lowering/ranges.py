"""Lowers ``low..high [log] [step s] [default d]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import kinds
from hyperdsl.ir import ops
from hyperdsl.ir.domain import MAX_INTEGER, MAX_REAL, MAX_STEPS, Domain, Integers, Reals, Steps
from hyperdsl.ir.lowering.sharing import decide
from hyperdsl.syntax import tree

if TYPE_CHECKING:
    from hyperdsl.ir.lowering.environment import Scope
    from hyperdsl.ir.lowering.lower import Lowering


def lower_range(run: Lowering, expr: tree.Range, scope: Scope, place: str) -> int:
    """A decision for a number between two ends; what can be said now of the ends is said."""
    path = run.paths.decision(expr, place)
    low = run.lower(expr.low, scope, place)
    high = run.lower(expr.high, scope, place)
    for end, part in ((low, expr.low), (high, expr.high)):
        if run.types(end) and not run.is_number(end):
            whole = f"({expr.span.text.removesuffix('?')})?" if isinstance(part, tree.Presence) else ""
            return run.fail(kinds.range_end(part.span, part.span.text, whole))
    is_integer = run.types(low) | run.types(high) <= {"int"}
    step = _literal(run, expr.step, scope, place, "a step")
    default = _literal(run, expr.default, scope, place, "a default")
    if step is _FREE or default is _FREE:
        return run.nothing(expr.span)
    if expr.step is not None and not _step_fits(step, is_integer):
        fraction = is_integer and type(step) is float and 0 < step < float("inf")
        instead = f"{_real(expr.low)}..{_real(expr.high)}" if fraction else ""
        return run.fail(kinds.bad_step(expr.step.span, expr.step.span.text, instead))
    if run.analysis.is_constant(low) and run.analysis.is_constant(high):
        ends = (run.constant(low), run.constant(high))
        if not _constant_ends_fit(run, expr, ends, is_integer, step, default):
            return run.nothing(expr.span)
    op: ops.Integer | ops.Real
    if is_integer:
        op = ops.Integer(path, expr.log, step if step is not None else 1, default)
    else:
        op = ops.Real(path, expr.log, step, default)
    return decide(run, op, (low, high), expr.span)


_FREE = object()  # a step or default that depends on a decision


def _literal(run: Lowering, expr: tree.Expr | None, scope: Scope, place: str, what: str) -> Any:
    if expr is None:
        return None
    index = run.lower(expr, scope, place)
    if run.analysis.is_constant(index):
        return run.constant(index)
    if run.types(index):
        run.reporter.add(kinds.not_constant(expr.span, what, "a number"))
    return _FREE


def _real(end: tree.Expr) -> str:
    """An end as a float: ``1`` -> ``1.0``, ``n`` -> ``1.0 * n``."""
    text = end.span.text
    return f"{text}.0" if isinstance(end, tree.Literal) else f"1.0 * {text}"


def _step_fits(step: Any, is_integer: bool) -> bool:
    if type(step) not in (int, float) or not 0 < step < float("inf"):
        return False
    return type(step) is int or not is_integer


def _constant_ends_fit(
    run: Lowering, expr: tree.Range, ends: tuple[Any, Any], is_integer: bool, step: Any, default: Any
) -> bool:
    low, high = ends
    if low > high:
        run.reporter.add(kinds.empty_range(expr.span, low, high))
        return False
    if expr.log and low <= 0:
        run.reporter.add(kinds.log_from_zero(expr.low.span, low))
        return False
    for end, part in ((low, expr.low), (high, expr.high)):
        if abs(end) > (MAX_INTEGER if is_integer else MAX_REAL):
            run.reporter.add(kinds.end_too_large(part.span, is_integer))
            return False
    domain: Domain
    if is_integer:
        domain = Integers(low, high, expr.log, step or 1)
    else:
        domain = Steps(low, high, step, expr.log) if step is not None else Reals(low, high, expr.log)
    if isinstance(domain, Steps) and expr.log and domain.size > MAX_STEPS and expr.step is not None:
        run.reporter.add(kinds.too_many_steps(expr.step.span, MAX_STEPS))
        return False
    if isinstance(domain, Steps) and domain.is_too_fine and expr.step is not None:
        run.reporter.add(kinds.step_too_fine(expr.step.span, max(abs(low), abs(high))))
        return False
    if expr.default is not None and not domain.contains(default):
        number = type(default) in (int, float)
        near = min(max(default, low), high) if number else low
        near = near if domain.contains(near) else low
        run.reporter.add(kinds.default_outside(expr.default.span, expr.default.span.text, near))
        return False
    return True
