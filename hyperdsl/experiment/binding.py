"""A space with the facts of a table in it, as a search on that table has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyperdsl.diagnostics import Reporter
from hyperdsl.experiment.data import prepare
from hyperdsl.experiment.tables import read_table
from hyperdsl.schema import Task

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace


def bind_to_table(
    space: HyperSpace,
    data: object,
    target: object,
    reporter: Reporter,
    *,
    task: Task | None = None,
    groups: str | None = None,
) -> HyperSpace:
    """The space that a search on the table would have.

    Parameters
    ----------
    data, target, task, groups
        As for :class:`hyperdsl.Experiment`.
    reporter : Reporter
        Gets what was noticed in the table.

    Raises
    ------
    HypError
        When the table cannot be read, lacks a column, or the space makes no sense for it.
    """
    table = read_table(data)
    for warning in table.warnings:
        reporter.add(warning)
    wanted = space.task if space.task in ("classification", "regression") else None
    found = prepare(table, target, reporter, task=task, space_task=wanted, groups=groups)
    return space.bind(found.schema)
