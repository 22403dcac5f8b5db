"""Local search: from the best of a climb to what differs from it in one decision; a new climb where nothing is left."""

from __future__ import annotations

import random
from typing import Unpack

from hyperdsl.search.searchers.base import Common, HistorySearcher
from hyperdsl.search.searchers.options import one_of, require_single, whole
from hyperdsl.search.searchers.variation import mutate, neighbours
from hyperdsl.search.seeds import derive_seed
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Space


class LocalSearcher(HistorySearcher):
    """Tries the neighbours of the best trial of the climb; the first that is better takes its place.

    A climb ends where all neighbours are known. The next one begins near the best of all, or anywhere. Which trial a
    climb stands at is worked out from the history in the order of the trials' numbers.

    Parameters
    ----------
    startup : int
        Draws from the prior before the first climb, which begins at the best of them.
    restart : {"near", "random"}
        Where a climb begins: at the best trial with some decisions changed, or at a draw from the prior.
    """

    def __init__(
        self,
        space: Space,
        *,
        startup: int = 5,
        restart: str = "near",
        **common: Unpack[Common],
    ) -> None:
        super().__init__(space, **common)
        require_single("local", self.goals)
        self.startup = whole("startup", startup)
        self.restart = one_of("restart", restart, ("near", "random"))
        self._around: dict[int, dict[str, Configuration]] = {}  # the neighbours of trials, by key

    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        current = self._current()
        around = self._neighbours(current)
        new = [configuration for key, configuration in around.items() if key not in self._known]
        if attempt < len(new):
            return new[attempt]
        best = min(self.scored, key=self.goals.order)
        if self.restart == "random" or attempt > len(new) + 10:
            return self.space.sample(1, seed=rng.getrandbits(60))[0]
        return mutate(self.space, best.configuration, rng, changes=rng.randint(2, 4))

    def _current(self) -> Trial:
        """Where the climb stands."""
        current = best = None
        known: set[str] = set()
        left: set[str] = set()
        for number in sorted(self.history):
            trial = self.history[number]
            known.add(trial.key)
            left.discard(trial.key)
            if not trial.has_score:
                continue
            if len(known) <= self.startup:
                best = trial if best is None or self.goals.is_better(trial, best) else best
                current = best
            elif current is None or not left or self.goals.is_better(trial, current):
                current = trial
            else:
                continue
            left = set(self._neighbours(current)) - known
        assert current is not None
        return current

    def _neighbours(self, trial: Trial) -> dict[str, Configuration]:
        if trial.number not in self._around:
            rng = random.Random(derive_seed("neighbours", self.seed, trial.number))
            found = neighbours(self.space, trial.configuration, rng)
            self._around[trial.number] = {self.space.key(c): c for c in found if not self.space.violated(c)}
        return self._around[trial.number]
