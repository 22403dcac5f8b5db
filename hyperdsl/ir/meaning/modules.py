"""Modules out of parts: the normal forms of sequences and of parts side by side."""

from __future__ import annotations

from typing import Any

from hyperdsl.ir import plan
from hyperdsl.ir.meaning.values import NOTHING


def is_module(value: Any) -> bool:
    """Whether a value can stand as a step: a module, or a list of them."""
    if isinstance(value, plan.ListPlan):
        return bool(value.items) and all(is_module(v) for v in value.items)
    return isinstance(value, (plan.Call, plan.Seq, plan.Par, plan.Pass, plan.Drop, plan.ColumnsPlan))


def as_step(value: Any) -> plan.PlanNode:
    """A module as one step; a list of modules is their sequence, nothing is the unchanged input."""
    if value is NOTHING:
        return plan.Pass()
    if isinstance(value, plan.ListPlan):
        return sequence([as_step(v) for v in value.items])
    step: plan.PlanNode = value  # a value that is none stays as it is: the audit reports it with its place
    return step


def sequence(parts: list[plan.PlanNode]) -> plan.PlanNode:
    """The normal form of ``a >> b``: flat, without identities, a single step is itself."""
    steps: list[plan.PlanNode] = []
    for part in parts:
        if isinstance(part, plan.Pass):
            continue
        if isinstance(part, plan.Seq) and part.label is None:
            steps.extend(part.steps)
        else:
            steps.append(part)
    if not steps:
        return plan.Pass()
    return steps[0] if len(steps) == 1 else plan.Seq(tuple(steps))


def parallel(parts: list[plan.PlanNode]) -> plan.PlanNode:
    """The normal form of ``a & b``: flat, without branches that give no output, a single branch is itself."""
    branches: list[plan.PlanNode] = []
    for part in parts:
        if isinstance(part, plan.Drop):
            continue
        if isinstance(part, plan.Par) and part.label is None:
            branches.extend(part.branches)
        else:
            branches.append(part)
    if not branches:
        return plan.Drop()
    return branches[0] if len(branches) == 1 else plan.Par(tuple(branches))
