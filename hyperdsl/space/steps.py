"""The states of a space and how they fall apart, see :mod:`hyperdsl.space.states`."""

from __future__ import annotations

from typing import Any

from hyperdsl.frozen import frozen
from hyperdsl.ir.domain import Code, Domain
from hyperdsl.space.expressions import Expression

# Parts still to be reached, the codes that they may read, what is left of conditions.
State = tuple[frozenset[int], tuple[tuple[int, Any], ...], frozenset[Expression]]
DEAD: State = (frozenset(), (), frozenset({("c", False)}))  # a condition cannot be met any more


class Inexact(Exception):
    """What is asked is beyond the budget.

    Attributes
    ----------
    reason : str
    rows : frozenset of int
        The decisions at which it went beyond.
    """

    def __init__(self, reason: str, rows: frozenset[int] = frozenset()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.rows = rows


@frozen
class Product:
    """Independent states."""

    states: tuple[State, ...]


@frozen
class Sum:
    """A decision whose value matters later: one state per code."""

    row: int
    domain: Domain
    codes: tuple[Code, ...]
    states: tuple[State, ...]


@frozen
class Block:
    """A decision whose value matters to no other state.

    ``domain`` is None where it depends on continuous ranges, so that it is known only when they are drawn; ``share`` is
    the prior probability of what conditions leave of a continuous range.
    """

    row: int
    domain: Domain | None
    state: State
    share: float = 1.0


Step = Product | Sum | Block
