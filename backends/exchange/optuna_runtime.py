"""How decisions are asked of an Optuna trial: scripts for Optuna hold copies of these functions.

A trial is anything with ``suggest_int``, ``suggest_float`` and ``suggest_categorical``; a domain is one of
``space_runtime``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def suggester(trial: Any) -> Callable[[str, Any], Any]:
    """Decides by asking a trial."""
    return lambda path, domain: SUGGEST[type(domain).__name__](trial, path, domain)


def suggest_choice(trial: Any, path: str, domain: Any) -> Any:
    """One of the labels; by their texts where two are equal, as 1 and True are."""
    labels = domain.labels
    if len(set(labels)) == len(labels):
        return trial.suggest_categorical(path, labels)
    texts = [repr(label) for label in labels]
    return labels[texts.index(trial.suggest_categorical(path, texts))]


def suggest_integer(trial: Any, path: str, domain: Any) -> int:
    """A whole number; where ``log`` and a step meet, by its place in the distribution."""
    if domain.log and domain.step != 1:
        return int(domain.draw(place(trial, path)))
    high = domain.low + domain.step * (domain.size - 1)
    asked = trial.suggest_int(path, domain.low, high, step=domain.step, log=domain.log)
    return int(asked)


def suggest_real(trial: Any, path: str, domain: Any) -> float:
    """Any number between the ends."""
    return float(trial.suggest_float(path, domain.low, domain.high, log=domain.log))


def suggest_stepped(trial: Any, path: str, domain: Any) -> float:
    """A member; where ``log`` and a step meet, by its place in the distribution."""
    if domain.log:
        return float(domain.draw(place(trial, path)))
    high = domain.member(domain.size - 1)
    asked = trial.suggest_float(path, domain.low, high, step=domain.step)
    return float(domain.nearest(asked))


def suggest_normal(trial: Any, path: str, domain: Any) -> float:
    """By its place in the distribution."""
    return float(domain.draw(place(trial, path)))


def suggest_subset(trial: Any, path: str, domain: Any) -> list[Any]:
    """Item after item; each leaves room for those to come."""
    taken: list[int] = []
    for number in range(domain.count):
        first = taken[-1] + 1 if taken else 0
        last = len(domain.labels) - domain.count + number
        taken.append(trial.suggest_int(f"{path} #{number}", first, last))
    return [domain.labels[i] for i in taken]


def suggest_permutation(trial: Any, path: str, domain: Any) -> list[Any]:
    """Item after item, each by its position among those that are left."""
    left = list(domain.labels)
    order = []
    for number in range(len(left)):
        position = trial.suggest_int(f"{path} #{number}", 0, len(left) - 1)
        order.append(left.pop(position))
    return order


def place(trial: Any, path: str) -> float:
    """A position in a distribution, in [0, 1)."""
    return min(float(trial.suggest_float(path, 0.0, 1.0)), 1 - 2.0**-53)


SUGGEST: dict[str, Callable[[Any, str, Any], Any]] = {
    "Choice": suggest_choice,
    "Integer": suggest_integer,
    "Real": suggest_real,
    "SteppedReal": suggest_stepped,
    "Normal": suggest_normal,
    "Subset": suggest_subset,
    "Permutation": suggest_permutation,
}
