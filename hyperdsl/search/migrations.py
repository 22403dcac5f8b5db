"""Stores of earlier versions, brought to the present one. Nothing that was recorded is lost."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text

from hyperdsl.search.tables import SCHEMA_VERSION, metadata, stores


def migrate(connection: Connection, found: int, schema: str | None = None) -> None:
    """Bring the tables of version ``found`` to the present one, within the transaction of a connection.

    ``schema`` is where they are in a database that has several.
    """
    if schema is not None:  # the statements here name tables alone
        connection.execute(text(f'SET LOCAL search_path TO "{schema}"'))
    for version in range(found, SCHEMA_VERSION):
        _STEPS[version](connection)
    connection.execute(stores.update().values(schema_version=SCHEMA_VERSION))


def _split_starts_and_results(connection: Connection) -> None:
    """1 -> 2: a trial's end was written into its row; a study had one space."""
    for statement in (
        "ALTER TABLE study RENAME TO study_1",
        "ALTER TABLE trial RENAME TO trial_1",
    ):
        connection.execute(text(statement))
    metadata.create_all(connection)
    for statement in (
        "INSERT INTO study (id, name, revision, created, space_name, space_text, space_fingerprint, settings, seed, "
        "direction, metric, data_fingerprint) SELECT id, name, 1, created, space_name, space_text, space_fingerprint, "
        "settings, seed, direction, metric, data_fingerprint FROM study_1",
        "INSERT INTO trial (study, serial, number, key, configuration, started) "
        "SELECT study, number, number, key, configuration, started FROM trial_1",
        "INSERT INTO result (study, serial, number, state, score, seconds, evaluation, failure) "
        "SELECT study, number, number, state, score, seconds, evaluation, failure FROM trial_1 "
        "WHERE state <> 'running'",
        "DROP TABLE trial_1",
        "DROP TABLE study_1",
    ):
        connection.execute(text(statement))


def _one_result_for_each_rung(connection: Connection) -> None:
    """2 -> 3: a trial had one result."""
    if "rung" in connection.execute(text("SELECT * FROM result WHERE 1 = 0")).keys():  # noqa: SIM118
        return  # the step before has made the present tables
    for statement in (
        "ALTER TABLE result ADD COLUMN rung INTEGER NOT NULL DEFAULT 0",
        "DROP INDEX one_result",
        "CREATE UNIQUE INDEX one_result ON result (study, number, rung) WHERE state <> 'abandoned'",
    ):
        connection.execute(text(statement))


_STEPS: dict[int, Callable[[Connection], None]] = {1: _split_starts_and_results, 2: _one_result_for_each_rung}
