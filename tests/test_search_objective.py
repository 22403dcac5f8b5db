"""``optimize``: searching the inputs of any function."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import hyperdsl
from hyperdsl.diagnostics import HypError
from hyperdsl.search.history import Stop
from hyperdsl.search.objective import optimize
from hyperdsl.search.trial import FailureKind, State

SPACE = hyperdsl.compile("""
space toy = record(
  x = -5.0..5.0,
  layers = repeat(1..3, 8..64),
  how = "fast" | "safe",
  both = (1, 2.5),
  nothing = None | 3)
""")


def square(value: dict[str, Any]) -> float:
    return float((value["x"] - 2) ** 2) + len(value["layers"]) - (value["how"] == "safe")


def test_the_least_value_is_found() -> None:
    result = optimize(SPACE, square, n_trials=60)
    assert result.best_value < 0.3
    assert result.best_value == min(square(optimize_input(t.configuration)) for t in result.trials)
    assert result.best_input["how"] == "safe"
    assert square(result.best_input) == result.best_value
    assert result.best_config == result.best_trial.configuration
    assert len(result.trials) == 60
    assert result.stopped is Stop.trials
    assert optimize(SPACE, square, "maximize", n_trials=40, searcher="random").best_value > 20


def optimize_input(configuration: hyperdsl.Configuration) -> Any:
    from hyperdsl.search.objective import plain_value

    return plain_value(SPACE.space, configuration)


def test_the_objective_gets_plain_python_values() -> None:
    seen: list[dict[str, Any]] = []

    def objective(value: dict[str, Any]) -> float:
        seen.append(value)
        return 0

    optimize(SPACE, objective, n_trials=20)
    for value in seen:
        assert list(value) == ["x", "layers", "how", "both", "nothing"]
        assert type(value["x"]) is float
        assert type(value["layers"]) is list and {type(n) for n in value["layers"]} == {int}
        assert value["both"] == (1, 2.5)
        assert value["nothing"] in (None, 3)


def test_a_study_goes_on(tmp_path: Path) -> None:
    calls = []

    def objective(value: dict[str, Any]) -> float:
        calls.append(value)
        return square(value)

    optimize(SPACE, objective, n_trials=10, study=tmp_path / "toy.db")
    result = optimize(SPACE, objective, n_trials=25, study=tmp_path / "toy.db")
    assert len(calls) == 25
    assert [t.configuration for t in result.trials] == [
        t.configuration for t in optimize(SPACE, square, n_trials=25).trials
    ]


def test_failures_are_recorded_or_raised() -> None:
    def objective(value: dict[str, Any]) -> Any:
        if value["how"] == "fast":
            raise ZeroDivisionError("fast")
        return "much" if value["x"] > 3 else value["x"]

    result = optimize(SPACE, objective, n_trials=30, searcher="random")
    kinds = {t.evaluation.failure.kind for t in result.trials if t.evaluation and t.evaluation.failure}
    assert kinds == {FailureKind.error, FailureKind.score}
    assert any(t.state is State.complete for t in result.trials)
    with pytest.raises(ZeroDivisionError):
        optimize(SPACE, objective, n_trials=30, searcher="random", catch=False)


def test_when_every_call_fails_the_error_is_shown() -> None:
    with pytest.raises(HypError) as caught:
        optimize(SPACE, lambda value: value["y"], n_trials=5)
    assert caught.value.diagnostics[0].code == "E0720"
    assert "KeyError: 'y'" in str(caught.value)


def test_in_several_processes() -> None:
    pid = os.getpid()

    def objective(value: dict[str, Any]) -> float:
        assert os.getpid() != pid
        return float(value["x"] ** 2)

    assert len(optimize(SPACE, objective, n_trials=12, jobs=2).trials) == 12


def test_a_space_of_modules_is_refused() -> None:
    space = hyperdsl.compile("space model = StandardScaler() >> Ridge(alpha = 0.1..10.0 log)")
    with pytest.raises(HypError) as caught:
        optimize(space, square)
    assert caught.value.diagnostics[0].code == "E0727"


def test_ctrl_c_gives_what_was_found() -> None:
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "from test_search_objective import *\n"
        "import signal\n"
        "calls = []\n"
        "def objective(value):\n"
        "    calls.append(value)\n"
        "    if len(calls) == 6: os.kill(os.getpid(), signal.SIGINT)\n"
        "    return square(value)\n"
        "result = optimize(SPACE, objective)\n"
        "print(result.stopped, len(result.trials), result.best_value <= square(calls[0]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "interrupted 5 True\n"
    assert done.stderr == ""
