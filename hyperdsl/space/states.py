"""States of a space that is decided one decision at a time, under conditions.

A state is a set of parts still to be reached, the codes that they may read, and what is left of the conditions that
must hold. Parts that share no decision and no condition are states of their own. Two ways of deciding that leave the
same state are continued once: that is what makes counting and drawing under conditions possible.

Discrete decisions come before the continuous ones that conditions read, so what the conditions leave of a continuous
range is known when its turn comes: it is narrowed to bounds that hold all that is possible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from hyperdsl.ir import ops
from hyperdsl.ir.domain import Code, Domain, Reals
from hyperdsl.space.alike import Alike
from hyperdsl.space.expressions import size_of
from hyperdsl.space.groups import groups
from hyperdsl.space.linear import linear, put_all
from hyperdsl.space.narrowing import narrow
from hyperdsl.space.reach import Decider, Frontier, Reach, children_of, chosen
from hyperdsl.space.residual import INACTIVE, Conditions, Expression, Free
from hyperdsl.space.skeleton import NONE, All, Branch, Check, Skeleton, Take, Undecided
from hyperdsl.space.steps import DEAD, Block, Inexact, Product, State, Step, Sum

MAX_WORK = 1_000_000  # of the transitions between states; each costs one, and one that needs more than a sum costs more
MAX_VALUES = 100_000  # of a range that something reads
_SLOW = 10
_PARTS = 2  # of an expression that are read anew in the time of one transition
_TEST = 3
INFINITY = float("inf")


class States:
    """The states of a skeleton; keeps what it has worked out.

    Parameters
    ----------
    skeleton : Skeleton
    ignored : frozenset of int
        Conditions, by their nodes, that need not hold.
    extra : frozenset of Expression
        Conditions beside the program's that must hold as well.
    like : States or None
        States of the same skeleton: what does not depend on ``ignored`` and ``extra`` is taken from there.
    """

    def __init__(
        self,
        skeleton: Skeleton,
        ignored: frozenset[int] = frozenset(),
        extra: frozenset[Expression] = frozenset(),
        like: States | None = None,
    ) -> None:
        self.skeleton = skeleton
        self.ignored = ignored
        self.extra = extra
        self.conditions: Conditions = Conditions(skeleton) if like is None else like.conditions
        self.reach: Reach = Reach(skeleton) if like is None else like.reach
        self.alike: Alike = Alike(self.conditions) if like is None else like.alike
        # (a node that is tested or counted, the codes that it reads) -> what it comes to; parts may have it in common
        self._verdicts: dict[tuple[int, tuple[Any, ...]], int | None] = {} if like is None else like._verdicts
        self._steps: dict[State, Step | None] = {}
        self.work = 0  # done so far

    @cached_property
    def start(self) -> State:
        """Everything still to be reached, every condition open."""
        return self._state([self.skeleton.root], {}, self.extra)

    # --- states

    def _state(self, parts: Sequence[int], codes: dict[int, Any], checks: frozenset[Expression]) -> State:
        """A state in normal form: only what decides or is still read, conditions reduced to what is open."""
        expanded, found = self._expand(parts, codes)
        if found:
            checks = checks | frozenset(self.conditions.put(self.conditions.make(n), codes) for n in found)
        reduced = self._reduce(checks, self.reach.frontier(frozenset(expanded))) if checks else checks
        if reduced is None:
            return DEAD
        frontier = self.reach.frontier(frozenset(expanded))
        return frontier.parts, frontier.known(codes), reduced

    def _reduce(self, checks: frozenset[Expression], frontier: Frontier) -> frozenset[Expression] | None:
        """What is left of the conditions; None where one is false."""
        open_checks: set[Expression] = set()
        pending = list(checks)
        while pending:
            check = pending.pop()
            gone = self.conditions.rows(check) - frontier.decides
            if gone:
                check = self.conditions.put(check, dict.fromkeys(gone, INACTIVE))
            if check[0] == "and":
                pending.extend(check[1])
                continue
            check = self.conditions.settle(check, frontier.certain)
            if check[0] == "c" and not check[1]:
                return None
            if check[0] not in ("c", "u") and self.conditions.rows(check):
                open_checks.add(check)
        return frozenset(open_checks)

    def step(self, state: State) -> Step | None:
        """How a state falls apart; None for the empty one.

        Raises
        ------
        Inexact
            Past the budget.
        """
        if state not in self._steps:
            self._steps[state] = self._make_step(state)
        return self._steps[state]

    def _make_step(self, state: State) -> Step | None:
        parts, known, checks = state
        if not parts:
            return None
        self._spend(1, frozenset())
        codes = dict(known)
        apart = self._independent(parts, checks)
        if len(apart) > 1:
            known_apart = ((self.reach.frontier(members), own) for members, own in apart)  # nothing is left to reduce
            return Product(tuple((frontier.parts, frontier.known(codes), own) for frontier, own in known_apart))
        return self._decide(*self._first(parts, codes, checks), parts, codes, checks)

    def _spend(self, work: int, rows: frozenset[int]) -> None:
        self.work += work
        if self.work > MAX_WORK:
            raise Inexact("the decisions of this space depend on each other in too many ways", rows)

    def _expand(self, parts: Sequence[int], codes: dict[int, Any]) -> tuple[set[int], list[int]]:
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
            elif isinstance(part, Decider) and part.row in codes:
                pending.extend(chosen(part, codes[part.row]))
            elif isinstance(part, (Branch, Take)):
                taken = self._taken(part, codes)
                result.update((index,) if taken is None else ())
                pending.extend(taken or ())
            else:
                result.add(index)
        return result, checks

    def _taken(self, part: Branch | Take, codes: dict[int, Any]) -> tuple[int, ...] | None:
        """The children that a condition or count leads to; None while it reads what is not decided."""
        if free := _free(part, codes):
            raise Inexact("branches of this space depend on continuous ranges", free)
        self._spend(_TEST, frozenset(part.reads))
        key = (part.test if isinstance(part, Branch) else part.count, tuple(map(codes.get, part.reads)))
        if key not in self._verdicts:
            self._verdicts[key] = self._verdict(part, _read(part, codes))
        verdict = self._verdicts[key]
        if verdict is None:
            return None
        return part.children[:verdict] if isinstance(part, Take) else (part.then if verdict else part.other,)

    def _verdict(self, part: Branch | Take, read: Mapping[int, Code | None]) -> int | None:
        """What a test or count comes to; None while it reads what is not decided."""
        try:
            if isinstance(part, Branch):
                return self.skeleton.truth(part.test, read)
            return int(self.skeleton.value(part.count, read))
        except Undecided:
            return None

    def _domain(self, part: Decider, codes: dict[int, Any]) -> Domain | None:
        """The domain of a decision; None where it is continuous and its ends are.

        Raises
        ------
        Undecided
            While it reads what is not decided.
        """
        constant = self.skeleton.constant_domain(part.row)
        if constant is not None:
            return constant
        if free := _free(part, codes):
            op = self.skeleton.op(part.row)
            if not isinstance(op, ops.Real | ops.Normal) or getattr(op, "step", None) is not None:
                raise Inexact("ranges of this space that are not continuous depend on some that are", free)
            missing = [r for r in getattr(part, "reads", ()) if r not in codes]
            if missing:
                raise Undecided
            return None
        return self.skeleton.domain(part.row, _read(part, codes))

    def _independent(
        self, parts: frozenset[int], checks: frozenset[Expression]
    ) -> list[tuple[frozenset[int], frozenset[Expression]]]:
        """Groups of parts that share no row and no condition, in table order."""
        things: list[tuple[frozenset[int], int | Expression]] = [(self.reach.below[p], p) for p in sorted(parts)]
        things += [(self.conditions.rows(c), c) for c in checks]
        return [
            (frozenset(t for t in group if isinstance(t, int)), frozenset(t for t in group if not isinstance(t, int)))
            for group in groups(things)
        ]

    def _first(
        self, parts: frozenset[int], codes: dict[int, Any], checks: frozenset[Expression]
    ) -> tuple[int, Domain | None]:
        """The part to decide next, and its domain: the first that can be, continuous ones that conditions read last.

        What other parts may still lead to comes after them, or its code would have to be remembered until then; a code
        that conditions read makes them simpler, and does not wait.
        """
        read = frozenset().union(*(self.conditions.rows(c) for c in checks)) if checks else frozenset()
        ready: list[tuple[bool, int, int, Domain | None]] = []
        for index in parts:
            part = self.skeleton.parts[index]
            if not isinstance(part, Decider):
                continue
            try:
                domain = self._domain(part, codes)
            except Undecided:
                continue
            is_late = part.row in read and (domain is None or domain.size is None)
            ready.append((is_late, part.row, index, domain))
        if not ready:
            raise Inexact("conditions of this space read decisions that are decided only under these conditions")
        ready.sort(key=lambda entry: entry[:3])
        may_wait = self.reach.shared - read
        for _, row, index, domain in ready:
            if row not in may_wait or not any(row in self.reach.decides[p] for p in parts if p != index):
                return index, domain
        return ready[0][2:]

    # --- deciding

    def _decide(
        self,
        index: int,
        domain: Domain | None,
        parts: frozenset[int],
        codes: dict[int, Any],
        checks: frozenset[Expression],
    ) -> Step:
        part = self.skeleton.parts[index]
        assert isinstance(part, Decider)
        row = part.row
        rest = parts - {index}
        touched = frozenset(c for c in checks if row in self.conditions.rows(c))
        if domain is None or domain.size is None:
            return self._decide_continuous(row, domain, rest, codes, checks, touched)
        matters = row in self.reach.tracked and any(row in self.reach.below[p] for p in rest)
        is_leaf = all(c == NONE for c in children_of(part))
        if not matters and not touched and is_leaf:
            return Block(row, domain, self._state(sorted(rest), codes, checks))
        if domain.size > MAX_VALUES:
            raise Inexact("conditions of this space read ranges with too many values", frozenset({row}))
        members = tuple(domain.member(i) for i in range(domain.size))
        kinds: Sequence[int] = range(len(members))
        if is_leaf:
            kinds = self.alike.kinds(row, members, codes, touched, lambda work: self._spend(work, frozenset({row})))
        tried = tuple(members[i] for i in dict.fromkeys(kinds))
        if is_leaf and not any(self._is_steered(p, row) for p in rest):
            states = tuple(self._leaf_states(row, tried, rest, codes, checks - touched, touched))
        else:
            reading = sum(map(size_of, touched)) // _PARTS
            self._spend((_SLOW + reading) * len(tried), frozenset({row}))
            states = tuple(self._inner_states(part, tried, rest, codes, checks, touched))
        if len(tried) < len(members):
            following = dict(zip(dict.fromkeys(kinds), states, strict=True))
            states = tuple(following[i] for i in kinds)
        return Sum(row, domain, members, states)

    def _is_steered(self, index: int, row: int) -> bool:
        """Whether a row decides what of a part is reached."""
        part = self.skeleton.parts[index]
        return row in self.reach.decides[index] or (isinstance(part, Branch | Take) and row in part.reads)

    def _inner_states(
        self,
        part: Decider,
        members: tuple[Code, ...],
        rest: frozenset[int],
        codes: dict[int, Any],
        checks: frozenset[Expression],
        touched: frozenset[Expression],
    ) -> Iterator[State]:
        """The state after each code, where codes lead to parts of their own."""
        others = checks - touched
        for code in members:
            after = {**codes, part.row: code} if part.row in self.reach.tracked else codes
            left = others | {self.conditions.put(c, {part.row: code}) for c in touched} if touched else checks
            yield self._state([*rest, *chosen(part, code)], after, left)

    def _leaf_states(
        self,
        row: int,
        members: tuple[Code, ...],
        rest: frozenset[int],
        codes: dict[int, Any],
        others: frozenset[Expression],
        touched: frozenset[Expression],
    ) -> Iterator[State]:
        """The state after each code, where all of them leave the same parts: only conditions differ."""
        frontier = self.reach.frontier(rest)
        kept = self._reduce(others, frontier)
        forms = {c: linear(c, row, frontier, self.conditions) for c in touched}
        sums = [form for form in forms.values() if form is not None]
        complex_ = [c for c, form in forms.items() if form is None]
        self._spend(len(members) * (_SLOW if complex_ else 1), frozenset({row}))
        known = frontier.known(codes)
        is_read = row in frontier.needed
        for code in members:
            left = None if kept is None else put_all(sums, code)
            if left is not None and complex_:
                more = self._reduce(frozenset(self.conditions.put(c, {row: code}) for c in complex_), frontier)
                left = None if more is None else left | more
            if left is None or kept is None:
                yield DEAD
                continue
            after = frontier.known({**codes, row: code}) if is_read else known
            yield rest, after, kept | left if left else kept

    def _decide_continuous(
        self,
        row: int,
        domain: Domain | None,
        rest: frozenset[int],
        codes: dict[int, Any],
        checks: frozenset[Expression],
        touched: frozenset[Expression],
    ) -> Step:
        """A range that counts as one point, narrowed to what conditions leave of it."""
        share = 1.0
        if touched and isinstance(domain, Reals):
            certain = self.reach.frontier(rest).certain | {row}
            sure = [c for c in touched if self.conditions.rows(c) <= certain]
            bounds = narrow(sure, row, (domain.low, domain.high), self.conditions)
            if bounds is None:
                return Block(row, domain, DEAD)
            if bounds != (domain.low, domain.high):
                narrowed = Reals(*bounds, domain.log)
                share = domain.to_unit(narrowed.high) - domain.to_unit(narrowed.low) or 1.0  # one point: it is taken
                domain = narrowed
        matters = row in self.reach.tracked and any(row in self.reach.below[p] for p in rest)
        ends = self.conditions.hull(("r", row)) or (-INFINITY, INFINITY)
        free = Free(domain.low, domain.high) if isinstance(domain, Reals) else Free(*ends)
        after = {**codes, row: free} if matters else codes
        left = (checks - touched) | {self.conditions.put(c, {row: free}) for c in touched}
        return Block(row, domain, self._state(sorted(rest), after, left), share)


def _read(part: object, codes: dict[int, Any]) -> dict[int, Code | None]:
    """The codes of the rows that a part reads; None where there is none yet."""
    return {r: None if isinstance(code := codes.get(r), Free) else code for r in getattr(part, "reads", ())}


def _free(part: object, codes: dict[int, Any]) -> frozenset[int]:
    """The continuous rows, already decided, that a part reads."""
    return frozenset(r for r in getattr(part, "reads", ()) if isinstance(codes.get(r), Free))
