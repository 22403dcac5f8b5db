"""Ensembles of a search: chosen where they are better, saved, exported, told of."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import hyperdsl
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.experiment import Experiment, export_script, load_model
from hyperdsl.report import report_page

# A tree and neighbours err differently, so that together they are better.
CLASSES = (
    "space s = DecisionTreeClassifier(max_depth = 4) | (StandardScaler() >> KNeighborsClassifier(n_neighbors = 9))"
)
BOOSTED = """
space s =
    LGBMClassifier(n_estimators = 60, num_leaves = 4 | 8, learning_rate = 0.2)
  | (StandardScaler() >> LogisticRegression(C = 0.001..0.1 log))
  | (StandardScaler() >> KNeighborsClassifier(n_neighbors = 3..15))
"""


@pytest.fixture(scope="module")
def ill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weak columns of a real table, with labels in words and weights."""
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    frame = X.iloc[:, [1, 4, 8, 9, 11, 14, 18]].assign(ill=np.where(y == 0, "yes", "no"))
    frame["count"] = np.random.default_rng(0).integers(1, 5, len(y))
    path = tmp_path_factory.mktemp("ensemble") / "ill.csv"
    frame.to_csv(path, index=False)
    return path


def experiment(table: object, space: str, **options: Any) -> Experiment:
    given = {"target": "ill", "cv": 3, "racing": False, "ensemble": True, "seed": 3, **options}
    return Experiment(hyperdsl.compile(space), table, **given)


def run(script: str, folder: Path) -> list[float]:
    """The scores of the folds that a script prints."""
    (folder / "script.py").write_text(script)
    command = [sys.executable, "script.py", "--output", "fitted.joblib"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder)
    assert done.stderr == ""
    return [float(word) for word in done.stdout.splitlines()[0].split()[1:]]


def test_an_ensemble_is_the_vote_that_is_best_out_of_fold(ill: Path, tmp_path: Path) -> None:
    result = experiment(ill, CLASSES, n_trials=2, study=tmp_path / "s.db", weights=None).run()
    found = result.ensemble
    assert found is not None and found.is_better and found.score is not None and found.score > found.best_score
    weights = dict(found.members)
    frame = pd.read_csv(ill).astype({"count": "float"})
    train, test = train_test_split(frame, test_size=0.2, random_state=3, stratify=frame["ill"])
    models = [DecisionTreeClassifier(max_depth=4), make_pipeline(StandardScaler(), KNeighborsClassifier(9))]
    members = {}
    for trial in result.history.trials:
        is_tree = "DecisionTree" in str(trial.configuration.to_json())
        model = result.model.pipeline.estimators_[[n for n, _ in found.members].index(trial.number)].estimator
        members[trial.number] = model if is_tree else models[1]

    def probabilities(fitted: pd.DataFrame, scored: pd.DataFrame) -> Any:
        """The weighted average of the members, fitted by hand."""
        total = 0.0
        for number, weight in weights.items():
            model = members[number].fit(fitted.drop(columns="ill"), (fitted["ill"] == "yes").astype(int))
            total = total + weight * model.predict_proba(scored.drop(columns="ill"))[:, 1]
        return total / sum(weights.values())

    folds = StratifiedKFold(3, shuffle=True, random_state=3).split(train, train["ill"])
    scores = [
        roc_auc_score(train["ill"].iloc[b] == "yes", probabilities(train.iloc[a], train.iloc[b])) for a, b in folds
    ]
    assert found.score == pytest.approx(np.mean(scores), abs=1e-12)
    assert result.test_score == pytest.approx(roc_auc_score(test["ill"] == "yes", probabilities(train, test)))
    assert result.best_test_score is not None
    # The script makes the same ensemble, and the study knows of it.
    assert run(result.script, tmp_path) == pytest.approx(scores, abs=1e-12)
    assert export_script(tmp_path / "s.db") == result.script != export_script(tmp_path / "s.db", trial="best")
    page = report_page(tmp_path / "s.db")
    assert f"better than trial {result.best.number} alone" in page and "VotingClassifier" in page
    assert "--ensemble 2" in page
    # A saved model predicts the same.
    model, _, warnings = result.save(tmp_path / "m")
    assert not warnings
    loaded = load_model(model)
    assert np.array_equal(loaded.predict(ill), result.model.predict(ill)) and set(loaded.predict(ill)) == {"yes", "no"}
    assert {m["trial"]: m["weight"] for m in loaded.members} == weights
    # Without an ensemble the same study is that of its best trial again.
    again = experiment(ill, CLASSES, n_trials=2, study=tmp_path / "s.db", ensemble=False).run()
    assert again.ensemble is None and export_script(tmp_path / "s.db") == again.script


def test_boosting_with_weights(ill: Path, tmp_path: Path) -> None:
    result = experiment(ill, BOOSTED, n_trials=6, weights="count", metric="log_loss").run()
    found = result.ensemble
    assert found is not None and found.is_better and found.score is not None and found.score < found.best_score
    scores = run(result.script, tmp_path)  # with rounds of boosting for all rows, so not the same to the last digit
    assert np.mean(scores) == pytest.approx(found.score, rel=0.1)
    assert "sample_weight" in result.script and "Out-of-fold score" in result.script


def test_an_ensemble_of_numbers_in_a_search_of_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    X.assign(y=y).to_csv(tmp_path / "d.csv", index=False)
    (tmp_path / "s.hyp").write_text(
        "space s = Ridge(alpha = 0.1..10.0) | KNeighborsRegressor(n_neighbors = 5..30)\n"
        'experiment e { data = "d.csv" target = "y" metric = rmse ensemble = 4 search = random(trials = 8) }\n'
    )
    command = ["search", str(tmp_path / "s.hyp"), "-o", str(tmp_path / "m"), "--study", str(tmp_path / "s.db")]
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert "of the best 4 trials, rmse" in shown and "out of fold: better than trial" in shown
    assert "alone:" in shown and "weight  trial" in shown
    assert main(["evaluate", str(tmp_path / "m"), "--data", str(tmp_path / "d.csv"), "--target", "y", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] < 60
    assert main(["search", *command[1:2], "--ensemble", "0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["ensemble"] is None


def test_what_is_no_better_is_not_chosen(ill: Path, tmp_path: Path) -> None:
    space = "space s = DecisionTreeClassifier(max_depth = 3)"
    result = experiment(ill, space, n_trials=1, study=tmp_path / "s.db").run()
    assert result.ensemble is not None and not result.ensemble.is_better and not result.model.members
    assert "no better than trial 0 alone" in result.ensemble.words("roc_auc")
    assert "VotingClassifier" not in export_script(tmp_path / "s.db")
    assert "no better than trial 0 alone" in report_page(tmp_path / "s.db")


def test_models_without_probabilities_vote_where_the_metric_can_be_had_of_votes(ill: Path) -> None:
    space = "space s = RidgeClassifier(alpha = 0.1..10.0) | LinearSVC(C = 0.001..1.0 log)"
    ranks = experiment(ill, space, n_trials=4).run().ensemble
    assert ranks is not None and ranks.score is None and "needs probabilities" in ranks.words("roc_auc")
    counted = experiment(ill, space, n_trials=4, metric="accuracy").run().ensemble
    assert counted is not None and counted.score is not None and not counted.soft


def test_several_objectives_have_no_ensemble(ill: Path) -> None:
    with pytest.raises(HypError) as caught:
        experiment(ill, CLASSES, metric=["roc_auc", "model_size"]).prepare(Reporter())
    assert caught.value.diagnostics[0].code == "E0723"
