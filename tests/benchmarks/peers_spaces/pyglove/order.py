"""A permutation; the size of the first step that drops columns is a choice, with a range of its own for the other."""

import pyglove as pg

space = pg.Dict(
    order=pg.permutate(["scale", "select", "reduce"]),
    sizes=pg.oneof([pg.Dict(first=n, second=pg.oneof(range(2, n + 1))) for n in range(2, 13)]),
    scaler=pg.oneof(["standard", "robust"]),
    C=pg.floatv(1e-3, 1e3, "log"),
)


# Read:
def read(c):
    order = list(c.order)
    names = ["kept", "parts"] if order.index("select") < order.index("reduce") else ["parts", "kept"]
    return {"order": order, "scaler": c.scaler, "C": c.C, names[0]: c.sizes.first, names[1]: c.sizes.second}


# Mistake: first=n -> frist=n
