"""``HyperSearchCV``: a search as a scikit-learn estimator, beside ``GridSearchCV`` and its kin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sklearn
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator, MetaEstimatorMixin
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from hyperdsl.diagnostics import HypError
from hyperdsl.experiment.checking import check_table
from hyperdsl.experiment.effort import check_fidelity
from hyperdsl.experiment.estimator import PipelineEstimator
from hyperdsl.experiment.experiment import SAMPLE
from hyperdsl.experiment.fitting import as_early_stopping, enough_rows_to_watch
from hyperdsl.experiment.measures import Measures
from hyperdsl.experiment.proxies import asked_proxies, proxies_of
from hyperdsl.experiment.shared_weights import shared_weights_of
from hyperdsl.experiment.sharing import search_store
from hyperdsl.experiment.surroundings import available_threads
from hyperdsl.experiment.training import INHERITED, checkpoints_for
from hyperdsl.search.fidelity import Fidelity
from hyperdsl.search.goals import Goals, Objective
from hyperdsl.search.trial import State
from hyperdsl.sklearn_api.delegation import Delegating
from hyperdsl.sklearn_api.inputs import digest_of, fingerprint_of, rows_of, schema_of, targets_of
from hyperdsl.sklearn_api.keeping import Keeping
from hyperdsl.sklearn_api.scoring import (
    AnyEstimator,
    Ordered,
    Routed,
    Seen,
    check_settings,
    metric_names,
    routed_to,
    routing_enabled,
)
from hyperdsl.sklearn_api.spaces import as_value_errors, compiled, fill_tags, pattern_of, seed_of

if TYPE_CHECKING:
    from hyperdsl.backends.base import EarlyStopping
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.search.trial import Trial


class HyperSearchCV(Keeping, Delegating, MetaEstimatorMixin, BaseEstimator):  # type: ignore[misc]
    """Search a space by cross-validation and predict with the best pipeline.

    What scikit-learn's ``RandomizedSearchCV`` has too goes by its names here; ``space`` stands for its ``estimator``
    and ``param_distributions``.

    Parameters
    ----------
    space : HyperSpace or str
        A compiled space, or the text of one.
    n_iter : int or None
        How many configurations are tried; None for no limit but ``timeout``.
    scoring : str, callable, list, tuple, dict or None
        As in scikit-learn, greater is better; None uses the pipelines' own ``score``, with sample weights the
        accuracy or R². Of several metrics ``refit``
        names the one that is searched for; where it names none, all are, and ``trials_`` hold a Pareto front.
    n_jobs : int or None
        Trials at a time, in worker processes; None is one, in this process; -1 is one for each core.
    refit : bool, str or callable
        Whether to fit the best configuration to all rows in the end. With several metrics the name of one, or a
        function that is given ``cv_results_`` and gives ``best_index_``. ``"ensemble"`` fits a weighted vote of the
        best configurations (:mod:`hyperdsl.experiment.ensemble`).
    cv : int, splitter, iterable or None
        As in scikit-learn: five folds for None, stratified for classifiers.
    verbose : int
        1 shows the search.
    random_state : int, RandomState or None
        What all random numbers derive from.
    error_score : "raise" or number
        The score in ``cv_results_`` of configurations that fail; ``"raise"`` ends the search at the first.
    return_train_score : bool
        Whether ``cv_results_`` has scores on the rows fitted on too.
    searcher : str
        ``"auto"``, or another of :func:`hyperdsl.search.searchers.searcher_names`.
    timeout : float or None
        Seconds for the search.
    study : path, URL or None
        A study file, to go on with the search later.
    warm_start : bool
        Whether ``fit`` goes on from the trials of the last ``fit``, up to ``n_iter`` in all, when it is given the
        same rows and settings again; with others it starts anew.
    early_stopping : bool, int or EarlyStopping
        For LightGBM, XGBoost and CatBoost at the end of a pipeline, where the rows are enough for it.
    cache : int or None
        Bytes for fitted steps that trials share, with the same scores; 0 fits all anew, None is an eighth of the
        memory, a gigabyte at most.
    racing : bool
        Whether trials that cannot become the best stop after a fold (:mod:`hyperdsl.search.racing`). They have gaps in
        ``cv_results_`` then, which those who look for all scores do not expect; hence not by default.
    fidelity : str, Fidelity or None
        What cheap trials have less of, ``"rows=0.1..1"``, ``"folds=1..5"`` or ``"n_estimators=16..512"``: the best of
        them go on with more (:mod:`hyperdsl.experiment.effort`). The searcher ``"asha"``, ``"hyperband"`` or ``"bohb"``
        says which; under any other it is ``asha``. ``cv_results_["fidelity"]`` is what each trial came to; those that
        were not evaluated in full have gaps for their scores there. Networks train on from the epochs they had.
    inherit : bool
        Whether networks begin with the weights of the most similar trial before them, so that a score depends on the
        trials before it (:mod:`hyperdsl.backends.keras.morphisms`). The best is trained anew.

    Attributes
    ----------
    cv_results_ : dict of arrays
        One entry per trial; parameters are the decisions, by path.
    best_estimator_ : estimator
        The best pipeline, fitted to all rows. Only with ``refit``.
    best_params_ : dict
        Its decisions, by path. For several metrics only where ``refit`` says what is best.
    best_score_ : float
        Its mean score over the folds. Not where ``refit`` is a function.
    best_index_ : int
        Its place in ``cv_results_``.
    ensemble_ : list of (best_params, weight)
        The members. Only with ``refit="ensemble"``.
    trials_ : tuple of Trial
        All trials, by number.
    scorer_ : callable, or dict of them
    multimetric_ : bool
    n_splits_ : int
    refit_time_ : float
        Seconds.
    classes_ : numpy.ndarray
        The labels, for classifiers.
    n_features_in_ : int
    feature_names_in_ : numpy.ndarray
        Where ``X`` has names.
    schema_ : Schema
        What was found of the columns.

    Notes
    -----
    ``fit`` takes ``sample_weight``: pipelines give it to their last step and, where it can, the scorer weighs too. A
    model that takes no weights is fitted without; the search says so when it is the best one.

    Examples
    --------
    >>> HyperSearchCV("space s = Ridge(alpha = 1e-3..1e3 log)", n_iter=20)  # doctest: +SKIP
    """

    __metadata_request__fit = {"sample_weight": None}  # noqa: RUF012  (read by scikit-learn)

    def __init__(
        self,
        space: HyperSpace | str,
        *,
        n_iter: int | None = 50,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int = 0,
        random_state: Any = None,
        error_score: Any = math.nan,
        return_train_score: bool = False,
        searcher: str = "auto",
        timeout: float | None = None,
        study: Any = None,
        warm_start: bool = False,
        early_stopping: bool | int | EarlyStopping = True,
        cache: int | None = None,
        racing: bool = False,
        fidelity: str | Fidelity | None = None,
        inherit: bool = False,
    ) -> None:
        self.space = space
        self.n_iter = n_iter
        self.scoring = scoring
        self.n_jobs = n_jobs
        self.refit = refit
        self.cv = cv
        self.verbose = verbose
        self.random_state = random_state
        self.error_score = error_score
        self.return_train_score = return_train_score
        self.searcher = searcher
        self.timeout = timeout
        self.study = study
        self.warm_start = warm_start
        self.early_stopping = early_stopping
        self.cache = cache
        self.racing = racing
        self.fidelity = fidelity
        self.inherit = inherit

    def fit(self, X: Any, y: Any = None, **params: Any) -> HyperSearchCV:
        """Search, then fit the best configuration to all rows.

        Parameters
        ----------
        X : frame, array or sparse matrix, shape (rows, columns)
            With frames, ``columns { … }`` sees their names and kinds; routes that take no column are left out, and
            configurations that differ only there are tried once.
        y : array-like, shape (rows,)
        **params
            ``sample_weight``, and ``groups`` for splitters by group; with scikit-learn's metadata routing what the
            splitter and the scorer ask for.

        Raises
        ------
        ValueError
            When the space, the rows or a setting is wrong, or no trial succeeded; mostly a :class:`HypError`.
        """
        with as_value_errors():
            check_settings(self)
            space = compiled(self.space)
            X = rows_of(self, X, reset=True)
            y = targets_of(X, y, None if space.task is None else space.task == "classification")
            self._seed = seed_of(self.random_state)
            self.schema_ = schema_of(X, y, space.task)
            bound = space.bind(self.schema_)
            self._given = bound.given(self.schema_)
            routed = routed_to(self, params, X)
            estimator = self._estimator(bound, X, y, routed)
            fingerprint = fingerprint_of(X, y, estimator.weights)
            # Inside, only `sample_weight` is routed, and by hand.
            with sklearn.config_context(enable_metadata_routing=False):
                self._search(estimator, fingerprint)
                self._keep(estimator)
        return self

    def get_metadata_routing(self) -> MetadataRouter:
        """What ``fit`` and ``score`` do with metadata; see scikit-learn's guide to metadata routing."""
        router = MetadataRouter(owner=self).add_self_request(self)
        task = self.__sklearn_tags__().estimator_type
        splitter = check_cv(self.cv, classifier=task == "classifier")
        router.add(splitter=splitter, method_mapping=MethodMapping().add(caller="fit", callee="split"))
        pattern = pattern_of(self.space)
        if self.scoring is not None and not callable(self.scoring) and pattern is None:
            pattern = AnyEstimator()
        if self.scoring is not None or pattern is not None:
            names = metric_names(self.scoring)
            scorer = check_scoring(pattern, scoring=names if isinstance(self.scoring, set) else self.scoring)
            mapping = MethodMapping().add(caller="fit", callee="score").add(caller="score", callee="score")
            router.add(scorer=scorer, method_mapping=mapping)
        return router

    def _estimator(self, bound: HyperSpace, X: Any, y: np.ndarray[Any, Any], routed: Routed) -> PipelineEstimator:
        names = metric_names(self.scoring)
        first = bound.build(bound.default(), schema=self.schema_)
        self.multimetric_ = bool(names)
        scoring = names if isinstance(self.scoring, set) else self.scoring
        if scoring is None and routed.weights is not None:  # not every model's own `score` takes weights
            scoring = "r2" if self.schema_.task == "regression" else "accuracy"
        scorer = check_scoring(first, scoring=scoring)
        main = self.refit if isinstance(self.refit, str) and self.refit in names else (names[0] if names else "")
        self._metrics = [main, *(n for n in names if n != main)] if names else ["score"]
        each = {n: self.scoring[n] if isinstance(self.scoring, Mapping) else n for n in names}
        self.scorer_ = {n: check_scoring(first, scoring=s) for n, s in each.items()} if names else scorer
        classification = self.schema_.task != "regression"
        folds = tuple(check_cv(self.cv, y, classifier=classification).split(X, y, **routed.split))
        self.n_splits_ = len(folds)
        stopping = as_early_stopping(self.early_stopping)
        rows = min(len(rows) for rows, _ in folds)
        if stopping is not None and not enough_rows_to_watch(rows, len(self.schema_.classes), stopping)[0]:
            stopping = None
        checked = self.scorer_[main] if names else scorer
        found = check_table(bound, X, y, self.schema_, folds, checked, main or str(self.scoring or ""))
        if any(d.severity == "error" for d in found):
            raise HypError(found)
        threads = max(1, available_threads() // effective_n_jobs(self.n_jobs))
        taken = routed.taken_by(scorer)
        score: Any = Ordered(scorer, tuple(self._metrics)) if names else scorer
        seen = tuple(Seen(scorer, name, bool(names)) for name in self._metrics if self.return_train_score)
        fidelity = Fidelity.of(self.fidelity)
        estimator = PipelineEstimator(
            self._given, X, y, folds, score, self.schema_, classification, stopping, threads,
            Measures(measures=seen), weights=routed.weights, score_params=taken, fidelity=fidelity,
            inherits=self.inherit,
        )  # fmt: skip
        asked_proxies(bound, estimator, self._seed)
        if fidelity is not None:
            check_fidelity(fidelity, estimator, [self._given.default(), *self._given.sample(SAMPLE, seed=self._seed)])
        return estimator

    def _search(self, estimator: PipelineEstimator, fingerprint: str) -> None:
        from hyperdsl.search.hypermodel import HyperModel
        from hyperdsl.search.progress import make_progress

        jobs = effective_n_jobs(self.n_jobs)
        made_of = self._made_of(estimator, fingerprint)
        earlier: tuple[Trial, ...] = self.trials_ if self.warm_start and getattr(self, "_made", None) == made_of else ()
        how = INHERITED * self.inherit
        with (
            search_store(self.cache, jobs) as store,
            checkpoints_for(self.study, self._given.graph, f"{fingerprint}{how}") as checkpoints,
        ):
            model = HyperModel(
                self._given,
                replace(estimator, store=store, checkpoints=checkpoints),
                self.searcher,
                self._goals(),
                self.study,
                jobs,
                seed=self._seed,
                progress=make_progress() if self.verbose else None,
                catch=self.error_score != "raise" or jobs > 1,
                metric=(", ".join(self._metrics) if self.multimetric_ else str(self.scoring or "score")) + how,
                data_fingerprint=fingerprint if self.study is not None else "",
                trials=earlier,
                racing=self.racing,
                fidelity=self.fidelity,
                inherit=self.inherit,
                proxies={
                    **proxies_of(self._given, estimator, self._seed),
                    **shared_weights_of(self._given, estimator, 1, self._seed, checkpoints),
                },
            )
            self.trials_ = model.search(self.n_iter, self.timeout).trials
        self._made = made_of
        if self.error_score == "raise" and any(t.state is State.failed for t in self.trials_):
            model.best()  # where all failed, with the reason
            failed = next(t for t in self.trials_ if t.state is State.failed)
            assert failed.evaluation is not None and failed.evaluation.failure is not None
            raise RuntimeError(f"trial {failed.number} failed: {failed.evaluation.failure.message}")
        model.best()

    def _goals(self) -> Goals:
        if len(self._metrics) > 1 and not isinstance(self.refit, str):
            return Goals(tuple(Objective(name, "maximize") for name in self._metrics))
        return Goals()

    def _made_of(self, estimator: PipelineEstimator, fingerprint: str) -> str:
        """What trials must have in common to be compared."""
        space = self.space if isinstance(self.space, str) else id(self.space)
        settings = (
            self.scoring,
            self._metrics,
            self._seed,
            self.early_stopping,
            self.return_train_score,
            self.fidelity,
            self.inherit,
        )
        return digest_of(f"{fingerprint} {space} {settings!r}", estimator.folds)

    def score(self, X: Any, y: Any = None, **params: Any) -> float:
        """The score that the search compared, on other rows."""
        best = self._best
        X = rows_of(self, X, reset=False)
        if routing_enabled():
            params = dict(process_routing(self, "score", **params).scorer.score)
        elif params:
            raise ValueError(f"score takes {', '.join(params)} only with scikit-learn's metadata routing enabled")
        scorer: Any = self.scorer_[self._metrics[0]] if isinstance(self.scorer_, dict) else self.scorer_
        return float(scorer(best, X, y, **params))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        fill_tags(tags, self.space)
        return tags
