"""The eight spaces as plain data: what lies in each, and how many discrete configurations each has.

Needs nothing but Python, so that it runs beside every system. A drawn configuration is read into this form first:

- boosting: ``{max_depth, num_leaves, learning_rate, min_child_samples, colsample_bytree, reg_alpha, reg_lambda}``
- logistic: ``{solver, penalty, C, l1_ratio}``, the last None where the penalty is no mix
- chain: eight numbers
- table: ``{imputer, scaler, min_frequency, model, …}``, None for a step left out, then the parameters of the model
- blend: four numbers
- stack: ``{models: {name: parameters}, C, passthrough}``
- cell: a list of ``{width, cell: [(input, op), …]}``
- order: ``{order, scaler, kept, parts, C}``
"""

from __future__ import annotations

from itertools import combinations, pairwise
from math import prod
from typing import Any

SPACES = ("boosting", "logistic", "chain", "table", "blend", "stack", "cell", "order")
PAIRS = {
    "lbfgs": ("l2", None),
    "newton-cholesky": ("l2", None),
    "liblinear": ("l1", "l2"),
    "saga": ("l1", "l2", "elasticnet", None),
}
PARTS = {"lr": 1, "nb": 1, "knn": 50, "tree": 22, "svm": 1}  # configurations of each model of the stack

# Every discrete part, without the continuous ranges.
COUNTS = {
    "boosting": 96 * sum(min(512, 2**depth) - 7 for depth in range(3, 13)),
    "logistic": sum(map(len, PAIRS.values())),
    "chain": 45,
    "table": 3 * 3 * 50 * (2 + 10 * 2 + 50 * 2),
    "blend": 101 * 102 * 103 // 6,
    "stack": 2 * sum(prod(c) for n in (2, 3, 4) for c in combinations(PARTS.values(), n)),
    "cell": 4 * 8 * 12 * (3**2 + 3**3 + 3**4),
    "order": 6 * 2 * 66,
}
CONTINUOUS = {"boosting", "logistic", "table", "stack", "order"}


def inside(value: Any, low: float, high: float) -> bool:
    """Whether a number lies in a range, but for rounding."""
    return low * (1 - 1e-9) <= value <= high * (1 + 1e-9)


def boosting(c: dict[str, Any]) -> bool:
    return (
        inside(c["max_depth"], 3, 12)
        and inside(c["num_leaves"], 8, 512)
        and c["num_leaves"] <= 2 ** c["max_depth"]
        and inside(c["learning_rate"], 0.005, 0.3)
        and inside(c["min_child_samples"], 5, 100)
        and inside(c["colsample_bytree"], 0.4, 1.0)
        and all(inside(c[name], 1e-8, 10.0) for name in ("reg_alpha", "reg_lambda"))
    )


def logistic(c: dict[str, Any]) -> bool:
    ratio = c["l1_ratio"]
    mixed = inside(ratio, 0.0, 1.0) if c["penalty"] == "elasticnet" and ratio is not None else ratio is None
    known = c["penalty"] in PAIRS[c["solver"]] and (c["penalty"] != "elasticnet" or ratio is not None)
    return known and mixed and inside(c["C"], 1e-4, 1e4)


def chain(c: list[int]) -> bool:
    return len(c) == 8 and all(1 <= v <= 10 for v in c) and all(a < b for a, b in pairwise(c))


def table(c: dict[str, Any]) -> bool:
    prepared = (
        c["imputer"] in (None, "mean", "median")
        and c["scaler"] in (None, "standard", "robust")
        and inside(c["min_frequency"], 1, 50)
    )
    balanced = c.get("class_weight") in (None, "balanced")
    if c["model"] == "lr":
        return prepared and balanced and inside(c["C"], 1e-3, 1e3)
    if c["model"] == "forest":
        trees = c["n_estimators"] % 50 == 0 and inside(c["n_estimators"], 50, 500)
        return prepared and balanced and trees and inside(c["max_features"], 0.1, 1.0)
    return prepared and inside(c["n_neighbors"], 1, 50) and c["weights"] in ("uniform", "distance")


def blend(c: list[int]) -> bool:
    return len(c) == 4 and min(c) >= 0 and sum(c) == 100


def stack(c: dict[str, Any]) -> bool:
    ranges: dict[str, dict[str, tuple[float, float]]] = {
        "lr": {"C": (1e-3, 1e3)},
        "nb": {},
        "knn": {"n_neighbors": (1, 50)},
        "tree": {"max_depth": (2, 12)},
        "svm": {"C": (0.1, 100.0), "gamma": (1e-3, 1.0)},
    }
    fits = all(
        inside(parameters[name], *ends)
        for model, parameters in c["models"].items()
        for name, ends in ranges[model].items()
    )
    criterion = c["models"].get("tree", {"criterion": "gini"})["criterion"] in ("gini", "entropy")
    return fits and criterion and 2 <= len(c["models"]) <= 4 and inside(c["C"], 1e-2, 1e2)


def cell(c: list[dict[str, Any]]) -> bool:
    first = c[0]["cell"]
    return (
        2 <= len(c) <= 4
        and all(stage["width"] in (16, 32, 64) and stage["cell"] == first for stage in c)
        and len(first) == 3
        and all(0 <= source <= i for i, (source, _) in enumerate(first))
        and all(op in ("conv3", "conv5", "pool", "skip") for _, op in first)
    )


def order(c: dict[str, Any]) -> bool:
    steps = c["order"]
    later, earlier = c["parts"], c["kept"]
    if steps.index("select") > steps.index("reduce"):
        later, earlier = earlier, later
    sizes = inside(later, 2, 12) and inside(earlier, 2, 12) and later <= earlier
    named = sorted(steps) == ["reduce", "scale", "select"] and c["scaler"] in ("standard", "robust")
    return sizes and named and inside(c["C"], 1e-3, 1e3)


HOLDS = {f.__name__: f for f in (boosting, logistic, chain, table, blend, stack, cell, order)}
