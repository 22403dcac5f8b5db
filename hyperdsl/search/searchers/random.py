"""Random search: draws from the prior."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hyperdsl.search.goals import Goals
from hyperdsl.search.searchers.novelty import Known, draw_from_prior, first_new
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Space


class RandomSearcher:
    """Proposes draws from the space's prior, never a configuration twice.

    Trial ``n`` has its own random stream, so what it proposes depends on the history only where a draw is known.

    Parameters
    ----------
    space : Space
        What to draw from.
    seed : int
        The study's seed.
    goals : Goals or None
        Not used; every searcher takes it.
    first_default : bool
        Whether trial 0 is the space's default configuration.
    """

    def __init__(self, space: Space, *, seed: int = 0, goals: Goals | None = None, first_default: bool = True) -> None:
        self._space = space
        self._seed = seed
        self._first_default = first_default
        self._known: set[str] = set()

    def propose(self, numbers: Sequence[int]) -> list[Configuration]:
        proposals: list[Configuration] = []
        batch: set[str] = set()
        known = Known(self._known, batch)
        for number in numbers:
            draw = partial(self._draw, number)
            proposal = first_new(self._space, draw, known, seed=self._seed, number=number)
            if proposal is None:
                break
            batch.add(self._space.key(proposal))
            proposals.append(proposal)
        return proposals

    def feedback(self, trials: Sequence[Trial]) -> None:
        self._known.update(trial.key for trial in trials)

    def _draw(self, number: int, attempt: int) -> Configuration:
        if self._first_default and number == 0 and attempt == 0:
            return self._space.default()
        return draw_from_prior(self._space, seed=self._seed, number=number, attempt=attempt)
