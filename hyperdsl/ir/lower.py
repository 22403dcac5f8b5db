"""typed -> graph: templates are expanded, names are replaced by what they stand for, decisions get their paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hyperdsl.catalog.model import Module
from hyperdsl.check import builtins
from hyperdsl.check.typed import Typed, Unit
from hyperdsl.diagnostics import Diagnostic, HypError, Reporter, kinds, modules, names
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.ir import ops
from hyperdsl.ir.analysis import NUMBERS, Analysis
from hyperdsl.ir.domain import integer_weights
from hyperdsl.ir.environment import Bound, Delayed, Scope, Template
from hyperdsl.ir.graph import Builder, Graph
from hyperdsl.ir.meaning import Undefined
from hyperdsl.ir.paths import Paths, distinct
from hyperdsl.ir.size import largest_value
from hyperdsl.recursion import deep_recursion
from hyperdsl.source import Span
from hyperdsl.syntax import tree

MAX_NODES = 1_000_000
MAX_DEPTH = 1_000


class Stop(Exception):
    """Lowering cannot go on; the reason is reported."""


def lower(typed: Typed, space: tree.SpaceDef, reporter: Reporter) -> Graph:
    """The graph of one space.

    Raises
    ------
    HypError
        When anything in the space has no meaning.
    """
    lowering = Lowering(typed, space, reporter)
    before = len(reporter.errors)
    with deep_recursion():
        try:
            root = lowering.program()
        except Stop:
            root = None
        if root is not None and largest_value(lowering.builder.nodes, root, lowering.analysis) > MAX_NODES:
            reporter.add(kinds.budget(space.value.span, "parts", MAX_NODES, []))
    if root is None or len(reporter.errors) > before:
        raise HypError(reporter.diagnostics)
    return lowering.builder.finish(root)


class Lowering:
    """Expands one space into a graph.

    ``place`` in the methods is where in the program we are: the path that decisions made there are named after.
    """

    def __init__(self, typed: Typed, space: tree.SpaceDef, reporter: Reporter) -> None:
        self.typed = typed
        self.space = space
        self.reporter = reporter
        self.builder = Builder(space.name)
        self.analysis = Analysis(self.builder.nodes)
        self.paths = Paths()
        self.chain: list[str] = []  # the templates that are being expanded
        self.expanded: dict[Any, Bound] = {}  # bodies of calls that decide nothing, see calls.template_call
        self._units: dict[int, Scope] = {}

    def program(self) -> int:
        scope = self._unit_scope(self.typed.main)
        entry = scope.values[self.space.name]
        assert isinstance(entry, Delayed)
        span = self.space.value.span
        value = self.node(self.force(entry, span), span)
        conditions: list[int] = []
        for unit in self.typed.units:
            conditions += self._conditions(unit.tree.statements, self._unit_scope(unit), unit.name)
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

    def _unit_scope(self, unit: Unit) -> Scope:
        """The top-level scope of a file; made once, so that importers share its lets."""
        if id(unit) in self._units:
            return self._units[id(unit)]
        scope = Scope()
        self._units[id(unit)] = scope
        for name, (origin, original) in unit.imported.items():
            scope.values[name] = self._unit_scope(origin).values[original]
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
                case tree.Let(name=name, value=value) | tree.SpaceDef(name=name, value=value):
                    inner = self.paths.child(place, name)
                    scope.values[name] = Delayed(name, value, scope, inner, statement.name_span)

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
                from hyperdsl.ir.calls import lower_call

                return lower_call(self, expr, scope, place)
            case tree.Range():
                return self._range(expr, scope, place)
            case tree.Choice(alternatives=alternatives):
                return self._choice(expr, alternatives, scope, place)
            case tree.Presence():
                return self._presence(expr, scope, place)
            case tree.Conditional():
                return self._conditional(expr, scope, place)
            case tree.Sequence(items=items):
                return self.add(ops.Seq(), [self.step(i, scope, place) for i in items], span)
            case tree.Parallel(items=items):
                return self.add(ops.Par(), [self.step(i, scope, place) for i in items], span)
            case tree.Labelled(label=label, value=value):
                inner = self.lower(value, scope, self.paths.child(place, label))
                return self.add(ops.Label(label), (inner,), span)
            case tree.Columns():
                from hyperdsl.ir.columns import lower_columns

                return lower_columns(self, expr, scope, place)
            case tree.Block(statements=statements, value=value):
                inner_scope = Scope(scope)
                self.define(statements, inner_scope, place)
                result = self.node(self.bound(value, inner_scope, place), value.span)
                return self._where(result, self._conditions(statements, inner_scope, place), value.span)
        return self._value(expr, scope, place)

    def _value(self, expr: tree.Expr, scope: Scope, place: str) -> int:
        """Lists, arithmetic and conditions."""
        span = expr.span

        def low(part: tree.Expr) -> int:
            return self.lower(part, scope, place)

        match expr:
            case tree.ListExpr(items=items):
                return self.add(ops.MakeList(), [low(i) for i in items], span)
            case tree.TupleExpr(items=items):
                return self.add(ops.MakeTuple(), [low(i) for i in items], span)
            case tree.DictExpr(items=pairs):
                return self.add(ops.MakeDict(tuple(k.value for k, _ in pairs)), [low(v) for _, v in pairs], span)
            case tree.Comprehension():
                return self._comprehension(expr, scope, place)
            case tree.Index(value=value, index=index):
                return self.add(ops.Index(), (low(value), low(index)), span)
            case tree.Slice(value=value, lower=lower, upper=upper, step=step):
                ends = [self._slice_end(e, scope, place) for e in (lower, upper, step)]
                if ends[2] == 0 and step is not None:
                    return self.fail(kinds.undefined(step.span, "a slice cannot go in steps of 0", ""))
                return self.add(ops.Slice(*ends), (low(value),), span)
            case tree.Unary(operator="-", value=value):
                return self._negative(value, span, low(value))
            case tree.Unary(operator="+", value=value):
                return low(value)
            case tree.Unary(operator="not", value=value):
                return self.add(ops.Logic("not"), (low(value),), span)
            case tree.Binary(operator=operator, left=left, right=right):
                return self._arithmetic(expr, operator, (low(left), low(right)))
            case tree.Boolean(operator=operator, items=items):
                return self._logic(expr, operator, [low(i) for i in items])
            case tree.Compare():
                return self._compare(expr, scope, place)
        raise AssertionError(f"no rule for {type(expr).__name__}")

    def _arithmetic(self, expr: tree.Binary, operator: str, operands: tuple[int, int]) -> int:
        for operand, part in zip(operands, (expr.left, expr.right), strict=True):
            if self.types(operand) & {"module", "symbol"}:
                return self.fail(kinds.module_arithmetic(part.span, operator))
        return self.add(ops.Arithmetic(operator), operands, expr.span)

    def _logic(self, expr: tree.Boolean, operator: str, operands: Sequence[int]) -> int:
        for operand, part in zip(operands, expr.items, strict=True):
            for kind, shown in (("str", "a string"), ("module", "a module"), ("symbol", "a class or function")):
                if self.types(operand) == {kind}:
                    return self.fail(kinds.not_a_condition(part.span, operator, shown))
        return self.add(ops.Logic(operator), operands, expr.span)

    def _negative(self, value: tree.Expr, span: Span, inner: int) -> int:
        op = self.builder[inner].op
        if self.types(inner) & {"module", "symbol"}:
            return self.fail(kinds.module_arithmetic(value.span, "-"))
        if isinstance(value, tree.Literal) and isinstance(op, ops.Const) and type(op.value) in (int, float):
            return self.add(ops.Const(-op.value), (), span)  # type: ignore[operator]
        return self.add(ops.Negate(), (inner,), span)

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
        return self.fail(names.template_not_called(expr.span, expr.id, builtins.EXAMPLES[expr.id]))

    def _attribute(self, expr: tree.Attribute, scope: Scope, place: str) -> int:
        if id(expr) in self.typed.modules:
            return self.node(self.typed.modules[id(expr)], expr.span)
        if isinstance(expr.value, tree.Name) and expr.value.id == "data" and scope.find("data") is None:
            return self.add(ops.DataFact(expr.name), (), expr.span)
        owner = self.lower(expr.value, scope, place)
        written = sorted({str(name) for head in self.analysis.heads(owner) for name in self._readable(head)})
        if expr.name not in written:
            near = did_you_mean(expr.name, written)
            return self.fail(kinds.unknown_argument_read(expr.span, expr.name, written, near))
        return self.add(ops.Argument(expr.name), (owner,), expr.span)

    def _readable(self, head: int) -> tuple[Any, ...]:
        op = self.builder[head].op
        return op.parameters if isinstance(op, ops.Call) else op.keys if isinstance(op, ops.MakeDict) else ()

    # --- decisions

    def _range(self, expr: tree.Range, scope: Scope, place: str) -> int:
        from hyperdsl.ir.ranges import lower_range

        return lower_range(self, expr, scope, place)

    def weight(self, literal: tree.Literal | None) -> float | int:
        if literal is None:
            return 1
        value = literal.value
        if type(value) not in (int, float) or not 0 < value < float("inf"):  # type: ignore[operator]
            self.reporter.add(kinds.bad_weight(literal.span, literal.span.text))
            return 1
        return value  # type: ignore[return-value]

    def _choice(self, expr: tree.Choice, alternatives: Sequence[tree.Alternative], scope: Scope, place: str) -> int:
        path = self.paths.decision(place)
        merged: dict[Any, int] = {}
        operands: list[int] = []
        labels: list[ops.Scalar] = []
        weights: list[float | int] = []
        for alternative in alternatives:
            operand = self.node(self.bound(alternative.value, scope, place), alternative.value.span)
            key = self._identity(operand)
            weight = self.weight(alternative.weight)
            if key in merged:
                self.reporter.add(kinds.merged_alternatives(alternative.span, alternative.value.span.text))
                weights[merged[key]] += weight
                continue
            merged[key] = len(operands)
            operands.append(operand)
            weights.append(weight)
            labels.append(self.label(alternative.value, operand))
        if len(operands) == 1:
            return operands[0]
        values = [op.value if isinstance(op := self.builder[o].op, ops.Const) else None for o in operands]
        ordinal = all(type(v) in (int, float) for v in values)
        return self.add(ops.Choose(path, distinct(labels), integer_weights(weights), ordinal), operands, expr.span)

    def _identity(self, operand: int) -> Any:
        """Equal for equal constants and for one node; decisions are never equal."""
        op = self.builder[operand].op
        if isinstance(op, ops.Const):
            return ("const", type(op.value), op.value)
        if isinstance(op, (ops.Pass, ops.Drop, ops.Nothing, ops.Symbol)):
            return op
        return ("node", operand)

    def label(self, expr: tree.Expr, operand: int) -> ops.Scalar:
        """What an alternative is called in configurations: a constant itself, else its name."""
        op = self.builder[operand].op
        if isinstance(op, ops.Const):
            return op.value
        return name_of(expr) or shorten(expr.span.text)

    def _presence(self, expr: tree.Presence, scope: Scope, place: str) -> int:
        part = expr.value
        while isinstance(part, tree.Paren):
            part = part.value
        name = name_of(part) if isinstance(part, (tree.Call, tree.Name, tree.Attribute, tree.Labelled)) else None
        path = self.paths.decision(f"{place}.{name}" if name else place, "?")
        operand = self.node(self.bound(expr.value, scope, place), expr.value.span)
        nothing = self.add(ops.Nothing(), (), expr.span)
        weights = integer_weights([self.weight(expr.weight), 1])
        return self.add(ops.Choose(path, (True, False), weights, default=0), (operand, nothing), expr.span)

    def _conditional(self, expr: tree.Conditional, scope: Scope, place: str) -> int:
        test = self.lower(expr.test, scope, place)
        if self.analysis.is_constant(test):
            taken = expr.then if self.constant(test) else expr.other
            return self.node(self.bound(taken, scope, place), taken.span)
        then = self.node(self.bound(expr.then, scope, place), expr.then.span)
        other = self.node(self.bound(expr.other, scope, place), expr.other.span)
        return self.add(ops.Select(), (test, then, other), expr.span)

    # --- values

    def _compare(self, expr: tree.Compare, scope: Scope, place: str) -> int:
        parts: list[int] = []
        left = self.lower(expr.operands[0], scope, place)
        for operator, operand in zip(expr.operators, expr.operands[1:], strict=True):
            if operator in ("is", "is not"):
                module = self.typed.modules.get(id(operand))
                path = module.path if module is not None else ""
                part = self.add(ops.IsModule(path), (left,), expr.span)
                parts.append(part if operator == "is" else self.add(ops.Logic("not"), (part,), expr.span))
                continue
            right = self._set(operand, scope, place) if operator in ("in", "not in") else None
            if right is None:
                right = self.lower(operand, scope, place)
            parts.append(self.add(ops.Compare(operator), (left, right), expr.span))
            left = right
        return parts[0] if len(parts) == 1 else self.add(ops.Logic("and"), parts, expr.span)

    def _set(self, expr: tree.Expr, scope: Scope, place: str) -> int | None:
        """Right of ``in`` a range is a set of numbers and a choice a list."""
        if isinstance(expr, tree.Paren):
            return self._set(expr.value, scope, place)
        if isinstance(expr, tree.Range):
            ends = (self.lower(expr.low, scope, place), self.lower(expr.high, scope, place))
            return self.add(ops.Interval(), ends, expr.span)
        return None

    def _slice_end(self, expr: tree.Expr | None, scope: Scope, place: str) -> int | None:
        if expr is None:
            return None
        index = self.lower(expr, scope, place)
        value = self.constant(index) if self.analysis.is_constant(index) else None
        if type(value) is not int:
            self.reporter.add(kinds.not_constant(expr.span, "an end of a slice", "a whole number"))
            return None
        return value

    def _comprehension(self, expr: tree.Comprehension, scope: Scope, place: str) -> int:
        items = []
        for value in self.list_items(expr.source, scope, place, "a comprehension", "[f(x) for x in [1, 2, 3]]"):
            inner = Scope(scope, {expr.name: value})
            if expr.condition is not None:
                test = self.lower(expr.condition, inner, place)
                if not self.analysis.is_constant(test):
                    span, instead = (
                        expr.condition.span,
                        "one on the list's items; for a part of a list `subset(0..2, items)`",
                    )
                    self.reporter.add(kinds.not_constant(span, "the condition of a comprehension", instead))
                    continue
                if not self.constant(test):
                    continue
            items.append(self.node(self.bound(expr.item, inner, place), expr.item.span))
        return self.add(ops.MakeList(), items, expr.span)

    def list_items(self, expr: tree.Expr, scope: Scope, place: str, what: str, example: str) -> Sequence[int]:
        """The items of a list that is known now; a range counts as the list of its members."""
        source = expr.value if isinstance(expr, tree.Paren) else expr
        if isinstance(source, tree.Range) and not source.log and source.default is None:
            return self._range_items(source, scope, place)
        index = self.node(self.bound(expr, scope, place), expr.span)
        items = self.analysis.items(index)
        if items is None:
            self.fail(kinds.list_expected(expr.span, what, example))
            return ()
        return items

    def _range_items(self, expr: tree.Range, scope: Scope, place: str) -> Sequence[int]:
        values = []
        for part in (expr.low, expr.high, expr.step):
            index = self.lower(part, scope, place) if part is not None else None
            known = index is not None and self.analysis.is_constant(index)
            values.append(self.constant(index) if known and index is not None else (1 if part is None else None))
        low, high, step = values
        if not (isinstance(low, int) and isinstance(high, int) and isinstance(step, int)) or step <= 0:
            self.fail(kinds.list_expected(expr.span, "a comprehension", "[f(i) for i in 1..3]` or `repeat(1..n, part)"))
            return ()
        if (high - low) // step >= MAX_NODES:
            self.reporter.add(kinds.budget(expr.span, "parts", MAX_NODES, self.chain[-6:]))
            raise Stop
        return [self.add(ops.Const(v), (), expr.span) for v in range(low, high + 1, step)]

    def types(self, index: int) -> frozenset[str]:
        return self.analysis.types(index)

    def is_number(self, index: int) -> bool:
        types = self.types(index)
        return bool(types) and types <= NUMBERS


def name_of(expr: tree.Expr) -> str | None:
    """What a person would call a part: its label, its class, the definition that it comes from."""
    match expr:
        case tree.Paren(value=value):
            return name_of(value)
        case tree.Labelled(label=label):
            return label
        case tree.Name(id=name):
            return name
        case tree.Attribute(name=name):
            return name
        case tree.Call(function=function):
            return name_of(function)
        case tree.Presence(value=value):
            inner = name_of(value)
            return f"{inner}?" if inner else None
        case tree.Sequence(items=items):
            parts = [name_of(i) for i in items]
            return " >> ".join(p for p in parts if p) if all(parts) else None
        case tree.Parallel(items=items):
            parts = [name_of(i) for i in items]
            return " & ".join(p for p in parts if p) if all(parts) else None
        case tree.Choice(alternatives=alternatives):
            parts = [name_of(a.value) for a in alternatives]
            return " | ".join(p for p in parts if p) if all(parts) else None
        case tree.Columns():
            return "columns"
    return None


def shorten(text: str, width: int = 40) -> str:
    """Source text on one line, cut at ``width`` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"
