"""Passes over the graph: each a file with one function, graph in, graph out, the meaning kept.

======  ============================================================================================================
-O0     none
-O1     every configuration gives the program that it gave before, but for steps that do nothing (``neutral``): the
        same key, the same seeds, the same scores to the last bit
-O2     also ``rescale`` and ``trees``, which change results within rounding, and where the splits of trees lie
======  ============================================================================================================

``bind``, ``bind_shape`` and ``prune`` are of no level: they need to know the table, and run where a search begins. A
program may decide less than the table of decisions has, where a decision changes nothing. ``verify`` holds after each
pass.
"""

from __future__ import annotations

from collections.abc import Callable

from hyperdsl.ir.graph import Graph
from hyperdsl.passes.bind import bind, bind_shape
from hyperdsl.passes.drop import drop
from hyperdsl.passes.factor import factor
from hyperdsl.passes.flatten import flatten
from hyperdsl.passes.fold import fold
from hyperdsl.passes.inline import inline
from hyperdsl.passes.narrow import narrow
from hyperdsl.passes.neutral import neutral
from hyperdsl.passes.order import order
from hyperdsl.passes.prune import prune
from hyperdsl.passes.rescale import rescale
from hyperdsl.passes.rewrite import Note
from hyperdsl.passes.share import share
from hyperdsl.passes.trees import trees

Pass = Callable[[Graph], Graph]

_EXACT: tuple[Pass, ...] = (
    inline,  # first: the markers stand between the nodes that the others look for
    fold,  # conditions that fold take their dead branch with them
    flatten,  # after fold, which may bring two choices together
    narrow,  # after flatten: it narrows a choice at the top, not the choices within it
    order,  # before share, which then finds more that is equal
    share,  # before what compares steps: equal ones are one node from here on
    factor,  # before neutral, which then sees more steps side by side
    neutral,
)
_APPROXIMATE: tuple[Pass, ...] = (
    rescale,  # before trees: what stands right before a tree is then final
    trees,
)
_LAST = (drop,)  # sequences in sequences that the others left, and what nothing uses any more
LEVELS: dict[int, tuple[Pass, ...]] = {0: (), 1: (*_EXACT, *_LAST), 2: (*_EXACT, *_APPROXIMATE, *_LAST)}


def optimize(
    graph: Graph, level: int = 1, between: Callable[[str, Graph], None] | None = None, notes: list[Note] | None = None
) -> Graph:
    """Run the passes of a level in order.

    Parameters
    ----------
    between : callable, optional
        ``between(name, graph)`` sees the graph after each pass.
    notes : list, optional
        Gets what the passes of level 2 have left out.
    """
    for run in LEVELS[level]:
        graph = run(graph, notes) if run in _APPROXIMATE else run(graph)  # type: ignore[call-arg]
        if between is not None:
            between(run.__name__, graph)
    return graph


def level_of(name: str) -> int:
    """The lowest level at which a pass runs."""
    return min(level for level, run in LEVELS.items() if name in {p.__name__ for p in run})


__all__ = [
    "LEVELS",
    "Note",
    "Pass",
    "bind",
    "bind_shape",
    "drop",
    "factor",
    "flatten",
    "fold",
    "inline",
    "level_of",
    "narrow",
    "neutral",
    "optimize",
    "order",
    "prune",
    "rescale",
    "share",
    "trees",
]
