"""What searchers that breed or model have in common: the history, what is known, and the first trials."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from bisect import insort
from collections.abc import Sequence
from functools import partial
from typing import TypedDict

from hyperdsl.ir.domain import Code
from hyperdsl.search.goals import Goals
from hyperdsl.search.searchers.novelty import Known, Tried, draw_from_prior, first_new
from hyperdsl.search.seeds import derive_seed
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Space


class Common(TypedDict, total=False):
    """What searchers take beside options of their own, and pass on; see :class:`HistorySearcher`."""

    seed: int
    goals: Goals | None
    first_default: bool


class HistorySearcher(ABC):
    """Proposes from what is known; a subclass says what is worth trying next.

    Every proposal has its own random stream, so it is a pure function of the history, the seed and the number.

    Parameters
    ----------
    space : Space
        What to propose from.
    seed : int
        The study's seed.
    goals : Goals or None
        What is good; None is a score to maximize.
    first_default : bool
        Whether trial 0 is the space's default configuration.
    """

    startup = 10  # draws from the prior until so many trials have a score

    def __init__(self, space: Space, *, seed: int = 0, goals: Goals | None = None, first_default: bool = True) -> None:
        self.space = space
        self.seed = seed
        self.goals = goals or Goals()
        self.first_default = first_default
        self.history: dict[int, Trial] = {}
        self.scored: list[Trial] = []  # by number; estimates too
        self._known = Tried()
        self._tried: set[tuple[Code | None, ...]] = set()

    def propose(self, numbers: Sequence[int]) -> list[Configuration]:
        """One new configuration for each number; fewer when the space is exhausted."""
        proposals: list[Configuration] = []
        batch: set[str] = set()
        known = Known(self._known, batch)
        for number in numbers:
            draw = partial(self._draw, number)
            proposal = first_new(self.space, draw, known, seed=self.seed, number=number)
            if proposal is None:
                break
            batch.add(self.space.key(proposal))
            proposals.append(proposal)
        return proposals

    def feedback(self, trials: Sequence[Trial]) -> None:
        for trial in trials:
            old = self.history.get(trial.number)
            if old is not None:
                self._tried.discard(old.configuration.codes)
                if old.has_score:
                    self.scored.remove(old)
            self.history[trial.number] = trial
            self._known.take(trial)
            self._tried.add(trial.configuration.codes)
            if trial.has_score:
                insort(self.scored, trial, key=lambda t: t.number)

    def is_tried(self, codes: tuple[Code | None, ...]) -> bool:
        """Whether exactly this has been tried; much cheaper than a key, which tells what gives the same program too."""
        return codes in self._tried

    def _draw(self, number: int, attempt: int) -> Configuration:
        if number == 0 and attempt == 0 and self.first_default:
            return self.space.default()
        if len(self.scored) < self.startup:
            return draw_from_prior(self.space, seed=self.seed, number=number, attempt=attempt)
        rng = random.Random(derive_seed(type(self).__name__, self.seed, number, attempt))
        return self.draw(number, attempt, rng)

    @abstractmethod
    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        """What is worth trying; later attempts are asked for where earlier ones are known already."""
