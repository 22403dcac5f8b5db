"""Writes the bodies of the functions of a space's module: what is chosen, how often, in which order."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from hyperdsl.backends.pycode import call, literal
from hyperdsl.backends.space_module.functions import fingerprint, local_name, numbered, path_node
from hyperdsl.ir import ops

if TYPE_CHECKING:
    from hyperdsl.backends.space_module.writer import Writer

VALUE = ("value", "")
CONDITION = ("condition", "")
Assignment = Sequence[tuple[str, int]]  # of alternatives, by position, to choices
Mode = tuple[str, str]  # what is wanted of a node: its value or truth, one argument of it, whether it is of a class


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


class BodyWriter:
    """Writes statements that return the value of a node, or what else is wanted of it."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.facts = writer.facts

    def write(self, index: int, mode: Mode, block: Block, root: bool = False) -> None:
        """Statements that return the value of a node."""
        op, operands = self.facts.op(index), self.facts.operands(index)
        again = not root and self.facts.is_function(index)
        if mode == CONDITION:
            block.statements.append(ast.Return(self.writer.value(index, None)))
            return
        match op:
            case ops.Choose() | ops.Select() | ops.Subset() | ops.Permute() | ops.Repeat() if again:
                block.statements.append(ast.Return(self.wanted(index, mode, block)))
            case ops.Choose() if mode != VALUE or not self.facts.is_lookup(index):
                self._choose(index, op, mode, block)
            case ops.Select():
                test = self.writer.values.condition(operands[0], block)
                then = block.nested()
                self.write(operands[1], mode, then)
                block.statements.append(ast.If(test, then.statements, []))
                self.write(operands[2], mode, block)
            case ops.Named() if self.facts.uses[operands[0]] == 1 and (root or mode != VALUE):
                inner = self.facts.op(operands[0])
                self.write(operands[0], mode, block, root=mode == VALUE and not isinstance(inner, ops.Named))
            case ops.Where() if mode != VALUE:
                block.statements.append(ast.Expr(self.writer.under(literal(None), operands[1:])))
                self.write(operands[0], mode, block)
            case ops.Label() if mode != VALUE or not block.part:
                self.write(operands[0], mode, block)
            case ops.Seq() if mode != VALUE:
                self.write(operands[-1], mode, block)
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
            return self.writer.inline(index, block, block.part) if root else self.writer.value(index, block, block.part)
        if isinstance(self.facts.op(index), (ops.Choose, ops.Select)):
            return self.writer.called(index, mode)
        if kind == "is":
            return self.writer.values.is_class(index, name)
        argument = self.facts.argument_of(index, name)
        return ast.Name("ABSENT") if argument is None else self.writer.value(argument, block)

    def _choose(self, index: int, op: ops.Choose, mode: Mode, block: Block) -> None:
        operands = self.facts.operands(index)
        if op.assignments:
            self._choose_assigned(list(zip(op.assignments, operands, strict=True)), mode, block)
            return
        lookup = self.writer.values.lookup(op.path)
        if op.labels == (True, False):
            then = block.nested()
            self.write(operands[0], mode, then)
            block.statements.append(ast.If(lookup, then.statements, []))
            self.write(operands[1], mode, block)
            return
        choice = block.assigned("choice", lookup)
        own = [mode == VALUE and self.facts.is_own_label(o, v) for o, v in zip(operands, op.labels, strict=True)]
        others = [i for i in range(len(operands)) if not own[i]]
        last = None if any(own) else others.pop()
        subject, labels = self._subject(op.path, choice, op.labels, block)
        for i in others:
            inner = block.nested()
            self.write(operands[i], mode, inner)
            test = ast.Compare(subject, [ast.Eq()], [literal(labels[i])])
            block.statements.append(ast.If(test, inner.statements, []))
        if last is None:
            block.statements.append(ast.Return(choice))
        else:
            self.write(operands[last], mode, block)

    def _choose_assigned(self, alternatives: Sequence[tuple[Assignment, int]], mode: Mode, block: Block) -> None:
        """A choice that a pass has made of several: alternatives stand for those of the choices that are written."""
        if len(alternatives) == 1:
            self.write(alternatives[0][1], mode, block)
            return
        *others, last = [(at, list(group)) for at, group in groupby(alternatives, lambda a: a[0][0])]
        for (path, position), group in others:
            test = self.writer.values.is_taken(path, position, block)
            inner = block.nested()
            self._choose_assigned([(made[1:], operand) for made, operand in group], mode, inner)
            block.statements.append(ast.If(test, inner.statements, []))
        self._choose_assigned([(made[1:], operand) for made, operand in last[1]], mode, block)

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
        lookup = self.writer.values.decision(index, block)
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
            added = call(ast.Attribute(items, "append"), self.writer.embedded(operand, inner, part))
            test = ast.Compare(literal(label), [ast.In()], [chosen])
            block.statements.append(ast.If(test, [*inner.statements, ast.Expr(added)], []))
        result: ast.expr = items
        if joined:
            hull = self.facts.analysis.hull(self.facts.operands(index)[0])
            if hull is None or hull[0] < 1:
                block.statements.append(ast.If(ast.UnaryOp(ast.Not(), items), [ast.Return(items)], []))
            result = self.writer.modules.wired("parallel", [ast.Starred(items)], block.part)
        elif any(self.facts.may_be_absent(o) for o in operands):
            result = call(ast.Name("present"), items)
        block.statements.append(ast.Return(result))

    def _permute(self, index: int, op: ops.Permute, block: Block) -> None:
        part = block.part
        operands = self.facts.operands(index)
        lookup, labels = self._chosen(index, op, block)
        values = [self.writer.embedded(o, block, part) for o in operands]
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
        count = block.assigned("count", self.writer.embedded(count_node, block, False))
        absent = any(self.facts.may_be_absent(o) for o in bodies)
        inner = block.nested()
        values = [self.writer.embedded(o, inner, part) for o in bodies]
        result = None if inner.statements else self._comprehension(bodies, values, count, block)
        if result is None:
            result = block.named("items", ast.List([]))
            for number, operand in enumerate(bodies, 1):
                inner = block.nested()
                added = call(ast.Attribute(result, "append"), self.writer.embedded(operand, inner, part))
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
