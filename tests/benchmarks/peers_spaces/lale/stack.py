"""A model before a model gives its predictions; a subset is a choice of all pipelines that have one."""

from functools import reduce
from itertools import combinations
from operator import and_, or_

from lale import schemas
from lale.lib.lale import ConcatFeatures, NoOp
from lale.lib.sklearn import SVC, DecisionTreeClassifier, GaussianNB, KNeighborsClassifier, LogisticRegression


def log(low, high):
    return schemas.Float(minimum=low, maximum=high, distribution="loguniform", default=low)


models = [
    LogisticRegression.customize_schema(relevantToOptimizer=["C"], C=log(1e-3, 1e3)),
    GaussianNB(),
    KNeighborsClassifier.customize_schema(
        relevantToOptimizer=["n_neighbors"], n_neighbors=schemas.Int(minimum=1, maximum=50, default=5)
    ),
    DecisionTreeClassifier.customize_schema(
        relevantToOptimizer=["max_depth", "criterion"],
        max_depth=schemas.Int(minimum=2, maximum=12, default=5),
        criterion=schemas.Enum(["gini", "entropy"], default="gini"),
    ),
    SVC.customize_schema(relevantToOptimizer=["C", "gamma"], C=log(0.1, 100.0), gamma=log(1e-3, 1.0)),
]
final = LogisticRegression.customize_schema(relevantToOptimizer=["C"], C=log(1e-2, 1e2))
subsets = [subset for n in (2, 3, 4) for subset in combinations(models, n)]
stacks = [reduce(and_, (*subset, *rest)) >> ConcatFeatures for subset in subsets for rest in ((), (NoOp,))]
space = reduce(or_, stacks) >> final

# Read:
SHORT = {
    "LogisticRegression": "lr", "GaussianNB": "nb", "KNeighborsClassifier": "knn", "DecisionTreeClassifier": "tree",
    "SVC": "svm",
}  # fmt: skip


def read(operators, drawn):
    (parts,) = drawn[0].values()
    names = [(part["name"].rpartition(".")[2], part) for part in parts]
    models = {SHORT[name]: part for name, part in names if name in SHORT}
    return {"models": models, "C": drawn[1]["C"], "passthrough": any(name == "NoOp" for name, _ in names)}


# Mistake: "n_neighbors"], n_neighbors= -> "n_neighbours"], n_neighbours=
