"""Configurations as rows of numbers, for models of the score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hyperdsl.frozen import frozen
from hyperdsl.ir.domain import Code
from hyperdsl.space import Configuration, Decision, Space

Codes = Sequence["Code | None"]
MOST_LABELS = 64  # of a choice that are told apart; later ones share the last column


@frozen
class Block:
    """The columns of one decision: ``start`` to ``stop``."""

    decision: Decision
    start: int
    stop: int

    def fill(self, rows: np.ndarray, codes: Codes) -> None:
        """Write a column of codes; what is inactive stays zero, so that a model takes it for no effect."""
        where: Any = slice(None)
        known: Sequence[Code] = codes  # type: ignore[assignment]
        if None in codes:
            where = [i for i, code in enumerate(codes) if code is not None]
            known = [code for code in codes if code is not None]
        decision, start = self.decision, self.start
        if decision.kind in ("subset", "permutation"):
            for row, code in zip(np.arange(len(rows))[where], known, strict=True):
                assert isinstance(code, tuple)
                places = np.arange(len(code)) / max(1, len(code) - 1) if decision.kind == "permutation" else 1.0
                rows[row, start + np.array(code, dtype=int)] = places
        elif decision.kind == "choice" and not decision.ordinal:
            chosen = start + np.minimum(np.array(known, dtype=int), self.stop - start - 1)
            rows[np.arange(len(rows))[where], chosen] = 1.0
        else:
            u = positions(decision, known)
            rows[where, start] = 1.0
            rows[where, start + 1] = u
            rows[where, start + 2] = u * u


def positions(decision: Decision, codes: Sequence[Code]) -> np.ndarray:
    """Where numbers lie in their range, from -1 to 1; in the logarithm where the prior is uniform there."""
    if decision.kind == "choice":
        values = [float(v) for v in decision.labels]  # type: ignore[arg-type]
        places = np.array([sum(v < value for v in values) for value in values], dtype=float)
        return np.asarray(2 * places[np.array(codes, dtype=int)] / max(1, len(values) - 1) - 1)
    given = np.array(codes, dtype=float)
    low, high = decision.low, decision.high
    if low is None or high is None:  # a normal number
        return np.asarray(np.tanh(given))
    if high <= low:
        return np.zeros(len(given))
    if decision.log and low > 0:
        return np.asarray(2 * np.log(np.maximum(given, low) / low) / math.log(high / low) - 1)
    return np.asarray(2 * (given - low) / (high - low) - 1)


class Encoding:
    """The columns of a space.

    Attributes
    ----------
    width : int
        Their number; column 0 is always 1.
    blocks : list of Block
        One a decision, in table order.
    """

    def __init__(self, space: Space) -> None:
        self.blocks: list[Block] = []
        start = 1
        for decision in space.decisions:
            stop = start + _width(decision)
            self.blocks.append(Block(decision, start, stop))
            start = stop
        self.width = start

    def rows(self, configurations: Sequence[Configuration]) -> np.ndarray:
        """The numbers of configurations, shape (configurations, width)."""
        rows = np.zeros((len(configurations), self.width))
        rows[:, 0] = 1.0
        columns = zip(*(c.codes for c in configurations), strict=True)
        for block, codes in zip(self.blocks, columns, strict=True):
            block.fill(rows, codes)
        return rows


def _width(decision: Decision) -> int:
    if decision.kind == "choice" and not decision.ordinal:
        return min(len(decision.labels), MOST_LABELS)
    return len(decision.labels) if decision.kind in ("subset", "permutation") else 3
