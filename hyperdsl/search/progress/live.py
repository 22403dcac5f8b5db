"""The view for a terminal: the state of a search, redrawn in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from hyperdsl.search.goals import Goals
from hyperdsl.search.history import Stop
from hyperdsl.search.progress.state import StateView
from hyperdsl.search.progress.wording import ENDED
from hyperdsl.search.trial import Trial

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live


class LiveView(StateView):
    """The state on a terminal, four times a second."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        from rich.console import Console

        self._console = Console(file=stream)
        self._live: Live | None = None

    def begin(self, goals: Goals, n_trials: int | None, timeout: float | None, done: Sequence[Trial]) -> None:
        super().begin(goals, n_trials, timeout, done)
        self._live = _live(self, self._console)
        self._live.start()

    def end(self, stopped: Stop) -> None:
        super().end(stopped)
        self.close()
        self._console.print(ENDED[stopped], style="dim", highlight=False)

    def close(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def note(self, event: str, text: str, **facts: object) -> None:
        self._console.print(text, markup=False, highlight=False)


def _live(view: LiveView, console: Console) -> Live:
    """What redraws a view, also after the terminal got narrower and broke the lines that stood on it."""
    from rich.live import Live

    class Steady(Live):
        def refresh(self) -> None:
            with self._lock:
                more = sum((length - 1) // console.width for length in view.drawn if length)
                if more:
                    view.drawn.clear()
                    console.file.write(f"\x1b[{more}A\x1b[J")
                super().refresh()

    return Steady(view, console=console, refresh_per_second=4, vertical_overflow="crop")
