"""Screening: a search begins with what a cheap score likes best of many draws, then goes on as another searcher."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any, Unpack

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.search.proxy import Proxies, Proxy
from hyperdsl.search.searcher import Searcher
from hyperdsl.search.searchers.base import Common, HistorySearcher
from hyperdsl.search.searchers.novelty import draw_from_prior
from hyperdsl.search.searchers.options import whole
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Space


class ScreenedSearcher(HistorySearcher):
    """Each of the first trials is the best of several draws from the prior, by a proxy; the base learns from them.

    Trial 0 is the space's default. Where the first of the draws is of a kind that the proxy can say nothing of, such as
    a pipeline without a network, it is the trial: each kind has the share of the trials that the prior gives it.

    Parameters
    ----------
    base : str, SearcherSpec or callable
        The searcher that goes on, ``"auto"`` or ``"evolution(population = 20)"``.
    by : str
        The name of a proxy, such as ``"synflow"``; see :mod:`hyperdsl.search.proxy`.
    of : int
        The draws that each trial is the best of.
    startup : int
        How many trials with a score there are before the base searcher goes on.
    proxies : mapping of str to Proxy, or None
        What the search offers.
    """

    startup = 0  # of draws from the prior that nothing is asked of

    def __init__(
        self,
        space: Space,
        *,
        base: Any = "auto",
        by: str = "synflow",
        of: int = 20,
        startup: int = 10,
        proxies: Proxies | None = None,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(space, **common)
        self._proxy = _find(by, proxies or {})
        self._of = whole("of", of)
        self._first = whole("startup", startup)
        self._base = self._made(base, proxies)
        self._ranked: dict[int, list[Configuration]] = {}  # by trial; no history changes it

    def propose(self, numbers: Sequence[int]) -> list[Configuration]:
        if len(self.scored) >= self._first:
            return self._base.propose(numbers)
        return super().propose(numbers)

    def feedback(self, trials: Sequence[Trial]) -> None:
        super().feedback(trials)
        self._base.feedback(trials)

    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        if number not in self._ranked:
            self._ranked[number] = self._rank(number)
        ranked = self._ranked[number]
        return ranked[attempt] if attempt < len(ranked) else self._from_prior(number, attempt)

    def _rank(self, number: int) -> list[Configuration]:
        """The different ones of a trial's draws, the best first."""
        drawn: dict[str, Configuration] = {}
        for attempt in range(self._of):
            candidate = self._from_prior(number, attempt)
            drawn.setdefault(self.space.key(candidate), candidate)
        first, *others = drawn.values()
        score = self._proxy(first)
        if score is None or not others:
            return [first, *others]
        scores = [(score, first), *((self._proxy(other), other) for other in others)]
        known = [(_order(value), candidate) for value, candidate in scores if value is not None]
        return [candidate for _, candidate in sorted(known, key=lambda pair: pair[0])]

    def _from_prior(self, number: int, attempt: int) -> Configuration:
        return draw_from_prior(self.space, seed=self.seed, number=number, attempt=attempt)

    def _made(self, base: Any, proxies: Proxies | None) -> Searcher:
        from hyperdsl.search.searchers import make_searcher
        from hyperdsl.search.searchers.halving import AshaSearcher

        made = make_searcher(base, self.space, seed=self.seed, goals=self.goals, proxies=proxies)
        if isinstance(made, AshaSearcher):
            expected = 'a searcher without cheap trials; what has them goes around it, as in asha(base = "screened")'
            raise HypError([search_setting_invalid("base", str(base), expected)])
        return made


def _find(by: object, proxies: Proxies) -> Proxy:
    if isinstance(by, str) and by in proxies:
        return proxies[by]
    expected = "a cheap score of networks, and this search has none"
    if proxies:
        expected = f"a cheap score that this search has: {', '.join(map(repr, sorted(proxies)))}"
    raise HypError([search_setting_invalid("by", by, expected)])


def _order(score: float) -> float:
    """Less is better; what is no number comes last."""
    return math.inf if math.isnan(score) else -score
