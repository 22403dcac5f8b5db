"""Modules out of parts: the normal forms of sequences and of parts side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hyperdsl.ir import plan
from hyperdsl.ir.meaning.values import NOTHING


def is_module(value: Any) -> bool:
    """Whether a value can stand as a step: a module, or a list of them."""
    if isinstance(value, plan.ListPlan):
        return bool(value.items) and all(is_module(v) for v in value.items)
    return isinstance(value, (plan.Call, plan.Seq, plan.Par, plan.Pass, plan.Drop, plan.ColumnsPlan, plan.Tied))


def as_step(value: Any) -> plan.PlanNode:
    """A module as one step; a list of modules is their sequence, nothing is the unchanged input."""
    if value is NOTHING:
        return plan.Pass()
    if isinstance(value, plan.ListPlan):
        return sequence([as_step(v) for v in value.items])
    step: plan.PlanNode = value  # a value that is none stays as it is: the audit reports it with its place
    return step


def sequence(parts: Sequence[plan.PlanNode]) -> plan.PlanNode:
    """The normal form of ``a >> b``: flat, without identities, a single step is itself."""
    return _flat(parts, plan.Seq, plan.Pass)


def parallel(parts: Sequence[plan.PlanNode]) -> plan.PlanNode:
    """The normal form of ``a & b``: flat, without branches that give no output, a single branch is itself."""
    return _flat(parts, plan.Par, plan.Drop)


def _flat(
    parts: Sequence[plan.PlanNode], whole: type[plan.Seq | plan.Par], idle: type[plan.Pass | plan.Drop]
) -> plan.PlanNode:
    found: list[plan.PlanNode] = []
    for part in parts:
        if isinstance(part, whole) and part.label is None:
            found.extend(part.steps if isinstance(part, plan.Seq) else part.branches)
        elif not isinstance(part, idle):
            found.append(part)
    if not found:
        return idle()
    return found[0] if len(found) == 1 else whole(tuple(found))
