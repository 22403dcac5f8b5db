r"""How much each decision of a space matters to the score, measured over the trials of a study.

Trials are what a searcher liked, not a random sample, and most decisions are made in some of them only. So a model of
the score is asked, not the averages of trials. With :math:`r_i` the rank of trial :math:`i` in 0..1, a random forest
:math:`f` is fitted to four fifths of the trials and judged on the last fifth, five times over. For a decision
:math:`d`, let :math:`x_i^{d}` be configuration :math:`i` with :math:`d` *and all that lies beneath it* taken from
another trial of the same fifth in which :math:`d` is made too; where it is not made, trials stay as they are. Then

.. math:: I_d = \max(0, \sum_i (r_i - f(x_i^{d}))^2 - \sum_i (r_i - f(x_i))^2) / (2 \sum_i (r_i - \bar r)^2)

is its importance. For a perfect model it is Jansen's estimator of the total Sobol' index (Jansen 1999, Comput. Phys.
Commun. 117), for the trials that reach the decision: the share of the spread of all trials that goes with this
node of the tree. It is conditional on the decisions above, since these stay; a choice counts with the branches beneath
it, so the numbers of nested decisions do not add up to 1. Exchanging whole branches keeps every configuration one of
the space. What the model cannot foretell on trials that it has not seen counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hyperdsl.frozen import frozen
from hyperdsl.search.searchers.encoding import Encoding
from hyperdsl.space import Configuration, Space
from hyperdsl.space.hierarchy import beneath

LEAST = 20  # trials with a score: fewer say nothing of this kind
MOST = 2_000  # trials that are looked at, evenly over the study
LEAST_MADE = 6  # trials in which a decision is made
FOLDS = 5
TREES = 40
REPEATS = 3
BATCH = 20_000  # rows that are foretold at a time

Matrix = NDArray[np.float64]


@frozen(slots=False)
class Importance:
    """What was found.

    Parameters
    ----------
    shares : tuple of float or None
        One per decision; None where it is made in too few trials.
    foretold : float
        The share of the spread that the model foretells of trials it has not seen; at most 1, below 0 for nothing.
    trials : int
        How many were looked at.
    """

    shares: tuple[float | None, ...]
    foretold: float
    trials: int


def importance(space: Space, configurations: Sequence[Configuration], scores: Sequence[float]) -> Importance | None:
    """The importance of each decision; None where trials are too few, or all equally good."""
    if len(scores) > MOST:
        kept = np.linspace(0, len(scores) - 1, MOST).round().astype(int)
        configurations, scores = [configurations[i] for i in kept], [scores[i] for i in kept]
    values = np.asarray(scores, dtype=float)
    if len(values) < LEAST or np.all(values == values[0]) or not space.decisions:
        return None
    ranks = _ranks(values)
    encoding = Encoding(space)
    rows = encoding.rows(configurations)
    made = np.array([[code is not None for code in c.codes] for c in configurations])
    enough = made.sum(axis=0) >= LEAST_MADE
    columns = [_columns(encoding, {row, *under}) for row, under in enumerate(beneath(space.graph))]
    spread = float(np.sum((ranks - ranks.mean()) ** 2))
    lost, error = np.zeros(len(columns)), 0.0
    for model, test in _models(rows, ranks):
        truth, base = ranks[test], model.predict(rows[test])
        error += float(np.sum((truth - base) ** 2))
        blocks = {i: block for i, block in enumerate(columns) if enough[i] and made[test, i].sum() > 1}
        for index, positions, found in _foretold(model, rows[test], made[test], blocks):
            lost[index] += float(np.sum((truth[positions] - found) ** 2) / REPEATS)
            lost[index] -= float(np.sum((truth[positions] - base[positions]) ** 2))
    shares = np.maximum(0.0, lost / (2 * spread))
    return Importance(
        tuple(round(float(s), 6) if e else None for s, e in zip(shares, enough, strict=True)),
        1 - error / spread,
        len(values),
    )


def _models(rows: Matrix, ranks: Matrix) -> Any:
    """Forests with the positions that each has not seen."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import KFold

    for fit, test in KFold(FOLDS, shuffle=True, random_state=0).split(rows):
        model = RandomForestRegressor(TREES, min_samples_leaf=2, max_features=0.5, random_state=0)
        yield model.fit(rows[fit], ranks[fit]), test


def _foretold(
    model: Any, rows: Matrix, made: NDArray[np.bool_], blocks: Mapping[int, NDArray[np.intp]]
) -> Iterator[tuple[int, NDArray[np.intp], Matrix]]:
    """For each decision the rows that make it, and what is foretold of them with its columns exchanged."""
    pending: list[tuple[int, NDArray[np.intp], Matrix]] = []
    for index, block in blocks.items():
        positions = np.flatnonzero(made[:, index])
        pending.append((index, positions, _exchanged(rows[positions], block, index)))
        if index == max(blocks) or sum(len(r) for _, _, r in pending) > BATCH:
            found = model.predict(np.concatenate([r for _, _, r in pending]))
            ends = np.cumsum([len(r) for _, _, r in pending])
            for (row, where, _), part in zip(pending, np.split(found, ends[:-1]), strict=True):
                yield row, where, part.reshape(REPEATS, -1)
            pending = []


def _exchanged(rows: Matrix, block: NDArray[np.intp], seed: int) -> Matrix:
    """Rows with the columns of a block from another one of them, several times."""
    rng = np.random.default_rng(seed)
    found = np.tile(rows, (REPEATS, 1))
    for number in range(REPEATS):
        order = rng.permutation(len(rows))
        found[np.ix_(number * len(rows) + order, block)] = rows[np.ix_(np.roll(order, 1), block)]
    return found


def _columns(encoding: Encoding, decisions: set[int]) -> NDArray[np.intp]:
    return np.array(
        [c for d in sorted(decisions) for c in range(encoding.blocks[d].start, encoding.blocks[d].stop)], dtype=np.intp
    )


def _ranks(values: Matrix) -> Matrix:
    """Ranks from 0 to 1; equal values share the middle of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middles = ends - (counts + 1) / 2
    return np.asarray(middles[inverse] / max(1, len(values) - 1), dtype=float)
