"""A relation has no arithmetic: for each depth the leaves that are too many are forbidden one by one."""

from ConfigSpace import (
    ConfigurationSpace,
    Float,
    ForbiddenAndConjunction,
    ForbiddenEqualsClause,
    ForbiddenInClause,
    Integer,
)

depth = Integer("max_depth", (3, 12), default=8)
leaves = Integer("num_leaves", (8, 512), default=31, log=True)
space = ConfigurationSpace()
space.add(
    depth,
    leaves,
    Float("learning_rate", (0.005, 0.3), log=True),
    Integer("min_child_samples", (5, 100), log=True),
    Float("colsample_bytree", (0.4, 1.0)),
    Float("reg_alpha", (1e-8, 10.0), log=True),
    Float("reg_lambda", (1e-8, 10.0), log=True),
)
for d in range(3, 9):
    too_many = ForbiddenInClause(leaves, list(range(2**d + 1, 513)))
    space.add(ForbiddenAndConjunction(ForbiddenEqualsClause(depth, d), too_many))


# Read:
def read(c):
    return c


# Mistake: Integer("num_leaves" -> Integer("num_leafs"
