"""Tables of five kinds, what a space does on them, and what the audit says it does."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hyperdsl.audit import audit_wiring
from hyperdsl.audit.facts import Facts
from hyperdsl.audit.flow import Table
from hyperdsl.audit.flow.walk import Walk
from hyperdsl.audit.witness import Failures
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
from hyperdsl.space.residual import INACTIVE

BROAD = Path(__file__).parent / "benchmarks" / "failures" / "broad.hyp"


def tables() -> dict[str, pd.DataFrame]:
    """One table for each space of ``broad.hyp``, with its target in ``y``."""
    rng = np.random.default_rng(3)
    return {
        "dense": _dense(rng, 150, 2),
        "gaps": _with_gaps(_dense(rng, 150, 3), rng),
        "mixed": _mixed(rng, 150),
        "texts": _texts(rng, 120),
        "tiny": _tiny(rng),
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


@cache
def usual(name: str) -> tuple[HyperSpace, Prepared, Reporter]:
    """A space of ``broad.hyp`` with its own table of :func:`tables`, prepared once for all tests."""
    return prepared(name, tables()[name])


def prepared(name: str, frame: pd.DataFrame) -> tuple[HyperSpace, Prepared, Reporter]:
    """A space of ``broad.hyp`` and its data, as a search begins; errors of the check are raised."""
    space = load(BROAD, space=name)
    reporter = Reporter()
    task: Any = "multiclass" if frame["y"].nunique() > 2 else "binary"
    return space, Experiment(space, frame, "y", task=task, cv=3, metric="accuracy").prepare(reporter), reporter


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


@cache
def naive_space() -> HyperSpace:
    """Up to two of all transformers before any of all classifiers of scikit-learn, with their defaults; unchecked."""
    catalog = load_catalog()
    known = [m for n in sorted(catalog.names()) for m in catalog.find(n) if m.library == "sklearn"]
    known = [m for m in known if find_needs("sklearn", m.name) and not any(p.required for p in m.parameters.values())]
    steps = " | ".join(
        f"{m.name}()" for m in known if "transformer" in m.roles and not m.roles & {"regressor", "classifier"}
    )
    models = " | ".join(f"{m.name}()" for m in known if "classifier" in m.roles)
    text = f"space naive = ({steps})? >> ({steps})? >> ({models})"
    reporter = Reporter()
    typed = text_to_typed(Source("<naive>", text), catalog, reporter)
    graph = typed_to_graph(typed, typed.spaces["naive"], reporter)
    return HyperSpace(graph, graph, text, audit_wiring(graph, catalog, reporter))


@dataclass
class Verdicts:
    """Which configurations the flow says fail; made once for a space and a table."""

    space: HyperSpace
    table: Table
    facts: Facts
    troubles: dict[Any, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.failures = Failures(self.space.graph)
        walk = Walk(self.space.graph, self.failures.skeleton, self.failures.conditions, load_catalog(), self.table)
        self.troubles = {t: e for t, e in walk.start().troubles.items() if t[1].rule != "count"}

    def of(self, configuration: Configuration) -> list[str]:
        """The rules by which a configuration fails."""
        codes = {row: INACTIVE if code is None else code for row, code in enumerate(configuration.codes)}
        left = ((t, self.failures.conditions.put(e, codes)) for t, e in self.troubles.items())
        return [trouble[1].rule for trouble, e in left if e[0] == "c" and e[1]]


def verdicts(space: HyperSpace, made: Prepared) -> Verdicts:
    train = made.train
    table = table_of(train.X, train.y, train.schema, made.estimator.folds)
    return Verdicts(space, table, facts_of(train.y, train.schema, made.estimator.folds))


def trials(space: HyperSpace, made: Prepared, n: int, seed: int) -> Iterator[tuple[Configuration, str]]:
    """Random configurations and their errors."""
    for configuration in space.sample(n, seed=seed):
        yield configuration, failure(space, made, configuration)
