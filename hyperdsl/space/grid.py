"""A grid over a space: finite decisions whole, ranges at some points, counted and found by position without a list.

The points of a range lie in the middle of parts that are equally likely under its prior, so a log range is spread in
the logarithm. What conditions leave is what is spread over.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from hyperdsl.diagnostics import HypError, configurations
from hyperdsl.ir.domain import Code, Domain, Gaussian, Integers, Reals, Steps
from hyperdsl.recursion import deep_recursion
from hyperdsl.space.shared import counter_of
from hyperdsl.space.space import Space
from hyperdsl.space.steps import Block, Inexact, Product, State, Sum
from hyperdsl.space.table import Configuration

_RANGES = (Integers, Reals, Steps, Gaussian)


class Grid:
    """The configurations of a grid, by position.

    Parameters
    ----------
    space : Space
        What it is laid over.
    points : int
        Of each range; a range with fewer members is taken whole.

    Raises
    ------
    HypError
        Where the space cannot be counted exactly.
    """

    def __init__(self, space: Space, points: int) -> None:
        space.require_facts()
        self._counter = counter_of(space.graph)
        self._decisions = space.decisions
        self._points = points
        self._sizes: dict[State, int] = {}
        self._kept: dict[State, tuple[tuple[Code, State], ...]] = {}
        try:
            self._counter.count()  # within its budget, or not at all
        except Inexact as beyond:
            raise HypError([configurations.not_countable(beyond.reason)]) from None
        with deep_recursion():
            self.size = self._size(self._counter.start)

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, position: int) -> Configuration:
        """The configuration at a position from 0; conditions on continuous ranges may not hold: ``Space.violated``."""
        if not 0 <= position < self.size:
            raise IndexError(f"position {position} is not in 0..{self.size - 1}")
        codes: list[Code | None] = [None] * len(self._decisions)
        with deep_recursion():
            self._fill(self._counter.start, position, codes)
        return Configuration(self._decisions, tuple(codes))

    def _size(self, state: State) -> int:
        if state not in self._sizes:
            match self._counter.step(state):
                case None:
                    size = self._counter.count(state)
                case Product(states=states):
                    size = 1
                    for inner in states:
                        size *= self._size(inner)
                case Sum() as step:
                    size = sum(self._size(inner) for _, inner in self._alternatives(state, step))
                case Block(domain=domain, state=inner):
                    size = self._length(domain) * self._size(inner)
            self._sizes[state] = size
        return self._sizes[state]

    def _fill(self, state: State, position: int, codes: list[Code | None]) -> None:
        match self._counter.step(state):
            case Product(states=states):
                for inner in reversed(states):
                    position, own = divmod(position, self._size(inner))
                    self._fill(inner, own, codes)
            case Sum(row=row) as step:
                for code, inner in self._alternatives(state, step):
                    if position < self._size(inner):
                        codes[row] = code
                        return self._fill(inner, position, codes)
                    position -= self._size(inner)
            case Block(row=row, domain=domain, state=inner):
                own, position = divmod(position, self._size(inner))
                now = self._counter.skeleton.domain(row, codes) if domain is None else domain
                codes[row] = self._member(now, own, self._length(domain))
                self._fill(inner, position, codes)
        return None

    def _length(self, domain: Domain | None) -> int:
        """How many values of a domain the grid has; of one that is known only later as many as of a range."""
        if domain is None or domain.size is None:
            return self._points
        return min(domain.size, self._points) if isinstance(domain, _RANGES) else domain.size

    def _member(self, domain: Domain, position: int, length: int) -> Code:
        if domain.size == length:
            return domain.member(position)
        return domain.from_unit((position + 0.5) / length)

    def _alternatives(self, state: State, step: Sum) -> tuple[tuple[Code, State], ...]:
        """The codes of a decision that the grid has, and what follows each."""
        if state not in self._kept:
            possible = [i for i, inner in enumerate(step.states) if self._counter.count(inner)]
            if isinstance(step.domain, _RANGES) and len(possible) > self._points:
                possible = self._spread(possible, [step.domain.weight(i) for i in possible])
            self._kept[state] = tuple((step.codes[i], step.states[i]) for i in possible)
        return self._kept[state]

    def _spread(self, possible: Sequence[int], weights: Iterable[int]) -> list[int]:
        """Those in the middle of equally likely parts, each once."""
        sums = list(accumulate(weights))
        middles = ((2 * i + 1) * sums[-1] / (2 * self._points) for i in range(self._points))
        return [possible[i] for i in dict.fromkeys(bisect_left(sums, middle) for middle in middles)]
