"""What conditions do to a space: which conflict, which say nothing, which ranges and choices they shrink."""

from __future__ import annotations

from dataclasses import dataclass

from hyperdsl.ir import meaning
from hyperdsl.ir.domain import Code, Domain
from hyperdsl.space.counting import Counter
from hyperdsl.space.skeleton import Check, Skeleton
from hyperdsl.space.states import Inexact


@dataclass(frozen=True, slots=True)
class Shrink:
    """A row that has fewer values under the conditions: those left, how many there were, the conditions responsible."""

    row: int
    left: tuple[Code, ...]
    before: int
    conditions: tuple[int, ...]


class Explanation:
    """Questions about the conditions of a skeleton; each is answered by counting without some of them.

    Raises
    ------
    Inexact
        From every method, where the count is beyond its budget.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self.conditions = tuple(dict.fromkeys(p.node for p in skeleton.parts if isinstance(p, Check)))

    def counter(self, *ignored: int) -> Counter:
        """A counter that holds to all conditions but these."""
        return Counter(self.skeleton, self._default, frozenset(ignored))

    def _default(self, row: int, domain: Domain) -> Code:
        return meaning.default_code(self.skeleton.op(row), domain)

    def conflict(self) -> tuple[int, ...]:
        """A minimal set of conditions that cannot hold together; empty where all can."""
        if self.counter().count() > 0:
            return ()
        dropped: list[int] = []
        for condition in self.conditions:
            if self.counter(*dropped, condition).count() == 0:
                dropped.append(condition)
        return tuple(c for c in self.conditions if c not in dropped)

    def idle(self) -> tuple[int, ...]:
        """The conditions that hold in every configuration anyway; those on continuous ranges are not judged."""
        free = self.counter(*self.conditions).count()
        return tuple(c for c in self.conditions if self._is_discrete(c) and self._alone(c).count() == free)

    def _alone(self, condition: int) -> Counter:
        return self.counter(*(c for c in self.conditions if c != condition))

    def _is_discrete(self, condition: int) -> bool:
        domains = (self.skeleton.constant_domain(r) for r in self.skeleton.reads(condition))
        return all(d is None or d.size is not None for d in domains)

    def shrinks(self) -> tuple[Shrink, ...]:
        """What the conditions leave of ranges and choices, in table order."""
        left = self.counter().support()
        alone = {c: self._alone(c).support() for c in self.conditions} if len(self.conditions) > 1 else {}
        found = []
        for row, codes in sorted(left.items()):
            domain = self.skeleton.constant_domain(row)
            if domain is None or domain.size is None or len(codes) >= domain.size:
                continue
            responsible = tuple(c for c in self.conditions if not alone or len(alone[c].get(row, codes)) < domain.size)
            ordered = tuple(sorted(codes, key=domain.rank))
            found.append(Shrink(row, ordered, domain.size, responsible or self.conditions))
        return tuple(found)


__all__ = ["Explanation", "Inexact", "Shrink"]
