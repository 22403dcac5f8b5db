"""The default searcher: nothing to set.

It begins with the space's default and draws from the prior, then asks two small models of the loss
(:mod:`hyperdsl.search.searchers.surrogate`) which of many new configurations is expected to improve most. The
candidates stand around the best trials: every other value of each of their decisions where these are few, steps where
they are many, children of two of them, and draws from the prior, so that no part of a space is given up.

Several objectives are bred as NSGA-II does, since one model of one number would not tell a front.
"""

from __future__ import annotations

import random
from bisect import insort
from collections.abc import Sequence

import numpy as np

from hyperdsl.ir.domain import Code
from hyperdsl.search.goals import Goals
from hyperdsl.search.searchers.base import HistorySearcher
from hyperdsl.search.searchers.encoding import Encoding
from hyperdsl.search.searchers.nsga2 import Nsga2Searcher
from hyperdsl.search.searchers.surrogate import (
    NOISES,
    RATES,
    Additive,
    Near,
    expected_improvement,
    standardized,
)
from hyperdsl.search.searchers.variation import cross, mutate
from hyperdsl.search.seeds import derive_seed
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Space

PARENTS = 5  # the best trials, around which candidates stand
MUTANTS, CHILDREN, DRAWS = 40, 8, 8  # candidates of each kind
ADDITIVE_TRIALS = 400  # that the additive model learns from: the best and the latest, half each
NEAR_TRIALS = 120  # that the Gaussian process learns from
REFIT = 10  # new trials after which the rate and noise of the Gaussian process are looked for anew


class AutoSearcher(HistorySearcher):
    """Model-guided search around the best; picks its model by how well it foretells.

    Parameters are those of :class:`HistorySearcher`.
    """

    startup = 8

    def __init__(self, space: Space, *, seed: int = 0, goals: Goals | None = None, first_default: bool = True) -> None:
        super().__init__(space, seed=seed, goals=goals, first_default=first_default)
        self._breeder: Nsga2Searcher | None = None
        if not self.goals.is_single:
            self._breeder = Nsga2Searcher(space, seed=seed, goals=goals, first_default=first_default)
        self._encoding = Encoding(space)
        self._rows: dict[int, np.ndarray] = {}
        self._models: _Models | None = None
        self._rates: dict[int, tuple[float, float]] = {}
        self._order: list[
            tuple[float, float, int]
        ] = []  # violation, loss and number of trials with a score, best first

    def propose(self, numbers: Sequence[int]) -> list[Configuration]:
        return self._breeder.propose(numbers) if self._breeder else super().propose(numbers)

    def feedback(self, trials: Sequence[Trial]) -> None:
        for trial in trials:
            old = self.history.get(trial.number)
            if old is not None and old.has_score:
                self._order = [o for o in self._order if o[2] != trial.number]
        super().feedback(trials)
        self._models = None
        if any(t.has_score and t.number < self.scored[-1].number for t in trials):
            self._rates.clear()  # what was fitted did not know of an earlier trial
        if self._breeder:
            self._breeder.feedback(trials)
            return
        for trial in trials:
            if trial.number not in self._rows or trial.has_score:
                self._rows[trial.number] = self._encoding.row(trial.configuration)
            if trial.has_score:
                insort(self._order, (self.goals.violation(trial), self.goals.losses(trial)[0], trial.number))

    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        models = self._models = self._models or self._learn()
        if attempt >= 3 * len(models.parents):  # what the models like is known already
            return mutate(self.space, rng.choice(models.parents).configuration, rng, changes=2 + attempt // 10)
        ranked = self._ranked(number, models)
        return ranked[min(attempt, len(ranked) - 1)]

    def _ranked(self, number: int, models: _Models) -> list[Configuration]:
        """New candidates for a trial, the most promising first; the same for every attempt."""
        if models.ranked is None or models.ranked[0] != number:
            rng = random.Random(derive_seed("candidates", self.seed, number))
            candidates = self._candidates(models.parents, rng)
            rows = np.array([self._encoding.row(c) for c in candidates])
            order = np.argsort(-models.promise(rows, number), kind="stable")
            models.ranked = (number, [candidates[i] for i in order])
        return models.ranked[1]

    def _candidates(self, parents: Sequence[Trial], rng: random.Random) -> list[Configuration]:
        found: dict[tuple[Code | None, ...], Configuration] = {}
        tried = {t.configuration.codes for t in self.history.values()} if len(self.history) < 64 else set()
        for i in range(MUTANTS):
            # The best trial has most of the mutants; one in four changes more than one decision.
            parent = parents[min(int(rng.expovariate(0.7)), len(parents) - 1)].configuration
            child = mutate(self.space, parent, rng, changes=1 if i % 4 else rng.randint(2, 3))
            found.setdefault(child.codes, child)
        for _ in range(CHILDREN if len(parents) > 1 else 0):
            pair = rng.sample(list(parents), 2)
            child = cross(self.space, [p.configuration for p in pair], rng)
            found.setdefault(child.codes, child)
        for child in self.space.sample(DRAWS, seed=rng.getrandbits(60)):
            found.setdefault(child.codes, child)
        return [c for codes, c in found.items() if codes not in tried] or list(found.values())

    def _learn(self) -> _Models:
        order = self._order
        losses = _bounded(np.array([o[1] for o in order]), np.array([o[0] for o in order]))
        z = standardized(losses)
        by_number = dict(zip((o[2] for o in order), z.tolist(), strict=True))
        additive = self._data(self._part(ADDITIVE_TRIALS), by_number)
        near = self._data(self._part(NEAR_TRIALS), by_number)
        rate, noise = self._rate_and_noise()
        parents = [self.history[number] for _, _, number in order[:PARENTS]]
        return _Models(parents, Additive.fit(*additive), Near.fit(*near, (rate,), (noise,)), float(z.min()))

    def _part(self, most: int) -> list[int]:
        """The numbers of the best and the latest trials with a score, ascending."""
        if len(self.scored) <= most:
            return [t.number for t in self.scored]
        chosen = {number for _, _, number in self._order[: most // 2]}
        for trial in reversed(self.scored):
            if len(chosen) >= most:
                break
            chosen.add(trial.number)
        return sorted(chosen)

    def _data(self, numbers: Sequence[int], z: dict[int, float]) -> tuple[np.ndarray, np.ndarray]:
        return np.array([self._rows[n] for n in numbers]), np.array([z[n] for n in numbers])

    def _rate_and_noise(self) -> tuple[float, float]:
        """Those that foretell best, looked for anew when enough trials are new."""
        count = max(self.startup, len(self.scored) // REFIT * REFIT)
        if count not in self._rates:
            known = self.scored[:count][-NEAR_TRIALS:]  # not what came later: the answer must not depend on when
            X = np.array([self._rows[t.number] for t in known])
            losses = np.array([self.goals.losses(t)[0] for t in known])
            z = standardized(_bounded(losses, np.array([self.goals.violation(t) for t in known])))
            errors = {(r, n): Near.fit(X, z, (r,), (n,)).error for r in RATES for n in NOISES}
            self._rates[count] = min(errors, key=errors.__getitem__)
        return self._rates[count]


def _bounded(losses: np.ndarray, violations: np.ndarray) -> np.ndarray:
    """Losses; what breaks a constraint is worse than all that keep them."""
    kept = losses[violations == 0]
    if len(kept) == len(losses):
        return losses
    worst, span = (kept.max(), max(float(np.ptp(kept)), 1e-9)) if len(kept) else (0.0, 1.0)
    bounded: np.ndarray = np.where(violations == 0, losses, worst + span * violations)
    return bounded


class _Models:
    """What has been learned from a history."""

    def __init__(self, parents: list[Trial], additive: Additive, near: Near, best: float) -> None:
        self.parents = parents
        self.additive = additive
        self.near = near
        self.best = best
        self.ranked: tuple[int, list[Configuration]] | None = None

    def promise(self, rows: np.ndarray, number: int) -> np.ndarray:
        """How much better than the best each row is expected to be, by the model that foretells better.

        Every fourth trial asks the other one: a model that is always asked decides what it is judged by.
        """
        ours, other = self.additive, self.near
        asks_additive = (ours.error <= other.error) != (number % 4 == 3)
        mean, deviation = ours.predict(rows) if asks_additive else other.predict(rows)
        return expected_improvement(mean, deviation, self.best)
