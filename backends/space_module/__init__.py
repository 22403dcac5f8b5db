"""The Python module of a whole space: ``build(config)``, ``sample(rng)``, ``default()`` and the table of decisions.

The program becomes functions that ask for decisions as they go, so what is not chosen is not made. Where passes leave
out steps, one function asks for the decisions and others build what is left (``optimized``). The module runs
without hyperdsl: what it needs at run time is copied from ``domains``, ``deciding`` and ``wiring``.
"""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Iterable
from typing import Any

from hyperdsl.backends.printer import one_line, print_module, print_statement
from hyperdsl.backends.pycode import Imports, assign, call, literal, parameters
from hyperdsl.backends.space_module.bodies import CONDITION
from hyperdsl.backends.space_module.copying import Runtime, read_runtime
from hyperdsl.backends.space_module.facts import Facts
from hyperdsl.backends.space_module.functions import Function, finished
from hyperdsl.backends.space_module.optimized import changed, decisions_of
from hyperdsl.backends.space_module.writer import Writer
from hyperdsl.catalog import Catalog
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.unsupported import network_in_module
from hyperdsl.frozen import frozen
from hyperdsl.ir import ops
from hyperdsl.ir.facts import is_network
from hyperdsl.ir.graph import Graph
from hyperdsl.recursion import deep_recursion
from hyperdsl.space import Decision, Space
from hyperdsl.space.conditioned import Drawn, Item, Narrowed

PUBLIC = ("DECISIONS", "build", "sample", "default")
_TABLE_WIDTH = 180


def space_module(graph: Graph, space: Space, catalog: Catalog, level: int = 0) -> str:
    """The text of the module of a space.

    Parameters
    ----------
    graph : Graph
        As lowered: its names become the names of functions.
    space : Space
        Of the same graph.
    catalog : Catalog
        Tells the parameters of modules.
    level : {0, 1, 2}
        How hard to optimize what ``build`` makes. Where that changes no step, the module is that of level 0.

    Raises
    ------
    HypError
        When a library is not installed, only a table's schema tells which columns a route takes, or there are networks.
    """
    _refuse_networks(graph)
    with deep_recursion():
        copied = read_runtime()
        imports = Imports(set(_reserved(copied)), dict(copied.imports))
        facts = Facts(graph)
        built = changed(graph, level)
        if built is None or not space.decisions:
            programs = [_Program.of(graph if built is None else built, catalog, imports)]
        else:
            programs = [
                _Program.of(decisions_of(graph), catalog, imports),
                _Program.of(built, catalog, imports, facts),
            ]
        roots = [f for program in programs for f in (program.root, *program.conditions)]
        functions: list[ast.stmt] = list(finished(roots, imports))
        api = _Api(graph, space, facts, functions)
        statements = [*functions, *api.functions(*(program.call() for program in programs))]
        rows = _rows(graph, space, facts)
        copies = copied.texts(statements, dict.fromkeys(str(row["kind"]) for row in rows), imports)
        head = print_module(_doc(graph, api), imports.statements())
        parts = [*("\n".join(print_statement(s, "")) for s in statements), *copies]
        return head + "\n" + "\n\n\n".join([_table(rows) + _states(api.states), *parts]) + "\n"


def _refuse_networks(graph: Graph) -> None:
    for index in sorted(graph.reachable):
        node = graph[index]
        if is_network(node.op) or isinstance(node.op, ops.Input | ops.Apply):
            raise HypError([network_in_module(node.span)])


@frozen(slots=False)
class _Program:
    """The functions of a program.

    Parameters
    ----------
    root : Function
        Makes the value of the node ``index``, which stands below the conditions of the whole program.
    conditions : list of Function
    """

    facts: Facts
    index: int
    root: Function
    conditions: list[Function]

    @classmethod
    def of(cls, graph: Graph, catalog: Catalog, imports: Imports, decided: Facts | None = None) -> _Program:
        """Write a program; ``decided``: what is known of the graph whose decisions have been made before."""
        writer = Writer(graph, catalog, imports, decided)
        index, conditions = graph.root, []
        while isinstance(graph[index].op, ops.Where):
            index, *more = graph[index].operands
            conditions += more
        root = writer.function(index)[0]
        return cls(writer.facts, index, root, [writer.function(c, CONDITION)[0] for c in conditions])

    def call(self) -> ast.expr:
        """The call that makes the whole program, once its functions have names."""
        made = call(ast.Name(self.root.name), *([ast.Name("d")] if self.root.reads_decisions else []))
        if self.conditions:
            made = call(ast.Attribute(ast.Name("d"), "under"), made, *(ast.Name(c.name) for c in self.conditions))
        if not self.facts.needs_wiring(self.index):
            return made
        return call(ast.Name("program" if "list" in self.facts.types(self.index) else "pipeline"), made)


def _reserved(copied: Runtime) -> Iterable[str]:
    """Names that functions and classes of the program may not have."""
    yield from PUBLIC
    yield from copied.names
    yield from copied.imports.values()
    yield from ("ROWS", "KINDS", "STATES", "d", "at", "l", "O", "I")
    yield from dir(builtins)
    yield from keyword.kwlist


# --- the docstring


def _doc(graph: Graph, api: _Api) -> str:
    from hyperdsl.version import __version__

    data = ", data={...}"
    lines = [
        f"The space {graph.name}{_origin(graph)}, made by hyperdsl {__version__}.",
        "",
        "    config = sample(numpy.random.default_rng(0))",
        f"    {api.noun} = build(config{data if api.reads_data else ''})",
        "",
        "A config says {path: value} for each decision that the others leave open. DECISIONS",
        "lists all of them, default() gives the config to begin with.",
    ]
    if api.reads_data:
        lines += ["", 'data says what is known of the table: {"classes": 3}.']
    if api.is_seeded:
        lines += [
            "",
            "build(config, seed=1) seeds all steps that draw random numbers, alike. hyperdsl",
            "itself gives each step a seed of its own, so its scores differ a little.",
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


def _rows(graph: Graph, space: Space, facts: Facts) -> list[dict[str, Any]]:
    nodes = {op.path: index for index, op in graph.decisions()}
    return [_row(decision, nodes[decision.path], facts) for decision in space.decisions]


def _row(decision: Decision, node: int, facts: Facts) -> dict[str, Any]:
    """One decision; a domain's fields have the names that its class takes."""
    row: dict[str, Any] = {"path": decision.path, "kind": decision.kind}
    op, operands = facts.op(node), facts.operands(node)
    match op:
        case ops.Normal():
            row["kind"] = "normal"
            if not decision.dependent:
                mean, deviation = (facts.analysis.constant(o) for o in operands)
                row |= {"mean": mean, "deviation": deviation}
        case ops.Subset():
            row["labels"] = list(decision.labels)
            if not decision.dependent:
                row["count"] = facts.analysis.constant(operands[0])
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


def _states(states: list[Any]) -> str:
    """How decisions are drawn under conditions, one item a line."""
    if not states:
        return ""
    lines = ["", "# How to draw what conditions change; see follower.", "# fmt: off", "STATES = ["]
    for state in states:
        line = f"    {one_line(literal(state))},"
        lines += [line] if len(line) <= _TABLE_WIDTH else _broken(literal(state))
    return "\n".join([*lines, "]", "# fmt: on"])


def _broken(row: ast.expr) -> list[str]:
    *lines, last = print_statement(ast.Expr(row), "    ")
    return [*lines, f"{last},"]


# --- the functions to use


class _Api:
    """``build``, ``sample`` and ``default``.

    Attributes
    ----------
    noun : str
        What the space makes.
    reads_data : bool
        Whether facts about the data are read; no decision depends on them.
    is_seeded : bool
        Whether some step draws random numbers.
    states : list
        What the module's ``STATES`` holds.
    """

    def __init__(self, graph: Graph, space: Space, facts: Facts, functions: list[ast.stmt]) -> None:
        self.space = space
        self.is_constrained = space.first_condition is not None
        self.states = _listed(space) if self.is_constrained else []
        self.noun = "pipeline" if "module" in facts.types(graph.root) else "value"
        self.reads_data = any(isinstance(graph[i].op, ops.DataFact) for i in graph.reachable)
        parts = (part for function in functions for part in ast.walk(function))
        self.is_seeded = any(isinstance(part, ast.Attribute) and part.attr == "seed" for part in parts)

    def functions(self, program: ast.expr, built: ast.expr | None = None) -> list[ast.stmt]:
        """Their definitions.

        Parameters
        ----------
        program : ast.expr
            The call that makes the program, and with it the decisions.
        built : ast.expr, optional
            The call that makes what is built of decisions, where ``program`` only makes these.
        """
        facts = ast.Name("ANY_DATA")
        units = call(ast.Attribute(ast.Name("rng"), "random"), call(ast.Name("len"), ast.Name("DECISIONS")))
        by = ast.Name("follower" if self.states else "drawer")
        drawn = self._decisions(call(by, call(ast.Attribute(units, "tolist"))), facts)
        begun = self._decisions(ast.Name("take_default"), facts)
        config = ast.Return(call(ast.Attribute(ast.Name("d"), "config")))
        build = self._build(program, built)
        if not self.is_constrained:
            return [
                build,
                _function("sample", ["rng"], [], _SAMPLE, [drawn, ast.Expr(program), config]),
                _function("default", [], [], "The config to begin with.", [begun, ast.Expr(program), config]),
            ]
        met = ast.If(ast.UnaryOp(ast.Not(), _violated()), [config], [])
        loop = ast.For(ast.Name("_"), call(ast.Name("range"), literal(_ATTEMPTS)), [drawn, ast.Expr(program), met], [])
        failed = ast.Raise(call(ast.Name("RuntimeError"), literal(f"{_ATTEMPTS:,} draws violate the conditions")))
        known = ast.Return(literal(self.space.default().to_json()))
        return [
            build,
            _function("sample", ["rng"], [], _SAMPLE_UNDER, [loop, failed]),
            _function("default", [], [], "The config to begin with.", [known]),
        ]

    def _build(self, program: ast.expr, built: ast.expr | None) -> ast.stmt:
        read = self._decisions(call(ast.Name("reader"), ast.Name("config")), ast.Name("data"))
        seeded = ast.Assign([ast.Attribute(ast.Name("d"), "seed")], ast.Name("seed"))
        values = ast.Attribute(ast.Name("d"), "values")
        body = [
            read,
            *([seeded] if self.is_seeded else []),
            assign("result", program) if built is None else ast.Expr(program),
            ast.Expr(call(ast.Name("check_all_used"), ast.Name("config"), values)),
            *([ast.Expr(call(ast.Name("check_conditions"), _violated()))] if self.is_constrained else []),
            ast.Return(ast.Name("result") if built is None else built),
        ]
        doc = f"The {self._kind} of a config; ValueError when the config is no point of the space."
        return _function("build", ["config"], ["seed", *(["data"] if self.reads_data else [])], doc, body)

    @property
    def _kind(self) -> str:
        return "unfitted pipeline" if self.noun == "pipeline" else "value"

    def _decisions(self, decide: ast.expr, facts: ast.expr) -> ast.stmt:
        return assign("d", call(ast.Name("Decisions"), decide, *([facts] if self.reads_data else [])))


_SAMPLE = """A config drawn with a NumPy generator.

``hyperdsl sample --seed 7`` draws with ``Generator(Philox(7))``."""


_SAMPLE_UNDER = """A config drawn with a NumPy generator, such that it violates no condition.

``hyperdsl sample --seed 7`` draws with ``Generator(Philox(7))``; a draw that violates a
condition on continuous ranges is drawn anew, there from a stream of its own."""
_ATTEMPTS = 10_000
_MOST_ITEMS = 5_000  # of the diagram that conditions are drawn by; beyond it configs are drawn anew until they hold


def _violated() -> ast.expr:
    return call(ast.Attribute(ast.Name("d"), "violated"))


def _listed(space: Space) -> list[Any]:
    """The diagram of the conditions as the module holds it; empty where it would be too long or say nothing."""
    items = space.listing(_MOST_ITEMS)
    if items is None or not any(isinstance(i, (Drawn, Narrowed)) for i in items):
        return []
    return [_item(item, space) for item in items]


def _item(item: Item, space: Space) -> Any:
    match item:
        case Drawn(row, members, edges, following):
            decision = space.decisions[row]
            return (decision.path, [decision.to_json(code) for code in members], list(edges), list(following))
        case Narrowed(row, low, high, following):
            return (space.decisions[row].path, (low, high), following)
    return list(item)


def _function(name: str, needed: list[str], optional: list[str], doc: str, body: list[ast.stmt]) -> ast.stmt:
    return ast.FunctionDef(name, parameters(needed, optional), [ast.Expr(ast.Constant(doc)), *body], [])
