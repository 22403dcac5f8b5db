"""An operator of our own with four numbers; a schema cannot add them up."""

from lale.operators import make_operator


class Weights:
    def __init__(self, **values):
        self.values = values


NUMBER = {"type": "integer", "minimum": 0, "maximum": 100, "default": 25}
NAMES = list("abcd")
HYPERPARAMS = {"type": "object", "relevantToOptimizer": NAMES, "properties": {name: NUMBER for name in NAMES}}
space = make_operator(Weights, {"properties": {"hyperparams": {"allOf": [HYPERPARAMS]}}})


# Read:
def read(operators, drawn):
    (found,) = operators.values()
    return [found[name] for name in "abcd"]


# Mistake: "maximum": 100 -> "maximum": 20
