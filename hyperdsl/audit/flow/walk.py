"""Follows what flows through the pipelines of a whole space, all branches at once.

A part that is reached with some flow gives *outcomes*: flows, each with the decisions under which it comes out, as an
expression over the rows of the space; and *troubles*: what fails in it, with its expression. Both are relative to the
part being reached, so each pair of part and flow is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import permutations
from typing import TYPE_CHECKING, Any

from hyperdsl.audit.facts import Facts
from hyperdsl.audit.flow import steps
from hyperdsl.audit.flow.frame import UNKNOWN, Flow, Table, behind_routes, beside, of_kind, shared_by
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

Trouble = tuple[int, Fault]  # the node of the step that fails, and why


@dataclass
class Result:
    """What comes out of a part; a flow of None is no output."""

    outcomes: dict[Flow | None, Expression] = field(default_factory=dict)
    troubles: dict[Trouble, Expression] = field(default_factory=dict)

    def add(self, flow: Flow | None, condition: Expression) -> None:
        if condition != FALSE:
            self.outcomes[flow] = steps.either(self.outcomes.get(flow, FALSE), condition)

    def trouble(self, trouble: Trouble, condition: Expression) -> None:
        if condition not in (FALSE, OPEN):
            self.troubles[trouble] = steps.either(self.troubles.get(trouble, FALSE), condition)

    def take(self, other: Result, condition: Expression) -> None:
        """The troubles of a part that is reached under a condition."""
        for trouble, own in other.troubles.items():
            self.trouble(trouble, steps.both(condition, own))


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
        self.scored = Asked() if table is None else Asked(table.methods, f"the metric `{table.metric}`")
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
        return _by_case(results, lambda parts: choice(row, parts))

    def _select(self, operands: Sequence[int], flow: Flow, asked: Asked | None) -> Result:
        test = self.conditions.make(operands[0])
        results = [self.run(o, flow, asked) for o in operands[1:]]

        def either(parts: Sequence[Expression]) -> Expression:
            return parts[0] if parts[0] == parts[1] else ("if", test, parts[0], parts[1])

        return _by_case(results, either)

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
        return _merged(cases)

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
        return _merged(cases)

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
        return Result(self._bounded(_gathered(behind.outcomes)), behind.troubles)

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
            current = self._bounded(_gathered(joined.outcomes))
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
        found = [] if asked is None else list(steps.model_faults(behaviour, asked, module.tags))
        found += [] if table is None else steps.target_faults(behaviour, table, asked == self.scored)
        for fault in found:
            result.trouble((index, fault), condition)
        self._inner(index, module, condition, behaviour, flow, result)
        if fine == FALSE:
            return
        given = frozenset(self.graph[index].op.parameters)  # type: ignore[attr-defined]
        columns = flow.frame.columns
        thin = self.table is not None and columns is not None and self.table.thin(module.path, given, columns)
        count = steps.columns(behaviour, flow, self.lifting, names)
        result.add(steps.after(behaviour, flow, count, module.name, thin), fine)

    def _inner(
        self, index: int, module: Module, condition: Expression, behaviour: Behaviour, flow: Flow, result: Result
    ) -> None:
        """The model, or models, that a step hands its input to."""
        node, needs = self.graph[index], find_needs(module.library, module.name)
        assert isinstance(node.op, ops.Call)
        if needs is None or needs.inner not in node.op.parameters:
            return
        seen = replace(flow, frame=replace(flow.frame, wide=False), count=OPEN if behaviour.narrows else flow.count)
        asked = Asked(behaviour.asks_inner, f"`{module.name}`")
        operand = node.operands[node.op.parameters.index(needs.inner)]
        for part in self.skeleton.analysis.items(operand) or (operand,):
            result.take(self.run(part, seen, asked), condition)

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


def _by_case(results: Sequence[Result], decide: Callable[[Sequence[Expression]], Expression]) -> Result:
    """The results of alternatives of which one is taken."""
    merged = Result()
    for flow in dict.fromkeys(f for r in results for f in r.outcomes):
        merged.outcomes[flow] = decide([r.outcomes.get(flow, FALSE) for r in results])
    for trouble in dict.fromkeys(t for r in results for t in r.troubles):
        merged.troubles[trouble] = decide([r.troubles.get(trouble, FALSE) for r in results])
    merged.outcomes = _gathered(merged.outcomes)
    return merged


def _merged(cases: Sequence[tuple[Result, Expression]]) -> Result:
    """The results of cases, each with its condition."""
    merged = Result()
    for found, condition in cases:
        merged.take(found, condition)
        for flow, own in found.outcomes.items():
            merged.add(flow, steps.both(condition, own))
    merged.outcomes = _gathered(merged.outcomes)
    return merged


def _gathered(outcomes: dict[Flow | None, Expression]) -> dict[Flow | None, Expression]:
    """Flows of one frame as one: their numbers of columns by condition, their origins together."""
    frames: dict[Any, list[tuple[Flow | None, Expression]]] = {}
    for flow, condition in outcomes.items():
        frames.setdefault(flow and flow.frame, []).append((flow, condition))
    gathered: dict[Flow | None, Expression] = {}
    for entries in frames.values():
        first, condition = entries[0]
        if first is None or len(entries) == 1:
            gathered[first] = condition
            continue
        flows = [f for f, _ in entries if f is not None]
        count = flows[-1].count
        for flow, (_, own) in zip(flows[-2::-1], entries[-2::-1], strict=True):
            count = count if flow.count == count else ("if", own, flow.count, count)
        if OPEN in (f.count for f in flows) and all(f.count == OPEN for f in flows):
            count = OPEN
        origins = frozenset().union(*(f.origins for f in flows))
        gathered[Flow(first.frame, count, origins)] = reduce(steps.either, [c for _, c in entries])
    return gathered
