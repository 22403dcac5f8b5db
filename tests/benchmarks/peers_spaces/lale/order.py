"""A choice of all orders as pipelines; a schema cannot compare hyperparameters of two operators."""

from functools import reduce
from itertools import permutations
from operator import or_, rshift

from lale import schemas
from lale.lib.sklearn import PCA, LogisticRegression, RobustScaler, SelectKBest, StandardScaler

scale = StandardScaler.customize_schema(relevantToOptimizer=[]) | RobustScaler.customize_schema(relevantToOptimizer=[])
select = SelectKBest.customize_schema(relevantToOptimizer=["k"], k=schemas.Int(minimum=2, maximum=12, default=8))
shrink = PCA.customize_schema(
    relevantToOptimizer=["n_components"], n_components=schemas.Int(minimum=2, maximum=12, default=4)
)
model = LogisticRegression.customize_schema(
    relevantToOptimizer=["C"], C=schemas.Float(minimum=1e-3, maximum=1e3, distribution="loguniform", default=1.0)
)
space = reduce(or_, [reduce(rshift, steps) for steps in permutations((scale, select, shrink))]) >> model


# Read:
def read(operators, drawn):
    (steps,) = drawn[0].values()
    names = ["scale" if "Scaler" in str(s) else "select" if "k" in s else "reduce" for s in steps]
    kept, parts = steps[names.index("select")]["k"], steps[names.index("reduce")]["n_components"]
    scaler = "robust" if "RobustScaler" in str(drawn) else "standard"
    return {"order": names, "scaler": scaler, "kept": kept, "parts": parts, "C": drawn[1]["C"]}


# Mistake: n_components=schemas -> n_component=schemas
