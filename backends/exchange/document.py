"""A compiled space as one JSON document, and back to an equal graph.

The document, version 1:

===========  =================================================================================================
``format``   ``"hyperdsl.space"``
``version``  of this schema: 1
``name``     the space's name
``root``     the index of the node whose value the program is
``nodes``    operations, operands before their users: ``{"op": …, "operands": […], …attributes, "at": [s, a, b]}``.
             Operations and attributes are those of ``hyperdsl/ir/ops.py``, attributes at their default left out.
             ``at``: characters a to b of source s. A float that JSON cannot hold is ``{"float": "inf"}``
``sources``  the texts that the space was compiled from: ``{"name": …, "text": …}``
``modules``  the signatures of the user's own classes
``decisions``  the decision table, for readers other than this one; it follows from the nodes
===========  =================================================================================================
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache
from pathlib import PurePath
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hyperdsl.catalog.model import Module
from hyperdsl.catalog.record import dump_module, parse_module
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.ir.ops import OPS, Op
from hyperdsl.ir.verify import GraphError, verify
from hyperdsl.source import Source, Span
from hyperdsl.space import Decision, Space

FORMAT = "hyperdsl.space"
VERSION = 1


class DocumentError(ValueError):
    """A document that is none of this format; the message says what is wrong with which part."""


# --- writing


def to_document(graph: Graph, decisions: Sequence[Decision], user: Sequence[Module] = ()) -> dict[str, Any]:
    """The document of a graph."""
    sources: dict[Source, int] = {}
    for node in graph.nodes:
        if node.span is not None:
            sources.setdefault(node.span.source, len(sources))
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": graph.name,
        "root": graph.root,
        "nodes": [_node(node, sources) for node in graph.nodes],
        "sources": [{"name": PurePath(s.name).name, "text": s.text} for s in sources],
        "modules": [json.loads(dump_module(m)) for m in user],
        "decisions": [_decision(d) for d in decisions],
    }


def write(document: Mapping[str, Any]) -> str:
    """The text of a document: a line for each entry of its lists."""
    lines = []
    for key, value in document.items():
        head = f"  {json.dumps(key)}: "
        if isinstance(value, list) and value:
            entries = ",\n".join(f"    {_dump(v)}" for v in value)
            lines.append(f"{head}[\n{entries}\n  ]")
        else:
            lines.append(head + _dump(value))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _node(node: Node, sources: Mapping[Source, int]) -> dict[str, Any]:
    entry: dict[str, Any] = {"op": node.op.name, "operands": list(node.operands)}
    for field in fields(node.op):
        value = getattr(node.op, field.name)
        if value != field.default or type(value) is not type(field.default):
            entry[field.name] = _plain(value)
    if node.span is not None:
        entry["at"] = [sources[node.span.source], node.span.start, node.span.end]
    return entry


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    return value


def _decision(decision: Decision) -> dict[str, Any]:
    values = {f.name: getattr(decision, f.name) for f in fields(decision)}
    return {k: _plain(v) for k, v in values.items() if k != "index" and v not in (None, ())}


# --- reading


def from_document(document: Any) -> tuple[Graph, tuple[Module, ...]]:
    """The graph of a document and the user's classes in it.

    Raises
    ------
    DocumentError
        Where it does not follow the schema, or the graph breaks an invariant.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise DocumentError(f'it has no `"format": "{FORMAT}"`')
    if document.get("version") != VERSION:
        raise DocumentError(f"it has version {document.get('version')!r}; version {VERSION} can be read")
    name = _entry(document, "name", str)
    root = _entry(document, "root", int)
    sources = [_source(s) for s in _entry(document, "sources", list)]
    builder = Builder(name)
    for index, entry in enumerate(_entry(document, "nodes", list)):
        try:
            builder.add(*_read_node(entry, sources))
        except DocumentError as problem:
            raise DocumentError(f"node {index}: {problem}") from None
    graph = builder.finish(root)
    try:
        verify(graph)
    except GraphError as problem:
        raise DocumentError(str(problem)) from None
    _check_table(graph, _entry(document, "decisions", list))
    return graph, _modules(_entry(document, "modules", list))


def _entry(document: Mapping[str, Any], key: str, kind: type) -> Any:
    if type(document.get(key)) is not kind:
        names = {str: "a string", int: "a whole number", list: "a list"}
        raise DocumentError(f"its `{key}` is not {names[kind]}")
    return document[key]


def _source(entry: Any) -> Source:
    if not isinstance(entry, dict):
        raise DocumentError("a source is not an object")
    return Source(_entry(entry, "name", str), _entry(entry, "text", str))


def _read_node(entry: Any, sources: Sequence[Source]) -> tuple[Op, tuple[int, ...], Span]:
    if not isinstance(entry, dict):
        raise DocumentError("it is not an object")
    cls = OPS.get(entry["op"]) if isinstance(entry.get("op"), str) else None
    if cls is None:
        raise DocumentError(f"there is no operation {entry.get('op')!r}")
    operands = entry.get("operands")
    if not isinstance(operands, list) or any(type(o) is not int for o in operands):
        raise DocumentError("its operands are not whole numbers")
    given = {k: _tuples(v) for k, v in entry.items() if k not in ("op", "operands", "at")}
    return _op(cls, given), tuple(operands), _span(entry.get("at"), sources)


def _op(cls: type[Op], given: dict[str, Any]) -> Op:
    known = {f.name: f for f in fields(cls)}
    for name in given:
        if name not in known:
            raise DocumentError(f"`{cls.name}` has no attribute `{name}`")
    for name, field in known.items():
        if name not in given and field.default is MISSING:
            raise DocumentError(f"`{cls.name}` needs the attribute `{name}`")
        if name in given and not _fits(given[name], _hints(cls.name)[name]):
            raise DocumentError(f"the attribute `{name}` of `{cls.name}` cannot be {given[name]!r}")
    return cls(**given)


def _span(at: Any, sources: Sequence[Source]) -> Span:
    """The place in a source; an empty place where the document tells none."""
    if at is None:
        return Span(sources[0] if sources else Source("<json>", ""), 0, 0)
    if not isinstance(at, list) or len(at) != 3 or any(type(n) is not int for n in at):
        raise DocumentError("its place `at` is not three whole numbers")
    source, start, end = at
    if not 0 <= source < len(sources) or not 0 <= start <= end <= len(sources[source].text):
        raise DocumentError(f"its place `at` {at} lies in no source")
    return Span(sources[source], start, end)


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(v) for v in value)
    if isinstance(value, dict) and value.get("float") in ("inf", "-inf", "nan"):
        return float(value["float"])
    return value


@cache
def _hints(operation: str) -> dict[str, Any]:
    return get_type_hints(OPS[operation])


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value is of an annotated type: scalars, unions and tuples."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if parts[-1] is Ellipsis:
            return all(_fits(v, parts[0]) for v in value)
        return len(value) == len(parts) and all(map(_fits, value, parts))
    return value is None if hint in (None, NoneType) else type(value) is hint


def _check_table(graph: Graph, table: list[Any]) -> None:
    """A table that does not follow from the nodes was changed by hand, which would have no effect."""
    derived = json.loads(_dump([_decision(d) for d in Space(graph).decisions]))
    for row, expected in zip(table, derived, strict=False):
        if row != expected:
            raise DocumentError(f"the decision `{expected['path']}` of its table does not follow from its nodes")
    if len(table) != len(derived):
        raise DocumentError(f"its table has {len(table)} decisions, its nodes have {len(derived)}")


def _modules(entries: list[Any]) -> tuple[Module, ...]:
    try:
        return tuple(parse_module(json.dumps(entry)) for entry in entries)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as problem:
        raise DocumentError("one of its `modules` is not the signature of a class") from problem
