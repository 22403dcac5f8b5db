"""The pipeline of one configuration of the space `gbm`.

Configuration: 0123abcd
Made with: hyperdsl 0.1.0, scikit-learn 1.9.1
"""

from lightgbm import LGBMClassifier
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

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


if __name__ == "__main__":
    print(build_pipeline())
