"""Fidelities of pipelines: rows, folds, and models that are fitted further when their trial is promoted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.experiment import Experiment
from hyperdsl.experiment.estimator import PipelineEstimator
from hyperdsl.experiment.sharing import FittedStore
from hyperdsl.search.fidelity import Fidelity
from hyperdsl.search.trial import Evaluation, State

MODELS = {
    "lightgbm": "LGBMClassifier(n_estimators = 30, num_leaves = 7)",
    "lightgbm, sampled": "LGBMClassifier(n_estimators = 30, subsample = 0.6, subsample_freq = 1)",
    "lightgbm, dart": 'LGBMClassifier(n_estimators = 30, boosting_type = "dart")',
    "xgboost": "XGBClassifier(n_estimators = 30, max_depth = 3)",
    "catboost": "CatBoostClassifier(iterations = 30, depth = 3, learning_rate = 0.1)",
    "forest": "RandomForestClassifier(n_estimators = 30)",
    "trees": "ExtraTreesClassifier(n_estimators = 30)",
    "gradient boosting": "GradientBoostingClassifier(n_estimators = 30, subsample = 0.7)",
    "bagging": "BaggingClassifier(n_estimators = 30)",
}
SAMPLED = ("lightgbm, sampled",)  # draws rows, and begins to draw anew where it goes on


def estimator_of(model: str, fidelity: str | None, stopping: bool | int = False) -> tuple[Any, PipelineEstimator]:
    experiment = Experiment(
        hyperdsl.compile(f"space s = StandardScaler() >> {model}"),
        "sklearn:breast_cancer",
        "target",
        cv=3,
        early_stopping=stopping,
        fidelity=fidelity,
        seed=1,
    )
    prepared = experiment.prepare(Reporter())
    return prepared.space.default(), replace(prepared.estimator, threads=1)


def climb(estimator: PipelineEstimator, point: Any, amounts: tuple[float | None, ...]) -> list[Evaluation]:
    found: list[Evaluation] = []
    for amount in amounts:
        options: dict[str, Any] = {} if amount is None else {"fidelity": amount}
        found.append(estimator.evaluate(point, seed=1, earlier=tuple(found), **options))
        assert found[-1].failure is None, found[-1].failure
    return found


@pytest.mark.parametrize("name", MODELS)
def test_a_model_that_goes_on_is_the_one_that_was_fitted_in_one_go(name: str) -> None:
    point, estimator = estimator_of(MODELS[name], "n_estimators=5..30")
    few, more, full = climb(estimator, point, (5, 15, None))
    assert (few.fidelity, more.fidelity, full.fidelity) == (5, 15, None)
    whole = estimator.evaluate(point, seed=1)
    if name in SAMPLED:
        assert full.score == pytest.approx(whole.score, abs=0.02)
    else:
        np.testing.assert_allclose(full.fold_scores, whole.fold_scores, rtol=0, atol=1e-12)
    assert few.fold_scores != full.fold_scores


@pytest.mark.parametrize("name", ["lightgbm, sampled", "xgboost", "catboost", "forest"])
def test_what_is_lost_is_fitted_again_in_the_same_stages(name: str) -> None:
    point, estimator = estimator_of(MODELS[name], "n_estimators=5..30")
    kept = climb(estimator, point, (5, 15, None))
    for budget in (0, None):
        anew = replace(estimator, store=FittedStore(budget))
        full = anew.evaluate(point, seed=1, earlier=tuple(kept[:2]))
        assert full.fold_scores == kept[2].fold_scores
        assert (
            climb(replace(estimator, store=FittedStore(budget)), point, (5, 15))[1].fold_scores == kept[1].fold_scores
        )


@pytest.mark.parametrize("library", ["lightgbm", "xgboost", "catboost"])
def test_boosting_that_has_stopped_by_itself_is_complete(library: str) -> None:
    model = (
        MODELS[library]
        .replace("30", "400")
        .replace("depth = 3", "depth = 3, learning_rate = 0.3", library == "xgboost")
    )
    point, estimator = estimator_of(model.replace("0.1", "0.3"), "n_estimators=5..400", stopping=5)
    few, many = climb(estimator, point, (5, 300))
    assert few.fidelity == 5 and many.fidelity is None
    rounds = many.details["rounds"]
    assert isinstance(rounds, list) and all(5 < r < 300 for r in rounds)
    assert few.details["rounds"] != rounds
    full = estimator.evaluate(point, seed=1, earlier=(few, replace(many, fidelity=300.0)))
    assert full.fold_scores == many.fold_scores


def test_a_configuration_that_asks_for_less_is_complete_at_once() -> None:
    point, estimator = estimator_of("RandomForestClassifier(n_estimators = 10)", "n_estimators=20..100")
    assert climb(estimator, point, (20,))[0].fidelity is None


def test_a_share_of_the_rows_is_fitted() -> None:
    point, estimator = estimator_of("KNeighborsClassifier(n_neighbors = 3)", "rows=0.1..1")
    few, full = climb(estimator, point, (0.1, None))
    assert few.fidelity == 0.1 and full.fidelity is None
    assert few.fold_scores != full.fold_scores == estimator.evaluate(point, seed=1).fold_scores


def test_folds_are_kept_when_a_trial_goes_on() -> None:
    point, estimator = estimator_of("DecisionTreeClassifier(max_depth = 3)", "folds=1..3")
    one, three = climb(estimator, point, (1, None))
    assert len(one.fold_scores) == 1 and one.score == one.fold_scores[0]
    assert three.fold_scores == estimator.evaluate(point, seed=1).fold_scores
    marked = replace(one, fold_scores=(0.125,))
    assert estimator.evaluate(point, seed=1, earlier=(marked,)).fold_scores[0] == 0.125  # not fitted again


@pytest.mark.parametrize(
    ("code", "fidelity", "message"),
    [
        ("E0732", "n_trees=1..9", "did you mean"),
        ("E0723", "folds=1..8", "folds=1..3"),
        ("E0723", "rows=10..100", "rows=0.1..1"),
    ],
)
def test_a_fidelity_that_the_space_does_not_have(code: str, fidelity: str, message: str) -> None:
    with pytest.raises(HypError) as caught:
        estimator_of(MODELS["forest"], fidelity)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    if code != "E0732":
        assert message in diagnostic.help


def test_a_fidelity_that_ends_elsewhere_than_the_models_is_said() -> None:
    experiment = Experiment(
        hyperdsl.compile("space s = LGBMClassifier(num_leaves = 3..30)"),
        "sklearn:breast_cancer",
        "target",
        fidelity="n_estimators=16..512",
    )
    reporter = Reporter()
    experiment.prepare(reporter)
    (warning,) = [d for d in reporter.diagnostics if d.code == "W0733"]
    assert "n_estimators = 100" in warning.message and "n_estimators = 512" in warning.help


SPACE = """
space s = StandardScaler() >> (
    RandomForestClassifier(n_estimators = 60, max_depth = 1..12)
  | LGBMClassifier(n_estimators = 60, num_leaves = 3..30)
  | KNeighborsClassifier(n_neighbors = 1..30))
"""


def test_an_experiment_with_a_fidelity_and_races(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from hyperdsl.cli.main import main

    (tmp_path / "s.hyp").write_text(SPACE)
    study = str(tmp_path / "study.db")
    words = ["search", str(tmp_path / "s.hyp"), "--data", "sklearn:breast_cancer", "--target", "target", "--cv", "3"]
    words += ["--fidelity", "n_estimators=6..60", "--jobs", "1", "--study", study]
    assert main([*words, "--trials", "8"]) == 0
    capsys.readouterr()
    assert main([*words, "--trials", "16", "-o", str(tmp_path / "model")]) == 0
    assert "held-out roc_auc" in capsys.readouterr().out
    whole = Experiment(
        hyperdsl.compile(SPACE), "sklearn:breast_cancer", "target", cv=3, n_trials=8, fidelity="n_estimators=6..60"
    )
    assert isinstance(whole.fidelity, Fidelity)
    trials = whole.run().history.trials
    from hyperdsl.search.store import Store

    with Store.open(study, "read") as store:
        records = store.study().records()
    assert len(records) == 16
    neighbours = [r for r in records if "n_neighbors" in str(r.configuration)]
    assert neighbours and all(not r.earlier and r.evaluation and r.evaluation.fidelity is None for r in neighbours)
    climbed = [r for r in records if r.earlier and r.evaluation and r.evaluation.fidelity is None]
    assert climbed and all(r.state in (State.complete, State.pruned) for r in climbed)  # one may have lost a race
    assert [t.key for t in trials] == [r.key for r in records[:8]]
