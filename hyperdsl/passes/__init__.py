"""Passes over the graph: each a file with one function, graph in, graph out, the meaning kept.

``verify`` holds before and after each; the distribution of (assignment, program) stays exactly the same.
"""

from __future__ import annotations

from collections.abc import Callable

from hyperdsl.ir.graph import Graph
from hyperdsl.passes.drop import drop
from hyperdsl.passes.flatten import flatten
from hyperdsl.passes.fold import fold
from hyperdsl.passes.inline import inline
from hyperdsl.passes.share import share

Pass = Callable[[Graph], Graph]

_STANDARD: tuple[Pass, ...] = (
    inline,  # first: the markers stand between the nodes that the others look for
    fold,  # conditions that fold take their dead branch with them
    flatten,  # after fold, which may bring two choices together
    drop,  # identities, and what the passes before left unused
    share,  # last: equal nodes are found once everything is in its final form
)
LEVELS: dict[int, tuple[Pass, ...]] = {0: (), 1: _STANDARD, 2: _STANDARD}


def optimize(graph: Graph, level: int = 1, between: Callable[[str, Graph], None] | None = None) -> Graph:
    """Run the passes of a level in order; ``between(name, graph)`` sees the graph after each."""
    for run in LEVELS[level]:
        graph = run(graph)
        if between is not None:
            between(run.__name__, graph)
    return graph


__all__ = ["LEVELS", "Pass", "drop", "flatten", "fold", "inline", "optimize", "share"]
