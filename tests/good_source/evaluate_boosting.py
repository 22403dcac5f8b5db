"""The pipeline of one configuration of the space `gbm`.

Configuration: 0123abcd
Made with: hyperdsl 0.1.0, scikit-learn 1.9.1
"""

from argparse import ArgumentParser
from statistics import fmean

import joblib
import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier, early_stopping
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import get_scorer
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

DATA = "people.csv"
TARGET = "paid"
SCORER = "roc_auc"
SEED = 7
ROUNDS = 10
WATCHED_FRACTION = 0.2
THREADS = 1
FINAL_ROUNDS = {"n_estimators": 12}
SPLITTER = StratifiedKFold(n_splits=3, shuffle=True, random_state=7)
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
                "lgbm_classifier",
                LGBMClassifier(  # gbm.hyp:4
                    n_estimators=20,
                    num_leaves=7,
                    verbose=-1,
                    n_jobs=1,
                    random_state=968342279,
                ),
            ),
        ]
    )


def split_table(table):
    """Separate the input columns from the target; rows without a target are left out."""
    table = table[table[TARGET].notna()].reset_index(drop=True)
    X = table.drop(columns=TARGET)
    return X, table[TARGET].to_numpy()


def fit(pipeline, X, y):
    """Fit; boosting stops when the score on a part of the rows gets no better."""
    X_fit, X_watched, y_fit, y_watched = train_test_split(
        X,
        y,
        test_size=WATCHED_FRACTION,
        random_state=SEED,
        stratify=y,
    )
    steps, model = pipeline[:-1], pipeline[-1]
    X_fit = steps.fit_transform(X_fit, y_fit)
    X_watched = steps.transform(X_watched)
    model.fit(
        X_fit,
        y_fit,
        eval_X=X_watched,
        eval_y=y_watched,
        callbacks=[early_stopping(ROUNDS, verbose=False)],
    )
    return pipeline


def fold_scores(X, y):
    """Fit on the training rows of each fold and score the others."""
    scorer = get_scorer(SCORER)
    scores = []
    for train, test in SPLITTER.split(X, y):
        pipeline = build_pipeline()
        fit(pipeline, X.iloc[train], y[train])
        scores.append(scorer(pipeline, X.iloc[test], y[test]))
    return np.array(scores)


def main():
    """Print the score of each fold and their mean; fit on all rows if asked to."""
    parser = ArgumentParser(description="Cross-validate the pipeline.")
    parser.add_argument("--data", default=DATA, help="the table")
    parser.add_argument("--output", help="fit on all rows and save the pipeline here")
    options = parser.parse_args()
    threadpool_limits(THREADS)
    X, y = split_table(pd.read_csv(options.data))
    encoder = LabelEncoder()
    y = encoder.fit_transform(y)
    scores = fold_scores(X, y)
    print("folds:", *scores.tolist())
    print("mean:", fmean(scores))
    if options.output:
        pipeline = build_pipeline()
        model = pipeline[-1]
        model.set_params(**FINAL_ROUNDS)
        pipeline.fit(X, y)
        pipeline.classes_of_target_ = encoder.classes_
        joblib.dump(pipeline, options.output)


if __name__ == "__main__":
    main()
