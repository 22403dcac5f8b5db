"""The graph as text, and back. One line a node; operands as ``%id``; attributes as Python literals."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from typing import Any

from hyperdsl.ir.graph import Builder, Graph
from hyperdsl.ir.ops import OPS, Op

_LINE = re.compile(r"%(\d+) = (\w+)\(([^)]*)\)\s*(\{.*\})?\s*$")
_HEAD = re.compile(r"graph (.*) root %(\d+)\s*$")


def write(graph: Graph) -> str:
    """The text of a graph.

    Examples
    --------
    ::

        graph "toy" root %2
        %0 = const() {'value': 1}
        %1 = const() {'value': 5}
        %2 = integer(%0, %1) {'path': 'toy'}
    """
    lines = [f'graph "{graph.name}" root %{graph.root}']
    for index, node in enumerate(graph.nodes):
        attributes = _attributes(node.op)
        operands = ", ".join(f"%{o}" for o in node.operands)
        lines.append(f"%{index} = {node.op.name}({operands})" + (f" {attributes!r}" if attributes else ""))
    return "\n".join(lines) + "\n"


def _attributes(op: Op) -> dict[str, Any]:
    """The fields of an operation that are not at their defaults."""
    return {f.name: v for f in fields(op) if (v := getattr(op, f.name)) != f.default or type(v) is not type(f.default)}


def read(text: str) -> Graph:
    """The graph of a text that :func:`write` made.

    Raises
    ------
    ValueError
        Where a line is not of that form; the message names it.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    head = _HEAD.match(lines[0]) if lines else None
    if head is None:
        raise ValueError('a graph text begins with: graph "name" root %n')
    builder = Builder(head[1].strip('"'))
    for number, line in enumerate(lines[1:], start=2):
        match = _LINE.match(line)
        if match is None or match[2] not in OPS or int(match[1]) != len(builder.nodes):
            raise ValueError(f"line {number} is not a node: {line!r}")
        attributes = ast.literal_eval(match[4]) if match[4] else {}
        operands = [int(o.strip().lstrip("%")) for o in match[3].split(",") if o.strip()]
        builder.add(OPS[match[2]](**attributes), operands)
    return builder.finish(int(head[2]))
