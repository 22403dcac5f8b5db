"""Studies handed to Optuna: what its own library loads is what was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

import hyperdsl
from hyperdsl.cli.main import main
from hyperdsl.search.store import Store
from hyperdsl.search.tables import TrialRecord
from hyperdsl.search.trial import State

SPACE = """
let x = 1..50
let mode = "fast" | "safe" @ 3
space s = record(
  x = x,
  y = 1e-3..1.0 log,
  mode = mode,
  z = 1..x if mode == "safe" else 0,
  tags = subset(2, ["a", "b", "c"]),
  size = 100 | 1 | 10,
  odd = None | True | 1 | "1",
  part = 0.0..1.0 step 0.25,
  many = 10..1000 log step 10)
"""


def objective(v: dict[str, Any]) -> float:
    if v["x"] % 5 == 0:
        raise ValueError(f"x = {v['x']} does not do")
    return v["x"] * v["y"]


def loaded(path: Path, name: str) -> optuna.Study:
    return optuna.load_study(study_name=name, storage=f"sqlite:///{path}")


def records_of(path: Path) -> list[TrialRecord]:
    with Store.open(path, "read") as store:
        return store.study().records()


def as_text(value: object) -> object:
    return json.dumps(value) if isinstance(value, list) else value


def test_optuna_loads_what_was_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = tmp_path / "study.db", tmp_path / "optuna.db"
    hyperdsl.optimize(SPACE, objective, n_trials=25, searcher="random", study=ours)
    assert main(["export", str(ours), "--to", "optuna", "-o", str(theirs)]) == 0
    assert capsys.readouterr().out == f"25 trials of the study s written to {theirs}\n"
    study, records = loaded(theirs, "s"), records_of(ours)
    assert study.directions == [optuna.study.StudyDirection.MINIMIZE]
    assert len(study.trials) == len(records) == 25
    states = {State.complete: TrialState.COMPLETE, State.failed: TrialState.FAIL}
    for trial, record in zip(study.trials, records, strict=True):
        assert record.evaluation is not None
        assert trial.number == trial.user_attrs["trial"] == record.number
        assert trial.state == states[record.state] and trial.value == record.evaluation.score
        expected = {path: as_text(value) for path, value in record.configuration.items()}
        given = {path: json.loads(v) if path == "s.odd" else v for path, v in trial.params.items()}
        assert (given == expected and given["s.odd"] is expected["s.odd"]) or isinstance(given["s.odd"], str)
        assert trial.datetime_start is not None and abs(trial.datetime_start.timestamp() - record.started) < 1e-3
        if record.evaluation.failure:
            assert trial.user_attrs["failure"] == "error"
            assert trial.user_attrs["error"] == f"ValueError: x = {record.configuration['x']} does not do"
    assert {t.state for t in study.trials} == set(states.values())
    assert any("s.z" in t.params for t in study.trials) and not all("s.z" in t.params for t in study.trials)
    best = min(
        (r for r in records if r.evaluation and r.evaluation.score is not None), key=lambda r: r.evaluation.score
    )
    assert study.best_trial.number == best.number
    assert study.user_attrs["space"].strip() == SPACE.strip()


def test_each_kind_of_decision_has_its_distribution(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "study.db", tmp_path / "optuna.db"
    hyperdsl.optimize(SPACE, objective, n_trials=25, searcher="random", study=ours)
    assert main(["export", str(ours), "--to", "optuna", "-o", str(theirs)]) == 0
    found: dict[str, set[object]] = {}
    for trial in loaded(theirs, "s").trials:
        for path, distribution in trial.distributions.items():
            found.setdefault(path, set()).add(distribution)
    assert all(len(distributions) == 1 for distributions in found.values())
    one = {path: next(iter(distributions)) for path, distributions in found.items()}
    assert one["x"] == IntDistribution(1, 50)
    assert one["s.y"] == FloatDistribution(1e-3, 1.0, log=True)
    assert one["mode"] == CategoricalDistribution(["fast", "safe"])
    assert one["s.z"] == IntDistribution(1, 50)
    assert one["s.size"] == CategoricalDistribution([100, 1, 10])
    assert one["s.odd"] == CategoricalDistribution(["null", "true", "1", '"1"'])
    assert one["s.part"] == FloatDistribution(0.0, 1.0, step=0.25)
    assert one["s.many"] == IntDistribution(10, 1000, step=10)
    tags = one[next(path for path in one if path.startswith("s.tags"))]
    assert isinstance(tags, CategoricalDistribution) and set(tags.choices) <= {'["a", "b"]', '["a", "c"]', '["b", "c"]'}


def test_several_objectives_constraints_and_folds(tmp_path: Path) -> None:
    file, ours, theirs = tmp_path / "s.hyp", tmp_path / "study.db", tmp_path / "optuna.db"
    file.write_text("space s = SelectKBest(k = 1..13) >> DecisionTreeClassifier(max_depth = 1..9)\n")
    data = ["--data", "sklearn:wine", "--target", "target", "--cv", "3", "--jobs", "1", "--trials", "8"]
    goals = ["--metric", "accuracy", "--metric", "model_size", "--constraint", "features <= 6"]
    assert main(["search", str(file), *data, *goals, "--study", str(ours)]) == 0
    assert main(["export", str(ours), "--to", "optuna", "-o", str(theirs)]) == 0
    study, records = loaded(theirs, "s"), records_of(ours)
    assert [d.name for d in study.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert study.metric_names == ["accuracy", "model_size"]
    for trial, record in zip(study.trials, records, strict=True):
        assert record.evaluation is not None
        assert trial.values == [record.evaluation.score, record.evaluation.measures["model_size"]]
        assert trial.user_attrs["fold_scores"] == list(record.evaluation.fold_scores)
        kept = record.evaluation.measures["features"] <= 6
        assert all(value <= 0 for value in trial.constraints.values()) is kept
    with Store.open(ours, "read") as store:
        front = {r.number for r in store.study().info.goals.front(records)}
    assert {t.number for t in study.best_trials} == front


def test_what_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = tmp_path / "study.db", tmp_path / "optuna.db"
    hyperdsl.optimize("space s = record(x = 1..9)", lambda v: v["x"], n_trials=2, study=ours)
    for arguments in (["--to", "optuna"], ["--to", "optuna", "-o", str(theirs), "--trial", "1"]):
        with pytest.raises(SystemExit):
            main(["export", str(ours), *arguments])
        assert "--to optuna" in capsys.readouterr().err
    theirs.write_text("something of the user's")
    assert main(["export", str(ours), "--to", "optuna", "-o", str(theirs)]) == 1
    assert "E0719" in capsys.readouterr().err and theirs.read_text() == "something of the user's"
    assert main(["export", str(ours), "--to", "optuna", "-o", str(tmp_path / "no" / "optuna.db")]) == 1
    assert "No such file or directory" in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["optuna.db", "study.db"]
