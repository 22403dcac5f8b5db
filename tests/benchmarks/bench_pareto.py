"""Hypervolume of fronts on ZDT1, ZDT2 and ZDT3 (Zitzler, Deb, Thiele 2000), beside Optuna's NSGA-II and TPE.

Usage: python tests/benchmarks/bench_pareto.py [--trials 300] [--seeds 5] [--size 30] [--searchers nsga2,moead,...]

Prints the mean share of the hypervolume of the true front, with the reference point (1.1, 6).
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import optuna

import hyperdsl
from hyperdsl.search.pareto import hypervolume

REFERENCE = (1.1, 6.0)
Pair = tuple[float, float]
OURS = ("random", "nsga2", "nsga3", "rnsga2", "moead", "tpe")


def zdt(number: int, x: Sequence[float]) -> Pair:
    """Both losses of a point."""
    g = 1 + 9 * sum(x[1:]) / (len(x) - 1)
    ratio = x[0] / g
    if number == 1:
        return x[0], g * (1 - math.sqrt(ratio))
    if number == 2:
        return x[0], g * (1 - ratio**2)
    return x[0], g * (1 - math.sqrt(ratio) - ratio * math.sin(10 * math.pi * x[0]))


def best_volume(number: int) -> float:
    """The hypervolume of the true front, on a fine grid of it."""
    points = [zdt(number, [x, *[0.0] * 29]) for x in np.linspace(0, 1, 20_001)]
    return hypervolume(points, REFERENCE)


def ours(searcher: str) -> Callable[[int, int, int, int], list[Pair]]:
    def run(number: int, size: int, trials: int, seed: int) -> list[Pair]:
        space = hyperdsl.compile("space s = record(x = [" + "0.0..1.0, " * size + "])")
        result = hyperdsl.optimize(
            space, lambda v: zdt(number, v["x"]), ("minimize", "minimize"), trials, searcher, seed=seed
        )
        goals = result.history.goals
        return [goals.values(t) for t in result.front]  # type: ignore[misc]

    return run


def optunas(make: Callable[[int], optuna.samplers.BaseSampler]) -> Callable[[int, int, int, int], list[Pair]]:
    def run(number: int, size: int, trials: int, seed: int) -> list[Pair]:
        study = optuna.create_study(directions=["minimize", "minimize"], sampler=make(seed))
        names = [f"x{i}" for i in range(size)]
        study.optimize(lambda t: zdt(number, [t.suggest_float(n, 0, 1) for n in names]), n_trials=trials)
        return [tuple(t.values) for t in study.best_trials]  # type: ignore[misc]

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--size", type=int, default=30)
    parser.add_argument("--searchers", default=",".join(OURS))
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    rivals: dict[str, Callable[[int, int, int, int], list[Pair]]] = {
        f"hyperdsl {name}": ours(name) for name in options.searchers.split(",")
    }
    rivals["Optuna NSGA-II"] = optunas(lambda seed: optuna.samplers.NSGAIISampler(seed=seed))
    rivals["Optuna NSGA-II, population 20"] = optunas(
        lambda seed: optuna.samplers.NSGAIISampler(seed=seed, population_size=20)
    )
    rivals["Optuna TPE"] = optunas(lambda seed: optuna.samplers.TPESampler(seed=seed))
    print("| searcher | ZDT1 | ZDT2 | ZDT3 | ms a trial |")
    print("| --- | --- | --- | --- | --- |")
    wholes = {number: best_volume(number) for number in (1, 2, 3)}
    for name, run in rivals.items():
        start = time.perf_counter()
        shares = [
            statistics.mean(
                hypervolume(run(number, options.size, options.trials, seed), REFERENCE) / wholes[number]
                for seed in range(options.seeds)
            )
            for number in (1, 2, 3)
        ]
        each = (time.perf_counter() - start) / (3 * options.seeds * options.trials)
        print(f"| {name} | " + " | ".join(f"{s:.3f}" for s in shares) + f" | {1000 * each:.1f} |", flush=True)


if __name__ == "__main__":
    main()
