"""Lowers ``columns { … }``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hyperdsl.check import builtins
from hyperdsl.diagnostics import kinds
from hyperdsl.diagnostics.columns import bad_pattern
from hyperdsl.ir import ops
from hyperdsl.ir.paths import distinct
from hyperdsl.source import Span
from hyperdsl.syntax import tree

if TYPE_CHECKING:
    from hyperdsl.ir.lowering.environment import Scope
    from hyperdsl.ir.lowering.lower import Lowering

Selector = tuple[str, "str | tuple[str | int, ...] | None"]


def lower_columns(run: Lowering, expr: tree.Columns, scope: Scope, place: str) -> int:
    """One body per route; which columns a route takes is settled by the data's schema."""
    selectors: list[tuple[Selector, ...]] = []
    for route in expr.routes:
        selectors.append(_selectors(run, route, scope, place))
    _warn(run, expr)
    labels = distinct(_label(s) for s in selectors)
    bodies = []
    for route, label in zip(expr.routes, labels, strict=True):
        bodies.append(run.step(route.value, scope, run.paths.child(route, place, str(label))))
    return run.add(ops.Columns(tuple(selectors), tuple(str(label) for label in labels)), bodies, expr.span)


def _selectors(run: Lowering, route: tree.Route, scope: Scope, place: str) -> tuple[Selector, ...]:
    result: list[Selector] = []
    names: list[str | int] = []
    for selector in route.selectors:
        match selector:
            case tree.Literal(value=str() as name):
                names.append(name)
            case tree.Name(id="rest") if scope.find("rest") is None:
                result.append(("rest", None))
            case tree.Name(id=kind) if kind in builtins.COLUMN_KINDS and scope.find(kind) is None:
                result.append(("kind", kind))
            case tree.Call(function=tree.Name(id="regex" | "dtype" as kind), arguments=(argument,)) if isinstance(
                argument.value, tree.Literal
            ) and isinstance(argument.value.value, str):
                if kind == "regex":
                    _check_pattern(run, argument.value.value, argument.span)
                result.append((kind, argument.value.value))
            case tree.Name() | tree.ListExpr():
                names.extend(_listed(run, selector, scope, place))
            case _:
                run.reporter.add(kinds.bad_selector(selector.span, []))
    if names:
        result.append(("names", tuple(names)))
    return tuple(result)


def _check_pattern(run: Lowering, pattern: str, span: Span) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        run.reporter.add(bad_pattern(pattern, str(error), span))


def _listed(run: Lowering, selector: tree.Expr, scope: Scope, place: str) -> list[Any]:
    index = run.lower(selector, scope, place)
    if not run.types(index):
        return []
    items = run.analysis.items(index) or ()
    values = [run.constant(i) for i in items if run.analysis.is_constant(i)]
    if not values or len(values) != len(items) or not all(type(v) in (str, int) for v in values):
        run.reporter.add(kinds.bad_selector(selector.span, []))
        return []
    return values


def _label(selectors: tuple[Selector, ...]) -> str:
    parts: list[str] = []
    for kind, value in selectors:
        if kind == "names":
            assert isinstance(value, tuple)
            parts.append("_".join(str(v) for v in value) if len(value) <= 2 else "listed")
        elif kind == "kind":
            parts.append(str(value))
        else:
            parts.append(kind)
    joined = "_".join(parts) or "columns"
    return "".join(c if c.isalnum() or c == "_" else "_" for c in joined)


def _warn(run: Lowering, expr: tree.Columns) -> None:
    kinds_seen: dict[str, tree.Route] = {}
    for route in expr.routes:
        for selector in route.selectors:
            if not isinstance(selector, tree.Name):
                continue
            first = kinds_seen.setdefault(selector.id, route)
            if first is not route and selector.id in builtins.COLUMN_KINDS | {"rest"}:
                run.reporter.add(kinds.selector_shadowed(selector.span, selector.id, first.span))
    if "rest" not in kinds_seen:
        run.reporter.add(kinds.no_rest(expr.span))
