"""Decisions that nothing else depends on: another value there changes that value alone."""

from __future__ import annotations

from hyperdsl.ir.domain import Domain
from hyperdsl.space.skeleton import NONE, Items, Pick, Skeleton


def loose_domains(skeleton: Skeleton) -> dict[int, Domain]:
    """The rows that no other decision, domain or condition depends on and whose own domain is always the same."""
    bound: set[int] = set()
    for part in skeleton.parts:
        bound.update(getattr(part, "reads", ()))
        if isinstance(part, Pick | Items) and any(child != NONE for child in part.children):
            bound.add(part.row)
    domains = ((row, skeleton.constant_domain(row)) for row in range(len(skeleton.nodes)) if row not in bound)
    return {row: domain for row, domain in domains if domain is not None}
