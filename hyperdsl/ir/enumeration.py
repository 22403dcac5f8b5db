"""All outcomes of a finite graph with their exact probabilities: the oracle that passes are proven against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from hyperdsl.ir.domain import Code, Domain
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.meaning import Outcome, evaluate
from hyperdsl.ir.ops import DecisionOp


class Tape:
    """Decides by a list of ranks and moves to the next one, like the digits of a counter."""

    def __init__(self) -> None:
        self.ranks: list[int] = []
        self.sizes: list[int] = []
        self._position = 0
        self.probability = Fraction(1)

    def decide(self, op: DecisionOp, domain: Domain) -> Code:
        if self._position == len(self.ranks):
            self.ranks.append(0)
            self.sizes.append(domain.finite_size)
        rank = self.ranks[self._position]
        self._position += 1
        self.probability *= Fraction(domain.weight(rank), domain.total)
        return domain.member(rank)

    def cut(self, length: int) -> None:
        """Go on with another assignment of the first ``length`` decisions."""
        del self.ranks[length:], self.sizes[length:]

    def advance(self) -> bool:
        """Go to the next assignment; False after the last."""
        self._position = 0
        self.probability = Fraction(1)
        while self.ranks:
            self.ranks[-1] += 1
            if self.ranks[-1] < self.sizes[-1]:
                return True
            self.ranks.pop()
            self.sizes.pop()
        return False


def outcomes(graph: Graph, facts: Mapping[str, int] | None = None) -> Iterator[tuple[Outcome, Fraction]]:
    """Each assignment once, with its probability.

    Raises
    ------
    TypeError
        Where a continuous range is reached.
    """
    tape = Tape()
    while True:
        yield evaluate(graph, tape.decide, facts), tape.probability
        if not tape.advance():
            return


def distribution(graph: Graph, facts: Mapping[str, int] | None = None) -> dict[tuple[Any, ...], Fraction]:
    """Probability by (assignment, program) given that no condition is violated, as exact fractions that sum to one."""
    result: dict[tuple[Any, ...], Fraction] = {}
    for outcome, probability in outcomes(graph, facts):
        if outcome.violated:
            continue
        key = (tuple(sorted(outcome.assignment.items())), typed(outcome.value))
        result[key] = result.get(key, Fraction(0)) + probability
    total = sum(result.values())
    return {key: probability / total for key, probability in result.items()}


def typed(value: Any) -> Any:
    """A text of the value that tells ``1``, ``1.0`` and ``True`` apart."""
    return repr(value)
