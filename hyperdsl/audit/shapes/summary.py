"""The least, the median and the greatest cost over the configurations of a space."""

from __future__ import annotations

from statistics import median_low

from hyperdsl.audit.diagrams import TooLarge
from hyperdsl.audit.shapes.measuring import Measured
from hyperdsl.diagnostics import HypError
from hyperdsl.frozen import frozen
from hyperdsl.recursion import deep_recursion
from hyperdsl.space import Space

MOST_LOOKED_AT = 10_000  # configurations, one by one
DRAWS = 1_001


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


def summarize(space: Space, cost: Measured) -> Summary | None:
    """The summary of one cost; None where no configuration can be drawn."""
    count = space.count()
    size = count.configurations
    if size is not None and 0 < size <= MOST_LOOKED_AT:
        every = sorted(cost.at(c.codes) for c in space.enumerate())
        return Summary(every[0], median_low(every), every[-1], True, True, True)
    try:
        drawn = sorted(cost.at(c.codes) for c in space.sample(DRAWS, uniform=count.exact))
    except HypError:
        return None
    least, most, exact = drawn[0], drawn[-1], False
    if not space.is_constrained:
        try:
            with deep_recursion():
                least, most = cost.ends()
            exact = True
        except TooLarge:
            pass
    return Summary(least, median_low(drawn), most, exact, False, count.exact)
