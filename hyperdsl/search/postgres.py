"""Studies in a PostgreSQL database, in a schema of their own; one writer a study, any number a database."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from sqlalchemy import URL, Engine, create_engine, inspect, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from hyperdsl.diagnostics import Diagnostic, HypError
from hyperdsl.diagnostics import studies as report
from hyperdsl.search.database import Mode, T, found_version, prepare_tables
from hyperdsl.search.tables import SCHEMA_VERSION

SCHEMA = "hyperdsl"
RECONNECT_SECONDS = 60.0  # a restarted server is back sooner
_PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)  # between attempts to connect again; the last one from then on
_SECRETS = ("password", "sslpassword", "passfile")

# A server that is gone without a word is noticed after about a minute, and so is a client by the server.
_CONNECT = {"connect_timeout": 10, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
_SESSION = ("tcp_keepalives_idle = 30", "tcp_keepalives_interval = 10", "tcp_keepalives_count = 3")

_HOLDER = text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' "
    "AND l.granted AND l.objsubid = 1 AND ((l.classid::bigint << 32) | l.objid::bigint) = :key "
    "AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class PostgresDatabase:
    """One connection, made again where it is lost; locks are the session's, so they end with the process."""

    def __init__(self, path: str, engine: Engine, mode: Mode) -> None:
        self.path = path
        self._engine = engine
        self._mode = mode
        self._connection: Connection | None = None
        self._claimed: list[str] = []
        self._closed = False

    @classmethod
    def open(cls, where: str, mode: Mode) -> PostgresDatabase:
        """Open the studies of a database; ``"write"`` makes the schema where there is none."""
        url, shown = read_url(where)
        database = cls(shown, _engine(shown, url), mode)
        try:
            with database._reported():
                database._connect()
            database.run(database._prepare)
        except BaseException:
            database.close()
            raise
        return database

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do something in one transaction; once more, for as long as ``RECONNECT_SECONDS``, where the server goes away.

        A transaction whose answer was lost may have been done, so the work must leave what it finds done already.
        """
        end: float | None = None
        attempt = 0
        with self._reported():
            while True:
                try:
                    connection = self._connect()
                    with connection.begin():
                        return work(connection)
                except DBAPIError as error:
                    end = end or time.monotonic() + RECONNECT_SECONDS
                    if not _is_gone(error) or time.monotonic() > end:
                        raise
                    self._drop()
                    time.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
                    attempt += 1

    def claim(self, study: str) -> None:
        """Keep other writers out of a study until :meth:`close`."""
        self.run(lambda connection: self._lock(connection, study))
        self._claimed.append(study)

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._drop()
            self._engine.dispose()

    def _prepare(self, connection: Connection) -> None:
        if self._mode == "write":
            # One at a time, also of those that find no schema yet.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _key("")})
            if not inspect(connection).has_schema(SCHEMA):  # IF NOT EXISTS asks for the right to make one
                connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
            prepare_tables(self.path, connection, SCHEMA)
        elif found_version(self.path, connection, SCHEMA) < SCHEMA_VERSION:
            raise HypError([report.not_a_study(self.path, "it is of an older version; a search with it updates it")])

    def _connect(self) -> Connection:
        """The connection; a new one takes back what was claimed."""
        if self._connection is None:
            self._connection = self._engine.connect()
            with self._connection.begin():
                for setting in _SESSION:
                    self._connection.execute(text(f"SET SESSION {setting}"))
                if self._mode == "read":
                    self._connection.execute(text("SET SESSION default_transaction_read_only = on"))
                for study in self._claimed:
                    self._lock(self._connection, study)
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _lock(self, connection: Connection, study: str) -> None:
        key = {"key": _key(study)}
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key):
            raise HypError([report.study_in_use(self.path, connection.scalar(_HOLDER, key) or "another process")])

    def _reported(self) -> _Reported:
        return _Reported(self.path)


class _Reported:
    """Errors of the database as diagnostics; those that only a bug can cause stay as they are."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DBAPIError):
            diagnostic = _explain(self._path, error)
            if diagnostic is not None:
                raise HypError([diagnostic]) from None  # the cause would show the parameters of the connection


def read_url(where: str) -> tuple[URL, str]:
    """A URL with the driver that is used here, and how it is shown."""
    try:
        url = make_url(where)
    except (ArgumentError, ValueError) as error:
        raise HypError([report.study_url_invalid()]) from error
    url = url.set(drivername="postgresql+psycopg")
    shown = url.set(drivername="postgresql").difference_update_query(_SECRETS)
    return url, shown.render_as_string(hide_password=True)


def _engine(shown: str, url: URL) -> Engine:
    given: dict[str, Any] = {k: v for k, v in _CONNECT.items() if k not in url.query}
    given["application_name"] = f"process {os.getpid()} on {socket.gethostname()}"[:63]
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=given)
    except ModuleNotFoundError as error:
        raise HypError([report.study_driver_missing(shown)]) from error
    return engine.execution_options(schema_translate_map={None: SCHEMA})


def _key(study: str) -> int:
    """The number of the lock of a study; the empty name's is that of the tables."""
    digest = blake2b(f"hyperdsl study {study}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _is_gone(error: DBAPIError) -> bool:
    """Whether the server went away or is not back yet, rather than refused."""
    state = _state(error)
    if state:
        return state[:2] == "08" or state in ("57P01", "57P02", "57P03")
    reason = str(error.orig)
    refused = ("authentication", "does not exist", "no pg_hba.conf entry", "no password supplied", "role ")
    return error.connection_invalidated or not any(word in reason for word in refused)


def _explain(path: str, error: DBAPIError) -> Diagnostic | None:
    state = _state(error)
    reason = " ".join(str(error.orig).split())
    if state in ("42501", "25006"):
        return report.study_not_writable(path, reason)
    if state[:2] == "53" or state[:2] == "58":  # no disk, no memory, too many connections; system errors
        return report.study_write_failed(path, reason)
    if not state or state[:2] in ("08", "28", "3D") or state[:3] == "57P":
        return report.study_unreachable(path, reason)
    return None
