"""The pipeline of one configuration of the space `gbm`.

Configuration: 0123abcd
Made with: hyperdsl 0.1.0, scikit-learn 1.9.1
"""

from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.tree import DecisionTreeClassifier

MONEY = ["age", "income"]


def build_pipeline():
    columns = ColumnTransformer([("money", SimpleImputer(), MONEY)])  # gbm.hyp:1
    return Pipeline(
        [
            ("columns", columns),
            ("select", SelectKBest(k=1, score_func=f_classif)),  # gbm.hyp:1
            (
                "bagging_classifier",
                BaggingClassifier(  # gbm.hyp:1
                    estimator=DecisionTreeClassifier(  # gbm.hyp:1
                        max_depth=3,
                        random_state=1466611985,
                    ),
                    n_estimators=3,
                    random_state=737010225,
                ),
            ),
        ]
    )


if __name__ == "__main__":
    print(build_pipeline())
