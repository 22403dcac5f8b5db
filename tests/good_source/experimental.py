"""The pipeline of one configuration of the space `gbm`.

Configuration: 0123abcd
Made with: hyperdsl 0.1.0, scikit-learn 1.9.1
"""

from catboost import CatBoostClassifier
from sklearn.compose import ColumnTransformer
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import KBinsDiscretizer

NUMERIC = ["age", "income"]


def build_pipeline():
    numeric = Pipeline(
        [
            (
                "iterative_imputer",
                IterativeImputer(tol=1.0, random_state=349092813),  # gbm.hyp:1
            ),
            (
                "k_bins_discretizer",
                KBinsDiscretizer(n_bins=3, random_state=442072520),  # gbm.hyp:1
            ),
        ]
    )
    columns = ColumnTransformer([("numeric", numeric, NUMERIC)])  # gbm.hyp:1
    return Pipeline(
        [
            ("columns", columns),
            (
                "cat_boost_classifier",
                CatBoostClassifier(  # gbm.hyp:1
                    iterations=5,
                    depth=2,
                    verbose=False,
                    allow_writing_files=False,
                    thread_count=1,
                    random_seed=784231363,
                ),
            ),
        ]
    )


if __name__ == "__main__":
    print(build_pipeline())
