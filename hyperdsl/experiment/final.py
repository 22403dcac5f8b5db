"""The model that is kept in the end: fitted to all rows of the search, scored on those that were held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.diagnostics import models as say
from hyperdsl.experiment.fitting import last_step, takes_weights
from hyperdsl.experiment.model import Model, installed_versions
from hyperdsl.experiment.surroundings import limit_threads, quiet
from hyperdsl.experiment.voting import fit_vote, vote_of_selection, vote_script

if TYPE_CHECKING:
    from hyperdsl.experiment.ensemble import Selection
    from hyperdsl.experiment.experiment import Prepared
    from hyperdsl.search.progress import Progress
    from hyperdsl.search.trial import Trial


def best_model(prepared: Prepared, best: Trial, seed: int) -> Model:
    """The pipeline of the best trial.

    Raises
    ------
    HypError
        When it cannot be fitted to all rows.
    """
    assert best.evaluation is not None
    estimator, schema, score = prepared.estimator, prepared.train.schema, best.evaluation.score
    try:
        pipeline, rounds = estimator.refit(best, seed)
    except Exception as error:  # whatever a library raises
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise HypError([say.final_fit_failed(best.number, reason)]) from error
    weighted = estimator.weights is not None and takes_weights(last_step(pipeline))
    facts = prepared.facts and replace(prepared.facts, score=score, final_rounds=rounds, fits_weighted=weighted)
    script = prepared.space.source(best.configuration, schema, seed, estimator.threads, facts)
    return _model(prepared, pipeline, score, script, configuration=best.configuration.to_json(), key=best.key)


def tell_doubts(model: Model, best: Trial, reporter: Reporter, progress: Progress | None) -> None:
    """Warn where the final network has not learnt what that of the trial had."""
    losses = getattr(last_step(model.pipeline), "history_", {}).get("loss")
    curves: Any = best.evaluation.details.get("curves") if best.evaluation is not None else None
    if not losses or not curves or not has_failed(losses, [curve["loss"] for curve in curves]):
        return
    reached = max(curve["loss"][-1] for curve in curves)
    doubt = say.final_network_did_not_learn(losses[-1], best.number, reached)
    reporter.add(doubt)
    if progress is not None:
        progress.note("warning", doubt.message, code=doubt.code)


def has_failed(losses: Sequence[float], trained: Sequence[Sequence[float]]) -> bool:
    """Whether a training ends above what others, which came lower, had after their first epoch.

    Parameters
    ----------
    losses : sequence of float
        The loss after each epoch of the training.
    trained : sequence of sequences
        The same of the others.
    """
    began, reached = min(loss[0] for loss in trained), max(loss[-1] for loss in trained)
    return reached < began <= losses[-1]


def ensemble_model(prepared: Prepared, selection: Selection, seed: int) -> Model:
    """The ensemble that was selected."""
    estimator, space = prepared.estimator, prepared.space
    vote = vote_of_selection(selection, space, estimator, seed)
    facts = prepared.facts and replace(
        prepared.facts, score=selection.score, fits_weighted=estimator.weights is not None
    )
    script = vote_script(vote, space, prepared.train.schema, seed, estimator.threads, facts)
    members = tuple(
        {"trial": m.trial.number, "weight": m.weight, "configuration": m.trial.configuration.to_json()}
        for m in selection.members
    )
    return _model(prepared, fit_vote(vote, space, estimator, seed), selection.score, script, members=members)


def _model(prepared: Prepared, pipeline: Any, score: float | None, script: str, **found: Any) -> Model:
    train = prepared.train
    return Model(
        pipeline=pipeline,
        schema=train.schema,
        encoded=train.encoded,
        metric=prepared.metric,
        score=score,
        test_score=held_out_score(prepared, pipeline),
        space=prepared.space.name,
        text=prepared.space.text,
        script=script,
        versions=installed_versions(),
        **found,
    )


def held_out_score(prepared: Prepared, pipeline: Any) -> float | None:
    """The score of a fitted pipeline on the rows that were held out; None where there are none."""
    with quiet(), limit_threads(prepared.estimator.threads):
        return None if prepared.test is None else prepared.metric(pipeline, *prepared.test)


def member_score(prepared: Prepared, model: Model, number: int) -> float | None:
    """The same of one trial, where it is a member of an ensemble."""
    parts: Mapping[str, Any] = dict(getattr(model.pipeline, "estimators", ()))
    member = parts.get(f"trial_{number}")
    return None if member is None else held_out_score(prepared, member)
