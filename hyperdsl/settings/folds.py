"""The ways to split rows: ``5``, ``stratified:5``, ``holdout:0.2``; in programs ``stratified_kfold(5)``."""

from __future__ import annotations

import re

from hyperdsl.frozen import frozen

HOLDOUT = "holdout"

# The function of a program -> the kind, as `--cv` takes it.
FUNCTIONS = {
    "kfold": "kfold",
    "stratified_kfold": "stratified",
    "group_kfold": "group",
    "stratified_group_kfold": "stratified_group",
    "time_series_split": "timeseries",
    "holdout": HOLDOUT,
}
KINDS = tuple(FUNCTIONS.values())

_FORM = re.compile(r"(?:(?P<kind>[a-z_]+):?)?(?P<number>\d+(?:\.\d+)?)?")


@frozen
class Folds:
    """A way to split rows; ``kind`` is None where the task decides, ``number`` where it is the usual one.

    ``number`` is how many folds, or of a hold-out the share of the rows.
    """

    kind: str | None
    number: int | float | None

    def __str__(self) -> str:
        parts = (self.kind, None if self.number is None else f"{self.number:g}")
        return ":".join(part for part in parts if part is not None)


def parse_folds(text: str) -> Folds:
    """What ``5``, ``stratified:5``, ``timeseries``, ``holdout:0.2`` mean.

    Raises
    ------
    ValueError
        Where it reads otherwise.
    """
    match = _FORM.fullmatch(text.strip().lower().replace("-", "_"))
    if match is None or not match[0]:
        raise ValueError(text)
    number = match["number"]
    return checked_folds(match["kind"], None if number is None else float(number) if "." in number else int(number))


def checked_folds(kind: str | None, number: int | float | None) -> Folds:
    """The folds of a kind and a number.

    Raises
    ------
    ValueError
        Where there is no such kind, or the number is none of it.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(kind)
    if kind == HOLDOUT:
        possible = number is None or 0 < number < 1
    else:
        possible = number is None or (type(number) is int and number >= 2)
    if not possible:
        raise ValueError(number)
    return Folds(kind, number)
