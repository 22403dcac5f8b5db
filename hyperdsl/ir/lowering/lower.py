"""typed -> graph: templates are expanded, names are replaced by what they stand for, decisions get their paths."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from hyperdsl.catalog.model import Module
from hyperdsl.check import builtins
from hyperdsl.check.typed import Typed, Unit
from hyperdsl.check.walk import looks_into_items
from hyperdsl.diagnostics import Diagnostic, HypError, Reporter, kinds, modules, names
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.ir import ops
from hyperdsl.ir.analysis import NUMBERS, Analysis
from hyperdsl.ir.graph import Builder, Graph
from hyperdsl.ir.lowering.calls import lower_call
from hyperdsl.ir.lowering.choices import lower_choice, lower_conditional, lower_presence
from hyperdsl.ir.lowering.columns import lower_columns
from hyperdsl.ir.lowering.environment import MAX_NODES, Bound, Delayed, Scope, Stop, Template
from hyperdsl.ir.lowering.items import item_at
from hyperdsl.ir.lowering.ranges import lower_range
from hyperdsl.ir.lowering.sharing import Shared
from hyperdsl.ir.lowering.values import lower_value
from hyperdsl.ir.meaning import Undefined
from hyperdsl.ir.paths import Paths
from hyperdsl.ir.size import largest_value
from hyperdsl.recursion import deep_recursion
from hyperdsl.source import Span
from hyperdsl.syntax import tree


def lower(typed: Typed, space: tree.SpaceDef, reporter: Reporter) -> Graph:
    """The graph of one space.

    Raises
    ------
    HypError
        When anything in the space has no meaning.
    """
    lowering = Lowering(typed, space.name, reporter)
    before = len(reporter.errors)
    with deep_recursion():
        try:
            root = lowering.program(space)
        except Stop:
            root = None
        if root is not None and largest_value(lowering.builder.nodes, root, lowering.analysis) > MAX_NODES:
            reporter.add(kinds.budget(space.value.span, "parts", MAX_NODES, []))
    if root is None or len(reporter.errors) > before:
        raise HypError(reporter.diagnostics)
    return lowering.builder.finish(root)


class Lowering:
    """Expands one space into a graph, which gets ``name``.

    ``place`` in the methods is where in the program we are: the path that decisions made there are named after.
    """

    def __init__(self, typed: Typed, name: str, reporter: Reporter) -> None:
        self.typed = typed
        self.reporter = reporter
        self.builder = Builder(name)
        self.analysis = Analysis(self.builder.nodes)
        self.paths = Paths()
        self.chain: list[str] = []  # the templates that are being expanded
        self.tensors = 0  # that have been made so far: equal calls make different ones
        self.expanded: dict[Any, Bound] = {}  # bodies of calls, see templates.template_call
        self.shared: dict[str, Shared] = {}  # decisions of lets with parameters, by path
        self.callers: list[tuple[str, Span]] = []  # the calls of lets with parameters that are being expanded
        self._units: dict[int, Scope] = {}

    def program(self, space: tree.SpaceDef) -> int:
        scope = self.unit_scope(self.typed.main)
        entry = scope.values[space.name]
        assert isinstance(entry, Delayed)
        span = space.value.span
        value = self.node(self.force(entry, span), span)
        conditions: list[int] = []
        for unit in self.typed.units:
            conditions += self._conditions(unit.tree.statements, self.unit_scope(unit), unit.name)
        return self._where(value, conditions, span)

    def _conditions(self, statements: Sequence[tree.Statement], scope: Scope, place: str) -> list[int]:
        """What ``require`` and ``forbid`` of a file or block say must hold."""
        found = []
        for statement in statements:
            if not isinstance(statement, tree.Require):
                continue
            condition = self.lower(statement.condition, scope, place)
            if statement.negated:
                condition = self.add(ops.Logic("not"), (condition,), statement.span)
            found.append(self.add(ops.Label("condition"), (condition,), statement.span))
        return found

    def _where(self, value: int, conditions: Sequence[int], span: Span) -> int:
        return self.add(ops.Where(), (value, *conditions), span) if conditions else value

    def unit_scope(self, unit: Unit) -> Scope:
        """The top-level scope of a file; made once, so that importers share its lets."""
        if id(unit) in self._units:
            return self._units[id(unit)]
        scope = Scope()
        self._units[id(unit)] = scope
        for name, (origin, original) in unit.imported.items():
            theirs = self.unit_scope(origin).values
            if original in theirs:  # else that has been reported, and other mistakes are looked for
                scope.values[name] = theirs[original]
        scope.values.update(unit.used)
        definitions = [s for s in unit.tree.statements if isinstance(s, (tree.Let, tree.Def, tree.SpaceDef))]
        self.define(definitions, scope, unit.name)
        return scope

    def define(self, statements: Sequence[tree.Statement], scope: Scope, place: str) -> None:
        """Bind the definitions of a block or file."""
        for statement in statements:
            match statement:
                case tree.Def(name=name, parameters=parameters, value=value):
                    scope.values[name] = Template(name, parameters, value, scope, statement.name_span)
                case tree.Let(name=name, parameters=tuple() as parameters, value=value):
                    here = self.paths.child(statement, place, name)
                    trail = self.paths.extended(id(statement))
                    if trail is None:
                        trail = self.paths.root((scope, name))
                    scope.values[name] = Template(name, parameters, value, scope, statement.name_span, here, trail)
                case tree.Let(name=name, value=value) | tree.SpaceDef(name=name, value=value):
                    here = self.paths.child(statement, place, name)
                    scope.values[name] = Delayed(name, value, scope, here, statement.name_span, self.paths.trail)

    # --- reporting

    def fail(self, diagnostic: Diagnostic) -> int:
        """Report an error and go on with a node of which nothing is known, so that it causes no further one."""
        self.reporter.add(diagnostic)
        return self.nothing(diagnostic.span)

    def nothing(self, span: Span | None) -> int:
        """A node that stands for an expression that has been reported."""
        index = self.add(ops.Const(None), (), span)
        self.analysis.forget(index)
        return index

    def add(self, op: ops.Op, operands: Sequence[int] = (), span: Span | None = None) -> int:
        if len(self.builder.nodes) >= MAX_NODES:
            self.reporter.add(kinds.budget(span, "parts", MAX_NODES, self.chain[-6:]))
            raise Stop
        self.tensors += isinstance(op, ops.Apply | ops.Input)
        return self.builder.add(op, operands, span)

    def constant(self, index: int) -> Any:
        """The value of a node that no decision changes; reports and stops where it has none."""
        try:
            return self.analysis.constant(index)
        except Undefined as problem:
            span = self.builder[problem.node].span
            assert span is not None
            self.reporter.add(kinds.undefined(span, problem.fact, "", self.builder[index].span))
            raise Stop from None

    # --- names

    def force(self, bound: Bound, span: Span) -> Bound:
        """What a name stands for; a ``let`` is lowered here, the first time."""
        if not isinstance(bound, Delayed):
            return bound
        if bound.in_progress:
            start = len(self.chain) - 1 - self.chain[::-1].index(bound.name)
            self.reporter.add(names.definition_cycle(span, [*self.chain[start:][:6], bound.name]))
            raise Stop
        if bound.bound is None:
            bound.in_progress = True
            self.chain.append(bound.name)
            with self.paths.on(bound.trail):
                value = self.bound(bound.value, bound.scope, bound.place)
            self.chain.pop()
            if isinstance(value, int):
                value = self.add(ops.Named(bound.name), (value,), bound.span)
            bound.bound, bound.in_progress = value, False
        return bound.bound

    def node(self, bound: Bound, span: Span) -> int:
        """A bound thing as a value: a class or function that is not called is a symbol."""
        match bound:
            case int():
                return bound
            case Module():
                return self.add(ops.Symbol(bound.path), (), span)
            case Template():
                needed = ", ".join(p.name for p in bound.parameters)
                return self.fail(names.template_not_called(span, bound.name, f"{bound.name}({needed})"))
            case Delayed():
                return self.node(self.force(bound, span), span)

    def bound(self, expr: tree.Expr, scope: Scope, place: str) -> Bound:
        """What an expression stands for: a node, or for a bare name perhaps a template or a class."""
        match expr:
            case tree.Paren(value=value):
                return self.bound(value, scope, place)
            case tree.Name(id=name) if (found := scope.find(name)) is not None:
                return self.force(found, expr.span)
            case tree.Name() | tree.Attribute() if id(expr) in self.typed.modules:
                return self.typed.modules[id(expr)]
        return self.lower(expr, scope, place)

    # --- expressions

    def lower(self, expr: tree.Expr, scope: Scope, place: str) -> int:
        """The node of an expression."""
        span = expr.span
        match expr:
            case tree.Literal(value=value):
                return self.add(ops.Const(value), (), span)
            case tree.Paren(value=value):
                return self.lower(value, scope, place)
            case tree.Name():
                return self._name(expr, scope, place)
            case tree.Attribute():
                return self._attribute(expr, scope, place)
            case tree.Call():
                return lower_call(self, expr, scope, place)
            case tree.Range():
                return lower_range(self, expr, scope, place)
            case tree.Choice():
                return lower_choice(self, expr, scope, place)
            case tree.Presence():
                return lower_presence(self, expr, scope, place)
            case tree.Conditional():
                return lower_conditional(self, expr, scope, place)
            case tree.Sequence(items=items):
                return self._sequence([self.step(i, scope, place) for i in items], span)
            case tree.Parallel(items=items):
                parts = [self.step(i, scope, place) for i in items]
                op = ops.MakeList() if any(map(self.analysis.is_tensors, parts)) else ops.Par()
                return self.add(op, parts, span)
            case tree.Labelled(label=label, value=value):
                inner = self.lower(value, scope, self.paths.child(expr, place, label))
                return self.add(ops.Label(label), (inner,), span)
            case tree.Columns():
                return lower_columns(self, expr, scope, place)
            case tree.Block(statements=statements, value=value):
                inner_scope = Scope(scope)
                self.define(statements, inner_scope, place)
                result = self.node(self.bound(value, inner_scope, place), value.span)
                return self._where(result, self._conditions(statements, inner_scope, place), value.span)
        return lower_value(self, expr, scope, place)

    def _sequence(self, parts: list[int], span: Span) -> int:
        """Modules one after the other; behind a tensor they are applied to it, each to what the one before gives."""
        if not self.analysis.is_tensors(parts[0]):
            return self.add(ops.Seq(), parts, span)
        module = parts[1] if len(parts) == 2 else self.add(ops.Seq(), parts[1:], span)
        return self.add(ops.Apply(), (parts[0], module), span)

    def step(self, expr: tree.Expr, scope: Scope, place: str) -> int:
        """A part of ``>>`` or ``&``: a module."""
        bound = self.bound(expr, scope, place)
        if isinstance(bound, Module):
            not_a_step = modules.function_as_step if bound.is_function else modules.module_not_called
            return self.fail(not_a_step(expr.span, bound.name))
        return self.node(bound, expr.span)

    def _name(self, expr: tree.Name, scope: Scope, place: str) -> int:
        found = scope.find(expr.id)
        if found is not None:
            return self.node(self.force(found, expr.span), expr.span)
        if id(expr) in self.typed.modules:
            return self.node(self.typed.modules[id(expr)], expr.span)
        if expr.id in builtins.CONSTANTS:
            return self.add(ops.Pass() if expr.id == "pass" else ops.Drop(), (), expr.span)
        example = builtins.EXAMPLES.get(expr.id)
        if example is None:
            return self.nothing(expr.span)  # its `use` has been reported
        return self.fail(names.template_not_called(expr.span, expr.id, example))

    def _attribute(self, expr: tree.Attribute, scope: Scope, place: str) -> int:
        if id(expr) in self.typed.modules:
            return self.node(self.typed.modules[id(expr)], expr.span)
        if isinstance(expr.value, tree.Name) and expr.value.id == "data" and scope.find("data") is None:
            return self.add(ops.DataFact(expr.name), (), expr.span)
        owner = self.read(self.lower(expr.value, scope, place))
        if self.is_read(owner):
            return self.fail(kinds.read_through_choice(expr.value.span, f"part.{expr.name}"))
        if isinstance(self.builder[owner].op, ops.Const) and not self.types(owner):
            return self.nothing(expr.span)  # it has been reported
        written = sorted({str(name) for head in self.analysis.heads(owner) for name in self._readable(head)})
        if expr.name not in written:
            near = did_you_mean(expr.name, written)
            return self.fail(kinds.unknown_argument_read(expr.span, expr.name, written, near))
        return self.add(ops.Argument(expr.name), (owner,), expr.span)

    def read(self, index: int) -> int:
        """What ``m.p`` reads, where no decision is between: a module or record, for ``m.p.q`` and ``m.p is C``."""
        op, operands = self.builder[index].op, self.builder[index].operands
        match op:
            case ops.Named() | ops.Label():
                inner = self.read(operands[0])
                return index if inner == operands[0] else inner
            case ops.Index() if (item := item_at(self, operands[0], operands[1], self.builder[index].span)) is not None:
                return self.read(item)
            case ops.Argument(parameter=parameter):
                part = self._part(self.read(operands[0]), parameter, self.builder[index].span)
                return index if part is None else part
        return index

    def _part(self, owner: int, parameter: str, span: Span | None) -> int | None:
        """An argument of a module; where the module is chosen, by its class. None where two have the same."""
        heads = self.analysis.heads(owner)
        parts = {
            h: self.builder[h].operands[names.index(parameter)]
            for h in heads
            if parameter in (names := self._readable(h))
        }
        if len(heads) == 1 and len(parts) == 1 and self._directly(owner, heads[0]):
            return self.read(parts[heads[0]])
        classes = [op.path if isinstance(op := self.builder[h].op, ops.Call) else "" for h in heads]
        found = self.add(ops.Missing(), (), span)
        for head, path in reversed([*zip(heads, classes, strict=True)]):
            if head in parts:
                if not path or classes.count(path) > 1:
                    return None
                test = self.add(ops.IsModule(path), (owner,), span)
                found = self.add(ops.Select(), (test, self.read(parts[head]), found), span)
        return found

    @cached_property
    def reads_items(self) -> bool:
        """Whether some condition looks into an item of a list: ``xs[0] is C``, ``[x.p for x in xs]``."""
        return any(looks_into_items(unit.tree) for unit in self.typed.units)

    def is_read(self, index: int) -> bool:
        """Whether a node is an item or argument of something that is decided, so that its class is not at hand."""
        op, operands = self.builder[index].op, self.builder[index].operands
        if isinstance(op, (ops.Named, ops.Label)):
            return self.is_read(operands[0])
        types = self.types(index)
        return isinstance(op, (ops.Argument, ops.Index)) and (not types or bool(types & {"module", "dict"}))

    def _directly(self, index: int, head: int) -> bool:
        """Whether a node is its head under all decisions and conditions."""
        while index != head:
            op, operands = self.builder[index].op, self.builder[index].operands
            if not isinstance(op, (ops.Named, ops.Label, ops.Seq)):
                return False
            index = operands[-1]
        return True

    def _readable(self, head: int) -> tuple[Any, ...]:
        op = self.builder[head].op
        return op.parameters if isinstance(op, ops.Call) else op.keys if isinstance(op, ops.MakeDict) else ()

    def types(self, index: int) -> frozenset[str]:
        return self.analysis.types(index)

    def is_number(self, index: int) -> bool:
        types = self.types(index)
        return bool(types) and types <= NUMBERS
