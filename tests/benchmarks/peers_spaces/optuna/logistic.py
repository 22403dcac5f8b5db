"""The pairs are one categorical: the choices of a name cannot change from trial to trial."""

PAIRS = [
    *["lbfgs l2", "lbfgs none", "newton-cholesky l2", "newton-cholesky none", "liblinear l1", "liblinear l2"],
    *["saga l1", "saga l2", "saga elasticnet", "saga none"],
]


def space(trial):
    solver, penalty = trial.suggest_categorical("pair", PAIRS).split()
    return {
        "solver": solver,
        "penalty": None if penalty == "none" else penalty,
        "C": trial.suggest_float("C", 1e-4, 1e4, log=True),
        "l1_ratio": trial.suggest_float("l1_ratio", 0.0, 1.0) if penalty == "elasticnet" else None,
    }


# Mistake: "lbfgs none" -> "lbfgs l1"
