"""Racing: what is given up after a fold, what never is, and that nothing else changes."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
from search_spaces import mixed_space

import hyperdsl
from hyperdsl.search.codec import data_to_evaluation, evaluation_to_data
from hyperdsl.search.goals import Goals
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.racing import Race, Racing
from hyperdsl.search.store import Store
from hyperdsl.search.trial import Evaluation, State, Terms, Trial
from hyperdsl.space import Configuration

FOLDS = 5
RACE = Race((0.80, 0.70, 0.90, 0.80, 0.80), -1, 0.01**2)


class Folds:
    """Best at x = 33; each fold has its own difficulty and noise, and costs a call."""

    def __init__(self) -> None:
        self.calls = 0

    def scores(self, configuration: Configuration) -> list[float]:
        rng = random.Random(repr(configuration.to_json()))
        mean = -((configuration["x"] - 33) ** 2) / 2000 - configuration["mixed.y"] / 10
        return [mean + hard + rng.gauss(0, 0.01) for hard in (0.0, 0.1, -0.1, 0.05, 0.0)]

    def evaluate(
        self, configuration: Configuration, *, seed: int, fidelity: float = 1.0, race: Race | None = None
    ) -> Evaluation:
        found: list[float] = []
        for score in self.scores(configuration):
            self.calls += 1
            found.append(score)
            if race is not None and race.is_lost(found):
                return Evaluation(race.estimate(found), tuple(found), pruned=True)
        return Evaluation(sum(found) / FOLDS, tuple(found))


def facts(trials: tuple[Trial, ...]) -> list[tuple[object, ...]]:
    return [(t.number, t.key, t.state, t.evaluation) for t in trials]


def test_a_trial_is_given_up_when_it_cannot_win_any_more() -> None:
    assert RACE.is_lost([0.70, 0.61])
    assert not RACE.is_lost([0.79, 0.69])  # nearly as good
    assert not RACE.is_lost([0.81, 0.72])  # better
    assert not RACE.is_lost([0.60, 0.80])  # worse on one fold, better on the other
    assert RACE.is_lost([0.76, 0.66, 0.86, 0.76])
    assert not RACE.is_lost([0.1, 0.1, 0.1, 0.1, 0.1])  # nothing is left to save
    assert not RACE.is_lost([0.70, float("nan")])


def test_after_one_fold_only_what_is_hopeless_is_given_up() -> None:
    assert not RACE.is_lost([0.75])
    assert RACE.is_lost([0.60])
    assert not replace(RACE, variance=0.0).is_lost([0.60])


def test_the_estimate_takes_how_hard_the_folds_are_into_account() -> None:
    assert RACE.estimate([0.70, 0.60]) == pytest.approx(0.70)  # a tenth below the best, whose mean is 0.8
    assert RACE.estimate(RACE.scores) == pytest.approx(0.80)


def trial(number: int, scores: tuple[float, ...], **measures: float) -> Trial:
    space = mixed_space()
    configuration = space.unrank(number)
    evaluation = Evaluation(sum(scores) / len(scores), scores, measures=measures)
    return Trial(number, configuration, space.key(configuration), State.complete, evaluation)


def made(goals: Goals, **measures: float) -> Race | None:
    racing = Racing(goals)
    for number in range(6):
        scores = tuple(0.5 + random.Random(10 * number + i).random() / 9 for i in (1, 2, 3))
        racing.learn([trial(number, scores, **measures)])
    return racing.race()


def test_nothing_is_given_up_where_a_lower_score_may_win() -> None:
    from hyperdsl.search.goals import find_goals

    assert made(Goals()) is not None
    assert made(Goals.of(("maximize", "minimize")), score_1=1.0) is None
    size = find_goals("maximize", ["size < 10"])
    assert made(size, size=5.0) is not None
    assert made(size, size=50.0) is None  # the best breaks the bound: what keeps it is better whatever its score


def test_the_first_trials_run_in_full() -> None:
    racing = Racing(Goals())
    for number in range(5):
        assert racing.race() is None
        racing.learn([trial(number, (0.5 + number / 100, 0.6 + number**2 / 100))])
    assert racing.race() is not None


@pytest.mark.parametrize("seed", range(12))
def test_the_winner_is_that_of_the_search_in_full(seed: int) -> None:
    points = mixed_space().sample(60, seed=seed)
    estimator, racing = Folds(), Racing(Goals())
    trials = []
    for number, point in enumerate(points):
        options = Terms(racing.race()).options()
        evaluation = estimator.evaluate(point, seed=0, **options)
        state = State.pruned if evaluation.pruned else State.complete
        trials.append(Trial(number, point, str(number), state, evaluation))
        racing.learn(trials[-1:])
    means = [sum(estimator.scores(p)) / FOLDS for p in points]
    best = Goals().best(trials)
    assert best is not None and best.number == means.index(max(means))
    assert estimator.calls < 0.8 * 60 * FOLDS


def test_batches_race_against_what_was_known_before_them() -> None:
    lists = []
    for jobs in (1, 2):
        lists.append(
            facts(HyperModel(mixed_space(), Folds(), "random", jobs=jobs, racing=True, batch=4).search(32).trials)
        )
    assert lists[0] == lists[1]
    assert any(state is State.pruned for _, _, state, _ in lists[0])
    model = HyperModel(mixed_space(), Folds(), "random", racing=True, batch=4)
    model.search(17)
    assert facts(model.search(32).trials) == lists[0]


@pytest.mark.parametrize("searcher", ["auto", "tpe", "random"])
def test_a_search_with_races_goes_on_where_it_ended(tmp_path: Path, searcher: str) -> None:
    whole = HyperModel(mixed_space(), Folds(), searcher, racing=True).search(40)
    states = [t.state for t in whole.trials]
    assert set(states) == {State.complete, State.pruned}
    best = whole.best()
    assert best.evaluation and len(best.evaluation.fold_scores) == FOLDS
    for number in (17, 29, 40):
        again = HyperModel(mixed_space(), Folds(), searcher, store=tmp_path / "study.db", racing=True).search(number)
    assert facts(again.trials) == facts(whole.trials)
    with Store.open(tmp_path / "study.db", "read") as store:
        assert [r.state for r in store.study().records()] == states


def test_workers_race_too() -> None:
    history = HyperModel(mixed_space(), Folds(), "random", jobs=2, racing=True).search(40)
    given_up = [t for t in history.trials if t.state is State.pruned]
    assert given_up
    for t in given_up:
        assert t.evaluation and len(t.evaluation.fold_scores) < FOLDS
        assert t.evaluation.fold_scores == tuple(Folds().scores(t.configuration)[: len(t.evaluation.fold_scores)])


def test_an_estimate_comes_back_from_the_store_as_one() -> None:
    evaluation = Evaluation(0.5, (0.4, 0.5), pruned=True)
    assert data_to_evaluation(evaluation_to_data(evaluation)) == evaluation
    old = evaluation_to_data(Evaluation(0.5, (0.5,)))
    del old["pruned"]  # as earlier versions wrote it
    assert not data_to_evaluation(old).pruned


TREES = """
space trees = DecisionTreeClassifier(max_depth = 1..12, min_samples_leaf = 1..40 log)
  | DummyClassifier(strategy = "most_frequent" | "stratified" | "uniform")
"""


@pytest.fixture(scope="module")
def experiment() -> hyperdsl.Experiment:
    return hyperdsl.Experiment(hyperdsl.compile(TREES), "sklearn:breast_cancer", "target", n_trials=25, seed=3)


def test_an_experiment_gives_up_early_and_finds_the_same(experiment: hyperdsl.Experiment) -> None:
    raced = experiment.run()
    experiment.racing, experiment.searcher = False, "random"
    full = experiment.run()
    assert all(t.state is State.complete for t in full.history.trials)
    experiment.racing = True
    same = experiment.run()
    assert same.best.number == full.best.number and same.score == full.score
    for result in (raced, same):
        assert any(t.state is State.pruned for t in result.history.trials)
        assert result.best.state is State.complete
        assert result.best.evaluation is not None and len(result.best.evaluation.fold_scores) == 5


def test_the_command_says_what_was_given_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from hyperdsl.cli.main import main

    (tmp_path / "trees.hyp").write_text(TREES)
    study = str(tmp_path / "study.db")
    words = ["search", str(tmp_path / "trees.hyp"), "--data", "sklearn:breast_cancer", "--target", "target"]
    words += ["--jobs", "1", "--trials", "20", "--searcher", "random", "--seed", "3"]
    assert main([*words, "--study", study]) == 0
    assert "given up early" in capsys.readouterr().err
    assert main(["trials", study]) == 0
    shown = capsys.readouterr().out
    assert "pruned" in shown and "an estimate from" in shown
    assert main([*words, "--no-racing"]) == 0
    assert "given up early" not in capsys.readouterr().err


def test_the_search_of_scikit_learn_has_gaps_only_if_it_races() -> None:
    import numpy as np
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    options = {"n_iter": 20, "searcher": "random", "random_state": 3}
    full = hyperdsl.HyperSearchCV(TREES, **options).fit(X, y)
    raced = hyperdsl.HyperSearchCV(TREES, racing=True, **options).fit(X, y)
    assert not np.isnan(full.cv_results_["mean_test_score"]).any()
    assert np.isnan(raced.cv_results_["mean_test_score"]).any()
    assert raced.best_index_ == full.best_index_ and raced.best_score_ == full.best_score_
    assert raced.cv_results_["rank_test_score"][raced.best_index_] == 1
