"""A choice of operations, one for each depth with its own range of leaves."""

from neps import Categorical, Float, Integer, Operation, PipelineSpace

TREES = [Operation(dict, kwargs={"max_depth": 3, "num_leaves": 8})]
for depth in range(4, 13):
    leaves = Integer(8, min(512, 2**depth), log=True)
    TREES.append(Operation(dict, kwargs={"max_depth": depth, "num_leaves": leaves}))


class Space(PipelineSpace):
    trees = Categorical(tuple(TREES))
    learning_rate = Float(0.005, 0.3, log=True)
    min_child_samples = Integer(5, 100, log=True)
    colsample_bytree = Float(0.4, 1.0)
    reg_alpha = Float(1e-8, 10.0, log=True)
    reg_lambda = Float(1e-8, 10.0, log=True)


# Read:
def read(c):
    return {**c, **c["trees"]}


# Mistake: {"max_depth": depth, "num_leaves": leaves} -> {"max_depth": depth, "num_leafs": leaves}
