"""Configurations a second from HyperGBM's search space: hyperdsl beside ConfigSpace and Optuna on an equal space."""

from __future__ import annotations

import logging
from collections.abc import Callable
from math import prod
from pathlib import Path

import ConfigSpace
import optuna
from timing import best_of, report

import hyperdsl

FILE = Path(__file__).parents[2] / "examples" / "hypergbm.hyp"
RATES = [0.001, 0.01, 0.5, 0.1]
DEPTHS = [3, 5, 7, 10]
ALPHAS = [0.001, 0.01, 0.1, 1.0, 10.0, 100.0]
LAMBDAS = [0.001, 0.01, 0.1, 0.5, 1.0]
MODELS: dict[str, dict[str, list[object]]] = {
    "lightgbm": {
        "boosting_type": ["gbdt", "dart", "goss"],
        "num_leaves": list(range(15, 514, 5)),
        "learning_rate": RATES,
        "max_depth": DEPTHS,
        "reg_alpha": ALPHAS,
        "reg_lambda": LAMBDAS,
    },
    "xgboost": {
        "learning_rate": RATES,
        "max_depth": DEPTHS,
        "min_child_weight": [1, 5, 10],
        "gamma": [0.5, 1.0, 1.5, 2.0, 5.0],
        "reg_alpha": ALPHAS,
        "reg_lambda": LAMBDAS,
    },
    "catboost": {"learning_rate": RATES, "depth": DEPTHS, "l2_leaf_reg": ["none", 2, 10, 20, 30]},
}
SHARED: dict[str, list[object]] = {
    "imputer": ["mean", "median", "constant", "most_frequent"],
    "scaler": ["pass", "power", "standard", "minmax", "maxabs", "robust"],
}


def configspace_twin() -> ConfigSpace.ConfigurationSpace:
    """The same decisions and conditions; a stepped range is an ordinal of its members."""
    space = ConfigSpace.ConfigurationSpace(seed=0)
    for name, values in SHARED.items():
        space.add(ConfigSpace.CategoricalHyperparameter(name, values))
    model = ConfigSpace.CategoricalHyperparameter("model", list(MODELS))
    space.add(model)
    for choice, decisions in MODELS.items():
        for name, values in decisions.items():
            decision = ConfigSpace.CategoricalHyperparameter(f"{choice}.{name}", values)
            space.add(decision, ConfigSpace.EqualsCondition(decision, model, choice))
    return space


def twin_size() -> int:
    """How many configurations the tables above give."""
    models = sum(prod(map(len, decisions.values())) for decisions in MODELS.values())
    return prod(map(len, SHARED.values())) * models


def optuna_twin(trial: optuna.Trial) -> float:
    for name, values in SHARED.items():
        trial.suggest_categorical(name, values)
    choice = trial.suggest_categorical("model", list(MODELS))
    for name, values in MODELS[choice].items():
        trial.suggest_categorical(f"{choice}.{name}", values)
    return 0.0


def optuna_draw(n: int) -> None:
    optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).optimize(optuna_twin, n_trials=n)


def main() -> None:
    optuna.logging.set_verbosity(logging.ERROR)
    space = hyperdsl.load(FILE)
    twin = configspace_twin()
    assert space.count().configurations == twin_size(), "the two spaces differ"

    def singles(draw: Callable[[], object], n: int) -> Callable[[], object]:
        return lambda: [draw() for _ in range(n)]

    seeds = iter(range(10**9))
    timed = [
        ("hyperdsl, a batch as columns", 1_000_000, best_of(3, lambda: space.space.sample_columns(1_000_000))),
        ("hyperdsl, a batch", 100_000, best_of(3, lambda: space.sample(100_000))),
        ("ConfigSpace, a batch", 100_000, best_of(3, lambda: twin.sample_configuration(100_000))),
        ("hyperdsl, a batch, all values read", 10_000, best_of(3, lambda: [dict(c) for c in space.sample(10_000)])),
        (
            "ConfigSpace, a batch, all values read",
            10_000,
            best_of(3, lambda: [dict(c) for c in twin.sample_configuration(10_000)]),
        ),
        ("hyperdsl, one by one", 2_000, best_of(3, singles(lambda: space.sample(1, seed=next(seeds)), 2_000))),
        ("ConfigSpace, one by one", 2_000, best_of(3, singles(twin.sample_configuration, 2_000))),
        ("Optuna, random sampler, in memory", 2_000, best_of(3, lambda: optuna_draw(2_000))),
    ]
    rows = [(who, f"{n:,}", f"{n / s:,.0f}", f"{s / n * 1e6:.2f}") for who, n, s in timed]
    report("Sampling", ("way", "configurations", "per second", "µs each"), rows, ("ConfigSpace", "optuna", "numpy"))


if __name__ == "__main__":
    main()
