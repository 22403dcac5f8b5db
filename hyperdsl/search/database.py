"""Databases that keep studies, opened and spoken to so that whatever is wrong with them becomes a diagnostic."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Literal, Protocol, TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.engine import Connection

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics import studies as report
from hyperdsl.search.migrations import migrate
from hyperdsl.search.tables import SCHEMA_VERSION, metadata, stores

Mode = Literal["write", "read"]
T = TypeVar("T")


class Database(Protocol):
    """One connection to a store."""

    path: str  # as it is shown: without a password

    def run(self, work: Callable[[Connection], T]) -> T:
        """Do something in one transaction; it is durable when this returns.

        Where a connection can be lost the work may be done again, so it must leave what it finds done already.
        """
        ...

    def claim(self, study: str) -> None:
        """Keep other writers out of a study until :meth:`close`."""
        ...

    def close(self) -> None:
        """Let others write; without effect the second time."""
        ...


def open_database(where: str | os.PathLike[str], mode: Mode) -> Database:
    """Open a store: a path or ``sqlite:///PATH``, or ``postgresql://…``."""
    address = os.fspath(where)
    scheme = address.partition("://")[0].partition("+")[0] if "://" in address else "sqlite"
    if scheme in ("postgresql", "postgres"):
        from hyperdsl.search.postgres import PostgresDatabase

        return PostgresDatabase.open(address, mode)
    if scheme != "sqlite" or ("://" in address and not address.startswith("sqlite:///")):
        raise HypError([report.study_url_unsupported(scheme)])
    from hyperdsl.search.sqlite import SqliteDatabase

    return SqliteDatabase.open(address.removeprefix("sqlite:///"), mode)


def shown_place(where: str | os.PathLike[str]) -> str:
    """A path, or a URL without its password."""
    address = os.fspath(where)
    if not address.startswith(("postgresql", "postgres:")):
        return address
    from hyperdsl.search.postgres import read_url

    return read_url(address)[1]


def prepare_tables(path: str, connection: Connection, schema: str | None = None) -> None:
    """Make the tables where there are none, and bring older ones up to date."""
    if not inspect(connection).get_table_names(schema=schema):
        metadata.create_all(connection)
        connection.execute(stores.insert().values(schema_version=SCHEMA_VERSION))
    elif (found := found_version(path, connection, schema)) < SCHEMA_VERSION:
        migrate(connection, found, schema)


def found_version(path: str, connection: Connection, schema: str | None = None) -> int:
    """The version of the tables that are there.

    Raises
    ------
    HypError
        When there are none, or those of something else, or of a later version.
    """
    tables = set(inspect(connection).get_table_names(schema=schema))
    if not tables:
        raise HypError([report.not_a_study(path, "it is empty")])
    if not tables >= {"store", "study", "trial"}:
        raise HypError([report.not_a_study(path, "it is a database of something else")])
    found = connection.scalar(select(stores.c.schema_version))
    if not isinstance(found, int):
        raise HypError([report.not_a_study(path, "it does not say which version it has")])
    if found > SCHEMA_VERSION:
        raise HypError([report.study_too_new(path, found, SCHEMA_VERSION)])
    return found
