"""Fits and scores one configuration on given folds: what a search over pipelines calls."""

from __future__ import annotations

import math
import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from hyperdsl.backends.base import EarlyStopping
from hyperdsl.experiment.effort import Effort, Fit, Shelf, fit_in_stages
from hyperdsl.experiment.fitting import (
    final_rounds,
    fit_final,
    fit_model,
    modules_of,
    needs_numbered_classes,
    stops_early,
    watched_rows,
)
from hyperdsl.experiment.folds import FoldResults
from hyperdsl.experiment.labels import NumberedClasses
from hyperdsl.experiment.measures import Fitted, Measures, watched_memory
from hyperdsl.experiment.metrics import Metric
from hyperdsl.experiment.sharing.store import FittedStore
from hyperdsl.experiment.surroundings import kept_random_state, limit_threads, quiet
from hyperdsl.experiment.training import Checkpoints, is_network, kind_of, train
from hyperdsl.frozen import frozen
from hyperdsl.schema import Schema
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, Parent, Trial

if TYPE_CHECKING:
    import numpy as np

    from hyperdsl.experiment.fitting import Weights
    from hyperdsl.experiment.sharing.steps import Session
    from hyperdsl.experiment.sharing.store import Key
    from hyperdsl.search.fidelity import Fidelity
    from hyperdsl.search.proxy import Proxy
    from hyperdsl.search.racing import Race
    from hyperdsl.space import Configuration

    Fold = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]

FRAMES = 4  # of a traceback, from its end


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
    fidelity : Fidelity or None
        What cheap trials have less of.
    checkpoints : Checkpoints or None
        Where networks keep how far they are trained.
    proxies : mapping of str to Proxy
        What is measured of configurations themselves.
    inherits : bool
        Whether networks begin as those of other trials, so that what these have come to is kept.
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
    fidelity: Fidelity | None = None
    checkpoints: Checkpoints | None = None
    proxies: Mapping[str, Proxy] = field(default_factory=dict)
    inherits: bool = False

    @property
    def modules(self) -> tuple[str, ...]:
        """What a worker process loads for it."""
        graph = getattr(self.space, "graph", None)
        return () if graph is None else modules_of(graph)

    def evaluate(
        self,
        configuration: Configuration,
        *,
        seed: int,
        fidelity: float | None = None,
        earlier: Sequence[Evaluation] = (),
        race: Race | None = None,
        parent: Parent | None = None,
    ) -> Evaluation:
        """The mean score over the folds, or why there is none.

        Parameters
        ----------
        seed : int
            The study's: steps derive their random state from it, and early stopping its split.
        fidelity : float or None
            How much of the declared one; None in full.
        earlier : sequence of Evaluation
            With less of it.
        race : Race or None
            What the scores are up against: the rest of the folds is left out when it is lost.
        parent : Parent or None
            The trial that a network begins with the weights of, in each fold with those of this fold.
        """
        start = time.perf_counter()
        effort = Effort.of(self.fidelity, fidelity, earlier, len(self.folds))
        keeps = self.fidelity is not None and self.fidelity.name == "folds" and earlier
        results = FoldResults.of(earlier[-1]) if keeps else FoldResults()
        if earlier:
            results.inherited = cast("Mapping[str, object] | None", earlier[-1].details.get("inherited"))
        trainings: set[Path] = set()
        try:
            with quiet(results.warnings) as caught, limit_threads(self.threads), kept_random_state():
                fit = _Fit(self, configuration, seed, effort, results, caught, trainings, parent)
                for number in range(len(results.scores), effort.folds):
                    fit.fold(number)
                    if race is not None and race.is_lost(results.scores):
                        break
            for name, proxy in self.proxies.items():
                known = proxy(configuration)
                results.measures[name] = [math.nan if known is None else known]
        except Exception as error:
            _forget(trainings)
            failure = _failure(kind_of(error), error)
            return Evaluation(None, seconds=time.perf_counter() - start, details=results.details(), failure=failure)
        found = results.evaluation(time.perf_counter() - start, race if len(results.scores) < effort.folds else None)
        in_full = effort.parameter is not None and not results.limited
        if (fidelity is None or in_full) and not self.inherits:
            _forget(trainings)
        return found if fidelity is None or in_full or found.failure else replace(found, fidelity=fidelity)

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
        effort: Effort,
        results: FoldResults,
        caught: list[warnings.WarningMessage],
        trainings: set[Path],
        parent: Parent | None,
    ) -> None:
        from hyperdsl.experiment.sharing.folds import sketch

        self.estimator = estimator
        self.seed = seed
        self.effort = effort
        self.results = results
        self.caught = caught
        self.trainings = trainings  # files of networks
        self.parent = parent
        self._build: Callable[[], Any] = partial(estimator.build, configuration, seed)
        self._first = self._build()
        self._sketch = sketch(_inner(self._first))
        # What a fitted store holds is not this trial's memory alone.
        self._store = FittedStore(0) if estimator.measures.needs_memory else estimator.store

    def fold(self, number: int) -> None:
        """Fit and score one fold, and add to the results."""
        of = self.estimator
        rows, scored = of.folds[number]
        rows = _part(rows, self.effort.share, self.seed)
        X, y = take(of.X, scored), of.y[scored]
        params = {name: values[scored] for name, values in of.score_params.items()}
        with watched_memory(of.measures.needs_memory) as memory:
            start = time.perf_counter()
            pipeline = deepcopy(self._first) if self._sketch.copies else self._build()
            fitted = self._fitted(pipeline, number, rows, X)
            end = time.perf_counter()
            self.results.scored(of.score(fitted.scored, X, y, **params))
        self.results.add(fitted.rounds, fitted.session, end - start, time.perf_counter() - end)
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
            self.effort.share.hex(),
            *uses,
            str(isinstance(self._first, NumberedClasses)),
        )
        session = steps.Session(self._store, tuple(uses), self.caught)
        y_fit = y if watched is None else y[kept]
        key, outputs = folds.prepare(pipeline, self._sketch, key, uses, y_fit, session)
        model = folds.split(pipeline)[1]
        seen = None if watched is None else (outputs["watch"], y[watched])
        weights = self._weights(rows, None if watched is None else kept, watched)
        if is_network(model):
            rounds = self._fit_model(model, key, self._trained(key, outputs["fit"], y_fit, weights[0]))
            self.results.curves.append(dict(model.history_))
        else:
            rounds = self._fit_model(
                model, key, lambda m, start: fit_model(m, outputs["fit"], y_fit, seen, of.stopping, weights, start)
            )
        scored = folds.serving(pipeline, X, outputs["score"]) if "score" in outputs else pipeline
        return _Fitted(scored, rounds, session)

    def _trained(self, key: Key, X: Any, y: Any, weights: Any) -> Fit:
        """What trains a network, from where its file ends, or its parent's."""
        from hyperdsl.experiment.sharing.folds import split

        def fit(model: Any, start: Any) -> tuple[int | None, bool]:
            of = self.estimator
            parent = None if self.parent is None else split(_inner(of.build(self.parent.configuration, self.seed)))[1]
            other = parent if is_network(parent) else None
            trained = train(model, X, y, weights, of.checkpoints, key, other)
            if trained.file is not None:
                self.trainings.add(trained.file)
            if trained.inherited is not None and self.parent is not None:
                self.results.inherited = {"from": self.parent.number, **trained.inherited}
            return None, trained.stopped

        return fit

    def _fit_model(self, model: Any, key: Key, fit_once: Fit) -> int | None:
        """Fit the model in place, as long as the effort says; the rounds that it kept."""
        from hyperdsl.experiment.sharing import steps
        from hyperdsl.experiment.sharing.identity import identity

        seed = steps.derive(key, "model")

        def fit(model: Any, start: Any) -> tuple[int | None, bool]:
            steps.seed_from(seed)
            return fit_once(model, start)

        length = self.effort.length(model)
        if length is None:
            return fit(model, None)[0]
        stages = length.stages(self.effort)
        shelf = Shelf(self._store, steps.derive(seed, text) if (text := identity(model)) else None)
        fitted = fit_in_stages(model, length, stages, fit, shelf.known, shelf.keep)
        self.results.limited |= stages[-1] < length.value and not fitted.stopped
        return fitted.rounds

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


def _forget(trainings: set[Path]) -> None:
    """Leave out what nothing goes on from."""
    for file in trainings:
        file.unlink(missing_ok=True)


def only_predicts(score: object) -> bool:
    """Whether a scorer is known to ask nothing of a pipeline but its predictions."""
    return isinstance(score, Metric) or type(score).__module__.startswith("sklearn.metrics")


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
