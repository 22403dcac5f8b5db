"""Decisions: the domain that a decision has right now, and ways to decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from hyperdsl.ir import ops
from hyperdsl.ir.domain import (
    MAX_INTEGER,
    MAX_REAL,
    MAX_STEPS,
    Choices,
    Code,
    Combinations,
    Domain,
    Gaussian,
    Integers,
    Reals,
    Steps,
)
from hyperdsl.ir.meaning.values import Undefined

Decide: TypeAlias = Callable[[ops.DecisionOp, Domain], Code]


def integer_domain(op: ops.Integer, low: Any, high: Any, node: int) -> Integers:
    if type(low) is not int or type(high) is not int:
        raise Undefined(node, f"its ends are {low!r} and {high!r}, not whole numbers")
    if low > high:
        raise Undefined(node, f"the range {low}..{high} is empty")
    if max(abs(low), abs(high)) > MAX_INTEGER:
        raise Undefined(node, "an end of this range takes more than 64 bits")
    if op.log and low <= 0:
        raise Undefined(node, f"a log range cannot start at {low}")
    return Integers(low, high, op.log, op.step)


def real_domain(op: ops.Real, low: Any, high: Any, node: int) -> Reals | Steps:
    if not all(type(end) in (int, float) and -MAX_REAL <= end <= MAX_REAL for end in (low, high)):
        raise Undefined(node, f"its ends are {low!r} and {high!r}, not numbers")
    if low > high:
        raise Undefined(node, f"the range {low}..{high} is empty")
    if op.log and low <= 0:
        raise Undefined(node, f"a log range cannot start at {low}")
    if op.step is not None:
        steps = Steps(low, high, op.step, op.log)
        if op.log and steps.size > MAX_STEPS:
            raise Undefined(node, f"a log range of reals has more than {MAX_STEPS:,} steps")
        if steps.is_too_fine:
            raise Undefined(node, f"floats around {max(abs(low), abs(high)):g} do not tell steps of {op.step:g} apart")
        return steps
    return Reals(float(low), float(high), op.log)


def normal_domain(op: ops.Normal, mean: Any, deviation: Any, node: int) -> Gaussian:
    if not deviation > 0:
        raise Undefined(node, f"a standard deviation of {deviation!r} is not positive")
    return Gaussian(float(mean), float(deviation), op.log)


def subset_domain(count: Any, items: int, node: int) -> Combinations:
    if type(count) is not int or not 0 <= count <= items:
        raise Undefined(node, f"cannot take {count!r} of {items} items")
    return Combinations(items, count)


# --- ways to decide


def replay(assignment: Mapping[str, Code]) -> Decide:
    """Decide as an assignment of paths says."""

    def decide(op: ops.DecisionOp, domain: Domain) -> Code:
        if isinstance(op, ops.Choose) and op.assignments:
            for code, parts in enumerate(op.assignments):
                if all(assignment.get(path) == index for path, index in parts):
                    return code
            raise KeyError(op.path)
        return assignment[op.path]

    return decide


def default_code(op: ops.DecisionOp, domain: Domain) -> Code:
    """The default of a decision: as written, else the middle, the heaviest alternative, the first of a listing."""
    if isinstance(domain, Choices):
        if isinstance(op, ops.Choose) and op.default is not None:
            return op.default
        return domain.weights.index(max(domain.weights))
    if isinstance(op, (ops.Integer, ops.Real)):
        assert isinstance(domain, (Integers, Reals, Steps))
        if op.default is None:
            return domain.middle()
        nearest = min(max(op.default, domain.low), domain.high)
        return nearest if isinstance(domain, Reals) else domain.member(domain.rank(nearest))
    if isinstance(domain, Gaussian):
        return domain.middle()
    return domain.member(0)
