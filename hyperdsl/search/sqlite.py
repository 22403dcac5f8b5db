"""Studies in a SQLite file."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool, StaticPool

from hyperdsl.diagnostics import Diagnostic, HypError
from hyperdsl.diagnostics import studies as report
from hyperdsl.search.database import Mode, T, found_version, prepare_tables
from hyperdsl.search.filelock import FileLock
from hyperdsl.search.tables import SCHEMA_VERSION

BUSY_SECONDS = 30
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # not a matter of permissions


class SqliteDatabase:
    """One connection to a file; :meth:`open` makes it and keeps other writers out."""

    def __init__(self, path: str, connection: Connection, lock: FileLock | None) -> None:
        self.path = path
        self._connection = connection
        self._lock = lock

    @classmethod
    def open(cls, where: str, mode: Mode) -> SqliteDatabase:
        """Open a study file; ``"write"`` creates it where there is none, and brings an older one up to date.

        An older file that is only read is left as it is: a copy in memory is brought up to date.
        """
        path = _checked_path(where, mode)
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
            if mode == "write":
                database.run(lambda connection: prepare_tables(path, connection))
                database._write_ahead()
            elif database.run(lambda connection: found_version(path, connection)) < SCHEMA_VERSION:
                return database._copy()
        except BaseException:
            database.close()
            raise
        return database

    def run(self, work: Callable[[Connection], T]) -> T:
        """All or nothing of the work; durable when it returns."""
        with _reported(self.path), self._connection.begin():
            return work(self._connection)

    def claim(self, study: str) -> None:
        """The whole file is this process's already."""

    def _write_ahead(self) -> None:
        """Keep a write-ahead log; not before it is known that the file is a study."""
        with _reported(self.path):
            self._driver.execute("PRAGMA journal_mode = WAL")
            self._driver.execute("PRAGMA synchronous = NORMAL")

    def _copy(self) -> SqliteDatabase:
        """The present form of an older file, in memory."""
        driver = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        with _reported(self.path):
            self._driver.backup(driver)
        self.close()
        engine = create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        copy = SqliteDatabase(self.path, engine.connect(), None)
        copy.run(lambda connection: prepare_tables(self.path, connection))
        return copy

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
    path = Path(where)
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
        say = report.study_write_failed if error.errno in _DISK_ERRORS else report.study_not_writable
        raise HypError([say(path, error.strerror or str(error))]) from error
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
