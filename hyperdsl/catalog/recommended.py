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
    if module.library == "user":
        return {}
    ranges = _entry(module.name).get("ranges", {})
    usable = (n for n in ranges if (p := module.parameter(n)) is not None and not p.deprecated)
    return {name: ranges[name] for name in usable}


def recommended_source(module: Module) -> str:
    """Where the ranges come from."""
    return "" if module.library == "user" else str(_entry(module.name).get("source", ""))


def _entry(name: str) -> Mapping[str, Any]:
    """A class's entry; ``like`` names another whose source and ranges it starts from."""
    entry = _table().get(name, {})
    if "like" not in entry:
        return entry
    base = _entry(entry["like"])
    return {**base, **entry, "ranges": {**base["ranges"], **entry.get("ranges", {})}}


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("recommended.toml").read_text(encoding="utf-8"))
