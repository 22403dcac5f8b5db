"""tree -> typed: names, scopes and calls, in every definition of every file, used or not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from hyperdsl.catalog.libraries import LIBRARIES
from hyperdsl.catalog.model import Module
from hyperdsl.check import builtins
from hyperdsl.check.scopes import Binding, Scope, binding_of
from hyperdsl.check.typed import Typed, Unit
from hyperdsl.diagnostics import HypError, Reporter, environment, kinds, modules, names, unsupported
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.recursion import deep_recursion
from hyperdsl.source import Source
from hyperdsl.syntax import tree
from hyperdsl.syntax.parse import parse_expression


class CatalogLike(Protocol):
    """What name resolution asks of the catalog."""

    def find(self, name: str) -> tuple[Module, ...]: ...
    def names(self) -> frozenset[str]: ...
    def missing(self, name: str) -> str | None: ...
    def recommended(self, module: Module) -> dict[str, str]: ...


def resolve(units: Sequence[Unit], catalog: CatalogLike, reporter: Reporter, search_path: Sequence[Path]) -> Typed:
    """Resolve every name of every unit; problems go to ``reporter``."""
    found: dict[int, Module] = {}
    recommended: dict[int, dict[str, tree.Expr]] = {}
    with deep_recursion():
        for unit in units:
            _Resolver(unit, catalog, reporter, search_path, found, recommended).run()
    return Typed(tuple(units), found, recommended)


class _Resolver:
    def __init__(
        self,
        unit: Unit,
        catalog: CatalogLike,
        reporter: Reporter,
        search_path: Sequence[Path],
        found: dict[int, Module],
        recommended: dict[int, dict[str, tree.Expr]],
    ) -> None:
        self.unit = unit
        self.catalog = catalog
        self.reporter = reporter
        self.search_path = search_path
        self.modules = found
        self.recommended = recommended

    # --- statements

    def run(self) -> None:
        scope = Scope()
        for name, (origin, original) in self.unit.imported.items():
            definition = origin.definitions.get(original)
            if definition is not None:
                binding = binding_of(definition)
                scope.bindings[name] = Binding(name, "import", binding.span, binding.template, value=binding.value)
            else:
                scope.bindings[name] = Binding(name, "import", None)
        for statement in self.unit.tree.statements:
            if isinstance(statement, tree.Use):
                self._use(statement, scope)
        self._statements(self.unit.tree.statements, scope, is_top=True)
        for statement in self.unit.tree.statements:
            if isinstance(statement, (tree.Let, tree.Def, tree.SpaceDef)):
                self.unit.definitions.setdefault(statement.name, statement)
        self._let_cycles(self.unit.tree.statements)
        if self.unit.definitions and any(isinstance(d, tree.SpaceDef) for d in self.unit.definitions.values()):
            self._warn_unused(scope)

    def _use(self, statement: tree.Use, scope: Scope) -> None:
        from hyperdsl.catalog.user import read_user_class

        try:
            module = read_user_class(statement.path, [str(p) for p in self.search_path], span=statement.span)
        except HypError as error:
            for diagnostic in error.diagnostics:
                self.reporter.add(diagnostic)
            module = None
        name = statement.path.rpartition(".")[2]
        if module is not None:
            self.unit.used[name] = module
        scope.bindings[name] = Binding(name, "class", statement.span, module=module)

    def _statements(self, statements: Sequence[tree.Statement], scope: Scope, is_top: bool = False) -> None:
        for statement in statements:
            if isinstance(statement, (tree.Let, tree.Def, tree.SpaceDef)):
                self._declare(binding_of(statement), scope)
        for statement in statements:
            self._statement(statement, scope)

    def _statement(self, statement: tree.Statement, scope: Scope) -> None:
        match statement:
            case tree.Let(parameters=parameters, value=value) | tree.Def(parameters=parameters, value=value):
                inner = Scope(scope)
                for parameter in parameters or ():
                    if parameter.default is not None:
                        self._visit(parameter.default, scope)
                    self._declare(Binding(parameter.name, "parameter", parameter.span), inner)
                self._visit(value, inner)
                self._warn_unused(inner)
            case tree.SpaceDef(value=value):
                self._visit(value, Scope(scope))
            case tree.Require(negated=negated):
                self.reporter.add(unsupported.constraint(statement.span, "forbid" if negated else "require"))
            case tree.ExperimentDef(name=name):
                self.reporter.add(unsupported.experiment(statement.span, name))

    def _declare(self, binding: Binding, scope: Scope) -> None:
        first = scope.bindings.get(binding.name)
        assert binding.span is not None
        if first is not None and first.span is not None:
            self.reporter.add(names.defined_twice(binding.span, binding.name, first.span))
            return
        outer = scope.outer.find(binding.name) if scope.outer is not None else None
        if outer is not None:
            self.reporter.add(names.shadows(binding.span, binding.name, outer.span))
        scope.bindings[binding.name] = binding

    def _warn_unused(self, scope: Scope) -> None:
        for binding in scope.bindings.values():
            if binding.kind in ("let", "parameter", "import") and not binding.used and binding.span is not None:
                if binding.kind == "import":
                    continue
                self.reporter.add(names.unused(binding.span, binding.kind, binding.name))

    def _let_cycles(self, statements: Sequence[tree.Statement]) -> None:
        """Lets that read each other directly; cycles through templates are found in lowering."""
        lets = {s.name: s for s in statements if isinstance(s, tree.Let) and s.parameters is None}
        reads = {name: [n for n in _names_in(let.value) if n in lets] for name, let in lets.items()}
        done: set[str] = set()
        for start in lets:
            self._walk_cycle(start, reads, lets, [], done)

    def _walk_cycle(
        self, name: str, reads: dict[str, list[str]], lets: dict[str, tree.Let], chain: list[str], done: set[str]
    ) -> None:
        if name in chain:
            cycle = [*chain[chain.index(name) :], name]
            self.reporter.add(names.definition_cycle(lets[name].name_span, cycle))
            return
        if name in done:
            return
        for read in reads[name]:
            self._walk_cycle(read, reads, lets, [*chain, name], done)
        done.add(name)

    # --- expressions

    def _visit(self, expr: tree.Expr | None, scope: Scope, in_condition: bool = False) -> None:
        match expr:
            case None | tree.Literal():
                return
            case tree.Name():
                self._name(expr, scope)
            case tree.Attribute():
                self._attribute(expr, scope)
            case tree.Call():
                self._call(expr, scope, in_condition)
            case tree.Choice() | tree.Presence() if in_condition:
                self.reporter.add(kinds.decision_in_condition(expr.span, "a choice"))
            case tree.Range() if in_condition:
                self.reporter.add(kinds.decision_in_condition(expr.span, "a range"))
            case tree.Conditional(test=test, then=then, other=other):
                self._visit(test, scope, in_condition=True)
                self._visit(then, scope, in_condition)
                self._visit(other, scope, in_condition)
            case tree.Compare():
                self._compare(expr, scope)
            case tree.Boolean(items=items):
                for item in items:
                    self._visit(item, scope, in_condition=True)
            case tree.Comprehension(item=item, name=name, source=source, condition=condition):
                self._visit(source, scope)
                inner = Scope(scope, {name: Binding(name, "variable", expr.span, used=True)})
                self._visit(condition, inner, in_condition=True)
                self._visit(item, inner)
            case tree.Block(statements=statements, value=value):
                inner = Scope(scope)
                self._statements(statements, inner)
                self._visit(value, inner)
                self._let_cycles(statements)
                self._warn_unused(inner)
            case tree.Columns(routes=routes):
                self._columns(routes, scope)
            case tree.Range(low=low):
                if isinstance(low, tree.Binary) and low.operator in "*/%":
                    self.reporter.add(kinds.product_before_range(low.span, low.span.text))
                self._children(expr, scope, in_condition)
            case _:
                self._children(expr, scope, in_condition)

    def _children(self, expr: tree.Expr, scope: Scope, in_condition: bool) -> None:
        for child in _children(expr):
            self._visit(child, scope, in_condition)

    def _compare(self, expr: tree.Compare, scope: Scope) -> None:
        for operator, operand in zip(("", *expr.operators), expr.operands, strict=True):
            is_set = operator in ("in", "not in")
            if is_set and isinstance(operand, tree.Paren):
                operand = operand.value
            if operator in ("is", "is not"):
                self._visit(operand, scope)
                if id(operand) not in self.modules:
                    self.reporter.add(kinds.is_needs_module(operand.span))
            else:
                self._visit(operand, scope, in_condition=not is_set)

    def _columns(self, routes: Sequence[tree.Route], scope: Scope) -> None:
        for route in routes:
            for selector in route.selectors:
                match selector:
                    case tree.Literal(value=str()):
                        pass
                    case tree.Name(id=name) if name in builtins.COLUMN_KINDS | {"rest"} and not scope.find(name):
                        pass
                    case tree.Name():
                        self._name(selector, scope)
                    case tree.Call(function=tree.Name(id="regex" | "dtype")):
                        pass
                    case tree.ListExpr():
                        self._children(selector, scope, False)
                    case _:
                        self.reporter.add(kinds.bad_selector(selector.span))
            self._visit(route.value, scope)

    def _name(self, expr: tree.Name, scope: Scope, called: bool = False) -> Binding | None:
        binding = scope.find(expr.id)
        if binding is not None:
            binding.used = True
            if binding.module is not None:
                self.modules[id(expr)] = binding.module
            return binding
        if expr.id in builtins.NEURAL:
            self.reporter.add(unsupported.neural(expr.span, expr.id))
        elif expr.id not in builtins.NAMES:
            self._library(expr, expr.id, scope)
        return None

    def _library(self, expr: tree.Name | tree.Attribute, name: str, scope: Scope) -> None:
        found = self.catalog.find(name)
        if len({m.path for m in found}) > 1:
            self.reporter.add(names.ambiguous_name(expr.span, name, sorted(m.path for m in found)))
            return
        if found:
            self.modules[id(expr)] = found[0]
            return
        extra = self.catalog.missing(name)
        if extra is not None and extra.startswith("keras"):
            self.reporter.add(unsupported.neural(expr.span, name))
        elif extra is not None:
            title = next(a.title for a in LIBRARIES if name.rpartition(".")[2] in a.names)
            self.reporter.add(environment.library_not_installed(expr.span, name, title, extra))
        else:
            candidates = sorted({*scope.names(), *builtins.NAMES, *self.catalog.names()})
            self.reporter.add(names.unknown_name(expr.span, name, did_you_mean(name, candidates)))

    def _attribute(self, expr: tree.Attribute, scope: Scope) -> None:
        parts = _dotted(expr)
        if parts is None:
            self._visit(expr.value, scope)
            return
        head = scope.find(parts[0])
        if head is not None:
            self._visit(expr.value, scope)
        elif parts[0] == "data":
            if len(parts) != 2 or parts[1] not in builtins.DATA_FACTS:
                near = did_you_mean(parts[1], sorted(builtins.DATA_FACTS))
                self.reporter.add(names.unknown_attribute(expr.span, "data", ".".join(parts[1:]), near))
        else:
            self._library(expr, ".".join(parts), scope)

    # --- calls

    def _call(self, expr: tree.Call, scope: Scope, in_condition: bool) -> None:
        function = expr.function
        binding = None
        if isinstance(function, tree.Name):
            binding = self._name(function, scope, called=True)
        else:
            self._visit(function, scope)
        for argument in expr.arguments:
            self._visit(argument.value, scope, in_condition and binding is None and not self.modules.get(id(function)))
        self._repeated_arguments(expr)
        module = self.modules.get(id(function))
        if module is not None:
            self._module_call(expr, module)
        elif binding is not None and binding.template is not None:
            self._template_call(expr, binding, binding.template)
        elif binding is not None and binding.kind in ("let", "space") and binding.value is not None:
            if not isinstance(binding.value, (tree.Name, tree.Attribute, tree.Index)):
                self.reporter.add(names.not_callable(expr.span, binding.name))

    def _repeated_arguments(self, expr: tree.Call) -> None:
        seen: set[str] = set()
        for argument in expr.arguments:
            if argument.name is not None and argument.name in seen:
                self.reporter.add(names.argument_twice(argument.name_span or argument.span, argument.name))
            seen.add(argument.name or "")

    def _module_call(self, expr: tree.Call, module: Module) -> None:
        positional = [a for a in expr.arguments if a.kind == "positional"]
        if len(positional) > len(module.parameters):
            self.reporter.add(modules.positional_module_argument(positional[-1].span, module.name))
        given: dict[str, str | None] = dict.fromkeys(list(module.parameters)[: len(positional)])
        for argument in expr.arguments:
            if argument.name is None:
                continue
            place = argument.name_span or argument.span
            parameter = module.parameter(argument.name)
            if parameter is None and not module.open:
                known = [*module.parameters, *(a for p in module.parameters.values() for a in p.aliases)]
                near = did_you_mean(argument.name, known)
                self.reporter.add(modules.unknown_parameter(place, module.name, argument.name, near))
            name = parameter.name if parameter is not None else argument.name
            if name in given and given[name] != argument.name:  # the same word twice is reported for every call
                self.reporter.add(names.argument_twice(place, argument.name))
            given[name] = argument.name
        splat = any(a.kind in ("splat", "recommended") for a in expr.arguments)
        for parameter in module.parameters.values():
            if parameter.required and parameter.name not in given and not splat and not module.is_function:
                self.reporter.add(modules.missing_parameter(expr.span, module.name, parameter.name))
        for argument in expr.arguments:
            if argument.kind == "recommended":
                self._recommended(expr, module, argument.span)

    def _recommended(self, expr: tree.Call, module: Module, span: object) -> None:
        texts = self.catalog.recommended(module)
        if not texts:
            self.reporter.add(modules.nothing_recommended(expr.span, module.name))
            return
        parsed: dict[str, tree.Expr] = {}
        for parameter, text in texts.items():
            source = Source(f"<recommended for {module.name}.{parameter}>", text)
            value = parse_expression(source, self.reporter)
            self._visit(value, Scope())
            parsed[parameter] = value
        self.recommended[id(expr)] = parsed

    def _template_call(self, expr: tree.Call, binding: Binding, parameters: Sequence[tree.Parameter]) -> None:
        known = [p.name for p in parameters]
        positional = [a for a in expr.arguments if a.kind == "positional"]
        if any(a.kind in ("splat", "recommended") for a in expr.arguments):
            return
        if len(positional) > len(known):
            self.reporter.add(names.too_many_arguments(positional[len(known)].span, binding.name, len(known)))
        given = set(known[: len(positional)])
        for argument in expr.arguments:
            if argument.name is None:
                continue
            place = argument.name_span or argument.span
            if argument.name not in known:
                near = did_you_mean(argument.name, known)
                self.reporter.add(names.unknown_argument(place, binding.name, argument.name, known, near))
            elif argument.name in given:
                self.reporter.add(names.argument_twice(place, argument.name))
            given.add(argument.name)
        for parameter in parameters:
            if parameter.default is None and parameter.name not in given:
                self.reporter.add(names.missing_argument(expr.span, binding.name, parameter.name, binding.span))


def _dotted(expr: tree.Expr) -> list[str] | None:
    """The parts of ``a.b.c``, None for anything else."""
    parts: list[str] = []
    while isinstance(expr, tree.Attribute):
        parts.append(expr.name)
        expr = expr.value
    return [expr.id, *reversed(parts)] if isinstance(expr, tree.Name) else None


def _children(expr: tree.Node) -> list[tree.Expr]:
    """The direct sub-expressions of an expression without a scope of its own."""
    match expr:
        case tree.Call(function=function, arguments=arguments):
            return [function, *(a.value for a in arguments if a.value is not None)]
        case tree.Paren(value=value) | tree.Labelled(value=value) | tree.Presence(value=value):
            return [value]
        case tree.Unary(value=value) | tree.Attribute(value=value):
            return [value]
        case tree.Index(value=value, index=index):
            return [value, index]
        case tree.Slice(value=value, lower=lower, upper=upper, step=step):
            return [value, *(e for e in (lower, upper, step) if e is not None)]
        case tree.Range(low=low, high=high, step=step, default=default):
            return [low, high, *(e for e in (step, default) if e is not None)]
        case tree.ListExpr(items=items) | tree.TupleExpr(items=items) | tree.Boolean(items=items):
            return list(items)
        case tree.Sequence(items=items) | tree.Parallel(items=items):
            return list(items)
        case tree.DictExpr(items=pairs):
            return [v for _, v in pairs]
        case tree.Choice(alternatives=alternatives):
            return [a.value for a in alternatives]
        case tree.Binary(left=left, right=right):
            return [left, right]
        case tree.Compare(operands=operands):
            return list(operands)
        case tree.Conditional(test=test, then=then, other=other):
            return [test, then, other]
        case tree.Comprehension(item=item, source=source, condition=condition):
            return [item, source, *([condition] if condition is not None else [])]
        case tree.Columns(routes=routes):
            return [r.value for r in routes]
        case tree.Block(value=value):
            return [value]
    return []


def _names_in(expr: tree.Expr) -> list[str]:
    """Every name that an expression reads; names of inner scopes included, which only costs a missed cycle."""
    found: list[str] = []
    pending: list[tree.Expr] = [expr]
    while pending:
        item = pending.pop()
        if isinstance(item, tree.Name):
            found.append(item.id)
        if isinstance(item, tree.Block):
            hidden = {s.name for s in item.statements if isinstance(s, (tree.Let, tree.Def))}
            found.extend(n for n in _names_in(item.value) if n not in hidden)
        else:
            pending.extend(_children(item))
    return found
