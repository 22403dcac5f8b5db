"""From a plan to the Python expression that makes it: a scikit-learn pipeline as a tree of code."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache

from hyperdsl.backends.base import Vote, Voter
from hyperdsl.backends.keras.functions import gives_classes
from hyperdsl.backends.keras.training import KerasTrainer
from hyperdsl.backends.pycode import Imports, call, is_name, literal, note
from hyperdsl.backends.sklearn import columns, defaults
from hyperdsl.backends.sklearn.naming import constant_name, flat_steps, snake_case, step_names
from hyperdsl.backends.sklearn.seeds import FOLDS, Draws, derive, draws, predicts_classes, splitter
from hyperdsl.backends.trainer import Definition, Trainer
from hyperdsl.catalog import Catalog, Module, load_catalog
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.columns import names_are_gone, no_columns
from hyperdsl.diagnostics.environment import library_not_installed
from hyperdsl.frozen import frozen
from hyperdsl.ir.canonical import changes_nothing
from hyperdsl.ir.canonical import text as canonical
from hyperdsl.ir.plan import (
    TRAIN,
    Call,
    ColumnsPlan,
    DictPlan,
    Drop,
    ListPlan,
    Par,
    Pass,
    PlanNode,
    Seq,
    Symbol,
    Value,
)
from hyperdsl.schema import Schema
from hyperdsl.source import Span

PIPELINE = "sklearn.pipeline.Pipeline"
UNION = "sklearn.pipeline.FeatureUnion"
COLUMNS = "sklearn.compose.ColumnTransformer"
OWN_CLASSES = "hyperdsl.backends."  # what programs can name of this project, and scripts have a copy of
COLUMN_SELECTOR = "sklearn.compose.make_column_selector"

# Parameters that take (name, object) pairs where the language has a list of modules.
NAMED_LISTS = frozenset({"estimators", "transformers", "transformer_list", "steps"})
MODULES = (Call, Seq, Par, ColumnsPlan, Pass, Drop)
COMPOSITE = (Seq, Par, ColumnsPlan)


@frozen
class Program:
    """An expression with the imports, constants and parts that it names; later parts may name earlier ones.

    ``definitions`` are the functions and classes of its networks, ``copied`` the names of real ones by their module.
    """

    expression: ast.expr
    imports: Imports
    constants: dict[str, ast.expr]
    parts: dict[str, ast.expr]
    definitions: dict[str, Definition]
    copied: dict[str, tuple[str, ...]]


def plan_to_program(
    plan: Value | Vote,
    *,
    schema: Schema | None = None,
    seed: int | None = None,
    threads: int | None = None,
    catalog: Catalog | None = None,
    imports: Imports | None = None,
    trainer: Trainer | None = None,
) -> Program:
    """The program of a plan; ``imports`` are those of the script that it becomes a part of.

    ``trainer`` writes its networks, by default with Keras.

    Raises
    ------
    HypError
        A library is not installed, a column does not exist, or a route cannot be resolved.
    """
    catalog = catalog or installed_catalog()
    classifies = plan.classifies if isinstance(plan, Vote) else _classifies(plan, schema, catalog)
    writer = _Writer(seed, threads, imports or Imports(), catalog, classifies, trainer or KerasTrainer())
    expression = _voting(plan, schema, writer) if isinstance(plan, Vote) else writer.value(plan, _Place(schema))
    return Program(expression, writer.imports, writer.constants, writer.parts, writer.definitions, writer.copied)


def _voting(vote: Vote, schema: Schema | None, writer: _Writer) -> ast.expr:
    """An ensemble: a variable for each model."""
    models: list[ast.expr] = []
    for voter in vote.voters:
        writer.seen.clear()  # each has the seeds that it has by itself
        expression = _with_rounds(writer.value(voter.plan, _Place(schema)), voter)
        name = writer.imports.define(voter.name)
        writer.parts[name] = expression
        models.append(ast.Name(name))
    options = {name: literal(value) for name, value in vote.options.items()}
    pairs = _pairs([v.name for v in vote.voters], models)
    return call(writer.imports.reference(vote.path), pairs, keywords=options)


def _with_rounds(expression: ast.expr, voter: Voter) -> ast.expr:
    """The expression of a model with the rounds of boosting that it is to do."""
    if voter.rounds is None:
        return expression
    model = expression
    if isinstance(voter.plan, Seq):
        match expression:
            case ast.Call(args=[ast.List(elts=[*_, ast.Tuple(elts=[_, last])])]):
                model = last
    assert isinstance(model, ast.Call)
    parameter, rounds = voter.rounds
    setting = ast.keyword(parameter, literal(rounds))
    places = [i for i, k in enumerate(model.keywords) if k.arg == parameter]
    place = places[0] if places else len(model.keywords)
    model.keywords[place : place + 1] = [setting]
    return expression


@cache
def installed_catalog() -> Catalog:
    """The catalog of the installed libraries, looked for once."""
    return load_catalog()


def _classifies(plan: Value, schema: Schema | None, catalog: Catalog) -> bool:
    """Whether a program learns classes: by the table's task, else by its last step."""
    if schema is not None and schema.task is not None:
        return schema.task != "regression"
    last = flat_steps(plan)[-1] if isinstance(plan, Seq) else plan
    if isinstance(last, Call) and last.path == TRAIN:
        return gives_classes(last)
    return isinstance(last, Call) and predicts_classes([next(iter(catalog.find(last.path)), None)])


@frozen
class _Place:
    """Where in a program a part stands.

    ``upstream`` is the canonical text of all that its input went through, which its seed derives from. ``schema``
    tells the columns of its input; ``named`` says whether they still have names.
    """

    schema: Schema | None
    upstream: str = ""
    named: bool = True

    def after(self, step: Value) -> _Place:
        return _Place(None, f"{self.upstream}{canonical(step)}>>", named=False)

    def within(self, part: str, schema: Schema | None) -> _Place:
        return replace(self, schema=schema, upstream=f"{self.upstream}{part}:")


@dataclass(slots=True)
class _Writer:
    seed: int | None
    threads: int | None
    imports: Imports
    catalog: Catalog
    classifies: bool
    trainer: Trainer
    constants: dict[str, ast.expr] = field(default_factory=dict)
    parts: dict[str, ast.expr] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    copied: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)  # steps that drew a seed, by their key

    def value(self, value: Value, place: _Place) -> ast.expr:
        match value:
            case bool() | int() | float() | str() | None:
                return literal(value)
            case tuple():
                return ast.Tuple([self.value(v, place) for v in value])
            case ListPlan(items=items):
                return ast.List([self.value(v, place) for v in items])
            case DictPlan(items=pairs):
                return ast.Dict([literal(k) for k, _ in pairs], [self.value(v, place) for _, v in pairs])
            case Symbol():
                return self.symbol(value, place)
            case _:
                return self.module(value, place)

    def module(self, node: PlanNode, place: _Place) -> ast.expr:
        match node:
            case Call():
                return self.call(node, place)
            case Seq():
                return self.sequence(node, place)
            case Par(branches=branches):
                names = step_names(branches)
                parts = [self.part(n, b, place) for n, b in zip(names, branches, strict=True)]
                return call(self.imports.reference(UNION), _pairs(names, parts))
            case Pass():
                return ast.Constant("passthrough")
            case Drop():
                return ast.Constant("drop")
            case ColumnsPlan():
                return self.column_transformer(node, place)
            case _:
                raise TypeError(f"not a plan: {node!r}")

    def sequence(self, node: Seq, place: _Place) -> ast.expr:
        steps = flat_steps(node)
        if any(isinstance(step, Drop) for step in steps):
            return ast.Constant("drop")  # what follows no output has no output either
        names = step_names(steps)
        parts = []
        before: PlanNode | None = None
        for name, step in zip(names, steps, strict=True):
            parts.append(self.part(name, step, place))
            if not changes_nothing(step, before):  # so that leaving it out changes no seed
                before, place = step, place.after(step)
        return call(self.imports.reference(PIPELINE), _pairs(names, parts))

    def part(self, name: str, value: Value, place: _Place) -> ast.expr:
        """A part of something; one that has parts itself becomes a variable, so that code does not nest deeply."""
        expression = self.value(value, place)
        if not isinstance(value, COMPOSITE) or not isinstance(expression, ast.Call):
            return expression
        name = self.imports.define(name if is_name(name) else f"part_{name}")
        self.parts[name] = expression
        return ast.Name(name)

    # --- calls

    def symbol(self, node: Symbol, place: _Place) -> ast.expr:
        """A function, with its seed where it draws random numbers."""
        module = self.known(node.path, node.span)
        function = self.imports.reference(node.path)
        if module is None or not module.is_function or self.seed is None or draws(module) is Draws.never:
            return function
        seed = self.next_seed(node, place)
        return call(self.imports.reference("functools.partial"), function, keywords={"random_state": literal(seed)})

    def train(self, node: Call, place: _Place) -> ast.expr:
        """The estimator that trains a network, with what builds it."""
        inner = place.within("train.network", place.schema)
        schema = place.schema
        shape = None if schema is None else schema.shape or (schema.features,)
        made = self.trainer.write(node, self.classifies, shape, self.imports, lambda v: self.value(v, inner))
        keywords = dict(made.keywords)
        if self.seed is not None:
            keywords["random_state"] = literal(self.next_seed(node, place))
        self.definitions |= made.definitions
        for module, names in made.copied.items():
            self.copy(module, *names)
        return _noted(call(ast.Name(made.estimator), *made.arguments, keywords=keywords), node.span)

    def copy(self, module: str, *names: str) -> None:
        """Have definitions of a module of this project in the program."""
        self.imports.taken.update(names)
        self.copied[module] = tuple(dict.fromkeys((*self.copied.get(module, ()), *names)))

    def constructor(self, path: str) -> ast.expr:
        """The expression that names a class: imported, or a copy where it is this project's."""
        package, _, name = path.rpartition(".")
        if not package.startswith(OWN_CLASSES):
            return self.imports.reference(path)
        self.copy(package, name)
        return ast.Name(name)

    def call(self, node: Call, place: _Place) -> ast.expr:
        if node.path == TRAIN:
            return self.train(node, place)
        module = self.known(node.path, node.span)
        arguments = {name: self.argument(node, name, value, place) for name, value in node.arguments}
        arguments |= self.settings(node)
        if self.seed is not None:
            arguments |= self.seeded(node, module, place)
        return _noted(call(self.constructor(node.path), keywords=arguments), node.span)

    def known(self, path: str, span: Span | None) -> Module | None:
        """What the catalog knows of a module, None where nothing. Notes what to import first."""
        found = self.catalog.find(path)
        if not found:
            if extra := self.catalog.missing(path):
                library, _, name = path.partition(".")
                raise HypError([library_not_installed(span, name, library, extra)])
            return None
        if found[0].requires:
            self.imports.add_effect(found[0].requires)
        return found[0]

    def argument(self, node: Call, name: str, value: Value, place: _Place) -> ast.expr:
        inner = place.within(f"{node.path}.{name}", place.schema)
        if name in NAMED_LISTS and isinstance(value, ListPlan) and all(isinstance(v, MODULES) for v in value.items):
            names = step_names(value.items)
            return _pairs(names, [self.part(n, v, inner) for n, v in zip(names, value.items, strict=True)])
        return self.part(name, value, inner)

    def settings(self, node: Call) -> dict[str, ast.expr]:
        """What is set because the author did not: silence and threads."""
        given = frozenset(name for name, _ in node.arguments)
        settings = [(s, v) for s, v in defaults.quiet_settings(node.path) if not s.is_given(given)]
        threads = defaults.thread_setting(node.path)
        if self.threads is not None and threads is not None and not threads.is_given(given):
            settings.append((threads, self.threads))
        return {setting.parameter: literal(value) for setting, value in settings}

    def seeded(self, node: Call, module: Module | None, place: _Place) -> dict[str, ast.expr]:
        """The argument that holds the seed of a module, where it draws and its author gave none."""
        given = dict(node.arguments)
        setting = defaults.seed_setting(node.path)
        if setting.is_given(frozenset(given)):
            return {}
        match draws(module):
            case Draws.always:
                return {setting.parameter: literal(self.next_seed(node, place))}
            case Draws.shuffled if given.get("shuffle") is True:
                return {setting.parameter: literal(self.next_seed(node, place))}
            case Draws.folds if "shuffle" not in given:
                count = given.get("cv")
                if count is not None and not isinstance(count, int):
                    return {}  # a splitter, which has a seed of its own
                seed = literal(self.next_seed(node, place))
                keywords = {"shuffle": literal(True), "random_state": seed}
                made = self.imports.reference(splitter(self.classifies))
                return {"cv": call(made, literal(FOLDS if count is None else count), keywords=keywords)}
        return {}

    def next_seed(self, node: PlanNode, place: _Place) -> int:
        assert self.seed is not None
        key = place.upstream + canonical(node)
        self.seen[key] += 1
        return derive(self.seed, key, self.seen[key] - 1)

    # --- columns

    def column_transformer(self, node: ColumnsPlan, place: _Place) -> ast.expr:
        """A ``ColumnTransformer``.

        Output names keep their default, the route's name as a prefix, so that two routes never clash.
        """
        if not place.named:
            _check_unnamed(node)
        if place.schema is not None:
            routed = columns.routes_by_schema(node.routes, place.schema)
            if not routed:
                raise HypError([no_columns(node.span)])
        else:
            routed = columns.routes_by_table(node.routes)
        triples: list[ast.expr] = []
        keywords: dict[str, ast.expr] = {}
        for name, part in zip(step_names([Pass(label=snake_case(r.label)) for r in routed]), routed, strict=True):
            body = self.part(name, part.body, place.within(part.key, part.schema))
            if part.selection is None:
                keywords["remainder"] = body
            else:
                triples.append(ast.Tuple([literal(name), body, self.selection(name, part.selection, part.schema)]))
        made = call(self.imports.reference(COLUMNS), ast.List(triples), keywords=keywords)
        return _noted(made, node.span)

    def selection(self, name: str, selection: columns.Selection, schema: Schema | None) -> ast.expr:
        match selection:
            case columns.OneColumn(column):
                return literal(column)
            case columns.ByName(names) if schema is not None:
                return self.constant(name, names)
            case columns.ByName(names):
                return literal(list(names))
            case columns.BySelector(pattern, include, exclude):
                fields = {"pattern": pattern, "dtype_include": list(include), "dtype_exclude": list(exclude)}
                keywords = {name: literal(value) for name, value in fields.items() if value}
                return call(self.imports.reference(COLUMN_SELECTOR), keywords=keywords)

    def constant(self, label: str, names: tuple[str | int, ...]) -> ast.expr:
        """The name of a list of columns that stands at the top of the program; of the same list it is the same."""
        value, wanted = literal(list(names)), constant_name(label)
        for name, known in self.constants.items():
            if name.startswith(wanted) and ast.dump(known) == ast.dump(value):
                return ast.Name(name)
        name = self.imports.define(wanted)
        self.constants[name] = value
        return ast.Name(name)


def _check_unnamed(node: ColumnsPlan) -> None:
    """Only positions and ``rest`` are left when the columns have no names."""
    for route in node.routes:
        for selector in route.selectors:
            positions = isinstance(selector.value, tuple) and all(isinstance(n, int) for n in selector.value)
            if selector.kind != "rest" and not positions:
                raise HypError([names_are_gone(columns.shown(route), route.span)])


def _pairs(names: list[str], parts: list[ast.expr]) -> ast.expr:
    return ast.List([ast.Tuple([ast.Constant(n), p]) for n, p in zip(names, parts, strict=True)])


def _noted(node: ast.Call, span: Span | None) -> ast.expr:
    if span is None:
        return node
    return note(node, f"{span.source.name.rpartition('/')[2]}:{span.line}")
