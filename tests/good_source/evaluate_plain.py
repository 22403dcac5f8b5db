"""The pipeline of one configuration of the space `gbm`.

Configuration: 0123abcd
Made with: hyperdsl 0.1.0, scikit-learn 1.9.1
"""

from argparse import ArgumentParser
from statistics import fmean

import joblib
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import get_scorer
from sklearn.model_selection import KFold

TARGET = "target"
SCORER = "r2"
SPLITTER = KFold()


def build_pipeline():
    return Ridge(alpha=0.5, random_state=2005340774)  # gbm.hyp:1


def split_table(table):
    """Separate the input columns from the target; rows without a target are left out."""
    table = table[table[TARGET].notna()].reset_index(drop=True)
    X = table.drop(columns=TARGET)
    return X, table[TARGET].to_numpy()


def fold_scores(X, y):
    """Fit on the training rows of each fold and score the others."""
    scorer = get_scorer(SCORER)
    scores = []
    for train, test in SPLITTER.split(X, y):
        pipeline = build_pipeline()
        pipeline.fit(X.iloc[train], y[train])
        scores.append(scorer(pipeline, X.iloc[test], y[test]))
    return np.array(scores)


def main():
    """Print the score of each fold and their mean; fit on all rows if asked to."""
    parser = ArgumentParser(description="Cross-validate the pipeline.")
    parser.add_argument("--output", help="fit on all rows and save the pipeline here")
    options = parser.parse_args()
    X, y = split_table(load_diabetes(as_frame=True).frame)
    scores = fold_scores(X, y)
    print("folds:", *scores.tolist())
    print("mean:", fmean(scores))
    if options.output:
        pipeline = build_pipeline()
        pipeline.fit(X, y)
        joblib.dump(pipeline, options.output)


if __name__ == "__main__":
    main()
