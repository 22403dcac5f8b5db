"""What the pipelines of a space begin with: each start that several configurations share, and how many do.

A pipeline is fitted from its first step on, so steps that two configurations begin with alike need one fit for both.
Steps are alike where they are one node of the optimized program: equal without a decision of their own, or the same
``let``. A choice that is the last step is opened, so that alternatives are sorted by what they begin with; any other
choice is one step with several forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from hyperdsl.frozen import frozen
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph, Node
from hyperdsl.recursion import deep_recursion
from hyperdsl.space.counting import Counter
from hyperdsl.space.expressions import Expression, logic
from hyperdsl.space.shared import counter_of
from hyperdsl.space.steps import Inexact

_COMMENT = re.compile(r'("[^"\n]*")|#.*')
_WIDEST = 64  # characters of a step
_MOST_OPENED = 300  # alternatives in a table; choices beyond them stay one step
Chosen = Mapping[str, int]  # of choices by path, the position of the alternative


@frozen
class Start:
    """What pipelines begin with, up to a step.

    Attributes
    ----------
    depth : int
        How many times pipelines have parted before it.
    step : str
        The last step of it, as it is written.
    whole : bool
        Whether the step is the last one of its pipelines, so that nothing of them is left to be fitted.
    configurations : int or None
        How many begin with it, continuous ranges as one point each; None past the budget.
    forms : int or None
        In how many forms the discrete decisions give it, each of which needs a fit of its own; None past the budget.
    exact : bool
        Whether there are as many forms, and not fewer, where conditions tie its decisions to those of later steps.
    ranges : int
        How many continuous ranges it has, of which each value needs a fit of its own.
    """

    depth: int
    step: str
    whole: bool
    configurations: int | None
    forms: int | None
    exact: bool
    ranges: int


@frozen
class _Way:
    """The steps that are left in one way through the choices, what was chosen, and under which conditions."""

    steps: tuple[int, ...]
    chosen: Chosen = field(default_factory=dict)
    conditions: tuple[int, ...] = ()


def starts(graph: Graph, program: Graph) -> list[Start]:
    """The starts of the pipelines of a space, each before those that go on from it.

    Parameters
    ----------
    graph : Graph
        As lowered: configurations are counted in it.
    program : Graph
        After the passes.
    """
    with deep_recursion():
        return list(_Starts(graph, program).find())


class _Starts:
    def __init__(self, graph: Graph, program: Graph) -> None:
        self.graph = graph
        self.program = program
        self._counter = counter_of(graph)
        self._opened_alternatives = 0

    def find(self) -> Iterator[Start]:
        return self._sorted([self._way(self.program.root, {}, ())], [], 0)

    def _way(self, index: int, chosen: Chosen, conditions: tuple[int, ...]) -> _Way:
        """The steps of a node, those of sequences in it included."""
        steps: list[int] = []
        pending = [index]
        while pending:
            node = self.program[pending[-1]]
            match node.op:
                case ops.Named():
                    pending[-1] = node.operands[0]
                case ops.Where():
                    pending[-1] = node.operands[0]
                    conditions = (*conditions, *node.operands[1:])
                case ops.Seq():
                    pending[-1:] = reversed(node.operands)
                case ops.Pass() | ops.Nothing():
                    pending.pop()
                case _:
                    steps.append(pending.pop())
        return _Way(tuple(steps), chosen, conditions)

    def _opened(self, way: _Way) -> Iterator[_Way]:
        """The ways through the choice that is the last step."""
        node = self.program[way.steps[0]] if len(way.steps) == 1 else None
        if node is None or not isinstance(node.op, ops.Choose) or self._opened_alternatives > _MOST_OPENED:
            yield way
            return
        self._opened_alternatives += len(node.operands)
        for position, operand in enumerate(node.operands):
            chosen = {**way.chosen, **dict(_assignment(node.op, position))}
            yield from self._opened(self._way(operand, chosen, way.conditions))

    def _sorted(self, ways: Sequence[_Way], before: list[int], depth: int) -> Iterator[Start]:
        """The starts that go on from some steps, by the next step."""
        groups: dict[int, list[_Way]] = {}
        for way in (opened for w in ways for opened in self._opened(w)):
            if way.steps:
                groups.setdefault(way.steps[0], []).append(way)
        if before and len(groups) > 1:
            depth += 1
        for step, group in groups.items():
            here = [*before, step]
            rest = [_Way(w.steps[1:], w.chosen, w.conditions) for w in group]
            further = any(w.steps for w in rest)
            yield self._start(here, group, depth, whole=not further)
            if further:
                yield from self._sorted(rest, here, depth)

    def _start(self, steps: list[int], ways: Sequence[_Way], depth: int, whole: bool) -> Start:
        forms, exact, ranges = self._forms(steps, ways)
        return Start(depth, self._text(steps[-1]), whole, self._configurations(ways), forms, exact, ranges)

    def _text(self, index: int) -> str:
        span = self.program[index].span
        text = _on_one_line(span.text) if span is not None else self.program[index].op.name
        return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"

    # --- counting

    def _configurations(self, ways: Sequence[_Way]) -> int | None:
        try:
            return self._count(self._counter, ways)
        except Inexact:
            return None

    def _count(self, counter: Counter, ways: Sequence[_Way]) -> int:
        taken = logic("or", [_taken(counter, way.chosen) for way in ways])
        if taken == ("c", True):
            return counter.count()
        return Counter(counter.skeleton, counter.default, extra=frozenset({taken})).count()

    def _forms(self, steps: list[int], ways: Sequence[_Way]) -> tuple[int | None, bool, int]:
        """How many forms some steps have, whether exactly as many, and their continuous ranges."""
        decided = self._decided(steps)
        read = {c: self._decided([c]) for way in ways for c in way.conditions}
        inside = [c for c, paths in read.items() if paths <= decided and all(c in w.conditions for w in ways)]
        exact = all(c in inside or paths.isdisjoint(decided) for c, paths in read.items())
        nodes = [*self.program.nodes, Node(ops.Seq(), tuple(steps))]
        nodes.append(Node(ops.Where(), (len(nodes) - 1, *inside)))
        counter = counter_of(Graph(self.program.name, tuple(nodes), len(nodes) - 1))
        skeleton = counter.skeleton
        ranges = sum(skeleton.is_continuous(row) for row in range(len(skeleton.nodes)))
        try:
            return self._count(counter, ways), exact, ranges
        except Inexact:
            return None, False, ranges

    def _decided(self, indices: Sequence[int]) -> set[str]:
        """The paths of the decisions in nodes and all below them."""
        seen = set(indices)
        pending = list(indices)
        while pending:
            for operand in self.program[pending.pop()].operands:
                if operand not in seen:
                    seen.add(operand)
                    pending.append(operand)
        found: set[str] = set()
        for index in seen:
            op = self.program[index].op
            if isinstance(op, ops.DecisionOp):
                found.add(op.path)
        return found


def _on_one_line(text: str) -> str:
    """What is written in one or more lines, without comments."""
    return " ".join(_COMMENT.sub(lambda found: found[1] or "", text).split())


def _assignment(op: ops.Choose, position: int) -> tuple[tuple[str, int], ...]:
    """What an alternative stands for in the table of decisions."""
    return op.assignments[position] if op.assignments else ((op.path, position),)


def _taken(counter: Counter, chosen: Chosen) -> Expression:
    """Whether choices fall as they were chosen; those that a graph does not have say nothing."""
    rows: list[Expression] = []
    for row in range(len(counter.skeleton.nodes)):
        op = counter.skeleton.op(row)
        if isinstance(op, ops.Choose):
            fits = [
                all(chosen.get(path, at) == at for path, at in _assignment(op, position))
                for position in range(len(op.labels))
            ]
            if not all(fits):
                rows.append(("t", row, tuple(("c", fit) for fit in fits)))
    return logic("and", rows)


# --- as text

_LEGEND = (
    "fits            how many different forms a step has together with all steps before it: one fit of each is enough",
    "configurations  how many contain it there",
)


def describe(graph: Graph, program: Graph) -> str:
    """A table of the starts, a step a line, what comes behind it below it."""
    found = starts(graph, program)
    shared = [start for start in found if not start.whole]
    if not shared:
        return f"space {graph.name}: no step stands before others, so that no two configurations share one\n"
    rows = [(f"{'  ' * s.depth}{s.step}", _forms_text(s), _number(s.configurations)) for s in found]
    table = [(f"space {graph.name}", "fits", "configurations"), *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    lines = [f"{a.ljust(widths[0])}  {b.ljust(widths[1])}  {c.rjust(widths[2])}" for a, b, c in table]
    return "\n".join([*lines, "", *_LEGEND]) + "\n"


def _forms_text(start: Start) -> str:
    """How often a start is fitted at least to try every configuration."""
    if start.whole:
        return ""
    text = _number(start.forms) if start.exact or start.forms is None else f"at most {_number(start.forms)}"
    if start.ranges:
        text += f" x {start.ranges} range{'s' if start.ranges > 1 else ''}"
    return text


def _number(count: int | None) -> str:
    return "not counted" if count is None else f"{count:,}"
