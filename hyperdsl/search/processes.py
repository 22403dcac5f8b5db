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
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import cloudpickle
import psutil

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import estimator_not_sendable, worker_not_starting
from hyperdsl.search.codec import data_to_evaluation
from hyperdsl.search.executor import lost, with_output
from hyperdsl.search.forks import Forked, Forker, Process, worker_environment
from hyperdsl.search.trial import IN_FULL, Estimator, Evaluation, FailureKind, Terms, Trial

OUTPUT_TAIL = 4000  # characters of a worker's output that go with a failure
_PULSE = 1.0  # seconds between looks for workers that are gone although their socket is open
_MEMORY_PULSE = 0.1  # seconds between looks at their memory
_STARTS = 3  # of workers that are killed one after the other while they start


class LocalProcesses:
    """Worker processes on this machine, started when they are first needed.

    Each loads the estimator once. They are forked by a process that has loaded the libraries, where that can be
    (:mod:`hyperdsl.search.forks`), or are new Python processes; this one is never forked. The libraries' threads are
    set so that workers times threads do not exceed the cores. Workers end when this process does, however it ends.

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
    trial_memory : int or None
        Bytes of resident memory, of a worker and the processes that it has started together, above which it is killed
        and its trial failed. What the worker needs without a trial (Python, libraries, the table) counts.
    forker : Forker or None
        One that was started ahead, for so many workers; it is closed with this. None starts one, which loads what the
        estimator names as its ``modules``.

    Raises
    ------
    HypError
        When the estimator cannot be pickled; from :meth:`wait` when a worker cannot load it.
    """

    def __init__(
        self,
        estimator: Estimator,
        *,
        workers: int,
        seed: int = 0,
        trial_timeout: float | None = None,
        trial_memory: int | None = None,
        forker: Forker | None = None,
    ) -> None:
        self._workers: list[_Worker] = []
        self._trial_timeout = trial_timeout
        self._trial_memory = trial_memory
        self._pulse = _PULSE if trial_memory is None else _MEMORY_PULSE
        self._stillborn = 0  # workers that were killed while they started, since the last that was not
        self._environment = worker_environment(workers)
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
        self._forker = forker or Forker.start(getattr(estimator, "modules", ()), workers)

    @property
    def capacity(self) -> int:
        return self._capacity

    def submit(self, trial: Trial, terms: Terms = IN_FULL) -> None:
        for worker in [w for w in self._workers if w.trial is None and w.process.poll() is not None]:
            self._remove(worker)  # killed from outside, between two trials
        worker = next((w for w in self._workers if w.trial is None), None) or self._start()
        worker.take(trial, terms)

    def wait(self, timeout: float | None = None) -> list[tuple[int, Evaluation]]:
        end = math.inf if timeout is None else time.monotonic() + timeout
        while True:
            busy = [w for w in self._workers if w.trial]
            next_event = min([end, *(w.deadline for w in busy)])
            talking = wait([w.connection for w in busy], min(self._pulse, max(0.0, next_event - time.monotonic())))
            results = [r for w in busy if (r := self._result(w, heard=w.connection in talking))]
            if results or time.monotonic() >= end:
                return results

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
        if self._forker is not None:
            self._forker.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> _Worker:
        self._started += 1
        log = self._folder / f"{self._started}.log"
        worker = _Worker(self._payload, log, self._process, self._trial_timeout)
        self._workers.append(worker)
        return worker

    def _process(self, connection: Connection[Any, Any], log: Path) -> Process:
        """A new process of a worker that speaks over a connection."""
        if self._forker is not None and not self._forker.is_gone:
            return self._forker.fork(connection, self._folder, log)
        with log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-u", "-P", "-m", "hyperdsl.search.worker", str(connection.fileno()), str(log.parent)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment,
                pass_fds=[connection.fileno()],
                start_new_session=True,  # Ctrl-C in the terminal is not for it, and its children can be killed with it
            )

    def _result(self, worker: _Worker, heard: bool) -> tuple[int, Evaluation] | None:
        """What has become of a worker's trial; None while it runs."""
        trial = worker.trial
        assert trial is not None
        evaluation: Evaluation | None
        if heard:
            with contextlib.suppress(EOFError, OSError):
                evaluation = worker.hear()
                self._stillborn = 0
                return (trial.number, evaluation) if evaluation else None
        if heard or worker.process.poll() is not None:
            if not heard and worker.connection.poll():
                return None  # it has said something before it died
            if isinstance(worker.process, Forked) and worker.process.is_unborn:
                self._remove(worker)
                self._start().take(trial, worker.terms)
                return None
            if not worker.has_begun and worker.was_killed() and self._stillborn < _STARTS - 1:
                self._stillborn += 1
                self._remove(worker)
                self._start().take(trial, worker.terms)
                return None
            evaluation = worker.bury()
        elif time.monotonic() >= worker.deadline:
            evaluation = worker.stop(FailureKind.timeout, f"stopped after {self._trial_timeout:g} seconds")
        elif self._trial_memory is not None and (used := worker.memory()) > self._trial_memory:
            limit = f"the limit is {_size(self._trial_memory)}"
            evaluation = worker.stop(FailureKind.memory, f"stopped at {_size(used)} of memory; {limit}")
        else:
            return None
        self._remove(worker)
        return trial.number, evaluation

    def _remove(self, worker: _Worker) -> None:
        worker.kill()
        self._workers.remove(worker)


class _Worker:
    """One worker process, seen from here."""

    def __init__(
        self,
        payload: Path,
        log: Path,
        start: Callable[[Connection[Any, Any], Path], Process],
        trial_timeout: float | None,
    ) -> None:
        self.trial: Trial | None = None
        self.terms = IN_FULL
        self.deadline = math.inf
        self.is_ready = False
        self.has_begun = False  # with its trial
        self._began = time.monotonic()
        self._trial_timeout = trial_timeout
        self._log = log
        log.touch()
        self.connection, theirs = Pipe()
        with theirs:
            self.process = start(theirs, log)
        with contextlib.suppress(OSError):  # it has died: the next look at it finds out
            self.connection.send((sys.path, str(payload)))

    def take(self, trial: Trial, terms: Terms) -> None:
        self.trial, self.terms = trial, terms
        if self.is_ready:
            self._send()

    def hear(self) -> Evaluation | None:
        """Take in a message: None when it says that the estimator is loaded, or that it begins with the trial."""
        message = self.connection.recv()
        if message == "taken":
            self.has_begun = True
            return None
        if self.is_ready:
            self.trial, self.deadline = None, math.inf
            return with_output(data_to_evaluation(message), self._output())
        if message != "ready":
            raise HypError([worker_not_starting(message, self._output())])
        self.is_ready = True
        self._send()
        return None

    def bury(self) -> Evaluation:
        """The evaluation of the trial that the process died in."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_PULSE)
        what, message = _death(self.process.poll())
        self.kill()
        if not self.is_ready:
            raise HypError([worker_not_starting(message, self._output())])
        return lost(FailureKind.crash, what, message, time.monotonic() - self._began, self._output())

    def was_killed(self) -> bool:
        """Whether it has ended by a signal."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_PULSE)
        return (self.process.poll() or 0) < 0

    def memory(self) -> int:
        """Bytes of resident memory of the process and of those that it has started."""
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.process.pid)
            return sum(map(_resident, [process, *process.children(recursive=True)]))
        return 0

    def stop(self, kind: FailureKind, message: str) -> Evaluation:
        """The evaluation of a trial that is past a limit; its process is killed."""
        self.kill()
        what = "TimeoutError" if kind is FailureKind.timeout else "MemoryError"
        return lost(kind, what, message, time.monotonic() - self._began, self._output())

    def kill(self) -> None:
        """End the process and those that it started; without effect the second time."""
        self.process.poll()
        if self.process.pid:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.connection.close()  # one that is to be forked yet ends by that

    def _send(self) -> None:
        assert self.trial is not None
        self.has_begun = False
        os.truncate(self._log, 0)
        self._began = time.monotonic()
        if self._trial_timeout is not None:
            self.deadline = self._began + self._trial_timeout
        with contextlib.suppress(OSError):  # it has died: the next look at it finds out
            self.connection.send_bytes(pickle.dumps((self.trial.configuration, self.terms)))

    def _output(self) -> str:
        text = self._log.read_text(encoding="utf-8", errors="replace")
        return text[-OUTPUT_TAIL:].strip()


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it has ended meanwhile
        return 0


def _size(amount: int) -> str:
    """Bytes in words."""
    return f"{amount / 1e9:.3g} GB" if amount >= 1e9 else f"{amount / 1e6:.3g} MB"


def _death(code: int | None) -> tuple[str, str]:
    """How a process ended: a short name and a sentence."""
    if code is None:
        return "ConnectionClosed", "the worker process closed its connection"
    if code >= 0:
        return "SystemExit", f"the worker process ended by itself with exit code {code}"
    name = signal.Signals(-code).name
    hint = ", as the system does when memory runs out" if name == "SIGKILL" else ""
    return name, f"the worker process was killed by {name}{hint}"
