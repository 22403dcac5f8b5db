"""``Space``: everything that can be asked of a decision space, without data and without a target library."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeAlias

from hyperdsl.diagnostics import HypError, configurations
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.ir import canonical, meaning
from hyperdsl.ir.domain import Code, Domain
from hyperdsl.ir.graph import Graph
from hyperdsl.recursion import deep_recursion
from hyperdsl.source import Span
from hyperdsl.space import counting, estimate, sampling
from hyperdsl.space.conditioned import Conditioned, Item
from hyperdsl.space.decisions import table_of
from hyperdsl.space.keys import Keys
from hyperdsl.space.loose import loose_domains
from hyperdsl.space.shared import counter_of, default_code
from hyperdsl.space.skeleton import Check, Skeleton
from hyperdsl.space.steps import Inexact
from hyperdsl.space.table import Configuration, Count, Decision, describe

if TYPE_CHECKING:
    from hyperdsl.space.sampling import Columns

Choose: TypeAlias = Callable[[Decision, Domain], Code]
MAX_REDRAWS = 10_000
# In all decisions together: a space of thousands of them is not drawn ten thousand times.
MAX_REDRAWN = 250_000
_REMEMBERED = 1024  # keys that are remembered: a searcher, a search and a study ask for the same ones
_BATCH = 256  # from here on columns are faster than one by one


class Space:
    """A decision space: its table, and configurations of it.

    Parameters
    ----------
    graph : Graph
        As lowered: the table does not depend on optimization.
    program : Graph, optional
        What the programs are built from, where it is not the same as what the graph says: keys are made from it.
    """

    def __init__(self, graph: Graph, program: Graph | None = None) -> None:
        self.graph = graph
        self.program = program
        self.name = graph.name
        self._table = counter_of(graph).skeleton
        self.decisions: tuple[Decision, ...] = table_of(self._table)
        self._by_path = {d.path: d for d in self.decisions}
        self._remembered: dict[tuple[Code | None, ...], str] = {}
        self._columnar = not self._table.is_constrained

    def __reduce__(self) -> tuple[type[Space], tuple[Graph, Graph | None]]:
        return Space, (self.graph, self.program)

    def __repr__(self) -> str:
        return f"<Space {self.name}: {len(self.decisions)} decisions>"

    def __getitem__(self, path: str) -> Decision:
        return self._by_path[path]

    @property
    def _skeleton(self) -> Skeleton:
        """What is decided, once that does not depend on data any more."""
        self._table.require_facts()
        return self._table

    @property
    def depends_on_data(self) -> bool:
        """Whether it takes the facts of a table to say what is decided; see :meth:`require_facts`."""
        return self._table.open_fact is not None

    def require_facts(self) -> None:
        """Make sure that the space is known: raise where a decision or a condition depends on ``data.…``."""
        self._table.require_facts()

    @property
    def is_constrained(self) -> bool:
        """Whether conditions must hold."""
        return self._table.is_constrained

    @cached_property
    def loose(self) -> dict[int, Domain]:
        """The rows where another code of the domain changes nothing but that code, with their domains."""
        return loose_domains(self._table)

    @cached_property
    def _conditions_read(self) -> frozenset[int]:
        """The rows that conditions read."""
        checks = (p for p in self._skeleton.parts if isinstance(p, Check))
        return frozenset(row for check in checks for row in check.reads)

    # --- configurations

    def decide(self, choose: Choose) -> Configuration:
        """The configuration that ``choose(decision, domain)`` leads to; it is asked for each active decision.

        Under conditions a domain holds only what they leave. A condition on continuous ranges may still be violated by
        the result: :meth:`violated` says so.
        """
        decisions = self.decisions
        if self._conditioned is not None:
            with deep_recursion():
                chosen = self._conditioned.walk(lambda row, domain: choose(decisions[row], domain))
            return Configuration(decisions, tuple(chosen))
        return self._freely(choose)

    def _freely(self, choose: Choose) -> Configuration:
        """The configuration that ``choose`` leads to when conditions are left aside."""
        codes: list[Code | None] = [None] * len(self.decisions)
        self._skeleton.reach(codes, lambda row, domain: choose(self.decisions[row], domain))
        return Configuration(self.decisions, tuple(codes))

    def violated(self, configuration: Configuration) -> tuple[int, ...]:
        """The conditions that a configuration violates, as nodes of the graph."""
        if not self._skeleton.is_constrained:
            return ()
        return meaning.evaluate(self.graph, meaning.replay(configuration.assignment()), self.symbolic_facts).violated

    def draw(self, units: Sequence[float]) -> Configuration:
        """The configuration of one row of uniform numbers in [0, 1), one per decision; see :meth:`violated`."""
        if self._conditioned is not None:
            with deep_recursion():
                return Configuration(self.decisions, tuple(self._conditioned.draw(units)))
        codes: list[Code | None] = [None] * len(self.decisions)
        self._skeleton.reach(codes, lambda row, domain: domain.from_unit(units[row]))
        return Configuration(self.decisions, tuple(codes))

    def sample(self, n: int = 1, seed: int = 0, *, uniform: bool = False) -> list[Configuration]:
        """``n`` configurations from the prior, given that the conditions hold.

        Configuration ``i`` depends on ``seed`` and ``i`` only, so a longer batch begins with the shorter one.

        Parameters
        ----------
        uniform : bool
            Every discrete configuration is equally likely instead, however the text weighs and nests its choices; of
            continuous ranges the prior stays. Needs a space that can be counted exactly.

        Raises
        ------
        HypError
            Where conditions on continuous ranges are hardly ever met, or a count for ``uniform`` is not exact.
        """
        if uniform:
            return [self._uniform(seed, i) for i in range(n)]
        units = sampling.units(seed, n, len(self.decisions))
        if n >= _BATCH and self._columnar:
            try:
                columns = sampling.draw(self._skeleton, self.decisions, units)
            except sampling.NotColumnar:
                self._columnar = False
            else:
                return columns.configurations([self._skeleton.constant_domain(d.index) for d in self.decisions])
        drawn = (self.draw(row) for row in units.tolist())
        return [self._redraw(seed, i, c) for i, c in enumerate(drawn)] if self._may_violate else list(drawn)

    def _uniform(self, seed: int, number: int) -> Configuration:
        """Any of the discrete configurations with equal probability; their continuous ranges from the prior."""
        with _exactly():
            total = self._counter.count()
        if total == 0:
            raise HypError([configurations.no_configuration(self.graph[self.graph.root].span)])
        rank = sampling.below(total, seed, number)
        units = sampling.substream(seed, number, 0, len(self.decisions))
        for attempt in range(1, self._most_redraws + 1):
            codes = self._counter.unrank(rank, lambda row, domain, units=units: domain.from_unit(units[row]))  # type: ignore[misc]
            configuration = Configuration(self.decisions, tuple(codes))
            if not self._may_violate or not (violated := self.violated(configuration)):
                return configuration
            units = sampling.substream(seed, number, attempt, len(self.decisions))
        raise HypError([configurations.conditions_too_strict(self._condition_span(violated[0]), self._most_redraws)])

    @property
    def _most_redraws(self) -> int:
        return max(100, min(MAX_REDRAWS, MAX_REDRAWN // max(len(self.decisions), 1)))

    @cached_property
    def _may_violate(self) -> bool:
        """Whether a draw can violate a condition: one on continuous ranges, or any that is not counted exactly."""
        if not self._skeleton.is_constrained:
            return False
        return self._conditioned is None or any(self._skeleton.is_continuous(r) for r in self._conditions_read)

    def _redraw(self, seed: int, number: int, configuration: Configuration) -> Configuration:
        """A configuration without violations, drawn anew from substream ``(seed, number, attempt)`` until it is."""
        attempt = 0
        most = self._most_redraws
        while violated := self.violated(configuration):
            if attempt == most:
                raise HypError([configurations.conditions_too_strict(self._condition_span(violated[0]), attempt)])
            attempt += 1
            configuration = self.draw(sampling.substream(seed, number, attempt, len(self.decisions)))
        return configuration

    def share_drawn_anew(self, draws: int = 500) -> float:
        """About how many draws in one violate a condition, so that :meth:`sample` draws them anew."""
        if not self._may_violate:
            return 0.0
        rows = sampling.units(0, draws, len(self.decisions)).tolist()
        return sum(bool(self.violated(self.draw(row))) for row in rows) / draws

    @property
    def first_condition(self) -> int | None:
        """The node of the first condition; None where the space has none."""
        return next((p.node for p in self._skeleton.parts if isinstance(p, Check)), None)

    def _condition_span(self, node: int) -> Span | None:
        return self.graph[node].span

    @cached_property
    def _conditioned(self) -> Conditioned | None:
        """The walk under conditions; None where there are none, or where they are beyond exact counting."""
        if not self._skeleton.is_constrained:
            return None
        try:
            possible = self._counter.count()
            conditioned = Conditioned(self._counter)
            with deep_recursion():
                conditioned.mass(self._counter.start)
        except Inexact:
            return None
        if possible == 0:
            raise HypError([configurations.no_configuration(self.graph[self.graph.root].span)])
        return conditioned

    def listing(self, most: int) -> list[Item] | None:
        """The decisions that conditions change as a decision diagram, see :meth:`Conditioned.listing`.

        None where there are no conditions, or where the diagram has more items than ``most``.
        """
        if self._conditioned is None:
            return None
        with deep_recursion():
            return self._conditioned.listing(most)

    def sample_columns(self, n: int, seed: int = 0) -> Columns:
        """The same ``n`` configurations as :meth:`sample`, as one array per decision.

        Raises
        ------
        hyperdsl.space.sampling.NotColumnar
            Where a range depends on other decisions in a way that has no columnar form.
        """
        return sampling.draw(self._skeleton, self.decisions, sampling.units(seed, n, len(self.decisions)))

    def default(self, given: Mapping[int, Code] | None = None) -> Configuration:
        """Ranges at their default or (log) middle, the heaviest alternatives, everything optional present.

        Decisions that are ``given``, by index, have these codes where their domains allow it.
        """

        def choose(decision: Decision, domain: Domain) -> Code:
            code = (given or {}).get(decision.index)
            allowed = code is not None and domain.contains(code)
            return code if allowed else default_code(self._skeleton, decision.index, domain)  # type: ignore[return-value]

        configuration = self.decide(choose)
        return self._redraw(0, 0, configuration) if self.violated(configuration) else configuration

    def configuration(self, values: Mapping[str, Any]) -> Configuration:
        """The configuration of ``{path: value}``, the JSON form.

        Raises
        ------
        HypError
            When it is not a point of this space, with everything that is wrong with it.
        """
        problems = []
        codes: dict[str, Code] = {}
        for path, value in values.items():
            decision = self._by_path.get(path)
            if decision is None:
                problems.append(configurations.unknown_path(path, did_you_mean(path, list(self._by_path))))
                continue
            code = decision.from_json(value)
            if code is None:
                problems.append(configurations.bad_value(path, value, describe(decision)))
            else:
                codes[path] = code
        if problems:
            raise HypError(problems)

        def choose(decision: Decision, domain: Domain) -> Code:
            code = codes.pop(decision.path, None)
            if code is None:
                raise HypError([configurations.missing_path(decision.path, describe(decision))])
            if not domain.contains(code):
                shown = decision.to_json(code)
                raise HypError([configurations.bad_value(decision.path, shown, describe(decision, domain))])
            return code

        result = self._freely(choose)
        if codes:
            raise HypError([configurations.inactive_path(path) for path in codes])
        if violated := self.violated(result):
            raise HypError([configurations.condition_violated(self._condition_span(node)) for node in violated])
        return result

    # --- programs

    def plan(self, configuration: Configuration, facts: Mapping[str, int | str] | None = None) -> Any:
        """The concrete program of a configuration (``hyperdsl.ir.plan``)."""
        return meaning.evaluate(self.graph, meaning.replay(configuration.assignment()), facts).value

    def key(self, configuration: Configuration) -> str:
        """The canonical key: equal for configurations that give the same program; the last ones are remembered."""
        codes = configuration.codes
        key = self._remembered.get(codes)
        if key is None:
            try:
                key = self._keys.key(codes, partial(self._built, configuration))
            except meaning.Undefined:  # it has a value only with the facts of the data: its decisions stand for it
                key = canonical.key(tuple(sorted(configuration.assignment().items())))
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[codes] = key
        return key

    @cached_property
    def _keys(self) -> Keys:
        graphs = [self.graph] if self.program is None else [self.program, self.graph]
        return Keys([d.path for d in self.decisions], graphs)

    def _built(self, configuration: Configuration, known: Mapping[str, Any]) -> Any:
        """The program that is built, with some decisions' values given."""
        graph = self.graph if self.program is None or self.violated(configuration) else self.program
        decide = meaning.replay(configuration.assignment())
        return meaning.evaluate(graph, decide, self.symbolic_facts, known).value

    @cached_property
    def symbolic_facts(self) -> Mapping[str, int | str]:
        """Stand-ins for facts about data: a study has one data set, so they are the same in every key."""
        return {"classes": -1, "features": -1, "rows": -1, "task": ""}

    # --- counting

    @cached_property
    def _counter(self) -> counting.Counter:
        self.require_facts()
        return counter_of(self.graph)

    def count(self) -> Count:
        """How many configurations there are: exact within the budget, past it proven bounds and an estimate."""
        continuous = sum(self._skeleton.is_continuous(d.index) for d in self.decisions)
        try:
            return Count(True, self._counter.count(), continuous)
        except Inexact as beyond:
            return estimate.about(self._counter, self._holds, continuous, beyond.reason)

    def _holds(self, codes: list[Code | None]) -> bool:
        return not self.violated(Configuration(self.decisions, tuple(codes)))

    def enumerate(self) -> Iterator[Configuration]:
        """Every configuration once, in the order of :meth:`rank`; continuous ranges at their default.

        Raises
        ------
        HypError
            Where the space cannot be counted exactly.
        """
        with _exactly():
            total = self._counter.count()
        return (self.unrank(rank) for rank in range(total))

    def rank(self, configuration: Configuration) -> int:
        """The position of a configuration among all, from 0."""
        with _exactly():
            return self._counter.rank(configuration.codes)

    def unrank(self, rank: int) -> Configuration:
        """The configuration at a position, from 0; continuous ranges at their default.

        Raises
        ------
        IndexError
            When there is no such position.
        """
        with _exactly():
            total = self._counter.count()
            if not 0 <= rank < total:
                raise IndexError(f"rank {rank} is not in 0..{total - 1}")
            return Configuration(self.decisions, tuple(self._counter.unrank(rank)))


@contextmanager
def _exactly() -> Iterator[None]:
    """Turn a count that is not exact into a diagnostic."""
    try:
        yield
    except Inexact as beyond:
        raise HypError([configurations.not_countable(beyond.reason)]) from None
