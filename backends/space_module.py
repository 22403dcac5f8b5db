"""The Python module of a whole space: ``build(config)``, ``sample(rng)``, ``default()`` and the table of decisions.

The program becomes functions that ask for decisions as they go, so what is not chosen is not made. The module runs
without hyperdsl: what it needs at run time is copied from ``space_runtime`` and ``space_wiring``.
"""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Iterable
from typing import Any

from hyperdsl.backends.printer import one_line, print_module, print_statement
from hyperdsl.backends.pycode import Imports, assign, call, literal, parameters
from hyperdsl.backends.space_copy import Runtime, runtime
from hyperdsl.backends.space_functions import finished
from hyperdsl.backends.space_writer import Writer
from hyperdsl.catalog import Catalog
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph
from hyperdsl.recursion import deep_recursion
from hyperdsl.space import Decision, Space

PUBLIC = ("DECISIONS", "build", "sample", "default")
_TABLE_WIDTH = 180


def space_module(graph: Graph, space: Space, catalog: Catalog) -> str:
    """The text of the module of a space.

    Parameters
    ----------
    graph : Graph
        As lowered: its names become the names of functions.
    space : Space
        Of the same graph.
    catalog : Catalog
        Tells the parameters of modules.

    Raises
    ------
    HypError
        When a library is not installed, or only a table's schema tells which columns a route takes.
    """
    with deep_recursion():
        copied = runtime()
        imports = Imports(set(_reserved(copied)), dict(copied.imports))
        writer = Writer(graph, catalog, imports)
        root, _ = writer.function(graph.root)
        functions: list[ast.stmt] = list(finished(root, imports))
        program = ast.Name(root.name) if not root.reads_decisions else call(ast.Name(root.name), ast.Name("d"))
        program = call(program) if isinstance(program, ast.Name) else program
        if writer.facts.needs_wiring(graph.root):
            wiring = "program" if "list" in writer.facts.types(graph.root) else "pipeline"
            program = call(ast.Name(wiring), program)
        facts = any(isinstance(graph[i].op, ops.DataFact) for i in graph.reachable)
        api = _api(program, facts)
        rows = [_row(decision, writer, graph) for decision in space.decisions]
        kinds = dict.fromkeys(str(row["kind"]) for row in rows)
        runtime_text = copied.text([*functions, *api], kinds, imports)
        head = print_module(_doc(graph, space, facts), imports.statements())
        parts = [*("\n".join(print_statement(f, "")) for f in (*functions, *api)), *runtime_text]
        return head + "\n" + "\n\n\n".join([_table(rows), *parts]) + "\n"


def _reserved(copied: Runtime) -> Iterable[str]:
    """Names that functions and classes of the program may not have."""
    yield from PUBLIC
    yield from copied.names
    yield from copied.imports.values()
    yield from ("ROWS", "KINDS", "d", "at", "l", "O", "I")
    yield from dir(builtins)
    yield from keyword.kwlist


# --- the docstring


def _doc(graph: Graph, space: Space, facts: bool) -> str:
    from hyperdsl.version import __version__

    data = ', data={"classes": 3}' if facts else ""
    lines = [
        f"The space {space.name}{_origin(graph)}.",
        "",
        f"    config = sample(np.random.default_rng(0)){' ' * 0}",
        f"    model = build(config{data})",
        "",
        "A config is {path: value} of the decisions that the others leave open; default()",
        "gives the first one to try, DECISIONS lists them all. Random states are left to the",
        "libraries unless build(config, seed=...) sets one for all steps; hyperdsl search",
        "derives another one for each step.",
        "",
        f"Made by hyperdsl {__version__}.",
    ]
    return "\n".join(lines)


def _origin(graph: Graph) -> str:
    node = graph[graph.root]
    body = graph[node.operands[0]] if isinstance(node.op, ops.Named) else node
    span = body.span or node.span
    if span is None:
        return ""
    first, last = span.line, span.source.position(max(span.end - 1, span.start))[0]
    lines = f"line {first}" if first == last else f"lines {first} to {last}"
    return f" of {' '.join(span.source.name.rpartition('/')[2].split())}, {lines}"


# --- the table


def _row(decision: Decision, writer: Writer, graph: Graph) -> dict[str, Any]:
    """One decision; a domain's fields have the names that its class takes."""
    row: dict[str, Any] = {"path": decision.path, "kind": decision.kind}
    node = next(i for i, op in graph.decisions() if op.path == decision.path)
    op = graph[node].op
    match op:
        case ops.Normal():
            row["kind"] = "normal"
            if not decision.dependent:
                mean, deviation = (writer.facts.analysis.constant(o) for o in graph[node].operands)
                row |= {"mean": mean, "deviation": deviation}
        case ops.Subset():
            row["labels"] = list(decision.labels)
            if not decision.dependent:
                row["count"] = writer.facts.analysis.constant(graph[node].operands[0])
        case ops.Choose() | ops.Permute():
            row["labels"] = list(decision.labels)
        case ops.Integer() | ops.Real():
            row |= {"low": decision.low, "high": decision.high}
            if isinstance(op, ops.Real) and op.step is not None:
                row["kind"] = "stepped"
            if op.step not in (None, 1) or row["kind"] == "stepped":
                row["step"] = op.step
    if isinstance(op, ops.Choose):
        row["weights"] = list(decision.weights)
    if decision.log:
        row["log"] = True
    if isinstance(op, (ops.Choose, ops.Integer, ops.Real)) and decision.default is not None:
        row["default"] = decision.to_json(decision.default)
    if decision.dependent:
        row["dependent"] = True
    return row


def _table(rows: list[dict[str, Any]]) -> str:
    """The table, one decision a line."""
    if not rows:
        return "DECISIONS = []\nROWS = {}"
    lines = ["# fmt: off", "DECISIONS = ["]
    for row in rows:
        line = f"    {one_line(literal(row))},"
        lines += [line] if len(line) <= _TABLE_WIDTH else _broken(literal(row))
    lines += ["]", "# fmt: on", 'ROWS = {row["path"]: number for number, row in enumerate(DECISIONS)}']
    return "\n".join(lines)


def _broken(row: ast.expr) -> list[str]:
    *lines, last = print_statement(ast.Expr(row), "    ")
    return [*lines, f"{last},"]


# --- the functions to use


def _api(program: ast.expr, facts: bool) -> list[ast.stmt]:
    """``build``, ``sample`` and ``default``."""
    data = ["data"] if facts else []
    d = ast.Name("d")
    seeded = ast.Assign([ast.Attribute(d, "seed")], ast.Name("seed"))
    config = ast.Return(call(ast.Attribute(d, "config")))

    def decided(function: ast.expr) -> ast.stmt:
        return assign("d", call(ast.Name("Decisions"), function, *(ast.Name(name) for name in data)))

    units = call(ast.Attribute(ast.Name("rng"), "random"), call(ast.Name("len"), ast.Name("DECISIONS")))
    drawn = call(ast.Name("drawer"), call(ast.Attribute(units, "tolist")))
    build = [
        decided(call(ast.Name("reader"), ast.Name("config"))),
        seeded,
        assign("result", program),
        ast.Expr(call(ast.Name("check_all_used"), ast.Name("config"), ast.Attribute(d, "values"))),
        ast.Return(ast.Name("result")),
    ]
    return [
        _function("build", ["config"], ["seed", *data], _BUILD, build),
        _function("sample", ["rng"], data, _SAMPLE, [decided(drawn), ast.Expr(program), config]),
        _function("default", [], data, _DEFAULT, [decided(ast.Name("take_default")), ast.Expr(program), config]),
    ]


_BUILD = """What a config stands for, unfitted.

ValueError when the config is not a point of the space."""
_SAMPLE = """A config drawn with a NumPy generator.

``hyperdsl sample`` draws the same with ``Generator(Philox(seed))``."""
_DEFAULT = "The config of all defaults."


def _function(name: str, needed: list[str], optional: list[str], doc: str, body: list[ast.stmt]) -> ast.stmt:
    return ast.FunctionDef(name, parameters(needed, optional), [ast.Expr(ast.Constant(doc)), *body], [])
