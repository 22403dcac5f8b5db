"""A choice of orders; the first size is a choice, with a range of its own for the second."""

from itertools import permutations

from neps import Categorical, Float, Integer, Operation, PipelineSpace

SIZES = [Operation(dict, kwargs={"first": 2, "second": 2})]
SIZES += [Operation(dict, kwargs={"first": n, "second": Integer(2, n)}) for n in range(3, 13)]


class Space(PipelineSpace):
    order = Categorical(tuple(permutations(("scale", "select", "reduce"))))
    sizes = Categorical(tuple(SIZES))
    scaler = Categorical(("standard", "robust"))
    C = Float(1e-3, 1e3, log=True)


# Read:
def read(c):
    names = ["kept", "parts"] if c["order"].index("select") < c["order"].index("reduce") else ["parts", "kept"]
    return {**c, names[0]: c["sizes"]["first"], names[1]: c["sizes"]["second"]}


# Mistake: {"first": n -> {"frist": n
