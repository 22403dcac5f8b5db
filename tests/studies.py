"""Study files for the tests of what people see of them, made without fitting anything."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import hyperdsl
from hyperdsl.search.fingerprint import space_fingerprint
from hyperdsl.search.goals import Goals
from hyperdsl.search.store import Store, StudyInfo
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, State, Trial
from hyperdsl.space import Configuration

MODELS = """
space models =
  StandardScaler()?
  >> ( linear: LogisticRegression(C = 1e-3..1e2 log)
     | forest: RandomForestClassifier(max_depth = 2..20, min_samples_leaf = 1..50)
     | neighbors: KNeighborsClassifier(n_neighbors = 1..30) )
"""
Outcome = Callable[[Configuration, random.Random], Evaluation]


def scored(score: float, *more: float, seconds: float = 1.0, **measures: float) -> Evaluation:
    details = {"fit_seconds": [seconds / 2], "score_seconds": [seconds / 4], "steps": {"fits": 4, "shared": 1}}
    return Evaluation(score, (score, *more), seconds, details, measures=measures)


def failed(message: str, kind: FailureKind = FailureKind.error, type: str = "ValueError") -> Evaluation:
    return Evaluation(None, (), 0.5, failure=Failure(kind, type, message, "Traceback …"))


def linear_is_best(configuration: Configuration, rng: random.Random) -> Evaluation:
    """A linear model is good, more so with a large C; the rest is noise; a small forest fails."""
    model = configuration["models"]
    if model == "forest" and configuration["models.forest.RandomForestClassifier.max_depth"] < 5:
        return failed(f"max_depth = {configuration['models.forest.RandomForestClassifier.max_depth']} is too little")
    better = 0.1 + 0.0005 * configuration["models.linear.LogisticRegression.C"] if model == "linear" else 0.0
    score = 0.7 + better + rng.gauss(0, 0.005)
    return scored(score, score + 0.01, seconds=rng.uniform(0.5, 2), size=rng.uniform(1, 100))


def write_study(
    path: Path,
    outcome: Outcome = linear_is_best,
    trials: int = 60,
    *,
    text: str = MODELS,
    goals: Goals | None = None,
    name: str | None = None,
    data: str = "d1",
    metric: str = "accuracy over 2 folds",
) -> Path:
    """A study file of random trials that came out as ``outcome`` says."""
    space = hyperdsl.compile(text).space
    goals = goals or Goals()
    with Store.open(path) as store:
        study = store.begin(
            StudyInfo(
                name or space.name, space.name, text, space_fingerprint(space), 1, goals.text(), metric, data,
                {"searcher": "random"},
            ),
            space,
        )  # fmt: skip
        for number, configuration in enumerate(space.sample(trials, 1)):
            evaluation = outcome(configuration, random.Random(number))
            trial = Trial(number, configuration, space.key(configuration), State.running, None, 1e9 + 2 * number)
            study.start(trial)
            state = State.failed if evaluation.failure else State.pruned if evaluation.pruned else State.complete
            study.finish(Trial(number, configuration, trial.key, state, evaluation, trial.started))
    return path
