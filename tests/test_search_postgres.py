"""Studies in a real PostgreSQL server, which is killed in the middle."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import PASSWORD, PROGRAMS, Server
from search_spaces import mixed_space
from test_fidelity import Learner
from test_search_run import Peak, facts
from test_search_store import BAD, GOOD, code_of, info, trial_of

from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.store import Store

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="no PostgreSQL server (Debian package `postgresql`)")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.remove()


def test_what_is_recorded_is_read_back_equal(server: Server) -> None:
    space = mixed_space()
    trials = [trial_of(space, 0, GOOD), trial_of(space, 1, BAD)]
    with Store.open(server.url) as store:
        study = store.begin(info(space, "equal"), space)
        for trial in trials:
            study.start(trial)
            study.finish(trial)
        study.start(trial_of(space, 2))
        with Store.open(server.url, "read") as reader:
            assert reader.study("equal").info == info(space, "equal")
            assert [r.trial(space) for r in reader.study("equal").records()] == [*trials, trial_of(space, 2)]
        study.forget_running()
        assert [r.number for r in study.records()] == [0, 1]


def test_one_writer_a_study(server: Server) -> None:
    space = mixed_space()
    with Store.open(server.url) as store, Store.open(server.url) as other:
        store.begin(info(space, "mine"), space)
        with pytest.raises(HypError) as caught:
            other.begin(info(space, "mine"), space)
        assert code_of(caught) == "E0705"
        assert "process" in caught.value.diagnostics[0].message
        other.begin(info(space, "yours"), space)
    with Store.open(server.url) as store:
        store.begin(info(space, "mine"), space)


def test_passwords_are_not_shown(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = server.url.replace("s3cr3t", "wr0ng")
    unreachable = server.url.replace(str(server.port), "1")
    in_query = f"postgresql://tester@127.0.0.1:{server.port}/nowhere?password=s3cr3t%40pass%2Fword"
    broken = "postgresql://tester:s3cr3t@pass:word@host:port/db"
    for url, code in ((wrong, "E0716"), (unreachable, "E0716"), (in_query, "E0716"), (broken, "E0714")):
        with pytest.raises(HypError) as caught:
            Store.open(url)
        assert code_of(caught) == code
        assert not any(part in str(caught.value) for part in ("s3cr3t", "wr0ng", PASSWORD))
    (tmp_path / "t.hyp").write_text("space tree = DecisionTreeClassifier(max_depth = 1..4)\n")
    data = ["--data", "sklearn:iris", "--target", "target", "--cv", "2", "--jobs", "1", "--trials", "2"]
    assert main(["search", str(tmp_path / "t.hyp"), *data, "--study", server.url]) == 0
    assert main(["trials", server.url, "--name", "tree"]) == 0
    out, err = capsys.readouterr()
    assert f"tester:***@127.0.0.1:{server.port}" in out
    assert "s3cr3t" not in out + err


def test_a_server_that_comes_back_is_waited_for(server: Server) -> None:
    whole = HyperModel(mixed_space(), Peak(), "random").search(30)
    model = HyperModel(mixed_space(), Peak(pause=0.05), "random", store=server.url, study="waits")
    killer = threading.Thread(target=lambda: (time.sleep(0.8), server.kill(), time.sleep(0.5), server.restart()))
    killer.start()
    history = model.search(30)
    killer.join()
    assert facts(history.trials) == facts(whole.trials)
    with Store.open(server.url, "read") as store:
        assert facts(tuple(r.trial(mixed_space()) for r in store.study("waits").records())) == facts(whole.trials)


_DRIVER = """
import sys
sys.path[:0] = {path!r}
from test_search_run import *
import hyperdsl.search.postgres
hyperdsl.search.postgres.RECONNECT_SECONDS = 0.5
model = HyperModel(mixed_space(), Peak(0.02), "random", store={store!r}, study="gone", progress=make_progress("json"))
try:
    model.search(60)
except HypError as error:
    print(error)
"""


def test_a_server_that_stays_away_is_said_and_nothing_is_lost_or_repeated(server: Server) -> None:
    code = _DRIVER.format(path=sys.path, store=server.url)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    finished = [json.loads(process.stdout.readline()) for _ in range(12)][1:]
    server.kill()
    lines = process.communicate(timeout=30)[0].splitlines()
    finished += [json.loads(line) for line in lines if line.startswith("{")]
    assert any("E0716" in line for line in lines)
    assert "s3cr3t" not in "".join(lines)
    server.restart()
    with Store.open(server.url, "read") as store:
        recorded = [r for r in store.study("gone").records() if r.evaluation]
    assert {e["number"] for e in finished} <= {r.number for r in recorded}
    estimator = Peak()
    history = HyperModel(mixed_space(), estimator, "random", store=server.url, study="gone").search(60)
    assert estimator.calls == 60 - len(recorded)
    assert facts(history.trials) == facts(HyperModel(mixed_space(), Peak(), "random").search(60).trials)


def test_a_database_of_the_version_before_is_migrated(server: Server) -> None:
    """As version 2 made it: one result a trial."""
    url = f"{server.url.rpartition('/')[0]}/older"
    _execute(server.url, "CREATE DATABASE older")
    before = HyperModel(mixed_space(), Peak(), "random", store=url).search(8)
    _execute(
        url,
        "DROP INDEX one_result",
        "ALTER TABLE result DROP COLUMN rung",
        "CREATE UNIQUE INDEX one_result ON result (study, number) WHERE state <> 'abandoned'",
        "UPDATE store SET schema_version = 2",
    )
    with pytest.raises(HypError) as caught:
        Store.open(url, "read")
    assert code_of(caught) == "E0703" and "a search with it updates it" in str(caught.value)
    model = HyperModel(mixed_space(), Learner(), "asha", store=url, fidelity="epochs=1..27")
    after = model.search(20)
    assert facts(after.trials)[:8] == facts(before.trials) and any(t.earlier for t in after.trials)
    with Store.open(url, "read") as store:
        records = store.study().records()
    assert [len(r.earlier) for r in records] == [len(t.earlier) for t in after.trials]


def _execute(url: str, *statements: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        if len(statements) > 1:
            connection.execute("SET search_path TO hyperdsl")
        for statement in statements:
            connection.execute(statement)  # type: ignore[call-overload]
