"""Trials in local worker processes: in parallel, each under a time limit that holds, crashes confined."""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from multiprocessing import Pipe
from multiprocessing.connection import wait
from pathlib import Path

import cloudpickle

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import estimator_not_sendable, worker_not_starting
from hyperdsl.search.codec import data_to_evaluation
from hyperdsl.search.executor import lost, with_output
from hyperdsl.search.trial import IN_FULL, Estimator, Evaluation, FailureKind, Terms, Trial

OUTPUT_TAIL = 4000  # characters of a worker's output that go with a failure
_PULSE = 1.0  # seconds between looks for workers that are gone although their socket is open

_THREAD_SETTINGS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)


class LocalProcesses:
    """Worker processes on this machine, started when they are first needed.

    Each is a new Python process (nothing is forked) that loads the estimator once. The libraries' threads are set so
    that workers times threads do not exceed the cores. Workers end when this process does, however it ends.

    Parameters
    ----------
    estimator : Estimator
        What evaluates the trials; pickled once, by value where it comes from ``__main__``.
    workers : int
        How many processes.
    seed : int
        The study's seed, given to the estimator with each trial.
    trial_timeout : float or None
        Seconds after which a trial's process is killed, and the trial failed. Counted from when the worker, its
        estimator loaded, begins with it.

    Raises
    ------
    HypError
        When the estimator cannot be pickled; from :meth:`wait` when a worker cannot load it.
    """

    def __init__(
        self, estimator: Estimator, *, workers: int, seed: int = 0, trial_timeout: float | None = None
    ) -> None:
        self._workers: list[_Worker] = []
        self._trial_timeout = trial_timeout
        self._environment = _worker_environment(workers)
        self._capacity = workers
        self._started = 0
        try:
            payload = cloudpickle.dumps((estimator, seed))
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise HypError([estimator_not_sendable(type(estimator).__name__, what)]) from error
        self._folder = Path(tempfile.mkdtemp(prefix=f"hyperdsl-{os.getpid()}-"))
        self._payload = self._folder / "estimator.pickle"
        self._payload.write_bytes(payload)

    @property
    def capacity(self) -> int:
        return self._capacity

    def submit(self, trial: Trial, terms: Terms = IN_FULL) -> None:
        worker = next((w for w in self._workers if w.trial is None), None) or self._start()
        worker.take(trial, terms)

    def wait(self, timeout: float | None = None) -> list[tuple[int, Evaluation]]:
        end = math.inf if timeout is None else time.monotonic() + timeout
        while True:
            busy = [w for w in self._workers if w.trial]
            next_event = min([end, *(w.deadline for w in busy)])
            talking = wait([w.connection for w in busy], min(_PULSE, max(0.0, next_event - time.monotonic())))
            results = [r for w in busy if (r := self._result(w, heard=w.connection in talking))]
            if results or time.monotonic() >= end:
                return results

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> _Worker:
        self._started += 1
        log = self._folder / f"{self._started}.log"
        worker = _Worker(self._payload, log, self._environment, self._trial_timeout)
        self._workers.append(worker)
        return worker

    def _result(self, worker: _Worker, heard: bool) -> tuple[int, Evaluation] | None:
        """What has become of a worker's trial; None while it runs."""
        trial = worker.trial
        assert trial is not None
        evaluation: Evaluation | None
        if heard:
            with contextlib.suppress(EOFError, OSError):
                evaluation = worker.hear()
                return (trial.number, evaluation) if evaluation else None
        if heard or worker.process.poll() is not None:
            evaluation = worker.bury()
        elif time.monotonic() >= worker.deadline:
            evaluation = worker.stop()
        else:
            return None
        self._workers.remove(worker)
        return trial.number, evaluation


class _Worker:
    """One worker process, seen from here."""

    def __init__(self, payload: Path, log: Path, environment: Mapping[str, str], trial_timeout: float | None) -> None:
        self.trial: Trial | None = None
        self._terms = IN_FULL
        self.deadline = math.inf
        self._ready = False
        self._began = time.monotonic()
        self._trial_timeout = trial_timeout
        self._log = log
        self.connection, theirs = Pipe()
        with log.open("ab") as output, theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-P", "-m", "hyperdsl.search.worker", str(theirs.fileno()), str(payload.parent)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # Ctrl-C in the terminal is not for it, and its children can be killed with it
            )
        self.connection.send((sys.path, str(payload)))

    def take(self, trial: Trial, terms: Terms) -> None:
        self.trial, self._terms = trial, terms
        if self._ready:
            self._send()

    def hear(self) -> Evaluation | None:
        """Take in a message: None when it says that the estimator is loaded."""
        message = self.connection.recv()
        if self._ready:
            self.trial, self.deadline = None, math.inf
            return with_output(data_to_evaluation(message), self._output())
        if message != "ready":
            raise HypError([worker_not_starting(message, self._output())])
        self._ready = True
        self._send()
        return None

    def bury(self) -> Evaluation:
        """The evaluation of the trial that the process died in."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_PULSE)
        what, message = _death(self.process.poll())
        self.kill()
        if not self._ready:
            raise HypError([worker_not_starting(message, self._output())])
        return lost(FailureKind.crash, what, message, time.monotonic() - self._began, self._output())

    def stop(self) -> Evaluation:
        """The evaluation of a trial that is past its time limit; its process is killed."""
        self.kill()
        message = f"stopped after {self._trial_timeout:g} seconds"
        return lost(FailureKind.timeout, "TimeoutError", message, time.monotonic() - self._began, self._output())

    def kill(self) -> None:
        """End the process and those that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.connection.close()

    def _send(self) -> None:
        assert self.trial is not None
        os.truncate(self._log, 0)
        self._began = time.monotonic()
        if self._trial_timeout is not None:
            self.deadline = self._began + self._trial_timeout
        with contextlib.suppress(OSError):  # it has died: the next look at it finds out
            self.connection.send_bytes(pickle.dumps((self.trial.configuration, self._terms)))

    def _output(self) -> str:
        text = self._log.read_text(encoding="utf-8", errors="replace")
        return text[-OUTPUT_TAIL:].strip()


def _death(code: int | None) -> tuple[str, str]:
    """How a process ended: a short name and a sentence."""
    if code is None:
        return "ConnectionClosed", "the worker process closed its connection"
    if code >= 0:
        return "SystemExit", f"the worker process ended by itself with exit code {code}"
    name = signal.Signals(-code).name
    hint = ", as the system does when memory runs out" if name == "SIGKILL" else ""
    return name, f"the worker process was killed by {name}{hint}"


def _worker_environment(workers: int) -> dict[str, str]:
    """The environment of this process with the libraries' threads limited, and this package importable."""
    threads = max(1, len(os.sched_getaffinity(0)) // workers)
    environment = dict(os.environ)
    for name in _THREAD_SETTINGS:
        given = environment.get(name, "")
        environment[name] = str(min(threads, int(given)) if given.isdecimal() else threads)
    home = str(Path(__file__).resolve().parents[2])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [home, environment.get("PYTHONPATH", "")]))
    return environment
