"""Workers that start at once: forked by a process that has loaded the libraries once, for all of them.

Libraries take seconds to load and milliseconds to fork. Where that is not safe or not possible (not Linux, libraries
with several threads each), workers are new Python processes instead: :mod:`hyperdsl.search.processes` sees no
difference but the time.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from hyperdsl.search.executor import cores

_THREAD_SETTINGS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)


class Process(Protocol):
    """What is asked of the process of a worker, as of ``subprocess.Popen``."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int | None: ...


class Forker:
    """A process that loads modules, and then forks workers.

    It begins to load when it is made; that may be before there is anything to evaluate.

    Parameters
    ----------
    modules : sequence of str
        What workers will import.
    workers : int
        How many there will be, to share the cores.
    """

    def __init__(self, modules: Sequence[str], workers: int) -> None:
        self._ended: dict[int, int] = {}  # exit codes by process id
        self._awaited: list[Forked] = []  # those whose process id is not known yet, in their order
        self.is_gone = False
        self._control, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-u", "-P", "-m", "hyperdsl.search.forker", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=worker_environment(workers),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._send((sys.path, list(modules)))

    @classmethod
    def start(cls, modules: Sequence[str], workers: int) -> Forker | None:
        """One, where workers can be forked here."""
        return cls(modules, workers) if can_fork(workers) else None

    def fork(self, connection: Connection[Any, Any], folder: Path, log: Path) -> Forked:
        """A worker that speaks over a connection; it begins as soon as the modules are loaded."""
        made = Forked(self)
        if self._send((str(folder), str(log))):
            with socket.socket(fileno=os.dup(self._control.fileno())) as sender:
                socket.send_fds(sender, [b"f"], [connection.fileno()])
            self._awaited.append(made)
        return made

    def listen(self, timeout: float = 0.0) -> None:
        """Take in what it has said."""
        with contextlib.suppress(EOFError, OSError):
            while not self.is_gone and self._control.poll(timeout):
                message = self._control.recv()
                timeout = 0.0
                if isinstance(message, tuple):
                    self._ended[message[0]] = message[1]
                else:
                    self._awaited.pop(0).pid = message
            return
        self.is_gone = True

    def exit_code(self, pid: int) -> int | None:
        """How a worker has ended; None while it has not."""
        self.listen()
        if pid not in self._ended and self.is_gone and not _is_alive(pid):
            return -signal.SIGKILL  # nobody knows
        return self._ended.get(pid)

    def close(self) -> None:
        """End it; workers that it has not forked yet will never be."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._control.close()
        self.is_gone = True

    def _send(self, message: object) -> bool:
        try:
            self._control.send(message)
        except OSError:
            self.is_gone = True
        return not self.is_gone


class Forked:
    """A worker process that a :class:`Forker` makes."""

    def __init__(self, forker: Forker) -> None:
        self.pid = 0  # not known yet
        self._forker = forker

    @property
    def is_unborn(self) -> bool:
        """Whether it will never be: what was to fork it has ended."""
        self._forker.listen()
        return not self.pid and self._forker.is_gone

    def poll(self) -> int | None:
        self._forker.listen()
        if not self.pid:
            return -signal.SIGKILL if self._forker.is_gone else None
        return self._forker.exit_code(self.pid)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for its end; one that is not there yet ends by itself when its connection is closed."""
        end = math.inf if timeout is None else time.monotonic() + timeout
        while self.pid and (code := self.poll()) is None:
            left = min(0.1, end - time.monotonic())
            if left <= 0:
                raise subprocess.TimeoutExpired("worker", timeout or 0.0)
            self._forker.listen(left)
            if self._forker.is_gone:
                time.sleep(0.01)
        return code if self.pid else None


def can_fork(workers: int) -> bool:
    """Whether so many workers can be forked here: their libraries must have one thread each."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and threads_each(workers) == 1


def _is_alive(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def threads_each(workers: int) -> int:
    """The threads of each library in each worker, so that workers times threads do not exceed the cores."""
    return max(1, cores() // workers)


def worker_environment(workers: int) -> Mapping[str, str]:
    """The environment of this process with the libraries' threads limited, and this package importable."""
    threads = threads_each(workers)
    environment = dict(os.environ)
    for name in _THREAD_SETTINGS:
        given = environment.get(name, "")
        environment[name] = str(min(threads, int(given)) if given.isdecimal() else threads)
    home = str(Path(__file__).resolve().parents[2])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [home, environment.get("PYTHONPATH", "")]))
    return environment
