"""NSGA-II (Deb et al. 2002, IEEE Trans. Evol. Comput. 6), R-NSGA-II and NSGA-III, in steady state."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import combinations
from typing import Unpack

import numpy as np

from hyperdsl.search.pareto import crowding, fronts
from hyperdsl.search.searchers.base import Common
from hyperdsl.search.searchers.population import PopulationSearcher
from hyperdsl.search.trial import Trial
from hyperdsl.space import Space


class Nsga2Searcher(PopulationSearcher):
    """Prefers what is dominated least, and of one front what stands alone (crowding distance)."""

    def __init__(self, space: Space, **common: Unpack[Common]) -> None:
        super().__init__(space, **common)
        self._population: tuple[int, list[tuple[int, float, Trial]]] = (-1, [])

    def parents(self, number: int, rng: random.Random) -> tuple[Trial, Trial]:
        population = self.population()
        return self._tournament(population, rng), self._tournament(population, rng)

    def population(self) -> list[tuple[int, float, Trial]]:
        """The best trials with their rank, and how little the rule of their front prefers them: less is better."""
        if self._population[0] != self._version:
            self._population = (self._version, self._select())
        return self._population[1]

    @property
    def _version(self) -> int:
        return len(self.scored)

    def feedback(self, trials: Sequence[Trial]) -> None:
        super().feedback(trials)
        self._population = (-1, [])

    def _select(self) -> list[tuple[int, float, Trial]]:
        trials = self.best_first()
        losses = self.scaled_losses(trials)
        chosen: list[tuple[int, float, Trial]] = []
        for rank, positions in enumerate(fronts(losses.tolist(), self.size)):
            front = [trials[i] for i in positions]
            order = self.preference(front, losses[positions])
            ranked = sorted(zip(order, (t.number for t in front), front, strict=True), key=lambda entry: entry[:2])
            chosen += [(rank, float(place), trial) for place, _, trial in ranked[: self.size - len(chosen)]]
        return chosen

    def preference(self, front: Sequence[Trial], losses: np.ndarray) -> np.ndarray:
        """For each trial of a front how little it is preferred within it: less is better."""
        return -crowding(losses.tolist())

    def _tournament(self, population: list[tuple[int, float, Trial]], rng: random.Random) -> Trial:
        pair = [population[rng.randrange(len(population))] for _ in range(2)]
        return min(pair, key=lambda entry: entry[:2])[2]


class RNsga2Searcher(Nsga2Searcher):
    """Of one front prefers what is near a reference point (Deb et al. 2006, GECCO).

    Parameters
    ----------
    reference : sequence of float or None
        The values of the objectives, in their own directions, that would be welcome; None is the ideal point of the
        front, so that its knee is preferred.
    epsilon : float
        Trials nearer to each other than this (of the span of the objectives) are one: only the first is preferred.
    """

    def __init__(
        self,
        space: Space,
        *,
        reference: Sequence[float] | None = None,
        epsilon: float = 0.01,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(space, **common)
        self.reference = reference
        self.epsilon = epsilon

    def preference(self, front: Sequence[Trial], losses: np.ndarray) -> np.ndarray:
        raw = np.array([self.goals.losses(t) for t in front], dtype=float)
        low, high = raw.min(axis=0), raw.max(axis=0)
        span = np.where(high > low, high - low, 1.0)
        signs = np.array([o.sign for o in self.goals.objectives], dtype=float)
        wanted = low if self.reference is None else signs * np.asarray(self.reference, dtype=float)
        distance: np.ndarray = np.linalg.norm((raw - wanted) / span, axis=1)
        order = np.argsort(distance, kind="stable")
        kept: list[int] = []
        for position in order:  # the others of a crowd come after all that stand alone
            near = kept and np.min(np.linalg.norm((raw[kept] - raw[position]) / span, axis=1)) < self.epsilon
            if near:
                distance[position] += 1e6
            else:
                kept.append(int(position))
        return distance


class Nsga3Searcher(Nsga2Searcher):
    """Spreads along reference directions, for three objectives and more (Deb and Jain 2014, IEEE TEC 18)."""

    def preference(self, front: Sequence[Trial], losses: np.ndarray) -> np.ndarray:
        directions = simplex(losses.shape[1], self.size)
        lengths = losses @ directions.T / np.sum(directions**2, axis=1)
        away = np.linalg.norm(losses[:, None, :] - lengths[:, :, None] * directions[None], axis=2)
        nearest, distance = away.argmin(axis=1), away.min(axis=1)
        place: np.ndarray = np.zeros(len(losses))
        for direction in set(nearest.tolist()):  # the first of every direction before the second of any
            members = np.flatnonzero(nearest == direction)
            place[members[np.argsort(distance[members], kind="stable")]] = np.arange(len(members))
        place += distance / (1 + distance.max())
        return place


def simplex(objectives: int, most: int) -> np.ndarray:
    """Evenly spread weights that sum to 1 (Das and Dennis 1998), at most so many; shape (weights, objectives)."""
    if objectives == 1:
        return np.ones((1, 1))
    parts = 1
    while _count(parts + 1, objectives) <= max(most, objectives):
        parts += 1
    weights = []
    for bars in combinations(range(parts + objectives - 1), objectives - 1):
        ends = (-1, *bars, parts + objectives - 1)
        weights.append([ends[i + 1] - ends[i] - 1 for i in range(objectives)])
    return np.maximum(np.array(weights, dtype=float) / parts, 1e-6)


def _count(parts: int, objectives: int) -> int:
    return math.comb(parts + objectives - 1, objectives - 1)
