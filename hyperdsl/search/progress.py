"""What is shown while a search runs: a live view, plain lines, JSON lines, or nothing."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TextIO

from hyperdsl.search.goals import Goals
from hyperdsl.search.history import Stop, failure_of, score_of
from hyperdsl.search.trial import Failure, State, Trial

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live
    from rich.text import Text

Mode = Literal["auto", "live", "plain", "json", "none"]

_LAST = 5  # results in the live view
_LINE_SECONDS = 1.0  # between plain lines, unless there is a new best

_ENDED = {
    Stop.trials: "done",
    Stop.timeout: "time is over",
    Stop.exhausted: "every configuration has been tried",
    Stop.interrupted: "interrupted; the best so far is kept",
}


class Progress(Protocol):
    """Told by the search what happens; called from its thread only."""

    def begin(self, goals: Goals, n_trials: int | None, timeout: float | None, done: Sequence[Trial]) -> None:
        """The search starts; ``done`` are the trials that the study has already."""
        ...

    def started(self, trial: Trial) -> None: ...

    def finished(self, trial: Trial) -> None: ...

    def end(self, stopped: Stop) -> None:
        """The search has ended by itself."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was; called last in every case."""
        ...

    def note(self, event: str, text: str, **facts: object) -> None:
        """A fact from around the search, for people and as JSON; at any time."""
        ...


def make_progress(mode: Mode = "auto", stream: TextIO | None = None) -> Progress:
    """The view for a mode; ``"auto"`` is live on a terminal and plain elsewhere.

    JSON lines go to standard output, everything else to standard error, unless there is a ``stream``.
    """
    if mode == "json":
        return JsonLines(stream or sys.stdout)
    if mode == "none":
        return Silent()
    stream = stream or sys.stderr
    if mode == "live" or (mode == "auto" and stream.isatty()):
        return LiveView(stream)
    return PlainLines(stream)


class Silent:
    """Keeps count and shows nothing; the base of the others."""

    def __init__(self) -> None:
        self.goals = Goals()
        self.n_trials: int | None = None
        self.timeout: float | None = None
        self.resumed = 0
        self.done = 0
        self.failed = 0
        self.running = 0
        self.best: Trial | None = None  # of several objectives the knee of the front
        self.front: tuple[Trial, ...] = ()
        self._began = time.monotonic()

    def begin(self, goals: Goals, n_trials: int | None, timeout: float | None, done: Sequence[Trial]) -> None:
        self.goals, self.n_trials, self.timeout = goals, n_trials, timeout
        self.resumed = self.done = len(done)
        self.failed = sum(trial.state is State.failed for trial in done)
        self.front = goals.front(done)
        self.best = goals.best(self.front)
        self._began = time.monotonic()

    def started(self, trial: Trial) -> None:
        self.running += 1

    def finished(self, trial: Trial) -> None:
        self.running -= 1
        self.done += 1
        if trial.state is State.failed:
            self.failed += 1
        elif trial.state is State.complete:
            self.front = self.goals.front([*self.front, trial])
            self.best = self.goals.best(self.front)

    def end(self, stopped: Stop) -> None:
        self.running = 0

    def close(self) -> None:
        pass

    def note(self, event: str, text: str, **facts: object) -> None:
        pass

    @property
    def elapsed(self) -> float:
        """Seconds since the search began."""
        return time.monotonic() - self._began

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the pace so far; None before there is one."""
        new = self.done - self.resumed
        estimates = []
        if self.n_trials is not None and new:
            estimates.append(self.elapsed / new * (self.n_trials - self.done))
        if self.timeout is not None:
            estimates.append(self.timeout - self.elapsed)
        return max(0.0, min(estimates)) if estimates else None


class PlainLines(Silent):
    """A line for each trial, of quick ones for one a second and for each new best; for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._last_line = -_LINE_SECONDS

    def begin(self, goals: Goals, n_trials: int | None, timeout: float | None, done: Sequence[Trial]) -> None:
        super().begin(goals, n_trials, timeout, done)
        if done:
            self._print(f"going on after {_count(len(done), 'finished trial')}{_best_text(self.best)}")

    def finished(self, trial: Trial) -> None:
        super().finished(trial)
        now = time.monotonic()
        if trial is not self.best and now - self._last_line < _LINE_SECONDS:
            return
        self._last_line = now
        total = f"/{self.n_trials}" if self.n_trials is not None else ""
        assert trial.evaluation is not None
        took = f"{trial.evaluation.seconds:.1f} s"
        self._print(
            f"[{self.done}{total}] trial {trial.number}: {_result_text(trial)} in {took}{_best_text(self.best)}"
        )

    def end(self, stopped: Stop) -> None:
        super().end(stopped)
        failures = f", {self.failed} failed" if self.failed else ""
        took = _clock(self.elapsed)
        self._print(f"{_ENDED[stopped]}: {_count(self.done, 'trial')}{failures} in {took}{_best_text(self.best)}")

    def note(self, event: str, text: str, **facts: object) -> None:
        self._print(text)

    def _print(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


class JsonLines(Silent):
    """One JSON object a line, each with its ``event``: begin, trial, end, and the notes' own."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream

    def begin(self, goals: Goals, n_trials: int | None, timeout: float | None, done: Sequence[Trial]) -> None:
        super().begin(goals, n_trials, timeout, done)
        self._write("begin", **goals.to_json(), trials=n_trials, timeout=timeout, finished=len(done))

    def finished(self, trial: Trial) -> None:
        super().finished(trial)
        assert trial.evaluation is not None
        failure = failure_of(trial)
        self._write(
            "trial",
            number=trial.number,
            state=trial.state.value,
            score=trial.evaluation.score,
            fold_scores=list(trial.evaluation.fold_scores),
            seconds=trial.evaluation.seconds,
            failure=failure and {"kind": failure.kind.value, "type": failure.type, "message": failure.message},
            configuration=trial.configuration.to_json(),
            best=self._best(),
        )

    def end(self, stopped: Stop) -> None:
        super().end(stopped)
        self._write("end", reason=stopped.value, finished=self.done, failed=self.failed, best=self._best())

    def note(self, event: str, text: str, **facts: object) -> None:
        self._write(event, **facts)

    def _best(self) -> dict[str, object] | None:
        return {"number": self.best.number, "score": score_of(self.best)} if self.best else None

    def _write(self, event: str, **facts: object) -> None:
        print(json.dumps({"event": event, **facts}, ensure_ascii=False), file=self._stream, flush=True)


class LiveView(Silent):
    """A few lines on a terminal that are redrawn in place."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        from rich.console import Console

        self._console = Console(file=stream)
        self._live: Live | None = None
        self._last: deque[Trial] = deque(maxlen=_LAST)
        self._ended = False

    def begin(self, goals: Goals, n_trials: int | None, timeout: float | None, done: Sequence[Trial]) -> None:
        from rich.live import Live

        super().begin(goals, n_trials, timeout, done)
        self._ended = False
        self._last.extend(done[-_LAST:])
        self._live = Live(console=self._console, get_renderable=self._render, refresh_per_second=4)
        self._live.start()

    def finished(self, trial: Trial) -> None:
        super().finished(trial)
        self._last.append(trial)

    def end(self, stopped: Stop) -> None:
        super().end(stopped)
        self._ended = True
        self.close()
        self._console.print(_ENDED[stopped], style="dim", highlight=False)

    def close(self) -> None:
        if self._live:
            self._live.stop()
            self._live = None

    def note(self, event: str, text: str, **facts: object) -> None:
        self._console.print(text, markup=False, highlight=False)

    def _render(self) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        rows = Table.grid(padding=(0, 2))
        total = f" of {self.n_trials}" if self.n_trials is not None else ""
        rows.add_row("trials", Text.assemble(f"{self.done}{total}", self._counts()))
        if self.n_trials is not None:
            rows.add_row("", ProgressBar(total=self.n_trials, completed=self.done, width=40))
        rows.add_row("time", _clock(self.elapsed) + self._time_left())
        if self.best:
            rows.add_row(
                "best", Text.assemble((_number(score_of(self.best)), "bold green"), f", trial {self.best.number}")
            )
        rows.add_row("last", Text("  ").join(_short_result(trial) for trial in self._last))
        return rows

    def _counts(self) -> Text:
        from rich.text import Text

        running = f", {self.running} running" if self.running else ""
        return Text.assemble(running, (f", {self.failed} failed" if self.failed else "", "red"))

    def _time_left(self) -> str:
        left = self.seconds_left
        return "" if left is None or self._ended else f", about {_clock(left)} left"


def _short_result(trial: Trial) -> Text:
    from rich.text import Text

    failure = failure_of(trial)
    return Text(failure.kind.value, "red") if failure else Text(_number(score_of(trial)))


def _result_text(trial: Trial) -> str:
    failure = failure_of(trial)
    return f"failed ({_failure_text(failure)})" if failure else _number(score_of(trial))


def _failure_text(failure: Failure) -> str:
    first_line = failure.message.splitlines()[0] if failure.message else ""
    return f"{failure.type}: {first_line}" if first_line else failure.type


def _best_text(best: Trial | None) -> str:
    return f"; best {_number(score_of(best))} (trial {best.number})" if best else ""


def _number(score: float) -> str:
    return f"{score:.6g}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
