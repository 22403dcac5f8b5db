"""Three different bars among 103 places, in order; the weights are the gaps between them."""

from itertools import pairwise

import pyglove as pg

space = pg.Dict(bars=pg.manyof(3, range(103), distinct=True, sorted=True))


def weights(c):
    return [right - left - 1 for left, right in pairwise([-1, *c.bars, 103])]


# Read:
read = weights


# Mistake: none
