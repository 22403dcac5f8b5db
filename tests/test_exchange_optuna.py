"""Spaces as scripts for Optuna, run by Optuna; and distributions of Optuna as spaces."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import optuna
import pytest
from programs import make

import hyperdsl
from hyperdsl.backends.exchange import export
from hyperdsl.diagnostics import Reporter
from hyperdsl.hyperspace import HyperSpace

EXAMPLES = Path(__file__).parent.parent / "examples"
optuna.logging.set_verbosity(optuna.logging.WARNING)
pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")  # BruteForceSampler


def script(space: HyperSpace) -> str:
    return export("optuna", space.space, Reporter(), module=space.module)


def run(text: str) -> dict[str, Any]:
    module = types.ModuleType("script_for_optuna")
    sys.modules[module.__name__] = module  # where dataclasses look for their module
    exec(compile(text, "script.py", "exec"), module.__dict__)
    return module.__dict__


def study_of(text: str, trials: int, sampler: Any, measure: Any = lambda value: 0.0) -> optuna.Study:
    objective = run(text)["objective"]
    study = optuna.create_study(sampler=sampler)
    study.optimize(lambda trial: objective(trial, measure), n_trials=trials)
    return study


@pytest.mark.parametrize("seed", range(40))
def test_optuna_reaches_exactly_the_configurations(seed: int) -> None:
    program = make(seed)
    space = hyperdsl.compile(program)
    if "log step" in program or space.count().configurations > 80:
        return  # what Optuna has no finite form for; what takes it long
    study = study_of(script(space), 1000, optuna.samplers.BruteForceSampler(seed=0))
    reached = [space.configuration(trial.user_attrs["config"]) for trial in study.trials]
    assert len(set(reached)) == len(reached)
    assert set(reached) == set(space.enumerate())


def test_optuna_sees_the_same_domains() -> None:
    space = hyperdsl.compile(
        """let n = 2..9
        space s = record(a = n, b = 1..n, c = 1e-4..1.0 log, d = 0.0..1.0 step 0.3, e = 1..64 log, f = 4..32 step 5,
                         g = "x" | "y", h = 4..20 log step 4, i = normal(3, 0.5), j = 0.25..1.0 log step 0.25)"""
    )
    trial = study_of(script(space), 1, optuna.samplers.RandomSampler(seed=0)).trials[0]
    integer, real = optuna.distributions.IntDistribution, optuna.distributions.FloatDistribution
    assert trial.distributions == {
        "n": integer(2, 9),
        "s.b": integer(1, trial.params["n"]),
        "s.c": real(1e-4, 1.0, log=True),
        "s.d": real(0.0, 0.9, step=0.3),
        "s.e": integer(1, 64, log=True),
        "s.f": integer(4, 29, step=5),
        "s.g": optuna.distributions.CategoricalDistribution(["x", "y"]),
        "s.h": real(0.0, 1.0),
        "s.i": real(0.0, 1.0),
        "s.j": real(0.0, 1.0),
    }
    space.configuration(trial.user_attrs["config"])


@pytest.mark.parametrize("name", ["credit", "hypergbm", "digits", "plain"])
def test_what_optuna_draws_is_a_point_of_the_space(name: str) -> None:
    space = hyperdsl.load(EXAMPLES / f"{name}.hyp")
    study = study_of(script(space), 40, optuna.samplers.TPESampler(seed=0, n_startup_trials=10))
    for trial in study.trials:
        assert trial.state == optuna.trial.TrialState.COMPLETE
        space.configuration(trial.user_attrs["config"])


def test_the_search_finds_a_good_value() -> None:
    space = hyperdsl.compile('space s = record(x = -5.0..5.0, kind = "square" | "abs")')

    def measure(value: Any) -> float:
        return value["x"] ** 2 if value["kind"] == "square" else abs(value["x"]) + 1

    best = study_of(script(space), 60, optuna.samplers.TPESampler(seed=1), measure).best_trial
    assert best.value < 0.5 and best.user_attrs["config"]["s.kind"] == "square"


def test_the_script_runs_on_a_table(tmp_path: Path) -> None:
    space = hyperdsl.compile("space s = StandardScaler()? >> DecisionTreeClassifier(max_depth = 1..4)")
    rows = [f"{i % 7},{(i * 5) % 11},{'yes' if i % 7 > 3 else 'no'}" for i in range(80)]
    (tmp_path / "data.csv").write_text("a,b,y\n" + "\n".join(rows), encoding="utf-8")
    (tmp_path / "script.py").write_text(script(space), encoding="utf-8")
    code = "from script import search; s = search('data.csv', 'y', 6); print(len(s.trials), s.best_value)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split() == ["6", "1.0"]


def test_names_of_the_program_and_of_the_script_do_not_meet() -> None:
    space = hyperdsl.compile(
        """def objective() = Ridge(alpha = 1.0..2.0) | Lasso()
        def suggester() = StandardScaler() | MinMaxScaler()
        space s = suggester() >> objective()"""
    )
    names = run(script(space))
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: names["objective_2"](trial, lambda model: len(model.steps)), n_trials=3)
    assert [t.value for t in study.trials] == [2, 2, 2]


def test_facts_about_data_are_handed_on() -> None:
    space = hyperdsl.compile("space s = record(a = 1..3, k = data.features)")
    names = run(script(space))
    study = optuna.create_study(sampler=optuna.samplers.BruteForceSampler())
    study.optimize(
        lambda trial: names["objective"](trial, lambda value: value["a"] + value["k"], {"features": 3}), n_trials=9
    )
    assert sorted(t.value for t in study.trials) == [4, 5, 6]


def test_lost_weights_are_told() -> None:
    space = hyperdsl.compile('space s = record(a = "x" | "y" @ 3)')
    reporter = Reporter()
    export("optuna", space.space, reporter, module=space.module)
    assert [d.code for d in reporter.diagnostics] == ["W0958"] and "`s.a`" in reporter.diagnostics[0].message


def test_trials_that_violate_a_condition_are_pruned() -> None:
    text = "let a = 1..9 let b = 1..9 require a < b space s = record(a = a, b = b)"
    objective = run(script(hyperdsl.compile(text)))["objective"]
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0), direction="maximize")
    study.optimize(lambda trial: objective(trial, lambda value: value["b"] - value["a"]), n_trials=60)
    states = {trial.state.name for trial in study.trials}
    assert states == {"COMPLETE", "PRUNED"}
    done = [t.user_attrs["config"] for t in study.trials if t.state.name == "COMPLETE"]
    assert all(c["a"] < c["b"] for c in done)
    assert 15 < len(done) < 45  # 36 of 81
