"""``HyperSpace``: what compiling gives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from hyperdsl.audit import Ends, audit, audit_task, with_costs
from hyperdsl.catalog.model import Module
from hyperdsl.diagnostics import Diagnostic, HypError, Reporter, configurations, environment
from hyperdsl.ir import ops
from hyperdsl.ir import plan as plans
from hyperdsl.ir.facts import has_facts, has_tensors
from hyperdsl.ir.graph import Graph, describe
from hyperdsl.passes import Note, bind, bind_shape, optimize, prune
from hyperdsl.space import Configuration, Count, Decision, Space
from hyperdsl.space.space import Choose

if TYPE_CHECKING:
    from hyperdsl.audit.facts import Facts
    from hyperdsl.audit.flow import Table
    from hyperdsl.audit.shapes.measuring import Measured
    from hyperdsl.backends.base import ScriptFacts
    from hyperdsl.schema import Schema


class HyperSpace:
    """A compiled space: its decisions, and the program of each configuration.

    Made by :func:`hyperdsl.compile` and :func:`hyperdsl.load`. It can be pickled.

    Parameters
    ----------
    graph : Graph
        As lowered: decisions, paths and keys come from it.
    program : Graph
        After the passes: programs are built from it.
    text : str
        The source of the main file.
    ends : Ends
        What its pipelines end in.
    user : tuple of Module
        The classes named by ``use``.
    allow : tuple of str
        Packages of the user's own that :meth:`build` may import.
    root : str or None
        The folder that the user's own packages are looked for in.
    level : {0, 1, 2}
        How hard the program was optimized. Up to 1 the key of a configuration is that of the program as it is written;
        at 2 that of the program that is built, so that what the passes make the same has one key.
    notes : tuple of Note
        What the passes of level 2, and :meth:`given`, have left out.
    """

    def __init__(
        self,
        graph: Graph,
        program: Graph,
        text: str,
        ends: Ends,
        *,
        user: tuple[Module, ...] = (),
        allow: tuple[str, ...] = (),
        root: str | None = None,
        level: int = 1,
        notes: tuple[Note, ...] = (),
    ) -> None:
        self.graph = graph
        self.program = program
        self.text = text
        self.ends = ends
        self.user = user
        self.allow = allow
        self.root = root
        self.level = level
        self.notes = notes
        self.space = Space(graph, program if level > 1 else None)
        self.warnings: tuple[Diagnostic, ...] = ()

    def __repr__(self) -> str:
        return f"<HyperSpace {self.name}: {len(self.decisions)} decisions>"

    def _repr_html_(self) -> str:
        """For notebooks: a picture, how many configurations there are, and the decisions."""
        from hyperdsl.backends.exchange.webpage import space_html

        return space_html(self.space)

    # --- decisions

    @property
    def name(self) -> str:
        """The entry's name."""
        return self.graph.name

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The decision table."""
        return self.space.decisions

    @property
    def task(self) -> str | None:
        """``classification`` or ``regression`` where every pipeline agrees; None otherwise, and for plain data."""
        return self.ends.task

    def count(
        self, *, canonical: bool = False, budget: int | None = None, progress: Callable[[int], None] | None = None
    ) -> Count:
        """How many configurations there are (:meth:`hyperdsl.space.Space.count`).

        Parameters
        ----------
        canonical : bool
            How many different programs instead (:func:`hyperdsl.space.programs.count_of`), which takes ``budget``
            tries at most; ``progress`` gets their number after each.
        """
        if not canonical:
            return self.space.count()
        from hyperdsl.space.programs import count_of

        return count_of(self.space, self.program, budget, progress)

    def sample(self, n: int = 1, seed: int = 0, *, uniform: bool = False) -> list[Configuration]:
        """``n`` configurations from the prior, or uniformly over all (:meth:`hyperdsl.space.Space.sample`)."""
        return self.space.sample(n, seed, uniform=uniform)

    def default(self) -> Configuration:
        """The configuration of all defaults (:meth:`hyperdsl.space.Space.default`)."""
        return self.space.default()

    def enumerate(self) -> Iterator[Configuration]:
        """Every configuration once (:meth:`hyperdsl.space.Space.enumerate`)."""
        return self.space.enumerate()

    def rank(self, configuration: Configuration) -> int:
        """The position of a configuration among all (:meth:`hyperdsl.space.Space.rank`)."""
        return self.space.rank(configuration)

    def unrank(self, rank: int) -> Configuration:
        """The configuration at a position (:meth:`hyperdsl.space.Space.unrank`)."""
        return self.space.unrank(rank)

    def decide(self, choose: Choose) -> Configuration:
        """The configuration that ``choose`` leads to (:meth:`hyperdsl.space.Space.decide`)."""
        return self.space.decide(choose)

    def configuration(self, values: Mapping[str, Any]) -> Configuration:
        """The configuration of ``{path: value}`` (:meth:`hyperdsl.space.Space.configuration`)."""
        return self.space.configuration(values)

    def key(self, configuration: Configuration) -> str:
        """The canonical key of a configuration's program (:meth:`hyperdsl.space.Space.key`)."""
        return self.space.key(configuration)

    def shape(self) -> dict[str, int]:
        """Nodes, edges and depth of the graph."""
        return describe(self.graph)

    def costs(self) -> dict[str, Measured]:
        """What the networks of a configuration cost: ``params`` and ``macs``, where it can be told.

        Empty where there are no networks, or their inputs have no known lengths. ``costs()["params"].at(codes)`` is the
        number for the codes of one configuration.
        """
        if not has_tensors(self.graph):
            return {}
        from hyperdsl.audit.shapes.measuring import MEASURES, Measured, measure

        found = {name: measure(self.graph, self.catalog(), self.graph.root, name) for name in MEASURES}
        return {name: cost for name, cost in found.items() if isinstance(cost, Measured)}

    # --- programs

    def plan(self, configuration: Configuration | Mapping[str, Any], schema: Schema | None = None) -> Any:
        """The concrete program of a configuration, as data (``hyperdsl.ir.plan``)."""
        from hyperdsl.ir import meaning

        configuration = self._point(configuration)
        facts = schema.facts if schema is not None else {}
        try:
            return meaning.evaluate(self.program, meaning.replay(configuration.assignment()), facts).value
        except meaning.Undefined as problem:
            from hyperdsl.diagnostics import kinds
            from hyperdsl.ir import ops

            op, span = self.program[problem.node].op, self.program[problem.node].span
            assert span is not None
            lacks_data = isinstance(op, ops.DataFact | ops.Cost) and not facts
            help = kinds.GIVE_DATA if lacks_data else kinds.GIVE_VALUE
            raise HypError([kinds.undefined(span, problem.fact, "", help=help)]) from None
        except KeyError:  # the program has no alternative that no configuration takes
            violated = self.space.violated(configuration)
            if not violated:
                raise
            raise HypError([configurations.condition_violated(self.graph[v].span) for v in violated]) from None

    def build(
        self,
        configuration: Configuration | Mapping[str, Any],
        schema: Schema | None = None,
        seed: int | None = None,
        threads: int | None = None,
    ) -> Any:
        """The live object of a configuration: an unfitted pipeline, or the plain value of a ``record``.

        Parameters
        ----------
        configuration : Configuration or mapping
            A mapping is read as ``{path: value}``.
        schema : Schema, optional
            Resolves ``columns`` to explicit lists; without it they select by dtype when fitted.
        seed : int, optional
            Seeds every step that draws random numbers.
        threads : int, optional
            Threads of the libraries that would take all cores.

        Raises
        ------
        HypError
            When a class of the user's is not allowed, or a column does not exist.
        """
        from hyperdsl.backends import backend

        value = self.plan(configuration, schema)
        self._allow_user_classes(value)
        return backend().build(value, schema=schema, seed=seed, threads=threads, catalog=self.catalog())

    def source(
        self,
        configuration: Configuration | Mapping[str, Any],
        schema: Schema | None = None,
        seed: int | None = None,
        threads: int | None = None,
        facts: ScriptFacts | None = None,
        to: str = "sklearn",
    ) -> str:
        """The script of a configuration: what an engineer would write, without hyperdsl.

        Parameters
        ----------
        facts : ScriptFacts, optional
            How it was evaluated; the script then does the same and prints the score.
        to : str
            ``"pytorch"`` writes networks as plain PyTorch, else they are Keras models.

        Raises
        ------
        HypError
            PyTorch has no equal of a part.
        """
        from hyperdsl.backends import backend
        from hyperdsl.backends.base import Header

        configuration = self._point(configuration)
        header = Header(space=self.name, key=self.key(configuration))
        return backend(to).source(
            self.plan(configuration, schema),
            header=header,
            schema=schema,
            seed=seed,
            threads=threads,
            facts=facts,
            catalog=self.catalog(),
        )

    def module(self) -> str:
        """The Python module of the whole space, which runs without hyperdsl: build, sample, default, DECISIONS.

        It builds what :meth:`build` does, at the level of optimization of this space.
        """
        from hyperdsl.backends.space_module import space_module

        self.space.require_facts()
        return space_module(self.graph, self.space, self.catalog(), self.level)

    def check_task(self, task: str) -> None:
        """Make sure that every pipeline can do a task.

        Parameters
        ----------
        task : str
            ``binary``, ``multiclass``, ``classification`` or ``regression``.

        Raises
        ------
        HypError
            Naming each estimator that cannot.
        """
        problems = audit_task(self.ends, "regression" if task == "regression" else "classification")
        if problems:
            raise HypError(problems)

    def check(self, schema: Schema, table: Table, facts: Facts) -> tuple[Diagnostic, ...]:
        """What would fail in some configuration with one table, and what is of no use with it.

        :func:`hyperdsl.check_data` makes the arguments from a table.

        Parameters
        ----------
        schema : Schema
            Its columns.
        table : Table
            What is known of their values.
        facts : Facts
            Rows and classes of what pipelines are fitted to.
        """
        from hyperdsl.audit.data import audit_data

        reporter = Reporter()
        try:
            self._check_columns(schema)
        except HypError as error:
            return error.diagnostics
        if not self.ends.plain:
            audit_data(self.graph, self.catalog(), reporter, table, facts)
        return tuple(reporter.diagnostics)

    def bind(self, schema: Schema) -> HyperSpace:
        """The space for one table: ``data.rows`` and the like are its numbers; networks take images of its shape.

        What depends on them is then as if it were written with numbers; branches that are not taken are gone.

        Parameters
        ----------
        schema : Schema
            Of the table that is searched on, before any of its rows are held out.

        Raises
        ------
        HypError
            When the space makes no sense for the table: an empty range, a condition that it does not meet.
        """
        graph = bind(self.graph, schema.facts) if has_facts(self.graph) else self.graph
        graph = bind_shape(graph, schema.shape) if schema.shape else graph
        if graph is self.graph:
            return self
        reporter = Reporter()
        graph = with_costs(graph, self.catalog(), reporter)
        ends = audit(graph, self.catalog(), reporter)
        reporter.stop_on_errors()
        notes: list[Note] = []
        program = optimize(graph, self.level, notes=notes)
        space = copy(self)
        space.graph, space.program, space.ends, space.notes = graph, program, ends, tuple(sorted(set(notes)))
        space.space = Space(graph, program if self.level > 1 else None)
        return space

    def given(self, schema: Schema) -> HyperSpace:
        """The same decisions for one table: routes that take none of its columns are gone from the programs.

        What only such a route decides has no part in keys any more, so that a search does not try it twice.
        """
        notes: list[Note] = []
        program = prune(self.program, lambda selectors: _columns_of_routes(selectors, schema), notes)
        if not notes:
            return self
        space = copy(self)
        space.program, space.notes = program, (*self.notes, *sorted(set(notes)))
        space.space = Space(self.graph, program)
        return space

    # --- helpers

    def _check_columns(self, schema: Schema) -> None:
        """Make sure that every column that a route names is there, in all branches."""
        from hyperdsl.backends.sklearn.columns import columns_of_routes

        problems: list[Diagnostic] = []
        for index in sorted(self.graph.reachable):
            op = self.graph[index].op
            if not isinstance(op, ops.Columns):
                continue
            routes = [
                plans.RoutePlan(tuple(plans.Selector(*s) for s in own), plans.Pass(), label, span=self.graph[body].span)
                for own, label, body in zip(op.selectors, op.labels, self.graph[index].operands, strict=True)
            ]
            try:
                columns_of_routes(routes, schema)
            except HypError as error:
                problems += [d for d in error.diagnostics if d not in problems]
        if problems:
            raise HypError(problems)

    def _point(self, configuration: Configuration | Mapping[str, Any]) -> Configuration:
        if isinstance(configuration, Configuration):
            return configuration
        return self.space.configuration(configuration)

    def catalog(self) -> Any:
        """The installed libraries, with the user's own classes that the program names."""
        from hyperdsl.catalog import load_catalog

        return load_catalog().with_user(self.user)

    def _allow_user_classes(self, value: Any) -> None:
        """Refuse to import a package of the user's that was not allowed; make the allowed ones importable."""
        if not self.user:
            return
        named = {m.path for m in self.user}
        used = [v for v in _walk(value) if isinstance(v, (plans.Call, plans.Symbol)) and v.path in named]
        refused = [v for v in used if v.path.partition(".")[0] not in self.allow]
        if refused:
            paths = dict.fromkeys((v.path, v.span) for v in refused)
            raise HypError([environment.not_allowed(span, path) for path, span in paths])
        if used and self.root is not None and self.root not in sys.path:
            sys.path.insert(0, self.root)


def _columns_of_routes(selectors: Sequence[Any], schema: Schema) -> Sequence[Sequence[object]]:
    """The columns that each of some routes takes."""
    from hyperdsl.backends.sklearn.columns import columns_of_routes

    routes = [plans.RoutePlan(tuple(plans.Selector(*s) for s in own), plans.Pass(), "") for own in selectors]
    return columns_of_routes(routes, schema)


def _walk(value: Any) -> Iterator[Any]:
    pending = [value]
    while pending:
        item = pending.pop()
        yield item
        pending.extend(plans.children(item))
