"""Configurations as rows of numbers, for models of the score."""

from __future__ import annotations

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


class Positions:
    """Where numbers lie in their range, from -1 to 1; in the logarithm where the prior is uniform there.

    Parameters
    ----------
    decisions : sequence of Decision
        Numbers, and choices among numbers: one column each.
    """

    def __init__(self, decisions: Sequence[Decision]) -> None:
        ends = [_ends(d) for d in decisions]
        self._low = np.array([low for low, _ in ends], dtype=float)
        self._span = np.array([high - low for low, high in ends], dtype=float)
        self._constant = np.flatnonzero(self._span <= 0)
        self._normal = np.flatnonzero([d.kind != "choice" and None in (d.low, d.high) for d in decisions])
        self._log = np.flatnonzero([d.kind != "choice" and d.log and (d.low or 0) > 0 for d in decisions])
        self._logs = np.log([max(ends[i][1] / ends[i][0], 1.0) for i in self._log.tolist()])
        self._ordinal = [(i, _places(d)) for i, d in enumerate(decisions) if d.kind == "choice"]

    def of(self, codes: np.ndarray) -> np.ndarray:
        """The positions of codes, shape (configurations, decisions); NaN stays."""
        given = codes
        if self._ordinal:
            given = codes.copy()
            for column, places in self._ordinal:
                known = ~np.isnan(codes[:, column])
                given[known, column] = places[codes[known, column].astype(int)]
        with np.errstate(invalid="ignore", divide="ignore"):
            found: np.ndarray = 2 * (given - self._low) / self._span - 1
            if len(self._log):
                low = self._low[self._log]
                found[:, self._log] = 2 * np.log(np.maximum(given[:, self._log], low) / low) / self._logs - 1
        if len(self._normal):
            found[:, self._normal] = np.tanh(given[:, self._normal])
        if len(self._constant):
            found[:, self._constant] = np.where(np.isnan(given[:, self._constant]), np.nan, 0.0)
        return found


def _ends(decision: Decision) -> tuple[float, float]:
    if decision.kind == "choice":
        return 0.0, max(1, len(decision.labels) - 1)
    low, high = decision.low, decision.high
    return (0.0, 1.0) if low is None or high is None else (low, high)


def _places(decision: Decision) -> np.ndarray:
    """For each alternative of a choice among numbers, how many of the others are less."""
    values = [float(v) for v in decision.labels]  # type: ignore[arg-type]
    return np.array([sum(v < value for v in values) for value in values], dtype=float)


class Encoding:
    """The columns of a space; what is inactive is zero in all of its columns, so that a model takes it for no effect.

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
        items = [b for b in self.blocks if b.decision.kind in ("subset", "permutation")]
        choices = [b for b in self.blocks if b.decision.kind == "choice" and not b.decision.ordinal]
        numbers = [b for b in self.blocks if b not in items and b not in choices]
        self._items = items
        self._choices = [b.decision.index for b in choices]
        self._first = np.array([b.start for b in choices], dtype=int)
        self._last = np.array([b.stop - 1 for b in choices], dtype=int)
        self._numbers = [b.decision.index for b in numbers]
        self._starts = np.array([b.start for b in numbers], dtype=int)
        self._positions = Positions([b.decision for b in numbers])

    def rows(self, configurations: Sequence[Configuration]) -> np.ndarray:
        """The numbers of configurations, shape (configurations, width)."""
        rows = np.zeros((len(configurations), self.width))
        rows[:, 0] = 1.0
        columns = list(zip(*(c.codes for c in configurations), strict=True)) if configurations else []
        if columns and self._numbers:
            u = self._positions.of(_as_numbers(columns, self._numbers))
            active = ~np.isnan(u)
            u[~active] = 0.0
            rows[:, self._starts], rows[:, self._starts + 1], rows[:, self._starts + 2] = active, u, u * u
        if columns and self._choices:
            codes = _as_numbers(columns, self._choices)
            row, column = np.nonzero(~np.isnan(codes))
            chosen = self._first[column] + codes[row, column].astype(int)
            rows[row, np.minimum(chosen, self._last[column])] = 1.0
        for block in self._items if columns else ():
            _fill_items(rows, block, columns[block.decision.index])
        return rows


def _as_numbers(columns: Sequence[Codes], of: Sequence[int]) -> np.ndarray:
    """Some columns of codes, NaN where they are inactive; shape (configurations, len(of))."""
    return np.array([columns[i] for i in of], dtype=float).T


def _fill_items(rows: np.ndarray, block: Block, codes: Codes) -> None:
    """The items of subsets, and the places of those of permutations."""
    for row, code in enumerate(codes):
        if code is not None:
            assert isinstance(code, tuple)
            places = np.arange(len(code)) / max(1, len(code) - 1) if block.decision.kind == "permutation" else 1.0
            rows[row, block.start + np.array(code, dtype=int)] = places


def _width(decision: Decision) -> int:
    if decision.kind == "choice" and not decision.ordinal:
        return min(len(decision.labels), MOST_LABELS)
    return len(decision.labels) if decision.kind in ("subset", "permutation") else 3
