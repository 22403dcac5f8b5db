"""The default searcher: nothing to set.

It begins with the space's default, those of the branches that it does not take, and draws from the prior; then it asks
two small models of the loss (:mod:`hyperdsl.search.searchers.ranking`) which of many new configurations is expected to
improve most. The candidates stand around the best trials: every other value of each of their decisions where these are
few, steps where they are many, children of two of them, and draws from the prior, so that no part of a space is given
up. One trial in four changes a decision of the best and asks no model: where scores are too rugged to be foretold, that
finds what models pass by.

Several objectives are bred as NSGA-II does, since one model of one number would not tell a front.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Unpack

import numpy as np

from hyperdsl.search.searchers.base import Common, HistorySearcher
from hyperdsl.search.searchers.branches import branch_defaults
from hyperdsl.search.searchers.nsga2 import Nsga2Searcher
from hyperdsl.search.searchers.ranking import Ranking
from hyperdsl.search.searchers.variation import cross, draw, mutate
from hyperdsl.search.seeds import derive_seed
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Space

# How many candidates stand around each of the best trials; their number is how many trials are such parents.
MUTANTS = (32, 16, 8, 6, 4)
CHILDREN, DRAWS = 10, 10  # further candidates: of two parents, and of the prior
BRANCHES, FIRST_DRAWS = 8, 4  # trials of branches at their defaults, and draws from the prior after them
BLIND = 4  # of so many trials one asks no model
TRIES = 10  # changes of one decision before two are changed at once
EPOCH = 4  # trials that choose from the same candidates, as long as their parents are the same


class AutoSearcher(HistorySearcher):
    """Model-guided search around the best.

    Parameters are those of :class:`HistorySearcher`.
    """

    startup = 8

    def __init__(self, space: Space, **common: Unpack[Common]) -> None:
        super().__init__(space, **common)
        self._breeder: Nsga2Searcher | None = None
        if not self.goals.is_single:
            self._breeder = Nsga2Searcher(space, **common)
        self._branches = branch_defaults(space, BRANCHES) if self.goals.is_single else []
        self.startup = max(self.startup, 1 + len(self._branches) + FIRST_DRAWS) if self._branches else self.startup
        self._ranking = Ranking(space, self.goals, self.startup)
        self._ranked: tuple[int, list[Configuration]] = (-1, [])
        self._epoch = -1
        self._pool: dict[tuple[int, ...], _Candidates] = {}  # by the numbers of their parents

    def propose(self, numbers: Sequence[int]) -> list[Configuration]:
        return self._breeder.propose(numbers) if self._breeder else super().propose(numbers)

    def feedback(self, trials: Sequence[Trial]) -> None:
        super().feedback(trials)
        self._ranked = (-1, [])
        (self._breeder or self._ranking).feedback(trials)

    def _draw(self, number: int, attempt: int) -> Configuration:
        if attempt == 0 and 1 <= number <= len(self._branches):
            return self._branches[number - 1]
        return super()._draw(number, attempt)

    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        parents = self._ranking.best(len(MUTANTS))
        if number % BLIND == BLIND - 1 or attempt >= 3 * len(parents):  # where what the models like is known already
            parent = parents[0] if attempt < TRIES else rng.choice(parents)
            return mutate(self.space, self.history[parent].configuration, rng, changes=1 + attempt // TRIES)
        if self._ranked[0] != number:  # the same for every attempt
            candidates, rows = self._candidates(number // EPOCH, parents)
            self._ranked = (number, [candidates[i] for i in self._ranking.order(rows, number)])
        ranked = self._ranked[1]
        return ranked[min(attempt, len(ranked) - 1)]

    def _candidates(self, epoch: int, parents: Sequence[int]) -> tuple[list[Configuration], np.ndarray]:
        """Different new ones, and their rows."""
        if self._epoch != epoch:
            self._epoch = epoch
            self._pool.clear()
        wanted: list[tuple[tuple[int, ...], int]] = [((), DRAWS)]
        wanted += [((number,), count) for number, count in zip(parents, MUTANTS, strict=False)]
        wanted += [(tuple(parents), CHILDREN)] if len(parents) > 1 else []
        groups = [self._group(*entry) for entry in wanted]
        found = [c for made, _ in groups for c in made]
        places = {c.codes: i for i, c in enumerate(found)}
        new = [i for codes, i in places.items() if not self.is_tried(codes)] or list(places.values())
        return [found[i] for i in new], np.concatenate([rows for _, rows in groups])[new]

    def _group(self, parents: tuple[int, ...], count: int) -> tuple[list[Configuration], np.ndarray]:
        """Candidates of an epoch with these parents; more of them begin with fewer."""
        if parents not in self._pool:
            rng = random.Random(derive_seed("candidates", self.seed, self._epoch, *parents))
            self._pool[parents] = _Candidates(rng)
        group = self._pool[parents]
        lacking = count - len(group.made)
        if lacking > 0:
            chosen = [self.history[n].configuration for n in parents]
            made = [self._candidate(chosen, len(group.made) + i, group.rng) for i in range(lacking)]
            rows = self._ranking.encode(made)
            group.rows = np.concatenate((group.rows, rows)) if group.made else rows
            group.made += made
        return group.made[:count], group.rows[:count]

    def _candidate(self, parents: Sequence[Configuration], place: int, rng: random.Random) -> Configuration:
        if not parents:
            return draw(self.space, rng)
        if len(parents) > 1:
            return cross(self.space, rng.sample(parents, 2), rng)
        return mutate(self.space, parents[0], rng, changes=1 if place % 4 else rng.randint(2, 3))


class _Candidates:
    """What has been made with the same parents, and the random numbers that more of it is made with."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.made: list[Configuration] = []
        self.rows = np.zeros((0, 0))
