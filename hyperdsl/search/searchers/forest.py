"""Bayesian optimization with a random forest (SMAC; Hutter et al. 2011, LION 5)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Unpack

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from hyperdsl.search.searchers.base import Common, HistorySearcher
from hyperdsl.search.searchers.encoding import MOST_LABELS, Positions
from hyperdsl.search.searchers.options import require_single, whole
from hyperdsl.search.searchers.surrogate import bounded, expected_improvement, standardized
from hyperdsl.search.searchers.variation import cross, draw, mutate
from hyperdsl.search.seeds import derive_seed
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Decision, Space

INACTIVE = -2.0  # the value of a number that is not decided: below all others, so that one split tells it apart
PARENTS = 10
MUTANTS, CHILDREN, DRAWS = 60, 20, 40  # candidates of each kind
LEAST_DEVIATION = 0.05  # of the standardized loss


class ForestSearcher(HistorySearcher):
    """Asks a random forest for the expected improvement of candidates around the best trials and of the prior.

    Decisions that are not made have a value of their own, which trees split off where it tells something. The spread
    of the trees is the uncertainty. The forest is grown anew with every trial at first, later with every twentieth
    part of the history.

    Parameters
    ----------
    trees : int
    """

    startup = 8

    def __init__(
        self,
        space: Space,
        *,
        trees: int = 30,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(space, **common)
        require_single("forest", self.goals)
        self.trees = whole("trees", trees)
        self._forest: tuple[list[Trial], RandomForestRegressor] | None = None
        self._ranked: tuple[int, list[Configuration]] = (-1, [])

    def feedback(self, trials: Sequence[Trial]) -> None:
        super().feedback(trials)
        self._ranked = (-1, [])

    def draw(self, number: int, attempt: int, rng: random.Random) -> Configuration:
        if self._ranked[0] != number:
            self._ranked = (number, self._rank(number))
        ranked = self._ranked[1]
        return ranked[attempt] if attempt < len(ranked) else draw(self.space, rng)

    def _rank(self, number: int) -> list[Configuration]:
        candidates = self._candidates(random.Random(derive_seed("forest candidates", self.seed, number)))
        known, forest = self._grown()
        z = self._losses(known)
        rows = forest_rows(self.space.decisions, candidates).astype(np.float32)
        foretold = np.array([tree.tree_.predict(rows)[:, 0] for tree in forest.estimators_])
        deviation = np.maximum(foretold.std(axis=0), LEAST_DEVIATION)
        order = np.argsort(-expected_improvement(foretold.mean(axis=0), deviation, float(z.min())), kind="stable")
        return [candidates[i] for i in order.tolist()]

    def _candidates(self, rng: random.Random) -> list[Configuration]:
        best = [t.configuration for t in sorted(self.scored, key=self.goals.order)[:PARENTS]]
        made = [
            mutate(self.space, best[min(int(rng.expovariate(0.5)), len(best) - 1)], rng, 1 if i % 4 else 2)
            for i in range(MUTANTS)
        ]
        made += [cross(self.space, rng.sample(best, 2), rng) for _ in range(CHILDREN if len(best) > 1 else 0)]
        made += [draw(self.space, rng) for _ in range(DRAWS)]
        different = {c.codes: c for c in made}
        return [c for codes, c in different.items() if not self.is_tried(codes)] or made

    def _grown(self) -> tuple[list[Trial], RandomForestRegressor]:
        """The trials that a forest has learned from, and the forest."""
        count = len(self.scored)
        known = self.scored[: count - count % max(1, count // 20)]
        if self._forest is None or self._forest[0] != known:
            state = derive_seed("forest", self.seed, len(known)) % 2**32
            forest = RandomForestRegressor(self.trees, max_features=0.8, random_state=state)
            forest.fit(forest_rows(self.space.decisions, [t.configuration for t in known]), self._losses(known))
            self._forest = (known, forest)
        return self._forest

    def _losses(self, trials: Sequence[Trial]) -> np.ndarray:
        losses = np.array([self.goals.losses(t)[0] for t in trials])
        return standardized(bounded(losses, np.array([self.goals.violation(t) for t in trials])))


def forest_rows(decisions: Sequence[Decision], configurations: Sequence[Configuration]) -> np.ndarray:
    """Configurations for trees: a column for each alternative or item, one for a number; ``INACTIVE`` where none is."""
    columns: list[np.ndarray] = []
    for decision, codes in zip(decisions, zip(*(c.codes for c in configurations), strict=True), strict=True):
        active = np.array([code is not None for code in codes])
        known = [code for code in codes if code is not None]
        if decision.kind in ("subset", "permutation"):
            block = np.full((len(codes), len(decision.labels)), INACTIVE)
            for row, code in zip(np.flatnonzero(active), known, strict=True):
                assert isinstance(code, tuple)
                block[row] = -1.0
                block[row, list(code)] = range(len(code)) if decision.kind == "permutation" else 1.0
        elif decision.kind == "choice" and not decision.ordinal:
            width = min(len(decision.labels), MOST_LABELS)
            block = np.where(active[:, None], np.zeros((1, width)), INACTIVE)
            block[np.flatnonzero(active), np.minimum(np.array(known, dtype=int), width - 1)] = 1.0
        else:
            block = np.nan_to_num(Positions([decision]).of(np.array([codes], dtype=float).T), nan=INACTIVE)
        columns.append(block)
    return np.hstack(columns) if columns else np.zeros((len(configurations), 1))
