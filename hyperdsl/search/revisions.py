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
    revisions: Sequence[tuple[StudyInfo, Sequence[Sequence[RowMapping]]]], space: Space
) -> tuple[Edit, list[Carried]]:
    """The finished trials of all earlier versions of a study that are points of a space.

    A trial that is in several of them is looked for as it was in the last one first.

    Parameters
    ----------
    revisions : sequence of (info, trials)
        Each trial as its rows, one for each rung.
    """
    known: dict[int, list[tuple[Translator, Sequence[RowMapping]]]] = {}
    for info, found in reversed(revisions):
        translator = Translator(space, numbers_in(info.space_text))
        for rows in found:
            if rows[-1]["state"] is not None:
                known.setdefault(rows[-1]["number"], []).append((translator, rows))
    carried: list[Carried] = []
    kept = mapped = 0
    for _, versions in sorted(known.items()):
        for translator, rows in versions:
            values = json.loads(rows[-1]["configuration"])
            configuration = translator.find(values, rows[-1]["key"])
            if configuration is not None:
                is_same = configuration.to_json() == values
                kept, mapped = kept + is_same, mapped + (not is_same)
                carried += [_rows(row, configuration, len(carried) + n) for n, row in enumerate(rows, 1)]
                break
    return Edit(len(revisions) + 1, kept=kept, mapped=mapped, left=len(known) - kept - mapped), carried


def _rows(row: RowMapping, configuration: Configuration, serial: int) -> Carried:
    trial = Trial(row["number"], configuration, row["key"], State(row["state"]), started=row["started"])
    end = {column.name: row[column.name] for column in results.c if column.name != "study"}
    return start_to_row(trial, serial, origin=row["number"]), {**end, "serial": serial}
