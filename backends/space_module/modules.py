"""Writes modules in the module of a space: constructor calls, sequences, unions and columns."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from hyperdsl.backends.pycode import call, literal, note, parameters, unique
from hyperdsl.backends.sklearn import defaults
from hyperdsl.backends.sklearn.columns import (
    TEXT_MODULES,
    ByName,
    BySelector,
    OneColumn,
    Selection,
    selectors_of_routes,
    shown,
)
from hyperdsl.backends.sklearn.expressions import COLUMN_SELECTOR, COLUMNS, PIPELINE, UNION
from hyperdsl.backends.sklearn.naming import snake_case
from hyperdsl.backends.sklearn.seeds import FOLDS, Draws, draws, predicts_classes, splitter
from hyperdsl.backends.space_module.facts import line_of, name_of_class, name_of_label
from hyperdsl.catalog import Module
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.columns import needs_schema
from hyperdsl.ir import ops
from hyperdsl.ir.plan import Pass, RoutePlan, Selector
from hyperdsl.source import Span

if TYPE_CHECKING:
    from hyperdsl.backends.space_module.bodies import Block
    from hyperdsl.backends.space_module.writer import Writer

Quantifier = Callable[[Iterable[bool]], bool]

SEED = ast.Attribute(ast.Name("d"), "seed")


class ModuleWriter:
    """Writes modules: as parts, which ``sequence`` and ``parallel`` wire at run time, or as finished objects."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.facts = writer.facts

    @cached_property
    def classifies(self) -> bool:
        """Whether the program learns classes, whatever is decided."""
        heads = [self.facts.op(h) for h in self.facts.analysis.heads(self.facts.graph.root)]
        found = [next(iter(self.writer.catalog.find(op.path)), None) for op in heads if isinstance(op, ops.Call)]
        return len(found) == len(heads) and predicts_classes(found)

    # --- names and wiring

    def label(self, index: int, op: ops.Label, block: Block | None) -> ast.expr:
        """A part under the name that its author gave it."""
        operand = self.facts.operands(index)[0]
        value = self.writer.value(operand, block, part=True)
        if self.facts.is_plain(operand):
            return value
        name = literal(name_of_label(op.label))
        if self.facts.types(operand) != {"module"}:
            return call(ast.Name("labelled"), name, value)
        match value:
            case ast.Tuple([ast.Constant(), inner]):
                value = inner
        return ast.Tuple([name, value])

    def wired(self, kind: str, parts: Sequence[ast.expr], part: bool) -> ast.expr:
        """Parts that are wired at run time: ``sequence`` or ``parallel``."""
        if part:
            return call(ast.Name(kind), *parts)
        if kind == "sequence":
            return call(ast.Name("pipeline"), *parts)
        return call(ast.Name("assembled"), call(ast.Name(kind), *parts))

    def sequence(self, operands: Sequence[int], block: Block | None, part: bool) -> ast.expr:
        return self._composed("sequence", PIPELINE, operands, block, part)

    def parallel(self, operands: Sequence[int], block: Block | None, part: bool) -> ast.expr:
        return self._composed("parallel", UNION, operands, block, part)

    def _composed(self, kind: str, path: str, operands: Sequence[int], block: Block | None, part: bool) -> ast.expr:
        """Wired here where all steps and their names are certain, else at run time."""
        is_certain = not part and len(operands) > 1 and all(self.facts.is_one_step(o) for o in operands)
        pairs = self._pairs(operands, block) if is_certain else None
        if pairs is not None:
            return call(self.writer.imports.reference(path), pairs)
        return self.wired(kind, [self.writer.embedded(o, block, part=True) for o in operands], part)

    def _pairs(self, operands: Sequence[int], block: Block | None) -> ast.expr | None:
        """Pairs of a name and an object, None where a decision changes a name."""
        names = [self.facts.step_name(o) for o in operands]
        taken: list[str] = []
        for name in names:
            if name is None:
                return None
            taken.append(unique(name, taken))
        objects = [self._step(o, block) for o in operands]
        return ast.List([ast.Tuple([literal(n), o]) for n, o in zip(taken, objects, strict=True)])

    def _step(self, operand: int, block: Block | None) -> ast.expr:
        """A step as an object; columns are long, so they get a name."""
        value = self.writer.embedded(operand, block)
        is_long = isinstance(self.facts.op(operand), ops.Columns) and isinstance(value, ast.Call)
        return block.named("columns", value) if block is not None and is_long else value

    # --- constructor calls

    def call(self, index: int, op: ops.Call, block: Block | None, part: bool) -> ast.expr:
        """A constructor call; arguments that may be left out stand in ``given(...)``."""
        node = self.facts.graph[index]
        module = self.writer.known(op.path, node.span)
        written: dict[str, ast.expr] = {}
        optional: dict[str, ast.expr] = {}
        for name, operand in zip(op.parameters, node.operands, strict=True):
            is_optional = self.facts.may_be_absent(operand) or self.facts.may_be_unknown(operand)
            (optional if is_optional else written)[name] = self._argument(name, operand, block)
        for setting, value in defaults.quiet_settings(op.path):
            _set(setting, literal(value), written, optional)
        self._seed(op.path, module, written, optional)
        made = call(self.writer.imports.reference(op.path), keywords=written)
        if optional:
            made.keywords.append(ast.keyword(None, call(ast.Name("given"), keywords=optional)))
        line = line_of(node.span)
        if block is not None and line and line != block.line:
            note(made, line)
        name = name_of_class(op.path)
        return ast.Tuple([literal(name), made]) if part and name != snake_case(op.path.rpartition(".")[2]) else made

    def _argument(self, name: str, operand: int, block: Block | None) -> ast.expr:
        self.writer.hints.setdefault(operand, name)
        if not self.facts.is_named_list(name, operand):
            return self.writer.embedded(operand, block)
        if isinstance(self.facts.op(operand), ops.MakeList) and not self.facts.is_function(operand):
            pairs = self._pairs(self.facts.operands(operand), block)
            if pairs is not None:
                return pairs
            if not all(self.facts.types(o) <= {"module"} for o in self.facts.operands(operand)):
                return self.writer.embedded(operand, block)
        return call(ast.Name("named"), self.writer.embedded(operand, block, part=True))

    def symbol(self, path: str, span: Span | None) -> ast.expr:
        """A function, with the seed where it draws random numbers."""
        module = self.writer.known(path, span)
        function = self.writer.imports.reference(path)
        if module is None or not module.is_function or draws(module) is Draws.never:
            return function
        return call(ast.Name("seeded"), function, SEED)

    def _seed(
        self, path: str, module: Module | None, written: dict[str, ast.expr], optional: dict[str, ast.expr]
    ) -> None:
        """Set the seed, as ``seeds`` says how, where the author gives none."""
        setting = defaults.seed_setting(path)
        match draws(module):
            case Draws.always:
                _set(setting, SEED, written, optional)
            case Draws.shuffled:
                shuffles = written.get("shuffle") or optional.get("shuffle")
                if isinstance(shuffles, ast.Constant):
                    if shuffles.value is True:
                        _set(setting, SEED, written, optional)
                elif shuffles is not None:
                    is_true = ast.Compare(shuffles, [ast.Is()], [ast.Constant(True)])
                    _set(setting, ast.IfExp(is_true, SEED, ast.Constant(None)), written, optional)
            case Draws.folds if not {"shuffle", setting.parameter} & {*written, *optional}:
                folds = self.writer.imports.reference(splitter(self.classifies))
                count = written.get("cv", literal(FOLDS))
                if "cv" in optional:
                    count = call(ast.Name("given_or"), optional.pop("cv"), count)
                written["cv"] = call(ast.Name("folds"), count, folds, SEED)

    # --- columns

    def columns(self, index: int, op: ops.Columns, block: Block | None, part: bool) -> ast.expr:
        """A ``ColumnTransformer`` that selects columns when it is fitted."""
        triples: list[ast.expr] = []
        keywords: dict[str, ast.expr] = {}
        taken: list[str] = []
        is_certain = True
        for route, selection, operand in self._routes(index, op):
            if isinstance(self.facts.op(operand), ops.Drop):
                continue
            body = self._body(operand, block)
            if selection is None:
                keywords["remainder"] = body
                continue
            is_certain = is_certain and not self._may_vary(operand)
            for label, column in self._columns(route, selection, operand):
                base = name_of_label(snake_case(label))
                if self._reads_text(operand, any) and not self._reads_text(operand, all):
                    make = ast.Lambda(parameters([]), body)
                    triples.append(ast.Starred(call(ast.Name("text_routes"), literal(base), make, column)))
                    continue
                name = unique(base, taken if is_certain else ())
                taken.append(name)
                triples.append(ast.Tuple([literal(name), body, column]))
        function = self.writer.imports.reference(COLUMNS) if is_certain else ast.Name("column_transformer")
        made = call(function, ast.List(triples), keywords=keywords)
        line = line_of(self.facts.graph[index].span)
        if block is not None and line and line != block.line:
            note(made, line)
        if not part:
            return made
        return ast.Tuple([literal("columns"), block.named("columns", made) if block is not None else made])

    def _routes(self, index: int, op: ops.Columns) -> list[tuple[RoutePlan, Selection | None, int]]:
        """The routes with how each selects its columns.

        Raises
        ------
        HypError
            Where only a table's schema tells the columns of a route.
        """
        operands = self.facts.operands(index)
        routes = [
            RoutePlan(tuple(Selector(kind, value) for kind, value in selectors), Pass(), label, span=self._span(body))
            for selectors, body, label in zip(op.selectors, operands, op.labels, strict=True)
        ]
        return list(zip(routes, selectors_of_routes(routes), operands, strict=True))

    def _span(self, index: int) -> Span | None:
        return self.facts.graph[index].span

    def _may_vary(self, operand: int) -> bool:
        """Whether decisions change how many columns of the transformer a route makes."""
        return self.facts.may_drop(operand) or self._reads_text(operand, any) != self._reads_text(operand, all)

    def _columns(self, route: RoutePlan, selection: Selection, operand: int) -> list[tuple[str, ast.expr]]:
        """The parts of a route: one for each column where its first step reads a single column of texts."""
        if self._reads_text(operand, any) and not isinstance(selection, ByName):
            raise HypError([needs_schema(shown(route), route.span)])
        if isinstance(selection, ByName) and self._reads_text(operand, all):
            return [(f"{route.label}_{name}", literal(name)) for name in selection.names]
        return [(route.label, self._selected(selection))]

    def _reads_text(self, index: int, quantifier: Quantifier) -> bool:
        """Whether the module takes one column of texts in place of a table: in ``any`` or ``all`` of its forms."""
        op, operands = self.facts.op(index), self.facts.operands(index)
        match op:
            case ops.Call(path=path):
                return path in TEXT_MODULES
            case ops.Drop():
                return quantifier is all
            case ops.Seq() | ops.Named() | ops.Label() | ops.Where():
                return self._reads_text(operands[0], quantifier)
            case ops.Select():
                return quantifier(self._reads_text(o, quantifier) for o in operands[1:])
            case ops.Choose():
                return quantifier(self._reads_text(o, quantifier) for o in operands)
            case ops.Par():
                return any(self._reads_text(o, quantifier) for o in operands)
        return False

    def _selected(self, selection: Selection) -> ast.expr:
        match selection:
            case ByName(names):
                return literal(list(names))
            case BySelector(pattern, include, exclude):
                fields = {"pattern": pattern, "dtype_include": list(include), "dtype_exclude": list(exclude)}
                keywords = {name: literal(value) for name, value in fields.items() if value}
                return call(self.writer.imports.reference(COLUMN_SELECTOR), keywords=keywords)
            case OneColumn(name):
                return literal(name)

    def _body(self, operand: int, block: Block | None) -> ast.expr:
        if self.facts.needs_wiring(operand):
            return call(ast.Name("pipeline"), self.writer.embedded(operand, block, part=True))
        return self.writer.embedded(operand, block)


def _set(
    setting: defaults.Setting, value: ast.expr, written: dict[str, ast.expr], optional: dict[str, ast.expr]
) -> None:
    """Set a parameter unless its author does; what may be left out is set where it is."""
    if setting.is_given(frozenset(written)):
        return
    alias = next((name for name in optional if setting.is_given(frozenset({name}))), None)
    if alias is None:
        written[setting.parameter] = value
    elif alias == setting.parameter:
        written[alias] = call(ast.Name("given_or"), optional.pop(alias), value)
    else:
        optional[setting.parameter] = call(ast.Name("without"), optional[alias], value)
