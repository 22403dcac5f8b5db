"""Fits and scores one configuration on given folds: what a search over pipelines calls."""

from __future__ import annotations

import math
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from hyperdsl.backends.base import EarlyStopping
from hyperdsl.experiment.fitting import (
    final_rounds,
    fit_final,
    fit_model,
    needs_numbered_classes,
    stops_early,
    watched_rows,
)
from hyperdsl.experiment.labels import NumberedClasses
from hyperdsl.experiment.measures import Fitted, Measures, watched_memory
from hyperdsl.experiment.metrics import Metric
from hyperdsl.experiment.sharing.store import FittedStore
from hyperdsl.experiment.surroundings import kept_random_state, limit_threads, quiet
from hyperdsl.frozen import frozen
from hyperdsl.schema import Schema
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, Trial

if TYPE_CHECKING:
    import numpy as np

    from hyperdsl.experiment.fitting import Weights
    from hyperdsl.experiment.sharing.steps import Session
    from hyperdsl.search.racing import Race
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
        ``score(fitted pipeline, X, y, **score_params)``: a number, or several by name, the score first and then what
        is kept as measures.
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
    store : FittedStore
        Fitted steps that configurations share; one without a budget fits all anew, with the same scores.
    weights : numpy.ndarray or None, shape (rows,)
        Sample weights that models are fitted with, where they take any.
    score_params : mapping of str to numpy.ndarray, shape (rows,)
        What the score is told of the rows that it scores, such as their ``sample_weight``.
    """

    space: Buildable
    X: Any
    y: np.ndarray[Any, Any]
    folds: Sequence[Fold]
    score: Callable[..., float | Mapping[str, float]]
    schema: Schema | None = None
    classification: bool = True
    stopping: EarlyStopping | None = None
    threads: int | None = None
    measures: Measures = Measures()
    store: FittedStore = field(default_factory=FittedStore)
    weights: np.ndarray[Any, Any] | None = None
    score_params: Mapping[str, np.ndarray[Any, Any]] = field(default_factory=dict)

    def evaluate(
        self, configuration: Configuration, *, seed: int, fidelity: float = 1.0, race: Race | None = None
    ) -> Evaluation:
        """The mean score over the folds, or why there is none.

        Parameters
        ----------
        seed : int
            The study's: steps derive their random state from it, and early stopping its split.
        fidelity : float
            The share of the rows to fit on, in (0, 1]; all rows are scored all the same.
        race : Race or None
            What the scores are up against: the rest of the folds is left out when it is lost.
        """
        start = time.perf_counter()
        results = _Results()
        try:
            with quiet(results.warnings) as caught, limit_threads(self.threads), kept_random_state():
                fit = _Fit(self, configuration, seed, fidelity, results, caught)
                for number in range(len(self.folds)):
                    fit.fold(number)
                    if race is not None and race.is_lost(results.scores):
                        break
        except MemoryError as error:
            failure = _failure(FailureKind.memory, error)
            return Evaluation(None, seconds=time.perf_counter() - start, details=results.details(), failure=failure)
        except Exception as error:
            failure = _failure(FailureKind.error, error)
            return Evaluation(None, seconds=time.perf_counter() - start, details=results.details(), failure=failure)
        return results.evaluation(time.perf_counter() - start, race if len(results.scores) < len(self.folds) else None)

    def build(self, configuration: Configuration, seed: int) -> Any:
        """The pipeline of a configuration; it takes and gives the labels of ``y`` whatever its last step."""
        pipeline = self.space.build(configuration, schema=self.schema, seed=seed, threads=self.threads)
        if self.classification and needs_numbered_classes(pipeline) and not _are_numbered(self.y):
            return NumberedClasses(pipeline)
        return pipeline

    def refit(self, trial: Trial, seed: int) -> tuple[Any, tuple[str, int] | None]:
        """The pipeline of a finished trial, fitted to all rows.

        Boosting does the rounds that its folds suggest (:func:`~hyperdsl.experiment.fitting.final_rounds`); the
        parameter and number that were set are given too, None where there were none.
        """
        assert trial.evaluation is not None
        rounds = trial.evaluation.details.get("rounds")
        total = final_rounds(rounds, self.stopping) if self.stopping and isinstance(rounds, (list, tuple)) else None
        pipeline = self.build(trial.configuration, seed)
        with quiet(), limit_threads(self.threads), kept_random_state(seed):
            if isinstance(pipeline, NumberedClasses):
                return pipeline, pipeline.fit_by(
                    lambda inner, X, y: fit_final(inner, X, y, total, self.weights), self.X, self.y
                )
            return pipeline, fit_final(pipeline, self.X, self.y, total, self.weights)


class _Fit:
    """One configuration, fitted in one fold after the other."""

    def __init__(
        self,
        estimator: PipelineEstimator,
        configuration: Configuration,
        seed: int,
        fidelity: float,
        results: _Results,
        caught: list[warnings.WarningMessage],
    ) -> None:
        from hyperdsl.experiment.sharing.folds import sketch

        self.estimator = estimator
        self.seed = seed
        self.fidelity = fidelity
        self.results = results
        self.caught = caught
        self._build: Callable[[], Any] = partial(estimator.build, configuration, seed)
        self._first = self._build()
        self._sketch = sketch(_inner(self._first))
        # What a fitted store holds is not this trial's memory alone.
        self._store = FittedStore(0) if estimator.measures.needs_memory else estimator.store

    def fold(self, number: int) -> None:
        """Fit and score one fold, and add to the results."""
        of = self.estimator
        rows, scored = of.folds[number]
        rows = _part(rows, self.fidelity, self.seed)
        X, y = take(of.X, scored), of.y[scored]
        params = {name: values[scored] for name, values in of.score_params.items()}
        with watched_memory(of.measures.needs_memory) as memory:
            start = time.perf_counter()
            pipeline = deepcopy(self._first) if self._sketch.copies else self._build()
            fitted = self._fitted(pipeline, number, rows, X)
            end = time.perf_counter()
            self.results.scored(of.score(fitted.scored, X, y, **params))
        self.results.add(fitted, end - start, time.perf_counter() - end)
        given = Fitted(
            pipeline, X, y, end - start + fitted.session.saved, memory(),
            params, lambda: (take(of.X, rows), of.y[rows], {k: v[rows] for k, v in of.score_params.items()}),
        )  # fmt: skip
        for measure in of.measures.measures:
            self.results.measures.setdefault(measure.name, []).append(measure(given))

    def _fitted(self, pipeline: Any, number: int, rows: np.ndarray[Any, Any], X: Any) -> _Fitted:
        y = self.estimator.y[rows]
        if isinstance(pipeline, NumberedClasses):
            fitted = pipeline.fit_by(lambda inner, _, y: self._fit(inner, number, rows, X, y), None, y)
            return replace(fitted, scored=pipeline.like(fitted.scored))
        return self._fit(pipeline, number, rows, X, y)

    def _fit(self, pipeline: Any, number: int, rows: np.ndarray[Any, Any], X: Any, y: Any) -> _Fitted:
        """Fit in place, with early stopping."""
        from hyperdsl.experiment.sharing import folds, steps

        of, watched = self.estimator, None
        uses: dict[str, Callable[[], Any]] = {"fit": lambda: take(of.X, rows)}
        if of.stopping and stops_early(pipeline, of.stopping):
            kept, watched = watched_rows(y, of.stopping, self.seed, of.classification)
            uses = {"fit": lambda: take(of.X, rows[kept]), "watch": lambda: take(of.X, rows[watched])}
        if only_predicts(of.score):
            uses["score"] = lambda: X
        key = steps.derive(
            b"fold",
            str(self.seed),
            str(number),
            self.fidelity.hex(),
            *uses,
            str(isinstance(self._first, NumberedClasses)),
        )
        session = steps.Session(self._store, tuple(uses), self.caught)
        y_fit = y if watched is None else y[kept]
        key, outputs = folds.prepare(pipeline, self._sketch, key, uses, y_fit, session)
        model = folds.split(pipeline)[1]
        steps.seed_from(steps.derive(key, "model"))
        seen = None if watched is None else (outputs["watch"], y[watched])
        weights = self._weights(rows, None if watched is None else kept, watched)
        rounds = fit_model(model, outputs["fit"], y_fit, seen, of.stopping, weights)
        scored = folds.serving(pipeline, X, outputs["score"]) if "score" in outputs else pipeline
        return _Fitted(scored, rounds, session)

    def _weights(self, rows: np.ndarray[Any, Any], kept: Any, watched: Any) -> Weights:
        """The weights of the rows that a model is fitted on, and of those that it watches."""
        if self.estimator.weights is None:
            return None, None
        weights = self.estimator.weights[rows]
        return (weights, None) if watched is None else (weights[kept], weights[watched])


@frozen
class _Fitted:
    """What a fold has given: a pipeline for the scorer, the rounds of boosting, and what was shared."""

    scored: Any
    rounds: int | None
    session: Session


def _inner(pipeline: Any) -> Any:
    return pipeline.estimator if isinstance(pipeline, NumberedClasses) else pipeline


def only_predicts(score: object) -> bool:
    """Whether a scorer is known to ask nothing of a pipeline but its predictions."""
    return isinstance(score, Metric) or type(score).__module__.startswith("sklearn.metrics")


@dataclass(slots=True)
class _Results:
    """What the folds have given so far."""

    scores: list[float] = field(default_factory=list)
    fit_seconds: list[float] = field(default_factory=list)
    score_seconds: list[float] = field(default_factory=list)
    rounds: list[int | None] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    measures: dict[str, list[float]] = field(default_factory=dict)
    fits: int = 0
    shared: int = 0
    saved: float = 0.0

    def scored(self, value: float | Mapping[str, float]) -> None:
        """The score of one fold, with further metrics."""
        score, *others = value.items() if isinstance(value, Mapping) else [("", value)]
        self.scores.append(float(score[1]))
        for name, number in others:
            self.measures.setdefault(name, []).append(float(number))

    def add(self, fitted: _Fitted, fit_seconds: float, score_seconds: float) -> None:
        session = fitted.session
        self.fit_seconds.append(fit_seconds)
        self.score_seconds.append(score_seconds)
        self.rounds.append(fitted.rounds)
        self.warnings.update(session.warned)
        self.fits += session.fits
        self.shared += session.shared
        self.saved += session.saved

    def details(self) -> Mapping[str, object]:
        facts: dict[str, object] = {
            "fit_seconds": [round(s, 4) for s in self.fit_seconds],
            "score_seconds": [round(s, 4) for s in self.score_seconds],
        }
        if any(r is not None for r in self.rounds):
            facts["rounds"] = self.rounds
        if self.fits:
            facts["steps"] = {"fits": self.fits, "shared": self.shared, "saved_seconds": round(self.saved, 4)}
        if self.measures:
            facts["measures"] = self.measures
        if self.warnings:
            facts["warnings"] = dict(self.warnings.most_common(WARNINGS))
        return facts

    def evaluation(self, seconds: float, lost: Race | None) -> Evaluation:
        """The result; ``lost`` is the race that ended it early."""
        scores = tuple(self.scores)
        mean = lost.estimate(scores) if lost else math.fsum(scores) / len(scores)
        if math.isfinite(mean):
            measures = {name: math.fsum(values) / len(values) for name, values in self.measures.items()}
            return Evaluation(mean, scores, seconds, self.details(), measures=measures, pruned=lost is not None)
        failure = Failure(FailureKind.score, "score", f"the scores of the folds are {', '.join(map(str, scores))}")
        finite = tuple(s for s in scores if math.isfinite(s))
        return Evaluation(None, finite, seconds, self.details(), failure)


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
