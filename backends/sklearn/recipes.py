"""The functions of an exported script, as real code: read and printed by ``script``, never imported.

A script has those that it needs, without annotations. ``if flags.x`` is decided when the script is written; a call of
``read_table`` becomes the table's reader; ``X.iloc`` is ``X`` where the input is an array; ``*groups`` is there or not,
and so is what names ``weights``; names in capitals are the script's constants.
"""

from argparse import ArgumentParser
from statistics import fmean
from typing import Any

import joblib
import numpy as np
from catboost import Pool
from lightgbm import early_stopping
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import get_scorer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder
from threadpoolctl import threadpool_limits

from hyperdsl.backends.sklearn.facts import Flags

DATA = INPUT = TARGET = GROUPS = WEIGHTS = SCORER = ""
UNUSED: list[str] = []
WEIGHTED: list[str] = []
LABELS: list[Any] = []
DTYPES: dict[str, str] = {}
FINAL_ROUNDS: dict[str, int] = {}
SPLITTER: Any = None
METRIC: Any = None
SEED = ROUNDS = TEST_SEED = THREADS = 0
WATCHED_FRACTION = TEST_FRACTION = 0.0

flags = Flags()
read_table: Any = None
build_pipeline: Any = None


def split_table(table: Any) -> Any:
    """Separate the input columns from the target; rows without a target are left out."""
    table = table[table[TARGET].notna()].reset_index(drop=True)
    if flags.has_dtypes:
        table = table.astype(DTYPES)
    if flags.has_holdout:
        table, _ = train_test_split(
            table,
            test_size=TEST_FRACTION,
            random_state=TEST_SEED,
            stratify=table[TARGET] if flags.stratifies_holdout else None,
        )
    X = table.drop(columns=TARGET)
    if flags.has_unused:
        X = X.drop(columns=UNUSED)
    if flags.has_weights:
        X, weights = X.drop(columns=WEIGHTS), X[WEIGHTS].to_numpy(dtype=float)
    if flags.has_groups:
        return X.drop(columns=GROUPS), table[TARGET].to_numpy(), weights, table[GROUPS].to_numpy()
    else:
        return X, table[TARGET].to_numpy(), weights


def split_arrays(arrays: Any) -> Any:
    """Separate the input from the target."""
    X, y = arrays[INPUT], arrays[TARGET]
    if flags.has_holdout:
        X, _, y, _ = train_test_split(
            X,
            y,
            test_size=TEST_FRACTION,
            random_state=TEST_SEED,
            stratify=y if flags.stratifies_holdout else None,
        )
    return X, y


def fit_weighted(pipeline: Any, X: Any, y: Any, weights: Any) -> Any:
    """Fit with sample weights, which the last step takes."""
    if flags.has_members:
        for name, model in pipeline.estimators:
            if name not in WEIGHTED:
                model.fit(X, y)
            elif hasattr(model, "steps"):
                last, _ = model.steps[-1]
                model.fit(X, y, **{last + "__sample_weight": weights})
            else:
                model.fit(X, y, sample_weight=weights)
        pipeline.estimators = [(name, FrozenEstimator(model)) for name, model in pipeline.estimators]
        return pipeline.fit(X, y)
    elif flags.has_steps:
        name, _ = pipeline.steps[-1]
        return pipeline.fit(X, y, **{name + "__sample_weight": weights})
    else:
        return pipeline.fit(X, y, sample_weight=weights)


def fit(pipeline: Any, X: Any, y: Any, weights: Any) -> Any:
    """Fit; boosting stops when the score on a part of the rows gets no better."""
    X_fit, X_watched, y_fit, y_watched, weights_fit, weights_watched = train_test_split(
        X,
        y,
        weights,
        test_size=WATCHED_FRACTION,
        random_state=SEED,
        stratify=y if flags.classifies else None,
    )
    if flags.has_steps:
        steps, model = pipeline[:-1], pipeline[-1]
        X_fit = steps.fit_transform(X_fit, y_fit)
        X_watched = steps.transform(X_watched)
    else:
        model = pipeline
    if flags.is_dart:
        model.fit(X_fit, y_fit, sample_weight=weights_fit)
    elif flags.is_before_4_7:
        model.fit(
            X_fit,
            y_fit,
            sample_weight=weights_fit,
            eval_set=[(X_watched, y_watched)],
            eval_sample_weight=[weights_watched],
            callbacks=[early_stopping(ROUNDS, verbose=False)],
        )
    elif flags.is_lightgbm:
        model.fit(
            X_fit,
            y_fit,
            sample_weight=weights_fit,
            eval_X=X_watched,
            eval_y=y_watched,
            eval_sample_weight=[weights_watched],
            callbacks=[early_stopping(ROUNDS, verbose=False)],
        )
    if flags.is_xgboost:
        model.set_params(early_stopping_rounds=ROUNDS)
        model.fit(
            X_fit,
            y_fit,
            sample_weight=weights_fit,
            eval_set=[(X_watched, y_watched)],
            sample_weight_eval_set=[weights_watched],
            verbose=False,
        )
    if flags.is_catboost:
        model.fit(
            X_fit,
            y_fit,
            sample_weight=weights_fit,
            eval_set=Pool(
                X_watched, y_watched, weight=weights_watched, cat_features=model.get_params().get("cat_features")
            )
            if flags.has_weights
            else (X_watched, y_watched),
            early_stopping_rounds=ROUNDS,
            verbose=False,
        )
    return pipeline


def fold_scores(X: Any, y: Any, weights: Any, *groups: Any) -> Any:
    """Fit on the training rows of each fold and score the others."""
    if flags.gets_scorer:
        scorer = get_scorer(SCORER)
    if flags.has_labels:
        labels = np.array(LABELS)
    scores = []
    for train, test in SPLITTER.split(X, y, *groups):
        pipeline = build_pipeline()
        if flags.stops_early:
            fit(pipeline, X.iloc[train], y[train], weights[train])
        elif flags.fits_weighted:
            fit_weighted(pipeline, X.iloc[train], y[train], weights[train])
        else:
            pipeline.fit(X.iloc[train], y[train])
        if flags.gets_scorer:
            scores.append(
                scorer(pipeline, X.iloc[test], y[test], sample_weight=weights[test] if flags.scores_weighted else None)
            )
        else:
            predicted = np.ravel(pipeline.predict(X.iloc[test]))
            if flags.has_labels:
                scores.append(METRIC(labels[y[test]], labels[predicted]))
            else:
                scores.append(METRIC(y[test], predicted))
    return np.array(scores)


def main() -> None:
    """Print the score of each fold and their mean; fit on all rows if asked to."""
    parser = ArgumentParser(description="Cross-validate the pipeline.")
    if flags.reads_file:
        parser.add_argument("--data", default=DATA, help="the table")
    parser.add_argument("--output", help="fit on all rows and save the pipeline here")
    options = parser.parse_args()
    if flags.limits_threads:
        threadpool_limits(THREADS)
    if flags.has_arrays:
        X, y = split_arrays(read_table(options.data))
    else:
        X, y, weights, *groups = split_table(read_table(options.data))
    if flags.encodes_target:
        encoder = LabelEncoder()
        y = encoder.fit_transform(y)
    scores = fold_scores(X, y, weights, *groups)
    if flags.turns_sign:
        scores = -scores
    print("folds:", *scores.tolist())
    print("mean:", fmean(scores))
    if options.output:
        pipeline = build_pipeline()
        if flags.has_final_rounds:
            model = pipeline[-1] if flags.has_steps else pipeline
            model.set_params(**FINAL_ROUNDS)
            if flags.fits_weighted:
                fit_weighted(pipeline, X, y, weights)
            else:
                pipeline.fit(X, y)
        elif flags.stops_early:
            fit(pipeline, X, y, weights)
        elif flags.fits_weighted:
            fit_weighted(pipeline, X, y, weights)
        else:
            pipeline.fit(X, y)
        if flags.encodes_target:
            pipeline.classes_of_target_ = encoder.classes_
        joblib.dump(pipeline, options.output)
