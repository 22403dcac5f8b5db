"""The tables of a study file, and their rows as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, field
from typing import Any

from sqlalchemy import Column, Float, ForeignKey, Integer, MetaData, RowMapping, String, Table

from hyperdsl.frozen import frozen
from hyperdsl.search.codec import data_to_evaluation, evaluation_to_data
from hyperdsl.search.goals import Goals
from hyperdsl.search.trial import Evaluation, State, Trial
from hyperdsl.space import Space

SCHEMA_VERSION = 1

metadata = MetaData()

stores = Table("store", metadata, Column("schema_version", Integer, nullable=False))

studies = Table(
    "study",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("created", Float, nullable=False),  # seconds since the epoch
    Column("schema_version", Integer, nullable=False),
    Column("space_name", String, nullable=False),
    Column("space_text", String, nullable=False),
    Column("space_fingerprint", String, nullable=False),
    Column("settings", String, nullable=False),  # JSON
    Column("seed", String, nullable=False),  # decimal: SQLite's integers end at 2**63
    Column("direction", String, nullable=False),
    Column("metric", String, nullable=False),
    Column("data_fingerprint", String, nullable=False),
)

trials = Table(
    "trial",
    metadata,
    Column("study", ForeignKey("study.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("key", String, nullable=False),
    Column("configuration", String, nullable=False),  # JSON
    Column("state", String, nullable=False),
    Column("score", Float),
    Column("evaluation", String),  # JSON: the rest of the evaluation
    Column("failure", String),  # JSON
    Column("started", Float, nullable=False),  # seconds since the epoch
    Column("seconds", Float),
)


@frozen
class StudyInfo:
    """What a study is about. A search goes on with it only where all but ``settings`` and the text are equal.

    Parameters
    ----------
    name : str
        Names the study in its file.
    space_name, space_text, space_fingerprint : str
        The space; the fingerprint is :func:`hyperdsl.search.fingerprint.space_fingerprint`'s.
    seed : int
        The study's seed.
    direction : str
        What is good, as :meth:`hyperdsl.search.goals.Goals.text` writes it: ``maximize``, ``minimize``, or JSON.
    metric, data_fingerprint : str
        Empty where there is none.
    settings : mapping
        JSON facts for people and for repeating the search, such as the searcher and the validation.
    """

    name: str
    space_name: str
    space_text: str
    space_fingerprint: str
    seed: int
    direction: str
    metric: str = ""
    data_fingerprint: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def goals(self) -> Goals:
        """What is good."""
        return Goals.parse(self.direction)


@frozen
class TrialRecord:
    """A trial as it is stored, readable without compiling its space."""

    number: int
    key: str
    configuration: Mapping[str, Any]
    state: State
    evaluation: Evaluation | None
    started: float

    def trial(self, space: Space) -> Trial:
        """The trial in its space; HypError where the configuration is not a point of it."""
        configuration = space.configuration(self.configuration)
        return Trial(self.number, configuration, self.key, self.state, self.evaluation, self.started)


def info_to_row(info: StudyInfo) -> dict[str, Any]:
    """The columns of a study that its maker gives."""
    return {**asdict(info), "seed": str(info.seed), "settings": _write(dict(info.settings))}


def row_to_info(row: RowMapping) -> StudyInfo:
    """The inverse of :func:`info_to_row`."""
    values = {name: row[name] for name in StudyInfo.__dataclass_fields__}
    return StudyInfo(**{**values, "seed": int(row["seed"]), "settings": json.loads(row["settings"])})


def start_to_row(trial: Trial) -> dict[str, Any]:
    """The columns of a trial that are known when it starts."""
    return {
        "number": trial.number,
        "key": trial.key,
        "configuration": _write(trial.configuration.to_json()),
        "state": State.running.value,
        "started": trial.started,
    }


def result_to_row(trial: Trial) -> dict[str, Any]:
    """The columns of a trial that its end adds."""
    assert trial.evaluation is not None
    data = evaluation_to_data(trial.evaluation)
    score, failure = data.pop("score"), data.pop("failure")
    return {
        "state": trial.state.value,
        "score": score,
        "seconds": data.pop("seconds"),
        "evaluation": _write(data),
        "failure": _write(failure) if failure else None,
    }


def row_to_record(row: RowMapping) -> TrialRecord:
    """A trial from :func:`start_to_row` and, where it has ended, :func:`result_to_row`."""
    evaluation = None
    if row["evaluation"] is not None:
        failure = json.loads(row["failure"]) if row["failure"] else None
        rest = {"score": row["score"], "seconds": row["seconds"], "failure": failure}
        evaluation = data_to_evaluation({**json.loads(row["evaluation"]), **rest})
    return TrialRecord(
        number=row["number"],
        key=row["key"],
        configuration=json.loads(row["configuration"]),
        state=State(row["state"]),
        evaluation=evaluation,
        started=row["started"],
    )


def _write(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
