"""Where trials run: in this process, and in workers that time out, crash and are left alone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from search_spaces import small_space

from hyperdsl.diagnostics import HypError
from hyperdsl.search.executor import Executor, InProcess, jobs_for, make_executor
from hyperdsl.search.executor import cores as available_cores
from hyperdsl.search.processes import LocalProcesses
from hyperdsl.search.trial import Evaluation, FailureKind, State, Trial
from hyperdsl.space import Configuration

SPACE = small_space()

# One is a new process where the machine has several cores, as many as there are cores are forked.
WORKERS = pytest.mark.parametrize("workers", [1, max(2, available_cores())], ids=["new", "forked"])


class Acts:
    """Does what its script says for each ``x``."""

    def __init__(self, **script: Any) -> None:
        self.script = script

    def evaluate(self, configuration: Configuration, *, seed: int, fidelity: float = 1.0) -> Evaluation:
        x = configuration["x"]
        print(f"trial of {x}")
        act = self.script.get(f"x{x}")
        if act is not None:
            return Evaluation(float(ACTS[act](self.script)))
        return Evaluation(x + seed, seconds=0.5, details={"pid": os.getpid()})


def raise_(error: BaseException) -> float:
    raise error


def start_child(script: dict[str, Any]) -> float:
    child = subprocess.Popen(["sleep", "60"])
    Path(script["file"]).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(60)
    return 0.0


def in_c_code(_: dict[str, Any]) -> float:
    """Matching that takes years, in C and with the interpreter's lock held."""
    return float(re.match(r"(a+)+$", "a" * 60 + "b") is None)


def allocate(script: dict[str, Any]) -> float:
    """A lot of memory at once, or in a process that the trial starts."""
    hold = "import time; x = bytearray(b'1') * 400_000_000; time.sleep(60)"
    if script["where"] == "child":
        subprocess.run([sys.executable, "-c", hold], check=True)
    exec(hold)
    return 0.0


ACTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "sleep": lambda _: time.sleep(60),
    "error": lambda _: raise_(ValueError("no such column")),
    "nan": lambda _: "nan",
    "memory": lambda _: raise_(MemoryError()),
    "exit": lambda _: sys.exit(3),
    "os_exit": lambda _: os._exit(7),
    "segfault": lambda _: os.kill(os.getpid(), signal.SIGSEGV),
    "kill": lambda _: os.kill(os.getpid(), signal.SIGKILL),
    "threads": lambda _: os.environ["OMP_NUM_THREADS"],
    "child": start_child,
    "c": in_c_code,
    "allocate": allocate,
}


def trial(x: int) -> Trial:
    configuration = SPACE.configuration({"x": x})
    return Trial(x, configuration, SPACE.key(configuration), State.running)


def run(executor: Executor, *xs: int) -> dict[int, Evaluation]:
    """Run trials, as many at a time as the executor takes."""
    waiting, running, results = list(xs), 0, {}
    with closing(executor):
        while waiting or running:
            while waiting and running < executor.capacity:
                executor.submit(trial(waiting.pop(0)))
                running += 1
            for number, evaluation in executor.wait():
                results[number] = evaluation
                running -= 1
    return results


def failure(evaluation: Evaluation) -> tuple[FailureKind, str, str]:
    assert evaluation.failure is not None and evaluation.score is None
    return evaluation.failure.kind, evaluation.failure.type, evaluation.failure.message


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(check: Callable[[], object], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_scores_and_failures_in_this_process() -> None:
    estimator = Acts(x1="error", x2="nan", x3="memory", x4="exit")
    results = run(InProcess(estimator, seed=100), 0, 1, 2, 3, 4)
    assert results[0].score == 100
    assert failure(results[1]) == (FailureKind.error, "ValueError", "no such column")
    assert results[1].failure is not None and "ValueError: no such column" in results[1].failure.traceback
    assert failure(results[2])[0] is FailureKind.score
    assert failure(results[3])[0] is FailureKind.memory
    assert failure(results[4]) == (FailureKind.error, "SystemExit", "3")


def test_exceptions_can_be_let_through() -> None:
    with pytest.raises(ValueError, match="no such column"):
        run(make_executor(Acts(x1="error"), catch=False), 1)


def test_each_way_to_fail_in_a_worker_costs_one_trial() -> None:
    script = {"x1": "error", "x2": "nan", "x3": "memory", "x4": "exit", "x5": "os_exit", "x6": "segfault", "x7": "kill"}
    results = run(LocalProcesses(Acts(**script), workers=2, seed=100), *range(10))
    assert [results[x].score for x in (0, 8, 9)] == [100, 108, 109]
    assert failure(results[1]) == (FailureKind.error, "ValueError", "no such column")
    assert failure(results[2])[0] is FailureKind.score
    assert failure(results[3])[0] is FailureKind.memory
    assert failure(results[4])[:2] == (FailureKind.error, "SystemExit")
    assert failure(results[5])[0] is FailureKind.crash
    assert "exit code 7" in failure(results[5])[2]
    assert failure(results[6])[:2] == (FailureKind.crash, "SIGSEGV")
    assert failure(results[7])[:2] == (FailureKind.crash, "SIGKILL")
    for x in (1, 5, 6):
        assert str(results[x].details["log"]).startswith(f"trial of {x}")


@WORKERS
def test_a_time_limit_is_kept_and_the_next_trial_runs(workers: int) -> None:
    start = time.monotonic()
    results = run(LocalProcesses(Acts(x0="sleep"), workers=workers, trial_timeout=0.4), 0, 1)
    assert failure(results[0])[0] is FailureKind.timeout
    assert 0.4 <= results[0].seconds < 2
    assert results[0].details["log"] == "trial of 0"
    assert results[1].score == 1
    assert time.monotonic() - start < 20


def test_a_time_limit_holds_in_c_code() -> None:
    results = run(LocalProcesses(Acts(x0="c"), workers=1, trial_timeout=0.4), 0, 1)
    assert failure(results[0])[0] is FailureKind.timeout
    assert results[0].seconds < 3
    assert results[1].score == 1


@WORKERS
@pytest.mark.parametrize("where", ["here", "child"])
def test_a_trial_over_its_memory_is_stopped_and_the_next_one_runs(where: str, workers: int) -> None:
    executor = LocalProcesses(Acts(x0="allocate", where=where), workers=workers, trial_memory=300_000_000)
    results = run(executor, 0, 1)
    kind, what, message = failure(results[0])
    assert (kind, what) == (FailureKind.memory, "MemoryError")
    assert message.startswith("stopped at ") and message.endswith(" MB of memory; the limit is 300 MB")
    assert results[0].seconds < 20
    assert results[1].score == 1


@WORKERS
def test_a_worker_that_is_killed_between_trials_costs_none(workers: int) -> None:
    with closing(LocalProcesses(Acts(), workers=workers)) as executor:
        executor.submit(trial(1))
        ((_, evaluation),) = executor.wait()
        os.kill(int(str(evaluation.details["pid"])), signal.SIGKILL)
        assert until(lambda: not is_alive(int(str(evaluation.details["pid"]))))
        executor.submit(trial(2))
        assert [(n, e.score) for n, e in executor.wait()] == [(2, 2)]


@WORKERS
def test_a_worker_that_is_killed_while_it_starts_is_started_again(tmp_path: Path, workers: int) -> None:
    class KilledOnce(Acts):
        def __reduce__(self) -> Any:
            return dies_first, (str(tmp_path / "tried"), 1)

    class KilledAlways(Acts):
        def __reduce__(self) -> Any:
            return dies_first, (str(tmp_path / "again"), 9)

    assert run(LocalProcesses(KilledOnce(), workers=workers), 0)[0].score == 0
    with pytest.raises(HypError) as caught:
        run(LocalProcesses(KilledAlways(), workers=workers), 0)
    assert caught.value.diagnostics[0].code == "E0726"
    assert "killed by SIGKILL" in caught.value.diagnostics[0].message


def dies_first(file: str, times: int) -> Acts:
    with open(file, "a+") as tries:
        tries.write("x")
        if tries.tell() <= times:
            tries.flush()
            os.kill(os.getpid(), signal.SIGKILL)
    return Acts()


def test_workers_are_used_again_and_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    cores = available_cores()
    results = run(LocalProcesses(Acts(x0="threads"), workers=1), 0, 1, 2)
    assert results[0].score == cores
    assert results[1].details["pid"] == results[2].details["pid"] != os.getpid()
    assert run(LocalProcesses(Acts(x0="threads"), workers=2 * cores), 0)[0].score == 1


def test_nothing_of_a_trial_reaches_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    run(LocalProcesses(Acts(x1="segfault"), workers=1), 0, 1)
    assert capfd.readouterr() == ("", "")


def test_waiting_can_be_limited_and_closing_does_not_wait() -> None:
    executor = LocalProcesses(Acts(x0="sleep"), workers=1)
    executor.submit(trial(0))
    start = time.monotonic()
    assert executor.wait(0.1) == []
    executor.close()
    executor.close()
    assert time.monotonic() - start < 2


@WORKERS
def test_killing_a_trial_kills_what_it_started(tmp_path: Path, workers: int) -> None:
    file = tmp_path / "pids"
    results = run(LocalProcesses(Acts(x0="child", file=str(file)), workers=workers, trial_timeout=0.4), 0)
    assert failure(results[0])[0] is FailureKind.timeout
    assert until(lambda: not any(is_alive(int(pid)) for pid in file.read_text().split()))


_DRIVER = """
import sys
sys.path[:0] = {path!r}
from test_search_executor import *
executor = LocalProcesses(Acts(x0="child", file={file!r}), workers={workers})
executor.submit(trial(0))
executor.wait()
"""


@WORKERS
def test_workers_end_with_a_driver_that_is_killed(tmp_path: Path, workers: int) -> None:
    file = tmp_path / "pids"
    driver = subprocess.Popen([sys.executable, "-c", _DRIVER.format(path=sys.path, file=str(file), workers=workers)])
    assert until(lambda: file.exists() and file.read_text(), 30)
    worker, child = map(int, file.read_text().split())
    assert is_alive(worker) and is_alive(child)
    (folder,) = Path(tempfile.gettempdir()).glob(f"hyperdsl-{driver.pid}-*")
    driver.kill()
    driver.wait()
    assert until(lambda: not is_alive(worker) and not is_alive(child))
    assert not folder.exists()


def test_an_estimator_of_the_main_script_needs_no_guard(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import search_spaces\n"
        "from test_search_executor import run, trial\n"
        "from hyperdsl.search.processes import LocalProcesses\n"
        "from hyperdsl.search.trial import Evaluation\n"
        "class Mine:\n"
        "    def evaluate(self, configuration, *, seed, fidelity=1.0):\n"
        "        return Evaluation(float(configuration['x']))\n"
        "print(run(LocalProcesses(Mine(), workers=1), 5)[5].score)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "5.0\n"


class NotPickled:
    def __init__(self) -> None:
        self.lock = threading.Lock()

    def evaluate(self, configuration: Configuration, *, seed: int, fidelity: float = 1.0) -> Evaluation:
        raise AssertionError


class NotLoaded(NotPickled):
    def __init__(self) -> None:
        pass

    def __reduce__(self) -> Any:
        return __import__, ("a_module_that_is_nowhere",)


class DiesLoading(NotLoaded):
    def __reduce__(self) -> Any:
        return os._exit, (9,)


def test_estimators_that_cannot_get_to_a_worker() -> None:
    with pytest.raises(HypError) as caught:
        LocalProcesses(NotPickled(), workers=1)
    assert caught.value.diagnostics[0].code == "E0725"
    assert "lock" in caught.value.diagnostics[0].message
    for estimator, word in ((NotLoaded(), "a_module_that_is_nowhere"), (DiesLoading(), "exit code 9")):
        with pytest.raises(HypError) as caught:
            run(LocalProcesses(estimator, workers=1), 0)
        assert caught.value.diagnostics[0].code == "E0726"
        assert word in caught.value.diagnostics[0].message


def test_one_job_without_a_limit_runs_here() -> None:
    assert isinstance(make_executor(Acts()), InProcess)
    for options in ({"jobs": 2}, {"trial_timeout": 1}, {"trial_memory": 10**9}):
        executor = make_executor(Acts(), **options)
        assert isinstance(executor, LocalProcesses)
        executor.close()
    with pytest.raises(HypError) as caught:
        make_executor(Acts(), jobs=2, catch=False)
    assert caught.value.diagnostics[0].code == "E0728"


def test_as_many_jobs_as_cores_where_none_is_asked_for() -> None:
    assert jobs_for(3) == 3
    assert jobs_for("auto") == available_cores()
    assert jobs_for("auto", n_trials=1) == 1
    with pytest.raises(HypError):
        jobs_for("all")  # type: ignore[arg-type]
