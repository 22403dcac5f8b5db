"""Decisions and configurations in few words, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """For each path its shortest ending that no other path has: ``model``, ``LGBMClassifier.learning_rate``."""
    paths = list(dict.fromkeys(paths))
    endings = Counter(ending for path in paths for ending in _endings(path))
    return {path: next((e for e in _endings(path) if endings[e] == 1), path) for path in paths}


def brief(values: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """One line of a configuration, what decides most first: ``model=forest, scaler?=no, max_depth=7``.

    Parameters
    ----------
    values : mapping
        ``{path: value}`` of the active decisions, as JSON has it.
    names : mapping
        What :func:`short_names` gives for the paths of the space; others are shown in full.
    """
    ordered = sorted(values.items(), key=lambda item: item[0].count("."))  # a stable sort: equal depths as they stand
    return ", ".join(f"{names.get(path, path)}={brief_value(value)}" for path, value in ordered)


def brief_value(value: Any) -> str:
    """A value of a configuration: three digits of a number, words without quotes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(brief_value, value))}]"
    return str(value)


def printable(text: str) -> str:
    """A text that does nothing to a terminal: what is not printed is shown as missing."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _endings(path: str) -> list[str]:
    """The endings of a path at its dots, the shortest first."""
    parts = path.split(".")
    return [".".join(parts[-n:]) for n in range(1, len(parts) + 1)]
