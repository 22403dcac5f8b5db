"""Gates: what is decided, as an input of a network that holds all candidates.

Each decision has a weight for each of its codes: a single one is a candidate, shares of 1 are a mixture. What a diagram
says of decisions becomes a number of the network: the mean of its leaves under these weights.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import numpy as np

from hyperdsl.audit.diagrams import Diagrams
from hyperdsl.ir.domain import Code

Vector = Any  # (k,) as an array where nothing changes it, (batch, k) as a tensor


class Gates:
    """The weights of some decisions, side by side in one input; rows of a batch may differ.

    Parameters
    ----------
    diagrams : Diagrams
        What the gates are asked about.
    rows : sequence of int
        The decisions that have gates.
    """

    def __init__(self, diagrams: Diagrams, rows: Sequence[int]) -> None:
        self._diagrams = diagrams
        self.slots: dict[int, slice] = {}
        end = 0
        for row in rows:
            self.slots[row] = slice(end, end + len(diagrams.codes(row) or ()))
            end = self.slots[row].stop
        self.size = end
        self.used: set[int] = set()  # rows that the network depends on
        self.input = keras.Input((max(end, 1),), name="gates")
        self._parts: dict[int, Any] = {}

    def of(self, row: int) -> Any:
        """The weights of the codes of a decision."""
        if row not in self._parts:
            self._parts[row] = self.input[:, self.slots[row]]
            self.used.add(row)
        return self._parts[row]

    def mean(self, diagram: int, value: Callable[[Any], Vector]) -> Vector:
        """The mean of a vector for each leaf."""
        memo: dict[int, Vector] = {}

        def go(here: int) -> Vector:
            if here not in memo:
                row, children = self._diagrams.parts(here)
                if row is None:
                    (leaf,) = self._diagrams.leaves(here)
                    memo[here] = np.asarray(value(leaf), "float32")
                else:
                    memo[here] = self._weighed(row, [go(child) for child in children])
            return memo[here]

        return go(diagram)

    def _weighed(self, row: int, parts: Sequence[Vector]) -> Vector:
        """The mean of some vectors, one for each code of a row."""
        fixed: list[Any] = [part if isinstance(part, np.ndarray) else None for part in parts]
        length = parts[0].shape[-1]
        if all(part is not None and np.array_equal(part, fixed[0]) for part in fixed):
            return parts[0]
        matrix = np.stack([np.zeros(length, "float32") if part is None else part for part in fixed])
        total = keras.ops.matmul(self.of(row), matrix) if matrix.any() else None
        places: dict[int, list[int]] = defaultdict(list)
        for place, part in enumerate(parts):
            if fixed[place] is None:
                places[id(part)].append(place)
        for same in places.values():
            chosen = np.zeros((len(parts), 1), "float32")
            chosen[same] = 1
            term = keras.ops.matmul(self.of(row), chosen) * parts[same[0]]
            total = term if total is None else total + term
        return total

    def vector(self, codes: Sequence[Code | None]) -> np.ndarray[Any, Any]:
        """The gates of one configuration; nothing is open where nothing is decided."""
        made = np.zeros(max(self.size, 1), "float32")
        for row, slot in self.slots.items():
            code = codes[row]
            if code is not None:
                made[slot.start + (self._diagrams.codes(row) or ()).index(code)] = 1
        return made

    def decided(self, codes: Sequence[Code | None]) -> tuple[Code | None, ...]:
        """What of a configuration the network depends on."""
        return tuple(codes[row] for row in sorted(self.used))


def spread(weights: Any, rank: int) -> Any:
    """A number for each row of a batch, or for each channel of it, in the form of a tensor with ``rank`` axes."""
    width = weights.shape[-1]
    return keras.ops.reshape(weights, (-1, *[1] * (rank - 2), width))


def total(terms: Iterable[Any]) -> Any:
    """A sum of tensors."""
    made = None
    for term in terms:
        made = term if made is None else made + term
    return made
