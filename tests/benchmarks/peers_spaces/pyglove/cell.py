"""One cell beside the widths of the stages: a choice that is shared stands in one place."""

import pyglove as pg

OPS = ["conv3", "conv5", "pool", "skip"]
space = pg.Dict(
    cell=[pg.Dict(input=pg.oneof(range(i + 1)), op=pg.oneof(OPS)) for i in range(3)],
    widths=pg.oneof([pg.manyof(n, [16, 32, 64], distinct=False) for n in (2, 3, 4)]),
)


# Read:
def read(c):
    cell = [(node.input, node.op) for node in c.cell]
    return [{"width": width, "cell": cell} for width in c.widths]


# Mistake: range(i + 1) -> range(1, i + 1)
