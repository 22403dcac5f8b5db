"""How a decision looks to Optuna: one parameter with a distribution that is the same in every trial.

Optuna's models drop a parameter, or mix up its values, when its distribution changes between trials. So a decision
whose ends depend on others is given as its position ``u`` in the prior's cumulative distribution, always [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial

from hyperdsl.frozen import frozen
from hyperdsl.ir.domain import Choices, Code, Combinations, Domain, Integers, Permutations, Reals, Steps
from hyperdsl.space import Decision

# Up to here the members of an unordered domain are categories; beyond, models would have nothing to learn from.
CATEGORIES = 64
# Optuna computes with floats; integers up to here are exact in them.
EXACT_INTEGERS = 2**53
BELOW_ONE = 1 - 2**-53


@frozen(slots=False)
class Axis:
    """A parameter: its distribution, and the way from codes to its values and back in the current domain."""

    distribution: BaseDistribution
    encode: Callable[[Domain, Code], Any]
    decode: Callable[[Domain, Any], Code]

    def suggest(self, trial: Trial, name: str, domain: Domain) -> Code:
        """The code that a trial's sampler gives."""
        match self.distribution:
            case CategoricalDistribution(choices=choices):
                return self.decode(domain, trial.suggest_categorical(name, choices))
            case IntDistribution(low=low, high=high, log=log):
                return self.decode(domain, trial.suggest_int(name, low, high, log=log))
            case FloatDistribution(low=low, high=high, log=log):
                return self.decode(domain, trial.suggest_float(name, low, high, log=log))
        raise TypeError(self.distribution)


def make_axis(decision: Decision, domain: Domain) -> Axis:
    """The parameter for a decision; ``domain`` is its current one."""
    if decision.dependent:
        return unit_axis()
    match domain:
        case Choices() if decision.ordinal:
            return _ordinal_axis(decision.labels)
        case Choices(weights=weights):
            return rank_axis(CategoricalDistribution(tuple(range(len(weights)))))
        case Integers(low=low, high=high, log=log, step=1) if max(-low, high) < EXACT_INTEGERS:
            return _code_axis(IntDistribution(low, high, log=log))
        case Reals(low=low, high=high, log=log):
            return _code_axis(FloatDistribution(low, high, log=log))
        case Integers(log=False) | Steps(log=False) if domain.finite_size < EXACT_INTEGERS:
            return rank_axis(IntDistribution(0, domain.finite_size - 1))
        case Combinations() | Permutations() if domain.finite_size <= CATEGORIES:
            return rank_axis(CategoricalDistribution(tuple(range(domain.finite_size))))
    return unit_axis()


def _code_axis(distribution: BaseDistribution) -> Axis:
    return Axis(distribution, lambda _, code: code, lambda _, value: value)


def rank_axis(distribution: BaseDistribution) -> Axis:
    return Axis(distribution, lambda domain, code: domain.rank(code), lambda domain, rank: domain.member(rank))


def unit_axis() -> Axis:
    return Axis(
        FloatDistribution(0.0, 1.0),
        lambda domain, code: domain.to_unit(code),
        lambda domain, u: domain.from_unit(min(u, BELOW_ONE)),
    )


def _ordinal_axis(labels: tuple[Any, ...]) -> Axis:
    """Numbers by their place in ascending order, whatever order they are written in."""
    by_value = sorted(range(len(labels)), key=lambda code: labels[code])
    place: dict[Code, int] = {code: i for i, code in enumerate(by_value)}
    return Axis(
        IntDistribution(0, len(labels) - 1), lambda _, code: place[code], lambda _, position: by_value[position]
    )
