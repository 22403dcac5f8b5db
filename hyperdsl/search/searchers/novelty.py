"""Configurations that have not been tried: what every searcher here falls back on."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Container, Iterator
from itertools import count, islice

from hyperdsl.search.seeds import derive_seed
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Space

# Draws before looking through the space: enough that only a nearly exhausted space gets there.
REDRAWS = 30
# Configurations looked at then, in a place of their order that depends on the trial; or, where the space cannot be
# counted, so many further draws. Each one that is looked at in vain is one that was tried, or equals one that was.
LOOKS = 20_000


class Tried:
    """The keys of a history; a later entry of a number replaces an earlier one."""

    def __init__(self) -> None:
        self._keys: dict[int, str] = {}
        self._trials: Counter[str] = Counter()

    def take(self, trial: Trial) -> None:
        if trial.number in self._keys:
            self._trials[self._keys[trial.number]] -= 1
        self._keys[trial.number] = trial.key
        self._trials[trial.key] += 1

    def __contains__(self, key: object) -> bool:
        return self._trials[key] > 0  # type: ignore[index]


class Known:
    """The keys of the history and of a batch, without a copy."""

    def __init__(self, history: Container[str], batch: Container[str]) -> None:
        self._history = history
        self._batch = batch

    def __contains__(self, key: object) -> bool:
        return key in self._batch or key in self._history


def first_new(
    space: Space, draw: Callable[[int], Configuration], known: Container[str], *, seed: int, number: int
) -> Configuration | None:
    """The first of ``draw(0)``, ``draw(1)``, … whose key is not known, else one found by looking through the space.

    None when the space is exhausted. Pure in its arguments, as long as ``draw`` is.
    """
    for attempt in range(REDRAWS):
        configuration = draw(attempt)
        if space.key(configuration) not in known and not space.violated(configuration):
            return configuration
    candidates = _from_a_random_place(space, seed, number) or (draw(attempt) for attempt in count(REDRAWS))
    looked = islice(candidates, LOOKS)
    return next((c for c in looked if space.key(c) not in known and not space.violated(c)), None)


def draw_from_prior(space: Space, *, seed: int, number: int, attempt: int) -> Configuration:
    """A draw from the space's prior; each (seed, number, attempt) has its own stream."""
    own = derive_seed("prior", seed, number, attempt)
    rng = random.Random(own)
    drawn = space.draw([rng.random() for _ in space.decisions])
    return drawn if not space.violated(drawn) else space.sample(1, seed=own)[0]


def _from_a_random_place(space: Space, seed: int, number: int) -> Iterator[Configuration] | None:
    """Every configuration once, continuous ranges at their defaults; None where the space cannot be counted."""
    total = space.count().configurations
    if total is None:
        return None
    start = derive_seed("place", seed, number) % total
    return (space.unrank((start + i) % total) for i in range(total))
