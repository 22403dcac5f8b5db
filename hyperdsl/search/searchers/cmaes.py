"""CMA-ES: a normal distribution that learns where to look, over the coordinates of the decisions in their priors.

Written after Hansen's tutorial (2016, arXiv:1604.00772): weighted recombination, cumulative step-size adaptation,
rank-one and rank-mu updates. Its state is worked out from the history, a generation after the other in the order of
the trials' numbers.
"""

from __future__ import annotations

import math
import random
from typing import Unpack

import numpy as np

from hyperdsl.ir.domain import Code, Domain
from hyperdsl.search.searchers.base import Common, HistorySearcher
from hyperdsl.search.searchers.options import number as checked_number
from hyperdsl.search.searchers.options import require_single, whole
from hyperdsl.search.searchers.variation import BELOW_ONE
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Decision, Space

CELLS = 0.25  # the least deviation in a finite domain, in cells: less would never leave a value again
CONVERGED = 1e-6  # a step below which the distribution begins anew, around the best and as wide as at first


class CmaesSearcher(HistorySearcher):
    """Draws each trial from the distribution that all earlier generations have led to.

    A coordinate is a decision's place in its prior, so logarithms, steps and ends that depend on others are no
    concern of the distribution; a choice is a row of cells in the order that it is written in. What is inactive in a
    trial stands at the mean: it pulls nowhere.

    Parameters
    ----------
    population : int or None
        Trials of a generation; None is ``4 + 3 ln(decisions)``.
    sigma : float
        The first step, as a share of the prior.
    """

    startup = 1

    def __init__(
        self,
        space: Space,
        *,
        population: int | None = None,
        sigma: float = 0.3,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(space, **common)
        require_single("cmaes", self.goals)
        self.sigma = checked_number("sigma", sigma, 0.001, 1)
        width = max(len(space.decisions), 1)
        self.population = 4 + int(3 * math.log(width))
        if population is not None:
            self.population = whole("population", population, 2)
        self._floors = np.array([CELLS / d.size if d.size else 0.0 for d in space.decisions])
        self._constants = _Constants(width, self.population)
        self._taken: list[Trial] = []
        self._state = self._first()

    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        state = self._current()
        normal = np.random.default_rng(rng.getrandbits(63))
        step = state.sigma * (state.axes @ (state.lengths * normal.standard_normal(len(state.mean))))
        lacking = np.sqrt(np.maximum(self._floors**2 - state.sigma**2 * np.diag(state.covariance), 0.0))
        spread = lacking + 0.05 * attempt  # wider where what is near is known
        place = state.mean + step + spread * normal.standard_normal(len(step))
        place = 1 - np.abs(1 - np.abs(place) % 2)  # mirrored at the ends
        units = np.minimum(place, BELOW_ONE).tolist()
        return self.space.decide(lambda decision, domain: domain.from_unit(units[decision.index]))

    def _first(self) -> _State:
        units = self._units(self.space.default())
        return _State(np.where(np.isnan(units), 0.5, units), self.sigma)

    def _units(self, configuration: Configuration) -> np.ndarray:
        """The coordinates of a configuration; NaN where it has none."""
        units = np.full(len(self.space.decisions), np.nan)

        def note(decision: Decision, domain: Domain) -> Code:
            code = configuration.codes[decision.index]
            assert code is not None
            units[decision.index] = domain.to_unit(code)
            return code

        self.space.decide(note)
        return units

    def _current(self) -> _State:
        """The state after all generations that are whole."""
        whole_ones = len(self.scored) // self.population * self.population
        if self._taken != self.scored[: len(self._taken)]:
            self._taken, self._state = [], self._first()
        while len(self._taken) < whole_ones:
            generation = self.scored[len(self._taken) : len(self._taken) + self.population]
            self._taken = self._taken + generation
            ordered = sorted(generation, key=self.goals.order)
            units = np.array([self._units(t.configuration) for t in ordered])
            self._state.update(np.where(np.isnan(units), self._state.mean, units), self._constants)
            if self._state.sigma * self._state.lengths.max() < CONVERGED:
                best = min(self._taken, key=self.goals.order)
                known = self._units(best.configuration)
                self._state = _State(np.where(np.isnan(known), 0.5, known), self.sigma)
        return self._state


class _Constants:
    """The constants of the tutorial's table 1."""

    def __init__(self, width: int, population: int) -> None:
        half = max(population // 2, 1)
        weights = math.log((population + 1) / 2) - np.log(np.arange(1, half + 1))
        self.weights = weights / weights.sum()
        self.mass = mass = float(1 / np.sum(self.weights**2))
        self.c_sigma = (mass + 2) / (width + mass + 5)
        self.damping = 1 + 2 * max(0.0, math.sqrt((mass - 1) / (width + 1)) - 1) + self.c_sigma
        self.c_c = (4 + mass / width) / (width + 4 + 2 * mass / width)
        self.c_1 = 2 / ((width + 1.3) ** 2 + mass)
        self.c_mu = min(1 - self.c_1, 2 * (mass - 2 + 1 / mass) / ((width + 2) ** 2 + mass))
        self.length = math.sqrt(width) * (1 - 1 / (4 * width) + 1 / (21 * width**2))  # of a normal vector


class _State:
    """The distribution: mean, step and covariance, with its axes and their lengths."""

    def __init__(self, mean: np.ndarray, sigma: float) -> None:
        width = len(mean)
        self.mean = mean
        self.sigma = sigma
        self.covariance = np.eye(width)
        self.axes, self.lengths = np.eye(width), np.ones(width)
        self.path_sigma, self.path_c = np.zeros(width), np.zeros(width)
        self.generations = 0

    def update(self, places: np.ndarray, constants: _Constants) -> None:
        """Learn from a generation, the best first; shape (population, width)."""
        c = constants
        self.generations += 1
        steps = (places[: len(c.weights)] - self.mean) / self.sigma
        step = c.weights @ steps
        self.mean = self.mean + self.sigma * step
        white = self.axes @ ((self.axes.T @ step) / self.lengths)
        self.path_sigma = (1 - c.c_sigma) * self.path_sigma + math.sqrt(c.c_sigma * (2 - c.c_sigma) * c.mass) * white
        norm = float(np.linalg.norm(self.path_sigma))
        grown = norm / math.sqrt(1 - (1 - c.c_sigma) ** (2 * self.generations))
        is_short = grown < (1.4 + 2 / (len(self.mean) + 1)) * c.length
        self.path_c = (1 - c.c_c) * self.path_c + is_short * math.sqrt(c.c_c * (2 - c.c_c) * c.mass) * step
        kept = 1 - c.c_1 - c.c_mu + (not is_short) * c.c_1 * c.c_c * (2 - c.c_c)
        self.covariance = (
            kept * self.covariance + c.c_1 * np.outer(self.path_c, self.path_c) + c.c_mu * (steps.T * c.weights) @ steps
        )
        self.sigma = min(self.sigma * math.exp(min(1.0, c.c_sigma / c.damping * (norm / c.length - 1))), 1.0)
        values, self.axes = np.linalg.eigh((self.covariance + self.covariance.T) / 2)
        self.lengths = np.sqrt(np.maximum(values, 1e-12))
