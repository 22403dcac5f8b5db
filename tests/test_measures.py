"""Costs and further metrics of pipelines: measured for real, as objectives and as bounds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hyperdsl
from hyperdsl import HypError
from hyperdsl.cli.main import main
from hyperdsl.experiment import Experiment
from hyperdsl.experiment.measures import COSTS
from hyperdsl.search.store import Store
from hyperdsl.search.units import shown

SPACE = """
space s = (StandardScaler() >> SelectKBest(k = 2..13) >> GaussianNB())
        | RandomForestClassifier(n_estimators = 5..60, max_depth = 2..8)
"""


def test_all_costs_are_measured_of_real_pipelines(tmp_path: Path) -> None:
    study = tmp_path / "study.db"
    result = Experiment(
        hyperdsl.compile(SPACE), "sklearn:wine", "target", metric=["accuracy", "logloss", *COSTS], n_trials=12, cv=3,
        study=study,
    ).run()  # fmt: skip
    assert len(result.history.front()) > 1 and result.best in result.history.front()
    for trial in result.history.trials:
        measures = trial.evaluation.measures
        assert set(measures) == {"log_loss", *COSTS}
        assert 0 < measures["predict_time"] < 1 and measures["fit_time"] > 0 and measures["memory"] >= 0
        if trial.configuration["s"] == "RandomForestClassifier":
            assert measures["features"] == 13
        else:
            assert measures["features"] == trial.configuration["s.SelectKBest.k"]
    forests = [t for t in result.history.trials if t.configuration["s"] == "RandomForestClassifier"]
    largest = max(forests, key=lambda t: t.configuration["s.RandomForestClassifier.n_estimators"])
    smallest = min(forests, key=lambda t: t.configuration["s.RandomForestClassifier.n_estimators"])
    assert largest.evaluation.measures["model_size"] > smallest.evaluation.measures["model_size"]
    with Store.open(study, "read") as store:
        stored = store.study()
        assert stored.info.goals == result.history.goals
        assert [r.number for r in stored.info.goals.front(stored.records())] == [
            t.number for t in result.history.front()
        ]


def test_a_bound_is_kept_by_the_pipeline_that_is_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "space.hyp"
    file.write_text(SPACE)
    command = ["search", str(file), "--data", "sklearn:wine", "--target", "target", "--cv", "3", "--jobs", "1"]
    assert main([*command, "--trials", "8", "--metric", "acc", "--constraint", "features <= 6", "--json"]) == 0
    document = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert document["measures"]["features"] <= 6
    assert document["constraints"] == [{"name": "features", "operator": "<=", "bound": 6}]
    assert main([*command, "--trials", "2", "--constraint", "features < 1"]) == 0
    assert "No trial keeps features < 1" in capsys.readouterr().out
    assert main([*command, "--trials", "6", "--metric", "acc", "--metric", "model_size"]) == 0
    out = capsys.readouterr().out
    assert "the Pareto front" in out and "chosen" in out and "kB" in out


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"metric": ["accuracy", "predict_tim"]}, "E0640", "predict_time"),
        ({"metric": ["accuracy", "rmse"]}, "E0641", "regression"),
        ({"constraints": ["model_size 3"]}, "E0723", "predict_time < 5 ms"),
        ({"constraints": ["modelsize < 3"]}, "E0640", "model_size"),
    ],
)
def test_what_cannot_be_measured_is_said_before_the_first_trial(
    options: dict[str, list[str]], code: str, words: str
) -> None:
    with pytest.raises(HypError) as caught:
        Experiment(hyperdsl.compile(SPACE), "sklearn:wine", "target", n_trials=2, **options).run()
    assert caught.value.diagnostics[0].code == code and words in str(caught.value)


def test_costs_are_shown_with_units() -> None:
    values = [("predict_time", 0.0042), ("model_size", 1.5e6), ("features", 12.0), ("fit_time", 3.0), ("memory", 12.0)]
    assert [shown(*v) for v in values] == ["4.2 ms", "1.5 MB", "12", "3 s", "12 B"]
