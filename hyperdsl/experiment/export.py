"""The facts of an evaluation as JSON, and the scripts of a study's trials made from them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Literal

from hyperdsl.backends.base import EarlyStopping, Holdout, ScriptFacts
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.diagnostics import models as say
from hyperdsl.experiment.fitting import final_rounds, last_step, rounds_parameter, takes_weights
from hyperdsl.experiment.voting import Ensemble, noted_ensemble, vote_of_records, vote_script
from hyperdsl.schema import Schema
from hyperdsl.source import Source

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.search.tables import StudyInfo, TrialRecord


def facts_to_json(facts: ScriptFacts) -> dict[str, Any]:
    """The facts as JSON data."""
    return asdict(facts)


def facts_from_json(fields: Mapping[str, Any]) -> ScriptFacts:
    """The inverse of :func:`facts_to_json`, also after a trip through JSON text."""
    values = dict(fields)
    for name in ("splitter_options", "reader_options", "astype"):
        values[name] = tuple((key, value) for key, value in values[name])
    values["drop"] = tuple(values["drop"])
    values["labels"] = tuple(values.get("labels", ()))
    for name, restore in _NESTED.items():
        values[name] = None if values[name] is None else restore(values[name])
    return ScriptFacts(**values)


_NESTED: dict[str, Callable[[Any], object]] = {
    "holdout": lambda fields: Holdout(**fields),
    "early_stopping": lambda fields: EarlyStopping(**fields),
    "final_rounds": tuple,
}


def file_name(space: HyperSpace) -> str:
    """The name of the main file of a space, as the comments of scripts show it."""
    sources = (node.span.source for node in space.graph.nodes if node.span is not None)
    return next((source.name for source in sources if source.text == space.text), "<text>")


def export_script(
    study: str | os.PathLike[str],
    *,
    name: str | None = None,
    revision: int | None = None,
    trial: int | Literal["best"] | None = None,
    allow: Sequence[str] = (),
    to: str = "sklearn",
) -> str:
    """The script of a trial in a study file, or of its ensemble; its space is compiled again.

    Parameters
    ----------
    study : path or URL
    name : str or None
        Which study of the file; None where it holds one.
    revision : int or None
        The version of its space; None for the last.
    trial : int, "best" or None
        Its number; None for what the search has chosen: the ensemble, where it found a better one, else the best.
    allow : sequence of str
        Packages of the user's own that the pipeline takes classes from.
    to : str
        ``"pytorch"`` writes networks as plain PyTorch, else they are Keras models.

    Raises
    ------
    HypError
        When there is no such study or trial, the study was not made by an experiment, or PyTorch has no equal of
        a part.
    """
    from hyperdsl.search.store import Store

    with Store.open(study, "read") as store:
        study, found = store.path, store.study(name, revision)
        info, records = found.info, found.records()
    if "schema" not in info.settings:
        raise HypError([say.not_an_experiment(str(study), info.name)])
    space = study_space(info, allow)
    ensemble = noted_ensemble(info)
    if trial is None and ensemble is not None and ensemble.is_better:
        return ensemble_script(space, info, records, ensemble, to)
    return record_script(space, info, _record(str(study), info, records, None if trial == "best" else trial), to)


def study_space(info: StudyInfo, allow: Sequence[str] = ()) -> HyperSpace:
    """The space of a study, compiled again from the text in it, for the table that was searched on.

    Raises
    ------
    HypError
        When the text does not compile here.
    """
    from hyperdsl.driver import compile_source

    settings: Mapping[str, Any] = info.settings
    space = compile_source(
        Source(settings.get("file", f"{info.space_name}.hyp"), info.space_text),
        Reporter(),
        space=info.space_name,
        level=settings.get("level", 1),
        allow=allow,
        root=settings.get("root"),
    )
    if "schema" not in settings:
        return space
    schema = Schema.from_json(settings["schema"])
    return space.bind(replace(schema, rows=settings.get("rows", schema.rows))).given(schema)


def record_script(space: HyperSpace, info: StudyInfo, record: TrialRecord, to: str = "sklearn") -> str:
    """The script of a trial, with the evaluation where the study says how it was made; ``space`` is the study's."""
    settings: Mapping[str, Any] = info.settings
    schema = Schema.from_json(settings["schema"]) if "schema" in settings else None
    threads = settings.get("threads")
    configuration = space.configuration(record.configuration)
    facts = facts_from_json(settings["facts"]) if settings.get("facts") else None
    if facts is not None and record.evaluation is not None:
        rounds = record.evaluation.details.get("rounds")
        setting = None
        if facts.early_stopping and isinstance(rounds, Sequence):
            model = last_step(space.build(configuration, schema=schema, seed=info.seed))
            total = final_rounds(rounds, facts.early_stopping)
            setting = None if total is None else (rounds_parameter(model), total)
        facts = replace(facts, score=record.evaluation.score, final_rounds=setting)
    if facts is not None and facts.weights is not None:
        model = last_step(space.build(configuration, schema=schema, seed=info.seed))
        facts = replace(facts, fits_weighted=takes_weights(model))
    if to == "pytorch" and facts is not None:
        facts = replace(facts, score=None)  # that of the study is Keras'
    return space.source(configuration, schema=schema, seed=info.seed, threads=threads, facts=facts, to=to)


def ensemble_script(
    space: HyperSpace, info: StudyInfo, records: Sequence[TrialRecord], ensemble: Ensemble, to: str = "sklearn"
) -> str:
    """The script of an ensemble of some trials of a study; ``space`` is the study's."""
    settings: Mapping[str, Any] = info.settings
    schema = Schema.from_json(settings["schema"])
    facts = facts_from_json(settings["facts"]) if settings.get("facts") else None
    vote = vote_of_records(space, records, ensemble, schema, info.seed, facts.early_stopping if facts else None)
    if facts is not None:
        score = None if to == "pytorch" else ensemble.score
        facts = replace(facts, score=score, fits_weighted=facts.weights is not None)
    return vote_script(vote, space, schema, info.seed, settings.get("threads"), facts, to)


def _record(study: str, info: StudyInfo, records: Sequence[TrialRecord], trial: int | None) -> TrialRecord:
    if trial is not None:
        for record in records:
            if record.number == trial:
                return record
        raise HypError([say.no_such_trial(study, trial, len(records))])
    best = info.goals.best(records)
    if best is None:
        raise HypError([say.no_scored_trial(study, len(records))])
    return best
