"""The views for logs, pipes and programs: plain lines, and JSON lines."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import TextIO

from hyperdsl.search.goals import Goals
from hyperdsl.search.history import Stop, failure_of, score_of
from hyperdsl.search.progress.base import Silent
from hyperdsl.search.progress.wording import ENDED, best_text, clock, counted, result_text
from hyperdsl.search.trial import Trial

_LINE_SECONDS = 1.0  # between plain lines, unless there is a new best


class PlainLines(Silent):
    """A line for each trial, of quick ones for one a second and for each new best; for logs and pipes."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._last_line = -_LINE_SECONDS

    def begin(self, goals: Goals, n_trials: int | None, timeout: float | None, done: Sequence[Trial]) -> None:
        super().begin(goals, n_trials, timeout, done)
        if done:
            self._print(f"going on after {counted(len(done), 'finished trial')}{best_text(self.best)}")

    def finished(self, trial: Trial) -> None:
        super().finished(trial)
        now = time.monotonic()
        if trial is not self.best and now - self._last_line < _LINE_SECONDS:
            return
        self._last_line = now
        total = f"/{self.n_trials}" if self.n_trials is not None else ""
        assert trial.evaluation is not None
        took = f"{trial.evaluation.seconds:.1f} s"
        self._print(f"[{self.done}{total}] trial {trial.number}: {result_text(trial)} in {took}{best_text(self.best)}")

    def end(self, stopped: Stop) -> None:
        super().end(stopped)
        counts = f", {self.failed} failed" if self.failed else ""
        counts += f", {self.pruned} given up early" if self.pruned else ""
        took = clock(self.elapsed)
        self._print(f"{ENDED[stopped]}: {counted(self.done, 'trial')}{counts} in {took}{best_text(self.best)}")

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
            fidelity=trial.evaluation.fidelity,
            seconds=trial.evaluation.seconds,
            failure=failure and {"kind": failure.kind.value, "type": failure.type, "message": failure.message},
            configuration=trial.configuration.to_json(),
            best=self._best(),
        )

    def end(self, stopped: Stop) -> None:
        super().end(stopped)
        self._write(
            "end", reason=stopped.value, finished=self.done, failed=self.failed, pruned=self.pruned, best=self._best()
        )

    def note(self, event: str, text: str, **facts: object) -> None:
        self._write(event, **facts)

    def _best(self) -> dict[str, object] | None:
        return {"number": self.best.number, "score": score_of(self.best)} if self.best else None

    def _write(self, event: str, **facts: object) -> None:
        print(json.dumps({"event": event, **facts}, ensure_ascii=False), file=self._stream, flush=True)
