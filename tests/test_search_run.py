"""The loop: when it stops, how it goes on, what is left when it is killed or everything fails."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from search_spaces import mixed_space, small_space

from hyperdsl.diagnostics import HypError
from hyperdsl.search.history import Stop
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.progress import JsonLines, make_progress
from hyperdsl.search.store import Store
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, State, Trial
from hyperdsl.space import Configuration, Space


class Peak:
    """Best at x = 33; counts what it is asked, pauses, and fails where it is told to."""

    def __init__(self, pause: float = 0, fails: Callable[[Any], bool] = lambda _: False) -> None:
        self.pause = pause
        self.fails = fails
        self.calls = 0

    def evaluate(self, configuration: Configuration, *, seed: int, fidelity: float = 1.0) -> Evaluation:
        self.calls += 1
        time.sleep(self.pause)
        if self.fails(configuration):
            raise ValueError(f"x = {configuration['x']} does not do")
        return Evaluation(-((configuration["x"] - 33) ** 2) / 10, seconds=self.pause)


def facts(trials: tuple[Trial, ...]) -> list[tuple[object, ...]]:
    return [(t.number, t.configuration.to_json(), t.key, t.state, t.evaluation and t.evaluation.score) for t in trials]


def test_a_search_runs_the_trials_it_was_asked_for() -> None:
    model = HyperModel(mixed_space(), Peak())
    history = model.search(n_trials=25)
    assert history.stopped is Stop.trials
    assert [t.number for t in model.trials] == list(range(25))
    assert all(t.state is State.complete and t.started > 0 for t in model.trials)
    best = model.best().evaluation
    assert best and best.score == max(t.evaluation.score or 0.0 for t in model.trials if t.evaluation)
    assert HyperModel(mixed_space(), Peak(), direction="minimize").search(25).best().configuration["x"] == 0


def test_it_goes_on_where_it_ended(tmp_path: Path) -> None:
    whole = HyperModel(mixed_space(), Peak()).search(30)
    for store in (None, tmp_path / "study.db"):
        estimator = Peak()
        model = HyperModel(mixed_space(), estimator, store=store)
        model.search(12)
        assert model.search(12).stopped is Stop.trials
        model.search(30)
        assert facts(model.trials) == facts(whole.trials)
        assert estimator.calls == 30
    again = HyperModel(mixed_space(), Peak(), store=tmp_path / "study.db")
    assert facts(again.search(30).trials) == facts(whole.trials)


def test_a_searcher_of_ones_own() -> None:
    class Upwards:
        def __init__(self, space: Space, *, seed: int, goals: object) -> None:
            self.space = space

        def propose(self, numbers: Sequence[int]) -> list[Configuration]:
            return [self.space.unrank(number) for number in numbers if number < 12]

        def feedback(self, trials: Sequence[Trial]) -> None:
            pass

    history = HyperModel(small_space(), Peak(), Upwards).search(20)
    assert [t.configuration["x"] for t in history.trials] == list(range(12))
    assert history.stopped is Stop.exhausted


def test_a_time_limit_ends_it() -> None:
    for jobs in (1, 2):
        start = time.monotonic()
        history = HyperModel(mixed_space(), Peak(pause=0.05), jobs=jobs).search(timeout=1.5)
        assert history.stopped is Stop.timeout
        assert 1.5 <= time.monotonic() - start < 5
        assert len(history.trials) < 100


def test_running_trials_are_abandoned_and_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    history = HyperModel(mixed_space(), Peak(pause=60), jobs=2, store=path).search(timeout=1)
    assert history.trials == ()
    with pytest.raises(HypError) as caught:
        history.best()
    assert caught.value.diagnostics[0].code == "E0721"
    with Store.open(path, "read") as store:
        assert store.study().records() == []
    assert [t.number for t in HyperModel(mixed_space(), Peak(), store=path).search(3).trials] == [0, 1, 2]


def test_numbers_that_were_left_out_are_tried(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    HyperModel(mixed_space(), Peak(), store=path).search(20)
    import sqlite3

    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM result WHERE number IN (4, 11)")
    connection.close()
    estimator = Peak()
    history = HyperModel(mixed_space(), estimator, store=path).search(20)
    assert [t.number for t in history.trials] == list(range(20))
    assert len({t.key for t in history.trials}) == 20
    assert estimator.calls == 2


def test_a_space_can_be_exhausted() -> None:
    for jobs in (1, 3):
        history = HyperModel(small_space(), Peak(), jobs=jobs).search(n_trials=100)
        assert history.stopped is Stop.exhausted
        assert sorted(t.configuration["x"] for t in history.trials) == list(range(12))


def test_several_workers_never_try_the_same(tmp_path: Path) -> None:
    history = HyperModel(mixed_space(), Peak(pause=0.01), jobs=4, store=tmp_path / "study.db").search(40)
    assert len({t.key for t in history.trials}) == len(history.trials) == 40
    assert history.best().configuration["x"] in range(25, 41)


def test_failures_are_recorded_and_the_search_goes_on(tmp_path: Path) -> None:
    estimator = Peak(fails=lambda c: c["x"] % 2 == 0)
    history = HyperModel(mixed_space(), estimator, store=tmp_path / "study.db").search(20)
    failed = [t for t in history.trials if t.state is State.failed]
    assert 0 < len(failed) < 20
    assert history.best().configuration["x"] % 2 == 1
    again = HyperModel(mixed_space(), estimator, store=tmp_path / "study.db").search(20)
    assert facts(again.trials) == facts(history.trials)


def test_when_all_fail_the_most_frequent_error_is_shown() -> None:
    class Fails:
        def evaluate(self, configuration: Configuration, *, seed: int, fidelity: float = 1.0) -> Evaluation:
            if configuration["x"] == 4:
                return Evaluation(None, failure=Failure(FailureKind.timeout, "TimeoutError", "stopped after 3 seconds"))
            raise ValueError(f"x = {configuration['x']} does not do")

    history = HyperModel(small_space(), Fails()).search(12)
    assert len(history.trials) == 12
    with pytest.raises(HypError) as caught:
        history.best()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E0720"
    assert "no trial succeeded: 12 trials failed, 11 of them with this error" in diagnostic.message
    assert "ValueError: x = 6 does not do" in diagnostic.message
    assert "test_search_run.py" in diagnostic.message
    assert 'trial 0 shows it with the configuration {"x": 6}' in diagnostic.help


@pytest.mark.parametrize(
    ("code", "start"),
    [
        ("E0724", lambda space: HyperModel(space, Peak()).search()),
        ("E0723", lambda space: HyperModel(space, Peak()).search(0)),
        ("E0723", lambda space: HyperModel(space, Peak()).search(timeout=0)),
        ("E0723", lambda space: HyperModel(space, Peak(), direction="up")),
        ("E0723", lambda space: HyperModel(space, Peak(), jobs=0)),
        ("E0723", lambda space: HyperModel(space, Peak(), batch=0).search(1)),
        ("E0723", lambda space: HyperModel(space, Peak(), trial_timeout=-1)),
        ("E0722", lambda space: HyperModel(space, Peak(), searcher="gird").search(1)),
    ],
)
def test_settings_that_do_not_do(code: str, start: Callable[[Any], object]) -> None:
    with pytest.raises(HypError) as caught:
        start(small_space())
    assert caught.value.diagnostics[0].code == code


_DRIVER = """
import sys
sys.path[:0] = {path!r}
from test_search_run import *
model = HyperModel(
    mixed_space(), Peak({pause}), {searcher!r}, store={store!r}, jobs={jobs}, progress=make_progress("json")
)
print(len(model.search({n}).trials))
"""


def driver(store: Path, n: int, searcher: str = "random", pause: float = 0.005, jobs: int = 1) -> subprocess.Popen[str]:
    code = _DRIVER.format(path=sys.path, store=str(store), n=n, searcher=searcher, pause=pause, jobs=jobs)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("searcher", ["random", "tpe"])
def test_killed_at_any_moment_it_goes_on_as_if_it_had_not_been(tmp_path: Path, searcher: str) -> None:
    """Kills at a random trial and a random moment within it; HYPERDSL_KILLS sets how often."""
    kills = int(os.environ.get("HYPERDSL_KILLS", "2"))
    n = 12 * kills
    moments = random.Random(searcher)
    path = tmp_path / "study.db"
    before: list[tuple[object, ...]] = []
    for _ in range(kills):
        process = driver(path, n, searcher, pause=0.02)
        assert process.stdout is not None
        for _ in range(2 + moments.randrange(10)):
            process.stdout.readline()
        time.sleep(moments.random() * 0.01)
        process.kill()
        process.communicate()
        with Store.open(path, "read") as store:
            finished = [r.trial(mixed_space()) for r in store.study().records() if r.state is State.complete]
        after = facts(tuple(finished))
        assert after[: len(before)] == before
        before = after
    assert 0 < len(before) < n
    last = driver(path, n, searcher)
    assert last.communicate()[0].splitlines()[-1] == str(n)
    with Store.open(path, "read") as store:
        trials = tuple(r.trial(mixed_space()) for r in store.study().records())
    assert facts(trials) == facts(HyperModel(mixed_space(), Peak(), searcher).search(n).trials)


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_it_cleanly(tmp_path: Path, jobs: int) -> None:
    path = tmp_path / "study.db"
    process = driver(path, 1000, pause=0.05, jobs=jobs)
    assert process.stdout is not None
    for _ in range(4):
        process.stdout.readline()
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=10)
    assert time.monotonic() - start < 3
    assert error == ""
    assert process.returncode == 0
    lines = out.splitlines()
    assert json.loads(lines[-2])["reason"] == "interrupted"
    with Store.open(path, "read") as store:
        records = store.study().records()
    assert len(records) == int(lines[-1]) >= 3
    assert all(r.state is State.complete for r in records)


def test_what_the_loop_adds_to_a_trial_is_little(tmp_path: Path) -> None:
    start = time.perf_counter()
    HyperModel(mixed_space(), Peak(), "random", store=tmp_path / "study.db").search(100)
    overhead = (time.perf_counter() - start) / 100
    print(f"{overhead * 1e3:.2f} ms a trial")
    assert overhead < 0.02


def test_plain_lines() -> None:
    stream = io.StringIO()
    model = HyperModel(small_space(), Peak(fails=lambda c: c["x"] == 6), progress=make_progress(stream=stream))
    model.search(12)
    model.search(13)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "[1/12] trial 0: failed (ValueError: x = 6 does not do) in 0.0 s"
    assert any(line.endswith("best -48.4 (trial 0)") or "; best -48.4 (trial" in line for line in lines)
    assert any(line.startswith("done: 12 trials, 1 failed in 0:00:0") for line in lines)
    assert any(line.startswith("going on after 12 finished trials; best -48.4") for line in lines)
    assert lines[-1].startswith("there is no configuration left to try: 12 trials, 1 failed")


def test_json_lines() -> None:
    stream = io.StringIO()
    progress = JsonLines(stream)
    progress.note("data", "12 rows", rows=12)
    HyperModel(small_space(), Peak(fails=lambda c: c["x"] == 6), progress=progress).search(3)
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [e["event"] for e in events] == ["data", "begin", "trial", "trial", "trial", "end"]
    assert events[0]["rows"] == 12
    assert events[2]["failure"] == {"kind": "error", "type": "ValueError", "message": "x = 6 does not do"}
    assert events[3]["configuration"].keys() == {"x"}
    assert events[3]["best"] == {"number": 1, "score": events[3]["score"]}
    ended = {"event": "end", "reason": "trials", "finished": 3, "failed": 1, "pruned": 0}
    assert events[-1] == {**ended, "best": events[-2]["best"]}


def test_batches_give_the_same_trials_with_any_number_of_workers(tmp_path: Path) -> None:
    class Slow(Peak):
        """The later of two trials is often the faster one."""

        def evaluate(self, configuration: Configuration, *, seed: int, fidelity: float = 1.0) -> Evaluation:
            time.sleep(configuration["x"] % 3 * 0.01)
            return super().evaluate(configuration, seed=seed)

    whole = HyperModel(mixed_space(), Peak(), batch=6).search(28)
    for jobs in (2, 4):
        assert facts(HyperModel(mixed_space(), Slow(), jobs=jobs, batch=6).search(28).trials) == facts(whole.trials)


@pytest.mark.parametrize("searcher", ["random", "auto", "tpe", "nsga2", "moead"])
def test_a_search_in_batches_goes_on_in_the_middle_of_one(searcher: str) -> None:
    whole = HyperModel(mixed_space(), Peak(), searcher, batch=6).search(28)
    model = HyperModel(mixed_space(), Peak(), searcher, batch=6)
    model.search(15)
    assert facts(model.search(28).trials) == facts(whole.trials)
    single = HyperModel(mixed_space(), Peak(), searcher, batch=1).search(28)
    assert facts(single.trials) == facts(HyperModel(mixed_space(), Peak(), searcher).search(28).trials)


def test_a_batch_that_was_cut_off_is_completed(tmp_path: Path) -> None:
    whole = HyperModel(mixed_space(), Peak(), batch=8).search(24)
    path = tmp_path / "study.db"
    HyperModel(mixed_space(), Peak(), batch=8, store=path).search(24)
    import sqlite3

    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM result WHERE number IN (10, 13) OR number > 15")
    connection.close()
    estimator = Peak()
    history = HyperModel(mixed_space(), estimator, batch=8, store=path).search(24)
    assert facts(history.trials) == facts(whole.trials)
    assert estimator.calls == 10


def test_batches_exhaust_a_space_and_go_on_with_an_edited_one(tmp_path: Path) -> None:
    import hyperdsl

    history = HyperModel(small_space(), Peak(), batch=5, store=tmp_path / "study.db").search(100)
    assert history.stopped is Stop.exhausted and len(history.trials) == 12
    wider = hyperdsl.compile("let x = 4..20 space small = record(x = x)").space
    lists = []
    for jobs in (1, 2):
        path = tmp_path / f"{jobs}.db"
        path.write_bytes((tmp_path / "study.db").read_bytes())
        history = HyperModel(wider, Peak(), batch=5, store=path, jobs=jobs).search(100)
        assert sorted(t.configuration["x"] for t in history.trials) == list(range(4, 21))
        lists.append(facts(history.trials))
    assert lists[0] == lists[1]
