"""From the graph of a space to the functions of its module: the program itself, with decisions left to be made."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hyperdsl.backends.pycode import Imports, call, literal
from hyperdsl.backends.space_facts import Facts, base_name, common_place, line_of, place_of
from hyperdsl.backends.space_functions import (
    Function,
    call_of,
    fingerprint,
    is_call_of_function,
    local_name,
    numbered,
    path_node,
    uses_place,
)
from hyperdsl.catalog import Catalog
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.environment import library_not_installed
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph
from hyperdsl.source import Span

VALUE = ("value", "")
Mode = tuple[str, str]  # what is wanted of a node: its value, one argument of it, whether it is of a class
_WIDEST = 40  # of an operator expression inside another one


@dataclass
class Block:
    """Statements that are being written; a nested block sees the names of the one around it.

    ``line`` is that of the function, which comments need not repeat; ``part`` says whether it returns a part of a
    sequence or union.
    """

    line: str
    part: bool = False
    outer: Block | None = None
    statements: list[ast.stmt] = field(default_factory=list)
    names: dict[Any, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)  # shared by all blocks of a function

    def nested(self) -> Block:
        return Block(self.line, self.part, self, [], {}, self.taken)

    def local(self, base: str) -> ast.Name:
        """A new local name."""
        name, number = base, 2
        while name in self.taken:
            name, number = f"{base}_{number}", number + 1
        self.taken.add(name)
        return local_name(name)

    def assigned(self, base: str, value: ast.expr) -> ast.Name:
        """The local name of a value; equal values get one name."""
        key = fingerprint(value, None)
        block: Block | None = self
        while block is not None:
            if key in block.names:
                return local_name(block.names[key])
            block = block.outer
        name = self.named(base, value)
        self.names[key] = name.id
        return name

    def named(self, base: str, value: ast.expr) -> ast.Name:
        """A new local name of a value."""
        name = self.local(base)
        self.statements.append(ast.Assign([name], value))
        return local_name(name.id)


class Writer:
    """Writes the functions of one space.

    Attributes
    ----------
    imports : Imports
        What the functions import.
    """

    def __init__(self, graph: Graph, catalog: Catalog, imports: Imports) -> None:
        from hyperdsl.backends.space_modules import ModuleWriter
        from hyperdsl.backends.space_values import ValueWriter

        self.facts = Facts(graph)
        self.catalog = catalog
        self.imports = imports
        self.values = ValueWriter(self)
        self.modules = ModuleWriter(self)
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
        self.body(index, mode, block, root=True)
        base = self._base(index, mode)
        place = self._place(index)
        place = place if place is not None and uses_place(block.statements, place) else None
        is_definition = isinstance(op, ops.Named) and mode == VALUE
        doc = (
            f"{op.definition} ({line})."
            if isinstance(op, ops.Named) and is_definition
            else self._doc(index, mode, line)
        )
        equal = (base, doc, fingerprint(block.statements, place))
        function = self._equal.setdefault(equal, Function(base, doc, block.statements, is_definition))
        function.places.append(place)
        return function, place

    def _line(self, index: int) -> str:
        node = self.facts.graph[index]
        inner = self.facts.graph[node.operands[0]] if isinstance(node.op, ops.Named) else node
        return line_of(inner.span or node.span)

    def _doc(self, index: int, mode: Mode, line: str) -> str:
        kind, name = mode
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
                return f"So many as decided ({line})."
        return f"Used in several places ({line})."

    def _base(self, index: int, mode: Mode) -> str:
        kind, name = mode
        if kind == "argument":
            return name
        if kind == "is":
            return base_name(f"is_{name.rpartition('.')[2]}")
        match self.facts.op(index):
            case ops.Named(definition=definition):
                return definition
            case ops.Choose(path=path, labels=(True, False)):
                return f"optional_{base_name(path)}"
            case ops.DecisionOp(path=path):
                return base_name(path)
            case ops.Call(path=path):
                return base_name(path)
        paths = self.facts.paths(index)
        return base_name(common_place(paths) or "") if paths else "part"

    def _place(self, index: int) -> str | None:
        match self.facts.op(index):
            case ops.Named(definition=definition):
                found = place_of(definition, self.facts.paths(index))
                if found is not None:
                    return found
            case ops.DecisionOp(path=path):
                return path.rstrip("?")
        return common_place(self.facts.paths(index))

    # --- bodies

    def body(self, index: int, mode: Mode, block: Block, root: bool = False) -> None:
        """Statements that return the value of a node."""
        op, operands = self.facts.op(index), self.facts.operands(index)
        again = not root and self.facts.is_function(index)
        match op:
            case ops.Choose() | ops.Select() | ops.Subset() | ops.Permute() | ops.Repeat() if again:
                block.statements.append(ast.Return(self.wanted(index, mode, block)))
            case ops.Choose() if mode != VALUE or not self.facts.is_lookup(index):
                self._choose(index, op, mode, block)
            case ops.Select():
                test = self.values.condition(operands[0], block)
                then = block.nested()
                self.body(operands[1], mode, then)
                block.statements.append(ast.If(test, then.statements, []))
                self.body(operands[2], mode, block)
            case ops.Named() if self.facts.uses[operands[0]] == 1 and (root or mode != VALUE):
                inner = self.facts.op(operands[0])
                self.body(operands[0], mode, block, root=mode == VALUE and not isinstance(inner, ops.Named))
            case ops.Label() if mode != VALUE or not block.part:
                self.body(operands[0], mode, block)
            case ops.Seq() if mode != VALUE:
                self.body(operands[-1], mode, block)
            case ops.Subset() if not self.facts.is_lookup(index):
                self._subset(index, op, block)
            case ops.Permute() if not self.facts.is_lookup(index):
                self._permute(index, op, block)
            case ops.Repeat():
                self._repeat(index, block)
            case _:
                block.statements.append(ast.Return(self.wanted(index, mode, block, root)))

    def wanted(self, index: int, mode: Mode, block: Block, root: bool = False) -> ast.expr:
        """What a mode wants of a node, as an expression."""
        kind, name = mode
        if kind == "value":
            return self.inline(index, block, block.part) if root else self.value(index, block, block.part)
        if isinstance(self.facts.op(index), (ops.Choose, ops.Select)):
            return self.called(index, mode)
        if kind == "is":
            op = self.facts.op(index)
            return literal(isinstance(op, ops.Call) and op.path == name)
        argument = self.facts.argument_of(index, name)
        return ast.Name("ABSENT") if argument is None else self.value(argument, block)

    def _choose(self, index: int, op: ops.Choose, mode: Mode, block: Block) -> None:
        operands = self.facts.operands(index)
        lookup = self.values.lookup(op.path)
        if op.labels == (True, False):
            then = block.nested()
            self.body(operands[0], mode, then)
            block.statements.append(ast.If(lookup, then.statements, []))
            self.body(operands[1], mode, block)
            return
        choice = block.assigned("choice", lookup)
        own = [mode == VALUE and self.facts.is_own_label(o, v) for o, v in zip(operands, op.labels, strict=True)]
        others = [i for i in range(len(operands)) if not own[i]]
        last = None if any(own) else others.pop()
        subject, labels = self._subject(op.path, choice, op.labels, block)
        for i in others:
            inner = block.nested()
            self.body(operands[i], mode, inner)
            test = ast.Compare(subject, [ast.Eq()], [literal(labels[i])])
            block.statements.append(ast.If(test, inner.statements, []))
        if last is None:
            block.statements.append(ast.Return(choice))
        else:
            self.body(operands[last], mode, block)

    def _subject(
        self, path: str, choice: ast.expr, labels: Sequence[ops.Scalar], block: Block
    ) -> tuple[ast.expr, Sequence[ops.Scalar]]:
        """What to compare and with what: labels, or their places where Python takes two for equal (1 and True)."""
        if len(set(labels)) == len(labels):
            return choice, labels
        place = call(ast.Name("label_place"), path_node(path), choice)
        return block.assigned("place", place), range(len(labels))

    def _chosen(self, index: int, op: ops.Subset | ops.Permute, block: Block) -> tuple[ast.expr, Sequence[ops.Scalar]]:
        """The labels that a subset or permutation holds, and all that it may hold."""
        lookup = self.values.decision(index, block)
        if len(set(op.labels)) == len(op.labels):
            return lookup, op.labels
        label = block.local("label")
        place = call(ast.Name("label_place"), path_node(op.path), local_name(label.id))
        loop = ast.comprehension(label, lookup, [], 0)
        return ast.ListComp(place, [loop]), range(len(op.labels))

    def _subset(self, index: int, op: ops.Subset, block: Block) -> None:
        operands = self.facts.operands(index)[1:]
        joined = op.joined and not all(self.facts.is_plain(o) for o in operands)
        part = joined or block.part
        lookup, labels = self._chosen(index, op, block)
        chosen = block.assigned("chosen", lookup)
        items = block.named("items", ast.List([]))
        for label, operand in zip(labels, operands, strict=True):
            inner = block.nested()
            added = call(ast.Attribute(items, "append"), self.embedded(operand, inner, part))
            test = ast.Compare(literal(label), [ast.In()], [chosen])
            block.statements.append(ast.If(test, [*inner.statements, ast.Expr(added)], []))
        result: ast.expr = items
        if joined:
            hull = self.facts.analysis.hull(self.facts.operands(index)[0])
            if hull is None or hull[0] < 1:
                block.statements.append(ast.If(ast.UnaryOp(ast.Not(), items), [ast.Return(items)], []))
            result = self.modules.wired("parallel", [ast.Starred(items)], block.part)
        elif any(self.facts.may_be_absent(o) for o in operands):
            result = call(ast.Name("present"), items)
        block.statements.append(ast.Return(result))

    def _permute(self, index: int, op: ops.Permute, block: Block) -> None:
        part = block.part
        operands = self.facts.operands(index)
        lookup, labels = self._chosen(index, op, block)
        values = [self.embedded(o, block, part) for o in operands]
        table = ast.Dict([literal(label) for label in labels], values)
        items = block.assigned("items", table)
        name = block.local("name")
        loop = ast.comprehension(name, lookup, [], 0)
        ordered: ast.expr = ast.ListComp(ast.Subscript(items, local_name(name.id)), [loop])
        if any(self.facts.may_be_absent(o) for o in operands):
            ordered = call(ast.Name("present"), ordered)
        block.statements.append(ast.Return(ordered))

    def _repeat(self, index: int, block: Block) -> None:
        part = block.part
        count_node, *bodies = self.facts.operands(index)
        count = block.assigned("count", self.embedded(count_node, block, False))
        absent = any(self.facts.may_be_absent(o) for o in bodies)
        inner = block.nested()
        values = [self.embedded(o, inner, part) for o in bodies]
        result = None if inner.statements else self._comprehension(bodies, values, count, block)
        if result is None:
            result = block.named("items", ast.List([]))
            for number, operand in enumerate(bodies, 1):
                inner = block.nested()
                added = call(ast.Attribute(result, "append"), self.embedded(operand, inner, part))
                test = ast.Compare(count, [ast.GtE()], [literal(number)])
                block.statements.append(ast.If(test, [*inner.statements, ast.Expr(added)], []))
        block.statements.append(ast.Return(call(ast.Name("present"), result) if absent else result))

    def _comprehension(
        self, bodies: Sequence[int], values: Sequence[ast.expr], count: ast.expr, block: Block
    ) -> ast.expr | None:
        """The items as one comprehension where they differ only in the number in their paths."""
        here = self._numbered_place(bodies)
        places = [None if here is None else f"{here}.{n}" for n in range(1, len(bodies) + 1)]
        if len({fingerprint(v, p) for v, p in zip(values, places, strict=True)}) != 1:
            return None
        end = ast.BinOp(count, ast.Add(), literal(1))
        if here is None:
            return ast.ListComp(values[0], [ast.comprehension(ast.Name("_"), call(ast.Name("range"), count), [], 0)])
        number = block.local("i")
        value = numbered(values[0], f"{here}.1", local_name(number.id))
        return ast.ListComp(value, [ast.comprehension(number, call(ast.Name("range"), literal(1), end), [], 0)])

    def _numbered_place(self, bodies: Sequence[int]) -> str | None:
        """Where bodies 1, 2, … make their decisions: the place before the number."""
        for path in self.facts.paths(bodies[0]) if bodies else ():
            words = path.split(".")
            for last in range(len(words) - 1, 0, -1):
                here = ".".join(words[:last])
                if all(any(p.startswith(f"{here}.{n}") for p in self.facts.paths(b)) for n, b in enumerate(bodies, 1)):
                    return here
        return None

    # --- expressions

    def value(self, index: int, block: Block | None, part: bool = False) -> ast.expr:
        """The value of a node; ``part`` where it becomes a part of a sequence or union."""
        if not self.facts.is_function(index):
            return self.inline(index, block, part)
        result = self.called(index)
        if not part and index in self.facts.parts and not self.facts.is_plain(index):
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
        if isinstance(value, ast.Subscript) or is_call_of_function(value) or _reads(value):
            paths = self.facts.paths(index)
            return block.assigned(base_name(paths[0]) if paths else "value", value)
        return value

    def inline(self, index: int, block: Block | None, part: bool) -> ast.expr:
        """The value of a node that is written where it stands."""
        op, operands = self.facts.op(index), self.facts.operands(index)
        match op:
            case ops.Named():
                return self.value(operands[0], block, part)
            case ops.Label():
                return self.modules.label(index, op, block) if part else self.value(operands[0], block)
            case ops.Symbol(path=path):
                self.known(path, self.facts.graph[index].span)
                return self.imports.reference(path)
            case ops.Pass():
                return ast.Constant("passthrough")
            case ops.Drop():
                return ast.Constant("drop")
            case ops.Nothing():
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
