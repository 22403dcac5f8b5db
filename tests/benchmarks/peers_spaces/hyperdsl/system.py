"""hyperdsl: what measure.py needs of it."""

from itertools import count as numbers

import hyperdsl

VERSION = hyperdsl.__version__


def define(text):
    return hyperdsl.compile(text)


def draw(space, seed):
    for batch in numbers():
        for configuration in space.sample(1000, seed=seed + batch):
            dict(configuration)  # its values, which are read when asked for
            yield configuration


def count(space):
    return space.count().configurations


def read(space, c):
    match space.name:
        case "blend":
            return [c[name] for name in "abcd"]
        case "chain":
            return [c[f"t{i}"] for i in range(1, 9)]
        case "boosting":
            found = {path.rpartition(".")[2]: value for path, value in c.items()}
            return {**found, "max_depth": found["depth"], "num_leaves": found["leaves"]}
        case "logistic":
            found = {path.rpartition(".")[2]: value for path, value in c.items()}
            return {"l1_ratio": None, **found}
        case "table":
            return table(c)
        case "network":
            return [{**stage, "cell": [(n["input"], n["op"]) for n in stage["cell"]]} for stage in space.build(c)]
        case "stack":
            model = space.build(c)
            models = {name: estimator.get_params() for name, estimator in model.estimators}
            return {"models": models, "C": model.final_estimator.C, "passthrough": model.passthrough}
        case "ordered":
            return order(space.build(c))


def table(c):
    short = {"LogisticRegression": "lr", "RandomForestClassifier": "forest", "KNeighborsClassifier": "knn"}
    scaled = c["table.numeric?"] and {"StandardScaler": "standard", "RobustScaler": "robust"}[c["table.numeric"]]
    return {
        **{path.rpartition(".")[2]: value for path, value in c.items()},
        "imputer": c["table.numeric.SimpleImputer.strategy"] if c["table.numeric.SimpleImputer?"] else None,
        "scaler": scaled or None,
        "model": short[c["table"]],
        "class_weight": c.get("balance"),
    }


def order(pipeline):
    steps = {type(step).__name__: step for _, step in pipeline.steps}
    names = {"StandardScaler": "scale", "RobustScaler": "scale", "SelectKBest": "select", "PCA": "reduce"}
    return {
        "order": [names[step] for step in steps if step in names],
        "scaler": "standard" if "StandardScaler" in steps else "robust",
        "kept": steps["SelectKBest"].k,
        "parts": steps["PCA"].n_components,
        "C": steps["LogisticRegression"].C,
    }
