"""The commands from search to predictions, on real tables."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from hyperdsl.cli.main import main

PROGRAM = """\
space trees = columns { numeric => StandardScaler()? rest => drop }
  >> DecisionTreeClassifier(max_depth = 1..8, min_samples_leaf = 1..20)
"""
IRIS = ["--data", "sklearn:iris", "--target", "target"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished search: program, study, model and script."""
    folder = tmp_path_factory.mktemp("search")
    (folder / "trees.hyp").write_text(PROGRAM, encoding="utf-8")
    assert search(folder, "--trials", "6") == 0
    return folder


def search(folder: Path, *more: str) -> int:
    study = ["--study", str(folder / "study.db"), "-o", str(folder / "model")]
    return main(["search", str(folder / "trees.hyp"), *IRIS, "--cv", "3", "--seed", "4", "--jobs", "1", *study, *more])


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def test_search_tells_scores_and_where_things_are(folder, capsys):
    assert search(folder, "--trials", "6") == 0
    out, err = capsys.readouterr()
    assert "best accuracy" in out and "held-out accuracy" in out
    assert str(folder / "model.hypmodel") in out and str(folder / "model.py") in out
    assert "going on after 6 finished trials" in err


def test_search_as_json_lines(folder, tmp_path, capsys):
    program = str(folder / "trees.hyp")
    out = output(capsys, "search", program, *IRIS, "--trials", "3", "--jobs", "1", "-o", str(tmp_path / "m"), "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert [e["event"] for e in events].count("trial") == 3
    result = events[-1]
    assert result["event"] == "result" and result["score"] > 0.8 and Path(result["model"]).is_file()


def test_trials_are_listed(folder, capsys):
    assert "best" in output(capsys, "trials", str(folder / "study.db"))
    document = json.loads(output(capsys, "trials", str(folder / "study.db"), "--json"))
    assert [t["number"] for t in document["trials"]] == list(range(6))
    assert all(t["state"] == "complete" and 0 < t["score"] <= 1 for t in document["trials"])
    assert document["metric"].startswith("accuracy") and document["direction"] == "maximize"


def test_an_exported_script_prints_the_score_of_its_trial(folder, tmp_path, capsys):
    trials = json.loads(output(capsys, "trials", str(folder / "study.db"), "--json"))["trials"]
    script = tmp_path / "pipeline.py"
    assert main(["export", str(folder / "study.db"), "--trial", "3", "-o", str(script)]) == 0
    assert "hyperdsl import" not in script.read_text(encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(script)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    printed = [float(word) for word in done.stdout.replace(",", " ").split() if word.replace(".", "").isdigit()]
    assert any(abs(number - trials[3]["score"]) < 1e-9 for number in printed), done.stdout


def test_an_exported_script_is_no_notebook(folder, tmp_path, capsys):
    assert main(["export", str(folder / "study.db"), "-o", str(tmp_path / "best.ipynb")]) == 1
    assert "E0857" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_export_of_a_trial_that_is_not_there(folder, capsys):
    assert main(["export", str(folder / "study.db"), "--trial", "99"]) == 1
    assert "99" in capsys.readouterr().err


def test_predictions_are_a_table(folder, tmp_path, capsys):
    data = tmp_path / "new.csv"
    flowers = pd.DataFrame(
        {"sepal length (cm)": [5.0], "sepal width (cm)": [3.5], "petal length (cm)": [1.4], "petal width (cm)": [0.2]}
    )
    flowers.to_csv(data, index=False)
    out = tmp_path / "out.csv"
    assert main(["predict", str(folder / "model"), "--data", str(data), "-o", str(out)]) == 0
    assert pd.read_csv(out)["target"].tolist() == [0]
    text = output(capsys, "predict", str(folder / "model.hypmodel"), "--data", str(data), "--proba")
    assert text.splitlines()[0] == "0,1,2"


def test_a_table_without_a_column_of_the_model(folder, tmp_path, capsys):
    data = tmp_path / "new.csv"
    data.write_text("sepal length (cm)\n5.0\n", encoding="utf-8")
    assert main(["predict", str(folder / "model"), "--data", str(data)]) == 1
    assert "petal width (cm)" in capsys.readouterr().err


def test_evaluate(folder, capsys):
    text = output(capsys, "evaluate", str(folder / "model"), *IRIS)
    assert text.startswith("accuracy 0.9") or text.startswith("accuracy 1")
    facts = json.loads(output(capsys, "evaluate", str(folder / "model"), *IRIS, "--metric", "f1_macro", "--json"))
    assert facts["metric"] == "f1_macro" and 0.8 < facts["score"] <= 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (["--target", "traget"], "target"),
        (["--data", "sklearn:irys"], "iris"),
        (["--data", "none.csv"], "none.csv"),
        (["--metric", "acuracy"], "accuracy"),
        (["--searcher", "tqe"], "tpe"),
        (["--cv", "x"], "x"),
        (["--task", "regression"], "DecisionTreeClassifier"),
        (["-o", "/nonexistent/folder/model"], "/nonexistent/folder"),
        (["--study", "/nonexistent/study.db"], "/nonexistent"),
    ],
)
def test_what_is_wrong_is_said_before_the_first_trial(change, says, folder, capsys):
    options = {"--data": "sklearn:iris", "--target": "target", change[0]: change[1]}
    arguments = [word for pair in options.items() for word in pair]
    assert main(["search", str(folder / "trees.hyp"), "--trials", "2", *arguments]) == 1
    err = capsys.readouterr().err
    assert says in err and "error[E" in err and "trial 0" not in err


def test_an_error_of_a_json_command_is_json(folder, capsys):
    assert main(["search", str(folder / "trees.hyp"), "--data", "none.csv", "--target", "y", "--json"]) == 1
    document = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert document["diagnostics"][0]["severity"] == "error"


@pytest.mark.parametrize("command", [["trials"], ["export"]])
def test_a_study_that_is_none(command, tmp_path, capsys):
    file = tmp_path / "x.db"
    assert main([*command, str(file)]) == 1
    file.write_text("no database", encoding="utf-8")
    assert main([*command, str(file)]) == 1
    assert capsys.readouterr().err.count("error[E") == 2


def test_a_model_that_is_none(tmp_path, capsys):
    file = tmp_path / "x.hypmodel"
    file.write_text("no model", encoding="utf-8")
    assert main(["predict", str(file), "--data", "sklearn:iris"]) == 1
    assert "error[E" in capsys.readouterr().err
