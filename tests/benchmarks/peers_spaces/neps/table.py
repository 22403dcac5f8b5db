"""Steps and models are choices; the models that balance classes share one decision."""

# ruff: noqa: RUF012
from neps import Categorical, Float, Integer, Operation, PipelineSpace


class Space(PipelineSpace):
    imputer = Categorical((None, "mean", "median"))
    scaler = Categorical((None, "standard", "robust"))
    min_frequency = Integer(1, 50, log=True)
    _balance = Categorical((None, "balanced"))
    _trees = Categorical(tuple(range(50, 501, 50)))
    _lr = {"model": "lr", "C": Float(1e-3, 1e3, log=True), "class_weight": _balance}
    _forest = {
        "model": "forest",
        "n_estimators": _trees,
        "max_features": Float(0.1, 1.0),
        "class_weight": _balance,
    }
    _nearest = {
        "model": "knn",
        "n_neighbors": Integer(1, 50, log=True),
        "weights": Categorical(("uniform", "distance")),
    }
    model = Categorical(
        (Operation(dict, kwargs=_lr), Operation(dict, kwargs=_forest), Operation(dict, kwargs=_nearest))
    )


# Read:
def read(c):
    return {"imputer": None, "scaler": None, **c, **c["model"]}  # what is None is left out


# Mistake: "median" -> "medium"
