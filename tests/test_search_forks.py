"""Workers that are forked: loaded once, and made anew where that is not possible."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from test_search_executor import is_alive, run, trial, until

import hyperdsl
from hyperdsl.experiment.fitting import modules_of
from hyperdsl.search.executor import cores
from hyperdsl.search.forks import can_fork
from hyperdsl.search.processes import LocalProcesses
from hyperdsl.search.trial import Evaluation
from hyperdsl.space import Configuration

MANY = max(2, cores())

pytestmark = pytest.mark.skipif(not can_fork(MANY), reason="workers are not forked here")


class Tells:
    """Where it runs and what is loaded there."""

    def __init__(self, *modules: str) -> None:
        self.modules = modules

    def evaluate(self, configuration: Configuration, *, seed: int, fidelity: float = 1.0) -> Evaluation:
        parent = psutil.Process(os.getppid())
        details = {"forked": "hyperdsl.search.forker" in parent.cmdline(), "parent": parent.pid, "pid": os.getpid()}
        return Evaluation(0.0, details={**details, "loaded": [m for m in self.modules if m in sys.modules]})


def forkers() -> list[psutil.Process]:
    """The processes here that fork workers."""
    return [p for p in psutil.Process().children() if "hyperdsl.search.forker" in p.cmdline()]


def test_workers_have_the_modules_of_one_process_and_it_ends_with_them() -> None:
    found = run(LocalProcesses(Tells("sklearn.linear_model", "no.such.module"), workers=MANY), 0, 1, 2, 3)
    details = [e.details for e in found.values()]
    assert all(d["forked"] and d["loaded"] == ["sklearn.linear_model"] for d in details)
    (parent,) = {d["parent"] for d in details}
    assert isinstance(parent, int) and not is_alive(parent) and not forkers()


def test_a_forker_that_is_killed_costs_no_trial() -> None:
    """Before it has forked anything, and between two trials."""
    with closing(LocalProcesses(Tells("sklearn.linear_model"), workers=MANY)) as executor:
        executor.submit(trial(0))
        assert until(lambda: bool(forkers()))  # on a busy machine it takes a moment
        forkers()[0].send_signal(signal.SIGKILL)
        ((_, first),) = executor.wait()
        assert first.failure is None and not first.details["forked"]
    with closing(LocalProcesses(Tells(), workers=MANY)) as executor:
        executor.submit(trial(0))
        ((_, first),) = executor.wait()
        forkers()[0].send_signal(signal.SIGKILL)
        worker = first.details["pid"]
        assert first.details["forked"] and isinstance(worker, int)
        os.killpg(worker, signal.SIGKILL)
        assert until(lambda: not is_alive(worker))
        executor.submit(trial(1))
        ((_, second),) = executor.wait()
        assert second.failure is None and not second.details["forked"]


def test_threads_are_not_forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "busy_module.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=[60]).start()"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    found = run(LocalProcesses(Tells("busy_module"), workers=MANY), 0, 1, 2)
    assert not any(e.failure or e.details["forked"] for e in found.values())


def test_what_a_space_loads() -> None:
    space = hyperdsl.compile("space s = StandardScaler() >> (Ridge() | LGBMRegressor() | CatBoostRegressor())")
    named = modules_of(space.graph)
    assert {"sklearn.preprocessing", "sklearn.linear_model", "lightgbm.sklearn"} & set(named)
    assert not any(m.startswith(("catboost", "xgboost")) for m in named)
