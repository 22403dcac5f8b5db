"""Ensembles as models: what was selected, made and fitted as one of scikit-learn's voting estimators."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hyperdsl.backends import backend
from hyperdsl.backends.base import EarlyStopping, Header, ScriptFacts, Vote, Voter
from hyperdsl.experiment.checking import response_methods
from hyperdsl.experiment.fitting import final_rounds, fit_final, last_step, rounds_parameter, takes_weights
from hyperdsl.experiment.surroundings import kept_random_state, limit_threads, quiet
from hyperdsl.frozen import frozen
from hyperdsl.schema import Schema
from hyperdsl.search.history import History, Stop, score_of
from hyperdsl.search.trial import State, Trial

if TYPE_CHECKING:
    from hyperdsl.experiment.ensemble import Selection
    from hyperdsl.experiment.estimator import PipelineEstimator
    from hyperdsl.experiment.metrics import Metric
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.search.progress import Progress
    from hyperdsl.search.tables import StudyInfo, TrialRecord

ENTRY = "ensemble"  # of a study's settings


@frozen
class Ensemble:
    """What became of an ensemble of the best trials.

    Parameters
    ----------
    members : tuple of (trial number, weight)
        The heaviest first.
    soft : bool
        Whether probabilities are averaged and not votes counted.
    score : float or None
        On the rows that no model was fitted on, the mean over the folds; None where no ensemble can be scored so.
    best : int
        The number of the best trial.
    best_score : float
        Its own score.
    of : int
        How many trials it was selected from.
    is_better : bool
        Whether it beats the best trial, and is what was chosen.
    """

    members: tuple[tuple[int, int], ...]
    soft: bool
    score: float | None
    best: int
    best_score: float
    of: int
    is_better: bool

    def words(self, metric: str) -> str:
        """For people: what it is and whether it is better than the best trial."""
        alone = f"trial {self.best} alone ({self.best_score:.6g})"
        best = f"the best {self.of} trials" if self.of > 1 else "the only trial"
        if self.score is None:
            return f"none: {metric} needs probabilities, which no model among {best} gives"
        if not self.is_better:
            return f"none: the best one of {best} has {metric} {self.score:.6g} out of fold, no better than {alone}"
        return f"{len(self.members)} of {best}, {metric} {self.score:.6g} out of fold: better than {alone}"

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Ensemble:
        return cls(**{**data, "members": tuple((number, weight) for number, weight in data["members"])})


def find_ensemble(
    estimator: PipelineEstimator, metric: Metric, history: History, of: int, seed: int, progress: Progress | None
) -> tuple[Ensemble, Selection] | None:
    """Select an ensemble of the best trials and compare it with the best one; None where the search was cut off."""
    from hyperdsl.experiment.ensemble import select

    if history.stopped is Stop.interrupted:
        return None
    ranked = sorted((t for t in history.trials if t.state is State.complete), key=history.goals.order)[:of]
    if progress is not None:
        what = f"an ensemble is selected: the best {len(ranked)} trials are fitted in the folds again"
        progress.note("ensemble", what, of=len(ranked))
    found, alone = select(estimator, ranked, seed, metric.sign > 0), score_of(ranked[0])
    can_score = found.soft or not response_methods(metric.sklearn_scorer())
    score = found.score if can_score and found.members else None
    is_better = score is not None and metric.better(score, alone)
    members = tuple((m.trial.number, m.weight) for m in found.members)
    return Ensemble(members, found.soft, score, ranked[0].number, alone, len(ranked), is_better), found


def note_ensemble(study: str | os.PathLike[str], name: str, ensemble: Ensemble | None) -> None:
    """Write into a study what its last search has chosen."""
    from hyperdsl.search.store import Store

    with Store.open(study) as store:
        found = store.study(name)
        if ensemble is not None or ENTRY in found.info.settings:
            found.note(ENTRY, None if ensemble is None else ensemble.to_json())


def noted_ensemble(info: StudyInfo) -> Ensemble | None:
    """What :func:`note_ensemble` has written."""
    data = info.settings.get(ENTRY)
    return Ensemble.from_json(data) if isinstance(data, Mapping) else None


def vote_of(
    space: HyperSpace,
    members: Sequence[tuple[Trial | TrialRecord, int]],
    *,
    soft: bool,
    schema: Schema,
    seed: int,
    stopping: EarlyStopping | None,
) -> Vote:
    """The ensemble of some trials with their weights."""
    voters = []
    for trial, weight in members:
        model = last_step(space.build(trial.configuration, schema=schema, seed=seed))
        rounds = trial.evaluation.details.get("rounds") if trial.evaluation else None
        total = final_rounds(rounds, stopping) if stopping and isinstance(rounds, (list, tuple)) else None
        setting = None if total is None else (rounds_parameter(model), total)
        plan = space.plan(trial.configuration, schema)
        voters.append(Voter(f"trial_{trial.number}", plan, weight, setting, takes_weights(model)))
    return Vote(tuple(voters), schema.task != "regression", soft)


def vote_of_selection(selection: Selection, space: HyperSpace, estimator: PipelineEstimator, seed: int) -> Vote:
    """The ensemble that was selected."""
    assert estimator.schema is not None
    return vote_of(
        space,
        [(m.trial, m.weight) for m in selection.members],
        soft=selection.soft,
        schema=estimator.schema,
        seed=seed,
        stopping=estimator.stopping,
    )


def vote_of_records(
    space: HyperSpace,
    records: Sequence[TrialRecord],
    ensemble: Ensemble,
    schema: Schema,
    seed: int,
    stopping: EarlyStopping | None,
) -> Vote:
    """The same of an ensemble that a study tells of."""
    known = {record.number: record for record in records}
    members = [(known[number], weight) for number, weight in ensemble.members if number in known]
    return vote_of(space, members, soft=ensemble.soft, schema=schema, seed=seed, stopping=stopping)


def fit_vote(vote: Vote, space: HyperSpace, estimator: PipelineEstimator, seed: int) -> Any:
    """The fitted ensemble: each model is fitted once, to all rows, with as many rounds as its folds suggest."""
    from sklearn.frozen import FrozenEstimator
    from sklearn.preprocessing import LabelEncoder

    ensemble: Any = backend().build(
        vote, schema=estimator.schema, seed=seed, threads=estimator.threads, catalog=space.catalog()
    )
    y = LabelEncoder().fit_transform(estimator.y) if estimator.classification else estimator.y
    with quiet(), limit_threads(estimator.threads):
        for _, model in ensemble.estimators:
            with kept_random_state(seed):
                fit_final(model, estimator.X, y, None, estimator.weights)
        ensemble.set_params(estimators=[(name, FrozenEstimator(model)) for name, model in ensemble.estimators])
        return ensemble.fit(estimator.X, estimator.y)


def vote_script(
    vote: Vote,
    space: HyperSpace,
    schema: Schema | None,
    seed: int,
    threads: int | None,
    facts: ScriptFacts | None,
    to: str = "sklearn",
) -> str:
    """The script of an ensemble, with the evaluation where the facts of one are known."""
    return backend(to).source(
        vote,
        header=Header(space=space.name, members=len(vote.voters)),
        schema=schema,
        seed=seed,
        threads=threads,
        facts=facts,
        catalog=space.catalog(),
    )
