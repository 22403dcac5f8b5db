"""Spaces of other systems as ``.hyp`` files: the same names, counts and distributions."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import ConfigSpace as cs
import numpy as np
import optuna
import pytest

import hyperdsl
from hyperdsl.backends.exchange import export
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.exchange.reading import read_foreign
from hyperdsl.hyperspace import HyperSpace

optuna.logging.set_verbosity(optuna.logging.WARNING)


def imported(path: Path, **options: str) -> HyperSpace:
    text = read_foreign(str(path), Reporter(), **options)
    (path.parent / "imported.hyp").write_text(text, encoding="utf-8")
    return hyperdsl.compile(text)


def refused(path: Path, content: str) -> str:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(HypError) as caught:
        read_foreign(str(path), Reporter())
    return str(caught.value)


def domains(space: HyperSpace) -> dict[str, tuple[Any, ...]]:
    return {
        d.path.rpartition(".")[2]: (d.labels, d.weights) if d.labels else (d.low, d.high, d.log, d.step)
        for d in space.decisions
    }


# --- ConfigSpace


def conditional() -> cs.ConfigurationSpace:
    theirs = cs.ConfigurationSpace(name="models")
    model = cs.CategoricalHyperparameter("model", ["svm", "forest", "none"], weights=[2, 1, 1])
    kernel = cs.CategoricalHyperparameter("kernel", ["rbf", "linear"])
    gamma = cs.UniformFloatHyperparameter("gamma", 1e-4, 1.0, log=True, default_value=0.5)
    trees = cs.UniformIntegerHyperparameter("trees", 1, 4)
    scale = cs.CategoricalHyperparameter("scale", [True, False])
    size = cs.OrdinalHyperparameter("size", [1, 10, 100])
    theirs.add(model, kernel, gamma, trees, scale, size, cs.Constant("folds", 3))
    theirs.add(
        cs.EqualsCondition(kernel, model, "svm"),
        cs.EqualsCondition(gamma, kernel, "rbf"),
        cs.EqualsCondition(trees, model, "forest"),
        cs.OrConjunction(cs.EqualsCondition(scale, model, "svm"), cs.GreaterThanCondition(scale, trees, 2)),
        cs.InCondition(size, model, ["svm", "forest"]),
    )
    return theirs


def test_a_configspace_space_keeps_names_conditions_and_distributions(tmp_path: Path) -> None:
    theirs = conditional()
    theirs.to_json(tmp_path / "models.json")
    space = imported(tmp_path / "models.json")
    assert space.name == "models" and space.count().continuous == 1
    ours = domains(space)
    assert ours["model"] == (("svm", "forest", "none"), (2, 1, 1))
    assert ours["gamma"] == (1e-4, 1.0, True, None) and space.space["gamma"].default == 0.5
    # svm: (rbf or linear) x scale x size; forest: 1, 2 without scale, 3, 4 with; none
    assert space.count().configurations == 2 * 2 * 3 + (2 + 2 * 2) * 3 + 1
    theirs.seed(0)
    for theirs_one in theirs.sample_configuration(200):
        values = {k: v.item() if isinstance(v, np.generic) else v for k, v in theirs_one.items()}
        folds = values.pop("folds")
        mine = space.configuration(values)
        built = space.build(mine)
        assert built == {**dict.fromkeys(built), **values, "folds": folds}


def test_configspace_there_and_back_is_the_same_space(tmp_path: Path) -> None:
    program = """let a = "x" | "y" @ 3
    let n = 1..6
    space s = record(a = a, n = n if a == "x" else None,
                     r = (1e-3..1.0 log if n > 4 else 0.5..0.75) if a == "x" else 2)"""
    space = hyperdsl.compile(program)
    first = export("configspace", space.space, Reporter(), module=space.module)
    (tmp_path / "first.json").write_text(first, encoding="utf-8")
    again = imported(tmp_path / "first.json")
    second = export("configspace", again.space, Reporter(), module=again.module)
    one, other = json.loads(first), json.loads(second)
    rename = {d.path: e.path for d, e in zip(space.decisions, again.decisions, strict=True)}
    text = json.dumps(one)
    for path, new in rename.items():
        text = text.replace(json.dumps(path), json.dumps(new))
    assert json.loads(text)["hyperparameters"] == other["hyperparameters"]
    assert json.loads(text)["conditions"] == other["conditions"]
    assert again.count() == space.count()


def test_names_that_are_none_here_become_keys(tmp_path: Path) -> None:
    theirs = cs.ConfigurationSpace({"svm:C": (0.1, 1.0), "log": [1, 2], "1st": ["a", "b"], "min": (1, 3)})
    theirs.to_json(tmp_path / "names.json")
    space = imported(tmp_path / "names.json")
    assert set(space.build(space.default())) == {"svm:C", "log", "1st", "min"}


def test_what_configspace_has_and_we_have_not(tmp_path: Path) -> None:
    theirs = cs.ConfigurationSpace()
    theirs.add(cs.BetaFloatHyperparameter("b", 2, 3, lower=0, upper=1))
    theirs.to_json(tmp_path / "beta.json")
    with pytest.raises(HypError, match="`beta_float`"):
        read_foreign(str(tmp_path / "beta.json"), Reporter())
    theirs = cs.ConfigurationSpace({"x": (1, 4), "y": (1, 4)})
    theirs.add(cs.NormalFloatHyperparameter("n", 0.0, 1.0, lower=-1, upper=1))
    theirs.add(cs.ForbiddenEqualsClause(theirs["x"], 4))
    theirs.to_json(tmp_path / "lost.json")
    reporter = Reporter()
    read_foreign(str(tmp_path / "lost.json"), reporter)
    assert [d.code for d in reporter.diagnostics] == ["W0956", "W0956"]


# --- YAML

SWEEP = """\
program: train.py
name: my-sweep
method: bayes
metric: {name: loss, goal: minimize}
parameters:
  epochs: {value: 20}
  batch_size: {values: [32, 64, 128], probabilities: [0.5, 0.25, 0.25]}
  layers: {min: 1, max: 4}
  dropout: {min: 0.0, max: 0.5}
  lr: {distribution: log_uniform_values, min: 1e-5, max: 1e-1}
  decay: {distribution: log_uniform, min: -9.210340371976182, max: 0}
  momentum: {distribution: q_uniform, min: 0.5, max: 0.9, q: 0.1}
  noise: {distribution: normal, mu: 1, sigma: 0.1}
  optimizer:
    parameters:
      name: {values: [adam, sgd]}
      beta: {min: 0.8, max: 1.0}
"""
KATIB = """\
apiVersion: kubeflow.org/v1beta1
kind: Experiment
metadata: {name: random-example}
spec:
  objective: {type: maximize, objectiveMetricName: accuracy}
  parameters:
    - {name: lr, parameterType: double, feasibleSpace: {min: "0.01", max: "0.05"}}
    - {name: log-lr, parameterType: double, feasibleSpace: {min: "1e-4", max: "1e-1", distribution: logUniform}}
    - {name: layers, parameterType: int, feasibleSpace: {min: "2", max: "10", step: "4"}}
    - {name: units, parameterType: discrete, feasibleSpace: {list: ["8", "16", "0.5"]}}
    - {name: optimizer, parameterType: categorical, feasibleSpace: {list: [sgd, adam, ftrl]}}
"""


def test_a_sweep_keeps_its_distributions(tmp_path: Path) -> None:
    path = tmp_path / "sweep.yaml"
    path.write_text(SWEEP, encoding="utf-8")
    space = imported(path)
    ours = domains(space)
    assert space.name == "my_sweep"
    assert ours["batch_size"] == ((32, 64, 128), (2, 1, 1))
    assert ours["layers"] == (1, 4, False, 1) and ours["dropout"] == (0.0, 0.5, False, None)
    assert ours["lr"] == (1e-5, 1e-1, True, None)
    assert math.isclose(ours["decay"][0], 1e-4) and ours["decay"][1:] == (1.0, True, None)
    assert ours["momentum"] == (0.5, 0.9, False, 0.1)
    built = space.build(space.default())
    assert built["epochs"] == 20 and set(built["optimizer"]) == {"name", "beta"} and built["noise"] == 1.0
    assert space.count().configurations == 3 * 4 * 5 * 2


def test_a_katib_experiment_keeps_its_domains(tmp_path: Path) -> None:
    path = tmp_path / "katib.yaml"
    path.write_text(KATIB, encoding="utf-8")
    space = imported(path)
    assert space.name == "random_example" and space.count().configurations == 3 * 3 * 3
    assert set(space.build(space.default())) == {"lr", "log-lr", "layers", "units", "optimizer"}
    assert domains(space)["units"][0] == (8, 16, 0.5)


# --- Optuna


def define_by_run(trial: optuna.Trial) -> float:
    model = trial.suggest_categorical("model", ["svm", "forest"])
    if model == "svm":
        c = trial.suggest_float("C", 1e-3, 1e3, log=True)
        kernel = trial.suggest_categorical("kernel", ["rbf", "linear"])
        return c + (trial.suggest_float("gamma", 0.0, 1.0, step=0.25) if kernel == "rbf" else 0)
    return trial.suggest_int("trees", 10, 100, step=10) + trial.suggest_int("depth", 1, 64, log=True)


def test_a_study_keeps_distributions_and_what_was_conditional(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    study = optuna.create_study(
        storage=f"sqlite:///{path}", study_name="mine", sampler=optuna.samplers.RandomSampler(seed=0)
    )
    study.optimize(define_by_run, n_trials=25)
    space = imported(path)
    assert space.name == "mine"
    ours = domains(space)
    assert ours["C"] == (1e-3, 1e3, True, None) and ours["gamma"] == (0.0, 1.0, False, 0.25)
    assert ours["trees"] == (10, 100, False, 10) and ours["depth"] == (1, 64, True, 1)
    assert space.count().configurations == (5 + 1) + 10 * 64
    for trial in study.trials:
        space.configuration({d.path: trial.params[d.path] for d in space.decisions if d.path in trial.params})


def test_a_study_of_several_needs_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.db"
    for name in ("first", "second"):
        study = optuna.create_study(storage=f"sqlite:///{path}", study_name=name)
        study.optimize(lambda trial: trial.suggest_int("n", 1, 5), n_trials=1)
    assert main(["import", str(path)]) == 1
    assert "first, second" in capsys.readouterr().err
    out = tmp_path / "space.hyp"
    assert main(["import", str(path), "--study", "second", "-o", str(out)]) == 0
    assert hyperdsl.load(out).count().configurations == 5
    optuna.create_study(storage=f"sqlite:///{path}", study_name="empty")
    assert main(["import", str(path), "--study", "empty"]) == 1
    assert "E0955" in capsys.readouterr().err


def test_from_space_to_optuna_and_back(tmp_path: Path) -> None:
    space = hyperdsl.compile('space s = record(a = 1..9, b = 1e-3..1.0 log, c = "x" | "y", d = 0.0..1.0 step 0.5)')
    path = tmp_path / "study.db"
    study = optuna.create_study(storage=f"sqlite:///{path}", study_name="s")

    def objective(trial: optuna.Trial) -> float:
        trial.suggest_categorical("c", ["x", "y"])
        trial.suggest_float("d", 0.0, 1.0, step=0.5)
        return trial.suggest_int("a", 1, 9) + trial.suggest_float("b", 1e-3, 1.0, log=True)

    study.optimize(objective, n_trials=2)
    back = imported(path)
    assert domains(back) == domains(space) and back.count() == space.count()


# --- files that are no spaces


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "E0952"),
        ("a: [1", "E0952"),
        ("", "E0953"),
        ("a: 1", "E0953"),
        ("[1, 2]", "E0953"),
        ("parameters: {x: 3}", "`x`"),
        ("parameters: {x: {min: 3, max: 1}}", "empty"),
        ("parameters: {x: {distribution: log_uniform_values, min: 0, max: 1}}", "log range"),
        ("parameters: {x: {distribution: beta, min: 0, max: 1}}", "`beta`"),
        ("parameters: {x: {values: []}}", "no values"),
        ("parameters: {x: {values: [[1, 2]]}}", "no number, text"),
        ("parameters: &a {x: {parameters: *a}}", "too many parameters"),
        ("spec: {parameters: [{name: x}]}", "feasibleSpace"),
        ('{"hyperparameters": [{"name": "x", "type": "uniform_int", "lower": 1}]}', "`upper`"),
        ('{"hyperparameters": [{"name": "x", "type": "uniform_int", "lower": 1, "upper": "a"}]}', "no finite number"),
        ('{"hyperparameters": [1]}', "not an object"),
        ("[" * 100_000, "E095"),
    ],
)
def test_what_cannot_be_imported_is_explained(content: str, says: str, tmp_path: Path) -> None:
    assert says in refused(tmp_path / "file.yaml", content)


def test_conditions_that_go_in_a_circle(tmp_path: Path) -> None:
    parameter = {"type": "categorical", "choices": ["a", "b"]}
    document = {
        "hyperparameters": [{"name": "x", **parameter}, {"name": "y", **parameter}],
        "conditions": [
            {"type": "EQ", "child": "x", "parent": "y", "value": "a"},
            {"type": "EQ", "child": "y", "parent": "x", "value": "a"},
        ],
    }
    assert "circle" in refused(tmp_path / "file.json", json.dumps(document))


def test_a_text_file_is_not_taken_for_a_database(tmp_path: Path) -> None:
    (tmp_path / "bad.db").write_bytes(b"SQLite format 3\x00" + b"\x01" * 500)
    with pytest.raises(HypError, match="E0953"):
        read_foreign(str(tmp_path / "bad.db"), Reporter())
    with pytest.raises(HypError, match="there is no file"):
        read_foreign(str(tmp_path / "none.json"), Reporter())
