"""Scores of untrained networks: do they foretell accuracy, and how long do they take beside training.

Run ``python tests/benchmarks/bench_proxies.py [N] [EPOCHS]`` with Keras installed: N random networks (default 20) of
``std.nas.vgg`` on the digits of scikit-learn, each trained for so many epochs (default 5).
"""

from __future__ import annotations

import sys
import time

from scipy.stats import kendalltau, spearmanr
from timing import report

import hyperdsl
from hyperdsl.diagnostics import Reporter
from hyperdsl.experiment.proxies import proxies_of

TEXT = """
import std.nas (vgg)
space s = train(
  Rescaling(1 / 16) >> vgg() >> Dense(data.classes, activation = "softmax"),
  optimizer = Adam(learning_rate = 0.003), epochs = {epochs})
"""


def correlations(number: int, epochs: int) -> None:
    asked = hyperdsl.Experiment(
        hyperdsl.compile(TEXT.format(epochs=epochs)),
        "sklearn:digits_images",
        "y",
        cv="holdout:0.3",
        searcher="random(first_default = False)",
        n_trials=number,
        jobs=1,
    )
    prepared = asked.prepare(Reporter())
    trials = asked.run().history.trials
    accuracy = [trial.evaluation.score for trial in trials]  # type: ignore[union-attr]
    trained = sum(trial.evaluation.seconds for trial in trials) / number  # type: ignore[union-attr]
    print(f"accuracy {min(accuracy):.3f} to {max(accuracy):.3f}, {trained:.1f} seconds a trial")  # type: ignore[type-var]
    import keras

    rows = []
    for name, proxy in proxies_of(prepared.space, prepared.estimator, asked.seed).items():
        start = time.perf_counter()
        found = [proxy(trial.configuration) for trial in trials]
        took = (time.perf_counter() - start) / number
        rho, tau = spearmanr(found, accuracy).statistic, kendalltau(found, accuracy).statistic
        rows.append((name, f"{rho:.2f}", f"{tau:.2f}", f"{took:.2f}"))
    header = ("score", "Spearman's rho", "Kendall's tau", "seconds a network")
    report(f"{number} networks, {epochs} epochs, {keras.backend.backend()}", header, rows, ("keras",))


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    correlations(*(given + [20, 5][len(given) :]))
