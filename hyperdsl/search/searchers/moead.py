"""MOEA/D: several objectives as many searches for one (Zhang and Li 2007, IEEE Trans. Evol. Comput. 11)."""

from __future__ import annotations

import random
from typing import Literal, Unpack

import numpy as np

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.search.searchers.base import Common
from hyperdsl.search.searchers.nsga2 import simplex
from hyperdsl.search.searchers.population import PopulationSearcher
from hyperdsl.search.trial import Trial
from hyperdsl.space import Space

Scalarization = Literal["tchebycheff", "pbi", "weighted_sum"]
WEIGHTS = 20  # at most
PENALTY = 5.0  # of the distance from a direction, in "pbi" (Zhang and Li 2007)


class MoeadSearcher(PopulationSearcher):
    """Each trial serves one weighting of the objectives and breeds from the best for its neighbours.

    What is best for a weighting is found anew in the whole history, so every trial updates every weighting that it
    serves better.

    Parameters
    ----------
    scalarization : {"tchebycheff", "pbi", "weighted_sum"}
        How objectives become one: the largest weighted distance from the ideal point; the distance along the direction
        of the weights with a penalty for that from it; the weighted sum.
    neighbours : int
        How many of the nearest weightings parents come from.
    """

    def __init__(
        self,
        space: Space,
        *,
        scalarization: Scalarization = "tchebycheff",
        neighbours: int = 6,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(space, **common)
        if scalarization not in ("tchebycheff", "pbi", "weighted_sum"):
            expected = '"tchebycheff", "pbi" or "weighted_sum"'
            raise HypError([search_setting_invalid("scalarization", scalarization, expected)])
        self.scalarization = scalarization
        self.weights = simplex(len(self.goals.objectives), WEIGHTS)
        apart = np.linalg.norm(self.weights[:, None] - self.weights[None], axis=2)
        self._near = np.argsort(apart, axis=1, kind="stable")[:, :neighbours]

    def parents(self, number: int, rng: random.Random) -> tuple[Trial, Trial]:
        trials = self.best_first()
        losses = self.scaled_losses(trials)
        near = self._near[number % len(self.weights)].tolist()
        rng.shuffle(near)
        best = [trials[int(np.argmin(self.scalarize(losses, self.weights[w])))] for w in near]
        first = best[0]
        return first, next((t for t in best if t is not first), first)

    def scalarize(self, losses: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """One number for each point of scaled losses, whose ideal point is 0; less is better."""
        if self.scalarization == "weighted_sum":
            summed: np.ndarray = losses @ weight
            return summed
        if self.scalarization == "tchebycheff":
            largest: np.ndarray = np.max(losses * weight, axis=1)
            return largest
        unit = weight / np.linalg.norm(weight)
        along = losses @ unit
        away = np.linalg.norm(losses - along[:, None] * unit, axis=1)
        penalized: np.ndarray = along + PENALTY * away
        return penalized
