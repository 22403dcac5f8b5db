"""New configurations from old ones: mutation and crossover on the decision table.

Both respect the structure of the space. A decision that a change makes active takes its value from a parent that has
one, else from the prior; one that it makes inactive is dropped; a value that another domain does not hold becomes its
nearest member. So nothing is proposed that the space does not hold.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import combinations

from hyperdsl.ir.domain import Choices, Code, Combinations, Domain, Permutations
from hyperdsl.space import Configuration, Decision, Space
from hyperdsl.space.conditioned import Allowed

# Of a step in a range, as a share of its prior: the logarithms of the ends of a log-uniform standard deviation.
SPREADS = (math.log(0.003), math.log(0.3))
FAR = 0.2  # the probability that a mutated decision is drawn from its prior instead of near its old value
BELOW_ONE = 1 - 2.0**-53
MANY = 9  # from so many members on, the neighbours in a range are those at a few distances
DISTANCES = (0.01, 0.03, 0.1, 0.3)  # of neighbours in a range, as shares of its prior


def mutate(space: Space, parent: Configuration, rng: random.Random, changes: int = 1) -> Configuration:
    """A parent with some of its active decisions changed, each to another value.

    Parameters
    ----------
    changes : int
        How many of the parent's decisions change; what becomes active because of that is drawn from the prior.
    """
    active = [row for row, code in enumerate(parent.codes) if code is not None]
    if not active:
        return parent
    chosen = [rng.choice(active)] if changes == 1 else rng.sample(active, min(changes, len(active)))
    if all(row in space.loose for row in chosen):
        codes = list(parent.codes)
        for row in chosen:
            codes[row] = changed(space.decisions[row], space.loose[row], codes[row], rng)  # type: ignore[arg-type]
        return Configuration(parent.decisions, tuple(codes))

    def decide(decision: Decision, domain: Domain) -> Code:
        code = parent.codes[decision.index]
        if code is None:
            return domain.from_unit(rng.random())
        if decision.index in chosen:
            return changed(decision, domain, code, rng)
        return kept(domain, code, rng)

    return space.decide(decide)


def cross(space: Space, parents: Sequence[Configuration], rng: random.Random) -> Configuration:
    """Every decision from one of the parents in which it is active, each as likely (uniform crossover)."""
    columns = list(zip(*(p.codes for p in parents), strict=True))
    if all(row in space.loose or column.count(column[0]) == len(column) for row, column in enumerate(columns)):
        return Configuration(parents[0].decisions, tuple(rng.choice(column) for column in columns))
    order = list(range(len(parents)))

    def decide(decision: Decision, domain: Domain) -> Code:
        rng.shuffle(order)
        for parent in order:
            code = parents[parent].codes[decision.index]
            if code is not None:
                return kept(domain, code, rng)
        return domain.from_unit(rng.random())

    return space.decide(decide)


def draw(space: Space, rng: random.Random) -> Configuration:
    """A draw from the prior; conditions on continuous ranges may not hold, see :meth:`Space.violated`."""
    return space.draw([rng.random() for _ in space.decisions])


def neighbours(space: Space, parent: Configuration, rng: random.Random) -> list[Configuration]:
    """All that differ from a parent in one decision, in random order; in long ranges those at a few distances.

    What a change makes active is drawn from the prior.
    """
    domains: dict[int, Domain] = {}

    def note(decision: Decision, domain: Domain) -> Code:
        domains[decision.index] = domain
        code = parent.codes[decision.index]
        assert code is not None
        return code

    space.decide(note)
    changes = [(row, code) for row, domain in domains.items() for code in _others(domain, parent.codes[row])]
    rng.shuffle(changes)
    return [_with(space, parent, row, code, rng) for row, code in changes]


def _with(space: Space, parent: Configuration, row: int, code: Code, rng: random.Random) -> Configuration:
    """A parent with another code in one row."""

    def decide(decision: Decision, domain: Domain) -> Code:
        wanted = code if decision.index == row else parent.codes[decision.index]
        return domain.from_unit(rng.random()) if wanted is None else kept(domain, wanted, rng)

    return space.decide(decide)


def _others(domain: Domain, code: Code | None) -> list[Code]:
    """The codes next to one: two items of an order exchanged, one of a subset, all alternatives of a choice."""
    assert code is not None
    whole = domain.whole if isinstance(domain, Allowed) else domain
    if isinstance(code, tuple):
        return [c for c in _next_items(whole, code) if domain.contains(c)]
    if whole.size is not None and (whole.size < MANY or isinstance(whole, Choices)):
        return [c for c in map(whole.member, range(whole.size)) if c != code and domain.contains(c)]
    u = domain.to_unit(code)
    near = [domain.from_unit(min(max(u + sign * d, 0.0), BELOW_ONE)) for d in DISTANCES for sign in (-1, 1)]
    if domain.size is not None:
        rank = domain.rank(code)
        near += [domain.member(r) for r in (rank - 1, rank + 1) if 0 <= r < domain.size]
    return [c for c in dict.fromkeys(near) if c != code]


def _next_items(domain: Domain, items: tuple[int, ...]) -> list[Code]:
    found: list[Code] = []
    if isinstance(domain, Permutations):
        for a, b in combinations(range(len(items)), 2):
            order = list(items)
            order[a], order[b] = order[b], order[a]
            found.append(tuple(order))
        return found
    assert isinstance(domain, Combinations)
    new = [i for i in range(domain.items) if i not in items]
    for left_out in items:
        kept = set(items) - {left_out}
        found += [tuple(sorted({*kept, item})) for item in new]
    return found


def kept(domain: Domain, code: Code, rng: random.Random) -> Code:
    """The same value where the domain holds it, else one near it where that means something, else from the prior."""
    if domain.contains(code):
        return code
    low, high = getattr(domain, "low", None), getattr(domain, "high", None)
    if low is None or high is None or not isinstance(code, (int, float)):
        return domain.from_unit(rng.random())
    end = low if code < low else high
    return end if domain.contains(end) else domain.from_unit(rng.random())


def changed(decision: Decision, domain: Domain, code: Code, rng: random.Random) -> Code:
    """Another value: a step away in a range, another alternative of a choice, two items exchanged."""
    if domain.size == 1:
        return kept(domain, code, rng)
    is_near = domain.contains(code) and rng.random() >= FAR
    if is_near and decision.kind == "permutation" and isinstance(code, tuple):
        return _exchanged(code, rng)
    if is_near and decision.kind in ("integer", "real"):
        moved = _moved(domain, code, rng)
        if moved != code:
            return moved
    for _ in range(20):
        drawn = domain.from_unit(rng.random())
        if drawn != code:
            return drawn
    return drawn


def _moved(domain: Domain, code: Code, rng: random.Random) -> Code:
    """A step in a range; always to another member of a finite one."""
    spread = math.exp(rng.uniform(*SPREADS))
    u = domain.to_unit(code) + rng.gauss(0, spread)
    moved = domain.from_unit(min(max(u, 0.0), BELOW_ONE))  # the ends themselves are worth trying
    if moved != code or domain.size is None:
        return moved
    rank = domain.rank(code) + rng.choice((-1, 1))
    return domain.member(min(max(rank, 0), domain.size - 1))


def _exchanged(order: tuple[int, ...], rng: random.Random) -> Code:
    items = list(order)
    a, b = rng.sample(range(len(items)), 2)
    items[a], items[b] = items[b], items[a]
    return tuple(items)
