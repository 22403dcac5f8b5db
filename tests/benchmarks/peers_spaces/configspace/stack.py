"""A yes or no for each model; too few and too many of them are forbidden one by one."""

from itertools import combinations

from ConfigSpace import (
    Categorical,
    ConfigurationSpace,
    EqualsCondition,
    Float,
    ForbiddenAndConjunction,
    ForbiddenEqualsClause,
    Integer,
)

own = {
    "lr": [Float("lr.C", (1e-3, 1e3), log=True)],
    "nb": [],
    "knn": [Integer("knn.n_neighbors", (1, 50))],
    "tree": [Integer("tree.max_depth", (2, 12)), Categorical("tree.criterion", ["gini", "entropy"])],
    "svm": [Float("svm.C", (0.1, 100.0), log=True), Float("svm.gamma", (1e-3, 1.0), log=True)],
}
used = {name: Categorical(name, [True, False], default=name != "svm") for name in own}
space = ConfigurationSpace()
space.add(*used.values(), Float("C", (1e-2, 1e2), log=True), Categorical("passthrough", [True, False]))
for name, parameters in own.items():
    space.add(*parameters, *[EqualsCondition(parameter, used[name], True) for parameter in parameters])
space.add(ForbiddenAndConjunction(*[ForbiddenEqualsClause(u, True) for u in used.values()]))
for four in combinations(used.values(), 4):
    space.add(ForbiddenAndConjunction(*[ForbiddenEqualsClause(u, False) for u in four]))


# Read:
def read(c):
    models = {name: {} for name in used if c[name]}
    for path, value in c.items():
        model, _, parameter = path.partition(".")
        if parameter:
            models[model][parameter] = value
    return {"models": models, "C": c["C"], "passthrough": c["passthrough"]}


# Mistake: knn.n_neighbors -> knn.n_neighbours
