"""One-shot search beside plain search on scikit-learn's digits, at equal wall-clock; do inherited scores agree?

Run ``python tests/benchmarks/bench_oneshot.py [SECONDS [N]]`` with Keras installed: so many seconds for each searcher
(default 60), and N candidates that are trained for the rank correlation (default 12), evenly spaced among those that
were scored, from the best to the worst.
"""

from __future__ import annotations

import sys
import time

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
  Rescaling(1 / 16) >> repeat(1..3, layer()) >> Dense(data.classes, activation = "softmax"),
  optimizer = Adam(learning_rate = 0.003), batch_size = 64, epochs = 10)
"""
EPOCHS, EVALUATIONS = 20, 60
ONESHOT = f"oneshot(epochs = {EPOCHS}, evaluations = {EVALUATIONS})"
SEARCHERS = (ONESHOT, f"darts(epochs = {EPOCHS}, rate = 0.01)", "evolution", "random")


def asked(searcher: str, seconds: float | None = None) -> hyperdsl.Experiment:
    space = hyperdsl.compile(SPACE)
    told = {"searcher": searcher, "n_trials": None, "timeout": seconds, "cv": "holdout:0.2", "metric": "accuracy"}
    return hyperdsl.Experiment(space, "sklearn:digits", "target", jobs=1, **told)  # type: ignore[arg-type]


def searches(seconds: float) -> None:
    rows = []
    for searcher in SEARCHERS:
        start = time.perf_counter()
        found = asked(searcher, seconds).run()
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
    report(f"Digits, {seconds:g} s for each searcher", header, rows, ("keras", "jax"))


def agreement(number: int) -> None:
    experiment = asked(ONESHOT)
    prepared = experiment.prepare(Reporter())
    shared = shared_weights_of(prepared.space, prepared.estimator, 1, experiment.seed)["inherited"]
    start = time.perf_counter()
    score = shared.single_paths(EPOCHS)  # type: ignore[attr-defined]
    trained = time.perf_counter() - start
    start = time.perf_counter()
    drawn = {prepared.space.key(c): c for c in prepared.space.sample(EVALUATIONS, seed=1)}.values()
    ranked = sorted(drawn, key=lambda c: -score(c))
    scored = (time.perf_counter() - start) / len(ranked)
    chosen = [ranked[i * (len(ranked) - 1) // (number - 1)] for i in range(number)]
    start = time.perf_counter()
    own = [prepared.estimator.evaluate(c, seed=experiment.seed).score for c in chosen]
    alone = (time.perf_counter() - start) / number
    inherited = [score(c) for c in chosen]
    rows = [(
        f"{trained:.0f}", f"{scored:.2f}", f"{alone:.1f}", str(number),
        f"{kendalltau(inherited, own).statistic:.2f}", f"{spearmanr(inherited, own).statistic:.2f}",
    )]  # fmt: skip
    header = ("shared network, s", "a score, s", "a trial, s", "trials", "Kendall's tau", "Spearman's rho")
    report("Inherited and own scores", header, rows, ("keras", "jax"))
    print([(round(a, 3), round(b or 0, 3)) for a, b in zip(inherited, own, strict=True)])


if __name__ == "__main__":
    agreement(int(sys.argv[2]) if len(sys.argv) > 2 else 12)
    searches(float(sys.argv[1]) if len(sys.argv) > 1 else 60)
