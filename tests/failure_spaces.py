"""Tables of five kinds, what a space does on them, and what the audit says it does."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hyperdsl.audit import audit_wiring
from hyperdsl.audit.facts import Facts
from hyperdsl.audit.flow import Table, counts_of
from hyperdsl.audit.flow.steps import either
from hyperdsl.audit.flow.walk import Walk
from hyperdsl.audit.rules import failing_calls
from hyperdsl.audit.witness import FALSE, Failures
from hyperdsl.catalog import load_catalog
from hyperdsl.catalog.needs import find_needs
from hyperdsl.diagnostics import Reporter
from hyperdsl.driver import load, text_to_typed, typed_to_graph
from hyperdsl.experiment import Experiment
from hyperdsl.experiment.checking import facts_of, table_of
from hyperdsl.experiment.experiment import Prepared
from hyperdsl.hyperspace import HyperSpace
from hyperdsl.source import Source
from hyperdsl.space import Configuration
from hyperdsl.space.expressions import Expression

FOLDER = Path(__file__).parent / "benchmarks" / "failures"
NUMBERS = ("amounts", "sales")  # tables with a number to predict; their spaces stand in ``regression.hyp``


def tables() -> dict[str, pd.DataFrame]:
    """One table for each space of ``broad.hyp`` and ``regression.hyp``, with its target in ``y``."""
    rng = np.random.default_rng(3)
    return {
        "dense": _dense(rng, 150, 2),
        "gaps": _with_gaps(_dense(rng, 150, 3), rng),
        "mixed": _mixed(rng, 150),
        "texts": _texts(rng, 120),
        "tiny": _tiny(rng),
        "amounts": _amounts(_dense(rng, 150, 2), rng),
        "sales": _sales(_mixed(rng, 150), rng),
    }


def _dense(rng: np.random.Generator, rows: int, classes: int) -> pd.DataFrame:
    y = rng.integers(0, classes, rows)
    X = rng.normal(size=(rows, 7)) + np.outer(y, rng.normal(size=7))
    return pd.DataFrame(X, columns=[f"x{i}" for i in range(7)]).assign(y=y)


def _with_gaps(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    holes = rng.random(frame.shape) < 0.08
    holes[:, -1] = False
    return frame.mask(holes)


def _mixed(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    frame = _with_gaps(_dense(rng, rows, 2), rng).drop(columns=["x5", "x6"])
    frame["city"] = rng.choice(["Rome", "Oslo", "Bern", "Lima"], rows)
    frame["grade"] = pd.Series(rng.choice(["a", "b", "c"], rows)).mask(rng.random(rows) < 0.1)
    frame["member"] = rng.random(rows) < 0.5
    return frame


def _texts(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    words = np.array([a + b for a in "bdfgklmnprst" for b in ("a lo", "eru", "ino", "omi", "ute")])
    y = rng.integers(0, 2, rows)
    return pd.DataFrame({"note": [" ".join(rng.choice(words[: 40 + 20 * label], 8)) for label in y], "y": y})


def _tiny(rng: np.random.Generator) -> pd.DataFrame:
    frame = _dense(rng, 60, 2)
    return frame.assign(y=np.repeat([0, 1, 2, 3], [26, 16, 10, 8]))


def _amounts(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(y=frame["x0"] - 2 * frame["x3"] + 0.1 * rng.normal(size=len(frame)))


def _sales(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(y=np.exp(frame["x0"].fillna(0) / 3 + 0.1 * rng.normal(size=len(frame))))


@cache
def usual(name: str) -> tuple[HyperSpace, Prepared, Reporter]:
    """A space of the two files with its own table of :func:`tables`, prepared once for all tests."""
    return prepared(name, tables()[name])


def prepared(name: str, frame: pd.DataFrame) -> tuple[HyperSpace, Prepared, Reporter]:
    """A space of the two files and its data, as a search begins; errors of the check are raised."""
    space = load(FOLDER / ("regression.hyp" if name in NUMBERS else "broad.hyp"), space=name)
    reporter = Reporter()
    task: Any = "multiclass" if frame["y"].nunique() > 2 else "binary"
    metric = "accuracy"
    if name in NUMBERS:
        task, metric = "regression", "r2"
    return space, Experiment(space, frame, "y", task=task, cv=3, metric=metric).prepare(reporter), reporter


def failure(space: HyperSpace, made: Prepared, configuration: Configuration) -> str:
    """The error of fitting a configuration to the first fold and predicting its rest; empty where there is none."""
    fitted, scored = made.estimator.folds[0]
    X, y = made.train.X, made.train.y
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pipeline = space.build(configuration, schema=made.train.schema, seed=1, threads=1)
            pipeline.fit(X.iloc[fitted], y[fitted])
            pipeline.predict(X.iloc[scored])
        except Exception as error:
            return f"{type(error).__name__}: {error}".splitlines()[0]
    return ""


# --- a space that nobody has thought about


# What takes models takes these, some of which say no probabilities, take no weights or know no importance of columns.
_MEMBERS = {
    "classifier": (
        "LogisticRegression", "GaussianNB", "MultinomialNB", "LinearSVC", "SVC", "KNeighborsClassifier",
        "NearestCentroid", "DecisionTreeClassifier", "LinearDiscriminantAnalysis", "Perceptron", "DummyClassifier",
    ),
    "regressor": (
        "Ridge", "ElasticNet", "BayesianRidge", "LinearSVR", "SVR", "KNeighborsRegressor", "DecisionTreeRegressor",
        "PoissonRegressor", "KernelRidge", "DummyRegressor",
    ),
}  # fmt: skip
_OF_MODELS = {
    "classifier": """
  | CalibratedClassifierCV(estimator = member()) | OneVsRestClassifier(estimator = member())
  | OneVsOneClassifier(estimator = member()) | OutputCodeClassifier(estimator = member())
  | BaggingClassifier(estimator = member()) | AdaBoostClassifier(estimator = member())
  | SelfTrainingClassifier(estimator = member()) | RFE(estimator = member()) | RFECV(estimator = member())
  | FixedThresholdClassifier(estimator = member()) | TunedThresholdClassifierCV(estimator = member())
  | StackingClassifier(estimators = [a: member(), b: member()])
  | VotingClassifier(estimators = [a: member(), b: member()], voting = "hard" | "soft")""",
    "regressor": """
  | BaggingRegressor(estimator = member()) | AdaBoostRegressor(estimator = member())
  | TransformedTargetRegressor(regressor = member()) | RANSACRegressor(estimator = member())
  | RFE(estimator = member()) | RFECV(estimator = member())
  | StackingRegressor(estimators = [a: member(), b: member()])
  | VotingRegressor(estimators = [a: member(), b: member()])""",
}


@cache
def naive_space(role: str = "classifier") -> HyperSpace:
    """Up to two of all transformers before any of all models of scikit-learn, with their defaults; unchecked."""
    catalog = load_catalog()
    known = [m for n in sorted(catalog.names()) for m in catalog.find(n) if m.library == "sklearn"]
    known = [m for m in known if find_needs("sklearn", m.name) and not any(p.required for p in m.parameters.values())]
    steps = [m.name for m in known if "transformer" in m.roles and not m.roles & {"regressor", "classifier"}]
    models = [m.name for m in known if role in m.roles]
    text = f"""def member() = {_called(_MEMBERS[role])}
def transformer() = {_called(steps)}
  | SelectFromModel(estimator = member()) | RFE(estimator = member())
  | SequentialFeatureSelector(estimator = member(), cv = 2)
space naive = transformer()? >> transformer()? >> ({_called(models)}{_OF_MODELS[role]})
"""
    reporter = Reporter()
    typed = text_to_typed(Source("<naive>", text), catalog, reporter)
    graph = typed_to_graph(typed, typed.spaces["naive"], reporter)
    return HyperSpace(graph, graph, text, audit_wiring(graph, catalog, reporter))


def _called(names: Sequence[str]) -> str:
    return " | ".join(f"{name}()" for name in names)


class Verdicts:
    """Which configurations the flow and the rules say fail; made once for a space and a table."""

    def __init__(self, space: HyperSpace, table: Table, facts: Facts) -> None:
        graph, catalog = space.graph, load_catalog()
        self.failures = Failures(graph)
        walk = Walk(graph, self.failures.conditions, catalog, table, facts)
        troubles = walk.start().troubles
        # what -> the nodes that fail by it
        self.failing: dict[str, dict[int, Expression]] = {}
        for (node, fault), made in troubles.items():
            if fault.rule != "count":
                nodes = self.failing.setdefault(f"{fault.rule} {fault.detail} {node}", {})
                nodes[node] = either(nodes.get(node, FALSE), made)  # the same, brought about by others
        for (rule, _), nodes in failing_calls(graph, catalog, facts, counts_of(troubles), self.failures).items():
            self.failing.setdefault(rule.says, {}).update(nodes)

    def of(self, configuration: Configuration) -> list[str]:
        """What a configuration fails by."""
        return [
            what for what, nodes in self.failing.items() if self.failures.at(nodes, configuration.codes) is not None
        ]


def verdicts(space: HyperSpace, made: Prepared) -> Verdicts:
    train = made.train
    table = table_of(train.X, train.y, train.schema, made.estimator.folds)
    return Verdicts(space, table, facts_of(train.y, train.schema, made.estimator.folds))


def trials(space: HyperSpace, made: Prepared, n: int, seed: int) -> Iterator[tuple[Configuration, str]]:
    """Random configurations and their errors."""
    for configuration in space.sample(n, seed=seed):
        yield configuration, failure(space, made, configuration)
