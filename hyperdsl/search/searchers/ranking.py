"""Candidates ranked by what two models of the loss expect of them: what ``auto`` and ``surrogate = True`` ask.

All branches of a space teach the same models: what is inactive is a zero in a row, so what branches have in common is
learned from all of them. The models are fitted when they are first asked after a trial has ended.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

import numpy as np

from hyperdsl.search.goals import Goals
from hyperdsl.search.searchers.encoding import Encoding
from hyperdsl.search.searchers.surrogate import Additive, Near, bounded, expected_improvement, standardized
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Space

ADDITIVE_TRIALS = 400  # that the additive model learns from: the best and the latest, half each
NEAR_TRIALS = 120  # that the Gaussian process learns from
REFIT = 10  # new trials after which the rate and noise of the Gaussian process are looked for anew


class Ranking:
    """The trials with a score in order, by one objective, and models of their loss.

    Parameters
    ----------
    space : Space
    goals : Goals
        With one objective.
    startup : int
        Trials with a score before anything is asked.
    """

    def __init__(self, space: Space, goals: Goals, startup: int) -> None:
        self._goals = goals
        self._startup = startup
        self._encoding = Encoding(space)
        self._rows = np.zeros((0, self._encoding.width))  # by number, as are the next two
        self._losses = np.zeros(0)
        self._violations = np.zeros(0)
        self._order: list[tuple[float, float, int]] = []  # violation, loss and number, best first
        self._numbers: list[int] = []  # of trials with a score, ascending
        self._models: _Models | None = None
        self._rates: dict[int, tuple[float, float]] = {}

    def feedback(self, trials: Sequence[Trial]) -> None:
        """Take in trials; only those with a score teach."""
        scored = [t for t in trials if t.has_score]
        again = {t.number for t in trials} & set(self._numbers) if self._numbers else set()
        if again:
            self._order = [o for o in self._order if o[2] not in again]
            self._numbers = [n for n in self._numbers if n not in again]
        if again or scored:
            self._models = None
        if again or (self._numbers and any(t.number < self._numbers[-1] for t in scored)):
            self._rates.clear()  # what was fitted did not know of an earlier trial
        if scored:
            self._store(scored)
        for trial in scored:
            insort(self._order, (self._goals.violation(trial), self._goals.losses(trial)[0], trial.number))
            insort(self._numbers, trial.number)

    def best(self, count: int) -> list[int]:
        """The numbers of the best trials."""
        return [number for _, _, number in self._order[:count]]

    def encode(self, candidates: Sequence[Configuration]) -> np.ndarray:
        """Candidates as rows of numbers."""
        return self._encoding.rows(candidates)

    def order(self, rows: np.ndarray, number: int) -> list[int]:
        """The positions of rows, the one of which most improvement is expected first; ``number`` is the trial's."""
        models = self._models = self._models or self._learn()
        order: list[int] = np.argsort(-models.promise(rows, number), kind="stable").tolist()
        return order

    def _store(self, trials: Sequence[Trial]) -> None:
        numbers = [t.number for t in trials]
        lacking = max(numbers) + 1 - len(self._rows)
        if lacking > 0:
            lacking += len(self._rows)
            self._rows = np.pad(self._rows, ((0, lacking), (0, 0)))
            self._losses, self._violations = np.pad(self._losses, (0, lacking)), np.pad(self._violations, (0, lacking))
        self._rows[numbers] = self._encoding.rows([t.configuration for t in trials])
        self._losses[numbers] = [self._goals.losses(t)[0] for t in trials]
        self._violations[numbers] = [self._goals.violation(t) for t in trials]

    def _learn(self) -> _Models:
        z = np.zeros(len(self._rows))
        z[self._numbers] = self._standardized(self._numbers)
        additive, near = self._part(ADDITIVE_TRIALS), self._part(NEAR_TRIALS)
        rate, noise = self._rate_and_noise()
        return _Models(
            Additive.fit(self._rows[additive], z[additive]),
            Near.fit(self._rows[near], z[near], rate, noise),
            float(z[self._numbers].min()),
        )

    def _standardized(self, numbers: Sequence[int]) -> np.ndarray:
        return standardized(bounded(self._losses[numbers], self._violations[numbers]))

    def _part(self, most: int) -> list[int]:
        """The numbers of the best and the latest, ascending."""
        if len(self._numbers) <= most:
            return self._numbers
        chosen = set(self.best(most // 2))
        for number in reversed(self._numbers):
            if len(chosen) >= most:
                break
            chosen.add(number)
        return sorted(chosen)

    def _rate_and_noise(self) -> tuple[float, float]:
        """Those that foretell best, looked for anew when enough trials are new."""
        count = max(self._startup, len(self._numbers) // REFIT * REFIT)
        if count not in self._rates:
            known = self._numbers[:count][-NEAR_TRIALS:]  # not what came later: the answer must not depend on when
            self._rates[count] = Near.settings(self._rows[known], self._standardized(known))
        return self._rates[count]


class _Models:
    """What has been learned from a history."""

    def __init__(self, additive: Additive, near: Near, best: float) -> None:
        self.additive = additive
        self.near = near
        self.best = best

    def promise(self, rows: np.ndarray, number: int) -> np.ndarray:
        """How much better than the best each row is expected to be, by one model for even trials, the other for odd.

        Choosing the model that foretells better is worse: one that is always asked decides what it is judged by.
        """
        mean, deviation = (self.additive if number % 2 else self.near).predict(rows)
        return expected_improvement(mean, deviation, self.best)
