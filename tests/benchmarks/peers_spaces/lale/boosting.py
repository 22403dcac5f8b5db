"""Ranges in the schema of the operator; a schema cannot compare two hyperparameters."""

from lale import schemas
from lale.lib.lightgbm import LGBMClassifier


def log(low, high, kind=schemas.Float):
    return kind(minimum=low, maximum=high, distribution="loguniform", default=low)


NAMES = ["max_depth", "num_leaves", "learning_rate", "min_child_samples", "colsample_bytree", "reg_alpha", "reg_lambda"]
space = LGBMClassifier.customize_schema(
    relevantToOptimizer=NAMES,
    max_depth=schemas.Int(minimum=3, maximum=12, default=8),
    num_leaves=log(8, 512, schemas.Int),
    learning_rate=log(0.005, 0.3),
    min_child_samples=log(5, 100, schemas.Int),
    colsample_bytree=schemas.Float(minimum=0.4, maximum=1.0, default=1.0),
    reg_alpha=log(1e-8, 10.0),
    reg_lambda=log(1e-8, 10.0),
)


# Read:
def read(operators, drawn):
    (found,) = operators.values()
    return found


# Mistake: num_leaves=log -> num_leafs=log
