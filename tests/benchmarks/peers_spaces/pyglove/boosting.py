"""A choice of dicts, one for each depth with its own range of leaves. Integers have no log scale."""

import pyglove as pg

space = pg.Dict(
    trees=pg.oneof([
        pg.Dict(max_depth=depth, num_leaves=pg.oneof(range(8, min(512, 2**depth) + 1))) for depth in range(3, 13)
    ]),
    learning_rate=pg.floatv(0.005, 0.3, "log"),
    min_child_samples=pg.oneof(range(5, 101)),
    colsample_bytree=pg.floatv(0.4, 1.0),
    reg_alpha=pg.floatv(1e-8, 10.0, "log"),
    reg_lambda=pg.floatv(1e-8, 10.0, "log"),
)  # fmt: skip


# Read:
def read(c):
    return {**c, **c.trees}


# Mistake: num_leaves= -> num_leafs=
