"""A choice of all subsets; their models are operations that are shared by name."""

from itertools import combinations

from neps import Categorical, Float, Integer, Operation, PipelineSpace

MODELS = {
    "lr": {"C": Float(1e-3, 1e3, log=True)},
    "nb": {},
    "knn": {"n_neighbors": Integer(1, 50)},
    "tree": {"max_depth": Integer(2, 12), "criterion": Categorical(("gini", "entropy"))},
    "svm": {"C": Float(0.1, 100.0, log=True), "gamma": Float(1e-3, 1.0, log=True)},
}
PARTS = {name: Operation(dict, kwargs=parameters) for name, parameters in MODELS.items()}
SUBSETS = [
    Operation(dict, kwargs={name: PARTS[name] for name in names})
    for size in (2, 3, 4)
    for names in combinations(PARTS, size)
]


class Space(PipelineSpace):
    models = Categorical(tuple(SUBSETS))
    C = Float(1e-2, 1e2, log=True)
    passthrough = Categorical((True, False))


# Read:
def read(c):
    return c


# Mistake: "n_neighbors" -> "n_neighbours"
