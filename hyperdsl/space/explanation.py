"""What conditions do to a space: which conflict, which say nothing, which ranges and choices they shrink."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hyperdsl.frozen import frozen
from hyperdsl.ir import ops
from hyperdsl.ir.domain import Code, Reals
from hyperdsl.ir.graph import Graph
from hyperdsl.space.counting import Counter
from hyperdsl.space.shared import counter_of
from hyperdsl.space.skeleton import Check
from hyperdsl.space.steps import Inexact

MAX_JUDGED = 300  # conditions, one by one
MAX_CAUSES = 30  # conditions of which a minimal set is looked for


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
        self._lefts: dict[frozenset[int], dict[int, frozenset[Code] | tuple[float, float]]] = {}

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
        return self.counter(*self._but([condition]))

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
        left = sorted(self._left().items())
        return tuple(Narrowed(row, *part, self._causes(row)) for row, part in left if isinstance(part, tuple))

    def shrinks(self) -> tuple[Shrink, ...]:
        """What the conditions leave of ranges and choices, in table order."""
        found = []
        for row, codes in sorted(self._left().items()):
            domain = self.skeleton.constant_domain(row)
            if isinstance(codes, frozenset) and domain is not None and domain.size is not None:
                ordered = tuple(sorted(codes, key=domain.rank))
                found.append(Shrink(row, ordered, domain.size, self._causes(row)))
        return tuple(found)

    def _left(self, ignored: Iterable[int] = ()) -> dict[int, frozenset[Code] | tuple[float, float]]:
        """What all conditions but some leave of the rows that they shrink: codes, or the ends of a continuous range."""
        key = frozenset(ignored)
        if key not in self._lefts:
            counter = self.counter(*key)
            found: dict[int, frozenset[Code] | tuple[float, float]] = {}
            for row, codes in counter.support().items():
                domain = self.skeleton.constant_domain(row)
                if domain is not None and domain.size is not None and len(codes) < domain.size:
                    found[row] = frozenset(codes)
            for row, ends in counter.bounds().items():
                whole = self.skeleton.constant_domain(row)
                if isinstance(whole, Reals) and ends != (whole.low, whole.high):
                    found[row] = ends
            self._lefts[key] = found
        return self._lefts[key]

    def _causes(self, row: int) -> tuple[int, ...]:
        """A minimal set of conditions that leave of a row what all leave; of those that shrink it alone, if these do.

        With more than ``MAX_CAUSES`` conditions all that shrink it by themselves, or all.
        """
        left = self._left()[row]
        causes = [c for c in self.conditions if row in self._left(self._but([c]))]
        if len(self.conditions) > MAX_CAUSES:
            return tuple(causes) or self.conditions
        if self._left(self._but(causes)).get(row) != left:
            causes = [*self.conditions]
        for condition in reversed(causes):
            fewer = [c for c in causes if c != condition]
            if fewer and self._left(self._but(fewer)).get(row) == left:
                causes = fewer
        return tuple(causes)

    def _but(self, kept: Sequence[int]) -> tuple[int, ...]:
        return tuple(c for c in self.conditions if c not in kept)


__all__ = ["Explanation", "Inexact", "Shrink"]
