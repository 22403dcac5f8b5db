"""The end of a range can depend on what was suggested before; the prior is no longer the same then."""


def space(trial):
    depth = trial.suggest_int("max_depth", 3, 12)
    return {
        "max_depth": depth,
        "num_leaves": trial.suggest_int("num_leaves", 8, min(512, 2**depth), log=True),
        "learning_rate": trial.suggest_float("learning_rate", 0.005, 0.3, log=True),
        "min_child_samples": trial.suggest_int("min_child_samples", 5, 100, log=True),
        "colsample_bytree": trial.suggest_float("colsample_bytree", 0.4, 1.0),
        "reg_alpha": trial.suggest_float("reg_alpha", 1e-8, 10.0, log=True),
        "reg_lambda": trial.suggest_float("reg_lambda", 1e-8, 10.0, log=True),
    }


# Mistake: "num_leaves": -> "num_leafs":
