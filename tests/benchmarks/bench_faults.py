"""Searches that are struck at a random moment: a worker, the driver or the database is killed, and they go on.

Each run is a small search with a study in SQLite or PostgreSQL in a process of its own. Afterwards it is completed by
the same command, and compared with what was announced, what was evaluated, and with the search that nothing has struck:

- lost: a trial that was announced as finished is not in the study, or in another state
- repeated: a trial that was recorded is evaluated again, or a configuration is in the study twice
- wrong: another best trial, or, unless a worker died, another trial anywhere in the list
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from timing import report

import hyperdsl
from hyperdsl import Configuration, Evaluation, HyperModel, HypError
from hyperdsl.search.progress import make_progress
from hyperdsl.search.store import Store
from hyperdsl.search.tables import TrialRecord
from hyperdsl.search.trial import FailureKind, State

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from postgres_server import PROGRAMS, Server

SPACE = """
let mode = "fast" | "safe" @ 3
space s = record(x = 0..200, y = 1e-3..1.0 log, mode = mode, z = 1..9 if mode == "safe" else 0)
"""
TRIALS, BATCH = 16, 4
PATIENCE = 300  # seconds after which a run counts as hung

Facts = list[tuple[object, ...]]


def value(configuration: Configuration | dict[str, Any]) -> float:
    return -((configuration["s.x"] - 77) ** 2) / 100 - float(configuration["s.y"])


class Noted:
    """Notes what it evaluates in a file."""

    def __init__(self, log: str) -> None:
        self.log = log

    def evaluate(self, configuration: Configuration, *, seed: int, fidelity: float = 1.0) -> Evaluation:
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(json.dumps(configuration.to_json()) + "\n")
        time.sleep(0.03)
        return Evaluation(value(configuration))


def drive(store: str, name: str, log: str, searcher: str, seed: str, jobs: str, patience: str) -> None:
    """What the struck process does."""
    import hyperdsl.search.postgres

    hyperdsl.search.postgres.RECONNECT_SECONDS = float(patience)
    model = HyperModel(
        hyperdsl.compile(SPACE), Noted(log), searcher, store=store, study=name, seed=int(seed), jobs=int(jobs),
        batch=BATCH, progress=make_progress("json"),
    )  # fmt: skip
    try:
        model.search(TRIALS)
    except HypError as error:
        print(json.dumps({"event": "error", "code": error.diagnostics[0].code}), flush=True)
        sys.exit(1)


class Run:
    """One search, struck once."""

    def __init__(self, rng: random.Random, fault: str, server: Server | None, folder: Path) -> None:
        self.rng = rng
        self.fault = fault
        self.server = server
        self.store = server.url if server else str(folder / "study.db")
        self.name = f"run {folder.name}"
        self.log = folder / "evaluated"
        self.searcher = rng.choice(["random", "auto"])
        self.seed = rng.randrange(1000)
        self.jobs = 2 if fault == "worker" or rng.random() < 0.3 else 1
        self.patience = rng.choice([0.2, 60.0])
        self.lost = self.repeated = self.wrong = 0
        self.announced: dict[int, Any] = {}

    def go(self) -> None:
        process = self.start()
        for _ in range(self.rng.randrange(2, TRIALS)):
            self.hear(process)
        time.sleep(self.rng.random() * 0.06)
        STRIKES[self.fault](self, process)
        self.complete(process)
        for _ in range(5):
            before = self.records()
            known = {json.dumps(dict(r.configuration)) for r in before if r.evaluation}
            self.check_announced(before)
            if sum(r.evaluation is not None for r in before) >= TRIALS:
                break
            self.log.write_text("")
            process = self.start()
            self.complete(process)
            self.repeated += sum(line in known for line in self.log.read_text().splitlines())
        self.check_result(self.records())

    def start(self) -> subprocess.Popen[str]:
        given = (self.store, self.name, self.log, self.searcher, self.seed, self.jobs, self.patience)
        command = [sys.executable, __file__, "--drive", *map(str, given)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def hear(self, process: subprocess.Popen[str]) -> bool:
        assert process.stdout is not None
        line = process.stdout.readline()
        if line.endswith("\n"):
            event = json.loads(line)
            if event["event"] == "trial":
                self.announced[event["number"]] = event
        return line != ""

    def complete(self, process: subprocess.Popen[str]) -> None:
        """Hear what a process says until it ends."""
        while self.hear(process):
            pass
        process.wait(PATIENCE)

    def records(self) -> list[TrialRecord]:
        try:
            with Store.open(self.store, "read") as store:
                return store.study(self.name).records() if self.name in store.names() else []
        except HypError as error:
            if error.diagnostics[0].code in ("E0702", "E0703"):  # killed before the file was made
                return []
            raise

    def check_announced(self, records: list[TrialRecord]) -> None:
        stored = {r.number: r for r in records}
        for number, event in self.announced.items():
            record = stored.get(number)
            if record is None or record.state != event["state"] or dict(record.configuration) != event["configuration"]:
                self.lost += 1

    def check_result(self, records: list[TrialRecord]) -> None:
        expected = HyperModel(
            hyperdsl.compile(SPACE), Noted(os.devnull), self.searcher, seed=self.seed, batch=BATCH
        ).search(TRIALS)
        self.repeated += len(records) - len({r.key for r in records})
        self.lost += TRIALS - len(records)
        crashed = [r for r in records if r.state is State.failed]
        complete = [r for r in records if r.state is State.complete and r.evaluation]
        if self.fault == "worker":
            kinds = [r.evaluation.failure.kind for r in crashed if r.evaluation and r.evaluation.failure]
            self.lost += len(kinds) > 1 or any(kind is not FailureKind.crash for kind in kinds)
            best = max(complete, key=lambda r: (value(dict(r.configuration)), -r.number))
            found = expected.goals.best(records)
            self.wrong += found is None or found.number != best.number
            self.wrong += any(r.evaluation and r.evaluation.score != value(dict(r.configuration)) for r in complete)
            return
        ours = [(r.number, dict(r.configuration), r.key, r.evaluation and r.evaluation.score) for r in records]
        theirs = [
            (t.number, t.configuration.to_json(), t.key, t.evaluation and t.evaluation.score) for t in expected.trials
        ]
        self.wrong += ours != theirs


def kill_worker(run: Run, process: subprocess.Popen[str]) -> None:
    workers = psutil.Process(process.pid).children() if process.poll() is None else []
    if workers:
        run.rng.choice(workers).kill()


def kill_driver(run: Run, process: subprocess.Popen[str]) -> None:
    process.kill()


def strike_database(run: Run, process: subprocess.Popen[str]) -> None:
    """PostgreSQL is killed and comes back; a SQLite file is locked by another, or its disk is full."""
    if run.server is not None:
        run.server.kill()
        time.sleep(run.rng.random())
        run.server.restart()
    elif run.rng.random() < 0.5:
        code = (
            f"import sqlite3, time; c = sqlite3.connect({run.store!r}, timeout=30, isolation_level=None);"
            "c.execute('BEGIN IMMEDIATE'); c.execute('DELETE FROM result'); print(1, flush=True); time.sleep(60)"
        )
        locker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert locker.stdout is not None
        locker.stdout.readline()
        time.sleep(run.rng.random())
        locker.send_signal(signal.SIGKILL)
        locker.communicate()
    elif process.poll() is None:
        size = os.path.getsize(run.store) + run.rng.randrange(4096)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, size))


STRIKES: dict[str, Callable[[Run, subprocess.Popen[str]], None]] = {
    "worker": kill_worker,
    "driver": kill_driver,
    "database": strike_database,
}


@contextmanager
def postgres() -> Iterator[Server | None]:
    if not PROGRAMS:
        print("no PostgreSQL server here: SQLite only")
        yield None
        return
    server = Server()
    server.start()
    try:
        yield server
    finally:
        server.remove()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=1e9, help="start no run after this time")
    options = parser.parse_args()
    counts: dict[tuple[str, str], Counter[str]] = {}
    start = time.monotonic()
    with postgres() as server:
        for number in range(options.runs):
            if time.monotonic() - start > options.minutes * 60:
                break
            rng = random.Random(f"{options.seed} {number}")
            fault = rng.choice(list(STRIKES))
            used = server if rng.random() < 0.5 else None
            with tempfile.TemporaryDirectory(prefix=f"{number}-") as folder:
                run = Run(rng, fault, used, Path(folder))
                run.go()
            count = counts.setdefault((fault, "PostgreSQL" if used else "SQLite"), Counter())
            count.update(runs=1, lost=run.lost, repeated=run.repeated, wrong=run.wrong)
            if run.lost or run.repeated or run.wrong:
                print(f"run {number}: {vars(run)}", flush=True)
    rows = [(f, d, *(str(c[n]) for n in ("runs", "lost", "repeated", "wrong"))) for (f, d), c in sorted(counts.items())]
    total = sum((c for c in counts.values()), Counter())
    rows.append(("all", "", *(str(total[n]) for n in ("runs", "lost", "repeated", "wrong"))))
    report(
        f"{total['runs']} searches of {TRIALS} trials, each struck once",
        ("killed", "study in", "runs", "lost", "repeated", "wrong"), rows, ("sqlalchemy",),
    )  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["--drive"]:
        drive(*sys.argv[2:])
    else:
        main()
