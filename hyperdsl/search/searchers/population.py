"""Evolution for several objectives: parents are the best of all that is known, one child a trial.

There are no generations: the population is chosen anew from the history for each proposal (steady state; Durillo et
al. 2009, EMO, LNCS 5467), so workers never wait for each other, and a search goes on from its history alone. What
differs is who the best are.
"""

from __future__ import annotations

import random
from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from hyperdsl.search.searchers.base import HistorySearcher
from hyperdsl.search.searchers.variation import cross, mutate
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration

CROSSOVER = 0.9  # the probability that a child has two parents (Deb et al. 2002)


class PopulationSearcher(HistorySearcher):
    """Breeds from a population that a subclass chooses from the trials with a score."""

    @property
    def size(self) -> int:
        """Of the population: small, since trials cost more than proposals; it grows with what is known."""
        return max(10, len(self.scored) // 20)

    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        first, second = self.parents(number, rng)
        child = first.configuration
        if rng.random() < CROSSOVER:
            child = cross(self.space, [first.configuration, second.configuration], rng)
        changes = 1 + attempt // 3  # more after attempts that led to what is known already
        while rng.random() < 0.5:
            changes += 1
        return mutate(self.space, child, rng, changes)

    @abstractmethod
    def parents(self, number: int, rng: random.Random) -> tuple[Trial, Trial]:
        """Two trials to breed from."""

    def scaled_losses(self, trials: Sequence[Trial]) -> np.ndarray:
        """The losses of trials, each objective scaled to 0..1 over them; shape (trials, objectives)."""
        losses = np.array([self.goals.losses(t) for t in trials], dtype=float)
        low, high = losses.min(axis=0), losses.max(axis=0)
        scaled: np.ndarray = (losses - low) / np.where(high > low, high - low, 1.0)
        return scaled

    def best_first(self) -> list[Trial]:
        """The trials with a score that keep the constraints; where none does, those that break them least."""
        kept = [t for t in self.scored if not self.goals.violation(t)]
        return kept or sorted(self.scored, key=self.goals.violation)[: self.size]
