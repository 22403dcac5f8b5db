"""Sample weights in a column: fitted, scored, held out, exported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedKFold, train_test_split

import hyperdsl
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.experiment import Experiment

LOGISTIC = "space s = StandardScaler() >> LogisticRegression(C = 0.01..1.0 log)"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some columns of a real table, with weights that change what is learned."""
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    frame = X.iloc[:, [1, 4, 8, 11, 18]].assign(ill=y)
    frame["count"] = np.random.default_rng(0).integers(0, 9, len(y)) * (1 + 9 * (y == 1))
    path = tmp_path_factory.mktemp("weights") / "table.csv"
    frame.to_csv(path, index=False)
    return path


def experiment(table: object, space: str = LOGISTIC, **options: Any) -> Experiment:
    given = {"weights": "count", "cv": 3, "n_trials": 1, "metric": "accuracy", **options}
    return Experiment(hyperdsl.compile(space), table, "ill", **given)


def test_models_are_fitted_and_scored_with_the_weights(table: Path) -> None:
    result = experiment(table).run()
    frame = pd.read_csv(table)
    train, test = train_test_split(frame, test_size=0.2, random_state=0, stratify=frame["ill"])
    inputs = [c for c in frame.columns if c not in ("ill", "count")]
    assert [str(c.name) for c in result.model.schema.columns] == inputs

    def score(fitted: pd.DataFrame, scored: pd.DataFrame) -> float:
        mean, deviation = fitted[inputs].mean(), fitted[inputs].std(ddof=0)
        C = result.best.configuration["s.LogisticRegression.C"]
        model = LogisticRegression(C=C).fit((fitted[inputs] - mean) / deviation, fitted["ill"], fitted["count"])
        predicted = model.predict((scored[inputs] - mean) / deviation)
        return float(accuracy_score(scored["ill"], predicted, sample_weight=scored["count"]))

    folds = StratifiedKFold(3, shuffle=True, random_state=0).split(train, train["ill"])
    expected = [score(train.iloc[a], train.iloc[b]) for a, b in folds]
    assert result.best.evaluation is not None
    assert result.best.evaluation.fold_scores == pytest.approx(expected, abs=1e-12)
    assert result.test_score == pytest.approx(score(train, test), abs=1e-12)
    assert experiment(table, weights=None).run().score != result.score


@pytest.mark.parametrize(
    "space",
    [
        LOGISTIC,
        "space s = KNeighborsClassifier(n_neighbors = 5 | 9)",  # takes none
        "space s = StandardScaler() >> LGBMClassifier(n_estimators = 40, num_leaves = 4 | 8, verbose = -1)",
        "space s = XGBClassifier(n_estimators = 40, max_depth = 2 | 3)",
        "space s = StandardScaler() >> CatBoostClassifier(iterations = 30, depth = 2 | 3)",
    ],
)
def test_scripts_use_the_weights(space: str, table: Path, tmp_path: Path) -> None:
    study = tmp_path / "study.db"
    result = experiment(table, space, study=study).run()
    assert result.best.evaluation is not None
    from hyperdsl.experiment import export_script

    assert export_script(study) == result.script
    script = tmp_path / "script.py"
    script.write_text(result.script)
    command = [sys.executable, str(script), "--output", str(tmp_path / "model.joblib")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    scores = [float(word) for word in done.stdout.splitlines()[0].split()[1:]]
    assert scores == pytest.approx(list(result.best.evaluation.fold_scores), abs=1e-12)


def test_a_test_table_has_its_own_weights(table: Path, tmp_path: Path) -> None:
    frame = pd.read_csv(table)
    result = experiment(frame.iloc[:400], test=frame.iloc[400:]).run()
    inputs = frame.drop(columns=["ill", "count"]).iloc[400:]
    predicted = result.model.pipeline.predict(inputs)
    expected = accuracy_score(frame["ill"][400:], predicted, sample_weight=frame["count"][400:])
    assert result.test_score == pytest.approx(expected)
    with pytest.raises(HypError) as caught:
        experiment(frame.iloc[:400], test=frame.iloc[400:].drop(columns="count")).run()
    assert caught.value.diagnostics[0].code == "E0620"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.where(c.index != 3), "it has no number in 1 rows"),
        (lambda c: c - 1, "they are -1 to 79"),
        (lambda c: c * 0, "they are 0 to 0"),
        (lambda c: c.astype(str) + " kg", "is no number"),
    ],
)
def test_weights_that_are_none(change: Any, words: str, table: Path) -> None:
    frame = pd.read_csv(table)
    frame["count"] = change(frame["count"])
    with pytest.raises(HypError) as caught:
        experiment(frame).prepare(Reporter())
    assert caught.value.diagnostics[0].code == "E0632"
    assert words in caught.value.diagnostics[0].message


def test_a_metric_without_weights_is_said(table: Path) -> None:
    reporter = Reporter()
    experiment(table, metric=["accuracy", "normalized_mutual_info_score"]).prepare(reporter)
    assert [d.code for d in reporter.diagnostics if d.code == "W0632"] == ["W0632"]


def test_at_the_command_line(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.hyp").write_text(LOGISTIC)
    options = ["--data", str(table), "--target", "ill", "--cv", "2", "--trials", "1", "--jobs", "1"]
    study = ["--study", str(tmp_path / "study.db")]
    assert main(["search", str(tmp_path / "s.hyp"), *options, *study, "--weights", "count"]) == 0
    assert main(["search", str(tmp_path / "s.hyp"), *options, *study]) == 1
    assert "E0712" in capsys.readouterr().err
    assert main(["search", str(tmp_path / "s.hyp"), *options, "--weights", "counts"]) == 1
    assert "has no column 'counts' for the weights" in capsys.readouterr().err


def test_a_check_on_data_leaves_the_weights_out(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    space = "space s = PCA(n_components = 6) >> LogisticRegression()"
    assert not hyperdsl.check_data(space, str(table), "ill")
    assert [d.code for d in hyperdsl.check_data(space, str(table), "ill", weights="count")] == ["E0420"]
    (tmp_path / "s.hyp").write_text(space)
    command = ["check", str(tmp_path / "s.hyp"), "--data", str(table), "--target", "ill"]
    assert (main(command), main([*command, "--weights", "count"])) == (0, 1)
    assert "E0420" in capsys.readouterr().err


def test_a_saved_model_is_evaluated_with_weights(table: Path, tmp_path: Path, capsys) -> None:
    result = experiment(table).run()
    result.save(tmp_path / "m")
    frame = pd.read_csv(table)
    predicted = result.model.predict(frame.drop(columns=["ill", "count"]))
    told = ["evaluate", str(tmp_path / "m"), "--data", str(table), "--target", "ill"]
    for more, weights in ([], None), (["--weights", "count"], frame["count"]):
        assert main([*told, *more]) == 0
        shown = capsys.readouterr()
        expected = accuracy_score(frame["ill"], predicted, sample_weight=weights)
        assert float(shown.out.split()[1]) == pytest.approx(expected, abs=1e-6)
        assert ("W0660" in shown.err) is not bool(more)  # the column of weights is no surprise
    assert main([*told, "--weights", "counts"]) == 1
    assert "did you mean" in capsys.readouterr().err
    assert main([*told, "--weights", "count", "--metric", "max_error"]) == 1  # for numbers
