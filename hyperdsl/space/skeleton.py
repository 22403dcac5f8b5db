"""The skeleton of a space: what of the graph decides something, as flat tuples.

Each part is reached from its parents; reaching it means:

=========  ====================================================================
``All``    reach every child, in order
``Pick``   decide a choice, reach the child of the alternative
``Number`` decide a number, subset or permutation; its ends are known by then
``Branch`` reach one of two children by a condition
``Take``   reach the first ``count`` children
``Items``  decide a subset or permutation, reach the chosen children
``Check``  hold to a condition, which must not be false once everything is decided
=========  ====================================================================

Children come before their parents in the list, so a loop from the end sees parents first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Union

from hyperdsl.diagnostics import HypError, facts
from hyperdsl.ir import meaning, ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.domain import Code, Domain, Gaussian, Integers, Permutations, choices
from hyperdsl.ir.facts import fact_below, has_facts
from hyperdsl.ir.graph import Graph
from hyperdsl.recursion import deep_recursion
from hyperdsl.space.certain import without_certain
from hyperdsl.space.parts import NONE, All, Branch, Check, Items, Number, Part, Pick, Take


class Undecided(Exception):
    """An expression reads a decision that has no code yet."""


Codes = Sequence["Code | None"]
# What an expression is worked out from: the codes of at least the rows that it reads.
Read = Union[Codes, Mapping[int, "Code | None"]]  # noqa: UP007
Mode = Union[str, tuple[str, str]]  # noqa: UP007


class Skeleton:
    """Built once from a graph.

    Attributes
    ----------
    parts : list of Part
    root : int
        The part to begin with; ``NONE`` where nothing is decided.
    nodes : list of int
        The graph's node of each row, in the order in which rows are first reached.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.analysis = Analysis(graph.nodes)
        self.parts: list[Part] = []
        self.nodes: list[int] = []
        self._rows: dict[int, int] = {}
        self._memo: dict[tuple[int, Mode], int] = {}
        self._reads: dict[int, tuple[int, ...]] = {}
        self._last: tuple[dict[int, Code], meaning.Evaluation] | None = None
        with deep_recursion():
            self._order(graph.root, set())
            self.root = self._part(graph.root, "value")
            self.parts, self.root = without_certain(self.parts, self.root)
        self._domains = [self._constant_domain(r) for r in range(len(self.nodes))]

    # --- rows

    def _order(self, index: int, seen: set[int]) -> None:
        """Number the decisions in reading order: what a domain depends on, the decision, what it decides about."""
        if index in seen:
            return
        seen.add(index)
        node = self.graph[index]
        before = node.operands
        after: tuple[int, ...] = ()
        if isinstance(node.op, ops.Choose | ops.Permute):
            before, after = (), node.operands
        elif isinstance(node.op, ops.Subset):
            before, after = node.operands[:1], node.operands[1:]
        elif isinstance(node.op, ops.Where):
            before = node.operands[:1]  # being read by a condition makes no decision
        for operand in before:
            self._order(operand, seen)
        if isinstance(node.op, ops.DecisionOp):
            self._rows[index] = len(self.nodes)
            self.nodes.append(index)
        for operand in after:
            self._order(operand, seen)

    def op(self, row: int) -> ops.DecisionOp:
        op = self.graph[self.nodes[row]].op
        assert isinstance(op, ops.DecisionOp)
        return op

    def row(self, node: int) -> int:
        """The row of a decision of the graph."""
        return self._rows[node]

    def find_row(self, node: int) -> int | None:
        """The row of a decision of the graph; None where only conditions read it, so that it is never active."""
        return self._rows.get(node)

    def row_of(self, path: str) -> int | None:
        """The row of the decision of this path; None where it is never active."""
        return self._by_path.get(path)

    @cached_property
    def _by_path(self) -> dict[str, int]:
        return {self.op(row).path: row for row in range(len(self.nodes))}

    def reads(self, index: int) -> tuple[int, ...]:
        """The rows whose values an expression of the graph may need; a number needs its own, not those of its ends."""
        if index not in self._reads:
            node = self.graph[index]
            found = {self._rows[index]} if index in self._rows else set()
            if isinstance(node.op, ops.Case) and (row := self.row_of(node.op.path)) is not None:
                found.add(row)
            if not found or not isinstance(node.op, ops.Integer | ops.Real | ops.Normal):
                for operand in node.operands:
                    found.update(self.reads(operand))
            self._reads[index] = tuple(sorted(found))
        return self._reads[index]

    # --- parts

    def _add(self, part: Part) -> int:
        self.parts.append(part)
        return len(self.parts) - 1

    def _all(self, children: Sequence[int]) -> int:
        """Children in order, each once; one child is itself."""
        kept = tuple(dict.fromkeys(c for c in children if c != NONE))
        if not kept:
            return NONE
        return kept[0] if len(kept) == 1 else self._add(All(kept))

    def _part(self, index: int, mode: Mode) -> int:
        """The part of a node that is reached for its value, its class (``head``) or one argument."""
        key = (index, mode)
        if key not in self._memo:
            self._memo[key] = self._make(index, mode)
        return self._memo[key]

    def _make(self, index: int, mode: Mode) -> int:
        node = self.graph[index]
        operands = node.operands
        match node.op:
            case ops.Choose():
                return self._add(Pick(self._rows[index], tuple(self._part(o, mode) for o in operands)))
            case ops.Select():
                test = self._part(operands[0], "value")
                then, other = self._part(operands[1], mode), self._part(operands[2], mode)
                branch = NONE
                if then != NONE or other != NONE:
                    branch = self._add(Branch(operands[0], then, other, self.reads(operands[0])))
                return self._all((test, branch))
            case ops.Named() | ops.Label():
                return self._part(operands[0], mode)
            case ops.Where():
                checks = [self._add(Check(o, self.reads(o))) for o in operands[1:]]
                return self._all((self._part(operands[0], mode), *checks))
        if mode != "value":
            return self._head(index, mode)
        match node.op:
            case ops.Integer() | ops.Real() | ops.Normal():
                ends = [self._part(o, "value") for o in operands]
                reads = tuple(sorted({*self.reads(operands[0]), *self.reads(operands[1])}))
                return self._all((*ends, self._add(Number(self._rows[index], reads))))
            case ops.Subset():
                count = self._part(operands[0], "value")
                children = tuple(self._part(o, "value") for o in operands[1:])
                return self._all((count, self._add(Items(self._rows[index], children, self.reads(operands[0])))))
            case ops.Permute():
                children = tuple(self._part(o, "value") for o in operands)
                return self._add(Items(self._rows[index], children, ()))
            case ops.Repeat():
                count = self._part(operands[0], "value")
                children = tuple(self._part(o, "value") for o in operands[1:])
                if all(c == NONE for c in children):
                    return count
                return self._all((count, self._add(Take(operands[0], children, self.reads(operands[0])))))
            case ops.IsModule():
                return self._part(operands[0], "head")
            case ops.Argument(parameter=parameter):
                return self._part(operands[0], ("argument", parameter))
        return self._all([self._part(o, "value") for o in operands])

    def _head(self, index: int, mode: Mode) -> int:
        """A part that is read for its class or one argument only."""
        node = self.graph[index]
        if isinstance(node.op, ops.Seq):
            return self._part(node.operands[-1], mode)
        if isinstance(mode, str):
            return NONE
        names = node.op.parameters if isinstance(node.op, ops.Call) else ()
        if isinstance(node.op, ops.MakeDict):
            names = tuple(str(k) for k in node.op.keys)
        return self._part(node.operands[names.index(mode[1])], "value") if mode[1] in names else NONE

    # --- facts of the data

    @cached_property
    def open_fact(self) -> int | None:
        """The first node ``data.…`` that a decision, a branch or a condition depends on; None where there is none."""
        if not has_facts(self.graph):
            return None
        found = (fact_below(self.analysis, node) for part in self.parts for node in self._decisive(part))
        return min((node for node in found if node is not None), default=None)

    def _decisive(self, part: Part) -> tuple[int, ...]:
        """The expressions that say what a part leads to."""
        match part:
            case Number(row=row) | Items(row=row):
                operands = self.graph[self.nodes[row]].operands
                return operands[:1] if isinstance(self.op(row), ops.Subset) else operands
            case Branch(test=test):
                return (test,)
            case Take(count=count):
                return (count,)
            case Check(node=node):
                return (node,)
        return ()

    def require_facts(self) -> None:
        """Raise where it takes data to say what is decided."""
        if self.open_fact is not None:
            node = self.graph[self.open_fact]
            assert isinstance(node.op, ops.DataFact) and node.span is not None
            raise HypError([facts.needs_data(node.span, f"data.{node.op.fact}")])

    # --- domains and expressions

    def _constant_domain(self, row: int) -> Domain | None:
        """The domain of a row that no other decision changes."""
        op, node = self.op(row), self.nodes[row]
        operands = self.graph[node].operands
        if isinstance(op, ops.Choose):
            return choices(op.weights)
        if isinstance(op, ops.Permute):
            return Permutations(len(operands))
        needed = operands[:1] if isinstance(op, ops.Subset) else operands
        if not all(self.analysis.is_constant(o) for o in needed):
            return None
        return self._make_domain(row, [self.analysis.constant(o) for o in needed])

    def _make_domain(self, row: int, values: Sequence[Any]) -> Domain:
        op, node = self.op(row), self.nodes[row]
        match op:
            case ops.Integer():
                return meaning.integer_domain(op, values[0], values[1], node)
            case ops.Real():
                return meaning.real_domain(op, values[0], values[1], node)
            case ops.Normal():
                return Gaussian(float(values[0]), float(values[1]), op.log)
            case ops.Subset(labels=labels):
                return meaning.subset_domain(values[0], len(labels), node)
        raise AssertionError(op)

    def constant_domain(self, row: int) -> Domain | None:
        return self._domains[row]

    def domain(self, row: int, codes: Read) -> Domain:
        """The domain of a row, given the codes of the rows it depends on."""
        constant = self._domains[row]
        if constant is not None:
            return constant
        operands = self.graph[self.nodes[row]].operands
        needed = operands[:1] if isinstance(self.op(row), ops.Subset) else operands
        return self._make_domain(row, [self.value(o, codes) for o in needed])

    def value(self, index: int, codes: Read) -> Any:
        """The value of an expression of the graph under codes."""
        node = self.graph[index]
        match node.op:
            case ops.Const(value=value):
                return value
            case ops.Integer():
                code = codes[self._rows[index]]
                if code is None:
                    raise Undecided
                return code
            case ops.Named():
                return self.value(node.operands[0], codes)
            case ops.Arithmetic(operator=operator):
                left, right = (self.value(o, codes) for o in node.operands)
                if type(left) in (int, float) and type(right) in (int, float):
                    return meaning.arithmetic(operator, left, right, index)
        with self._without_data():
            return self._evaluation(index, codes).value(index)

    def truth(self, index: int, codes: Read) -> bool:
        with self._without_data():
            return self._evaluation(index, codes).truth(index)

    def evaluation(self, codes: Mapping[int, Code], decide: meaning.Decide) -> meaning.Evaluation:
        """An evaluation in which numbers that have a code have that value, whatever their ends are."""
        evaluation = meaning.Evaluation(self.graph.nodes, decide, {})
        evaluation.assignment.update((self.op(row).path, code) for row, code in codes.items())
        for row, code in codes.items():
            if isinstance(self.op(row), ops.Integer | ops.Real | ops.Normal):
                evaluation.know(self.nodes[row], code)
        return evaluation

    def _evaluation(self, index: int, codes: Read) -> meaning.Evaluation:
        """An evaluation for one expression, by the codes of what it reads; the last one serves equal codes again."""
        known = {r: c for r in self.reads(index) if (c := codes[r]) is not None}
        if self._last is None or self._last[0] != known:
            self._last = known, self.evaluation(known, self._replay(known))
        return self._last[1]

    @contextmanager
    def _without_data(self) -> Iterator[None]:
        """Say it where a domain or a condition needs a fact about data: a space is asked before data is seen."""
        try:
            yield
        except meaning.Undefined as problem:
            node = self.graph[problem.node]
            if not isinstance(node.op, ops.DataFact) or node.span is None:
                raise
            raise HypError([facts.needs_data(node.span, f"data.{node.op.fact}")]) from None

    def _replay(self, codes: Mapping[int, Code]) -> meaning.Decide:
        by_path = {self.op(r).path: c for r, c in codes.items()}

        def decide(op: ops.DecisionOp, domain: Domain) -> Code:
            if op.path not in by_path:
                raise Undecided
            return by_path[op.path]

        return decide

    def reach(self, codes: list[Code | None], decide: Callable[[int, Domain], Code]) -> None:
        """Walk from the root and decide what is reached, into ``codes``."""
        if self.root == NONE:
            return
        parts, domains = self.parts, self._domains
        seen: set[int] = set()
        pending = [self.root]
        while pending:
            index = pending.pop()
            if index == NONE or index in seen:
                continue
            seen.add(index)
            part = parts[index]
            kind = type(part)
            if kind is All:
                pending.extend(part.children[::-1])  # type: ignore[union-attr]
                continue
            if kind is Check:
                continue
            if kind is Branch:
                assert isinstance(part, Branch)
                pending.append(part.then if self.truth(part.test, codes) else part.other)
                continue
            if kind is Take:
                assert isinstance(part, Take)
                pending.extend(part.children[: self.value(part.count, codes)][::-1])
                continue
            row = part.row  # type: ignore[union-attr]
            code = codes[row]
            if code is None:
                code = codes[row] = decide(row, domains[row] or self.domain(row, codes))
            if kind is Pick:
                pending.append(part.children[code])  # type: ignore[union-attr,index]
            elif kind is Items:
                pending.extend(part.children[i] for i in reversed(code))  # type: ignore[union-attr,arg-type]

    @cached_property
    def is_constrained(self) -> bool:
        """Whether any condition must hold."""
        return any(isinstance(part, Check) for part in self.parts)

    def is_continuous(self, row: int) -> bool:
        """Whether a row has infinitely many values; in a count it is one point."""
        op = self.op(row)
        return isinstance(op, ops.Normal) or (isinstance(op, ops.Real) and op.step is None)

    def table_size(self, row: int) -> int | None:
        """The number of values of the hull of a row's domain."""
        domain = self._domains[row]
        return domain.size if domain is not None else None


__all__ = ["NONE", "All", "Branch", "Check", "Codes", "Integers", "Items", "Number", "Part", "Pick", "Skeleton", "Take"]
