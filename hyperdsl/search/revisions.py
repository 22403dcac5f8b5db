"""What of a study goes on in a new version of its space, as rows of the store."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping

from hyperdsl.search.edits import Edit, Translator, numbers_in
from hyperdsl.search.tables import StudyInfo, results, start_to_row
from hyperdsl.search.trial import State, Trial
from hyperdsl.space import Configuration, Space

Carried = tuple[Mapping[str, Any], Mapping[str, Any]]  # the rows of a trial's start and end, without their study


def carried_over(
    revisions: Sequence[tuple[StudyInfo, Sequence[RowMapping]]], space: Space
) -> tuple[Edit, list[Carried]]:
    """The finished trials of all earlier versions of a study that are points of a space.

    A trial that is in several of them is looked for as it was in the last one first.
    """
    known: dict[int, list[tuple[Translator, RowMapping]]] = {}
    for info, rows in reversed(revisions):
        translator = Translator(space, numbers_in(info.space_text))
        for row in rows:
            if row["state"] is not None:
                known.setdefault(row["number"], []).append((translator, row))
    carried: list[Carried] = []
    kept = 0
    for _, versions in sorted(known.items()):
        for translator, row in versions:
            values = json.loads(row["configuration"])
            configuration = translator.find(values, row["key"])
            if configuration is not None:
                kept += configuration.to_json() == values
                carried.append(_rows(row, configuration, serial=len(carried) + 1))
                break
    left = len(known) - len(carried)
    return Edit(len(revisions) + 1, kept=kept, mapped=len(carried) - kept, left=left), carried


def _rows(row: RowMapping, configuration: Configuration, serial: int) -> Carried:
    trial = Trial(row["number"], configuration, row["key"], State(row["state"]), started=row["started"])
    end = {column.name: row[column.name] for column in results.c if column.name != "study"}
    return start_to_row(trial, serial, origin=row["number"]), {**end, "serial": serial}
