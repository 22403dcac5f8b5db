"""Conditions that compare a sum: what one term leaves of them, worked out once for all its codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hyperdsl.frozen import frozen
from hyperdsl.ir import meaning
from hyperdsl.ir.domain import Code
from hyperdsl.space.reach import Frontier
from hyperdsl.space.residual import Conditions, Expression, shifted, verdict


@frozen
class Linear:
    """``factor * code + constant + terms`` compared with zero; ``hull`` bounds the terms where it is sure to be met."""

    operator: str
    factor: Any
    constant: Any
    terms: tuple[tuple[Any, Expression], ...]
    hull: tuple[float, float] | None
    is_open: bool  # a term reads a decision that is not active: nothing is asked
    is_free: bool = False  # its terms are continuous: only bounds can decide it

    def put(self, code: Any) -> Expression | bool:
        """What is left of it, or its truth."""
        if self.is_open:
            return True
        constant = self.constant + self.factor * code
        if not self.terms:
            return meaning.compare(self.operator, constant, 0, 0)
        if self.hull is not None:
            ends = (self.hull[0] + constant, self.hull[1] + constant)
            holds = verdict(self.operator, ends, (0, 0))
            if holds is not None:
                return holds
        return True if self.is_free else ("cmp", self.operator, shifted(constant, self.terms), ("c", 0))


def linear(check: Expression, row: int, frontier: Frontier, conditions: Conditions) -> Linear | None:
    """A comparison of a sum in which a row is one term, prepared for many codes; None for anything else."""
    if check[0] != "cmp" or check[1] in ("in", "not in") or check[3] != ("c", 0):
        return None
    left = check[2] if check[2][0] == "sum" else ("sum", 0, ((1, check[2]),))
    terms = tuple(t for t in left[2] if t[1] != ("r", row))
    own = [t for t in left[2] if t[1] == ("r", row)]
    rows = frozenset().union(*(conditions.rows(t[1]) for t in terms))
    if len(own) != 1 or row in rows:
        return None
    if not rows <= frontier.decides:
        return Linear(check[1], own[0][0], left[1], (), None, is_open=True)
    hull = conditions.hull(("sum", 0, terms)) if terms and rows <= frontier.certain else None
    return Linear(check[1], own[0][0], left[1], terms, hull, is_open=False, is_free=bool(terms) and not rows)


def put_all(sums: Sequence[Linear], code: Code) -> frozenset[Expression] | None:
    """What a code leaves of comparisons; None where one is false."""
    left = []
    for form in sums:
        result = form.put(code)
        if result is False:
            return None
        if result is not True:
            left.append(result)
    return frozenset(left)
