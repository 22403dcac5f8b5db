"""Candidates ranked by what two models of the loss expect of them: what ``auto`` and ``surrogate = True`` ask.

All branches of a space teach the same models: what is inactive is a zero in a row, so what branches have in common is
learned from all of them. A model is fitted when it is first asked after a trial has ended.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence

import numpy as np

from hyperdsl.search.goals import Goals
from hyperdsl.search.searchers.encoding import Encoding
from hyperdsl.search.searchers.surrogate import Additive, Kernel, Near, bounded, expected_improvement, standardized
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Space

ADDITIVE_TRIALS = 400  # that the additive model learns from: the best and the latest, half each
NEAR_TRIALS = 120  # that the Gaussian process learns from
REFIT = 10  # new trials after which the kernel of the Gaussian process is looked for anew


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
        self._models: dict[bool, Additive | Near] = {}  # those that know all trials
        self._kernels: dict[int, Kernel] = {}

    def feedback(self, trials: Sequence[Trial]) -> None:
        """Take in trials; only those with a score teach."""
        scored = [t for t in trials if t.has_score]
        again = {t.number for t in trials if self._has(t.number)}
        if again:
            self._order = [o for o in self._order if o[2] not in again]
            self._numbers = [n for n in self._numbers if n not in again]
        if again or scored:
            self._models.clear()
        if again or (self._numbers and any(t.number < self._numbers[-1] for t in scored)):
            self._kernels.clear()  # what was fitted did not know of an earlier trial
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
        """The positions of rows, the one of which most improvement is expected first; ``number`` is the trial's.

        One model is asked for even trials, the other for odd ones. Choosing the model that foretells better is worse:
        one that is always asked decides what it is judged by.
        """
        known = np.array(self._numbers)
        z = np.zeros(len(self._rows))  # by number
        z[known] = self._standardized(known)
        is_additive = bool(number % 2)
        if is_additive not in self._models:
            self._models[is_additive] = self._additive(z) if is_additive else self._near(z)
        mean, deviation = self._models[is_additive].predict(rows)
        order: list[int] = np.argsort(
            -expected_improvement(mean, deviation, float(z[known].min())), kind="stable"
        ).tolist()
        return order

    def _has(self, number: int) -> bool:
        place = bisect_left(self._numbers, number)
        return place < len(self._numbers) and self._numbers[place] == number

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

    def _additive(self, z: np.ndarray) -> Additive:
        part = self._part(ADDITIVE_TRIALS)
        return Additive.fit(self._rows[part], z[part])

    def _near(self, z: np.ndarray) -> Near:
        part = self._part(NEAR_TRIALS)
        return Near.fit(self._rows[part], z[part], self._kernel())

    def _standardized(self, numbers: np.ndarray) -> np.ndarray:
        return standardized(bounded(self._losses[numbers], self._violations[numbers]))

    def _part(self, most: int) -> np.ndarray:
        """The numbers of the best and the latest, ascending."""
        if len(self._numbers) <= most:
            return np.array(self._numbers)
        chosen = set(self.best(most // 2))
        for number in reversed(self._numbers):
            if len(chosen) >= most:
                break
            chosen.add(number)
        return np.array(sorted(chosen))

    def _kernel(self) -> Kernel:
        """The one that foretells best, looked for anew when enough trials are new."""
        count = max(self._startup, len(self._numbers) // REFIT * REFIT)
        if count not in self._kernels:
            # Not from what came later: the answer must not depend on when it is asked.
            known = np.array(self._numbers[:count][-NEAR_TRIALS:])
            blocks = [(block.start, block.stop) for block in self._encoding.blocks]
            self._kernels[count] = Kernel.learn(self._rows[known], self._standardized(known), blocks)
        return self._kernels[count]
