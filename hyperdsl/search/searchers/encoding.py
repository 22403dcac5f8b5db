"""Configurations as rows of numbers, for models of the score."""

from __future__ import annotations

import math
from collections.abc import Sequence

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

    def fill(self, row: np.ndarray, code: Code | None) -> None:
        """Write a code; what is inactive is zero in all columns, so that a model takes it for no effect."""
        cells = row[self.start : self.stop]
        cells[:] = 0.0
        if code is None:
            return
        decision = self.decision
        match decision.kind:
            case "choice" if not decision.ordinal:
                assert isinstance(code, int)
                cells[min(code, len(cells) - 1)] = 1.0
            case "subset":
                assert isinstance(code, tuple)
                cells[list(code)] = 1.0
            case "permutation":
                assert isinstance(code, tuple)
                cells[list(code)] = np.arange(len(code)) / max(1, len(code) - 1)
            case _:
                u = position(decision, code)
                cells[:] = (1.0, u, u * u)


def position(decision: Decision, code: Code) -> float:
    """Where a number lies in its range, from -1 to 1; in the logarithm where the prior is uniform there."""
    if decision.kind == "choice":
        values = sorted(float(v) for v in decision.labels)  # type: ignore[arg-type]
        value = float(decision.labels[code])  # type: ignore[arg-type,index]
        return 2 * values.index(value) / max(1, len(values) - 1) - 1
    assert isinstance(code, (int, float))
    low, high = decision.low, decision.high
    if low is None or high is None:  # a normal number
        return math.tanh(float(code))
    if high <= low:
        return 0.0
    if decision.log and low > 0:
        return 2 * math.log(code / low) / math.log(high / low) - 1 if code > 0 else -1.0
    return 2 * (code - low) / (high - low) - 1


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

    def row(self, configuration: Configuration) -> np.ndarray:
        """The numbers of a configuration, shape (width,)."""
        row = np.zeros(self.width)
        row[0] = 1.0
        for block, code in zip(self.blocks, configuration.codes, strict=True):
            if code is not None:
                block.fill(row, code)
        return row


def _width(decision: Decision) -> int:
    if decision.kind == "choice" and not decision.ordinal:
        return min(len(decision.labels), MOST_LABELS)
    return len(decision.labels) if decision.kind in ("subset", "permutation") else 3
