"""The functions of a space's module: equal ones are written once, with the place of their decisions as argument.

Bodies are trees in which three kinds of node are marked until all functions are known: paths of decisions, calls of
other functions, and local names.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from unicodedata import normalize

from hyperdsl.backends.printer import WIDTH, quoted
from hyperdsl.backends.pycode import Imports, checked_identifier, is_name, parameters, unique

_PATH, _LOCAL, _CALLED, _ONCE, _NAMED = "hyp_path", "hyp_local", "hyp_called", "hyp_once", "hyp_named"


@dataclass(eq=False)
class Function:
    """One function of the module.

    Parameters
    ----------
    base : str
        The name to give it, where that is free.
    doc : str
        Its docstring.
    body : list of ast.stmt
        With the paths of its first use.
    places : list of str or None
        Per use, where its decisions are made.
    """

    base: str
    doc: str
    body: list[ast.stmt]
    is_definition: bool
    places: list[str | None] = field(default_factory=list)
    name: str = ""
    is_condition: bool = False

    @property
    def takes_place(self) -> bool:
        return len(set(self.places)) > 1

    def called(self) -> Iterator[Function]:
        """The functions that it calls, in order."""
        for statement in self.body:
            for node in _in_order(statement):
                if (function := getattr(node, _CALLED, None)) is not None:
                    yield function

    @cached_property
    def reads_decisions(self) -> bool:
        """Whether it needs the decisions at all."""
        names = (n.id for s in self.body for n in ast.walk(s) if isinstance(n, ast.Name))
        return self.is_condition or "d" in names or any(f.reads_decisions for f in self.called())

    def __deepcopy__(self, memo: object) -> Function:
        return self  # marked nodes are copied, what they refer to is not


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _in_order(child)


# --- marked nodes


def path_node(path: str) -> ast.expr:
    """The path of a decision."""
    node = ast.Constant(path)
    setattr(node, _PATH, True)
    return node


def local_name(name: str) -> ast.Name:
    """A name within one function."""
    node = ast.Name(name)
    setattr(node, _LOCAL, True)
    return node


def call_of(function: Function, place: str | None, once: bool) -> ast.expr:
    """A call of a function of the module."""
    node = ast.Call(ast.Name("?"), [path_node(place)] if place is not None else [], [])
    setattr(node, _CALLED, function)
    setattr(node, _ONCE, once)
    return node


def reference_to(function: Function) -> ast.expr:
    """The function itself, which the module calls later."""
    node = call_of(function, None, once=False)
    setattr(node, _NAMED, True)
    return node


def function_of(node: ast.expr) -> Function | None:
    """The function that a node calls, if it calls one of the module."""
    return getattr(node, _CALLED, None)


def _relative(path: str, place: str | None) -> str | None:
    """What follows the place in a path, None where the path lies elsewhere."""
    if place is None or not path.startswith(place):
        return None
    rest = path[len(place) :]
    return rest if not rest or rest[0] in ".?[" else None


def fingerprint(node: Any, place: str | None) -> Any:
    """Equal for equal code, with the paths taken relative to a place."""
    if isinstance(node, list):
        return tuple(fingerprint(item, place) for item in node)
    if not isinstance(node, ast.AST):
        return (type(node).__name__, repr(node))
    if getattr(node, _PATH, False):
        assert isinstance(node, ast.Constant)
        rest = _relative(str(node.value), place)
        return ("path", node.value) if rest is None else ("rest", rest)
    called = (id(getattr(node, _CALLED, None)), getattr(node, _ONCE, False))
    return (type(node).__name__, called, *(fingerprint(value, place) for _, value in ast.iter_fields(node)))


def simplified(statements: list[ast.stmt]) -> list[ast.stmt]:
    """The statements, with ``return test`` for a test that returns true or false, and names used once they exist."""
    for position, statement in enumerate(statements):
        match statement:
            case ast.Assign([ast.Name() as name], ast.Subscript() as lookup):
                renamed = _Renamed(fingerprint(lookup, None), name)
                statements = [*statements[: position + 1], *map(renamed.visit, statements[position + 1 :])]
    statements = [ast.If(s.test, simplified(s.body), []) if isinstance(s, ast.If) else s for s in statements]
    match statements[-2:]:
        case [ast.If(test, [ast.Return(ast.Constant(True))]), ast.Return(ast.Constant(False))]:
            return [*statements[:-2], ast.Return(_truth(test))]
        case [ast.If(test, [ast.Return(ast.Constant(False))]), ast.Return(ast.Constant(True))]:
            return [*statements[:-2], ast.Return(negated(test))]
    return statements


class _Renamed(ast.NodeTransformer):
    """Writes the name of a decision in place of asking again."""

    def __init__(self, lookup: Any, name: ast.Name) -> None:
        self.lookup = lookup
        self.name = name

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if fingerprint(node, None) == self.lookup:
            return local_name(self.name.id)
        self.generic_visit(node)
        return node


def _truth(test: ast.expr) -> ast.expr:
    return test if isinstance(test, ast.Compare) else ast.Call(ast.Name("bool"), [test], [])


def negated(test: ast.expr) -> ast.expr:
    """The opposite of a test."""
    match test:
        case ast.Compare(left, [ast.Eq()], [right]):
            return ast.Compare(left, [ast.NotEq()], [right])
    return ast.UnaryOp(ast.Not(), test)


def uses_place(node: Any, place: str) -> bool:
    """Whether code has a path below a place."""
    if isinstance(node, list):
        return any(uses_place(item, place) for item in node)
    return any(
        getattr(part, _PATH, False) and isinstance(part, ast.Constant) and _relative(str(part.value), place) is not None
        for part in ast.walk(node)
    )


def numbered(node: ast.expr, place: str, number: ast.expr) -> ast.expr:
    """The expression with ``number`` instead of the last word of a place in its paths."""
    return _Numbered(place, number).visit(copy.deepcopy(node))  # type: ignore[no-any-return]


class _Numbered(ast.NodeTransformer):
    def __init__(self, place: str, number: ast.expr) -> None:
        self.place = place
        self.before = place.rpartition(".")[0] + "."
        self.number = ast.FormattedValue(number, -1)

    def pieces(self, node: ast.expr) -> list[ast.expr]:
        is_path = isinstance(node, ast.Constant) and getattr(node, _PATH, False)
        rest = _relative(str(node.value), self.place) if is_path and isinstance(node, ast.Constant) else None
        if rest is None:
            return [node]
        return [path_node(self.before), copy.deepcopy(self.number), *([ast.Constant(rest)] if rest else [])]

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        pieces = self.pieces(node)
        return node if len(pieces) == 1 else ast.JoinedStr(pieces)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return ast.JoinedStr([piece for value in node.values for piece in self.pieces(value)])


# --- the finished functions


def finished(roots: Sequence[Function], imports: Imports) -> list[ast.FunctionDef]:
    """The definitions of all functions that the roots need, in the order of their first use."""
    order = _order(roots)
    for function in sorted(order, key=lambda f: not f.is_definition):
        function.name = imports.define(_safe(function.base))
    return [_Finish(function, imports.taken).definition() for function in order]


def _safe(name: str) -> str:
    """A name as Python reads it, and no keyword."""
    name = normalize("NFKC", name)
    return name if is_name(name) else f"{name}_" if is_name(f"{name}_") else "part"


def _order(roots: Sequence[Function]) -> list[Function]:
    """Each function before those that it calls first."""
    order: dict[int, Function] = {}
    pending = [*reversed(roots)]
    while pending:
        function = pending.pop()
        if id(function) not in order:
            order[id(function)] = function
            pending += reversed(list(function.called()))
    return list(order.values())


class _Finish(ast.NodeTransformer):
    """Resolves the marked nodes of one function."""

    def __init__(self, function: Function, taken: set[str]) -> None:
        self.function = function
        self.taken = taken
        self.locals: dict[str, str] = {}

    def definition(self) -> ast.FunctionDef:
        function = self.function
        body = [self.visit(copy.deepcopy(statement)) for statement in function.body]
        flat = [s for item in body for s in (item if isinstance(item, list) else [item])]
        names = ["d"] if function.reads_decisions else []
        names += ["at"] if function.takes_place else []
        doc = ast.Expr(ast.Constant(function.doc))
        return ast.FunctionDef(checked_identifier(function.name), parameters(names), [doc, *flat], [])

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self.text([node]) if getattr(node, _PATH, False) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return self.text(node.values)

    def text(self, pieces: list[ast.expr]) -> ast.expr:
        """A path: a plain string, the place itself, or an f-string written as the printer writes strings."""
        place = self.function.places[0] if self.function.takes_place else None
        text, is_plain = "", True
        for piece in pieces:
            if isinstance(piece, ast.FormattedValue):
                name = self.visit(piece.value)
                text, is_plain = f"{text}{{{name.id}}}", False
                continue
            assert isinstance(piece, ast.Constant)
            rest = _relative(str(piece.value), place) if getattr(piece, _PATH, False) else None
            if rest == "" and len(pieces) == 1:
                return ast.Name("at")
            is_plain = is_plain and rest is None
            literal = str(piece.value) if rest is None else rest
            text += ("{at}" if rest is not None else "") + literal.replace("{", "{{").replace("}", "}}")
        if is_plain:
            return ast.Constant("".join(str(piece.value) for piece in pieces if isinstance(piece, ast.Constant)))
        return ast.Name("f" + quoted(text))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not getattr(node, _LOCAL, False):
            return node
        if node.id not in self.locals:
            self.locals[node.id] = unique(node.id, {*self.taken, *self.locals.values()})
        return ast.Name(self.locals[node.id])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        function: Function | None = getattr(node, _CALLED, None)
        if function is None:
            return node
        if getattr(node, _NAMED, False):
            return ast.Name(function.name)
        place = node.args if function.takes_place else []
        if getattr(node, _ONCE) and function.reads_decisions:
            return ast.Call(ast.Attribute(ast.Name("d"), "once"), [ast.Name(function.name), *place], [])
        decisions: list[ast.expr] = [ast.Name("d")] if function.reads_decisions else []
        return ast.Call(ast.Name(function.name), [*decisions, *place], [])

    def visit_Return(self, node: ast.Return) -> ast.stmt | list[ast.stmt]:
        """A long pair is returned in two steps."""
        self.generic_visit(node)
        match node.value:
            case ast.Tuple([ast.Constant(str()) as name, ast.Call() as part]) if len(ast.unparse(node)) > WIDTH - 20:
                local = self.visit_Name(local_name("part"))
                return [ast.Assign([local], part), ast.Return(ast.Tuple([name, local]))]
        return node

    def visit_If(self, node: ast.If) -> ast.stmt | list[ast.stmt]:
        """A test that does not fit on its line gets a name."""
        self.generic_visit(node)
        if len(ast.unparse(node.test)) <= WIDTH - len("        if :"):
            return node
        chosen = self.visit_Name(local_name("chosen"))
        return [ast.Assign([chosen], node.test), ast.If(chosen, node.body, node.orelse)]
