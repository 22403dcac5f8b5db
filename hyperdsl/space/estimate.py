"""How many configurations a space has, about, where counting exactly is beyond the budget.

Where the space without its conditions can be counted, configurations of it are drawn uniformly, and the share that
keeps the conditions is estimated with Wilson's interval (Wilson 1927, JASA 22). Where not, random walks weigh each
configuration by the number of ways that were open at each decision, which is unbiased (Knuth 1975, Mathematics of
Computation 29); its interval is the normal one and too short where few walks carry most of the weight.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction

from hyperdsl.frozen import frozen
from hyperdsl.ir.domain import Code, Domain
from hyperdsl.space.counting import Counter, rough_bounds
from hyperdsl.space.skeleton import Check, Skeleton
from hyperdsl.space.steps import Inexact
from hyperdsl.space.table import Count

DRAWS = 2_000
Z = Fraction(196, 100)  # of the 95 % interval
Codes = list["Code | None"]
Holds = Callable[[Codes], bool]


@frozen
class Estimate:
    """A number and the ends of its 95 % interval; ``seen`` is how many different ones were met, a proven bound."""

    value: int
    low: int
    high: int
    seen: int


def about(counter: Counter, holds: Holds, continuous: int, reason: str) -> Count:
    """What is known of a count that is beyond the budget for a ``reason``: bounds, an estimate and its interval."""
    skeleton = counter.skeleton
    low, high = rough_bounds(skeleton)
    conditions = frozenset(p.node for p in skeleton.parts if isinstance(p, Check))
    free = Counter(skeleton, counter.default, conditions)
    try:
        high = min(high, free.count())
        found = share_of(free, holds)
    except Inexact:
        found = walks(skeleton, holds)
    low = max(found.seen, 0 if conditions else low)
    interval = (max(found.low, low), max(min(found.high, high), low))
    value = min(max(found.value, interval[0]), interval[1])
    return Count(False, None, continuous, low, high, value, interval, reason)


def share_of(counter: Counter, holds: Holds, seed: int = 0) -> Estimate:
    """The configurations of a counter for which ``holds`` is true.

    Raises
    ------
    hyperdsl.space.states.Inexact
        Where the counter itself is beyond its budget.
    """
    total = counter.count()
    rng = random.Random(seed)

    def fill(row: int, domain: Domain) -> Code:
        return domain.from_unit(rng.random())

    kept: set[tuple[Code | None, ...]] = set()
    hits = 0
    for _ in range(DRAWS):
        codes = counter.unrank(rng.randrange(total), fill)
        if holds(codes):
            hits += 1
            kept.add(tuple(codes))
    centre, half = _wilson(hits, DRAWS)
    low, high = max(0, math.floor(total * (centre - half))), min(total, math.ceil(total * (centre + half)))
    discrete = {_discrete(counter.skeleton, codes) for codes in kept}
    return Estimate(total * hits // DRAWS, low, high, len(discrete))


def walks(skeleton: Skeleton, holds: Holds, seed: int = 0) -> Estimate:
    """The configurations of a skeleton for which ``holds`` is true, by weighted walks."""
    rng = random.Random(seed)
    weights: list[int] = []
    seen: set[tuple[Code | None, ...]] = set()
    for _ in range(DRAWS):
        codes, weight = _walk(skeleton, rng)
        weights.append(weight if holds(codes) else 0)
        if weights[-1]:
            seen.add(_discrete(skeleton, tuple(codes)))
    mean = Fraction(sum(weights), DRAWS)
    variance = Fraction(sum(w * w for w in weights), DRAWS) - mean * mean
    half = Z * math.isqrt(math.ceil(variance / DRAWS)) + (1 if variance else 0)
    return Estimate(round(mean), max(0, math.floor(mean - half)), math.ceil(mean + half), len(seen))


def _walk(skeleton: Skeleton, rng: random.Random) -> tuple[Codes, int]:
    """A configuration, and how many ways were open at each of its decisions, multiplied."""
    codes: Codes = [None] * len(skeleton.nodes)
    weight = 1

    def decide(row: int, domain: Domain) -> Code:
        nonlocal weight
        if domain.size is None:
            return domain.from_unit(rng.random())
        weight *= domain.size
        return domain.member(rng.randrange(domain.size))

    skeleton.reach(codes, decide)
    return codes, weight


def _discrete(skeleton: Skeleton, codes: tuple[Code | None, ...]) -> tuple[Code | None, ...]:
    """The codes, those of continuous ranges left out: in a count each of these is one point."""
    return tuple(None if skeleton.is_continuous(row) else code for row, code in enumerate(codes))


def _wilson(hits: int, draws: int) -> tuple[Fraction, Fraction]:
    """The centre and half the width of the interval of a share; the width is rounded up."""
    share, z2 = Fraction(hits, draws), Z * Z
    scale = 1 + z2 / draws
    spread = share * (1 - share) / draws + z2 / (4 * draws * draws)
    root = Fraction(math.isqrt(math.ceil(spread * 10**24)) + 1, 10**12)
    return (share + z2 / (2 * draws)) / scale, Z * root / scale
