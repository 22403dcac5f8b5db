"""What -O2 changes in scores: trees with and without an increasing transform before them, beside the noise of seeds.

A row for each model and transform: over four tables, how many predictions of rows that were not trained on differ, and
how far the accuracy moves; and the same for another seed of the model alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_wine, make_classification
from sklearn.model_selection import StratifiedKFold
from timing import report

import hyperdsl

MODELS = (
    "DecisionTreeClassifier(random_state = {0})",
    "RandomForestClassifier(n_estimators = 50, random_state = {0})",
    "ExtraTreesClassifier(n_estimators = 50, random_state = {0})",
    "HistGradientBoostingClassifier(max_iter = 50, random_state = {0})",
    "LGBMClassifier(n_estimators = 50, random_state = {0}, verbose = -1)",
    "XGBClassifier(n_estimators = 50, random_state = {0})",
)
SCALES = ("StandardScaler()", "MinMaxScaler()", "MaxAbsScaler()", "RobustScaler()", "PowerTransformer()")


def tables() -> Iterator[tuple[Any, Any]]:
    for load in (load_breast_cancer, load_wine, load_digits):
        yield load(return_X_y=True)
    yield make_classification(1500, 20, n_informative=8, n_classes=3, random_state=0)


def predictions(text: str, X: Any, y: Any) -> Any:
    """Of each row, by a pipeline that was trained without it."""
    space = hyperdsl.compile(f"space s = {text}", level=0)
    predicted = np.empty_like(y)
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
        predicted[test] = space.build(space.default(), threads=1).fit(X[train], y[train]).predict(X[test])
    return predicted


def compared(plain: list[Any], other: list[Any]) -> tuple[str, str, str]:
    """Predictions that differ, and the mean and the largest change of accuracy over the tables."""
    truth = [y for _, y in tables()]
    differ = np.mean(np.concatenate([a != b for a, b in zip(plain, other, strict=True)]))
    moved = [abs(np.mean(a == y) - np.mean(b == y)) for a, b, y in zip(plain, other, truth, strict=True)]
    return f"{differ:.2%}", f"{np.mean(moved):.4f}", f"{max(moved):.4f}"


def main() -> None:
    warnings.simplefilter("ignore")
    rows = []
    for model in MODELS:
        texts = {scale: f"SimpleImputer() >> {scale} >> {model.format(0)}" for scale in SCALES}
        texts["another seed"] = f"SimpleImputer() >> {model.format(1)}"
        plain = [predictions(f"SimpleImputer() >> {model.format(0)}", X, y) for X, y in tables()]
        for name, text in texts.items():
            rows.append((model.split("(")[0], name, *compared(plain, [predictions(text, X, y) for X, y in tables()])))
    header = ("model", "before it", "predictions that differ", "accuracy moves by", "at most")
    report("Increasing transforms before trees", header, rows, ("scikit-learn", "lightgbm", "xgboost"))


if __name__ == "__main__":
    main()
