"""What is known of a table before it is used: its columns, their kinds, the task. Plain data."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Literal

from hyperdsl.frozen import frozen

ColumnKind = Literal["numeric", "categorical", "text", "boolean", "datetime"]
Task = Literal["binary", "multiclass", "regression"]

KINDS: tuple[ColumnKind, ...] = ("numeric", "categorical", "text", "boolean", "datetime")


@frozen
class Column:
    """One input column.

    Parameters
    ----------
    name : str or int
        Its name; its position where the table is an array without names.
    kind : str
        One of :data:`KINDS`.
    dtype : str
        The name of its pandas dtype, ``"int64"``, ``"str"``, ``"category"``; empty where it is not known.
    missing : int
        Rows without a value.
    distinct : int or None
        Different values, None where they were not counted.
    """

    name: str | int
    kind: ColumnKind
    dtype: str = ""
    missing: int = 0
    distinct: int | None = None


@frozen
class Schema:
    """The input columns in the table's order, without the target, and the facts that a space may read.

    ``classes`` are the labels of the target in sorted order, empty in regression. Data that are no table, such as
    images, have no columns; ``shape`` is that of one row then.
    """

    columns: tuple[Column, ...]
    task: Task | None = None
    rows: int | None = None
    classes: tuple[str | int | float | bool, ...] = ()
    target: str | None = None
    shape: tuple[int, ...] = ()

    @property
    def names(self) -> tuple[str | int, ...]:
        return tuple(c.name for c in self.columns)

    @property
    def features(self) -> int:
        return math.prod(self.shape) if self.shape else len(self.columns)

    @property
    def facts(self) -> dict[str, int | str]:
        """What ``data.rows`` and the like in a program stand for, as far as it is known."""
        facts: dict[str, int | str] = {"features": self.features}
        if self.classes:
            facts["classes"] = len(self.classes)
        if self.rows is not None:
            facts["rows"] = self.rows
        if self.task is not None:
            facts["task"] = "regression" if self.task == "regression" else "classification"
        return facts

    def of_kind(self, kind: str) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.kind == kind)

    def only(self, names: Iterable[str | int]) -> Schema:
        """The same facts with the named columns alone, in the table's order."""
        kept = set(names)
        columns = tuple(c for c in self.columns if c.name in kept)
        return Schema(columns, self.task, self.rows, self.classes, self.target)

    def to_json(self) -> dict[str, object]:
        fields = asdict(self)
        lists = {"columns": list(fields["columns"]), "classes": list(self.classes), "shape": list(self.shape)}
        return {**fields, **lists}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Schema:
        """The inverse of :meth:`to_json`, also after a trip through JSON text."""
        columns = tuple(Column(**c) for c in fields["columns"])
        shape = tuple(fields.get("shape", ()))
        return cls(**{**fields, "columns": columns, "classes": tuple(fields["classes"]), "shape": shape})
