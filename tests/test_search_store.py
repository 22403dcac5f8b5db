"""The store: what is recorded, who may write, and what is said when something is wrong with the file."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from search_spaces import mixed_space, small_space

from hyperdsl.diagnostics import HypError
from hyperdsl.search.codec import evaluation_to_data
from hyperdsl.search.fingerprint import space_fingerprint
from hyperdsl.search.store import Store, StudyInfo
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, State, Trial
from hyperdsl.space import Space


def info(space: Space, name: str = "mixed", **changes: object) -> StudyInfo:
    facts = {"seed": 2**70, "direction": "maximize", "metric": "auc", "data_fingerprint": "d", **changes}
    return StudyInfo(name, space.name, "space …", space_fingerprint(space), settings={"cv": 5}, **facts)  # type: ignore[arg-type]


def trial_of(space: Space, number: int, evaluation: Evaluation | None = None) -> Trial:
    configuration = space.sample(1, seed=number)[0]
    state = State.running if evaluation is None else State.failed if evaluation.failure else State.complete
    return Trial(number, configuration, space.key(configuration), state, evaluation, started=1.5)


def code_of(error: pytest.ExceptionInfo[HypError]) -> str:
    return error.value.diagnostics[0].code


GOOD = Evaluation(0.1 + 0.2, fold_scores=(0.1, 1e-300), seconds=2.5, details={"rounds": [3, 4], "log": "ä"})
BAD = Evaluation(None, seconds=1.0, failure=Failure(FailureKind.crash, "SIGSEGV", "died", "trace\nback"))


def test_what_is_recorded_is_read_back_equal(tmp_path: Path) -> None:
    space = mixed_space()
    trials = [trial_of(space, 0, GOOD), trial_of(space, 1, BAD)]
    with Store.open(tmp_path / "s.db") as store:
        study = store.begin(info(space), space)
        for trial in trials:
            study.start(trial)
            study.finish(trial)
        study.start(trial_of(space, 2))
    with Store.open(tmp_path / "s.db", "read") as store:
        study = store.study()
        assert study.info == info(space)
        records = study.records()
    assert [r.trial(space) for r in records] == [*trials, trial_of(space, 2)]


def test_numbers_of_numpy_in_the_details_are_numbers(tmp_path: Path) -> None:
    import numpy as np

    space = mixed_space()
    details = {"rounds": np.int64(3), "times": np.array([1.5, 2.5]), "more": {"ok": np.bool_(True)}}
    with Store.open(tmp_path / "s.db") as store:
        study = store.begin(info(space), space)
        study.start(trial_of(space, 0))
        study.finish(trial_of(space, 0, Evaluation(float("0.5"), details=details)))
        evaluation = study.records()[0].evaluation
    assert evaluation is not None
    assert evaluation.details == {"rounds": 3, "times": [1.5, 2.5], "more": {"ok": True}}


def test_a_result_is_final(tmp_path: Path) -> None:
    space = mixed_space()
    with Store.open(tmp_path / "s.db") as store:
        study = store.begin(info(space), space)
        study.start(trial_of(space, 0))
        study.finish(trial_of(space, 0, GOOD))
        with pytest.raises(RuntimeError):
            study.finish(trial_of(space, 0, BAD))
        assert study.records()[0].evaluation == GOOD


def test_trials_that_were_cut_off_can_be_forgotten(tmp_path: Path) -> None:
    space = mixed_space()
    with Store.open(tmp_path / "s.db") as store:
        study = store.begin(info(space), space)
        study.start(trial_of(space, 0))
        study.finish(trial_of(space, 0, GOOD))
        study.start(trial_of(space, 1))
        study.forget_running()
        assert [r.number for r in study.records()] == [0]


def test_one_writer_and_any_number_of_readers(tmp_path: Path) -> None:
    space, path = mixed_space(), tmp_path / "s.db"
    with Store.open(path) as store:
        study = store.begin(info(space), space)
        study.start(trial_of(space, 0))
        with pytest.raises(HypError) as caught:
            Store.open(path)
        assert code_of(caught) == "E0705"
        assert str(os.getpid()) in caught.value.diagnostics[0].message
        with Store.open(path, "read") as reader:
            assert [r.number for r in reader.study().records()] == [0]
            study.start(trial_of(space, 1))
            assert [r.number for r in reader.study().records()] == [0, 1]
    Store.open(path).close()
    assert [p.name for p in tmp_path.iterdir()] == ["s.db"]


def test_another_process_is_kept_out_until_the_writer_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    code = f"from hyperdsl.search.store import Store; s = Store.open({str(path)!r}); print(1, flush=True); input()"
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None and holder.stdout.readline() == b"1\n"
        with pytest.raises(HypError) as caught:
            Store.open(path)
        assert f"process {holder.pid}" in caught.value.diagnostics[0].message
    finally:
        holder.kill()
        holder.communicate()
    Store.open(path).close()


def test_two_studies_in_a_file(tmp_path: Path) -> None:
    mixed, small = mixed_space(), small_space()
    with Store.open(tmp_path / "s.db") as store:
        with pytest.raises(HypError) as caught:
            store.study()
        assert code_of(caught) == "E0710"
        store.begin(info(mixed), mixed).start(trial_of(mixed, 0))
        store.begin(info(small, "small"), small).start(trial_of(small, 0))
        assert store.names() == ["mixed", "small"]
        assert len(store.study("small").records()) == 1
        with pytest.raises(HypError) as caught:
            store.study()
        assert code_of(caught) == "E0711"
        with pytest.raises(HypError) as caught:
            store.study("other")
        assert code_of(caught) == "E0710"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"seed": 1}, "seed"),
        ({"direction": "minimize"}, "minimize"),
        ({"metric": "rmse"}, "rmse"),
        ({"data_fingerprint": "e"}, "data"),
    ],
)
def test_a_study_is_not_gone_on_with_under_other_terms(tmp_path: Path, change: dict[str, object], word: str) -> None:
    space = mixed_space()
    with Store.open(tmp_path / "s.db") as store:
        store.begin(info(space), space)
        with pytest.raises(HypError) as caught:
            store.begin(info(space, **change), space)
        assert code_of(caught) == "E0712"
        assert word in caught.value.diagnostics[0].message
        assert store.begin(info(space), space).info == info(space)


def test_files_that_are_no_studies(tmp_path: Path) -> None:
    text, foreign, newer = tmp_path / "text.db", tmp_path / "foreign.db", tmp_path / "newer.db"
    text.write_text("not a database " * 100)
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE trials (x)")
    connection.close()
    Store.open(newer).close()
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE store SET schema_version = 99")
    connection.close()
    for path, code in ((text, "E0703"), (foreign, "E0703"), (newer, "E0704"), (tmp_path, "E0703")):
        before = path.read_bytes() if path.is_file() else b""
        for mode in ("write", "read"):
            with pytest.raises(HypError) as caught:
                Store.open(path, mode)  # type: ignore[arg-type]
            assert code_of(caught) == code
        assert not path.is_file() or path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["foreign.db", "newer.db", "text.db"]


def test_a_damaged_study(tmp_path: Path) -> None:
    space, path = mixed_space(), tmp_path / "s.db"
    with Store.open(path) as store:
        study = store.begin(info(space), space)
        for number in range(200):
            study.start(trial_of(space, number))
    content = bytearray(path.read_bytes())
    content[5000:] = b"\xff" * (len(content) - 5000)
    path.write_bytes(content)
    with pytest.raises(HypError) as caught, Store.open(path) as store:
        store.study("mixed").records()
    assert code_of(caught) == "E0703"


def test_a_truncated_study(tmp_path: Path) -> None:
    space, path = mixed_space(), tmp_path / "s.db"
    with Store.open(path) as store:
        study = store.begin(info(space), space)
        for number in range(200):
            study.start(trial_of(space, number))
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(HypError) as caught, Store.open(path) as store:
        store.study("mixed").records()
    assert code_of(caught) == "E0703"


def test_paths_that_cannot_be(tmp_path: Path) -> None:
    for where, mode, code in (
        (tmp_path / "no" / "s.db", "write", "E0701"),
        (tmp_path / "s.db", "read", "E0702"),
        ("mysql://user:secret@host/db", "write", "E0709"),
        ("/proc/s.db", "write", "E0706"),
    ):
        with pytest.raises(HypError) as caught:
            Store.open(where, mode)  # type: ignore[arg-type]
        assert code_of(caught) == code
    assert not list(tmp_path.iterdir())


def test_a_url_with_a_path_is_a_path(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path}/a b%20#?.db"):
        assert (tmp_path / "a b%20#?.db").exists()


_FULL = """
import resource, sys
sys.path[:0] = {path!r}
from pathlib import Path
from test_search_store import GOOD, info, mixed_space, trial_of
from hyperdsl.diagnostics import HypError
from hyperdsl.search.store import Store
space = mixed_space()
with Store.open({file!r}) as store:
    study = store.begin(info(space), space)
    study.start(trial_of(space, 0))
    study.finish(trial_of(space, 0, GOOD))
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        for number in range(1, 10_000):
            study.start(trial_of(space, number))
    except HypError as error:
        print(error.diagnostics[0].code, number)
"""


_VERSION_1 = """
CREATE TABLE store (schema_version INTEGER NOT NULL);
CREATE TABLE study (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR NOT NULL UNIQUE, created FLOAT NOT NULL,
  schema_version INTEGER NOT NULL, space_name VARCHAR NOT NULL, space_text VARCHAR NOT NULL,
  space_fingerprint VARCHAR NOT NULL, settings VARCHAR NOT NULL, seed VARCHAR NOT NULL, direction VARCHAR NOT NULL,
  metric VARCHAR NOT NULL, data_fingerprint VARCHAR NOT NULL);
CREATE TABLE trial (study INTEGER NOT NULL REFERENCES study (id), number INTEGER NOT NULL, key VARCHAR NOT NULL,
  configuration VARCHAR NOT NULL, state VARCHAR NOT NULL, score FLOAT, evaluation VARCHAR, failure VARCHAR,
  started FLOAT NOT NULL, seconds FLOAT, PRIMARY KEY (study, number));
INSERT INTO store VALUES (1);
"""


def write_version_1(path: Path, space: Space, trials: list[Trial]) -> None:
    """A study file as hyperdsl 0.1 wrote it."""
    about = info(space)
    connection = sqlite3.connect(path)
    connection.executescript(_VERSION_1)
    facts = (1, about.name, 1.0, 1, about.space_name, about.space_text, about.space_fingerprint, '{"cv": 5}')
    row = (*facts, str(about.seed), about.direction, about.metric, about.data_fingerprint)
    connection.execute(f"INSERT INTO study VALUES ({', '.join('?' * len(row))})", row)
    for trial in trials:
        data = {} if trial.evaluation is None else evaluation_to_data(trial.evaluation)
        score, seconds, failure = data.pop("score", None), data.pop("seconds", None), data.pop("failure", None)
        configuration = json.dumps(trial.configuration.to_json())
        row = (1, trial.number, trial.key, configuration, trial.state.value, score, json.dumps(data) if data else None)
        row = (*row, json.dumps(failure) if failure else None, trial.started, seconds)
        connection.execute(f"INSERT INTO trial VALUES ({', '.join('?' * len(row))})", row)
    connection.commit()
    connection.close()


def test_a_file_of_the_first_version_is_read_as_it_is_and_brought_up_to_date_by_a_writer(tmp_path: Path) -> None:
    space, path = mixed_space(), tmp_path / "s.db"
    trials = [trial_of(space, 0, GOOD), trial_of(space, 1, BAD), trial_of(space, 2)]
    write_version_1(path, space, trials)
    before = path.read_bytes()
    with Store.open(path, "read") as store:
        assert store.study().info == info(space)
        assert [r.trial(space) for r in store.study().records()] == trials
    assert path.read_bytes() == before
    with Store.open(path) as store:
        study = store.begin(info(space), space)
        assert [r.trial(space) for r in study.records()] == trials
        study.forget_running()
        study.start(trial_of(space, 2))
        study.finish(trial_of(space, 2, GOOD))
    with Store.open(path, "read") as store:
        assert [r.trial(space) for r in store.study().records()] == [*trials[:2], trial_of(space, 2, GOOD)]


def test_nothing_is_taken_out_of_the_file(tmp_path: Path) -> None:
    space, path = mixed_space(), tmp_path / "s.db"
    with Store.open(path) as store:
        study = store.begin(info(space), space)
        study.start(trial_of(space, 0))
        study.forget_running()
        study.start(trial_of(space, 0))
        study.finish(trial_of(space, 0, BAD))
    connection = sqlite3.connect(path)
    starts = connection.execute("SELECT serial, number FROM trial ORDER BY serial").fetchall()
    ends = connection.execute("SELECT serial, number, state FROM result ORDER BY serial").fetchall()
    connection.close()
    assert starts == [(1, 0), (2, 0)]
    assert ends == [(1, 0, "abandoned"), (2, 0, "failed")]


def test_a_writer_that_gets_past_the_lock_changes_nothing(tmp_path: Path) -> None:
    """Two writers in one file, as on a network file system that does not lock."""
    space, path = mixed_space(), tmp_path / "s.db"
    with Store.open(path) as store:
        study = store.begin(info(space), space)
        study.start(trial_of(space, 0))
        os.unlink(f"{os.path.realpath(path)}.lock")
        code = _SECOND.format(path=sys.path, file=str(path))
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout == "written\n"
        with pytest.raises(HypError) as caught:
            study.finish(trial_of(space, 0, BAD))
        assert code_of(caught) == "E0705"
        assert study.records()[0].trial(space) == trial_of(space, 0, GOOD)


_SECOND = """
import sys
sys.path[:0] = {path!r}
from test_search_store import *
space = mixed_space()
with Store.open({file!r}) as store:
    study = store.begin(info(space), space)
    study.start(trial_of(space, 0))
    study.finish(trial_of(space, 0, GOOD))
print("written")
"""


def test_a_locked_file_is_said_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyperdsl.search.sqlite.BUSY_SECONDS", 0.2)
    space, path = mixed_space(), tmp_path / "s.db"
    with Store.open(path) as store:
        study = store.begin(info(space), space)
        study.start(trial_of(space, 0))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HypError) as caught:
            study.finish(trial_of(space, 0, GOOD))
        assert code_of(caught) == "E0705"
        other.execute("ROLLBACK")
        other.close()
        study.finish(trial_of(space, 0, GOOD))
        assert [r.trial(space) for r in study.records()] == [trial_of(space, 0, GOOD)]


def test_a_full_disk_keeps_what_was_recorded(tmp_path: Path) -> None:
    file = str(tmp_path / "s.db")
    code = _FULL.format(path=sys.path, file=file)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    kind, number = done.stdout.split()
    assert kind == "E0708"
    with Store.open(file, "read") as store:
        records = store.study().records()
    assert records[0].evaluation == GOOD
    assert [r.number for r in records] == list(range(int(number)))


def test_no_room_for_the_lock_is_no_matter_of_permissions(tmp_path: Path) -> None:
    code = (
        "import resource; from hyperdsl import HypError; from hyperdsl.search.store import Store\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        f"try: Store.open({str(tmp_path / 's.db')!r})\n"
        "except HypError as error: print(*[d.code for d in error.diagnostics])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "E0708"


def test_writing_and_reading_are_quick(tmp_path: Path) -> None:
    space = mixed_space()
    trials = [trial_of(space, number, GOOD) for number in range(300)]
    with Store.open(tmp_path / "s.db") as store:
        study = store.begin(info(space), space)
        start = time.perf_counter()
        for trial in trials:
            study.start(trial)
            study.finish(trial)
        writing = (time.perf_counter() - start) / len(trials)
        start = time.perf_counter()
        assert [r.trial(space) for r in study.records()] == trials
        reading = (time.perf_counter() - start) / len(trials)
    print(f"{writing * 1e3:.2f} ms to write a trial, {reading * 1e3:.2f} ms to read it")
    assert writing < 0.005
    assert reading < 0.002
