"""When each decision of a space is active, as a disjunction of conjunctions of what other decisions are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from hyperdsl.frozen import frozen
from hyperdsl.ir import meaning, ops
from hyperdsl.ir.domain import Code, Domain
from hyperdsl.ir.graph import Graph
from hyperdsl.recursion import deep_recursion
from hyperdsl.space.skeleton import NONE, All, Branch, Check, Items, Number, Pick, Skeleton, Take

Term = Mapping[int, frozenset[Code]]  # what some rows must be, all of them
Terms = list[dict[int, frozenset[Code]]]  # any of them

_MOST_TERMS = 100
_MOST_OUTCOMES = 5_000
_MOST_VALUES = 1_000


@frozen
class Unsayable:
    """Why the condition has no such form, and the node of the graph that is the reason."""

    reason: str
    node: int | None = None


Condition = Terms | Unsayable
ALWAYS: Terms = [{}]


def conditions(graph: Graph) -> list[Condition]:
    """For each row of the decision table when it is active; ``[{}]`` is always, ``[]`` never."""
    with deep_recursion():
        return _Conditions(Skeleton(graph)).all()


def violations(graph: Graph) -> list[tuple[int, Condition]]:
    """For each condition that must hold, by its node, when it is false."""
    with deep_recursion():
        found = _Conditions(Skeleton(graph))
        found.all()
        return [(p.node, found.violated(i, p)) for i, p in enumerate(found.skeleton.parts) if isinstance(p, Check)]


class _Conditions:
    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self.rows = {skeleton.op(r).path: r for r in range(len(skeleton.nodes))}
        self.reach: list[Condition] = [[] for _ in skeleton.parts]
        self.active: list[Condition] = [[] for _ in skeleton.nodes]
        owners = Counter(part.row for part in skeleton.parts if isinstance(part, Pick | Number | Items))
        self.owned_once = {row for row, parts in owners.items() if parts == 1}

    def all(self) -> list[Condition]:
        skeleton = self.skeleton
        if skeleton.root != NONE:
            self.reach[skeleton.root] = ALWAYS
        for index in range(len(skeleton.parts) - 1, -1, -1):
            self._hand_on(index)
        return [c if isinstance(c, Unsayable) else self._shortest(c) for c in self.active]

    def _hand_on(self, index: int) -> None:
        """Tell the children of a part when they are reached."""
        part, here = self.skeleton.parts[index], self.reach[index]
        match part:
            case All(children=children):
                for child in children:
                    self._add(child, here)
            case Number(row=row):
                self._activate(row, here)
            case Pick(row=row, children=children):
                self._activate(row, here)
                for code, child in enumerate(children):
                    chosen: Terms = [{row: frozenset([code])}]
                    self._add(child, chosen if row in self.owned_once else _both(here, chosen))
            case Items(row=row, children=children):
                self._activate(row, here)
                op, node = self.skeleton.op(row), self.skeleton.nodes[row]
                chosen_by_items = Unsayable(f"it depends on the items of `{op.path}`", node)
                for child in children:
                    self._add(child, here if isinstance(op, ops.Permute) else chosen_by_items)
            case Branch(test=test, then=then, other=other):
                self._add(then, _both(here, self._where(test, lambda run: run.truth(test))))
                self._add(other, _both(here, self._where(test, lambda run: not run.truth(test))))
            case Take(count=count, children=children):
                for position, child in enumerate(children):
                    more = partial(_exceeds, count, position)
                    self._add(child, _both(here, self._where(count, more)))

    def _add(self, part: int, condition: Condition) -> None:
        if part != NONE:
            self.reach[part] = _either(self.reach[part], condition)

    def _activate(self, row: int, condition: Condition) -> None:
        self.active[row] = _either(self.active[row], condition)

    def violated(self, index: int, part: Check) -> Condition:
        """When a condition is reached and definitely false, whatever the decisions are that the terms do not name."""
        return _both(self.reach[index], self._where(part.node, partial(_is_false, part.node), reads_inactive=True))

    def _where(self, node: int, holds: Callable[[meaning.Evaluation], bool], reads_inactive: bool = False) -> Condition:
        """The decisions under which something holds of an expression: tried out, decision by decision."""
        found: Terms = []
        pending: list[dict[int, Code | None]] = [{}]  # None where it is not active
        tried = 0
        while pending:
            codes = pending.pop()
            tried += 1
            if tried > _MOST_OUTCOMES:
                return Unsayable("a condition on the way to it has too many cases", node)
            try:
                if holds(self._evaluation(codes)):
                    found.append({row: frozenset([code]) for row, code in codes.items() if code is not None})
            except _NeedsCode as needed:
                size = needed.domain.size
                if size is None or size > _MOST_VALUES:
                    return Unsayable("a condition on the way to it reads a range of too many values", node)
                pending += [{**codes, needed.row: needed.domain.member(rank)} for rank in range(size)]
                if reads_inactive:
                    pending.append({**codes, needed.row: None})
            except meaning.Undefined as problem:
                if isinstance(self.skeleton.graph[problem.node].op, ops.DataFact):
                    return Unsayable("a condition on the way to it reads the data", problem.node)
        return _merged(found)

    def _evaluation(self, codes: Mapping[int, Code | None]) -> meaning.Evaluation:
        def decide(op: ops.DecisionOp, domain: Domain) -> Code:
            row = self.rows[op.path]
            if row not in codes:
                raise _NeedsCode(row, domain)
            code = codes[row]
            if code is None:
                raise meaning.Inactive
            return code

        return meaning.Evaluation(self.skeleton.graph.nodes, decide, {})

    def _shortest(self, terms: Terms) -> Condition:
        """Terms without what follows from the rest of them: a decision that has a value is active."""
        shorter: Terms = []
        for term in terms:
            implied: set[int] = set()
            for row in term:
                condition = self.active[row]
                if isinstance(condition, list) and len(condition) == 1:
                    implied.update(r for r, codes in condition[0].items() if r in term and codes <= term[r])
            shorter.append({row: codes for row, codes in term.items() if row not in implied})
        return _merged(shorter)


def _exceeds(node: int, number: int, run: meaning.Evaluation) -> bool:
    return bool(run.value(node) > number)


def _is_false(node: int, run: meaning.Evaluation) -> bool:
    try:
        value = run.value(node)
    except meaning.Inactive:
        return False
    return value is not meaning.UNKNOWN and not value


class _NeedsCode(Exception):
    def __init__(self, row: int, domain: Domain) -> None:
        super().__init__(row)
        self.row = row
        self.domain = domain


def _both(left: Condition, right: Condition) -> Condition:
    if isinstance(left, Unsayable):
        return left
    if isinstance(right, Unsayable):
        return right
    found: Terms = []
    for a in left:
        for b in right:
            term = {row: a.get(row, b.get(row, frozenset())) & b.get(row, a.get(row, frozenset())) for row in {*a, *b}}
            if all(term.values()):
                found.append(term)
    return _merged(found)


def _either(left: Condition, right: Condition) -> Condition:
    if isinstance(left, Unsayable):
        return left
    if isinstance(right, Unsayable):
        return right
    return _merged([*left, *right])


def _merged(terms: Terms) -> Condition:
    """Equal terms once; terms that differ in one row only as one."""
    if {} in terms:
        return ALWAYS
    for row in sorted({row for term in terms for row in term}):
        groups: dict[Any, dict[int, frozenset[Code]]] = {}
        for term in terms:
            rest = frozenset((r, c) for r, c in term.items() if r != row) if row in term else ("without", id(term))
            known = groups.get(rest)
            groups[rest] = {**term, row: known[row] | term[row]} if known is not None else term
        terms = list(groups.values())
    distinct = list({frozenset(term.items()): term for term in terms}.values())
    return distinct if len(distinct) <= _MOST_TERMS else Unsayable("there are too many ways to reach it")


def ordered(term: Term) -> Iterable[tuple[int, list[Code]]]:
    """A term in the order of the table."""
    for row in sorted(term):
        yield row, sorted(term[row])
