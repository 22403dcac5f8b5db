"""A SQLite file, opened and spoken to so that whatever is wrong with it becomes a diagnostic."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event, inspect, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from hyperdsl.diagnostics import Diagnostic, HypError
from hyperdsl.diagnostics import studies as report
from hyperdsl.search.filelock import FileLock
from hyperdsl.search.tables import SCHEMA_VERSION, metadata, stores

Mode = Literal["write", "read"]

BUSY_SECONDS = 30


class Database:
    """One connection; :meth:`open` makes it and keeps other writers out."""

    def __init__(self, path: str, connection: Connection, lock: FileLock | None) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock

    @classmethod
    def open(cls, where: str | os.PathLike[str], mode: Mode) -> Database:
        """Open a study file; ``"write"`` creates it where there is none."""
        path = _checked_path(os.fspath(where), mode)
        lock = _taken_lock(path) if mode == "write" else None
        try:
            with _reported(path):
                connection = _engine(path, mode).connect()
        except BaseException:
            if lock:
                lock.release()
            raise
        database = cls(path, connection, lock)
        try:
            with database.transaction() as connection:
                _check_schema(path, connection, mode)
            if mode == "write":
                database._write_ahead()
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing of what is done within; durable when it ends."""
        with _reported(self.path), self._connection.begin():
            yield self._connection

    def _write_ahead(self) -> None:
        """Keep a write-ahead log; not before it is known that the file is a study."""
        with _reported(self.path):
            self._driver.execute("PRAGMA journal_mode = WAL")
            self._driver.execute("PRAGMA synchronous = NORMAL")

    def close(self) -> None:
        """Close the file and let others write; without effect the second time."""
        if self._connection.closed:
            return
        if self._lock:
            # One plain file again, which can be read from where nothing can be written; later, if somebody reads now.
            with contextlib.suppress(sqlite3.DatabaseError):
                self._driver.execute("PRAGMA busy_timeout = 0")
                self._driver.execute("PRAGMA journal_mode = DELETE")
        self._connection.close()
        if self._lock:
            self._lock.release()

    @property
    def _driver(self) -> sqlite3.Connection:
        driver = self._connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return driver


def _checked_path(where: str, mode: Mode) -> str:
    if "://" in where and not where.startswith("sqlite:///"):
        raise HypError([report.study_url_unsupported(where)])
    path = Path(where.removeprefix("sqlite:///"))
    if path.is_dir():
        raise HypError([report.not_a_study(str(path), "it is a folder")])
    if mode == "read" and not path.exists():
        raise HypError([report.study_file_missing(str(path))])
    if not path.parent.is_dir():
        raise HypError([report.study_folder_missing(str(path), str(path.parent))])
    return str(path)


def _taken_lock(path: str) -> FileLock:
    lock = FileLock(path)
    try:
        if lock.acquire():
            return lock
    except OSError as error:
        raise HypError([report.study_not_writable(path, error.strerror or str(error))]) from error
    raise HypError([report.study_in_use(path, lock.holder())])


def _engine(path: str, mode: Mode) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: _connect(path, mode), poolclass=NullPool)
    # The driver would begin no transaction for a table's creation, and begin the others too late.
    begin = "BEGIN IMMEDIATE" if mode == "write" else "BEGIN"
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _connect(path: str, mode: Mode) -> sqlite3.Connection:
    options = {"write": "rwc", "read": "ro"}[mode]
    return sqlite3.connect(
        f"file:{quote(os.path.abspath(path))}?mode={options}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _check_schema(path: str, connection: Connection, mode: Mode) -> None:
    tables = set(inspect(connection).get_table_names())
    if not tables and mode == "write":
        metadata.create_all(connection)
        connection.execute(stores.insert().values(schema_version=SCHEMA_VERSION))
        return
    if not tables:
        raise HypError([report.not_a_study(path, "it is empty")])
    if not tables >= set(metadata.tables):
        raise HypError([report.not_a_study(path, "it is a database of something else")])
    found = connection.scalar(select(stores.c.schema_version))
    if not isinstance(found, int):
        raise HypError([report.not_a_study(path, "it does not say which version it has")])
    if found > SCHEMA_VERSION:
        raise HypError([report.study_too_new(path, found, SCHEMA_VERSION)])


@contextmanager
def _reported(path: str) -> Iterator[None]:
    """Errors of the database as diagnostics; those that only a bug can cause stay as they are."""
    try:
        yield
    except (DatabaseError, sqlite3.DatabaseError) as error:
        diagnostic = _explain(path, error.orig if isinstance(error, DatabaseError) else error)
        if diagnostic is None:
            raise
        raise HypError([diagnostic]) from error


def _explain(path: str, error: BaseException | None) -> Diagnostic | None:
    name = getattr(error, "sqlite_errorname", "")
    reason = str(error)
    match "_".join(name.split("_")[:2]):
        case "SQLITE_NOTADB":
            return report.not_a_study(path, "it is not a SQLite file")
        case "SQLITE_CORRUPT":
            return report.not_a_study(path, f"it is damaged ({reason})")
        case "SQLITE_READONLY" | "SQLITE_CANTOPEN" | "SQLITE_PERM":
            return report.study_not_writable(path, reason)
        case "SQLITE_BUSY" | "SQLITE_LOCKED":
            return report.study_in_use(path, "another process")
        case "SQLITE_FULL" | "SQLITE_IOERR" | "SQLITE_TOOBIG":
            return report.study_write_failed(path, reason)
    return None
