"""The pipeline of one configuration of the space `gbm`.

Configuration: 0123abcd
Made with: hyperdsl 0.1.0, scikit-learn 1.9.1
"""

from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


def build_pipeline():
    return Pipeline(
        [
            ("steps_step", SimpleImputer()),  # gbm.hyp:1
            ("simple_imputer", SimpleImputer()),  # gbm.hyp:1
            ("simple_imputer_2", SimpleImputer()),  # gbm.hyp:1
            ("standard_scaler", StandardScaler()),  # gbm.hyp:1
            (
                "logistic_regression",
                LogisticRegression(random_state=1548322005),  # gbm.hyp:1
            ),
        ]
    )


if __name__ == "__main__":
    print(build_pipeline())
