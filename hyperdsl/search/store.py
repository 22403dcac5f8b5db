"""The durable record of studies: a SQLite file that one process writes and any number read.

A trial's row is inserted when it starts and made final once when it ends; each is a transaction. The journal is a
write-ahead log with ``synchronous=NORMAL``: what was committed survives the process, however it ends.
"""

from __future__ import annotations

import os
import time
from typing import Literal

from sqlalchemy import bindparam, select

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics import studies as report
from hyperdsl.search.database import Database
from hyperdsl.search.tables import (
    SCHEMA_VERSION,
    StudyInfo,
    TrialRecord,
    info_to_row,
    result_to_row,
    row_to_info,
    row_to_record,
    start_to_row,
    studies,
    trials,
)
from hyperdsl.search.trial import State, Trial

__all__ = ["Store", "Study", "StudyInfo", "TrialRecord"]

_SAME = {
    "seed": "seed",
    "direction": "direction",
    "metric": "metric",
    "data_fingerprint": "data",
}

_is_running = trials.c.state == State.running.value
_finish = trials.update().where(
    trials.c.study == bindparam("of_study"), trials.c.number == bindparam("of_number"), _is_running
)


class Store:
    """A study file, from :meth:`open`; a context manager."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, where: str | os.PathLike[str], mode: Literal["write", "read"] = "write") -> Store:
        """Open a study file.

        Parameters
        ----------
        where : path or str
            The file, or ``sqlite:///`` before it.
        mode : {"write", "read"}
            ``"write"`` creates the file where there is none, and keeps other writers out until :meth:`close`.
            ``"read"`` reads a file, also while another process writes to it.

        Raises
        ------
        HypError
            When the folder or file is missing, the file is no study, damaged, or of a newer version, another process
            writes to it, or permissions are lacking.
        """
        return cls(Database.open(where, mode))

    @property
    def path(self) -> str:
        return self._database.path

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def names(self) -> list[str]:
        """The names of the studies in the file, the oldest first."""
        with self._database.transaction() as connection:
            return list(connection.scalars(select(studies.c.name).order_by(studies.c.id)))

    def study(self, name: str | None = None) -> Study:
        """A study that is there; without a name, the only one."""
        known = self.names()
        if name is None and len(known) > 1:
            raise HypError([report.study_ambiguous(self.path, known)])
        name = known[0] if name is None and known else name
        if name not in known:
            raise HypError([report.study_unknown(self.path, name, known)])
        with self._database.transaction() as connection:
            row = connection.execute(select(studies).where(studies.c.name == name)).mappings().one()
        return Study(self._database, row["id"], row_to_info(row))

    def begin(self, info: StudyInfo) -> Study:
        """The study of this name to go on with, made where it is not there yet.

        Raises
        ------
        HypError
            When the one that is there was made with another space, seed, direction, metric or data.
        """
        if info.name in self.names():
            study = self.study(info.name)
            _check_same(self.path, study.info, info)
            return study
        row = {**info_to_row(info), "created": time.time(), "schema_version": SCHEMA_VERSION}
        with self._database.transaction() as connection:
            connection.execute(studies.insert(), row)
        return self.study(info.name)


class Study:
    """The trials of one study in a store."""

    def __init__(self, database: Database, id: int, info: StudyInfo) -> None:
        self.info = info
        self._database = database
        self._id = id

    def records(self) -> list[TrialRecord]:
        """All trials by number, also those without a result."""
        query = select(trials).where(trials.c.study == self._id).order_by(trials.c.number)
        with self._database.transaction() as connection:
            rows = connection.execute(query).mappings().all()
        try:
            return [row_to_record(row) for row in rows]
        except (ValueError, KeyError, TypeError) as error:
            raise HypError([report.not_a_study(self._database.path, f"it is damaged ({error})")]) from error

    def forget_running(self) -> None:
        """Drop trials without a result: the process that ran them is gone."""
        with self._database.transaction() as connection:
            connection.execute(trials.delete().where(trials.c.study == self._id, _is_running))

    def start(self, trial: Trial) -> None:
        """Record a trial that starts."""
        with self._database.transaction() as connection:
            connection.execute(trials.insert(), {"study": self._id, **start_to_row(trial)})

    def finish(self, trial: Trial) -> None:
        """Make a running trial final; it is durable when this returns."""
        place = {"of_study": self._id, "of_number": trial.number}
        with self._database.transaction() as connection:
            done = connection.execute(_finish, {**place, **result_to_row(trial)})
        if done.rowcount != 1:
            raise RuntimeError(f"trial {trial.number} is not running in {self._database.path}")


def _check_same(path: str, stored: StudyInfo, given: StudyInfo) -> None:
    other_data = stored.data_fingerprint != given.data_fingerprint and stored.space_text == given.space_text
    if stored.space_fingerprint != given.space_fingerprint and not other_data:  # a space may depend on its data
        raise HypError([report.space_differs(path, stored.name, stored.space_name)])
    differences = [
        report.study_differs(path, stored.name, what, getattr(stored, name), getattr(given, name))
        for name, what in _SAME.items()
        if getattr(stored, name) != getattr(given, name)
    ]
    if differences:
        raise HypError(differences)
