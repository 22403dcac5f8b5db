"""One-shot search: candidates are compared with weights that all of them share, the best are trained by themselves.

Guo et al. (2020, ECCV, "Single path one-shot neural architecture search with uniform sampling"): one network that holds
all candidates is trained once, each batch for a candidate that is drawn. Another searcher then looks for the candidates
with the best score by inherited weights, which costs no training. There is no controller as in Pham et al. (2018, ICML,
"Efficient neural architecture search via parameter sharing"), whose idea sharing is.
"""

from __future__ import annotations

import random
from typing import Any, Unpack

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.ir.domain import Code
from hyperdsl.search.goals import Goals
from hyperdsl.search.proxy import Proxies, shared_weights
from hyperdsl.search.searcher import Searcher
from hyperdsl.search.searchers.base import Common, HistorySearcher
from hyperdsl.search.searchers.novelty import draw_from_prior
from hyperdsl.search.searchers.options import require_single, whole
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, Trial
from hyperdsl.space import Configuration, Space

PROPOSALS = 4  # of the base for each candidate that is to be scored: others are the same network, scored already


class OneShotSearcher(HistorySearcher):
    """The candidates that score best with inherited weights, the best first.

    What is decided beside the network, such as its optimizer, has no part in that score: it has its default. The scores
    of the trials decide nothing, so that any number of them may run at a time.

    Parameters
    ----------
    epochs : int
        For which the shared network is trained; Guo et al. take about as many as for one candidate of itself.
    evaluations : int
        Candidates that are scored; Guo et al. have 1000, 20 generations of 50.
    base : str, SearcherSpec or callable
        The searcher that looks for them, ``"evolution(population = 20)"``.
    proxies : mapping of str to Proxy, or None
        What the search offers: the shared network.
    """

    startup = 0

    def __init__(
        self,
        space: Space,
        *,
        epochs: int = 20,
        evaluations: int = 200,
        base: Any = "evolution",
        proxies: Proxies | None = None,
        **common: Unpack[Common],
    ) -> None:
        common.setdefault("first_default", False)  # the default is no better known than any other candidate
        super().__init__(space, **common)
        require_single("oneshot", self.goals)
        self._shared = shared_weights("oneshot", proxies)
        self._epochs = whole("epochs", epochs)
        self._evaluations = whole("evaluations", evaluations)
        self._base = _plain(base, space, self.seed, proxies)
        self._ranked: list[Configuration] | None = None
        self._fresh: tuple[int, list[Configuration]] = (-1, [])

    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        if self._ranked is None:
            self._ranked = self._rank()
        if self._fresh[0] != len(self.history):
            new = [c for c in self._ranked if self.space.key(c) not in self._known]
            self._fresh = (len(self.history), new)
        fresh = self._fresh[1]
        if attempt < len(fresh):
            return fresh[attempt]
        return draw_from_prior(self.space, seed=self.seed, number=number, attempt=attempt)

    def _rank(self) -> list[Configuration]:
        """The scored candidates, the best first."""
        score = self._shared.single_paths(self._epochs)
        known: dict[tuple[tuple[int, Code], ...], float] = {}
        for number in range(PROPOSALS * self._evaluations):
            proposed = self._base.propose([number])
            if not proposed or len(known) >= self._evaluations:
                break
            decided = tuple(self._shared.decided(proposed[0]).items())
            if decided not in known:
                found = score(proposed[0])
                known[decided] = float("-inf") if found is None else found
            self._base.feedback([_trial(self.space, number, proposed[0], known[decided])])
        best = sorted(known, key=lambda decided: -known[decided])
        candidates = [self.space.default(dict(decided)) for decided in best]
        return list({self.space.key(c): c for c in reversed(candidates)}.values())[::-1]


def _plain(base: Any, space: Space, seed: int, proxies: Proxies | None) -> Searcher:
    """The searcher among candidates: one that looks at each in full."""
    from hyperdsl.search.searchers import make_searcher
    from hyperdsl.search.searchers.halving import AshaSearcher

    made = make_searcher(base, space, seed=seed, goals=Goals(), proxies=proxies)
    if isinstance(made, AshaSearcher | OneShotSearcher):
        raise HypError([search_setting_invalid("base", str(base), "a searcher such as evolution, random or local")])
    return made


def _trial(space: Space, number: int, configuration: Configuration, score: float) -> Trial:
    failed = Failure(FailureKind.score, "inherited", "there is no score")
    evaluation = Evaluation(None, failure=failed) if score == float("-inf") else Evaluation(score)
    return Trial(number, configuration, space.key(configuration), evaluation.state, evaluation)
