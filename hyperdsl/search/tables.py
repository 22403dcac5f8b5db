"""The tables of a store, and their rows as values.

History is only ever added to: a trial's start is a row of ``trial``, its end a row of ``result``. A number that was cut
off and tried again has several starts, told apart by their serial; those that came to nothing end as ``abandoned``. One
that was evaluated again with more of a fidelity has several results, one for each rung.
A study whose space was edited goes on as a new revision, and the old one stays as it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, field
from typing import Any

from sqlalchemy import (
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
)

from hyperdsl.frozen import frozen
from hyperdsl.search.codec import data_to_evaluation, evaluation_to_data
from hyperdsl.search.edits import Edit
from hyperdsl.search.goals import Goals
from hyperdsl.search.trial import Evaluation, State, Trial
from hyperdsl.space import Space

SCHEMA_VERSION = 3
ABANDONED = "abandoned"  # the end of a start that came to nothing

metadata = MetaData()

stores = Table("store", metadata, Column("schema_version", Integer, nullable=False))

studies = Table(
    "study",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("revision", Integer, nullable=False),  # from 1 on, one more for each edited space
    Column("created", Double, nullable=False),  # seconds since the epoch
    Column("space_name", String, nullable=False),
    Column("space_text", String, nullable=False),
    Column("space_fingerprint", String, nullable=False),
    Column("settings", String, nullable=False),  # JSON
    Column("seed", String, nullable=False),  # decimal: integers of databases end at 2**63
    Column("direction", String, nullable=False),
    Column("metric", String, nullable=False),
    Column("data_fingerprint", String, nullable=False),
    UniqueConstraint("name", "revision"),
)

trials = Table(
    "trial",
    metadata,
    Column("study", ForeignKey("study.id"), primary_key=True),
    Column("serial", Integer, primary_key=True, autoincrement=False),  # from 0 on, in the order of starting
    Column("number", Integer, nullable=False),
    Column("key", String, nullable=False),
    Column("configuration", String, nullable=False),  # JSON
    Column("started", Double, nullable=False),  # seconds since the epoch
    Column("origin", Integer),  # its number in an earlier revision
)

results = Table(
    "result",
    metadata,
    Column("study", Integer, primary_key=True),
    Column("serial", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("rung", Integer, nullable=False, server_default="0"),  # how many results of the trial came before it
    Column("state", String, nullable=False),
    Column("score", Double),
    Column("seconds", Double),
    Column("evaluation", String),  # JSON: the rest of the evaluation
    Column("failure", String),  # JSON
    ForeignKeyConstraint(["study", "serial"], ["trial.study", "trial.serial"]),
)

_final = results.c.state != ABANDONED
Index(
    "one_result",
    *(results.c.study, results.c.number, results.c.rung),
    unique=True,
    sqlite_where=_final,
    postgresql_where=_final,
)


@frozen
class StudyInfo:
    """What a study is about. A search goes on with it only where seed, direction, metric and data are equal.

    With another space it does so in a new revision.

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

    @property
    def edit(self) -> Edit | None:
        """What became of the trials of the earlier version of its space, where there is one."""
        edit = self.settings.get("edit")
        return Edit(**edit) if isinstance(edit, Mapping) else None


@frozen
class TrialRecord:
    """A trial as it is stored, readable without compiling its space."""

    number: int
    key: str
    configuration: Mapping[str, Any]
    state: State
    evaluation: Evaluation | None
    started: float
    origin: int | None = None  # its number before the space was edited
    earlier: tuple[Evaluation, ...] = ()  # with less of a fidelity

    def trial(self, space: Space) -> Trial:
        """The trial in its space; HypError where the configuration is not a point of it."""
        configuration = space.configuration(self.configuration)
        return Trial(
            self.number, configuration, self.key, self.state, self.evaluation, self.started, earlier=self.earlier
        )


def info_to_row(info: StudyInfo) -> dict[str, Any]:
    """The columns of a study that its maker gives."""
    return {**asdict(info), "seed": str(info.seed), "settings": _write(dict(info.settings))}


def row_to_info(row: RowMapping) -> StudyInfo:
    """The inverse of :func:`info_to_row`."""
    values = {name: row[name] for name in StudyInfo.__dataclass_fields__}
    return StudyInfo(**{**values, "seed": int(row["seed"]), "settings": json.loads(row["settings"])})


def start_to_row(trial: Trial, serial: int, origin: int | None = None) -> dict[str, Any]:
    """The row of a trial that starts, without its study."""
    return {
        "serial": serial,
        "number": trial.number,
        "key": trial.key,
        "configuration": _write(trial.configuration.to_json()),
        "started": trial.started,
        "origin": origin,
    }


def result_to_row(trial: Trial, serial: int) -> dict[str, Any]:
    """The row of a trial's end, without its study."""
    assert trial.evaluation is not None
    data = evaluation_to_data(trial.evaluation)
    score, failure = data.pop("score"), data.pop("failure")
    return {
        "serial": serial,
        "number": trial.number,
        "rung": len(trial.earlier),
        "state": trial.state.value,
        "score": score,
        "seconds": data.pop("seconds"),
        "evaluation": _write(data),
        "failure": _write(failure) if failure else None,
    }


def rows_to_record(rows: Sequence[RowMapping]) -> TrialRecord:
    """A trial from :func:`start_to_row` and, where it has ended, :func:`result_to_row`, of each rung."""
    row = rows[-1]
    evaluations = [_evaluation(row) for row in rows]
    return TrialRecord(
        number=row["number"],
        key=row["key"],
        configuration=json.loads(row["configuration"]),
        state=State.running if row["state"] is None else State(row["state"]),
        evaluation=evaluations[-1],
        started=row["started"],
        origin=row["origin"],
        earlier=tuple(e for e in evaluations[:-1] if e is not None),
    )


def _evaluation(row: RowMapping) -> Evaluation | None:
    if row["evaluation"] is None:
        return None
    failure = json.loads(row["failure"]) if row["failure"] else None
    rest = {"score": row["score"], "seconds": row["seconds"], "failure": failure}
    return data_to_evaluation({**json.loads(row["evaluation"]), **rest})


def _write(value: object) -> str:
    """JSON that every database takes: no half characters, which paths that are no UTF-8 bring."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")
