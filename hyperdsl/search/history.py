"""What a search leaves behind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Literal

from hyperdsl.diagnostics import Diagnostic, HypError
from hyperdsl.diagnostics.studies import no_trial_finished, no_trial_succeeded
from hyperdsl.frozen import frozen
from hyperdsl.search.trial import Failure, State, Trial

Direction = Literal["maximize", "minimize"]


class Stop(StrEnum):
    """Why a search ended."""

    trials = "trials"  # as many trials as were asked for
    timeout = "timeout"
    exhausted = "exhausted"  # every configuration of the space has been tried
    interrupted = "interrupted"  # Ctrl-C


@frozen
class History:
    """The finished trials of a study in the order of their numbers, and why the search ended."""

    trials: tuple[Trial, ...]
    direction: Direction
    stopped: Stop

    def best(self) -> Trial:
        """The trial with the best score, the earliest on ties.

        Raises
        ------
        HypError
            When no trial has a score: with the most frequent error of those that failed.
        """
        best = best_trial(self.trials, self.direction)
        if best is None:
            raise HypError([_why_no_score(self.trials, self.stopped)])
        return best


def best_trial(trials: Iterable[Trial], direction: Direction) -> Trial | None:
    """The complete trial with the best score, the earliest on ties; None where there is none."""
    best: Trial | None = None
    for trial in trials:
        if trial.state is State.complete and (best is None or is_better(trial, best, direction)):
            best = trial
    return best


def is_better(trial: Trial, than: Trial, direction: Direction) -> bool:
    """Whether a complete trial beats another: by score, the lower number on ties."""
    sign = 1 if direction == "maximize" else -1
    return (sign * score_of(trial), -trial.number) > (sign * score_of(than), -than.number)


def score_of(trial: Trial) -> float:
    """The score of a complete trial."""
    assert trial.evaluation is not None and trial.evaluation.score is not None
    return trial.evaluation.score


def failure_of(trial: Trial) -> Failure | None:
    """Why a trial has no score; None for trials that have one or have not ended."""
    return trial.evaluation.failure if trial.evaluation else None


def _why_no_score(trials: Sequence[Trial], stopped: Stop) -> Diagnostic:
    failures = [(trial, failure) for trial in trials if (failure := failure_of(trial))]
    if not failures:
        return no_trial_finished(stopped.value)
    most, times = Counter(_sort_of(failure) for _, failure in failures).most_common(1)[0]
    example, failure = next((t, f) for t, f in failures if _sort_of(f) == most)
    return no_trial_succeeded(
        failed=len(failures),
        kind=failure.kind.value,
        error=f"{failure.type}: {failure.message}" if failure.message else failure.type,
        times=times,
        traceback=failure.traceback,
        number=example.number,
        configuration=example.configuration.to_json(),
    )


def _sort_of(failure: Failure) -> tuple[str, str, str]:
    """Errors that differ only in their numbers are one error."""
    return failure.kind.value, failure.type, re.sub(r"\d[\d.e+-]*", "#", failure.message)
