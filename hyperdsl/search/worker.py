"""A worker process: ``python -m hyperdsl.search.worker FD FOLDER``, started by :mod:`hyperdsl.search.processes`.

It speaks over the socket ``FD`` that it inherits. Received first: ``sys.path`` and the file in ``FOLDER`` that holds
the pickled estimator and the seed; answered with ``"ready"`` or with why not. Then for each trial: its configuration
and terms are received and answered with ``"taken"``, its evaluation sent as JSON data, so that nothing from user code
is unpickled in the process that drives the search. Standard output and error are a file, whose end goes with failures.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import select
import shutil
import signal
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from hyperdsl.search.codec import evaluation_to_data
from hyperdsl.search.executor import evaluate_safely, failed
from hyperdsl.search.trial import Estimator, FailureKind


def main(fd: int, folder: str) -> None:
    """Serve trials until the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that drives the search
    faulthandler.enable()
    os.set_inheritable(fd, False)
    threading.Thread(target=_end_with_parent, args=(fd, folder), daemon=True).start()
    connection: Connection[Any, Any] = Connection(fd)
    try:
        estimator, seed = _load(connection)
        while True:
            message = connection.recv_bytes()
            connection.send("taken")
            connection.send(_evaluate(estimator, message, seed))
    except (EOFError, OSError):
        return


def _load(connection: Connection[Any, Any]) -> tuple[Estimator, int]:
    path, file = connection.recv()
    sys.path[:] = path
    try:
        estimator, seed = pickle.loads(Path(file).read_bytes())
    except BaseException as error:
        connection.send(f"{type(error).__name__}: {error}")
        raise
    connection.send("ready")
    return estimator, seed


def _evaluate(estimator: Estimator, message: bytes, seed: int) -> dict[str, Any]:
    try:
        configuration, terms = pickle.loads(message)
    except Exception as error:
        return evaluation_to_data(failed(FailureKind.error, error, 0.0))
    return evaluation_to_data(evaluate_safely(estimator, configuration, seed, terms))


def _end_with_parent(fd: int, folder: str) -> None:
    """When the other end is gone, end this process and those it started, also in a trial; leave no files."""
    poll = select.poll()
    poll.register(fd, 0)  # hanging up is always reported
    poll.poll()
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
