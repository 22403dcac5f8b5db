"""Ctrl-C during a search."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any


class Interrupt:
    """While entered: the first Ctrl-C asks the search to end, the second one raises wherever it is.

    The first one raises ``KeyboardInterrupt`` only within :meth:`breakable`, so that no record is left half written.
    Outside the main thread, and where Ctrl-C is ignored (a job in the background), nothing is changed.
    """

    def __init__(self) -> None:
        self.requested = False
        self._breakable = False
        self._previous: Any = None

    def __enter__(self) -> Interrupt:
        in_main_thread = threading.current_thread() is threading.main_thread()
        if in_main_thread and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._previous = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    @contextmanager
    def breakable(self) -> Iterator[None]:
        """Where Ctrl-C may raise: what runs within is lost and nothing else."""
        self._breakable = True
        try:
            yield
        except KeyboardInterrupt:
            self.requested = True
        finally:
            self._breakable = False

    def _handle(self, signum: int, frame: FrameType | None) -> None:
        first, self.requested = not self.requested, True
        if self._breakable or not first:
            raise KeyboardInterrupt
