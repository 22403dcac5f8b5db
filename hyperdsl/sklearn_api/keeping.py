"""What a search leaves behind: its results, and the best pipeline or ensemble, fitted to all rows."""

from __future__ import annotations

import math
import time
import warnings
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sklearn
from sklearn.utils.validation import check_is_fitted

from hyperdsl.experiment import ensemble
from hyperdsl.experiment.fitting import last_step, takes_weights
from hyperdsl.experiment.sharing import search_store
from hyperdsl.experiment.voting import fit_vote, vote_of_selection, vote_script
from hyperdsl.search.fidelity import Fidelity
from hyperdsl.search.goals import Goals
from hyperdsl.search.history import score_of
from hyperdsl.search.trial import State
from hyperdsl.sklearn_api.results import cv_results
from hyperdsl.sklearn_api.scoring import ENSEMBLE, metric_names

if TYPE_CHECKING:
    from hyperdsl.experiment.estimator import PipelineEstimator
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.schema import Schema
    from hyperdsl.search.trial import Trial


def _amount(trial: Trial, fidelity: Fidelity) -> float:
    """The most that a trial was evaluated with; NaN where it failed."""
    if trial.evaluation is None or trial.evaluation.failure is not None:
        return math.nan
    return fidelity.high if trial.evaluation.fidelity is None else trial.evaluation.fidelity


class Keeping:
    """The part of :class:`~hyperdsl.sklearn_api.search_cv.HyperSearchCV` behind its search."""

    trials_: tuple[Trial, ...]
    schema_: Schema
    multimetric_: bool
    n_splits_: int
    scoring: Any
    refit: Any
    error_score: Any
    return_train_score: bool
    cache: int | None
    fidelity: str | Fidelity | None
    _given: HyperSpace
    _metrics: list[str]
    _seed: int

    @property
    def _is_ensemble(self) -> bool:
        return isinstance(self.refit, str) and self.refit == ENSEMBLE and ENSEMBLE not in metric_names(self.scoring)

    def _keep(self, estimator: PipelineEstimator) -> None:
        error_score = math.nan if self.error_score == "raise" else float(self.error_score)
        self.cv_results_ = cv_results(
            self.trials_, self._metrics, self.n_splits_, error_score, bool(self.return_train_score)
        )
        if (fidelity := Fidelity.of(self.fidelity)) is not None:
            self.cv_results_["fidelity"] = np.array([_amount(trial, fidelity) for trial in self.trials_])
        if estimator.classification:
            self.classes_ = np.unique(estimator.y)
        for name in ("best_estimator_", "best_index_", "best_params_", "best_score_", "ensemble_", "refit_time_"):
            self.__dict__.pop(name, None)
        if self.multimetric_ and self.refit is False:
            return
        self.best_index_ = self._best_index()
        best = self.trials_[self.best_index_]
        self.best_params_ = self.cv_results_["params"][self.best_index_]
        if not callable(self.refit):
            suffix = self._metrics[0] if len(self._metrics) > 1 else "score"
            self.best_score_ = float(self.cv_results_[f"mean_test_{suffix}"][self.best_index_])
        if not self.refit:
            return
        start = time.perf_counter()
        output = getattr(self, "_output", None)
        with sklearn.config_context(transform_output=output) if output else nullcontext():
            if self._is_ensemble:
                self._keep_ensemble(estimator)
            else:
                self.best_estimator_, _ = estimator.refit(best, self._seed)
                self._warn_of_weights(estimator)
        self.refit_time_ = time.perf_counter() - start
        if output:
            self.best_estimator_.set_output(transform=output)

    def _best_index(self) -> int:
        if callable(self.refit):
            index = self.refit(self.cv_results_)
            if not isinstance(index, (int, np.integer)):
                raise TypeError("refit must give an integer, the place of the best in cv_results_")
            if not 0 <= index < len(self.trials_):
                raise IndexError(f"refit gives {index}, and there are {len(self.trials_)} trials")
            return int(index)
        best = Goals().best(self.trials_)
        assert best is not None
        return next(i for i, trial in enumerate(self.trials_) if trial.number == best.number)

    def _keep_ensemble(self, estimator: PipelineEstimator) -> None:
        complete = [t for t in self.trials_ if t.state is State.complete]
        ranked = sorted(complete, key=score_of, reverse=True)
        with search_store(self.cache, 1) as store:
            sharing = replace(estimator, store=store)
            selection = ensemble.select(sharing, ranked[: ensemble.CANDIDATES], self._seed)
        self._vote = vote_of_selection(selection, self._given, estimator, self._seed)
        self.best_estimator_ = fit_vote(self._vote, self._given, estimator, self._seed)
        self.ensemble_ = [(m.trial.configuration.to_json(), m.weight) for m in selection.members]

    def _warn_of_weights(self, estimator: PipelineEstimator) -> None:
        model = last_step(getattr(self.best_estimator_, "estimator", self.best_estimator_))
        if estimator.weights is not None and not takes_weights(model):
            warnings.warn(
                f"{type(model).__name__} is best and takes no sample weights: it is fitted without them", stacklevel=4
            )

    def source(self) -> str:
        """Python source that makes the best pipeline or ensemble, without hyperdsl."""
        check_is_fitted(self, "best_params_")
        if self._is_ensemble:
            return vote_script(self._vote, self._given, self.schema_, self._seed, None, None)
        return self._given.source(self.best_params_, schema=self.schema_, seed=self._seed)
