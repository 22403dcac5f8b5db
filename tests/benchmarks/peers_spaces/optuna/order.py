"""An order is a categorical of all orders; the second size has the first as its end."""

from itertools import permutations


def space(trial):
    steps = trial.suggest_categorical("order", [" ".join(p) for p in permutations(["scale", "select", "reduce"])])
    order = steps.split()
    first, second = ("kept", "parts") if order.index("select") < order.index("reduce") else ("parts", "kept")
    size = trial.suggest_int(first, 2, 12)
    return {
        "order": order,
        "scaler": trial.suggest_categorical("scaler", ["standard", "robust"]),
        first: size,
        second: trial.suggest_int(second, 2, size),
        "C": trial.suggest_float("C", 1e-3, 1e3, log=True),
    }


# Mistake: "scaler": -> "scaling":
