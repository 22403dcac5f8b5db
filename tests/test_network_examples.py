"""Every example of networks has no mistakes, and what it builds is trained."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import hyperdsl
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import Reporter
from hyperdsl.driver import find_experiment
from hyperdsl.experiment.tables import read_table
from hyperdsl.syntax.read import read_source

pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras' variables, which NumPy tells

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
FILES = sorted((EXAMPLES / "networks").glob("*.hyp"))
ROWS = 200


def test_they_are_in_the_readme_with_their_commands() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for file in FILES:
        assert f"](networks/{file.name})" in readme and f"hyperdsl search examples/networks/{file.name}\n" in readme


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_has_no_mistakes_and_trains_for_an_epoch(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(file), "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)["diagnostics"]
    assert [d for d in said if d["severity"] != "note"] == []
    settings = find_experiment(read_source(file), Reporter())
    assert settings is not None
    if settings.arguments["data"].startswith("sktime:") and find_spec("sktime") is None:
        pytest.skip("sktime holds the series")
    table = read_table(settings.arguments["data"])
    data: Any = table.frame.iloc[:ROWS] if table.array is None else table.array[:ROWS]
    target: Any = settings.arguments.get("target", table.frame.get("y"))
    asked = hyperdsl.Experiment(
        hyperdsl.load(file),
        data,
        target if isinstance(target, str) else target[:ROWS],
        cv="holdout:0.3",
        fidelity="epochs=1..50",
        jobs=1,
    )
    prepared = asked.prepare(Reporter())
    evaluation = prepared.estimator.evaluate(prepared.space.default(), seed=0, fidelity=1)
    assert evaluation.failure is None, evaluation.failure
    assert len(evaluation.details["curves"][0]["loss"]) == 1  # type: ignore[index]
