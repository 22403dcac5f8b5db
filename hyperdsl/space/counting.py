"""Exact counting, ranking, unranking and enumeration over the states of a space.

A choice adds the counts of its alternatives; independent states are multiplied; a number that nothing reads is one
factor. A space without shared decisions costs one step per part, and a condition on a sum one step per value of the
sum. A continuous range counts as one point; a condition on it counts as met unless bounds prove that it cannot be.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from hyperdsl.ir.domain import Code, Domain, Reals
from hyperdsl.recursion import deep_recursion
from hyperdsl.space.expressions import Expression
from hyperdsl.space.skeleton import NONE, All, Branch, Items, Number, Pick, Skeleton, Take
from hyperdsl.space.states import States
from hyperdsl.space.steps import DEAD, Block, Product, State, Step, Sum

Fill = Callable[[int, Domain], Code]  # the value of a continuous range, by row and what conditions leave of it


class Counter(States):
    """Counts the configurations of a skeleton.

    Parameters
    ----------
    skeleton : Skeleton
    default : callable
        The value of a continuous range in an enumeration.
    ignored, extra, like
        See :class:`hyperdsl.space.states.States`.
    """

    def __init__(
        self,
        skeleton: Skeleton,
        default: Fill,
        ignored: frozenset[int] = frozenset(),
        extra: frozenset[Expression] = frozenset(),
        like: States | None = None,
    ) -> None:
        super().__init__(skeleton, ignored, extra, like)
        self.default = default
        self._counts: dict[State, int] = {}
        self._ends: dict[State, list[int]] = {}

    def support(self) -> dict[int, set[Code]]:
        """For each row whose value matters wherever it is active the codes that it has in some configuration."""
        found: dict[int, set[Code]] = {}
        free: set[int] = set()  # rows that nothing restricts in some configuration
        for step in self._possible():
            if isinstance(step, Sum):
                codes = (c for c, s in zip(step.codes, step.states, strict=True) if self.count(s))
                found.setdefault(step.row, set()).update(codes)
            elif isinstance(step, Block):
                free.add(step.row)
        return {row: codes for row, codes in found.items() if row not in free}

    def bounds(self) -> dict[int, tuple[float, float]]:
        """For each continuous range whose ends are known bounds of what conditions leave of it."""
        found: dict[int, tuple[float, float]] = {}
        for step in self._possible():
            if isinstance(step, Block) and isinstance(step.domain, Reals):
                low, high = found.get(step.row, (step.domain.low, step.domain.high))
                found[step.row] = (min(low, step.domain.low), max(high, step.domain.high))
        return found

    def _possible(self) -> Iterator[Step]:
        """The steps of all configurations, each once."""
        seen: set[State] = set()
        pending = [self.start]
        while pending:
            state = pending.pop()
            if state in seen or self.count(state) == 0:
                continue
            seen.add(state)
            step = self.step(state)
            if isinstance(step, Block):
                pending.append(step.state)
            elif step is not None:
                pending.extend(step.states)
            if step is not None:
                yield step

    def count(self, state: State | None = None) -> int:
        """The number of configurations below a state.

        Raises
        ------
        Inexact
            Past the budget.
        """
        with deep_recursion():
            return self._count(self.start if state is None else state)

    def _count(self, state: State) -> int:
        if state not in self._counts:
            step = self.step(state)
            match step:
                case None:
                    total = 0 if state == DEAD else 1
                case Product(states=states):
                    total = 1
                    for inner in states:
                        total *= self._count(inner)
                case Sum(states=states):
                    total = sum(self._count(inner) for inner in states)
                case Block(domain=domain, state=inner):
                    total = (domain.size if domain is not None and domain.size is not None else 1) * self._count(inner)
            self._counts[state] = total
        return self._counts[state]

    def unrank(self, rank: int, fill: Fill | None = None) -> list[Code | None]:
        """The configuration at a position of the enumeration, from 0; ``fill`` gives continuous ranges their values."""
        codes: list[Code | None] = [None] * len(self.skeleton.nodes)
        with deep_recursion():
            self._unrank(self.start, rank, codes, fill or self.default)
        return codes

    def _unrank(self, state: State, rank: int, codes: list[Code | None], fill: Fill) -> None:
        match self.step(state):
            case Product(states=states):
                for inner in reversed(states):
                    rank, position = divmod(rank, self._count(inner))
                    self._unrank(inner, position, codes, fill)
            case Sum(row=row, codes=members, states=states) as step:
                ends = self._counts_up_to(state, step)
                position = bisect_right(ends, rank)
                codes[row] = members[position]
                before = ends[position - 1] if position else 0
                return self._unrank(states[position], rank - before, codes, fill)
            case Block(row=row, domain=domain, state=inner):
                position, rank = divmod(rank, self._count(inner))
                now = self.skeleton.domain(row, codes) if domain is None else domain
                codes[row] = fill(row, now) if now.size is None else now.member(position)
                self._unrank(inner, rank, codes, fill)
        return None

    def _counts_up_to(self, state: State, step: Sum) -> list[int]:
        """The numbers of configurations with each code of a decision or one before it."""
        if state not in self._ends:
            self._ends[state] = list(accumulate(self._count(inner) for inner in step.states))
        return self._ends[state]

    def rank(self, codes: Sequence[Code | None]) -> int:
        """The position of a configuration; continuous ranges do not matter."""
        with deep_recursion():
            return self._rank(self.start, codes)

    def _rank(self, state: State, codes: Sequence[Code | None]) -> int:
        match self.step(state):
            case Product(states=states):
                rank = 0
                for inner in states:
                    rank = rank * self._count(inner) + self._rank(inner, codes)
                return rank
            case Sum(row=row, domain=domain, states=states) as step:
                own = codes[row]
                assert own is not None
                position = domain.rank(own)
                before = self._counts_up_to(state, step)[position - 1] if position else 0
                return before + self._rank(states[position], codes)
            case Block(row=row, domain=domain, state=inner):
                own = codes[row]
                assert own is not None
                position = 0 if domain is None or domain.size is None else domain.rank(own)
                return position * self._count(inner) + self._rank(inner, codes)
        return 0

    def enumerate(self) -> Iterator[list[Code | None]]:
        """Every configuration in the order of its rank."""
        for rank in range(self.count()):
            yield self.unrank(rank)


def rough_bounds(skeleton: Skeleton) -> tuple[int, int]:
    """Bounds of the count that need no search: every condition free for the upper one, ignored for the lower one."""
    low: list[int] = []
    high: list[int] = []

    def get(values: list[int], child: int) -> int:
        return 1 if child == NONE else values[child]

    for part in skeleton.parts:
        least = most = 1
        match part:
            case All(children=children):
                for child in children:
                    least, most = max(least, get(low, child)), most * get(high, child)
            case Pick(children=children):
                least = max(get(low, c) for c in children)
                most = sum(get(high, c) for c in children)
            case Branch(then=then, other=other):
                least, most = min(get(low, then), get(low, other)), get(high, then) + get(high, other)
            case Take(children=children):
                total = 1
                most = 1
                for child in children:
                    total *= get(high, child)
                    most += total
            case Number(row=row):
                most = skeleton.table_size(row) or _hull_size(skeleton, row)
            case Items(row=row, children=children):
                most = skeleton.table_size(row) or 2 ** len(children)
                for child in children:
                    most *= get(high, child)
        low.append(least)
        high.append(most)
    return get(low, skeleton.root), get(high, skeleton.root)


def _hull_size(skeleton: Skeleton, row: int) -> int:
    hull = skeleton.analysis.hull(skeleton.nodes[row])
    return int(hull[1] - hull[0]) + 1 if hull is not None else 1
