"""scikit-learn's class made symbolic; a choice of models, one for each penalty with the solvers that know it."""

import pyglove as pg
import sklearn.linear_model

LogisticRegression = pg.symbolize(sklearn.linear_model.LogisticRegression)

C = pg.floatv(1e-4, 1e4, "log")
SOLVERS = {
    "l1": ["liblinear", "saga"],
    "l2": ["lbfgs", "newton-cholesky", "liblinear", "saga"],
    None: ["lbfgs", "newton-cholesky", "saga"],
}
models = [LogisticRegression(penalty=penalty, solver=pg.oneof(s), C=C) for penalty, s in SOLVERS.items()]
mix = LogisticRegression(penalty="elasticnet", solver="saga", l1_ratio=pg.floatv(0.0, 1.0), C=C)
space = pg.oneof([*models, mix])


# Read:
def read(model):
    found = model.get_params()
    return {**found, "l1_ratio": found["l1_ratio"] if found["penalty"] == "elasticnet" else None}


# Mistake: "l1": ["liblinear" -> "l1": ["lbfgs"
