"""Domains: what a decision may be right now, and the prior over it.

A finite domain's prior is a tuple of integer weights, so that distributions compare exactly. Weights of a choice are
as written. A range is uniform over its members, or, when it is ``log``, member ``k`` of an integer range with step
``s`` weighs ``C(k) - C(k - s)`` with ``C(k) = round(2**40 * ln((k + s/2) / max(low - s/2, low/2)))``: the
mass of the log-uniform density in the cell around ``k``, rounded on the cumulative sum so that it has a closed form
for ranges of any length; a step above ``low`` would let the first cell reach zero, so it begins at ``low/2`` at the
least. Real ranges with a step are finite in the same way; their members are exact decimals, rounded once.

Units: ``from_unit`` is the inverse of the cumulative distribution on [0, 1); ``to_unit`` gives the middle of a code's
cell, so ``from_unit(to_unit(c)) == c`` for finite domains.
"""

from hyperdsl.ir.domain.base import MAX_INTEGER, MAX_REAL, MAX_STEPS, Code, Domain, exact, integer_weights
from hyperdsl.ir.domain.items import Choices, Combinations, Permutations, choices
from hyperdsl.ir.domain.numbers import LOG_SCALE, Gaussian, Integers, Reals, Steps

__all__ = [
    "LOG_SCALE",
    "MAX_INTEGER",
    "MAX_REAL",
    "MAX_STEPS",
    "Choices",
    "Code",
    "Combinations",
    "Domain",
    "Gaussian",
    "Integers",
    "Permutations",
    "Reals",
    "Steps",
    "choices",
    "exact",
    "integer_weights",
]
