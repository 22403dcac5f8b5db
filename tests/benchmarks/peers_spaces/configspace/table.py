"""Everything is one flat table of parameters with conditions; a step that is left out is a choice."""

from ConfigSpace import Categorical, ConfigurationSpace, EqualsCondition, Float, InCondition, Integer

model = Categorical("model", ["lr", "forest", "knn"])
weight = Categorical("class_weight", ["none", "balanced"])
own = {
    "lr": [Float("C", (1e-3, 1e3), log=True)],
    "forest": [Integer("trees_50", (1, 10)), Float("max_features", (0.1, 1.0))],
    "knn": [Integer("n_neighbors", (1, 50), log=True), Categorical("weights", ["uniform", "distance"])],
}
space = ConfigurationSpace()
space.add(
    Categorical("imputer", ["none", "mean", "median"]),
    Categorical("scaler", ["none", "standard", "robust"]),
    Integer("min_frequency", (1, 50), log=True),
    model,
    weight,
    InCondition(weight, model, ["lr", "forest"]),
)
for name, parameters in own.items():
    space.add(*parameters, *[EqualsCondition(parameter, model, name) for parameter in parameters])


# Read:
def read(c):
    found = {name: None if value == "none" else value for name, value in c.items()}
    return {**found, "n_estimators": 50 * found.get("trees_50", 1)}


# Mistake: "median" -> "medium"
