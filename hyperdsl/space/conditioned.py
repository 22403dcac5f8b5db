"""Configurations of a space with conditions: the prior given that the conditions hold.

Discrete decisions are drawn from their conditional distribution, worked out on the states of the counter, so nothing is
rejected. Continuous ranges are drawn from what conditions leave of them; where bounds cannot say it all, the finished
configuration is checked, and drawn anew when it fails. The probability of what is left of the ranges counts in the
distribution of the decisions before them, so drawing anew gives the prior under the conditions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate

from hyperdsl.frozen import frozen
from hyperdsl.ir.domain import Code, Domain, Reals
from hyperdsl.space.counting import Counter
from hyperdsl.space.steps import DEAD, Block, Product, State, Sum

Pick = Callable[[int, Domain], Code]
NO_ROW = -1


@frozen(slots=False)
class Allowed(Domain):
    """The members of a domain that the conditions leave, with their conditional probabilities."""

    whole: Domain
    members: tuple[Code, ...]
    masses: tuple[float, ...]

    @property
    def size(self) -> int | None:
        """That of the whole domain, so that ranks mean the same under all conditions."""
        return self.whole.size

    @cached_property
    def thresholds(self) -> list[float]:
        sums = list(accumulate(self.masses))
        return [s / sums[-1] for s in sums][:-1]

    @cached_property
    def positions(self) -> dict[Code, int]:
        """Where each member stands among the members."""
        return {code: position for position, code in enumerate(self.members)}

    def from_unit(self, u: float) -> Code:
        return self.members[bisect_right(self.thresholds, u)]

    def to_unit(self, code: Code) -> float:
        edges = [0.0, *self.thresholds, 1.0]
        position = self.positions[code]
        return (edges[position] + edges[position + 1]) / 2

    def contains(self, code: object) -> bool:
        return self.whole.contains(code) and code in self.positions

    def member(self, rank: int) -> Code:
        return self.nearest(self.whole.member(rank))

    def rank(self, code: Code) -> int:
        return self.whole.rank(code)

    def nearest(self, code: Code) -> Code:
        """The member nearest in the order of the whole domain, the lower one first; a member itself."""
        if code in self.positions:
            return code
        wanted = self.whole.rank(code)
        return min(self.members, key=lambda member: (abs(self.whole.rank(member) - wanted), self.whole.rank(member)))


@frozen
class Drawn:
    """A decision under conditions: its codes, where their shares end, and the number of the item that follows each."""

    row: int
    members: tuple[Code, ...]
    edges: tuple[float, ...]
    following: tuple[int, ...]


@frozen
class Narrowed:
    """A continuous range of which conditions leave a part, and the number of the item that follows."""

    row: int
    low: float
    high: float
    following: int


Item = Drawn | Narrowed | tuple[int, ...]


class Conditioned:
    """Walks the states of a counter; remembers what each allows."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self._masses: dict[State, float] = {}
        self._links: dict[State, _Link] = {}

    def mass(self, state: State) -> float:
        """The prior probability that the conditions hold, given what led to a state."""
        if state not in self._masses:
            match self.counter.step(state):
                case None:
                    mass = 0.0 if state == DEAD else 1.0
                case Product(states=states):
                    mass = 1.0
                    for inner in states:
                        mass *= self.mass(inner)
                case Sum(domain=domain, states=states):
                    weights = (domain.weight(i) / domain.total for i in range(len(states)))
                    mass = sum(w * self.mass(s) for w, s in zip(weights, states, strict=True))
                case Block(state=inner, share=share):
                    mass = share * self.mass(inner)
            self._masses[state] = mass
        return self._masses[state]

    def walk(self, pick: Pick) -> list[Code | None]:
        """The codes that ``pick(row, domain)`` leads to; each domain holds what the conditions leave.

        A pick outside it stands for its nearest member: a searcher need not know of conditions.
        """
        codes: list[Code | None] = [None] * len(self.counter.skeleton.nodes)
        pending = [self._link(self.counter.start)]
        while pending:
            link = pending.pop()
            following = link.following or self._follow(link)
            if link.row == NO_ROW:
                pending.extend(following)
                continue
            domain = self._domain(link, codes)
            code = pick(link.row, domain)
            if isinstance(domain, Allowed):
                code = domain.nearest(code)
                pending.append(following[domain.positions[code]])
            else:
                if isinstance(domain, Reals) and not domain.contains(code):
                    code = min(max(code, domain.low), domain.high)
                pending.extend(following)
            codes[link.row] = code
        return codes

    def draw(self, units: Sequence[float]) -> list[Code | None]:
        """The codes of one row of uniform numbers."""
        codes: list[Code | None] = [None] * len(self.counter.skeleton.nodes)
        pending = [self._link(self.counter.start)]
        while pending:
            link = pending.pop()
            following = link.following or self._follow(link)
            if link.members:
                position = bisect_right(link.thresholds, units[link.row])
                codes[link.row] = link.members[position]
                pending.append(following[position])
                continue
            if link.row != NO_ROW:
                codes[link.row] = self._domain(link, codes).from_unit(units[link.row])
            pending.extend(following)
        return codes

    def _domain(self, link: _Link, codes: list[Code | None]) -> Domain:
        """The domain of a link; one that depends on continuous ranges is known only now."""
        return link.domain or self.counter.skeleton.domain(link.row, codes)

    def listing(self, most: int) -> list[Item] | None:
        """The states that conditions change as a list of items that begins with the first; None where it is too long.

        An item is a ``Drawn`` decision, a ``Narrowed`` range, or the numbers of items that are independent.
        """
        items: list[Item] = [()]
        numbers: dict[State, int] = {}
        known: dict[Item, int] = {}  # equal items are one
        try:
            items[0] = (self._number(self.counter.start, items, numbers, known, most),)
        except OverflowError:
            return None
        return items

    def _number(
        self, state: State, items: list[Item], numbers: dict[State, int], known: dict[Item, int], most: int
    ) -> int:
        """The number of a state's item; one where nothing is left to say is the empty one."""
        if state not in numbers:
            item = self._item(state, items, numbers, known, most)
            if isinstance(item, int):
                numbers[state] = item
            elif item in known:
                numbers[state] = known[item]
            else:
                items.append(item)
                numbers[state] = known[item] = len(items) - 1
            if len(items) + sum(len(i.members) for i in items[-1:] if isinstance(i, Drawn)) > most:
                raise OverflowError
        return numbers[state]

    def _item(
        self, state: State, items: list[Item], numbers: dict[State, int], known: dict[Item, int], most: int
    ) -> Item | int:
        link = self._link(state)
        if link.members:
            following = tuple(self._number(s, items, numbers, known, most) for s in link.states)
            return Drawn(link.row, link.members, tuple(link.thresholds), following)
        if link.row != NO_ROW:
            inner = self._number(link.states[0], items, numbers, known, most)
            whole = self.counter.skeleton.constant_domain(link.row)
            if not isinstance(link.domain, Reals) or link.domain == whole:
                return inner
            return Narrowed(link.row, link.domain.low, link.domain.high, inner)
        return tuple(self._number(s, items, numbers, known, most) for s in reversed(link.states))

    def _link(self, state: State) -> _Link:
        """The link of a state; each is worked out once."""
        if state not in self._links:
            step = self.counter.step(state)
            match step:
                case Sum():
                    self._links[state] = self._choice(step)
                case Block(row=row, domain=domain, state=inner):
                    self._links[state] = _Link(row, domain, (), [], (inner,))
                case Product(states=states):
                    self._links[state] = _Link(NO_ROW, None, (), [], states[::-1])
                case None:
                    self._links[state] = _Link(NO_ROW, None, (), [], ())
        return self._links[state]

    def _choice(self, step: Sum) -> _Link:
        masses = [step.domain.weight(i) / step.domain.total * self.mass(s) for i, s in enumerate(step.states)]
        kept = [i for i, mass in enumerate(masses) if mass > 0]
        domain = Allowed(step.domain, tuple(step.codes[i] for i in kept), tuple(masses[i] for i in kept))
        states = tuple(step.states[i] for i in kept)
        return _Link(step.row, domain, domain.members, domain.thresholds, states)

    def _follow(self, link: _Link) -> list[_Link]:
        link.following = [self._link(s) for s in link.states]
        return link.following


class _Link:
    """A state with direct links to those that follow, made when first needed: a walk looks nothing up.

    ``members`` and ``thresholds`` are those of a decision under conditions; without them all that follows is walked.
    """

    __slots__ = ("domain", "following", "members", "row", "states", "thresholds")

    def __init__(
        self,
        row: int,
        domain: Domain | None,
        members: tuple[Code, ...],
        thresholds: list[float],
        states: tuple[State, ...],
    ) -> None:
        self.row = row
        self.domain = domain
        self.members = members
        self.thresholds = thresholds
        self.states = states
        self.following: list[_Link] = []
