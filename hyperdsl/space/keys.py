"""Canonical keys of configurations, without making each one's program.

A decision whose value enters the canonical text as it is, and that nothing else reads, is a blank in that text. All
configurations that differ in blanks alone share one text with blanks, which is made once; the key is that of the text
with the blanks filled. It is the key of :mod:`hyperdsl.ir.canonical`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from hashlib import blake2b
from itertools import chain
from typing import TypeAlias

from hyperdsl.frozen import frozen
from hyperdsl.ir import canonical, neutral, ops, plan
from hyperdsl.ir.domain import Code
from hyperdsl.ir.graph import Graph

Codes: TypeAlias = Sequence["Code | None"]
Write: TypeAlias = Callable[[Code], str]  # the canonical text of a code
Make: TypeAlias = Callable[[dict[str, plan.Symbol]], plan.Value]

_TEXTS = 4096  # with blanks, that are remembered
_BLANK = re.compile("@\0([0-9]+)\0")  # no text of a program holds a NUL


@frozen
class _Text:
    """A text with blanks: ``between[0]``, the text of row ``rows[0]``, ``between[1]`` and so on."""

    between: tuple[str, ...]
    rows: tuple[int, ...]


class Keys:
    """The keys of one space.

    Parameters
    ----------
    paths : sequence of str
        Of the decisions, in table order.
    graphs : sequence of Graph
        Those that programs are made of, with the same decisions.
    """

    def __init__(self, paths: Sequence[str], graphs: Sequence[Graph]) -> None:
        first, *others = [_blanks(graph) for graph in graphs]
        self._write = {
            row: first[path]
            for row, path in enumerate(paths)
            if path in first and all(path in other for other in others)
        }
        self._blanks = {paths[row]: plan.Symbol(f"\0{row}\0") for row in self._write}
        self._bound = [row for row in range(len(paths)) if row not in self._write]
        self._texts: dict[tuple[Code | None, ...], _Text] = {}

    def key(self, codes: Codes, make: Make) -> str:
        """The key of the program with these codes; ``make`` makes it, with symbols for the values of some paths."""
        bound = tuple([codes[row] for row in self._bound])
        text = self._texts.get(bound)
        if text is None:
            parts = _BLANK.split(canonical.text(make(self._blanks)))
            if len(self._texts) >= _TEXTS:
                self._texts.clear()
            text = self._texts[bound] = _Text(tuple(parts[::2]), tuple(map(int, parts[1::2])))
        write = self._write
        filled = [write[row](codes[row]) for row in text.rows]  # type: ignore[arg-type]
        whole = text.between[0] + "".join(chain.from_iterable(zip(filled, text.between[1:], strict=True)))
        return blake2b(whole.encode(), digest_size=16).hexdigest()


def _blanks(graph: Graph) -> dict[str, Write]:
    """How the values of blanks are written, by path."""
    found: dict[str, Write] = {}
    bound: set[str] = set()
    entering = _entering(graph)
    for index, op in graph.decisions():
        write = _writer(graph, index) if index in entering else None
        if write is None:
            bound.add(op.path)
        else:
            found[op.path] = write
    return {path: write for path, write in found.items() if path not in bound}


def _writer(graph: Graph, index: int) -> Write | None:
    """How a number or a choice among constants is written; None for other decisions."""
    node = graph[index]
    match node.op:
        case ops.Integer():
            return canonical.text
        case ops.Real() | ops.Normal():
            return lambda code: canonical.text(float(code))  # type: ignore[arg-type]
        case ops.Choose(assignments=()):
            constants = [_constant(graph, operand) for operand in node.operands]
            texts = [text for text in constants if text is not None]
            return texts.__getitem__ if len(texts) == len(constants) else None  # type: ignore[return-value]
    return None


def _constant(graph: Graph, index: int) -> str | None:
    match graph[index].op:
        case ops.Const(value=value):
            return canonical.text(value)
        case ops.Symbol(path=path):
            return canonical.text(plan.Symbol(path))
        case ops.Named():
            return _constant(graph, graph[index].operands[0])
    return None


def _entering(graph: Graph) -> set[int]:
    """The nodes whose values enter the canonical text of the program as they are, wherever they are used."""
    read = {op.parameter for i in graph.reachable if isinstance(op := graph[i].op, ops.Argument)}
    entering: set[int] = set()
    elsewhere: set[int] = set()
    for user in sorted(graph.reachable, reverse=True):
        passed_on = user == graph.root or (user in entering and user not in elsewhere)
        for position, operand in enumerate(graph[user].operands):
            if isinstance(graph[user].op, ops.IsModule | ops.Argument):
                continue  # one asks for the class alone, what the other reads is in ``read``
            is_part = passed_on and _is_part(graph[user].op, position, read)
            (entering if is_part else elsewhere).add(operand)
    return entering - elsewhere


def _is_part(op: ops.Op, position: int, read: set[str]) -> bool:
    """Whether an operand's text stands in that of the whole, and nothing depends on what it is."""
    match op:
        case ops.Call(path=path, parameters=names):
            if path == plan.TRAIN and names[position] == "network":
                return False  # its normal form depends on the values
            return not neutral.may_change_nothing(path) and names[position] not in read
        case ops.MakeDict(keys=keys):
            return keys[position] not in read
        case ops.Select() | ops.Subset() | ops.Repeat():
            return position > 0  # the first says which of the others there are
        case ops.Where():
            return position == 0
    return isinstance(op, _WHOLES)


_WHOLES = (  # of what each operand is a part
    ops.MakeList, ops.MakeTuple, ops.Choose, ops.Permute, ops.Seq, ops.Par, ops.Columns, ops.Label, ops.Named,
)  # fmt: skip
