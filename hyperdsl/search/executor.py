"""Where trials run: the protocol of executors, and the one that runs them in this process."""

from __future__ import annotations

import math
import os
import time
import traceback
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, Protocol

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import errors_not_catchable_in_workers, search_setting_invalid
from hyperdsl.search.trial import IN_FULL, Estimator, Evaluation, Failure, FailureKind, Terms, Trial
from hyperdsl.space import Configuration

if TYPE_CHECKING:
    from hyperdsl.search.forks import Forker

AUTO: Literal["auto"] = "auto"
Jobs = int | Literal["auto"]


class Executor(Protocol):
    """Runs trials; the search loop does not know where."""

    @property
    def capacity(self) -> int:
        """How many trials may run at once."""
        ...

    def submit(self, trial: Trial, terms: Terms = IN_FULL) -> None:
        """Start a trial. Never more than ``capacity`` without a result."""
        ...

    def wait(self, timeout: float | None = None) -> list[tuple[int, Evaluation]]:
        """The trials that have ended, by number, as soon as there are any; none when ``timeout`` seconds are over."""
        ...

    def close(self) -> None:
        """Abandon what runs, at once, and give everything back."""
        ...


class InProcess:
    """One trial at a time, in this process: no start-up cost, and no protection.

    A time limit cannot be kept and a crash ends the search; :class:`hyperdsl.search.processes.LocalProcesses` has
    both in hand.

    Parameters
    ----------
    estimator : Estimator
        What evaluates the trials.
    seed : int
        The study's seed, given to the estimator with each trial.
    catch : bool
        Whether an exception of the estimator becomes a failure; else :meth:`wait` raises it.
    """

    capacity = 1

    def __init__(self, estimator: Estimator, *, seed: int = 0, catch: bool = True) -> None:
        self._estimator = estimator
        self._seed = seed
        self._catch = catch
        self._waiting: list[tuple[Trial, Terms]] = []

    def submit(self, trial: Trial, terms: Terms = IN_FULL) -> None:
        self._waiting.append((trial, terms))

    def wait(self, timeout: float | None = None) -> list[tuple[int, Evaluation]]:
        trial, terms = self._waiting.pop(0)
        if self._catch:
            return [(trial.number, evaluate_safely(self._estimator, trial.configuration, self._seed, terms))]
        return [(trial.number, self._estimator.evaluate(trial.configuration, seed=self._seed, **terms.options()))]

    def close(self) -> None:
        self._waiting.clear()


def evaluate_safely(estimator: Estimator, configuration: Configuration, seed: int, terms: Terms) -> Evaluation:
    """Evaluate a configuration so that whatever goes wrong in it is its failure; only Ctrl-C gets through."""
    start = time.perf_counter()
    try:
        evaluation = estimator.evaluate(configuration, seed=seed, **terms.options())
    except MemoryError as error:
        return failed(FailureKind.memory, error, time.perf_counter() - start)
    except (Exception, SystemExit) as error:
        return failed(FailureKind.error, error, time.perf_counter() - start)
    score = evaluation.score
    if evaluation.failure is None and (score is None or not math.isfinite(score)):
        failure = Failure(FailureKind.score, "score", f"the score is {score}")
        return replace(evaluation, score=None, failure=failure)
    return evaluation


def failed(kind: FailureKind, error: BaseException, seconds: float) -> Evaluation:
    """The evaluation of a trial that raised."""
    text = "".join(traceback.format_exception(error))
    return Evaluation(None, seconds=seconds, failure=Failure(kind, type(error).__name__, str(error), text))


def lost(kind: FailureKind, what: str, message: str, seconds: float, output: str) -> Evaluation:
    """The evaluation of a trial whose process is gone; ``output`` is the end of what it printed."""
    return Evaluation(None, seconds=seconds, details=_log(output), failure=Failure(kind, what, message))


def with_output(evaluation: Evaluation, output: str) -> Evaluation:
    """A failed evaluation with the end of what its process printed; others as they are."""
    if evaluation.failure is None or not output:
        return evaluation
    return replace(evaluation, details={**evaluation.details, **_log(output)})


def _log(output: str) -> Mapping[str, object]:
    return {"log": output} if output else {}


def cores() -> int:
    """The cores that this process may use, as far as the system and its container say."""
    import joblib

    return int(joblib.cpu_count())


def jobs_for(jobs: Jobs, n_trials: int | None = None) -> int:
    """How many trials run at a time: ``jobs``; for ``"auto"`` one a core, no more than there are trials.

    Raises
    ------
    HypError
        Where it is neither that nor a whole number from 1 on.
    """
    if jobs != AUTO:
        if not isinstance(jobs, int) or jobs < 1:
            raise HypError([search_setting_invalid("jobs", jobs, 'a whole number from 1 on, or "auto"')])
        return jobs
    if os.name != "posix":  # worker processes need what POSIX has
        return 1
    return cores() if n_trials is None else max(1, min(cores(), n_trials))


def make_executor(
    estimator: Estimator,
    *,
    jobs: int = 1,
    seed: int = 0,
    trial_timeout: float | None = None,
    trial_memory: int | None = None,
    catch: bool = True,
    forker: Forker | None = None,
) -> Executor:
    """In this process for one job without limits for a trial, else in worker processes.

    Raises
    ------
    HypError
        When the estimator cannot be sent to workers, or ``catch=False`` is asked of them.
    """
    if jobs == 1 and trial_timeout is None and trial_memory is None:
        return InProcess(estimator, seed=seed, catch=catch)
    if not catch:
        raise HypError([errors_not_catchable_in_workers()])
    from hyperdsl.search.processes import LocalProcesses

    return LocalProcesses(
        estimator, workers=jobs, seed=seed, trial_timeout=trial_timeout, trial_memory=trial_memory, forker=forker
    )
