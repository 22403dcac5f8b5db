"""The facts of an evaluation as JSON, and the scripts of a study's trials made from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from hyperdsl.backends.base import EarlyStopping, Holdout, ScriptFacts
from hyperdsl.schema import Schema

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
    for name, restore in _NESTED.items():
        values[name] = None if values[name] is None else restore(values[name])
    return ScriptFacts(**values)


_NESTED: dict[str, Callable[[Any], object]] = {
    "holdout": lambda fields: Holdout(**fields),
    "early_stopping": lambda fields: EarlyStopping(**fields),
    "final_rounds": tuple,
}


def trial_script(space: HyperSpace, info: StudyInfo, record: TrialRecord) -> str:
    """The script of a trial that an :class:`~hyperdsl.experiment.Experiment` has recorded in a study.

    Parameters
    ----------
    space : HyperSpace
        Compiled from ``info.space_text``.
    info, record : StudyInfo, TrialRecord
        As the study file holds them.
    """
    settings: Mapping[str, Any] = info.settings
    schema = Schema.from_json(settings["schema"]) if "schema" in settings else None
    facts = facts_from_json(settings["facts"]) if settings.get("facts") else None
    if facts is not None and record.evaluation is not None:
        facts = replace(facts, score=record.evaluation.score)
    return space.source(
        record.configuration, schema=schema, seed=info.seed, threads=settings.get("threads"), facts=facts
    )
