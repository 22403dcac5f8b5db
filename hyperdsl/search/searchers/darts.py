"""Differentiable architecture search: the candidates that are most probable under learned distributions.

Liu et al. (2019, ICLR, "DARTS: differentiable architecture search") train the weights of a mixture of all candidates
and the shares of the mixture in turns. Here every decision about the network is such a mixture, and what comes of it is
not only the likeliest alternatives but candidates in the order of their probability.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Unpack

from hyperdsl.ir.domain import Code
from hyperdsl.search.proxy import Proxies, shared_weights
from hyperdsl.search.searchers.base import Common, HistorySearcher
from hyperdsl.search.searchers.novelty import draw_from_prior
from hyperdsl.search.searchers.options import number as checked_number
from hyperdsl.search.searchers.options import require_single, whole
from hyperdsl.space import Configuration, Space

_LEAST = 1e-9  # a probability, so that it has a logarithm
MOST_LOOKED_AT = 10_000  # candidates


class DartsSearcher(HistorySearcher):
    """The candidates by decreasing probability, that of a candidate being the product over its decisions.

    Beginning with the likeliest alternatives, each candidate that is reached leads to those that differ in one
    decision, by the next alternative of it; conditions hold in all. What is decided beside the network has its default.

    Parameters
    ----------
    epochs : int
        For which the mixture is trained; Liu et al. have 50.
    rate : float
        The learning rate of the shares. Liu et al. have 0.0003 for about 20,000 steps; fewer steps need more.
    proxies : mapping of str to Proxy, or None
        What the search offers: the shared network.
    """

    startup = 0

    def __init__(
        self,
        space: Space,
        *,
        epochs: int = 50,
        rate: float = 0.003,
        proxies: Proxies | None = None,
        **common: Unpack[Common],
    ) -> None:
        common.setdefault("first_default", False)  # the default is no better known than any other candidate
        super().__init__(space, **common)
        require_single("darts", self.goals)
        self._shared = shared_weights("darts", proxies)
        self._epochs = whole("epochs", epochs)
        self._rate = checked_number("rate", rate, 1e-9, 10)
        self._found: list[Configuration] = []
        self._further: Iterator[Configuration] | None = None

    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        """The likeliest candidate that is not known, and further ones where it is in the batch already."""
        if self._further is None:
            self._further = self._by_probability(self._shared.relaxed(self._epochs, self._rate))
        place = -1
        for at in count():
            if at == len(self._found):
                following = next(self._further, None)
                if following is None:
                    break
                self._found.append(following)
            if self.space.key(self._found[at]) not in self._known:
                place += 1
                if place == attempt:
                    return self._found[at]
        return draw_from_prior(self.space, seed=self.seed, number=number, attempt=attempt)

    def _by_probability(self, learned: Mapping[int, Mapping[Code, float]]) -> Iterator[Configuration]:
        """Candidates, the most probable first."""
        orders = {row: sorted(codes, key=lambda c, p=codes: -p[c]) for row, codes in learned.items()}  # type: ignore[misc]
        first = self.space.default({row: codes[0] for row, codes in orders.items()})
        numbers = count()
        heap = [(self._cost(first, learned), next(numbers), first)]
        seen = {first.codes}
        while heap and len(seen) < MOST_LOOKED_AT:
            *_, here = heapq.heappop(heap)
            yield here
            own = {row: code for row in learned if (code := here.codes[row]) is not None}
            likeliest = {row: codes[0] for row, codes in orders.items()}
            for row, code in own.items():
                following = orders[row][orders[row].index(code) + 1 :]
                for other in following[:1]:
                    candidate = self.space.default({**likeliest, **own, row: other})
                    if candidate.codes not in seen:
                        seen.add(candidate.codes)
                        heapq.heappush(heap, (self._cost(candidate, learned), next(numbers), candidate))

    def _cost(self, candidate: Configuration, learned: Mapping[int, Mapping[Code, float]]) -> float:
        """Minus the logarithm of the probability of what a candidate decides."""
        active = ((codes, candidate.codes[row]) for row, codes in learned.items())
        return -sum(math.log(max(codes.get(code, 0.0), _LEAST)) for codes, code in active if code is not None)
