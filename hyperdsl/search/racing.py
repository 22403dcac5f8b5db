"""Racing: a trial that cannot become the best any more stops after a fold.

A trial is compared with the best of those that were known when it was proposed, on the folds that both have, in their
fixed order. Let ``d`` be the mean difference of their losses over the first ``k`` of ``K`` folds, and ``s`` the
deviation of the differences. Where these are normal with one mean, of which nothing is known before, the probability
that those of all ``K`` folds sum to less than zero is that of Student's distribution beyond

    t = d / s * sqrt(k * K / (K - k)),

and below ``HOPE`` the trial is given up. That nothing is known of the mean favours the trial: most are worse than the
best. Two folds say little of a deviation, so ``s`` is moderated (Smyth 2004, Stat. Appl. Genet. Mol. Biol. 3:3): the
variance of the trial's own differences is pooled with the usual variance of other trials', which counts as much as
``PRIOR`` degrees of freedom. Hence the first trials run in full.
"""

from __future__ import annotations

import math
import statistics
from bisect import insort
from collections.abc import Iterable, Sequence

from hyperdsl.frozen import frozen
from hyperdsl.search.goals import Goals
from hyperdsl.search.trial import State, Trial

HOPE = 0.02  # the probability to win below which a trial is given up
HOPE_AT_ONCE = 0.001  # the same after a single fold
PRIOR = 4  # degrees of freedom of what other trials tell of the variance
RIVALS = 4  # trials beside the best that must have run in full
LATEST = 30  # of which so many are looked at


@frozen
class Race:
    """What a trial is up against; sent to where it runs.

    Parameters
    ----------
    scores : tuple of float
        Of the best trial, one for each fold.
    sign : int
        1 where less is better, else -1.
    variance : float
        The usual variance, over the folds, of the difference of a trial from the best.
    """

    scores: tuple[float, ...]
    sign: int
    variance: float

    def is_lost(self, scores: Sequence[float]) -> bool:
        """Whether a trial with these scores in the first folds is given up."""
        from scipy.special import stdtr

        k, of = len(scores), len(self.scores)
        differences = [self.sign * (a - b) for a, b in zip(scores, self.scores, strict=False)]
        if not 0 < k < of or not all(map(math.isfinite, differences)):
            return False
        mean = math.fsum(differences) / k
        freedom = PRIOR + k - 1
        variance = (PRIOR * self.variance + math.fsum((d - mean) ** 2 for d in differences)) / freedom
        if mean <= 0 or variance <= 0:
            return False
        t = mean / math.sqrt(variance) * math.sqrt(k * of / (of - k))
        return float(stdtr(freedom, -t)) < (HOPE if k > 1 else HOPE_AT_ONCE)

    def estimate(self, scores: Sequence[float]) -> float:
        """The score over all folds, if the rest differ from the best trial's as much as the first do."""
        mine, known = math.fsum(scores), math.fsum(self.scores[: len(scores)])
        return (math.fsum(self.scores) + (mine - known) * len(self.scores) / len(scores)) / len(self.scores)


class Racing:
    """Keeps what races are made of, as trials finish.

    Only for a single objective, and while the best trial keeps the constraints: then no trial wins without a better
    score. A race is a pure function of the trials that were taken in.
    """

    def __init__(self, goals: Goals) -> None:
        self._goals = goals
        self._best: Trial | None = None
        self._complete: list[Trial] = []  # by number

    def learn(self, trials: Iterable[Trial]) -> None:
        """Take in trials; those that are not complete change nothing."""
        for trial in trials if self._goals.is_single else ():
            if trial.state is State.complete:
                insort(self._complete, trial, key=lambda t: t.number)
                if self._best is None or self._goals.is_better(trial, self._best):
                    self._best = trial

    def race(self) -> Race | None:
        """What a trial that starts now is up against; None while it is to run in full."""
        best = self._best
        if best is None or self._goals.violation(best):
            return None
        scores = _fold_scores(best)
        others = [_fold_scores(t) for t in self._complete[-LATEST:] if t is not best]
        variances = [v for other in others if len(other) == len(scores) and (v := _variance(other, scores)) > 0]
        if len(scores) < 2 or len(variances) < RIVALS:
            return None
        return Race(scores, self._goals.objectives[0].sign, statistics.median(variances))


def _fold_scores(trial: Trial) -> tuple[float, ...]:
    assert trial.evaluation is not None
    return trial.evaluation.fold_scores


def _variance(a: Sequence[float], b: Sequence[float]) -> float:
    return statistics.variance([x - y for x, y in zip(a, b, strict=True)]) if len(a) > 1 else 0.0
