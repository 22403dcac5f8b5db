"""Fits and scores one configuration on given folds: what a search over pipelines calls."""

from __future__ import annotations

import math
import os
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from hyperdsl.backends.base import EarlyStopping
from hyperdsl.experiment.fitting import final_rounds, fit, fit_final, needs_numbered_classes
from hyperdsl.experiment.labels import NumberedClasses
from hyperdsl.experiment.measures import Fitted, Measures, watched_memory
from hyperdsl.frozen import frozen
from hyperdsl.schema import Schema
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, Trial

if TYPE_CHECKING:
    import numpy as np

    from hyperdsl.space import Configuration

    Fold = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]

FRAMES = 4  # of a traceback, from its end
WARNINGS = 5  # different ones that are kept of a trial


class Buildable(Protocol):
    """What gives the pipeline of a configuration: :class:`hyperdsl.HyperSpace`."""

    def build(
        self,
        configuration: Configuration,
        schema: Schema | None = None,
        seed: int | None = None,
        threads: int | None = None,
    ) -> Any: ...


@frozen(slots=False)
class PipelineEstimator:
    """Cross-validates the pipeline of a configuration.

    Parameters
    ----------
    space : Buildable
        Builds pipelines, a new one for each fold.
    X : pandas.DataFrame or array, shape (rows, columns)
    y : numpy.ndarray, shape (rows,)
    folds : sequence of (fit rows, score rows)
        Positions.
    score : callable
        ``score(fitted pipeline, X, y) -> float``.
    schema : Schema or None
        Resolves ``columns``.
    classification : bool
        Whether ``y`` holds classes.
    stopping : EarlyStopping or None
        For boosting at the end of a pipeline.
    threads : int or None
        Threads of numeric libraries in each fit; None leaves their defaults.
    measures : Measures
        What is measured beside the score.
    """

    space: Buildable
    X: Any
    y: np.ndarray[Any, Any]
    folds: Sequence[Fold]
    score: Callable[[Any, Any, Any], float]
    schema: Schema | None = None
    classification: bool = True
    stopping: EarlyStopping | None = None
    threads: int | None = None
    measures: Measures = Measures()

    def evaluate(self, configuration: Configuration, *, seed: int, fidelity: float = 1.0) -> Evaluation:
        """The mean score over the folds, or why there is none.

        Parameters
        ----------
        seed : int
            The study's: steps derive their random state from it, and early stopping its split.
        fidelity : float
            The share of the rows to fit on, in (0, 1]; all rows are scored all the same.
        """
        start = time.perf_counter()
        results = _Results()
        try:
            with quiet(results.warnings), limit_threads(self.threads):
                for rows, scored in self.folds:
                    self._fold(configuration, _part(rows, fidelity, seed), scored, seed, results)
        except MemoryError as error:
            failure = _failure(FailureKind.memory, error)
            return Evaluation(None, seconds=time.perf_counter() - start, details=results.details(), failure=failure)
        except Exception as error:
            failure = _failure(FailureKind.error, error)
            return Evaluation(None, seconds=time.perf_counter() - start, details=results.details(), failure=failure)
        return results.evaluation(time.perf_counter() - start)

    def build(self, configuration: Configuration, seed: int) -> Any:
        """The pipeline of a configuration; it takes and gives the labels of ``y`` whatever its last step."""
        pipeline = self.space.build(configuration, schema=self.schema, seed=seed, threads=self.threads)
        if self.classification and needs_numbered_classes(pipeline) and not _are_numbered(self.y):
            return NumberedClasses(pipeline)
        return pipeline

    def _fold(
        self, configuration: Configuration, rows: np.ndarray[Any, Any], scored: np.ndarray[Any, Any], seed: int,
        results: _Results,
    ) -> None:  # fmt: skip
        X, y = take(self.X, scored), self.y[scored]
        with watched_memory(self.measures.needs_memory) as memory:
            start = time.perf_counter()
            pipeline = self.build(configuration, seed)
            rounds = self.fit(pipeline, take(self.X, rows), self.y[rows], seed)
            fitted = time.perf_counter()
            results.scores.append(float(self.score(pipeline, X, y)))
        results.fit_seconds.append(fitted - start)
        results.score_seconds.append(time.perf_counter() - fitted)
        results.rounds.append(rounds)
        given = Fitted(pipeline, X, y, fitted - start, memory())
        for measure in self.measures.measures:
            results.measures.setdefault(measure.name, []).append(measure(given))

    def fit(self, pipeline: Any, X: Any, y: Any, seed: int) -> int | None:
        """Fit with early stopping; the rounds that boosting kept."""
        options: dict[str, Any] = {"stopping": self.stopping, "seed": seed, "classification": self.classification}
        if isinstance(pipeline, NumberedClasses):
            return pipeline.fit_by(lambda inner, X, y: fit(inner, X, y, **options), X, y)
        return fit(pipeline, X, y, **options)

    def refit(self, trial: Trial, seed: int) -> tuple[Any, tuple[str, int] | None]:
        """The pipeline of a finished trial, fitted to all rows.

        Boosting does the rounds that its folds suggest (:func:`~hyperdsl.experiment.fitting.final_rounds`); the
        parameter and number that were set are given too, None where there were none.
        """
        assert trial.evaluation is not None
        rounds = trial.evaluation.details.get("rounds")
        total = final_rounds(rounds, self.stopping) if self.stopping and isinstance(rounds, (list, tuple)) else None
        pipeline = self.build(trial.configuration, seed)
        with quiet(), limit_threads(self.threads):
            if isinstance(pipeline, NumberedClasses):
                return pipeline, pipeline.fit_by(lambda inner, X, y: fit_final(inner, X, y, total), self.X, self.y)
            return pipeline, fit_final(pipeline, self.X, self.y, total)


@dataclass(slots=True)
class _Results:
    """What the folds have given so far."""

    scores: list[float] = field(default_factory=list)
    fit_seconds: list[float] = field(default_factory=list)
    score_seconds: list[float] = field(default_factory=list)
    rounds: list[int | None] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    measures: dict[str, list[float]] = field(default_factory=dict)

    def details(self) -> Mapping[str, object]:
        facts: dict[str, object] = {
            "fit_seconds": [round(s, 4) for s in self.fit_seconds],
            "score_seconds": [round(s, 4) for s in self.score_seconds],
        }
        if any(r is not None for r in self.rounds):
            facts["rounds"] = self.rounds
        if self.warnings:
            facts["warnings"] = dict(self.warnings.most_common(WARNINGS))
        return facts

    def evaluation(self, seconds: float) -> Evaluation:
        scores = tuple(self.scores)
        mean = math.fsum(scores) / len(scores)
        if math.isfinite(mean):
            measures = {name: math.fsum(values) / len(values) for name, values in self.measures.items()}
            return Evaluation(mean, scores, seconds, self.details(), measures=measures)
        failure = Failure(FailureKind.score, "score", f"the scores of the folds are {', '.join(map(str, scores))}")
        finite = tuple(s for s in scores if math.isfinite(s))
        return Evaluation(None, finite, seconds, self.details(), failure)


@contextmanager
def quiet(seen: Counter[str] | None = None) -> Iterator[None]:
    """Count warnings instead of showing them."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            if seen is not None:
                seen.update(_first_line(warning) for warning in caught)


def available_threads() -> int:
    """The cores that this process may use, or ``OMP_NUM_THREADS`` where it is set to fewer."""
    import joblib

    cores: int = joblib.cpu_count()
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(limit)) if limit.isdigit() and int(limit) > 0 else cores


@contextmanager
def limit_threads(threads: int | None) -> Iterator[None]:
    """Limit the threads of BLAS and OpenMP; None leaves them as they are."""
    if threads is None:
        yield
        return
    from threadpoolctl import threadpool_limits

    with threadpool_limits(threads):
        yield


def _first_line(warning: warnings.WarningMessage) -> str:
    return f"{warning.category.__name__}: {str(warning.message).strip()}".splitlines()[0]


def take(X: Any, rows: np.ndarray[Any, Any]) -> Any:
    """Rows of a frame or an array, by position."""
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def _part(rows: np.ndarray[Any, Any], fidelity: float, seed: int) -> np.ndarray[Any, Any]:
    """A random share of some rows, in their order: a smaller share is part of every larger one."""
    if fidelity >= 1:
        return rows
    import numpy as np

    shuffled = np.random.default_rng(seed).permutation(len(rows))
    return rows[np.sort(shuffled[: max(1, math.ceil(fidelity * len(rows)))])]


def _are_numbered(y: np.ndarray[Any, Any]) -> bool:
    import numpy as np

    return y.dtype.kind in "iu" and np.array_equal(labels := np.unique(y), np.arange(len(labels)))


def _failure(kind: FailureKind, error: BaseException) -> Failure:
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__, limit=-FRAMES, chain=False))
    return Failure(kind, type(error).__name__, str(error), text)
