"""Studies side by side: what each has found, and what it took.

Effort is counted in trials and in seconds of trials, summed: the clock on the wall would tell of the number of workers
and of pauses as well. The best so far counts full evaluations that keep the constraints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, combinations

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import studies_not_comparable
from hyperdsl.frozen import frozen
from hyperdsl.report.subject import Subject, finite_score, seconds_in_all
from hyperdsl.search.goals import Goals
from hyperdsl.search.tables import TrialRecord
from hyperdsl.search.trial import State

TOP = 10  # trials whose mean is given


@frozen(slots=False)
class Contestant:
    """One study.

    Parameters
    ----------
    label : str
        What it is called beside the others.
    subject : Subject
    """

    label: str
    subject: Subject

    @property
    def goals(self) -> Goals:
        return self.subject.goals

    @cached_property
    def seconds(self) -> float:
        """What all trials took, summed."""
        return math.fsum(map(seconds_in_all, self.subject.records))

    @cached_property
    def steps(self) -> list[Step]:
        """Each time that the best so far got better."""
        sign, found = self.goals.objectives[0].sign, list[Step]()
        spent = accumulate(map(seconds_in_all, self.subject.records))
        for trials, (record, seconds) in enumerate(zip(self.subject.records, spent, strict=True), 1):
            if record.state is State.complete and not self.goals.violation(record):
                score = finite_score(record)
                if not found or sign * score < sign * found[-1].score:
                    found.append(Step(trials, seconds, score))
        return found

    @property
    def best_score(self) -> float | None:
        return self.steps[-1].score if self.steps else None

    @cached_property
    def top(self) -> float | None:
        """The mean score of the best trials."""
        sign = self.goals.objectives[0].sign
        kept = [finite_score(r) for r in self.subject.complete if not self.goals.violation(r)]
        best = sorted(kept, key=lambda s: sign * s)[:TOP]
        return math.fsum(best) / len(best) if best else None

    def after_trials(self, trials: int) -> float | None:
        """The best score of the first so many trials."""
        return next((s.score for s in reversed(self.steps) if s.trials <= trials), None)

    def after_seconds(self, seconds: float) -> float | None:
        """The best score of so many seconds of trials."""
        return next((s.score for s in reversed(self.steps) if s.seconds <= seconds * (1 + 1e-9)), None)

    def volume_steps(self, low: Sequence[float], span: Sequence[float]) -> list[Step]:
        """Each time that the front grew: the share that it dominates of the box from ``low`` on, rounded."""
        from hyperdsl.search.pareto import hypervolume

        goals, front, found = self.goals, tuple[TrialRecord, ...](), list[Step]()
        spent = accumulate(map(seconds_in_all, self.subject.records))
        for trials, (record, seconds) in enumerate(zip(self.subject.records, spent, strict=True), 1):
            if record.state is not State.complete or goals.violation(record):
                continue
            grown = goals.added(front, record)
            if grown is not front:
                front = grown
                scaled = [[(v - b) / s for v, b, s in zip(goals.losses(r), low, span, strict=True)] for r in front]
                found.append(Step(trials, seconds, round(hypervolume(scaled, [1.0] * len(span)), 6)))
        return found

    def reaches(self, score: float) -> Step | None:
        """When the best so far was first as good as a score; None where it never was."""
        sign = self.goals.objectives[0].sign
        return next((s for s in self.steps if sign * s.score <= sign * score), None)


@frozen
class Step:
    """The best so far after a number of trials, and of seconds of trials: a score, or a share of hypervolume."""

    trials: int
    seconds: float
    score: float


@frozen(slots=False)
class Comparison:
    """Studies that may be compared, with what they do not have in common."""

    contestants: tuple[Contestant, ...]
    differences: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def goals(self) -> Goals:
        return self.contestants[0].goals

    @property
    def same_folds(self) -> bool:
        """Whether the scores of all studies are of the same rows in the same folds."""
        return not {"data", "seed"} & {name for name, _ in self.differences}

    @cached_property
    def ranked(self) -> list[Contestant]:
        """Those with a score, the best first."""
        sign = self.goals.objectives[0].sign
        return sorted((c for c in self.contestants if c.steps), key=lambda c: sign * c.steps[-1].score)

    @property
    def equal_trials(self) -> int:
        return min(len(c.subject.records) for c in self.contestants)

    @property
    def equal_seconds(self) -> float:
        return min(c.seconds for c in self.contestants)

    def volumes(self) -> list[float]:
        """The share of the box around all trials of all studies that each front dominates (hypervolume)."""
        return [steps[-1].score if steps else 0.0 for steps in self._volume_steps]

    def reaches_volume(self, position: int, volume: float) -> Step | None:
        """When the front of one of the contestants first dominated a share of the box; None where it never did."""
        return next((s for s in self._volume_steps[position] if s.score >= volume), None)

    @cached_property
    def _volume_steps(self) -> list[list[Step]]:
        """Of each contestant the shares of the box that its front dominated, each time that it grew."""
        points = [self.goals.losses(r) for c in self.contestants for r in c.subject.complete]
        if not points:
            return [[] for _ in self.contestants]
        low, high = ([f(column) for column in zip(*points, strict=True)] for f in (min, max))
        span = [h - b or 1.0 for b, h in zip(low, high, strict=True)]
        return [c.volume_steps(low, span) for c in self.contestants]

    def verdict(self) -> Verdict | None:
        """The two best compared; None where fewer than two have a score, or the folds are not the same."""
        if not self.goals.is_single or len(self.ranked) < 2 or not self.same_folds:
            return None
        first, second = self.ranked[:2]
        return compare_folds(first.label, _winner(first), second.label, _winner(second), self.goals.objectives[0].sign)


def compare(subjects: Sequence[Subject]) -> Comparison:
    """Put studies side by side.

    Raises
    ------
    HypError
        Where scores mean different things: another metric, other folds, other objectives.
    """
    labels = _labels(subjects)
    contestants = tuple(Contestant(label, s) for label, s in zip(labels, subjects, strict=True))
    for a, b in combinations(contestants, 2):
        if a.goals.objectives != b.goals.objectives or a.subject.info.metric != b.subject.info.metric:
            raise HypError([studies_not_comparable(a.label, _measured(a), b.label, _measured(b))])
    facts = {
        "data": [c.subject.info.data_fingerprint for c in contestants],
        "space": [c.subject.info.space_fingerprint for c in contestants],
        "constraints": [", ".join(b.words for b in c.goals.constraints) or "none" for c in contestants],
        "searcher": [str(c.subject.info.settings.get("searcher", "")) for c in contestants],
        "seed": [str(c.subject.info.seed) for c in contestants],
        "racing": ["yes" if c.subject.info.settings.get("racing") else "no" for c in contestants],
        "level": [f"-O{c.subject.info.settings.get('level', 1)}" for c in contestants],
    }
    differences = tuple((name, tuple(values)) for name, values in facts.items() if len(set(values)) > 1)
    return Comparison(contestants, differences)


def _measured(contestant: Contestant) -> str:
    info, (first, *others) = contestant.subject.info, contestant.goals.objectives
    aims = [f"{first.direction} {info.metric or first.name}", *(f"{o.direction} {o.name}" for o in others)]
    return " and ".join(aims)


def _labels(subjects: Sequence[Subject]) -> list[str]:
    """The shortest names that tell the studies apart."""
    stems = [s.path.replace("\\", "/").rpartition("/")[2].removesuffix(".db") for s in subjects]
    names = [s.info.name for s in subjects]
    for found in (stems, names, [f"{stem}:{name}" for stem, name in zip(stems, names, strict=True)]):
        if len(set(found)) == len(found):
            return found
    return [f"{stem} ({number})" for number, stem in enumerate(stems, 1)]


# --- how sure it is


@frozen
class Verdict:
    """Two winners on the same folds.

    Parameters
    ----------
    first, second : str
        The labels; the first scored better.
    ahead : float
        By how much on average.
    folds : int
    p : float or None
        Of the corrected t-test; None where folds are too few, or all differences are equal.
    """

    first: str
    second: str
    ahead: float
    folds: int
    p: float | None

    def __str__(self) -> str:
        lead = f"{self.first} is ahead of {self.second} by {self.ahead:.4g}"
        if self.ahead == 0:
            return f"{self.first} and {self.second} score the same."
        if self.p is None:
            return f"{lead} over {self.folds} folds, which are too few to say whether that is more than chance."
        sure = "more than the noise of the folds" if self.p < 0.05 else "no more than the noise of the folds"
        return f"{lead} over the same {self.folds} folds: {sure} (corrected paired t-test, p = {self.p:.2g})."


def compare_folds(first: str, ours: TrialRecord, second: str, theirs: TrialRecord, sign: int) -> Verdict | None:
    """The corrected resampled t-test over the folds of two trials (Nadeau & Bengio 2003, Mach. Learn. 52).

    Folds share most of their training rows, so their differences vary too little: the variance of the mean is taken as
    ``(1/k + 1/(k - 1)) s²``, the second term being the ratio of scored to fitted rows.
    """
    assert ours.evaluation is not None and theirs.evaluation is not None
    if len(ours.evaluation.fold_scores) != len(theirs.evaluation.fold_scores):
        return None
    pairs = zip(ours.evaluation.fold_scores, theirs.evaluation.fold_scores, strict=True)
    ahead = [sign * (b - a) for a, b in pairs]
    k = len(ahead)
    if k == 0:
        return None
    mean = math.fsum(ahead) / k
    if k < 3:
        return Verdict(first, second, mean, k, None)
    variance = math.fsum((d - mean) ** 2 for d in ahead) / (k - 1)
    if variance <= 1e-24:
        return Verdict(first, second, mean, k, None if mean == 0 else 0.0)
    from scipy.special import stdtr

    t = mean / math.sqrt((1 / k + 1 / (k - 1)) * variance)
    return Verdict(first, second, mean, k, float(2 * stdtr(k - 1, -abs(t))))


def _winner(contestant: Contestant) -> TrialRecord:
    best = contestant.subject.best
    assert best is not None
    return best
