"""A Gaussian process as the model: Optuna's, asked as ``tpe`` is. It takes PyTorch, the extra ``gp``."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Unpack

import optuna
from optuna.distributions import CategoricalDistribution

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import searcher_needs
from hyperdsl.ir.domain import Domain
from hyperdsl.search.searchers.axes import Axis, rank_axis, unit_axis
from hyperdsl.search.searchers.tpe import TpeOptions, TpeSearcher
from hyperdsl.search.trial import Trial
from hyperdsl.space import Decision, Space


class GpSearcher(TpeSearcher):
    """Proposes by the expected improvement under a Gaussian process; for some hundred trials, since it is slow.

    Optuna's sampler models what all trials have in common. So every trial is told all decisions: one that it has not
    made stands at the middle of its prior, or the first alternative, which is the same in all trials that lack it.

    Parameters
    ----------
    startup : int
        Draws from the prior until so many trials have scores.
    """

    def __init__(self, space: Space, **options: Unpack[TpeOptions]) -> None:
        if find_spec("torch") is None:
            raise HypError([searcher_needs("gp", "torch", "gp")])
        super().__init__(space, **options)

    def sampler(self, seed: int) -> optuna.samplers.BaseSampler:
        return optuna.samplers.GPSampler(seed=seed, n_startup_trials=1, warn_independent_sampling=False)

    def parameters(self, trial: Trial) -> dict[str, tuple[Axis, object]]:
        made = super().parameters(trial)
        for decision in self.space.decisions:
            if decision.path not in made:
                axis = _axis_of(decision)
                made[decision.path] = (axis, 0 if isinstance(axis.distribution, CategoricalDistribution) else 0.5)
        return made

    def make_axis(self, decision: Decision, domain: Domain) -> Axis:
        return _axis_of(decision)


def _axis_of(decision: Decision) -> Axis:
    """A choice by its alternatives, everything else by its place in the prior: the same whatever is active."""
    if decision.kind == "choice" and not decision.ordinal:
        return rank_axis(CategoricalDistribution(tuple(range(len(decision.labels)))))
    return unit_axis()
