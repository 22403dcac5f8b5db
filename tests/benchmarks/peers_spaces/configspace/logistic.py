"""Forbidden clauses and a condition say it all."""

from ConfigSpace import (
    Categorical,
    ConfigurationSpace,
    EqualsCondition,
    Float,
    ForbiddenAndConjunction,
    ForbiddenEqualsClause,
    ForbiddenInClause,
)

solver = Categorical("solver", ["lbfgs", "newton-cholesky", "liblinear", "saga"])
penalty = Categorical("penalty", ["l2", "l1", "elasticnet", "none"])
ratio = Float("l1_ratio", (0.0, 1.0))
space = ConfigurationSpace()
space.add(solver, penalty, ratio, Float("C", (1e-4, 1e4), log=True))
space.add(
    EqualsCondition(ratio, penalty, "elasticnet"),
    ForbiddenAndConjunction(
        ForbiddenEqualsClause(penalty, "l1"), ForbiddenInClause(solver, ["lbfgs", "newton-cholesky"])
    ),
    ForbiddenAndConjunction(
        ForbiddenEqualsClause(penalty, "elasticnet"),
        ForbiddenInClause(solver, ["lbfgs", "newton-cholesky", "liblinear"]),
    ),
    ForbiddenAndConjunction(ForbiddenEqualsClause(penalty, "none"), ForbiddenEqualsClause(solver, "liblinear")),
)


# Read:
def read(c):
    return {"l1_ratio": None, **c, "penalty": None if c["penalty"] == "none" else c["penalty"]}


# Mistake: ForbiddenInClause(solver, ["lbfgs", "newton-cholesky"]) -> ForbiddenInClause(solver, ["newton-cholesky"])
