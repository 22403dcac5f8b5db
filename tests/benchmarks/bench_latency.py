"""Accuracy against latency on a real table: hypervolume of the fronts, beside Optuna's NSGA-II.

Usage: python bench_latency.py [--trials 100] [--seeds 3] [--table credit] [--searchers auto,nsga2,moead,random]

The space and the tables are those of ``bench_tabular.py``. The objectives are the log loss over three folds and the
time to predict one row, in decades: a front from 10 ms to 1 ms is worth as much as one from 100 ms to 10 ms. The
reference point is the log loss of always telling the shares of the classes, and a second. Times are measured, so run it
on an idle machine.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import optuna
from bench_tabular import TABLES, optuna_script, prepared
from timing import report

from hyperdsl.experiment.sharing import search_store
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.pareto import hypervolume
from hyperdsl.search.trial import Evaluation

Pair = tuple[float, float]
METRICS = ("log_loss", "predict_time")
OURS = ("auto", "nsga2", "moead", "random")


def pair(evaluation: Evaluation) -> Pair | None:
    """Log loss and the decade of the latency, both less is better; None where the trial failed."""
    if evaluation.score is None:
        return None
    return evaluation.score, math.log10(evaluation.measures["predict_time"])


def ours(made: Any, searcher: str, trials: int, seed: int) -> list[Pair | None]:
    goals = made.estimator.measures.goals
    history = HyperModel(made.space, made.estimator, searcher, goals, seed=seed).search(trials)
    return [pair(t.evaluation) for t in history.trials if t.evaluation]


def optunas(made: Any, population: int, trials: int, seed: int) -> list[Pair | None]:
    script = optuna_script(made.space)
    found: list[Pair | None] = []

    def objective(trial: optuna.Trial) -> Pair:
        script.objective(trial, lambda _: 0.0)
        configuration = made.space.configuration(trial.user_attrs["config"])
        found.append(pair(made.estimator.evaluate(configuration, seed=seed)))
        if found[-1] is None:
            raise optuna.TrialPruned
        return found[-1]

    sampler = optuna.samplers.NSGAIISampler(seed=seed, population_size=population)
    optuna.create_study(directions=["minimize", "minimize"], sampler=sampler).optimize(objective, n_trials=trials)
    return found


def volume(points: Sequence[Pair | None], y: Any) -> float:
    """The hypervolume below the loss of a constant prediction and a latency of one second."""
    shares = np.unique(y, return_counts=True)[1] / len(y)
    entropy = -float(np.sum(shares * np.log(shares)))
    return hypervolume([p for p in points if p is not None], (entropy, 0.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--table", choices=TABLES, default="credit")
    parser.add_argument("--searchers", default=",".join(OURS))
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    rivals = [*options.searchers.split(","), "Optuna NSGA-II 50", "Optuna NSGA-II 20"]
    found: dict[str, list[tuple[float, float, float]]] = {rival: [] for rival in rivals}
    for seed in range(options.seeds):
        for rival in rivals:
            made = prepared(options.table, seed, METRICS)
            start = time.process_time()
            with search_store(None, 1, made.train.fingerprint) as store:
                made = replace(made, estimator=replace(made.estimator, store=store))
                name, _, population = rival.rpartition(" ")
                points = (
                    optunas(made, int(population), options.trials, seed)
                    if name
                    else ours(made, rival, options.trials, seed)
                )
            cpu = time.process_time() - start
            y = made.train.y
            found[rival].append((volume(points[: options.trials // 2], y), volume(points, y), cpu))
            print(f"seed {seed} {rival}: {found[rival][-1]}", flush=True)
    rows = [
        (rival, *(f"{statistics.mean(column):.4g}" for column in zip(*found[rival], strict=True))) for rival in rivals
    ]
    header = ("searcher", "hypervolume at half", "hypervolume", "CPU s a search")
    report(f"Loss against latency on {options.table}, {options.trials} trials, {options.seeds} seeds", header, rows)


if __name__ == "__main__":
    main()
