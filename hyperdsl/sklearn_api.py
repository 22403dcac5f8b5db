"""``HyperSearchCV``: a search as a scikit-learn estimator, beside ``GridSearchCV`` and its kin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from scipy import sparse
from sklearn.base import BaseEstimator, MetaEstimatorMixin
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.utils import ClassifierTags, RegressorTags, check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.experiment.checking import check_table
from hyperdsl.experiment.columns import infer_columns
from hyperdsl.experiment.data import fingerprint, infer_task
from hyperdsl.experiment.estimator import PipelineEstimator, available_threads
from hyperdsl.experiment.fitting import as_early_stopping, enough_rows_to_watch
from hyperdsl.experiment.sharing import search_store
from hyperdsl.schema import Column, Schema

if TYPE_CHECKING:
    from hyperdsl.backends.base import EarlyStopping
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.search.trial import Trial


def _best_has(method: str) -> Callable[[HyperSearchCV], bool]:
    """Whether the fitted model has a method; before ``fit`` all are shown."""
    return lambda self: not hasattr(self, "best_estimator_") or hasattr(self.best_estimator_, method)


class HyperSearchCV(MetaEstimatorMixin, BaseEstimator):  # type: ignore[misc]
    """Search a space by cross-validation and predict with the best pipeline.

    Parameters
    ----------
    space : HyperSpace or str
        A compiled space, or the text of one.
    searcher : str
        ``"auto"``, or another of :func:`hyperdsl.search.searchers.searcher_names`.
    n_trials : int or None
        How many configurations; None for no limit but ``timeout``.
    scoring : str, callable or None
        As in scikit-learn, greater is better; None uses the pipelines' own ``score``.
    cv : int, splitter, iterable or None
        As in scikit-learn: five folds for None, stratified for classifiers.
    n_jobs : int or None
        Trials at a time, in worker processes; None is one, in this process; -1 is one for each core.
    random_state : int, RandomState or None
        What all random numbers derive from.
    refit : bool
        Whether to fit the best configuration to all rows in the end.
    timeout : float or None
        Seconds for the search.
    study : path or None
        A study file, to go on with the search later.
    early_stopping : bool, int or EarlyStopping
        For LightGBM, XGBoost and CatBoost at the end of a pipeline, where the rows are enough for it.
    verbose : int
        1 shows the search.
    cache : int or None
        Bytes for fitted steps that trials share, with the same scores; 0 fits all anew, None is an eighth of the
        memory, a gigabyte at most.

    Attributes
    ----------
    best_estimator_ : estimator
        The best pipeline, fitted to all rows. Only with ``refit``.
    best_config_ : dict
        Its decisions, by path.
    best_score_ : float
        Its mean score over the folds.
    trials_ : tuple of Trial
        All trials, by number.
    scorer_ : callable
    classes_ : numpy.ndarray
        The labels, for classifiers.
    n_features_in_ : int
    feature_names_in_ : numpy.ndarray
        Where ``X`` has names.
    schema_ : Schema
        What was found of the columns.

    Examples
    --------
    >>> HyperSearchCV("space s = Ridge(alpha = 1e-3..1e3 log)", n_trials=20)  # doctest: +SKIP
    """

    def __init__(
        self,
        space: HyperSpace | str,
        searcher: str = "auto",
        n_trials: int | None = 50,
        scoring: Any = None,
        cv: Any = None,
        n_jobs: int | None = None,
        random_state: Any = None,
        refit: bool = True,
        timeout: float | None = None,
        study: Any = None,
        early_stopping: bool | int | EarlyStopping = True,
        verbose: int = 0,
        cache: int | None = None,
    ) -> None:
        self.space = space
        self.searcher = searcher
        self.n_trials = n_trials
        self.scoring = scoring
        self.cv = cv
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.refit = refit
        self.timeout = timeout
        self.study = study
        self.early_stopping = early_stopping
        self.verbose = verbose
        self.cache = cache

    def fit(self, X: Any, y: Any, groups: Any = None) -> HyperSearchCV:
        """Search, then fit the best configuration to all rows.

        Parameters
        ----------
        X : frame, array or sparse matrix, shape (rows, columns)
            With frames, ``columns { … }`` sees their names and kinds; routes that take no column are left out, and
            configurations that differ only there are tried once.
        y : array-like, shape (rows,)
        groups : array-like or None
            For splitters by group.

        Raises
        ------
        HypError
            When the space is wrong, or no trial succeeded.
        """
        from hyperdsl.search.hypermodel import HyperModel
        from hyperdsl.search.progress import make_progress

        X, y = _as_rows(X), np.asarray(y)
        self._compiled = _compile(self.space)
        self._seed = _seed(self.random_state)
        self.schema_ = _schema_of(X, y, self._compiled.task)
        self._compiled = self._compiled.bind(self.schema_)
        self._given = self._compiled.given(self.schema_)
        estimator = self._estimator(X, y, groups)
        jobs = effective_n_jobs(self.n_jobs)
        with search_store(self.cache, jobs) as store:
            model = HyperModel(
                self._given,
                replace(estimator, store=store),
                self.searcher,
                "maximize",
                self.study,
                jobs,
                seed=self._seed,
                progress=make_progress() if self.verbose else None,
                metric=str(self.scoring or "score"),
                data_fingerprint=_fingerprint(X, y) if self.study is not None else "",
            )
            self.trials_ = model.search(self.n_trials, self.timeout).trials
        self._keep(model.best(), estimator, X, y)
        return self

    def _estimator(self, X: Any, y: np.ndarray[Any, Any], groups: Any) -> PipelineEstimator:
        if isinstance(self.scoring, (list, tuple, set, dict)):
            raise ValueError("scoring must be one metric: a search needs one number to compare")
        first = self._compiled.build(self._compiled.default(), schema=self.schema_)
        self.scorer_ = check_scoring(first, scoring=self.scoring)
        classification = self.schema_.task != "regression"
        folds = tuple(check_cv(self.cv, y, classifier=classification).split(X, y, groups))
        stopping = as_early_stopping(self.early_stopping)
        rows = min(len(rows) for rows, _ in folds)
        if stopping is not None and not enough_rows_to_watch(rows, len(self.schema_.classes), stopping)[0]:
            stopping = None
        found = check_table(self._compiled, X, y, self.schema_, folds, self.scorer_, str(self.scoring or ""))
        if any(d.severity == "error" for d in found):
            raise HypError(found)
        threads = max(1, available_threads() // effective_n_jobs(self.n_jobs))
        return PipelineEstimator(
            self._given, X, y, folds, self.scorer_, self.schema_, classification, stopping, threads
        )

    def _keep(self, best: Trial, estimator: PipelineEstimator, X: Any, y: np.ndarray[Any, Any]) -> None:
        assert best.evaluation is not None
        self.best_config_ = best.configuration.to_json()
        self.best_score_ = best.evaluation.score
        self.n_features_in_ = X.shape[1]
        if hasattr(X, "columns"):
            self.feature_names_in_ = np.asarray(X.columns, dtype=object)
        if estimator.classification:
            self.classes_ = np.unique(y)
        if self.refit:
            self.best_estimator_, _ = estimator.refit(best, self._seed)

    def source(self) -> str:
        """Python source that makes the best pipeline, without hyperdsl."""
        check_is_fitted(self, "best_config_")
        return self._given.source(self.best_config_, schema=self.schema_, seed=self._seed)

    @available_if(_best_has("predict"))  # type: ignore[untyped-decorator]
    def predict(self, X: Any) -> Any:
        return self._best.predict(_as_rows(X))

    @available_if(_best_has("predict_proba"))  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> Any:
        return self._best.predict_proba(_as_rows(X))

    @available_if(_best_has("predict_log_proba"))  # type: ignore[untyped-decorator]
    def predict_log_proba(self, X: Any) -> Any:
        return self._best.predict_log_proba(_as_rows(X))

    @available_if(_best_has("decision_function"))  # type: ignore[untyped-decorator]
    def decision_function(self, X: Any) -> Any:
        return self._best.decision_function(_as_rows(X))

    @available_if(_best_has("transform"))  # type: ignore[untyped-decorator]
    def transform(self, X: Any) -> Any:
        return self._best.transform(_as_rows(X))

    def score(self, X: Any, y: Any) -> float:
        """The score that the search compared, on other rows."""
        return float(self.scorer_(self._best, _as_rows(X), y))

    @property
    def _best(self) -> Any:
        check_is_fitted(self, "best_estimator_", msg="fit it first, with refit=True")
        return self.best_estimator_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        try:
            task = _compile(self.space).task
        except HypError:  # tags are asked for before fit, which then says what is wrong with the space
            return tags
        if task == "classification":
            tags.estimator_type, tags.classifier_tags = "classifier", ClassifierTags()
        elif task == "regression":
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        return tags


def _compile(space: HyperSpace | str) -> HyperSpace:
    return _compile_text(space) if isinstance(space, str) else space


@lru_cache(maxsize=16)
def _compile_text(text: str) -> HyperSpace:
    from hyperdsl.driver import compile

    return compile(text)


def _seed(random_state: Any) -> int:
    """An integer as it is; from anything else one is drawn, as scikit-learn does."""
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))


def _as_rows(X: Any) -> Any:
    """A pandas frame, a sparse matrix that has rows, or an array."""
    if hasattr(X, "iloc"):
        return X
    if sparse.issparse(X):
        return X.tocsr()
    return X.to_pandas() if hasattr(X, "to_pandas") else np.asarray(X)


def _schema_of(X: Any, y: np.ndarray[Any, Any], space_task: str | None) -> Schema:
    """Columns and task; an array's columns are named by position and numeric, or told from the values of objects."""
    task = infer_task(pd.Series(y.reshape(len(y), -1)[:, 0]), space_task)
    columns: tuple[Column, ...] = tuple(Column(i, "numeric") for i in range(X.shape[1] if X.ndim == 2 else 0))
    if hasattr(X, "iloc") or X.dtype == object:
        frame = X if hasattr(X, "iloc") else pd.DataFrame(X)
        names = {str(name): name for name in frame.columns}
        columns = tuple(replace(c, name=names[str(c.name)]) for c in infer_columns(frame, Reporter())[1])
    classes = () if task == "regression" else tuple(np.unique(y).tolist())
    return Schema(columns, task, len(y), classes)


def _fingerprint(X: Any, y: np.ndarray[Any, Any]) -> str:
    frame = X if hasattr(X, "iloc") else pd.DataFrame(X.toarray() if sparse.issparse(X) else X)
    return fingerprint(frame.rename(columns=str).assign(**{"<target>": y}))
