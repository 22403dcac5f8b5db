"""Eight different numbers in order are a choice of its own."""

import pyglove as pg

space = pg.Dict(thresholds=pg.manyof(8, range(1, 11), distinct=True, sorted=True))


# Read:
def read(c):
    return list(c.thresholds)


# Mistake: range(1, 11) -> range(1, 8)
