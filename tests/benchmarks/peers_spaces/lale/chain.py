"""An operator of our own with eight numbers; a schema cannot compare them."""

from lale.operators import make_operator


class Thresholds:
    def __init__(self, **values):
        self.values = values


NUMBER = {"type": "integer", "minimum": 1, "maximum": 10, "default": 1}
NAMES = [f"t{i}" for i in range(1, 9)]
HYPERPARAMS = {"type": "object", "relevantToOptimizer": NAMES, "properties": {name: NUMBER for name in NAMES}}
space = make_operator(Thresholds, {"properties": {"hyperparams": {"allOf": [HYPERPARAMS]}}})


# Read:
def read(operators, drawn):
    (found,) = operators.values()
    return [found[f"t{i}"] for i in range(1, 9)]


# Mistake: none
