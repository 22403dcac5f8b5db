"""What the search loop adds to each trial: an estimator that does nothing, every trial durable in SQLite."""

from __future__ import annotations

import logging
import tempfile
import time
import warnings
from pathlib import Path

import optuna
from bench_sampling import FILE, optuna_twin
from timing import report

import hyperdsl
from hyperdsl import Configuration, Evaluation, HyperModel


class Nothing:
    """Scores a configuration without looking at it."""

    def evaluate(self, configuration: Configuration, *, seed: int, fidelity: float = 1.0) -> Evaluation:
        return Evaluation(score=float(seed % 1009))


def ours(searcher: str, n: int, folder: Path) -> float:
    space = hyperdsl.load(FILE)
    model = HyperModel(space, Nothing(), searcher=searcher, store=folder / f"{searcher}.db")
    start = time.perf_counter()
    model.search(n_trials=n)
    return (time.perf_counter() - start) / n


def theirs(sampler: optuna.samplers.BaseSampler, n: int, folder: Path) -> float:
    storage = f"sqlite:///{folder}/{type(sampler).__name__}.db"
    study = optuna.create_study(sampler=sampler, storage=storage)
    start = time.perf_counter()
    study.optimize(optuna_twin, n_trials=n)
    return (time.perf_counter() - start) / n


def main() -> None:
    optuna.logging.set_verbosity(logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    n = 300
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        timed = [
            ("hyperdsl, random", ours("random", n, folder)),
            ("Optuna, random", theirs(optuna.samplers.RandomSampler(seed=0), n, folder)),
            ("hyperdsl, tpe", ours("tpe", n, folder)),
            ("Optuna, TPE", theirs(optuna.samplers.TPESampler(seed=0, multivariate=True, group=True), n, folder)),
        ]
    rows = [(who, f"{seconds * 1e3:.2f}") for who, seconds in timed]
    report(
        f"Search loop, {n} trials of HyperGBM's space, SQLite", ("who", "ms a trial"), rows, ("optuna", "sqlalchemy")
    )


if __name__ == "__main__":
    main()
