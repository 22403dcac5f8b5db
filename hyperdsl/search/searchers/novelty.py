"""Configurations that have not been tried: what every searcher here falls back on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice

from hyperdsl.search.seeds import derive_seed
from hyperdsl.space import Configuration, Space

# Draws before looking through the space: enough that only a nearly exhausted space gets there.
REDRAWS = 30
# Configurations looked at then. Each one that is looked at in vain is one that was tried, or equals one that was.
LOOKS = 50_000


def first_new(
    space: Space, draw: Callable[[int], Configuration], known: Collection[str], *, seed: int, number: int
) -> Configuration | None:
    """The first of ``draw(0)``, ``draw(1)``, … whose key is not known, else one found by looking through the space.

    None when the space is exhausted. Pure in its arguments, as long as ``draw`` is.
    """
    for attempt in range(REDRAWS):
        configuration = draw(attempt)
        if space.key(configuration) not in known:
            return configuration
    untried = (c for c in islice(_from_a_random_place(space, seed, number), LOOKS) if space.key(c) not in known)
    return next(untried, None)


def draw_from_prior(space: Space, *, seed: int, number: int, attempt: int) -> Configuration:
    """A draw from the space's prior; each (seed, number, attempt) has its own stream."""
    return space.sample(1, seed=derive_seed("prior", seed, number, attempt))[0]


def _from_a_random_place(space: Space, seed: int, number: int) -> Iterator[Configuration]:
    """Every configuration once, continuous ranges at their defaults."""
    count = space.count()
    if not count.exact or not count.configurations:
        return space.enumerate()
    total = count.configurations
    start = derive_seed("place", seed, number) % total
    return (space.unrank((start + i) % total) for i in range(total))
