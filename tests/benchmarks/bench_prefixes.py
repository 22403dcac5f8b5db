"""What sharing fitted steps saves, beside scikit-learn's ``memory=``, and what it costs where nothing is shared.

The table is 4,000 x 60, the space 4 scalers x 5 selectors x 3 families of models, 60 random trials, 3 folds: CPU time
of one process with one thread, all rows in the same run, one after the other.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.datasets import make_classification
from sklearn.metrics import get_scorer
from sklearn.model_selection import StratifiedKFold
from timing import report

import hyperdsl
from hyperdsl import Configuration
from hyperdsl.experiment.estimator import PipelineEstimator
from hyperdsl.experiment.sharing import FittedStore
from hyperdsl.search.history import shared_fits
from hyperdsl.search.trial import State, Trial

SLOW = """
space slow =
  (StandardScaler() | RobustScaler() | QuantileTransformer(n_quantiles = 200) | PowerTransformer())
  >> ( SelectKBest(score_func = f_classif, k = 20)
     | SelectKBest(score_func = mutual_info_classif, k = 20)
     | SelectFromModel(estimator = ExtraTreesClassifier(n_estimators = 50), max_features = 20)
     | RFE(estimator = LogisticRegression(), n_features_to_select = 20, step = 10)
     | PCA(n_components = 20)
     )
  >> ( LogisticRegression(C = 1e-3..1e2 log)
     | GaussianNB(var_smoothing = 1e-9..1e-1 log)
     | DecisionTreeClassifier(max_depth = 2..12)
     )
"""

# Each trial has a start of its own, so there is nothing to share.
APART = """
space apart = SelectPercentile(percentile = 10.0..100.0) >> QuantileTransformer(n_quantiles = 10..500 log)
  >> (GaussianNB(var_smoothing = 1e-9..1e-1 log) | LogisticRegression(C = 1e-3..1e2 log))
"""

# Steps that are too cheap to keep.
CHEAP = """
space cheap = (StandardScaler() | MinMaxScaler() | MaxAbsScaler()) >> VarianceThreshold()
  >> (GaussianNB(var_smoothing = 1e-9..1e-1 log) | RidgeClassifier(alpha = 1e-3..1e2 log))
"""


def estimator_of(space: hyperdsl.HyperSpace, rows: int, columns: int) -> PipelineEstimator:
    X, y = make_classification(rows, columns, n_informative=15, n_redundant=10, random_state=0)
    folds = tuple(StratifiedKFold(3, shuffle=True, random_state=0).split(X, y))
    return PipelineEstimator(space, X, y, folds, get_scorer("roc_auc"), threads=1)


def ours(estimator: PipelineEstimator, points: list[Configuration], budget: int) -> tuple[float, list[float], str]:
    estimator = replace(estimator, store=FittedStore(budget))
    start = time.process_time()
    found = [estimator.evaluate(point, seed=0) for point in points]
    seconds = time.process_time() - start
    trials = [Trial(n, p, "", State.complete, e) for n, (p, e) in enumerate(zip(points, found, strict=True))]
    shared, of = shared_fits(trials)
    memory = f"{estimator.store.size / 1e6:.0f} MB" if budget else "-"
    return seconds, [score for e in found for score in e.fold_scores], f"{of - shared} of {of}, {memory}"


def theirs(estimator: PipelineEstimator, points: list[Configuration], memory: Any) -> tuple[float, list[float]]:
    start = time.process_time()
    scores = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for point in points:
            for rows, scored in estimator.folds:
                pipeline = estimator.space.build(point, seed=0, threads=1).set_params(memory=memory)
                pipeline.fit(estimator.X[rows], estimator.y[rows])
                scores.append(estimator.score(pipeline, estimator.X[scored], estimator.y[scored]))
    return time.process_time() - start, scores


def saved() -> None:
    space = hyperdsl.compile(SLOW)
    estimator = estimator_of(space, 4000, 60)
    points = space.sample(60, seed=0)
    theirs(estimator, points[:2], None)  # imports and caches of the libraries
    alone, expected = theirs(estimator, points, None)
    with tempfile.TemporaryDirectory() as folder:
        cold, cold_scores = theirs(estimator, points, folder)
    none, none_scores, none_fits = ours(estimator, points, 0)
    shared, shared_scores, shared_fits = ours(estimator, points, 10**9)
    tiny, tiny_scores, tiny_fits = ours(estimator, points, 5 * 10**6)
    assert none_scores == shared_scores == tiny_scores
    differ = sum(a != b for a, b in zip(expected, cold_scores, strict=True))
    rows = [
        ("scikit-learn, no cache", f"{alone:.1f}", "1", "360 of 360"),
        ("scikit-learn, `memory=`, cold", f"{cold:.1f}", f"{alone / cold:.2f}", f"{differ} scores differ"),
        ("hyperdsl, `--no-sharing`", f"{none:.1f}", f"{alone / none:.2f}", none_fits),
        ("hyperdsl", f"{shared:.1f}", f"{alone / shared:.2f}", shared_fits),
        ("hyperdsl, `--cache 5MB`", f"{tiny:.1f}", f"{alone / tiny:.2f}", tiny_fits),
    ]
    report(
        "60 trials, 3 folds, 4,000 x 60", ("who", "CPU s", "times less", "steps fitted, kept"), rows, ("scikit-learn",)
    )


def costs() -> None:
    rows = []
    for name, text, n in [("no common starts", APART, 2000), ("cheap steps", CHEAP, 2000), ("cheap steps", CHEAP, 200)]:
        space = hyperdsl.compile(text)
        estimator = estimator_of(space, n, 30)
        points = space.sample(40, seed=1)
        ours(estimator, points[:5], 0)
        pairs = [(ours(estimator, points, 0)[0], ours(estimator, points, 10**9)[0]) for _ in range(7)]
        without, with_store = (float(np.median(column)) for column in zip(*pairs, strict=True))
        plain = theirs(estimator, points, None)[0]
        ratio = float(np.median([b / a for a, b in pairs])) - 1
        rows.append((f"{name}, {n} x 30", f"{plain:.2f}", f"{without:.2f}", f"{with_store:.2f}", f"{ratio:+.1%}"))
    report(
        "What it costs: 40 trials, 3 folds, median of 7",
        ("space", "scikit-learn, no cache, CPU s", "`--no-sharing`", "sharing", "more"),
        rows,
        ("scikit-learn",),
    )


if __name__ == "__main__":
    saved()
    costs()
