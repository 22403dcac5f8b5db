"""Which trial a new one takes weights from."""

from __future__ import annotations

from collections.abc import Iterable

from hyperdsl.search.goals import Goals
from hyperdsl.search.trial import Parent, Trial
from hyperdsl.space import Configuration


def parent_of(configuration: Configuration, trials: Iterable[Trial], goals: Goals) -> Parent | None:
    """The trial with a score that decides least otherwise, the better one where several do; None where there is none.

    What only one of the two decides does not count: a block more is one decision more, not all those in it. Whatever
    the searcher, that is the trial that a child was bred from, or one as near.
    """
    scored = [trial for trial in trials if trial.has_score]
    if not scored:
        return None
    nearest = min(scored, key=lambda trial: (_distance(configuration, trial.configuration), goals.order(trial)))
    return Parent(nearest.number, nearest.configuration)


def _distance(one: Configuration, other: Configuration) -> int:
    pairs = zip(one.codes, other.codes, strict=True)
    return sum(a != b for a, b in pairs if a is not None and b is not None)
