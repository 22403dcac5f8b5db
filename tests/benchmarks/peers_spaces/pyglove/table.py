"""Dicts with choices in them."""

import pyglove as pg

space = pg.Dict(
    imputer=pg.oneof([None, "mean", "median"]),
    scaler=pg.oneof([None, "standard", "robust"]),
    min_frequency=pg.oneof(range(1, 51)),
    model=pg.oneof([
        pg.Dict(model="lr", C=pg.floatv(1e-3, 1e3, "log"), class_weight=pg.oneof([None, "balanced"])),
        pg.Dict(
            model="forest",
            n_estimators=pg.oneof(range(50, 501, 50)),
            max_features=pg.floatv(0.1, 1.0),
            class_weight=pg.oneof([None, "balanced"]),
        ),
        pg.Dict(model="knn", n_neighbors=pg.oneof(range(1, 51)), weights=pg.oneof(["uniform", "distance"])),
    ]),
)  # fmt: skip


# Read:
def read(c):
    return {**c, **c.model}


# Mistake: "median" -> "medium"
