"""The view for a notebook: the state of a search in the output of the cell that runs it."""

from __future__ import annotations

import contextvars
import io
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from hyperdsl.markup import Html, join, tag
from hyperdsl.search.goals import Goals
from hyperdsl.search.history import Stop
from hyperdsl.search.progress.state import StateView
from hyperdsl.search.progress.wording import ENDED
from hyperdsl.search.trial import Trial

_COLUMNS = 108
_SECONDS = 0.5  # between two updates
_TICK = 1.0  # seconds after which the clock is renewed


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook; asks only what is imported already."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


class NotebookView(StateView):
    """The state as text in a frame, renewed each second, and when trials start and end, twice a second at most."""

    def __init__(self) -> None:
        super().__init__()
        self._handle: Any = None
        self._notes: list[str] = []
        self._stopped: Stop | None = None
        self._shown = 0.0
        self._lock = threading.RLock()
        self._over = threading.Event()

    def begin(self, goals: Goals, n_trials: int | None, timeout: float | None, done: Sequence[Trial]) -> None:
        from IPython.display import display

        super().begin(goals, n_trials, timeout, done)
        self._stopped = None
        show: Any = display  # some versions of IPython have types, others none
        self._handle = show(self, display_id=True)
        self._over.clear()
        # What a thread shows belongs to the cell that it was started in.
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(self._keep_time,), daemon=True).start()

    def started(self, trial: Trial) -> None:
        super().started(trial)
        self._renew()

    def finished(self, trial: Trial) -> None:
        super().finished(trial)
        self._renew()

    def end(self, stopped: Stop) -> None:
        super().end(stopped)
        self._stopped = stopped

    def close(self) -> None:
        self._over.set()
        with self._lock:
            self._renew(now=True)
            self._handle = None

    def note(self, event: str, text: str, **facts: object) -> None:
        self._notes.append(text)
        self._renew()

    def _keep_time(self) -> None:
        """Renew the clock, also while nothing ends."""
        while not self._over.wait(_TICK):
            self._renew()

    def _renew(self, now: bool = False) -> None:
        with self._lock:
            if self._handle is not None and (now or time.monotonic() - self._shown >= _SECONDS):
                self._shown = time.monotonic()
                self._handle.update(self)

    def _repr_html_(self) -> str:
        from rich.console import Console

        console = Console(record=True, file=io.StringIO(), width=_COLUMNS, height=40, force_jupyter=False)
        console.print(self)
        lines = Html(console.export_html(inline_styles=True, code_format="{code}"))
        end = [tag("div", ENDED[self._stopped], style="opacity:.7")] if self._stopped is not None else []
        notes = [tag("div", note) for note in self._notes]
        frame = "font-family:monospace;font-size:12px;line-height:1.45;overflow-x:auto;margin:4px 0"
        return tag("div", join(*notes, tag("pre", lines, style="margin:0;background:none"), *end), style=frame)

    def __repr__(self) -> str:
        best = f", best {self.best.number}" if self.best else ""
        return f"<a search: {self.done} trials{best}>"
