"""Recommended ranges: what a literal ``...`` among a module's arguments stands for."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from hyperdsl.catalog.model import Module


def recommended_ranges(module: Module) -> dict[str, str]:
    """Parameter -> expression text, of those parameters that the installed version has."""
    ranges = _entry(module).get("ranges", {})
    usable = (n for n in ranges if (p := module.parameter(n)) is not None and not p.deprecated)
    return {name: ranges[name] for name in usable}


def recommended_source(module: Module) -> str:
    """Where the ranges come from."""
    return str(_entry(module).get("source", ""))


def recommended_names(library: str = "sklearn") -> list[str]:
    """The classes that have ranges, of Keras or of all other libraries."""
    return sorted(_table()["keras" if library == "keras" else "tables"])


def _entry(module: Module) -> Mapping[str, Any]:
    if module.library == "user":
        return {}
    is_keras = module.library == "keras"
    name = module.path.rpartition(".")[2] if is_keras else module.name  # one class may have several names there
    return _own_or_like(_table()["keras" if is_keras else "tables"], name)


def _own_or_like(group: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A class's entry; ``like`` names another whose source and ranges it starts from."""
    entry: Mapping[str, Any] = group.get(name, {})
    if "like" not in entry:
        return entry
    base = _own_or_like(group, entry["like"])
    return {**base, **entry, "ranges": {**base["ranges"], **entry.get("ranges", {})}}


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    """The classes of Keras, and those of all other libraries."""
    classes = tomllib.loads(Path(__file__).with_name("recommended.toml").read_text(encoding="utf-8"))
    return {"keras": classes.pop("keras"), "tables": classes}
