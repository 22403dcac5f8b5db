"""The state of a search in a few lines, for views that redraw them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hyperdsl.search.goals import SCORE, Goals
from hyperdsl.search.history import Stop, failure_of, score_of
from hyperdsl.search.progress.base import Silent
from hyperdsl.search.progress.wording import (
    clock,
    counted,
    failure_text,
    number,
    pace,
    sparkline,
    stopwatch,
)
from hyperdsl.search.trial import State, Trial
from hyperdsl.search.units import shown
from hyperdsl.space.brief import brief, short_names

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

_LAST = 20  # results at hand for the line of the last ones
_NAMES = 9  # columns of the names of the lines
_MARGIN = 2  # columns left free for the ^C of Ctrl-C, which would begin a line
_MOST_BARS = 60
_LEAST_RUNNING = 2  # lines for running trials on a terminal that is not high
_OTHER_LINES = 12  # of a terminal: those of the view without running trials, and some of what was there before


class StateView(Silent):
    """Knows the lines; what shows them says how often. Each is cut to the width that there is."""

    def __init__(self) -> None:
        super().__init__()
        self._last: deque[Trial] = deque(maxlen=_LAST)
        self._bests: list[float] = []  # the best score after each trial with a score
        self._names: dict[str, str] = {}
        self.drawn: list[int] = []  # the lengths of the lines that were drawn last
        self._ended = False

    def begin(self, goals: Goals, n_trials: int | None, timeout: float | None, done: Sequence[Trial]) -> None:
        super().begin(goals, n_trials, timeout, done)
        self._ended = False
        self._bests = []
        for trial in done:
            self._take(trial)

    def started(self, trial: Trial) -> None:
        if not self._names:
            self._names = short_names(d.path for d in trial.configuration.decisions)
        super().started(trial)

    def finished(self, trial: Trial) -> None:
        super().finished(trial)
        self._take(trial)

    def end(self, stopped: Stop) -> None:
        super().end(stopped)
        self._ended = True

    def _take(self, trial: Trial) -> None:
        """A finished trial for the lines that show a course."""
        self._last.append(trial)
        if trial.state is State.complete and not self.goals.violation(trial):
            score, sign = score_of(trial), self.goals.objectives[0].sign
            self._bests.append(score if not self._bests else sign * min(sign * score, sign * self._bests[-1]))

    # --- drawing, maybe from another thread: it reads what that of the search adds to

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        width, height = options.max_width - _MARGIN, console.height
        self.drawn.clear()
        for name, text in self._lines(width - _NAMES, max(_LEAST_RUNNING, height - _OTHER_LINES)):
            line = Text.assemble((name.ljust(_NAMES), "dim"), text)
            line.truncate(width, overflow="ellipsis")
            line.no_wrap = True
            self.drawn.append(line.cell_len)
            yield line

    def _lines(self, width: int, most_running: int) -> Iterator[tuple[str, Text]]:
        from rich.text import Text

        yield "trials", self._trials(width)
        yield "time", Text(self._time())
        if self.best:
            yield from self._best(self.best, width)
        if not self.goals.is_single and self.front:
            yield "front", Text(counted(len(self.front), "trial") + " that no other one beats in all objectives")
        if self._last:
            yield "last", Text("  ").join(_short_result(trial) for trial in _newest(self._last, width))
        if self.failures:
            yield "failed", self._failed()
        if self.fits:
            yield "steps", Text(f"{self.shared:,} of {self.fits:,} fits shared ({self.shared / self.fits:.0%})")
        running = sorted(self.running.copy().values(), key=lambda t: t.number)
        for position, trial in enumerate(running[:most_running]):
            yield "" if position else "running", self._running(trial)
        if len(running) > most_running:
            yield "", Text(f"and {len(running) - most_running} more", "dim")

    def _trials(self, width: int) -> Text:
        from rich.text import Text

        if self.n_trials is None:
            return Text(f"{self.done}{self._given_up()}")
        text = f"{self.done} of {self.n_trials}{self._given_up()}"
        bar = max(10, min(40, width - len(text) - 2))
        full = round(bar * min(1.0, self.done / self.n_trials))
        return Text.assemble(text, "  ", ("━" * full, "green"), ("─" * (bar - full), "dim"))

    def _given_up(self) -> str:
        return f", {self.pruned} given up early" if self.pruned else ""

    def _time(self) -> str:
        parts = [clock(self.elapsed)]
        left = self.seconds_left
        if left is not None and not self._ended:
            parts.append(f"about {clock(left)} left")
        if self.pace is not None:
            parts.append(pace(self.pace))
        return ", ".join(parts)

    def _best(self, best: Trial, width: int) -> Iterator[tuple[str, Text]]:
        """What is best, and how the best score rose to it."""
        from rich.text import Text

        goals = self.goals
        named = [(o.name, goals.value(best, o.name)) for o in goals.objectives]
        values = Text(", ").join(
            Text.assemble(f"{name} " if name != SCORE else "", (shown(name, value), "bold green"))
            for name, value in named
        )
        broken = ", ".join(c.words for c in goals.constraints if c.violation(goals.value(best, c.name)))
        yield "best", Text.assemble(values, f"  trial {best.number}", (f"  breaks {broken}" if broken else "", "red"))
        yield "", Text(brief(best.configuration.to_json(), self._short(best)), "dim")
        if len(self._bests) > 1:
            name = "" if goals.is_single else f"{goals.objectives[0].name} "
            ends = f"  {name}{number(self._bests[0])} to {number(self._bests[-1])}"
            yield (
                "",
                Text.assemble((sparkline(self._bests, min(_MOST_BARS, width - len(ends))), "green"), (ends, "dim")),
            )

    def _failed(self) -> Text:
        from rich.text import Text

        kinds = ", ".join(f"{many} {kind.value}" for kind, many in self.failures.most_common())
        assert self.last_failure is not None
        return Text.assemble((kinds, "red"), (f"; last: {failure_text(self.last_failure)}", "dim"))

    def _running(self, trial: Trial) -> Text:
        from rich.text import Text

        took = stopwatch(time.time() - trial.started).rjust(5)
        text = brief(trial.configuration.to_json(), self._short(trial))
        return Text.assemble(f"{trial.number:>4}", (f" {took}  ", "cyan"), text)

    def _short(self, trial: Trial) -> dict[str, str]:
        if not self._names:
            self._names = short_names(d.path for d in trial.configuration.decisions)
        return self._names


def _newest(trials: Sequence[Trial], width: int) -> list[Trial]:
    """The last trials whose results stand in one line, in their order."""
    kept: list[Trial] = []
    for trial in reversed(list(trials)):
        width -= len(_short_result(trial)) + 2
        if width < -2:
            break
        kept.append(trial)
    return kept[::-1]


def _short_result(trial: Trial) -> Text:
    from rich.text import Text

    failure = failure_of(trial)
    if failure:
        return Text(failure.kind.value, "red")
    return Text(f"{score_of(trial):.4g}", "dim" if trial.state is State.pruned else "")
