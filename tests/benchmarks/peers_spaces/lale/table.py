"""Combinators: ``|`` a choice, ``>>`` a pipe, ``&`` side by side. What two models share cannot be one decision."""

from lale import schemas
from lale.lib.lale import ConcatFeatures, NoOp, Project
from lale.lib.sklearn import (
    KNeighborsClassifier,
    LogisticRegression,
    OneHotEncoder,
    RandomForestClassifier,
    RobustScaler,
    SimpleImputer,
    StandardScaler,
)

balance = schemas.Enum([None, "balanced"], default=None)
impute = SimpleImputer.customize_schema(
    relevantToOptimizer=["strategy"], strategy=schemas.Enum(["mean", "median"], default="mean")
)
encode = OneHotEncoder.customize_schema(
    relevantToOptimizer=["min_frequency"],
    min_frequency=schemas.Int(minimum=1, maximum=50, distribution="loguniform", default=1),
)
scalers = [scaler.customize_schema(relevantToOptimizer=[]) for scaler in (StandardScaler, RobustScaler)]
numeric = Project(columns={"type": "number"}) >> (impute | NoOp) >> (scalers[0] | scalers[1] | NoOp)
categorical = Project(columns={"type": "string"}) >> encode(handle_unknown="infrequent_if_exist")
logistic = LogisticRegression.customize_schema(
    relevantToOptimizer=["C", "class_weight"],
    C=schemas.Float(minimum=1e-3, maximum=1e3, distribution="loguniform", default=1.0),
    class_weight=balance,
)
forest = RandomForestClassifier.customize_schema(
    relevantToOptimizer=["n_estimators", "max_features", "class_weight"],
    n_estimators=schemas.Enum(list(range(50, 501, 50)), default=100),
    max_features=schemas.Float(minimum=0.1, maximum=1.0, default=1.0),
    class_weight=balance,
)
nearest = KNeighborsClassifier.customize_schema(
    relevantToOptimizer=["n_neighbors", "weights"],
    n_neighbors=schemas.Int(minimum=1, maximum=50, distribution="loguniform", default=5),
    weights=schemas.Enum(["uniform", "distance"], default="uniform"),
)
space = (numeric & categorical) >> ConcatFeatures >> (logistic | forest | nearest)

# Read:
MODELS = {"LogisticRegression": "lr", "RandomForestClassifier": "forest", "KNeighborsClassifier": "knn"}


def read(operators, drawn):
    ((model, found),) = [(MODELS[name], found) for name, found in operators.items() if name in MODELS]
    scalers = [name for name in ("StandardScaler", "RobustScaler") if name in str(drawn)]
    return {
        **found,
        "model": model,
        "imputer": operators.get("SimpleImputer", {}).get("strategy"),
        "scaler": scalers[0].removesuffix("Scaler").lower() if scalers else None,
        "min_frequency": operators["OneHotEncoder"]["min_frequency"],
    }


# Mistake: "median" -> "medium"
