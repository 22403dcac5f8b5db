"""The durable record of studies: a SQLite file that one process writes, or a PostgreSQL database; any number read.

A trial's start is recorded when it starts and its result once when it ends; each is a transaction, and neither is
changed afterwards. SQLite's journal is a write-ahead log with ``synchronous=NORMAL``: what was committed survives the
process, however it ends.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import RowMapping, Table, and_, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics import studies as report
from hyperdsl.search.database import Database, Mode, open_database
from hyperdsl.search.edits import Edit
from hyperdsl.search.revisions import Carried, carried_over
from hyperdsl.search.tables import (
    ABANDONED,
    StudyInfo,
    TrialRecord,
    info_to_row,
    result_to_row,
    results,
    row_to_info,
    rows_to_record,
    start_to_row,
    studies,
    trials,
)
from hyperdsl.search.trial import Trial
from hyperdsl.space import Space

__all__ = ["Store", "Study", "StudyInfo", "TrialRecord"]

_SAME = {
    "seed": "seed",
    "direction": "direction",
    "metric": "metric",
    "data_fingerprint": "data",
}

_with_result = and_(results.c.study == trials.c.study, results.c.serial == trials.c.serial)
_every: tuple[Any, ...] = (trials, *(column for column in results.c if column.name not in trials.c))
_tables = (studies, trials, results)
_inserts: dict[str, dict[Table, Any]] = {
    "sqlite": {table: sqlite.insert(table).on_conflict_do_nothing() for table in _tables},
    "postgresql": {table: postgresql.insert(table).on_conflict_do_nothing() for table in _tables},
}


class Store:
    """A study file or database, from :meth:`open`; a context manager."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, where: str | os.PathLike[str], mode: Mode = "write") -> Store:
        """Open a study file, or a database.

        Parameters
        ----------
        where : path or str
            The file, also with ``sqlite:///`` before it; or ``postgresql://user@host/database``.
        mode : {"write", "read"}
            ``"write"`` creates the file where there is none, brings an older one up to date, and keeps other writers
            out of it (of a database: out of the study) until :meth:`close`. ``"read"`` reads, also while another
            process writes.

        Raises
        ------
        HypError
            When the folder or file is missing, the file is no study, damaged, or of a newer version, another process
            writes to it, permissions are lacking, or the server cannot be reached.
        """
        return cls(open_database(where, mode))

    @property
    def path(self) -> str:
        """Where it is, without a password."""
        return self._database.path

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def names(self) -> list[str]:
        """The names of the studies in the store, the oldest first."""
        query = select(studies.c.name).group_by(studies.c.name).order_by(func.min(studies.c.id))
        return self._database.run(lambda connection: list(connection.scalars(query)))

    def study(self, name: str | None = None, revision: int | None = None) -> Study:
        """A study that is there; without a name, the only one.

        ``revision`` is the version of its space, from 1 on; None is the last one.
        """
        known = self.names()
        if name is None and len(known) > 1:
            raise HypError([report.study_ambiguous(self.path, known)])
        name = known[0] if name is None and known else name
        if name not in known:
            raise HypError([report.study_unknown(self.path, name, known)])
        revisions = self._revisions(name)
        if revision is not None and not 1 <= revision <= len(revisions):
            raise HypError([report.study_revision_unknown(self.path, name, revision, len(revisions))])
        return revisions[-1 if revision is None else revision - 1]

    def begin(self, info: StudyInfo, space: Space) -> Study:
        """The study of this name to go on with, made where it is not there yet.

        Where the space was edited since, a new revision of the study is made. It begins with the earlier trials that
        are points of the space (:mod:`hyperdsl.search.edits`), under their numbers; the earlier revisions stay.

        Raises
        ------
        HypError
            When the one that is there was made with another seed, direction, metric or data; or another process
            writes to it.
        """
        self._database.claim(info.name)
        revisions = self._revisions(info.name)
        if revisions:
            _check_same(self.path, revisions[-1].info, info)
            if revisions[-1].info.space_fingerprint == info.space_fingerprint:
                return revisions[-1]
        for earlier in revisions:
            earlier.forget_running()
        edit, rows = carried_over([(r.info, r.rows()) for r in revisions], space)
        settings = {**info.settings, **({"edit": asdict(edit)} if revisions else {})}
        row = {**info_to_row(replace(info, settings=settings)), "created": time.time(), "revision": edit.revision}
        self._database.run(lambda connection: _add_revision(connection, row, rows))
        made = self._revisions(info.name)[-1]
        made.edit = edit if revisions else None
        return made

    def _revisions(self, name: str) -> list[Study]:
        query = select(studies).where(studies.c.name == name).order_by(studies.c.revision)
        rows = self._database.run(lambda connection: connection.execute(query).mappings().all())
        return [Study(self._database, row["id"], row_to_info(row), row["revision"]) for row in rows]


class Study:
    """The trials of one study in a store, as they are in one version of its space.

    Attributes
    ----------
    info : StudyInfo
    revision : int
        Which version of the space it is, from 1 on.
    edit : Edit or None
        What became of earlier trials, where :meth:`Store.begin` has just made this version of a study.
    """

    def __init__(self, database: Database, id: int, info: StudyInfo, revision: int) -> None:
        self.info = info
        self.revision = revision
        self.edit: Edit | None = None
        self._database = database
        self._id = id
        self._running: dict[int, int] = {}  # a trial's number and its serial
        self._next: int | None = None

    def records(self) -> list[TrialRecord]:
        """All trials by number, also those without a result yet; not those that were abandoned."""
        try:
            return [rows_to_record(rows) for rows in self.rows()]
        except (ValueError, KeyError, TypeError) as error:
            raise HypError([report.not_a_study(self._database.path, f"it is damaged ({error})")]) from error

    def rows(self) -> list[list[RowMapping]]:
        """The same as the rows of the tables: of each trial those with a result, by rung, where there are any."""
        ended = results.c.state
        query = (
            select(*_every)
            .select_from(trials.outerjoin(results, _with_result))
            .where(trials.c.study == self._id, func.coalesce(ended, "") != ABANDONED)
            .order_by(trials.c.number, ended.is_(None).desc(), trials.c.serial)
        )
        rows = self._database.run(lambda connection: connection.execute(query).mappings().all())
        found: dict[int, list[RowMapping]] = {}
        for row in rows:
            known = found.setdefault(row["number"], [])
            if known and known[-1]["state"] is None:
                known.clear()
            known.append(row)
        return list(found.values())

    def left(self) -> frozenset[int]:
        """The numbers of finished trials that have stayed with earlier versions of the space."""
        here = select(trials.c.number).where(trials.c.study == self._id)
        query = (
            select(results.c.number)
            .join(studies, studies.c.id == results.c.study)
            .where(studies.c.name == self.info.name, studies.c.revision < self.revision)
            .where(results.c.state != ABANDONED, results.c.number.not_in(here))
        )
        return self._database.run(lambda connection: frozenset(connection.scalars(query)))

    def forget_running(self) -> None:
        """Record that trials without a result are abandoned: the process that ran them is gone."""
        abandoned = (
            select(trials.c.study, trials.c.serial, trials.c.number, literal(ABANDONED))
            .select_from(trials.outerjoin(results, _with_result))
            .where(trials.c.study == self._id, results.c.serial.is_(None))
        )
        insert = results.insert().from_select(["study", "serial", "number", "state"], abandoned)
        self._database.run(lambda connection: connection.execute(insert))
        self._running.clear()

    def note(self, name: str, value: object) -> None:
        """Write a JSON fact into the study's settings, in place of what it has by this name."""
        self.info = replace(self.info, settings={**self.info.settings, name: value})
        row = {"settings": info_to_row(self.info)["settings"]}
        change = studies.update().where(studies.c.id == self._id).values(row)
        self._database.run(lambda connection: connection.execute(change))

    def start(self, trial: Trial) -> None:
        """Record a trial that starts."""
        if self._next is None:
            last = select(func.max(trials.c.serial)).where(trials.c.study == self._id)
            self._next = self._database.run(lambda connection: connection.scalar(last) or 0) + 1
        self._write(trials, start_to_row(trial, self._next))
        self._running[trial.number] = self._next
        self._next += 1

    def finish(self, trial: Trial) -> None:
        """Record the result of a trial that was started here; it is durable when this returns."""
        if trial.number not in self._running:
            raise RuntimeError(f"trial {trial.number} is not running in {self._database.path}")
        self._write(results, result_to_row(trial, self._running[trial.number]))
        del self._running[trial.number]

    def _write(self, table: Table, row: Mapping[str, Any]) -> None:
        """Add a row, or find that it was added although the answer was lost; another's is left as it is."""
        row = {"study": self._id, **row}
        if self._database.run(lambda connection: _add(connection, table, row)):
            return
        same = and_(*(column == row[column.name] for column in table.primary_key))
        query = select(table).where(same)
        stored = self._database.run(lambda connection: connection.execute(query).mappings().one_or_none())
        if stored is None or dict(stored) != row:
            raise HypError([report.study_in_use(self._database.path, "another process, which got past its lock")])


def _add(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Whether a row was added; a row with its key, or another result of its trial, stays."""
    return connection.execute(_inserts[connection.dialect.name][table], row).rowcount == 1


def _add_revision(connection: Connection, row: Mapping[str, Any], carried: Sequence[Carried]) -> None:
    """Add a study with its first trials; nothing where it has been added already."""
    if not _add(connection, studies, row):
        return
    same = (studies.c.name == row["name"], studies.c.revision == row["revision"])
    study = {"study": connection.scalar(select(studies.c.id).where(*same))}
    if carried:
        connection.execute(trials.insert(), [{**study, **start} for start, _ in carried])
        connection.execute(results.insert(), [{**study, **end} for _, end in carried])


def _check_same(path: str, stored: StudyInfo, given: StudyInfo) -> None:
    differences = [
        report.study_differs(path, stored.name, what, getattr(stored, name), getattr(given, name))
        for name, what in _SAME.items()
        if getattr(stored, name) != getattr(given, name)
    ]
    if differences:
        raise HypError(differences)
