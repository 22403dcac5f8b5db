"""Exact counting, ranking, unranking and enumeration over the skeleton.

A state is a set of parts still to be reached, the codes that they may read, and what is left of the conditions that
must hold. Parts that share no decision and no condition are counted apart and multiplied; a choice adds the counts of
its alternatives; a number that nothing reads is one factor. States are remembered, so a space without shared decisions
costs one step per part, and a condition on a sum one step per value of the sum. A continuous range counts as one point
and stands at its default in an enumeration; a condition on it counts as met unless its bounds prove that it cannot be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from hyperdsl.ir.domain import Code, Domain
from hyperdsl.recursion import deep_recursion
from hyperdsl.space.residual import FREE, INACTIVE, Conditions, Expression
from hyperdsl.space.skeleton import NONE, All, Branch, Check, Items, Number, Pick, Skeleton, Take, Undecided

State = tuple[frozenset[int], tuple[tuple[int, Code], ...], frozenset[Expression]]
MAX_STATES = 200_000
MAX_VALUES = 100_000


class Inexact(Exception):
    """The count is not exact within the budget; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Product:
    """Independent states."""

    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """A decision whose value matters later: one state per code."""

    row: int
    domain: Domain
    codes: tuple[Code, ...]
    states: tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A decision whose value matters to nothing else."""

    row: int
    domain: Domain
    state: State


Step = Product | Sum | Block
DEAD: State = (frozenset(), (), frozenset({("c", False)}))  # a condition cannot be met any more


class Counter:
    """Counts the configurations of a skeleton; keeps what it has worked out."""

    def __init__(
        self,
        skeleton: Skeleton,
        default: Callable[[int, Domain], Code],
        ignored: frozenset[int] = frozenset(),
        extra: frozenset[Expression] = frozenset(),
    ) -> None:
        self.skeleton = skeleton
        self.ignored = ignored  # conditions, by their nodes, that need not hold
        self.extra = extra  # conditions beside the program's that must hold as well
        self.default = default
        self.conditions = Conditions(skeleton)
        self._below = self._rows_below()
        self._decides = self._rows_decided()
        self._tracked = self._tracked_rows()
        self._counts: dict[State, int] = {}
        self._steps: dict[State, Step | None] = {}

    @cached_property
    def start(self) -> State:
        """Everything still to be reached, every condition open."""
        return self._state([self.skeleton.root], {}, self.extra)

    # --- what a part may decide and read

    def _rows_below(self) -> list[frozenset[int]]:
        """For each part the rows that it or its children decide or read."""
        below: list[frozenset[int]] = []
        for part in self.skeleton.parts:
            rows: set[int] = set(getattr(part, "reads", ()))
            if isinstance(part, (Pick, Number, Items)):
                rows.add(part.row)
            for child in _children(part):
                rows |= below[child]
            below.append(frozenset(rows))
        return below

    def _rows_decided(self) -> list[frozenset[int]]:
        """For each part the rows that it or its children may decide."""
        decided: list[frozenset[int]] = []
        for part in self.skeleton.parts:
            own = {part.row} if isinstance(part, (Pick, Number, Items)) else set()
            decided.append(frozenset(own).union(*(decided[c] for c in _children(part))))
        return decided

    def _tracked_rows(self) -> frozenset[int]:
        """The rows whose codes must be remembered: read by an expression, or reachable on several ways."""
        read: set[int] = set()
        parents: dict[int, int] = {}
        deciders: dict[int, int] = {}
        for part in self.skeleton.parts:
            read.update(getattr(part, "reads", ()))
            for child in _children(part):
                parents[child] = parents.get(child, 0) + 1
            if isinstance(part, (Pick, Number, Items)):
                deciders[part.row] = deciders.get(part.row, 0) + 1
        shared = {row for row, count in deciders.items() if count > 1}
        for index in range(len(self.skeleton.parts)):
            if parents.get(index, 0) > 1:
                shared |= self._below[index]
        return frozenset(read | shared)

    # --- states

    def _state(self, parts: Sequence[int], codes: dict[int, Code], checks: frozenset[Expression]) -> State:
        """A state in normal form: only what decides or is still read, conditions reduced to what is open."""
        expanded, found = self._expand(parts, codes)
        if found:
            checks = checks | frozenset(self.conditions.put(self.conditions.make(n), codes) for n in found)
        reduced = self._reduce(checks, expanded) if checks else checks
        if reduced is None:
            return DEAD
        kept = frozenset(expanded)
        needed = frozenset().union(*(self._below[p] for p in kept)) if kept else frozenset()
        return kept, tuple(sorted((r, c) for r, c in codes.items() if r in needed)), reduced

    def _reduce(self, checks: frozenset[Expression], parts: set[int]) -> frozenset[Expression] | None:
        """What is left of the conditions; None where one is false."""
        coming = frozenset().union(*(self._decides[p] for p in parts)) if parts else frozenset()
        certain = frozenset(
            part.row for p in parts if isinstance(part := self.skeleton.parts[p], (Pick, Number, Items))
        )
        open_checks: set[Expression] = set()
        pending = list(checks)
        while pending:
            check = pending.pop()
            gone = self.conditions.rows(check) - coming
            if gone:
                check = self.conditions.put(check, dict.fromkeys(gone, INACTIVE))
            if check[0] == "and":
                pending.extend(check[1])
                continue
            check = self.conditions.settle(check, certain)
            if check[0] == "c" and not check[1]:
                return None
            if check[0] not in ("c", "u") and self.conditions.rows(check):
                open_checks.add(check)
        return frozenset(open_checks)

    def step(self, state: State) -> Step | None:
        """How a state falls apart; None for the empty one."""
        if state not in self._steps:
            if len(self._steps) > MAX_STATES:
                raise Inexact("the decisions of this space depend on each other in too many ways")
            self._steps[state] = self._make_step(state)
        return self._steps[state]

    def _make_step(self, state: State) -> Step | None:
        parts, known, checks = state
        if not parts:
            return None
        codes = dict(known)
        groups = self._independent(parts, checks)
        if len(groups) > 1:
            return Product(tuple(self._state(sorted(g), codes, c) for g, c in groups))
        return self._decide(self._first(parts, codes), parts, codes, checks)

    def _expand(self, parts: Sequence[int], codes: dict[int, Code]) -> tuple[set[int], list[int]]:
        """Replace parts that decide nothing new by their children; also the conditions that are reached."""
        result: set[int] = set()
        checks: list[int] = []
        pending, seen = list(parts), set[int]()
        while pending:
            index = pending.pop()
            if index == NONE or index in seen:
                continue
            seen.add(index)
            part = self.skeleton.parts[index]
            if isinstance(part, All):
                pending.extend(part.children)
            elif isinstance(part, Check):
                checks.extend(() if part.node in self.ignored else (part.node,))
            elif isinstance(part, (Pick, Items, Number)) and part.row in codes:
                pending.extend(_chosen(part, codes[part.row]))
            elif isinstance(part, (Branch, Take)) and (taken := self._taken(part, codes)) is not None:
                pending.extend(taken)
            else:
                result.add(index)
        return result, checks

    def _taken(self, part: Branch | Take, codes: dict[int, Code]) -> tuple[int, ...] | None:
        """The children that a condition or count leads to; None while it reads what is not decided."""
        full = self._full(codes)
        try:
            if isinstance(part, Branch):
                return (part.then if self.skeleton.truth(part.test, full) else part.other,)
            return part.children[: self.skeleton.value(part.count, full)]
        except Undecided:
            return None

    def _domain(self, row: int, codes: dict[int, Code]) -> Domain | None:
        """The domain of a row; None while it reads what is not decided."""
        constant = self.skeleton.constant_domain(row)
        if constant is not None:
            return constant
        try:
            return self.skeleton.domain(row, self._full(codes))
        except Undecided:
            return None

    def _full(self, codes: dict[int, Code]) -> list[Code | None]:
        return [codes.get(r) for r in range(len(self.skeleton.nodes))]

    def _independent(
        self, parts: frozenset[int], checks: frozenset[Expression]
    ) -> list[tuple[frozenset[int], frozenset[Expression]]]:
        """Groups of parts that share no row and no condition, in table order."""
        groups: list[tuple[set[int], set[int], set[Expression]]] = []
        entries: list[tuple[set[int], set[int], set[Expression]]] = [
            (set(self._below[p]), {p}, set()) for p in sorted(parts)
        ]
        entries += [(set(self.conditions.rows(c)), set(), {c}) for c in checks]
        for rows, members, own in entries:
            apart = []
            for group in groups:
                if group[0].isdisjoint(rows):
                    apart.append(group)
                else:
                    rows, members, own = rows | group[0], members | group[1], own | group[2]
            groups = [*apart, (rows, members, own)]
        groups.sort(key=lambda g: min(g[0], default=-1))
        return [(frozenset(members), frozenset(own)) for _, members, own in groups]

    def _first(self, parts: frozenset[int], codes: dict[int, Code]) -> int:
        """The part to decide next: the first in table order whose domain is known."""
        ready = [
            index
            for index in parts
            if isinstance(part := self.skeleton.parts[index], (Pick, Number, Items))
            and self._domain(part.row, codes) is not None
        ]
        if not ready:
            raise Inexact("conditions of this space read decisions that are decided only under these conditions")
        return min(ready, key=lambda i: self.skeleton.parts[i].row)  # type: ignore[union-attr]

    def _decide(self, index: int, parts: frozenset[int], codes: dict[int, Code], checks: frozenset[Expression]) -> Step:
        part = self.skeleton.parts[index]
        assert isinstance(part, (Pick, Number, Items))
        row = part.row
        domain = self._domain(row, codes)
        assert domain is not None
        rest = sorted(parts - {index})
        touched = frozenset(c for c in checks if row in self.conditions.rows(c))
        matters = row in self._tracked and any(row in self._below[p] for p in rest)
        if domain.size is None:
            if matters and self._is_read(row, rest):
                raise Inexact("ranges and branches of this space depend on continuous ranges")
            after = {**codes, row: self.default(row, domain)} if matters else codes
            return Block(row, domain, self._state(rest, after, self._put(checks, touched, row, FREE)))
        if not matters and not touched and all(c == NONE for c in _children(part)):
            return Block(row, domain, self._state(rest, codes, checks))
        if domain.size > MAX_VALUES:
            raise Inexact("conditions of this space read ranges with too many values")
        members = tuple(domain.member(i) for i in range(domain.size))
        states = []
        for code in members:
            after = {**codes, row: code} if row in self._tracked else codes
            left = self._put(checks, touched, row, code)
            states.append(self._state([*rest, *_chosen(part, code)], after, left))
        return Sum(row, domain, members, tuple(states))

    def _put(
        self, checks: frozenset[Expression], touched: frozenset[Expression], row: int, code: object
    ) -> frozenset[Expression]:
        """The conditions with a row decided."""
        if not touched:
            return checks
        return (checks - touched) | {self.conditions.put(c, {row: code}) for c in touched}

    def _is_read(self, row: int, parts: Sequence[int]) -> bool:
        pending, seen = list(parts), set(parts)
        while pending:
            part = self.skeleton.parts[pending.pop()]
            if row in getattr(part, "reads", ()):
                return True
            for child in _children(part):
                if child not in seen:
                    seen.add(child)
                    pending.append(child)
        return False

    # --- what is asked

    def support(self) -> dict[int, set[Code]]:
        """For each row whose value matters the codes that it has in some configuration."""
        found: dict[int, set[Code]] = {}
        seen: set[State] = set()
        pending = [self.start]
        while pending:
            state = pending.pop()
            if state in seen or self.count(state) == 0:
                continue
            seen.add(state)
            match self.step(state):
                case Product(states=states):
                    pending.extend(states)
                case Sum(row=row, codes=codes, states=states):
                    possible = [(c, s) for c, s in zip(codes, states, strict=True) if self.count(s)]
                    found.setdefault(row, set()).update(c for c, _ in possible)
                    pending.extend(s for _, s in possible)
                case Block(state=inner):
                    pending.append(inner)
        return found

    def count(self, state: State | None = None) -> int:
        """The number of configurations below a state.

        Raises
        ------
        Inexact
            Past the budget.
        """
        with deep_recursion():
            return self._count(self.start if state is None else state)

    def _count(self, state: State) -> int:
        if state not in self._counts:
            step = self.step(state)
            match step:
                case None:
                    total = 0 if state == DEAD else 1
                case Product(states=states):
                    total = 1
                    for inner in states:
                        total *= self._count(inner)
                case Sum(states=states):
                    total = sum(self._count(inner) for inner in states)
                case Block(domain=domain, state=inner):
                    total = (1 if domain.size is None else domain.size) * self._count(inner)
            self._counts[state] = total
        return self._counts[state]

    def unrank(self, rank: int) -> list[Code | None]:
        """The configuration at a position of the enumeration, from 0."""
        codes: list[Code | None] = [None] * len(self.skeleton.nodes)
        with deep_recursion():
            self._unrank(self.start, rank, codes)
        return codes

    def _unrank(self, state: State, rank: int, codes: list[Code | None]) -> None:
        match self.step(state):
            case Product(states=states):
                for inner in reversed(states):
                    rank, position = divmod(rank, self._count(inner))
                    self._unrank(inner, position, codes)
            case Sum(row=row, codes=members, states=states):
                for code, inner in zip(members, states, strict=True):
                    size = self._count(inner)
                    if rank < size:
                        codes[row] = code
                        return self._unrank(inner, rank, codes)
                    rank -= size
            case Block(row=row, domain=domain, state=inner):
                position, rank = divmod(rank, self._count(inner))
                codes[row] = self.default(row, domain) if domain.size is None else domain.member(position)
                self._unrank(inner, rank, codes)
        return None

    def rank(self, codes: Sequence[Code | None]) -> int:
        """The position of a configuration; continuous ranges do not matter."""
        with deep_recursion():
            return self._rank(self.start, codes)

    def _rank(self, state: State, codes: Sequence[Code | None]) -> int:
        match self.step(state):
            case Product(states=states):
                rank = 0
                for inner in states:
                    rank = rank * self._count(inner) + self._rank(inner, codes)
                return rank
            case Sum(row=row, codes=members, states=states):
                rank = 0
                for code, inner in zip(members, states, strict=True):
                    if code == codes[row]:
                        return rank + self._rank(inner, codes)
                    rank += self._count(inner)
                raise ValueError(f"row {row} has no code {codes[row]!r}")
            case Block(row=row, domain=domain, state=inner):
                own = codes[row]
                assert own is not None
                position = 0 if domain.size is None else domain.rank(own)
                return position * self._count(inner) + self._rank(inner, codes)
        return 0

    def enumerate(self) -> Iterator[list[Code | None]]:
        """Every configuration in the order of its rank."""
        for rank in range(self.count()):
            yield self.unrank(rank)


def _children(part: object) -> tuple[int, ...]:
    if isinstance(part, Branch):
        return tuple(c for c in (part.then, part.other) if c != NONE)
    return tuple(c for c in getattr(part, "children", ()) if c != NONE)


def _chosen(part: Pick | Number | Items, code: Code) -> tuple[int, ...]:
    """The children that a code leads to."""
    if isinstance(part, Pick):
        assert isinstance(code, int)
        return (part.children[code],)
    if isinstance(part, Items):
        assert isinstance(code, tuple)
        return tuple(part.children[i] for i in code)
    return ()


def bounds(skeleton: Skeleton) -> tuple[int, int]:
    """Bounds of the count that need no search: every condition free for the upper one, ignored for the lower one."""
    low: list[int] = []
    high: list[int] = []

    def get(values: list[int], child: int) -> int:
        return 1 if child == NONE else values[child]

    for part in skeleton.parts:
        least = most = 1
        match part:
            case All(children=children):
                for child in children:
                    least, most = max(least, get(low, child)), most * get(high, child)
            case Pick(children=children):
                least = max(get(low, c) for c in children)
                most = sum(get(high, c) for c in children)
            case Branch(then=then, other=other):
                least, most = min(get(low, then), get(low, other)), get(high, then) + get(high, other)
            case Take(children=children):
                total = 1
                most = 1
                for child in children:
                    total *= get(high, child)
                    most += total
            case Number(row=row):
                most = skeleton.table_size(row) or _hull_size(skeleton, row)
            case Items(row=row, children=children):
                most = skeleton.table_size(row) or 2 ** len(children)
                for child in children:
                    most *= get(high, child)
        low.append(least)
        high.append(most)
    return get(low, skeleton.root), get(high, skeleton.root)


def _hull_size(skeleton: Skeleton, row: int) -> int:
    hull = skeleton.analysis.hull(skeleton.nodes[row])
    return int(hull[1] - hull[0]) + 1 if hull is not None else 1
