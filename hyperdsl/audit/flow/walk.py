"""Follows what flows through the pipelines of a whole space, all branches at once.

A part that is reached with some flow gives *outcomes*: flows, each with the decisions under which it comes out, as an
expression over the rows of the space; and *troubles*: what fails in it, with its expression. Both are relative to the
part being reached, so each pair of part and flow is worked out once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, Any

from hyperdsl.audit.facts import Facts
from hyperdsl.audit.flow import steps
from hyperdsl.audit.flow.frame import UNKNOWN, Flow, Table, behind_routes, beside, of_kind, shared_by
from hyperdsl.audit.flow.results import Result, by_case, gathered, merged
from hyperdsl.audit.flow.steps import Asked, Fault
from hyperdsl.audit.lifting import Lifting, Names, default_of
from hyperdsl.audit.witness import FALSE, TRUE, choice
from hyperdsl.catalog.model import Module
from hyperdsl.catalog.needs import Behaviour, Needs, find_needs
from hyperdsl.catalog.rulebook import Rule, rules_for
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph
from hyperdsl.space.expressions import OPEN, Expression, compare
from hyperdsl.space.residual import Conditions

if TYPE_CHECKING:
    from hyperdsl.audit import Modules

MAX_ORDERS = 130  # of a permutation, or of the parts that a subset may take
MAX_FLOWS = 64  # behind one part; past it only what they share is known
MAX_PARTS = 25_000  # of the conditions of these flows


class Walk:
    """One walk over a graph; ``table`` is what is known of the data, if anything is."""

    def __init__(
        self, graph: Graph, conditions: Conditions, catalog: Modules, table: Table | None, facts: Facts | None = None
    ) -> None:
        self.graph = graph
        self.skeleton = conditions.skeleton
        self.conditions = conditions
        self.lifting = Lifting(conditions)
        self.catalog = catalog
        self.table = table
        self.scored = Asked() if table is None else Asked(table.methods, f"the metric `{table.metric}`", whole=True)
        numbers = (facts or Facts()).names
        self.facts: Names = {n: OPEN if v is None else ("c", v) for n, v in numbers.items()}
        if table is not None and table.classes == 0:
            self.facts = {**self.facts, "classes": ("c", 0)}
        self.reached: dict[int, set[Flow]] = {}  # what each step may get
        self._known: dict[tuple[int, Flow, Asked | None], Result] = {}
        self._sizes: dict[int, tuple[Expression, int]] = {}  # by identity

    def start(self) -> Result:
        """What the whole pipeline does with the table."""
        flow = Flow(replace(UNKNOWN, named=True)) if self.table is None else self.table.flow(self.table.whole)
        return self.run(self.graph.root, flow, self.scored)

    def run(self, index: int, flow: Flow, asked: Asked | None) -> Result:
        """What a part does with a flow; ``asked``: what is asked of a model where it is the end of a pipeline."""
        key = (index, flow, asked)
        if key not in self._known:
            found = self._run(index, flow, asked)
            self._known[key] = Result(self._bounded(found.outcomes), found.troubles)
        return self._known[key]

    def _run(self, index: int, flow: Flow, asked: Asked | None) -> Result:
        node = self.graph[index]
        operands = node.operands
        match node.op:
            case ops.Named() | ops.Label() | ops.Where():
                return self.run(operands[0], flow, asked)
            case ops.Choose():
                return self._choose(index, operands, flow, asked)
            case ops.Select():
                return self._select(operands, flow, asked)
            case ops.Seq() | ops.MakeList():
                return self._sequence(operands, flow, asked)
            case ops.Par():
                return self._parallel([(o, flow) for o in operands], union=True)
            case ops.Repeat():
                return self._repeat(operands, flow, asked)
            case ops.Permute() | ops.Subset():
                return self._some(index, flow, asked)
            case ops.Columns(selectors=selectors):
                return self._columns(index, selectors, operands, flow)
            case ops.Pass() | ops.Nothing():
                return Result({flow: TRUE})
            case ops.Drop():
                return Result({None: TRUE})
            case ops.Call():
                return self._call(index, flow, asked)
        items = self.skeleton.analysis.items(index)
        return self._sequence(items, flow, asked) if items else Result({Flow(UNKNOWN): TRUE})

    # --- parts that decide

    def _choose(self, index: int, operands: Sequence[int], flow: Flow, asked: Asked | None) -> Result:
        row = self.skeleton.find_row(index)
        results = [self.run(o, flow, asked) for o in operands]
        if row is None:
            return results[0]
        return by_case(results, lambda parts: choice(row, parts))

    def _select(self, operands: Sequence[int], flow: Flow, asked: Asked | None) -> Result:
        test = self.conditions.make(operands[0])
        results = [self.run(o, flow, asked) for o in operands[1:]]

        def either(parts: Sequence[Expression]) -> Expression:
            return parts[0] if parts[0] == parts[1] else ("if", test, parts[0], parts[1])

        return by_case(results, either)

    def _repeat(self, operands: Sequence[int], flow: Flow, asked: Asked | None) -> Result:
        count = self.conditions.make(operands[0])
        hull = self.skeleton.analysis.hull(operands[0])
        low, high = (0, len(operands) - 1) if hull is None else (int(hull[0]), int(hull[1]))
        steps, cases = operands[1:], []
        before = Result({flow: TRUE})  # what the steps but the last one give
        for n in range(min(high, len(steps)) + 1):
            if n >= low:
                found = self._then(before, steps[n - 1], asked) if n else before
                cases.append((found, compare("==", count, ("c", n))))
            if n:
                before = self._then(before, steps[n - 1], None)
        return merged(cases)

    def _some(self, index: int, flow: Flow, asked: Asked | None) -> Result:
        """All orders of a permutation, all parts that a subset may take."""
        op, row = self.graph[index].op, self.skeleton.find_row(index)
        is_subset = isinstance(op, ops.Subset)
        is_joined = isinstance(op, ops.Subset) and op.joined
        items = self.graph[index].operands[1 if is_subset else 0 :]
        codes = self._codes(index, len(items)) if row is not None else []
        if not codes:
            return Result({Flow(UNKNOWN): TRUE})
        cases = []
        for code in codes:
            parts = [items[i] for i in code]
            if is_joined and len(parts) > 1:
                found = self._parallel([(o, flow) for o in parts], union=True)
            else:
                found = self._sequence(parts, flow, asked)
            cases.append((found, ("of", row, (code,))))
        return merged(cases)

    def _codes(self, index: int, items: int) -> list[tuple[int, ...]]:
        node = self.graph[index]
        if isinstance(node.op, ops.Permute):
            return list(permutations(range(items))) if items <= 5 else []
        hull = self.skeleton.analysis.hull(node.operands[0])
        if 2**items > MAX_ORDERS:
            return []
        low, high = (0, items) if hull is None else (int(hull[0]), int(hull[1]))
        codes = (tuple(i for i in range(items) if mask >> i & 1) for mask in range(2**items))
        return [code for code in codes if low <= len(code) <= high]

    # --- wiring

    def _sequence(self, operands: Sequence[int], flow: Flow, asked: Asked | None) -> Result:
        result = Result({flow: TRUE})
        for position, operand in enumerate(operands):
            result = self._then(result, operand, asked if position == len(operands) - 1 else None)
        return result

    def _then(self, before: Result, operand: int, asked: Asked | None) -> Result:
        """What one more part makes of what comes out before it."""
        behind = Result(troubles=dict(before.troubles))
        for flow, condition in before.outcomes.items():
            if flow is None:
                behind.add(None, condition)  # what follows no output has no output either
                continue
            part = self.run(operand, flow, asked)
            behind.take(part, condition)
            for out, own in part.outcomes.items():
                behind.add(out, steps.both(condition, own))
        return Result(self._bounded(gathered(behind.outcomes)), behind.troubles)

    def _parallel(self, branches: Iterable[tuple[int, Flow]], union: bool) -> Result:
        result = Result()
        current: dict[Flow | None, Expression] = {None: TRUE}
        for operand, flow in branches:
            part = self.run(operand, flow, None)
            result.take(part, TRUE)
            joined = Result()
            for left, condition in current.items():
                for right, own in part.outcomes.items():
                    both = self._beside(left, right, union) if left and right else left or right
                    joined.add(both, steps.both(condition, own))
            current = self._bounded(gathered(joined.outcomes))
        result.outcomes = current
        return result

    def _beside(self, left: Flow, right: Flow, union: bool) -> Flow:
        return beside(left, right, self.lifting.sum(left.count, right.count), union=union)

    def _columns(self, index: int, selectors: Sequence[Any], operands: Sequence[int], flow: Flow) -> Result:
        if not flow.frame.named and not all(_is_positional(s) for s in selectors):
            result = Result({Flow(UNKNOWN): TRUE})
            result.trouble((index, Fault("names")), TRUE)
            return result
        branches: list[tuple[int, Flow]] = []
        if self.table is not None and flow.frame.columns == self.table.whole:
            for operand, positions in zip(operands, self.table.routes(selectors), strict=True):
                if positions:
                    branches.append((operand, self.table.flow(positions, alone=True)))
        else:
            branches = [(o, Flow(of_kind(s))) for o, s in zip(operands, selectors, strict=True)]
        found = self._parallel(branches, union=False)
        routed = Result(troubles=found.troubles)
        for out, condition in found.outcomes.items():
            routed.add(behind_routes(out) if out is not None else None, condition)
        return routed

    def _bounded(self, outcomes: dict[Flow | None, Expression]) -> dict[Flow | None, Expression]:
        """The outcomes; where they are too many or too entangled, with rough counts, or only what all of them share."""
        if self._is_small(outcomes):
            return outcomes
        for flow in sorted(filter(None, outcomes), key=lambda f: -self._size(f.count)):
            rough = replace(flow, count=self.lifting.rough(flow.count))
            outcomes = {rough if f == flow else f: condition for f, condition in outcomes.items()}
            if self._is_small(outcomes):
                return outcomes
        return {Flow(UNKNOWN) if None in outcomes else shared_by([f for f in outcomes if f is not None]): TRUE}

    def _is_small(self, outcomes: dict[Flow | None, Expression]) -> bool:
        written = [*outcomes.values(), *(f.count for f in outcomes if f is not None)]
        return len(outcomes) <= MAX_FLOWS and sum(map(self._size, written)) <= MAX_PARTS

    def _size(self, expression: Expression) -> int:
        """Parts of an expression as it is written out: what is shared is counted, and later gone through, each time."""
        sizes, pending = self._sizes, [expression]
        while pending:
            here = pending[-1]
            parts = [part for part in here if isinstance(part, tuple)]
            unknown = [part for part in parts if id(part) not in sizes]
            pending += unknown
            if not unknown:
                sizes[id(here)] = here, 1 + sum(sizes[id(part)][1] for part in parts)
                pending.pop()
        return sizes[id(expression)][1]

    # --- steps

    def _call(self, index: int, flow: Flow, asked: Asked | None) -> Result:
        self.reached.setdefault(index, set()).add(flow)
        module = self._module(index)
        needs = find_needs(module.library, module.name) if module is not None else None
        if module is None or needs is None:
            return Result({Flow(UNKNOWN): TRUE})
        result = Result()
        if flow.count != OPEN and any("features" in rule.reads for rule in self._rules(module)):
            result.trouble((index, Fault("count", count=flow.count)), TRUE)
        names = self._names(index, module, needs, flow)
        cases = [(TRUE, needs.behaviour)] if not needs.cases else steps.behaviours(needs, self.lifting, names)
        for condition, behaviour in cases:
            self._step(index, module, condition, behaviour, flow, names, asked, result)
        return result

    def _step(
        self,
        index: int,
        module: Module,
        condition: Expression,
        behaviour: Behaviour,
        flow: Flow,
        names: Names,
        asked: Asked | None,
        result: Result,
    ) -> None:
        fine = condition
        table = self.table
        smallest = None if table is None else table.smallest_class
        compared = self.lifting.compared
        for fault, own in steps.faults(
            behaviour, flow, compared, one_target=table is not None, smallest_class=smallest
        ):
            result.trouble((index, fault), steps.both(condition, steps.certain(own)))
            if own == TRUE:
                fine = FALSE
        whole = asked is not None and asked.whole
        found = [] if asked is None else list(steps.model_faults(behaviour, asked, module.tags))
        found += [] if table is None else steps.target_faults(behaviour, table, whole)
        for fault in found:
            result.trouble((index, fault), condition)
        inside = Asked(behaviour.asks_inner, f"`{module.name}`", whole and behaviour.hands == "target")
        for part in self._inner(index, module, behaviour, flow, inside):
            result.take(part, condition)
        if fine == FALSE:
            return
        for fault in steps.doubts(behaviour, flow):
            result.trouble((index, fault), condition)
        given = frozenset(self.graph[index].op.parameters)  # type: ignore[attr-defined]
        columns = flow.frame.columns
        thin = self.table is not None and columns is not None and self.table.thin(module.path, given, columns)
        count = steps.columns(behaviour, flow, self.lifting, names)
        result.add(steps.after(behaviour, flow, count, module.name, thin), fine)

    def _inner(self, index: int, module: Module, behaviour: Behaviour, flow: Flow, asked: Asked) -> Iterator[Result]:
        """What the model, or models, that a step hands its input to do with it."""
        node, needs = self.graph[index], find_needs(module.library, module.name)
        assert isinstance(node.op, ops.Call)
        if needs is None or needs.inner not in node.op.parameters:
            return
        seen = replace(flow, frame=replace(flow.frame, wide=False), count=OPEN if behaviour.narrows else flow.count)
        operand = node.operands[node.op.parameters.index(needs.inner)]
        for part in self.skeleton.analysis.items(operand) or (operand,):
            yield self.run(part, seen, asked)

    def _module(self, index: int) -> Module | None:
        op = self.graph[index].op
        found = self.catalog.find(op.path) if isinstance(op, ops.Call) else ()
        return found[0] if found else None

    def _rules(self, module: Module) -> Sequence[Rule]:
        return rules_for(module.library, module.name, self.catalog.versions.get(module.library, ""))

    def _names(self, index: int, module: Module, needs: Needs, flow: Flow) -> Names:
        """What the names stand for that the entry of a class reads: parameters, and facts of the data at this step."""
        op, operands = self.graph[index].op, self.graph[index].operands
        assert isinstance(op, ops.Call)
        given = dict(zip(op.parameters, operands, strict=True))
        names = {**self.facts, **steps.facts_of(flow)}
        for name in needs.reads:
            parameter = module.parameters.get(name)
            if parameter is not None:
                default = default_of(module, parameter)
                names[name] = self.lifting.argument(given[name], default) if name in given else default
        return names


def _is_positional(selectors: Sequence[tuple[str, Any]]) -> bool:
    return all(
        kind == "rest" or (kind == "names" and all(isinstance(n, int) for n in value)) for kind, value in selectors
    )
