"""The protocol of searchers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration


class Searcher(Protocol):
    """Proposes configurations; sees only the decision table and scores.

    A proposal is a pure function of (the trials fed back so far, the study's seed, the trial's number): no random
    state survives it, so a search that was killed goes on as if it had not been. That is why ``propose`` is told
    the numbers, not only how many.
    """

    def propose(self, numbers: Sequence[int]) -> list[Configuration]:
        """One configuration for each trial number, in order; fewer when the space is exhausted.

        Never one whose canonical key is known from the history while others exist.
        """
        ...

    def feedback(self, trials: Sequence[Trial]) -> None:
        """Take in trials, also running and failed ones. A later entry of a number replaces an earlier one."""
        ...
