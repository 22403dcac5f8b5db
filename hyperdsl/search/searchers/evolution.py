"""Regularized evolution: the population is what was tried last (Real et al. 2019, AAAI 33)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Unpack

from hyperdsl.search.searchers.base import Common, HistorySearcher
from hyperdsl.search.searchers.options import number as checked_number
from hyperdsl.search.searchers.options import require_single, switch, whole
from hyperdsl.search.searchers.ranking import Ranking
from hyperdsl.search.searchers.variation import cross, mutate
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Space

CANDIDATES = 20  # among which a surrogate chooses


class EvolutionSearcher(HistorySearcher):
    """A child of the best of a few trials drawn from the latest ones: the oldest die, however good they are.

    Children respect the structure of the space (:mod:`hyperdsl.search.searchers.variation`), and none is tried twice.

    Parameters
    ----------
    population : int
        How many of the latest trials with a score may be parents.
    tournament : int
        How many of them are drawn for each parent; the best of these it is. Many suit budgets of a few hundred trials.
    crossover : float
        The probability that a child has two parents.
    startup : int
        Draws from the prior until so many trials have a score.
    surrogate : bool
        Whether a model of the loss chooses among several children.
    """

    def __init__(
        self,
        space: Space,
        *,
        population: int = 50,
        tournament: int = 30,
        crossover: float = 0.1,
        startup: int = 10,
        surrogate: bool = False,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(space, **common)
        require_single("evolution", self.goals)
        self.population = whole("population", population, 2)
        self.tournament = whole("tournament", tournament)
        self.crossover = checked_number("crossover", crossover, 0, 1)
        self.startup = whole("startup", startup)

        self._ranking = Ranking(space, self.goals, self.startup) if switch("surrogate", surrogate) else None

    def feedback(self, trials: Sequence[Trial]) -> None:
        super().feedback(trials)
        if self._ranking:
            self._ranking.feedback(trials)

    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        if self._ranking is None or attempt > 3:
            return self._child(rng, attempt)
        made = [self._child(rng, attempt) for _ in range(CANDIDATES)]
        candidates = [c for c in made if not self.is_tried(c.codes)] or made
        return candidates[self._ranking.order(self._ranking.encode(candidates), number)[0]]

    def _child(self, rng: random.Random, attempt: int) -> Configuration:
        child = self._parent(rng).configuration
        if rng.random() < self.crossover:
            child = cross(self.space, [child, self._parent(rng).configuration], rng)
        return mutate(self.space, child, rng, changes=1 + attempt // 5)

    def _parent(self, rng: random.Random) -> Trial:
        alive = self.scored[-self.population :]
        return min(rng.sample(alive, min(self.tournament, len(alive))), key=self.goals.order)
