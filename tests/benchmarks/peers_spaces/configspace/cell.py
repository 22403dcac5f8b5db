"""A list is made of one parameter for each place; a width of a stage is there where the stage is."""

from ConfigSpace import Categorical, ConfigurationSpace, GreaterThanCondition, Integer

OPS = ["conv3", "conv5", "pool", "skip"]
stages = Integer("stages", (2, 4))
widths = [Categorical(f"width{i}", [16, 32, 64]) for i in range(4)]
space = ConfigurationSpace()
space.add(stages, *widths, *[Categorical(f"op{i}", OPS) for i in range(3)])
space.add(*[Categorical(f"input{i}", list(range(i + 1))) for i in range(3)])
space.add(*[GreaterThanCondition(widths[i], stages, i) for i in (2, 3)])


# Read:
def read(c):
    cell = [(c[f"input{i}"], c[f"op{i}"]) for i in range(3)]
    return [{"width": c[f"width{i}"], "cell": cell} for i in range(c["stages"])]


# Mistake: list(range(i + 1)) -> list(range(1, i + 1))
