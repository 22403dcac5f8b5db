"""tree -> typed: names, scopes and calls, in every definition of every file, used or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

from hyperdsl.catalog.libraries import LIBRARIES
from hyperdsl.catalog.model import Module
from hyperdsl.catalog.values import check_kind, text_options
from hyperdsl.check import builtins, foreign
from hyperdsl.check.calls import compared_argument, module_call_problems, repeated_arguments, template_call_problems
from hyperdsl.check.cycles import report_cycles
from hyperdsl.check.places import Place, argument_place, meant
from hyperdsl.check.scopes import Binding, Scope, binding_of
from hyperdsl.check.typed import Typed, Unit
from hyperdsl.check.walk import bare_names, children, dotted, shown
from hyperdsl.check.words import selector_problem, take_words
from hyperdsl.diagnostics import HypError, Reporter, environment, kinds, modules, names, syntax
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.recursion import deep_recursion
from hyperdsl.source import Source, Span
from hyperdsl.syntax import tree
from hyperdsl.syntax.parse import parse_expression

MAX_SEARCHED = 200  # different unknown names in one file that get a search for what was meant


class CatalogLike(Protocol):
    """What name resolution asks of the catalog."""

    def find(self, name: str) -> tuple[Module, ...]: ...
    def names(self) -> frozenset[str]: ...
    def missing(self, name: str) -> str | None: ...
    def recommended(self, module: Module) -> dict[str, str]: ...


def resolve(units: Sequence[Unit], catalog: CatalogLike, reporter: Reporter, search_path: Sequence[Path]) -> Typed:
    """Resolve every name of every unit; problems go to ``reporter``."""
    found: dict[int, Module] = {}
    recommended: dict[str, dict[str, tree.Expr]] = {}
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
        recommended: dict[str, dict[str, tree.Expr]],
    ) -> None:
        self.unit = unit
        self.later: frozenset[str] = frozenset()  # parameters that the default in hand comes before
        self.catalog = catalog
        self.reporter = reporter
        self.search_path = search_path
        self.modules = found
        self.recommended = recommended
        self.absent: set[str] = set()  # libraries that are needed and not installed
        self.callees: dict[int, tree.Call] = {}  # what is called -> the call
        self.searched: dict[str, list[str]] = {}  # unknown name -> what was probably meant
        self.place = Place()  # of the expression in hand
        self.options: set[int] = set()  # names that stand where the parameter takes a text of these letters

    # --- statements

    def run(self) -> None:
        scope = Scope()
        for name in self.unit.unknown:
            scope.bindings[name] = Binding(name, "import", None)
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
        self._statements(self.unit.tree.statements, scope)
        for statement in self.unit.tree.statements:
            if isinstance(statement, (tree.Let, tree.Def, tree.SpaceDef)):
                self.unit.definitions.setdefault(statement.name, statement)
        report_cycles(self.unit.tree.statements, self.reporter)
        if self.unit.definitions and any(isinstance(d, tree.SpaceDef) for d in self.unit.definitions.values()):
            self._warn_unused(scope)

    def _use(self, statement: tree.Use, scope: Scope) -> None:
        from hyperdsl.catalog.user import read_user_class

        if known := self.catalog.find(statement.path):
            self.reporter.add(names.use_of_known(statement.span, statement.path, known[0].name))
            return
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

    def _statements(self, statements: Sequence[tree.Statement], scope: Scope) -> None:
        for statement in statements:
            if isinstance(statement, (tree.Let, tree.Def, tree.SpaceDef)):
                self._declare(binding_of(statement), scope)
        for statement in statements:
            self._statement(statement, scope)

    def _statement(self, statement: tree.Statement, scope: Scope) -> None:
        match statement:
            case tree.Let(parameters=parameters, value=value) | tree.Def(parameters=parameters, value=value):
                inner = Scope(scope)
                self._parameters(parameters or (), inner)
                self._visit(value, inner)
                self._warn_unused(inner)
            case tree.SpaceDef(value=value):
                self._visit(value, Scope(scope))
            case tree.Require(condition=condition):
                self._visit(condition, scope, in_condition=True)
            case tree.ExperimentDef(entries=entries):
                for entry in entries:
                    for expr in take_words(entry.value, scope, self.unit.words):
                        self._visit(expr, scope)

    def _parameters(self, parameters: Sequence[tree.Parameter], scope: Scope) -> None:
        """Declare parameters; a default may read those before it."""
        outer = self.later
        for number, parameter in enumerate(parameters):
            self.later = outer | {p.name for p in parameters[number:]}
            self._visit(parameter.default, scope)
            self._declare(Binding(parameter.name, "parameter", parameter.span), scope)
        self.later = outer

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
            if binding.kind in ("let", "parameter") and not binding.used and binding.span is not None:
                self.reporter.add(names.unused(binding.span, binding.kind, binding.name))

    # --- expressions

    def _visit(self, expr: tree.Expr | None, scope: Scope, in_condition: bool = False) -> None:
        match expr:
            case None | tree.Literal():
                return
            case tree.Name():
                self._name(expr, scope)
                self._named_module(expr)
            case tree.Attribute():
                self._attribute(expr, scope)
                self._named_module(expr)
            case tree.Call():
                self._call(expr, scope, in_condition)
            case tree.Choice() | tree.Presence() if in_condition:
                self.reporter.add(kinds.decision_in_condition(expr.span, "a choice", shown(expr)))
            case tree.Range() if in_condition:
                self.reporter.add(kinds.decision_in_condition(expr.span, "a range", shown(expr)))
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
                outer, self.place = self.place, Place()
                self._statements(statements, inner)
                self.place = outer
                self._visit(value, inner)
                report_cycles(statements, self.reporter)
                self._warn_unused(inner)
            case tree.Columns(routes=routes):
                self._columns(routes, scope)
            case tree.Range(low=low):
                if isinstance(low, tree.Binary) and low.operator in "*/%":
                    factor, end = low.left.span.text, low.right.span.to(expr.span).text
                    instead = f"{factor} {low.operator} ({end})"
                    self.reporter.add(kinds.product_before_range(low.span, low.span.text, instead))
                self._children(expr, scope, in_condition)
            case _:
                self._children(expr, scope, in_condition)

    def _children(self, expr: tree.Expr, scope: Scope, in_condition: bool) -> None:
        for child in children(expr):
            self._visit(child, scope, in_condition)

    def _compare(self, expr: tree.Compare, scope: Scope) -> None:
        for operator, operand in zip(("", *expr.operators), expr.operands, strict=True):
            is_set = operator in ("in", "not in")
            if is_set and isinstance(operand, tree.Paren):
                operand = operand.value
            if operator in ("is", "is not"):
                self._visit(operand, scope)
                if id(operand) not in self.modules:
                    self.reporter.add(kinds.is_needs_module(operand.span, self._comparison(expr, operator, operand)))
            else:
                self._visit(operand, scope, in_condition=not is_set)
        ordered = next((o for o in expr.operators if o in ("<", "<=", ">", ">=")), None)
        if ordered is not None and any(self._is_module_call(operand) for operand in expr.operands):
            self.reporter.add(kinds.module_arithmetic(expr.operands[0].span, ordered))

    def _is_module_call(self, expr: tree.Expr) -> bool:
        return isinstance(expr, tree.Call) and id(expr.function) in self.modules

    def _comparison(self, expr: tree.Compare, operator: str, operand: tree.Expr) -> str:
        """What ``m is x`` was probably meant to be, where x is no class."""
        left = shown(expr.operands[0])
        if isinstance(operand, tree.Literal) and isinstance(operand.value, str) and self.catalog.find(operand.value):
            return f"{left} {operator} {operand.value}"
        return f"{left} {'==' if operator == 'is' else '!='} {shown(operand)}"

    def _columns(self, routes: Sequence[tree.Route], scope: Scope) -> None:
        for route in routes:
            for selector in route.selectors:
                if isinstance(selector, tree.Name) and scope.find(selector.id):
                    self._name(selector, scope)
                elif isinstance(selector, tree.ListExpr):
                    self._children(selector, scope, False)
                elif (problem := selector_problem(selector, scope)) is not None:
                    self.reporter.add(problem)
            self._visit(route.value, scope)

    def _name(self, expr: tree.Name, scope: Scope) -> Binding | None:
        binding = scope.find(expr.id)
        if binding is not None:
            binding.used = True
            if binding.module is not None:
                self.modules[id(expr)] = binding.module
            return binding
        if expr.id == "data":
            self.reporter.add(names.unknown_fact(expr.span, "", sorted(builtins.DATA_FACTS), []))
        elif expr.id in self.later and not self.catalog.find(expr.id):
            self.reporter.add(names.default_reads_later(expr.span, expr.id))
        elif expr.id not in builtins.NAMES:
            self._library(expr, expr.id, scope)
        return None

    def _library(self, expr: tree.Name | tree.Attribute, name: str, scope: Scope) -> None:
        found = meant(self.catalog.find(name), self.place, is_text=id(expr) in self.options)
        if len({m.path for m in found}) > 1:
            self.reporter.add(names.ambiguous_name(expr.span, name, sorted(m.path for m in found)))
            return
        if found:
            self.modules[id(expr)] = found[0]
            return
        extra = self.catalog.missing(name)
        if extra is not None:
            title = next(a.title for a in LIBRARIES if name.rpartition(".")[2] in a.names)
            if title not in self.absent:  # once for a file, however much of it is written with the library
                self.absent.add(title)
                self.reporter.add(environment.library_not_installed(expr.span, name, title, extra))
        elif (example := foreign.EXAMPLES.get(name.rpartition(".")[2])) and id(expr) not in self.options:
            call = self.callees.get(id(expr))
            written = foreign.rewritten(name, call)
            span = call.span if call is not None and written else expr.span
            self.reporter.add(names.foreign_name(span, name, written or example))
        else:
            is_argument = name in self._assigned
            self.reporter.add(names.unknown_name(expr.span, name, self._meant(expr, name, scope), is_argument))

    def _meant(self, expr: tree.Name | tree.Attribute, name: str, scope: Scope) -> list[str]:
        """What a name was probably meant to be; a letter alone is near to every other."""
        if id(expr) in self.options:
            return [f'"{name}"']
        bare = name.rpartition(".")[2]
        if bare != name and (found := self.catalog.find(bare)):
            return [bare, *(m.path for m in found)]
        if len(name) == 1:
            return []
        if name not in self.searched:
            if len(self.searched) == MAX_SEARCHED:
                return []
            self.searched[name] = did_you_mean(name, {*scope.names(), *builtins.NAMES, *self.catalog.names()})
        return self.searched[name]

    @cached_property
    def _assigned(self) -> frozenset[str]:
        """Every name that stands before a ``=`` anywhere in the text."""
        return frozenset(re.findall(r"(?<![\w.])([\w.]+)\s*=(?!=)", self.unit.source.text))

    def _attribute(self, expr: tree.Attribute, scope: Scope) -> None:
        parts = dotted(expr)
        if parts is None:
            self._visit(expr.value, scope)
            return
        head = scope.find(parts[0])
        if head is not None:
            self._visit(expr.value, scope)
        elif parts[0] == "data":
            if len(parts) != 2 or parts[1] not in builtins.DATA_FACTS:
                known = sorted(builtins.DATA_FACTS)
                fact = ".".join(parts[1:])
                self.reporter.add(names.unknown_fact(expr.span, fact, known, did_you_mean(fact, known)))
        else:
            self._library(expr, ".".join(parts), scope)

    # --- calls

    def _call(self, expr: tree.Call, scope: Scope, in_condition: bool) -> None:
        function = expr.function
        binding = None
        self.callees[id(function)] = expr
        if isinstance(function, tree.Name):
            binding = self._name(function, scope)
        else:
            self._visit(function, scope)
        module = self.modules.get(id(function))
        if isinstance(function, tree.Attribute) and module is None and self._is_method(function, scope):
            self.reporter.add(kinds.method_called(expr.span, function.name))
            return
        if module is not None:
            self._note_options(expr, module)
        template = binding.template if binding is not None else None
        known = set(module.parameters) if module is not None else {p.name for p in template or ()}
        outer = self.place
        for index, argument in enumerate(expr.arguments):
            if (sign := compared_argument(argument, known, scope)) is not None:
                self.reporter.add(syntax.comparison_in_definition(sign, "=="))
                continue
            if module is not None:
                self.place = argument_place(module, argument, index)
            elif binding is not None:
                self.place = Place()
            self._visit(argument.value, scope, in_condition and binding is None and module is None)
            self.place = outer
        for problem in repeated_arguments(expr):
            self.reporter.add(problem)
        if module is not None:
            for problem in module_call_problems(expr, module):
                self.reporter.add(problem)
            for argument in expr.arguments:
                if argument.kind == "recommended":
                    self._recommended(module, argument.span)
        elif binding is not None and binding.template is not None:
            for problem in template_call_problems(expr, binding, binding.template):
                self.reporter.add(problem)
        elif binding is not None and binding.kind in ("let", "space") and binding.value is not None:
            if not isinstance(binding.value, (tree.Name, tree.Attribute, tree.Index)):
                self.reporter.add(names.not_callable(expr.span, binding.name))

    def _is_method(self, function: tree.Attribute, scope: Scope) -> bool:
        """Whether what is called is read from a value, not named by a path of the catalog."""
        parts = dotted(function)
        return parts is None or scope.find(parts[0]) is not None

    def _note_options(self, expr: tree.Call, module: Module) -> None:
        """Remember the names that were probably meant as texts: ``kernel = rbf``."""
        for argument in expr.arguments:
            parameter = module.parameter(argument.name) if argument.name is not None else None
            if parameter is not None and argument.value is not None:
                match argument.value:
                    case tree.ListExpr(items=(tree.Range() as only,)) if check_kind(parameter, "list") is None:
                        self.reporter.add(kinds.list_of_a_range(argument.value.span, shown(only)))
                texts = text_options(parameter)
                self.options.update(id(name) for name in bare_names(argument.value) if name.id in texts)

    def _recommended(self, module: Module, span: Span) -> None:
        if not self.catalog.recommended(module):
            self.reporter.add(modules.nothing_recommended(span, module.name))
        self._note_ranges(module)

    def _named_module(self, expr: tree.Name | tree.Attribute) -> None:
        """A class that is named and not called may be called under another name, as a template's argument."""
        module = self.modules.get(id(expr))
        if module is not None and not module.is_function:
            self._note_ranges(module)

    def _note_ranges(self, module: Module) -> None:
        if module.path in self.recommended:
            return
        parsed: dict[str, tree.Expr] = {}
        for parameter, text in self.catalog.recommended(module).items():
            source = Source(f"<recommended for {module.name}.{parameter}>", text)
            value = parse_expression(source, self.reporter)
            self._visit(value, Scope())
            parsed[parameter] = value
        self.recommended[module.path] = parsed
