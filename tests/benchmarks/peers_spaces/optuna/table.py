"""Conditions are those of Python."""


def space(trial):
    def balanced(model):
        return {"model": model, "class_weight": trial.suggest_categorical("class_weight", [None, "balanced"])}

    config = {
        "imputer": trial.suggest_categorical("imputer", [None, "mean", "median"]),
        "scaler": trial.suggest_categorical("scaler", [None, "standard", "robust"]),
        "min_frequency": trial.suggest_int("min_frequency", 1, 50, log=True),
    }
    model = trial.suggest_categorical("model", ["lr", "forest", "knn"])
    if model == "lr":
        return {**config, **balanced("lr"), "C": trial.suggest_float("C", 1e-3, 1e3, log=True)}
    if model == "forest":
        trees = trial.suggest_int("n_estimators", 50, 500, step=50)
        features = trial.suggest_float("max_features", 0.1, 1.0)
        return {**config, **balanced("forest"), "n_estimators": trees, "max_features": features}
    neighbours = trial.suggest_int("n_neighbors", 1, 50, log=True)
    weights = trial.suggest_categorical("weights", ["uniform", "distance"])
    return {**config, "model": "knn", "n_neighbors": neighbours, "weights": weights}


# Mistake: "median" -> "medium"
