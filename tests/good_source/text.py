"""The pipeline of one configuration of the space `gbm`.

Configuration: 0123abcd
Made with: hyperdsl 0.1.0, scikit-learn 1.9.1
"""

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

BOOLEAN = ["member"]
INCOME = ["income"]


def build_pipeline():
    columns = ColumnTransformer(  # gbm.hyp:1
        [
            (
                "note",
                TfidfVectorizer(ngram_range=(1, 2), stop_words="english"),  # gbm.hyp:1
                "note",
            ),
            ("boolean", "passthrough", BOOLEAN),
            ("income", FunctionTransformer(func=np.log1p), INCOME),  # gbm.hyp:1
        ]
    )
    return Pipeline(
        [
            ("columns", columns),
            (
                "logistic_regression",
                LogisticRegression(  # gbm.hyp:1
                    class_weight={"no": 1, "yes": 3},
                    max_iter=1000,
                    random_state=1309776594,
                ),
            ),
        ]
    )


if __name__ == "__main__":
    print(build_pipeline())
