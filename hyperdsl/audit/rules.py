"""The libraries' rules about parameters that do not go together, asked of every call of a space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from hyperdsl.audit.facts import Facts
from hyperdsl.audit.lifting import Lifting, can_be, default_of
from hyperdsl.audit.remedy import remedy
from hyperdsl.audit.witness import TRUE, Failure, Failures
from hyperdsl.catalog.model import Module
from hyperdsl.catalog.rulebook import FACTS, Rule, rules_for
from hyperdsl.diagnostics import Diagnostic, Reporter, rules
from hyperdsl.diagnostics.model import Label
from hyperdsl.frozen import frozen
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph
from hyperdsl.source import Span
from hyperdsl.space.expressions import OPEN, Expression

if TYPE_CHECKING:
    from hyperdsl.audit import Modules

# Models that fit the model inside to labels of their own, or to rows drawn anew.
_REGROUPING = frozenset({"OneVsRestClassifier", "OneVsOneClassifier", "OutputCodeClassifier", "BaggingClassifier"})

LocalFacts = Mapping[int, Mapping[str, Expression]]


@frozen
class _Call:
    """One call and a rule that some of its arguments take part in."""

    node: int
    module: Module
    rule: Rule
    span: Span


def audit_rules(
    graph: Graph,
    catalog: Modules,
    reporter: Reporter,
    *,
    facts: Facts | None = None,
    local: LocalFacts | None = None,
    failures: Failures | None = None,
    notes: bool = False,
) -> None:
    """Report calls that their library refuses to fit in some configuration.

    Parameters
    ----------
    facts : Facts, optional
        Of the data. ``features`` is left to ``local``: it changes from step to step.
    local : mapping, optional
        Node of a call -> name of a fact -> its value there, which may depend on decisions.
    failures : Failures, optional
        Of the same graph, where there is one already.
    notes : bool
        Whether to say what depends on data that is not known.
    """
    found = list(_calls(graph, catalog))
    if found:
        _Rules(graph, facts or Facts(), local or {}, failures or Failures(graph)).check(found, reporter, notes)


def failing_calls(
    graph: Graph, catalog: Modules, facts: Facts, local: LocalFacts, failures: Failures
) -> dict[tuple[Rule, Span], dict[int, Expression]]:
    """Where each rule by which a fit fails does so: node of a call -> the expression that is true where it fails."""
    calls = [call for call in _calls(graph, catalog) if not call.rule.ignored]
    return _Rules(graph, facts, local, failures).places(calls)


def _regrouped(graph: Graph, local: LocalFacts) -> LocalFacts:
    """Facts of calls, with those about classes unknown inside of models that fit to other labels or other rows."""
    inside: set[int] = set()
    pending = [
        operand
        for index in graph.reachable
        if isinstance(op := graph[index].op, ops.Call) and op.path.rpartition(".")[2] in _REGROUPING
        for operand in graph[index].operands
    ]
    while pending:
        index = pending.pop()
        if index not in inside:
            inside.add(index)
            pending.extend(graph[index].operands)
    unknown = dict.fromkeys(("classes", "smallest_class", "largest_class"), OPEN)
    return {**local, **{index: {**local.get(index, {}), **unknown} for index in inside}}


def _calls(graph: Graph, catalog: Modules) -> Iterator[_Call]:
    """The calls of classes that have rules, one for each rule; what a call does not write is not ignored either."""
    for index in sorted(graph.reachable):
        node = graph[index]
        if not isinstance(node.op, ops.Call) or node.span is None:
            continue
        for module in catalog.find(node.op.path)[:1]:
            version = catalog.versions.get(module.library, "")
            for rule in rules_for(module.library, module.name, version):
                if not rule.ignored or rule.ignored in node.op.parameters:
                    yield _Call(index, module, rule, node.span)


class _Rules:
    """The rules of one graph."""

    def __init__(self, graph: Graph, facts: Facts, local: LocalFacts, failures: Failures) -> None:
        self.graph = graph
        self.failures = failures
        self.local = _regrouped(graph, local)
        self.facts: dict[str, Expression] = {
            name: OPEN if value is None or name == "features" else ("c", value) for name, value in facts.names.items()
        }
        self.lifting = Lifting(failures.conditions)

    def places(self, calls: list[_Call]) -> dict[tuple[Rule, Span], dict[int, Expression]]:
        """Where each rule may apply, for all calls that were expanded from one place of the text."""
        places: dict[tuple[Rule, Span], dict[int, Expression]] = {}
        for call in calls:
            made = self.lifting.truth(call.rule.condition, self._names(call))
            if made != ("c", False):
                places.setdefault((call.rule, call.span), {})[call.node] = made
        return places

    def check(self, calls: list[_Call], reporter: Reporter, notes: bool) -> None:
        """Ask each rule once for each place of the text."""
        by_node = {(call.rule, call.node): call for call in calls}
        for (rule, span), failing in self.places(calls).items():
            certain = {node: made for node, made in failing.items() if _is_worth_asking(rule, made)}
            failure = self.failures.of(certain)
            if failure is not None:
                reporter.add(self._report(by_node[rule, failure.node], failure))
            elif notes and self._depends_on_data(call := by_node[rule, next(iter(failing))]):
                reporter.add(rules.depends_on_data(span, call.module.name, rule.says, rule.source))

    def _depends_on_data(self, call: _Call) -> bool:
        """Whether there is something to say about a rule that no known fact decides, of arguments that are written."""
        op = self.graph[call.node].op
        assert isinstance(op, ops.Call)
        is_written = not call.rule.reads.isdisjoint(op.parameters)
        return is_written and any(self.facts[name] == OPEN for name in call.rule.reads & set(FACTS))

    def _names(self, call: _Call) -> dict[str, Expression]:
        """What the names of a rule stand for in a call."""
        op = self.graph[call.node].op
        assert isinstance(op, ops.Call)
        given = dict(zip(op.parameters, self.graph[call.node].operands, strict=True))
        names: dict[str, Expression] = {}
        for name in call.rule.reads:
            parameter = call.module.parameters.get(name)
            if parameter is not None:
                default = default_of(call.module, parameter)
                names[name] = self.lifting.argument(given[name], default) if name in given else default
            elif name in FACTS:
                known = self.local.get(call.node, {}).get(name, self.facts[name])
                is_open = known == OPEN and name in ("rows", "features")
                names[name] = self.lifting.at_least(1) if is_open else known
        return names

    def _report(self, call: _Call, failure: Failure) -> Diagnostic:
        op = self.graph[call.node].op
        assert isinstance(op, ops.Call)
        rule = call.rule
        if rule.ignored:
            argument = self.graph[self.graph[call.node].operands[op.parameters.index(rule.ignored)]]
            return rules.ignored(argument.span or call.span, call.module.name, rule.ignored, rule.says, rule.source)
        given = [
            (name, span)
            for name, operand in zip(op.parameters, self.graph[call.node].operands, strict=True)
            if name in rule.reads and (span := self.graph[operand].span) is not None
        ]
        inside = [(n, s) for n, s in given if _contains(call.span, s)] or [(call.module.name, call.span)]
        labels = tuple(Label(s, f"`{n}`") for n, s in inside[1:])
        help = remedy(self.graph, self.lifting, call.node, rule.condition, self._names(call))
        place, module = inside[0][1], call.module.name
        return rules.fails(place, module, failure.where, rule.says, failure.shown, help, rule.source, labels)


def _is_worth_asking(rule: Rule, made: Expression) -> bool:
    """What is ignored under some decisions only is how most spaces are written, so it is no news."""
    return made == TRUE if rule.ignored else can_be(made, True)


def _contains(outer: Span, inner: Span) -> bool:
    return inner.source is outer.source and outer.start <= inner.start and inner.end <= outer.end
