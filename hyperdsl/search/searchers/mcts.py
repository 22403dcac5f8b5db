"""Monte Carlo tree search: the decisions of the space in the order of its table are the levels of a tree."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Unpack

from hyperdsl.ir.domain import Code, Domain
from hyperdsl.search.searchers.base import Common, HistorySearcher
from hyperdsl.search.searchers.options import number as checked_number
from hyperdsl.search.searchers.options import require_single, switch
from hyperdsl.search.searchers.ranking import Ranking
from hyperdsl.search.searchers.variation import changed, kept
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Decision, Space

CANDIDATES = 20  # among which a surrogate chooses
FOLLOWED = 0.85  # the probability that a decision below the tree is that of the best trial of the last node


class MctsSearcher(HistorySearcher):
    """Goes down from the root by upper confidence bounds (UCT; Kocsis and Szepesvári 2006, ECML), then completes.

    A node is what has been decided so far, its visits are the trials that decided so: the tree is read off the history.
    A node may have about the ``widening``-th power of its visits as children (progressive widening; Coulom 2007), so
    that ranges and long choices are not tried through at one place first. Below the tree most decisions follow the best
    trial of the last node, the others the prior. Conditions narrow every decision, so no child is infeasible.

    The value of a child is halfway between the mean and the best of its trials, as ranks from 0 to 1: what counts is
    the best leaf. Trials that failed count as the worst, and so do running ones, so that parallel trials keep apart.

    Parameters
    ----------
    exploration : float
        The weight of the confidence bounds.
    widening : float
        The exponent of the number of children.
    surrogate : bool
        Whether a model of the loss chooses among several completions.
    """

    startup = 5

    def __init__(
        self,
        space: Space,
        *,
        exploration: float = 0.7,
        widening: float = 0.5,
        surrogate: bool = False,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(space, **common)
        require_single("mcts", self.goals)
        self.exploration = checked_number("exploration", exploration, 0)
        self.widening = checked_number("widening", widening, 0, 1)
        self._ranking = Ranking(space, self.goals, self.startup) if switch("surrogate", surrogate) else None
        self._values: dict[int, float] = {}

    def feedback(self, trials: Sequence[Trial]) -> None:
        super().feedback(trials)
        self._values = {}
        if self._ranking:
            self._ranking.feedback(trials)

    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        if not self._values:
            self._values = self._valued()
        if self._ranking is None or attempt > 3:
            return self._descend(rng, attempt)
        made = [self._descend(rng, attempt) for _ in range(CANDIDATES)]
        candidates = [c for c in made if not self.is_tried(c.codes)] or made
        return candidates[self._ranking.order(self._ranking.encode(candidates), number)[0]]

    def _descend(self, rng: random.Random, attempt: int) -> Configuration:
        path = _Path(self, rng, FOLLOWED / (1 + attempt / 3))
        return self.space.decide(path.decide)

    def _valued(self) -> dict[int, float]:
        """The value of every trial by its number: 1 of the best, 0 of the worst and of those without a score."""
        values = dict.fromkeys(self.history, 0.0)
        ordered = sorted((t for t in self.history.values() if t.has_score), key=self.goals.order)
        for rank, trial in enumerate(ordered):
            values[trial.number] = 1 - rank / max(1, len(ordered) - 1)
        return values

    def value(self, numbers: Sequence[int]) -> float:
        """How good the trials of a node are."""
        values = [self._values[n] for n in numbers]
        return (sum(values) / len(values) + max(values)) / 2

    def best(self, numbers: Sequence[int]) -> Configuration:
        """The best configuration of a node."""
        return self.history[max(numbers, key=lambda n: (self._values[n], -n))].configuration


class _Path:
    """One way from the root to a leaf."""

    def __init__(self, tree: MctsSearcher, rng: random.Random, followed: float) -> None:
        self._tree = tree
        self._rng = rng
        self._followed = followed
        self._at = list(tree.history)  # the trials of the node
        self._leader = tree.best(self._at)  # the best trial of the last node that had any

    def decide(self, decision: Decision, domain: Domain) -> Code:
        if not self._at:
            return self._completed(decision, domain)
        self._leader = self._tree.best(self._at)
        children: dict[Code, list[int]] = {}
        for number in self._at:
            code = self._tree.history[number].configuration.codes[decision.index]
            if code is not None and domain.contains(code):
                children.setdefault(code, []).append(number)
        is_full = domain.size is not None and len(children) >= domain.size
        if not children or (not is_full and len(children) <= len(self._at) ** self._tree.widening):
            code = self._new(decision, domain, children)
        else:
            code = max(children, key=lambda c: self._bound(children[c]))
        self._at = children.get(code, [])
        return code

    def _bound(self, visits: Sequence[int]) -> float:
        confidence = math.sqrt(math.log(len(self._at)) / len(visits))
        return self._tree.value(visits) + self._tree.exploration * confidence

    def _new(self, decision: Decision, domain: Domain, children: dict[Code, list[int]]) -> Code:
        """A child that is not there yet: of the prior, or in every other case near the best one."""
        code = self._leader.codes[decision.index]
        if code is not None and domain.contains(code) and self._rng.random() < 0.5:
            near = changed(decision, domain, code, self._rng)
            if near not in children:
                return near
        for _ in range(20):
            drawn = domain.from_unit(self._rng.random())
            if drawn not in children:
                return drawn
        return drawn

    def _completed(self, decision: Decision, domain: Domain) -> Code:
        code = self._leader.codes[decision.index]
        if code is None or self._rng.random() >= self._followed:
            return domain.from_unit(self._rng.random())
        return kept(domain, code, self._rng)
