"""What a search leaves behind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from hyperdsl.diagnostics import Diagnostic, HypError
from hyperdsl.diagnostics.studies import no_trial_finished, no_trial_succeeded
from hyperdsl.frozen import frozen
from hyperdsl.search.goals import Goals
from hyperdsl.search.trial import Failure, Trial


class Stop(StrEnum):
    """Why a search ended."""

    trials = "trials"  # as many trials as were asked for
    timeout = "timeout"
    exhausted = "exhausted"  # every configuration that the searcher would propose has been tried
    interrupted = "interrupted"  # Ctrl-C


@frozen
class History:
    """The finished trials of a study in the order of their numbers, and why the search ended."""

    trials: tuple[Trial, ...]
    goals: Goals
    stopped: Stop

    def best(self) -> Trial:
        """The trial that serves the goals best, the earliest on ties; see :class:`hyperdsl.search.goals.Goals`.

        Raises
        ------
        HypError
            When no trial has a score: with the most frequent error of those that failed.
        """
        best = self.goals.best(self.trials)
        if best is None:
            raise HypError([_why_no_score(self.trials, self.stopped)])
        return best

    def front(self) -> tuple[Trial, ...]:
        """The trials that no other one beats in all objectives, by number."""
        return self.goals.front(self.trials)


def score_of(trial: Trial) -> float:
    """The score of a trial that has one."""
    assert trial.evaluation is not None and trial.evaluation.score is not None
    return trial.evaluation.score


def failure_of(trial: Trial) -> Failure | None:
    """Why a trial has no score; None for trials that have one or have not ended."""
    return trial.evaluation.failure if trial.evaluation else None


def shared_fits(trials: Iterable[Trial]) -> tuple[int, int]:
    """How many fits of steps were taken from the store in some trials, and how many fits of steps they have."""
    shared = of = 0
    for trial in trials:
        found = trial.evaluation.details.get("steps") if trial.evaluation else None
        if isinstance(found, Mapping):
            shared, of = shared + int(found["shared"]), of + int(found["fits"])
    return shared, of


def sort_of(failure: Failure) -> tuple[str, str, str]:
    """Errors that differ only in their numbers are one error."""
    return failure.kind.value, failure.type, re.sub(r"\d[\d.e+-]*", "#", failure.message)


def _why_no_score(trials: Sequence[Trial], stopped: Stop) -> Diagnostic:
    failures = [(trial, failure) for trial in trials if (failure := failure_of(trial))]
    if not failures:
        return no_trial_finished(stopped.value)
    most, times = Counter(sort_of(failure) for _, failure in failures).most_common(1)[0]
    example, failure = next((t, f) for t, f in failures if sort_of(f) == most)
    return no_trial_succeeded(
        failed=len(failures),
        kind=failure.kind.value,
        error=f"{failure.type}: {failure.message}" if failure.message else failure.type,
        times=times,
        traceback=failure.traceback,
        number=example.number,
        configuration=example.configuration.to_json(),
    )
