"""What comes out of a part of a pipeline in all of its branches, and what fails in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from hyperdsl.audit.flow import steps
from hyperdsl.audit.flow.frame import Flow
from hyperdsl.audit.flow.steps import Fault
from hyperdsl.audit.witness import FALSE
from hyperdsl.space.expressions import OPEN, Expression

Trouble = tuple[int, Fault]  # the node of the step that fails, and why


@dataclass
class Result:
    """What comes out of a part; a flow of None is no output."""

    outcomes: dict[Flow | None, Expression] = field(default_factory=dict)
    troubles: dict[Trouble, Expression] = field(default_factory=dict)

    def add(self, flow: Flow | None, condition: Expression) -> None:
        if condition != FALSE:
            self.outcomes[flow] = steps.either(self.outcomes.get(flow, FALSE), condition)

    def trouble(self, trouble: Trouble, condition: Expression) -> None:
        if condition not in (FALSE, OPEN):
            self.troubles[trouble] = steps.either(self.troubles.get(trouble, FALSE), condition)

    def take(self, other: Result, condition: Expression) -> None:
        """The troubles of a part that is reached under a condition."""
        for trouble, own in other.troubles.items():
            self.trouble(trouble, steps.both(condition, own))


def by_case(results: Sequence[Result], decide: Callable[[Sequence[Expression]], Expression]) -> Result:
    """The results of alternatives of which one is taken."""
    joined = Result()
    for flow in dict.fromkeys(f for r in results for f in r.outcomes):
        joined.outcomes[flow] = decide([r.outcomes.get(flow, FALSE) for r in results])
    for trouble in dict.fromkeys(t for r in results for t in r.troubles):
        joined.troubles[trouble] = decide([r.troubles.get(trouble, FALSE) for r in results])
    joined.outcomes = gathered(joined.outcomes)
    return joined


def merged(cases: Sequence[tuple[Result, Expression]]) -> Result:
    """The results of cases, each with its condition."""
    joined = Result()
    for found, condition in cases:
        joined.take(found, condition)
        for flow, own in found.outcomes.items():
            joined.add(flow, steps.both(condition, own))
    joined.outcomes = gathered(joined.outcomes)
    return joined


def gathered(outcomes: dict[Flow | None, Expression]) -> dict[Flow | None, Expression]:
    """Flows of one frame as one: their numbers of columns by condition, their origins together.

    One without columns stays apart: next to nothing takes it, and bounds of a number would hide it.
    """
    frames: dict[Any, list[tuple[Flow | None, Expression]]] = {}
    for flow, condition in outcomes.items():
        frames.setdefault(flow and (flow.frame, flow.count == ("c", 0)), []).append((flow, condition))
    together: dict[Flow | None, Expression] = {}
    for entries in frames.values():
        first, condition = entries[0]
        if first is None or len(entries) == 1:
            together[first] = condition
            continue
        flows = [f for f, _ in entries if f is not None]
        count = flows[-1].count
        for flow, (_, own) in zip(flows[-2::-1], entries[-2::-1], strict=True):
            count = count if flow.count == count else ("if", own, flow.count, count)
        if OPEN in (f.count for f in flows) and all(f.count == OPEN for f in flows):
            count = OPEN
        origins = frozenset().union(*(f.origins for f in flows))
        together[Flow(first.frame, count, origins)] = reduce(steps.either, [c for _, c in entries])
    return together
