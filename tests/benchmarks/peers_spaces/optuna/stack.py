"""A subset is one categorical of all of them: a yes or no for each would allow none, one and all five."""

from itertools import combinations

SUBSETS = [" ".join(c) for n in (2, 3, 4) for c in combinations(["lr", "nb", "knn", "tree", "svm"], n)]


def space(trial):
    models = {name: {} for name in trial.suggest_categorical("models", SUBSETS).split()}
    if "lr" in models:
        models["lr"] = {"C": trial.suggest_float("lr.C", 1e-3, 1e3, log=True)}
    if "knn" in models:
        models["knn"] = {"n_neighbors": trial.suggest_int("knn.n_neighbors", 1, 50)}
    if "tree" in models:
        models["tree"] = {
            "max_depth": trial.suggest_int("tree.max_depth", 2, 12),
            "criterion": trial.suggest_categorical("tree.criterion", ["gini", "entropy"]),
        }
    if "svm" in models:
        models["svm"] = {
            "C": trial.suggest_float("svm.C", 0.1, 100.0, log=True),
            "gamma": trial.suggest_float("svm.gamma", 1e-3, 1.0, log=True),
        }
    return {
        "models": models,
        "C": trial.suggest_float("C", 1e-2, 1e2, log=True),
        "passthrough": trial.suggest_categorical("passthrough", [False, True]),
    }


# Mistake: "n_neighbors": -> "n_neighbours":
