"""What the passes do to a program, for people: the graph between two of them, and all of them in a table."""

from __future__ import annotations

from time import perf_counter

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.output import no_stage, pass_not_run
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.outline import outline
from hyperdsl.passes import LEVELS, Note, level_of, optimize

STAGES = ("tree", "typed", "graph", "space", "plan", "program", "passes", "prefixes")
PASSES = tuple(run.__name__ for run in LEVELS[max(LEVELS)])


def check_stage(stage: str) -> None:
    """Make sure that there is a stage of this name.

    Raises
    ------
    HypError
        With the names that come near.
    """
    side, colon, name = stage.partition(":")
    if stage in STAGES or (colon and side in ("before", "after") and name in PASSES):
        return
    between = [f"{side}:{n}" for side in ("before", "after") for n in PASSES]
    if stage in PASSES:
        near = [f"before:{stage}", f"after:{stage}"]
    else:
        near = did_you_mean(stage, [*STAGES, *between, *PASSES])
        near = [f"after:{n}" if n in PASSES else n for n in near]
    raise HypError([no_stage(stage, near, STAGES, PASSES)])


def between(graph: Graph, level: int, stage: str) -> str:
    """The outline of the graph right ``before:PASS`` or ``after:PASS``.

    Raises
    ------
    HypError
        Where the level does not run this pass.
    """
    side, _, name = stage.partition(":")
    if name not in {run.__name__ for run in LEVELS[level]}:
        raise HypError([pass_not_run(name, level, level_of(name))])
    graphs = {"": graph}
    optimize(graph, level, graphs.__setitem__)
    names = list(graphs)
    return outline(graphs[name if side == "after" else names[names.index(name) - 1]])


def profile(graph: Graph, level: int) -> str:
    """A line for each pass of a level: nodes and decisions that the program depends on before and after, and time."""
    rows = [("pass", "nodes", "decisions", "ms")]
    notes: list[Note] = []
    before, start = graph, perf_counter()

    def add(name: str, after: Graph) -> None:
        nonlocal before, start
        milliseconds = 1000 * (perf_counter() - start)
        nodes = f"{len(before.reachable)} -> {len(after.reachable)}"
        rows.append((name, nodes, f"{_decided(before)} -> {_decided(after)}", f"{milliseconds:.1f}"))
        before, start = after, perf_counter()

    optimize(graph, level, add, notes)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, *(str(note) for note in sorted(set(notes)))]) + "\n"


def _decided(graph: Graph) -> int:
    return sum(1 for _ in graph.decisions())
