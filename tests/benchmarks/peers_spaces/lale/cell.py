"""An operator of our own; a list is one hyperparameter for each place, there whether it is used or not."""

from lale.operators import make_operator


class Network:
    def __init__(self, **values):
        self.values = values


def number(low, high):
    return {"type": "integer", "minimum": low, "maximum": high, "default": low}


PROPERTIES = {"stages": number(2, 4)}
PROPERTIES |= {f"width{i}": {"enum": [16, 32, 64], "default": 16} for i in range(4)}
PROPERTIES |= {f"input{i}": {"enum": list(range(i + 1)), "default": 0} for i in range(3)}
PROPERTIES |= {f"op{i}": {"enum": ["conv3", "conv5", "pool", "skip"], "default": "skip"} for i in range(3)}
HYPERPARAMS = {"type": "object", "relevantToOptimizer": list(PROPERTIES), "properties": PROPERTIES}
space = make_operator(Network, {"properties": {"hyperparams": {"allOf": [HYPERPARAMS]}}})


# Read:
def read(operators, drawn):
    (c,) = operators.values()
    cell = [(c[f"input{i}"], c[f"op{i}"]) for i in range(3)]
    return [{"width": c[f"width{i}"], "cell": cell} for i in range(c["stages"])]


# Mistake: list(range(i + 1)) -> list(range(1, i + 1))
