"""Metrics of the user's own: named, given in Python, refused, broken, and in scripts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, fbeta_score, make_scorer

import hyperdsl
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.driver import check_file
from hyperdsl.experiment.tables import read_table

TREES = "space trees = DecisionTreeClassifier(max_depth = 1..4, min_samples_leaf = 1..20)\n"
METRICS = """
from pathlib import Path
from sklearn.metrics import fbeta_score, make_scorer, roc_auc_score

Path("ran").write_text("")


def profit(y_true, y_pred):
    assert set(y_true) | set(y_pred) <= {"tumour", "healthy"}
    return float(((y_true == "tumour") & (y_pred == "tumour")).mean())


def cost(y_true, y_pred):
    return float((y_true != y_pred).mean())


def three(a, b, c):
    return 1.0


def words(y_true, y_pred):
    return "much"


def broken(y_true, y_pred):
    raise RuntimeError("no way")


LIMIT = 5


class Score:
    pass


f2 = make_scorer(fbeta_score, beta=2)
caught = make_scorer(fbeta_score, beta=2, pos_label="tumour")
sure = make_scorer(roc_auc_score, response_method="predict_proba")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program, a table with words as labels, and a package with metrics; the working folder as well."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in [n for n in sys.modules if n.partition(".")[0] == "clinic"]:
        del sys.modules[name]
    (tmp_path / "clinic").mkdir()
    (tmp_path / "clinic" / "__init__.py").write_text("")
    (tmp_path / "clinic" / "metrics.py").write_text(METRICS)
    table = read_table("sklearn:breast_cancer").frame
    table["target"] = np.where(table["target"] == 0, "tumour", "healthy")
    table.to_csv(tmp_path / "t.csv", index=False)
    (tmp_path / "p.hyp").write_text(
        f'{TREES}experiment e {{ data = "t.csv"  target = "target"  metric = "clinic.metrics:profit"\n'
        "validate = holdout(0.3)  search = random(trials = 2) }",
    )
    return tmp_path


def said(metric: object, allow: tuple[str, ...] = ("clinic",), data: object = "t.csv") -> str:
    with pytest.raises(HypError) as caught:
        hyperdsl.load_experiment("p.hyp", allow=allow, metric=metric, data=data).prepare(Reporter())
    return str(caught.value)


def test_a_named_metric_is_searched_with_by_workers_too_and_in_scripts(project: Path, capsys) -> None:
    arguments = ["search", "p.hyp", "--allow", "clinic", "--jobs", "2", "--study", "s.db", "-o", "m", "--json"]
    assert main(arguments) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["metric"] == "clinic.metrics:profit" and 0.2 < result["score"] < 0.5
    script = Path("m.py").read_text()
    assert "from clinic.metrics import profit" in script and "hyperdsl import" not in script
    done = subprocess.run([sys.executable, "m.py"], capture_output=True, text=True, timeout=120)
    assert abs(float(done.stdout.rpartition("mean:")[2]) - result["score"]) < 1e-12, done.stderr
    assert main(["export", "s.db", "-o", "again.py"]) == 0
    assert Path("again.py").read_text() == script


@pytest.mark.parametrize("name", ["caught", "sure"])
def test_a_scorer_of_labels_sees_them_here_and_in_scripts(name: str, project: Path, capsys) -> None:
    metric = f"clinic.metrics:{name}"
    result = hyperdsl.load_experiment("p.hyp", allow=("clinic",), metric=metric, study="s.db").run()
    assert 0.7 < result.score < 1
    Path("m.py").write_text(result.script)
    done = subprocess.run([sys.executable, "m.py"], capture_output=True, text=True, timeout=120)
    assert abs(float(done.stdout.rpartition("mean:")[2]) - result.score) < 1e-12, done.stderr
    result.save("m")
    assert main(["evaluate", "m", "--data", "t.csv", "--target", "target", "--allow", "clinic"]) == 0
    assert float(capsys.readouterr().out.split()[1]) > 0.7


def test_a_scorer_of_labels_scores_models_that_number_them(project: Path) -> None:
    space = hyperdsl.compile("space s = XGBClassifier(n_estimators = 5)", allow=("clinic",), root=".")
    result = hyperdsl.Experiment(space, "t.csv", "target", metric="clinic.metrics:caught", cv=2, n_trials=1).run()
    assert result.score > 0.7 and "VotingClassifier" not in result.script


def test_a_model_is_evaluated_by_its_metric_where_that_may_run(project: Path, capsys) -> None:
    assert main(["search", "p.hyp", "--allow", "clinic", "-o", "m", "--metric", "minimize(clinic.metrics:cost)"]) == 0
    told = ["evaluate", "m", "--data", "t.csv", "--target", "target"]
    capsys.readouterr()
    assert main(told) == 1
    assert "E0648" in capsys.readouterr().err
    assert main([*told, "--allow", "clinic"]) == 0
    name, value = capsys.readouterr().out.split()
    assert name == "clinic.metrics:cost" and 0 < float(value) < 0.2


def test_a_metric_that_is_minimized_is_the_less_the_better(project: Path) -> None:
    found = hyperdsl.load_experiment(
        "p.hyp", allow=("clinic",), metric="minimize(clinic.metrics:cost)", n_trials=4
    ).run()
    scores = [t.evaluation.score for t in found.history.trials if t.evaluation.score is not None]
    assert found.score == min(scores) and 0 < found.score < 0.5


def test_own_metrics_are_further_objectives_and_bounds(project: Path) -> None:
    asked = ["accuracy", "minimize(clinic.metrics:cost)", "model_size"]
    experiment = hyperdsl.load_experiment(
        "p.hyp", allow=("clinic",), metric=asked, constraints=["clinic.metrics:profit > 0.01"]
    )
    goals = experiment.run().history.goals
    assert [o.direction for o in goals.objectives] == ["maximize", "minimize", "minimize"]
    assert [c.name for c in goals.constraints] == ["clinic.metrics:profit"]


# --- leave


def test_nothing_runs_without_leave(project: Path, capsys) -> None:
    check_file("p.hyp", Reporter())
    hyperdsl.load("p.hyp").module()
    assert main(["search", "p.hyp"]) == 1
    assert "--allow clinic" in capsys.readouterr().err
    for name in ("os:system", "builtins:eval", "subprocess:call"):
        assert "E0648" in said(name)
    assert not (project / "ran").exists()


# --- what can go wrong


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        ("clinic.metrics:proft", "did you mean clinic.metrics:profit?"),
        ("clinic.metrik:profit", "No module named 'clinic.metrik'"),
        ("clinic.metrics:three", "it takes (a, b, c), not (y_true, y_pred)"),
        ("clinic.metrics:words", "it returned 'much', not a number"),
        ("clinic.metrics:broken", "RuntimeError: no way"),
        (["accuracy", "clinic.metrics:broken"], "RuntimeError: no way"),
        ("clinic.metrics:Score", "it is a class"),
        ("clinic.metrics:Path", "it is a class"),
        ("clinic.metrics:LIMIT", "it is of type int"),
        ("clinic.metrics:profit:x", "E0640"),
        ("clinic.metrics:f2", "E0638"),
        ("clinic.metrics:f2", "make_scorer(…, pos_label='tumour')"),
        ("minimize(clinic.metrics:f2)", "E0647"),
    ],
)
def test_what_is_wrong_with_a_metric_is_said_before_the_first_trial(metric: object, says: str, project: Path) -> None:
    assert says in said(metric)


def test_a_module_that_cannot_be_imported(project: Path) -> None:
    (project / "clinic" / "worse.py").write_text("import no_such_thing\ndef f(a, b): return 1")
    assert "No module named 'no_such_thing'" in said("clinic.worse:f")


@pytest.mark.parametrize(
    ("metric", "code"),
    [
        ('"clinic.metrics:proft"', "E0806"),
        ('"clinic.worse:f"', "E0804"),
        ("clinic.metrics.profit", "E0924"),
        ('"clinic.metrics:f2"', ""),
        ('minimize("clinic.metrics:cost")', ""),
        ('"elsewhere.metrics:profit"', ""),
    ],
)
def test_check_reads_the_file_of_a_metric(metric: str, code: str, project: Path) -> None:
    Path("q.hyp").write_text(f"{TREES}experiment e {{ metric = {metric} }}")
    reporter = Reporter()
    try:
        check_file("q.hyp", reporter)
    except HypError as error:
        assert [d.code for d in error.diagnostics] == [code]
    else:
        assert code == ""
    assert not (project / "ran").exists()


# --- given in Python


def run(metric: object, data: object = "sklearn:breast_cancer", **more: object) -> hyperdsl.ExperimentResult:
    space = hyperdsl.compile(TREES)
    options = {"cv": "holdout:0.3", "n_trials": 2, "searcher": "random", **more}
    return hyperdsl.Experiment(space, data, "target", metric=metric, **options).run()


def test_a_function_is_a_metric() -> None:
    here = run(lambda y_true, y_pred: float((y_true == y_pred).mean()))
    assert here.score == run("accuracy").score
    assert here.metric.name == "<lambda>" and "fold_scores" not in here.script
    named = run(accuracy_score)
    assert named.score == here.score
    assert "from sklearn.metrics import accuracy_score" in named.script and "fold_scores" in named.script


def test_a_scorer_is_a_metric_where_the_table_numbers_the_classes() -> None:
    scorer = make_scorer(fbeta_score, beta=1)
    assert run(scorer).score == run("f1").score
    assert run(make_scorer(fbeta_score, beta=1), jobs=2).score == run("f1").score


def test_a_function_sees_the_labels_of_the_table(project: Path) -> None:
    seen: set[str] = set()

    def remember(y_true: np.ndarray, y_pred: np.ndarray) -> float:
        seen.update([*y_true, *y_pred])
        return 1.0

    run(remember, data=pd.read_csv("t.csv"))
    assert seen == {"healthy", "tumour"}


def test_a_model_does_not_keep_a_function_of_python(tmp_path: Path) -> None:
    found = run(lambda y_true, y_pred: 1.0)
    path, _, _ = found.save(tmp_path / "m")
    model = hyperdsl.experiment.load_model(path)
    with pytest.raises(HypError, match="it was given in Python"):
        model.evaluate("sklearn:breast_cancer", "target")
    assert model.evaluate("sklearn:breast_cancer", "target", accuracy_score)[1] > 0.8
