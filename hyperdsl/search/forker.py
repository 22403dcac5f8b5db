"""A process that has the libraries loaded and forks workers: ``python -m hyperdsl.search.forker FD``.

Started by :mod:`hyperdsl.search.forks`. It speaks over the socket ``FD``. Received first: ``sys.path`` and the modules
to load. Then for each worker: the folder of its files and its log, followed by its socket; answered with its process
id, and when it has ended with the id and the exit code. It ends when the other end is gone, and where there are threads
beside its own, which a fork would leave behind in whatever state they are; jemalloc's look after forks themselves.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import socket
import sys
import traceback
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, NoReturn

from hyperdsl.search import worker


def main(fd: int) -> None:
    """Fork workers until the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.set_inheritable(fd, False)
    control: Connection[Any, Any] = Connection(fd)
    children: dict[int, int] = {}  # a process id, by the descriptor that tells of its end
    with contextlib.suppress(EOFError, OSError):
        sys.path[:], modules = control.recv()
        for name in modules:
            with contextlib.suppress(Exception):  # the worker that needs it will say so
                importlib.import_module(name)
        if _threads() > 1:
            return
        gc.freeze()
        while True:
            for ready in wait([control, *children]):
                if isinstance(ready, int):
                    pid = children.pop(ready)
                    os.close(ready)
                    control.send((pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
                else:
                    pid = _fork(control, [*children])
                    children[os.pidfd_open(pid)] = pid
                    control.send(pid)


def _threads() -> int:
    """The threads of this process that a fork would break."""
    names = [Path(f"/proc/self/task/{task}/comm").read_text() for task in os.listdir("/proc/self/task")]
    return sum(not name.startswith("jemalloc_bg") for name in names)


def _fork(control: Connection[Any, Any], others: list[int]) -> int:
    """A new worker, in a process group of its own."""
    folder, log = control.recv()
    with socket.socket(fileno=os.dup(control.fileno())) as received:
        _, (fd,), _, _ = socket.recv_fds(received, 1, 1)
    pid = os.fork()
    if pid == 0:
        for other in [control.fileno(), *others]:
            os.close(other)
        _work(fd, folder, log)
    os.close(fd)
    with contextlib.suppress(OSError):  # the child does it too, and may be ahead
        os.setpgid(pid, pid)
    return pid


def _work(fd: int, folder: str, log: str) -> NoReturn:
    code = 1
    try:
        os.setpgid(0, 0)
        output = os.open(log, os.O_WRONLY | os.O_APPEND)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        worker.main(fd, folder)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
