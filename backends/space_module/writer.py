"""From the graph of a space to the functions of its module: the program itself, with decisions left to be made."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from hyperdsl.backends.pycode import Imports, call
from hyperdsl.backends.space_module.bodies import CONDITION, VALUE, Block, BodyWriter, Mode
from hyperdsl.backends.space_module.facts import Facts, base_name, common_place, line_of, place_of
from hyperdsl.backends.space_module.functions import (
    Function,
    call_of,
    fingerprint,
    function_of,
    reference_to,
    simplified,
    uses_place,
)
from hyperdsl.backends.space_module.modules import ModuleWriter
from hyperdsl.backends.space_module.values import ValueWriter
from hyperdsl.catalog import Catalog
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.environment import library_not_installed
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph
from hyperdsl.source import Span

_SUFFIXES = {ops.Choose: "choice", ops.Select: "choice", ops.Subset: "subset", ops.Permute: "order"}
_WIDEST = 40  # of an operator expression inside another one


class Writer:
    """Writes the functions of one program.

    Parameters
    ----------
    decided : Facts, optional
        Of the graph whose decisions have been made before this program is run: it looks them up.

    Attributes
    ----------
    imports : Imports
        What the functions import.
    """

    def __init__(self, graph: Graph, catalog: Catalog, imports: Imports, decided: Facts | None = None) -> None:
        self.facts = Facts(graph, decided)
        self.catalog = catalog
        self.imports = imports
        self.bodies = BodyWriter(self)
        self.values = ValueWriter(self)
        self.modules = ModuleWriter(self)
        self.hints: dict[int, str] = {}  # what the argument is called that a node is written for
        self._functions: dict[tuple[int, Mode], tuple[Function, str | None]] = {}
        self._equal: dict[Any, Function] = {}

    # --- functions

    def called(self, index: int, mode: Mode = VALUE) -> ast.expr:
        """A call of the function of a node."""
        function, place = self.function(index, mode)
        once = mode == VALUE and self.facts.uses[index] > 1 and self.facts.is_plain(index) and any(function.called())
        return call_of(function, place, once)

    def function(self, index: int, mode: Mode = VALUE) -> tuple[Function, str | None]:
        """The function of a node, and where the decisions of this use of it are made."""
        key = (index, mode)
        if key not in self._functions:
            self._functions[key] = self._write(index, mode)
        return self._functions[key]

    def _write(self, index: int, mode: Mode) -> tuple[Function, str | None]:
        op = self.facts.op(index)
        line = self._line(index)
        block = Block(line, mode == VALUE and index in self.facts.parts)
        self.bodies.write(index, mode, block, root=True)
        block.statements = simplified(block.statements)
        base = self._base(index, mode)
        place = self._place(index)
        place = place if place is not None and mode != CONDITION and uses_place(block.statements, place) else None
        is_definition = isinstance(op, ops.Named) and mode == VALUE
        doc = (
            f"{op.definition} ({line})."
            if isinstance(op, ops.Named) and is_definition
            else self._doc(index, mode, line)
        )
        equal = (base, doc, fingerprint(block.statements, place))
        function = self._equal.setdefault(equal, Function(base, doc, block.statements, is_definition))
        function.places.append(place)
        function.is_condition = mode == CONDITION
        return function, place

    def under(self, value: ast.expr, conditions: Sequence[int]) -> ast.expr:
        """A value whose configuration holds to conditions."""
        functions = [self.function(c, CONDITION)[0] for c in conditions]
        return call(ast.Attribute(ast.Name("d"), "under"), value, *(reference_to(f) for f in functions))

    def text_of(self, index: int) -> str:
        """What the author wrote for a node, on one line."""
        span = self.facts.graph[index].span
        return " ".join(span.text.split()) if span is not None else "a condition"

    def _line(self, index: int) -> str:
        node = self.facts.graph[index]
        inner = self.facts.graph[node.operands[0]] if isinstance(node.op, ops.Named) else node
        return line_of(inner.span or node.span)

    def _doc(self, index: int, mode: Mode, line: str) -> str:
        kind, name = mode
        if kind == "condition":
            return f"{self.text_of(index)} ({line})."
        if kind == "argument":
            return f"Argument {name}, where there is one ({line})."
        if kind == "is":
            return f"Whether it is {name.rpartition('.')[2]} ({line})."
        match self.facts.op(index):
            case ops.Choose(labels=(True, False)):
                return f"Taken or left out ({line})."
            case ops.Choose(labels=labels):
                return f"One of {len(labels)} ({line})."
            case ops.Select():
                return f"As other decisions say ({line})."
            case ops.Subset(labels=labels):
                return f"Some of {len(labels)} ({line})."
            case ops.Permute(labels=labels):
                return f"{len(labels)} in any order ({line})."
            case ops.Repeat():
                return f"As many as decided ({line})."
        return f"Used in several places ({line})."

    def _base(self, index: int, mode: Mode) -> str:
        kind, name = mode
        if kind == "condition":
            return "condition"
        if kind == "argument":
            return name
        if kind == "is":
            return base_name(f"is_{name.rpartition('.')[2]}")
        op = self.facts.op(index)
        if isinstance(op, ops.Named):
            return op.definition
        if isinstance(op, ops.Choose) and op.labels == (True, False):
            return f"optional_{base_name(op.path)}"
        base = self._base_of_part(index, op)
        return f"{base}_{_SUFFIXES.get(type(op), 'part')}" if base in self.facts.definitions else base

    def _base_of_part(self, index: int, op: ops.Op) -> str:
        if isinstance(op, (ops.DecisionOp, ops.Call)):
            return base_name(op.path)
        paths = self.facts.paths(index)
        if isinstance(op, ops.Select):
            test = self.facts.paths(self.facts.operands(index)[0])
            paths = tuple(p for p in paths if p not in test)
        if isinstance(op, ops.Repeat):
            return base_name(common_place(paths) or "") if paths else "repeated"
        return base_name(paths[0]) if paths else self.hints.get(index, "part")

    def _place(self, index: int) -> str | None:
        match self.facts.op(index):
            case ops.Named(definition=definition):
                found = place_of(definition, self.facts.paths(index))
                if found is not None:
                    return found
            case ops.DecisionOp(path=path):
                return path.rstrip("?")
        return common_place(self.facts.paths(index))

    # --- expressions

    def value(self, index: int, block: Block | None, part: bool = False) -> ast.expr:
        """The value of a node; ``part`` where it becomes a part of a sequence or union."""
        if not self.facts.is_function(index):
            return self.inline(index, block, part)
        result = self.called(index)
        if not part and index in self.facts.parts and not self.facts.is_finished(index):
            return call(ast.Name("assembled"), result)
        return result

    def embedded(self, index: int, block: Block | None, part: bool = False) -> ast.expr:
        """The value as one of several items: a long operator expression gets a name."""
        value = self.value(index, block, part)
        if block is not None and _is_operator(value) and len(ast.unparse(value)) > _WIDEST:
            return block.assigned("value", value)
        return value

    def operand(self, index: int, block: Block | None) -> ast.expr:
        """The value as an operand: decisions and calls get names."""
        value = self.value(index, block)
        if block is None or isinstance(value, (ast.Constant, ast.Name)):
            return value
        if _is_operator(value):
            return block.assigned("value", value) if len(ast.unparse(value)) > _WIDEST else value
        if (function := function_of(value)) is not None:
            return block.assigned(f"{function.base}_value", value)
        if isinstance(value, ast.Subscript) or _reads(value):
            paths = self.facts.paths(index)
            return block.assigned(base_name(paths[-1]) if paths else "value", value)
        return value

    def inline(self, index: int, block: Block | None, part: bool) -> ast.expr:
        """The value of a node that is written where it stands."""
        op, operands = self.facts.op(index), self.facts.operands(index)
        match op:
            case ops.Named():
                return self.value(operands[0], block, part)
            case ops.Where():
                return self.under(self.value(operands[0], block, part), operands[1:])
            case ops.Label():
                return self.modules.label(index, op, block) if part else self.value(operands[0], block)
            case ops.Symbol(path=path):
                return self.modules.symbol(path, self.facts.graph[index].span)
            case ops.Pass():
                return ast.Constant("passthrough")
            case ops.Drop():
                return ast.Constant("drop")
            case ops.Nothing() | ops.Missing():
                return ast.Name("ABSENT")
            case ops.Call():
                return self.modules.call(index, op, block, part)
            case ops.Seq():
                return self.modules.sequence(operands, block, part)
            case ops.Par():
                return self.modules.parallel(operands, block, part)
            case ops.Columns():
                return self.modules.columns(index, op, block, part)
        return self.values.write(index, op, block, part)

    def known(self, path: str, span: Span | None) -> Any:
        """What the catalog knows of a module; notes what to import before it.

        Raises
        ------
        HypError
            When its library is not installed.
        """
        found = self.catalog.find(path)
        if not found:
            if extra := self.catalog.missing(path):
                library, _, name = path.partition(".")
                raise HypError([library_not_installed(span, name, library, extra)])
            return None
        if found[0].requires:
            self.imports.add_effect(found[0].requires)
        return found[0]


def _is_operator(value: ast.expr) -> bool:
    return isinstance(value, (ast.BinOp, ast.BoolOp, ast.Compare, ast.UnaryOp))


def _reads(value: ast.expr) -> bool:
    """Whether a call asks the decisions: ``d.between(...)``."""
    match value:
        case ast.Call(ast.Attribute(ast.Name("d"))):
            return True
    return False
