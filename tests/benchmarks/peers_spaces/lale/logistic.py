"""Lale knows which solver takes which penalty; only the ranges are ours."""

from lale import schemas
from lale.lib.sklearn import LogisticRegression

space = LogisticRegression.customize_schema(
    relevantToOptimizer=["solver", "penalty", "C", "l1_ratio"],
    solver=schemas.Enum(["lbfgs", "newton-cholesky", "liblinear", "saga"], default="lbfgs"),
    penalty=schemas.Enum(["l1", "l2", "elasticnet", None], default="l2"),
    C=schemas.Float(minimum=1e-4, maximum=1e4, distribution="loguniform", default=1.0),
    l1_ratio=schemas.AnyOf([schemas.Float(minimum=0.0, maximum=1.0), schemas.Null()], default=None),
)


# Read:
def read(operators, drawn):
    (found,) = operators.values()
    return {**found, "l1_ratio": found.get("l1_ratio") if found["penalty"] == "elasticnet" else None}


# Mistake: space = -> LogisticRegression(penalty="l1", solver="lbfgs")\nspace =
