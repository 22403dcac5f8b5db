"""The pipeline of one configuration of the space `gbm`.

Configuration: 0123abcd
Made with: hyperdsl 0.1.0, scikit-learn 1.9.1
"""

from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
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
    pipeline = Pipeline(
        [
            ("standard_scaler", StandardScaler()),  # gbm.hyp:1
            ("unchanged", "passthrough"),
            ("pca", PCA(random_state=4024901)),  # gbm.hyp:1
        ]
    )
    feature_union = FeatureUnion(
        [
            ("pca", PCA(n_components=2, random_state=1320062834)),  # gbm.hyp:5
            ("pipeline", pipeline),
            ("unchanged", "passthrough"),
            ("dropped", "drop"),
        ]
    )
    return Pipeline(
        [
            ("columns", columns),
            ("feature_union", feature_union),
            ("model", LogisticRegression(C=0.1, random_state=492893184)),  # gbm.hyp:6
        ]
    )


if __name__ == "__main__":
    print(build_pipeline())
