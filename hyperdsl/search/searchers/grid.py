"""Grid search: every combination of the values of finite decisions and some points of ranges, once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from hyperdsl.search.goals import Goals
from hyperdsl.search.searchers.options import whole
from hyperdsl.search.seeds import derive_seed
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Space
from hyperdsl.space.grid import Grid

GOLDEN = (math.sqrt(5) - 1) / 2


class GridSearcher:
    """Proposes the configurations of a grid until there are none left.

    Not in the order of a listing, which would vary the last decisions alone for a long time: each step is the golden
    section of the whole grid (a Kronecker sequence), so that a grid that is cut off is still spread over the space.
    The seed says where it begins.

    Parameters
    ----------
    space : Space
        What to lay the grid over; one that can be counted exactly.
    seed : int
        The study's seed.
    goals : Goals or None
        Not used; every searcher takes it.
    points : int
        Of each range, in the middle of parts that are equally likely under its prior; other decisions are taken
        whole, and so are ranges with fewer values.
    """

    def __init__(self, space: Space, *, seed: int = 0, goals: Goals | None = None, points: int = 5) -> None:
        self._space = space
        self._grid = Grid(space, whole("points", points))
        self._start = derive_seed("grid", seed) % max(self._grid.size, 1)
        self._step = _coprime(self._grid.size)
        self._known: set[str] = set()
        self._keys: dict[int, str] = {}  # of places that have been looked at; "" where a condition is not met

    def propose(self, numbers: Sequence[int]) -> list[Configuration]:
        proposals: list[Configuration] = []
        batch: set[str] = set()
        for number in numbers:
            place = next((p for p in self._places(number) if self._is_new(p, batch)), None)
            if place is None:
                break
            batch.add(self._keys[place])
            proposals.append(self._grid[place])
        return proposals

    def feedback(self, trials: Sequence[Trial]) -> None:
        self._known.update(trial.key for trial in trials)

    def _places(self, number: int) -> Iterator[int]:
        """All positions of the grid, from that of a trial's number on."""
        size = self._grid.size
        return ((self._start + (number + i) * self._step) % size for i in range(size))

    def _is_new(self, place: int, batch: set[str]) -> bool:
        key = self._keys.get(place)
        if key is None:
            configuration = self._grid[place]
            key = "" if self._space.violated(configuration) else self._space.key(configuration)
            self._keys[place] = key
        return bool(key) and key not in self._known and key not in batch


def _coprime(size: int) -> int:
    """The number nearest the golden section of a size that has no divisor in common with it."""
    nearest = round(size * GOLDEN) if size < 2**52 else int(size * 618_033_988_749_894_848 // 10**18)
    return next(n for i in range(size + 1) for n in (nearest + i, nearest - i) if math.gcd(n, size) == 1)
