"""The pipeline of one configuration of the space `gbm`.

Configuration: 0123abcd
Made with: hyperdsl 0.1.0, scikit-learn 1.9.1
"""

from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, StackingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

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
    final_estimator = Pipeline(
        [
            ("standard_scaler", StandardScaler()),  # gbm.hyp:1
            (
                "logistic_regression",
                LogisticRegression(random_state=1932219315),  # gbm.hyp:1
            ),
        ]
    )
    return Pipeline(
        [
            ("columns", columns),
            (
                "stacking_classifier",
                StackingClassifier(  # gbm.hyp:7
                    estimators=[
                        (
                            "random_forest_classifier",
                            RandomForestClassifier(  # gbm.hyp:1
                                n_estimators=5,
                                n_jobs=1,
                                random_state=1649773110,
                            ),
                        ),
                        (
                            "random_forest_classifier_2",
                            RandomForestClassifier(  # gbm.hyp:1
                                n_estimators=5,
                                n_jobs=1,
                                random_state=1538066629,
                            ),
                        ),
                        (
                            "xgb_classifier",
                            XGBClassifier(  # gbm.hyp:1
                                n_estimators=5,
                                verbosity=0,
                                n_jobs=1,
                                random_state=536997397,
                            ),
                        ),
                    ],
                    final_estimator=final_estimator,
                    cv=2,
                ),
            ),
        ]
    )


if __name__ == "__main__":
    print(build_pipeline())
