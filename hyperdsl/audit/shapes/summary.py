"""The least, the median and the greatest cost over the configurations of a space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median_low

from hyperdsl.audit.diagrams import TooLarge
from hyperdsl.audit.shapes.measuring import Measured
from hyperdsl.diagnostics import HypError
from hyperdsl.frozen import frozen
from hyperdsl.recursion import deep_recursion
from hyperdsl.space import Configuration, Space

MOST_LOOKED_AT = 10_000  # configurations, one by one
DRAWS = 301


@frozen
class Summary:
    """What the networks of a space cost.

    Parameters
    ----------
    least, median, most : int
        Each configuration counts the same, continuous ranges as one point.
    ends_exact, median_exact : bool
        Whether they are of all configurations; else of drawn ones.
    uniform : bool
        Whether drawn configurations were drawn uniformly; else by the weights in the text.
    """

    least: int
    median: int
    most: int
    ends_exact: bool
    median_exact: bool
    uniform: bool


def summarize(space: Space, costs: Mapping[str, Measured]) -> dict[str, Summary]:
    """The summary of each cost; empty where no configuration can be drawn."""
    count = space.count()
    size = count.configurations
    is_small = size is not None and 0 < size <= MOST_LOOKED_AT
    try:
        seen = list(space.enumerate()) if is_small else space.sample(DRAWS, uniform=count.exact)
    except HypError:
        return {}
    return {name: _summary(space, cost, seen, is_small, count.exact) for name, cost in costs.items()}


def _summary(space: Space, cost: Measured, seen: Sequence[Configuration], is_small: bool, is_uniform: bool) -> Summary:
    found = sorted(cost.at(configuration.codes) for configuration in seen)
    least, most, exact = found[0], found[-1], is_small
    if not is_small and not space.is_constrained:
        try:
            with deep_recursion():
                least, most = cost.ends()
            exact = True
        except TooLarge:
            pass
    return Summary(least, median_low(found), most, exact, is_small, is_uniform)
