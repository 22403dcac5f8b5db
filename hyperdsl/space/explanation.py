"""What conditions do to a space: which conflict, which say nothing, which ranges and choices they shrink."""

from __future__ import annotations

from hyperdsl.frozen import frozen
from hyperdsl.ir import ops
from hyperdsl.ir.domain import Code, Reals
from hyperdsl.ir.graph import Graph
from hyperdsl.space.counting import Counter
from hyperdsl.space.shared import counter_of
from hyperdsl.space.skeleton import Check
from hyperdsl.space.steps import Inexact

MAX_JUDGED = 300  # conditions, one by one


@frozen
class Shrink:
    """A row that has fewer values under the conditions: those left, how many there were, the conditions responsible."""

    row: int
    left: tuple[Code, ...]
    before: int
    conditions: tuple[int, ...]


@frozen
class Narrowed:
    """A continuous row of which conditions leave a part: bounds in any configuration, the conditions responsible."""

    row: int
    low: float
    high: float
    conditions: tuple[int, ...]


class Explanation:
    """Questions about the conditions of a graph; each is answered by counting without some of them.

    Raises
    ------
    Inexact
        From every method, where the count is beyond its budget.
    """

    def __init__(self, graph: Graph) -> None:
        self._all = counter_of(graph)
        self.skeleton = self._all.skeleton
        self.conditions = tuple(dict.fromkeys(p.node for p in self.skeleton.parts if isinstance(p, Check)))

    def counter(self, *ignored: int) -> Counter:
        """A counter that holds to all conditions but these."""
        if not ignored:
            return self._all
        return Counter(self.skeleton, self._all.default, frozenset(ignored), like=self._all)

    def responsible(self, beyond: Inexact) -> tuple[int, ...]:
        """The conditions that make counting go beyond its budget: those that read where it did."""
        reading = tuple(c for c in self.conditions if beyond.rows & set(self.skeleton.reads(c)))
        return reading or self.conditions

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
        """The conditions that hold in every configuration anyway.

        Not judged are those on continuous ranges, those that read only what this space does not decide (another space
        of the file may), and those behind the first ``MAX_JUDGED`` that read decisions: each takes a count of its own.
        """
        analysis = self.skeleton.analysis
        constant = {c for c in self.conditions if analysis.is_constant(c)}  # all true where nothing conflicts
        reading = [c for c in self.conditions if c not in constant and self.skeleton.reads(c) and self._is_discrete(c)]
        reading = reading[:MAX_JUDGED]
        free = self.counter(*self.conditions).count()
        idle = constant | {c for c in reading if self._alone(c).count() == free}
        return tuple(c for c in self.conditions if c in idle)

    def _alone(self, condition: int) -> Counter:
        return self.counter(*(c for c in self.conditions if c != condition))

    def _is_discrete(self, condition: int) -> bool:
        domains = (self.skeleton.constant_domain(r) for r in self.skeleton.reads(condition))
        return all(d is None or d.size is not None for d in domains)

    def equalities(self) -> tuple[int, ...]:
        """Conditions that ask two numbers to be equal of which one is drawn from a continuous range: none ever is."""
        return tuple(c for c in self.conditions if self._asks_equality(c))

    def _asks_equality(self, index: int) -> bool:
        node = self.skeleton.graph[index]
        match node.op:
            case ops.Label() | ops.Named():
                return self._asks_equality(node.operands[0])
            case ops.Logic(operator="and"):
                return any(self._asks_equality(o) for o in node.operands)
            case ops.Compare(operator="=="):
                return any(self._is_drawn(o) for o in node.operands)
        return False

    def _is_drawn(self, index: int) -> bool:
        """Whether a value is one number of a continuous range, or worked out from some."""
        node = self.skeleton.graph[index]
        match node.op:
            case ops.Real() | ops.Normal():
                row = self.skeleton.find_row(index)
                return row is not None and self.skeleton.is_continuous(row)
            case ops.Label() | ops.Named() | ops.Negate() | ops.Arithmetic():
                return any(self._is_drawn(o) for o in node.operands)
        return False

    def narrowed(self) -> tuple[Narrowed, ...]:
        """The continuous ranges of which a condition leaves less, in table order."""
        alone = {c: self._alone(c).bounds() for c in self.conditions} if len(self.conditions) > 1 else {}
        found = []
        for row, (low, high) in sorted(self.counter().bounds().items()):
            whole = self.skeleton.constant_domain(row)
            if not isinstance(whole, Reals) or (low, high) == (whole.low, whole.high):
                continue
            ends = (whole.low, whole.high)
            responsible = tuple(c for c in self.conditions if not alone or alone[c].get(row, ends) != ends)
            found.append(Narrowed(row, low, high, responsible or self.conditions))
        return tuple(found)

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
