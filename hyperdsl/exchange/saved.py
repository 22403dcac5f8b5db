"""Reads a compiled space back from JSON (``hyperdsl/backends/exchange/document.py`` describes the file)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from hyperdsl.audit import audit
from hyperdsl.backends.exchange.document import DocumentError, from_document
from hyperdsl.catalog import Catalog, load_catalog
from hyperdsl.diagnostics import HypError, Reporter, exchange
from hyperdsl.hyperspace import HyperSpace
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.meaning import Undefined
from hyperdsl.passes import Note, optimize
from hyperdsl.recursion import deep_recursion
from hyperdsl.syntax.read import read_source


def load_json(path: str, reporter: Reporter, *, level: int = 1, allow: Sequence[str] = ()) -> HyperSpace:
    """The space of a file that ``hyperdsl compile FILE --to json`` wrote.

    Raises
    ------
    HypError
        The file cannot be read, holds no space, or names what is not installed.
    """
    text = read_source(path).text
    try:
        with deep_recursion():
            graph, user = from_document(json.loads(text))
    except (DocumentError, *_NONSENSE) as problem:
        raise HypError([exchange.not_a_space(path, _reason(problem))]) from None
    catalog = load_catalog().with_user(user)
    _check_modules(graph, catalog)
    try:
        ends = audit(graph, catalog, reporter)
        reporter.stop_on_errors()
        notes: list[Note] = []
        program = optimize(graph, level, notes=notes)
    except HypError:
        raise
    except _NONSENSE as problem:
        raise HypError([exchange.not_a_space(path, _reason(problem))]) from None
    folder = str(Path(path).resolve().parent)
    source = graph[graph.root].span
    return HyperSpace(
        graph,
        program,
        source.source.text if source else "",
        ends,
        user=user,
        allow=tuple(allow),
        root=folder,
        level=level,
        notes=tuple(sorted(set(notes))),
    )


# What a graph that the compiler never made can run into: it is well formed, but types do not fit.
_NONSENSE = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, Undefined, ValueError)


def _reason(problem: Exception) -> str:
    if isinstance(problem, json.JSONDecodeError):
        return f"it is not JSON ({problem.msg} in line {problem.lineno})"
    if isinstance(problem, DocumentError):
        return str(problem)
    return "its nodes make no program"


def _check_modules(graph: Graph, catalog: Catalog) -> None:
    """Only what the catalog knows is ever imported, so a file cannot name other code."""
    unknown = []
    for index in sorted(graph.reachable):
        op = graph[index].op
        if isinstance(op, ops.Call | ops.Symbol) and all(m.path != op.path for m in catalog.find(op.path)):
            unknown.append(exchange.unknown_module(graph[index].span, op.path))
    if unknown:
        raise HypError(unknown)
