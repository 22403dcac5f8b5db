"""A choice of two, three or four different ones, in order, of the classes of scikit-learn made symbolic."""

import pyglove as pg
from sklearn import linear_model, naive_bayes, neighbors, svm, tree

LogisticRegression = pg.symbolize(linear_model.LogisticRegression)
GaussianNB = pg.symbolize(naive_bayes.GaussianNB)
KNeighborsClassifier = pg.symbolize(neighbors.KNeighborsClassifier)
DecisionTreeClassifier = pg.symbolize(tree.DecisionTreeClassifier)
SVC = pg.symbolize(svm.SVC)

MODELS = [
    LogisticRegression(C=pg.floatv(1e-3, 1e3, "log")),
    GaussianNB(),
    KNeighborsClassifier(n_neighbors=pg.oneof(range(1, 51))),
    DecisionTreeClassifier(max_depth=pg.oneof(range(2, 13)), criterion=pg.oneof(["gini", "entropy"])),
    SVC(C=pg.floatv(0.1, 100.0, "log"), gamma=pg.floatv(1e-3, 1.0, "log")),
]
space = pg.Dict(
    models=pg.oneof([pg.manyof(n, MODELS, distinct=True, sorted=True) for n in (2, 3, 4)]),
    final=LogisticRegression(C=pg.floatv(1e-2, 1e2, "log")),
    passthrough=pg.oneof([True, False]),
)

# Read:
NAMES = dict(
    zip(
        (LogisticRegression, GaussianNB, KNeighborsClassifier, DecisionTreeClassifier, SVC),
        ["lr", "nb", "knn", "tree", "svm"],
        strict=True,
    )
)


def read(c):
    models = {NAMES[type(model)]: model.get_params() for model in c.models}
    return {"models": models, "C": c.final.get_params()["C"], "passthrough": c.passthrough}


# Mistake: n_neighbors= -> n_neighbours=
