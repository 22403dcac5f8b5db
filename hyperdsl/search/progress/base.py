"""What a search tells while it runs, and the count that every view of it keeps."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from hyperdsl.search.goals import Goals
from hyperdsl.search.history import Stop, failure_of, shared_fits
from hyperdsl.search.trial import Failure, FailureKind, State, Trial


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


class Silent:
    """Keeps count and shows nothing; the base of the others."""

    def __init__(self) -> None:
        self.goals = Goals()
        self.n_trials: int | None = None
        self.timeout: float | None = None
        self.resumed = 0
        self.done = 0
        self.pruned = 0
        self.failures: Counter[FailureKind] = Counter()
        self.last_failure: Failure | None = None
        self.running: dict[int, Trial] = {}
        self.fits = self.shared = 0  # of steps before the models
        self.best: Trial | None = None  # of several objectives the knee of the front
        self.front: tuple[Trial, ...] = ()
        self._began = time.monotonic()

    def begin(self, goals: Goals, n_trials: int | None, timeout: float | None, done: Sequence[Trial]) -> None:
        self.goals, self.n_trials, self.timeout = goals, n_trials, timeout
        self.resumed = self.done = len(done)
        self.failures.clear()
        self.fits = self.shared = self.pruned = 0
        for trial in done:
            self._count(trial)
        self.front = goals.front(done)
        self.best = goals.best(self.front)
        self._began = time.monotonic()

    def started(self, trial: Trial) -> None:
        self.running[trial.number] = trial

    def finished(self, trial: Trial) -> None:
        self.running.pop(trial.number, None)
        if trial.earlier:  # one that has gone up
            self.pruned -= 1
        else:
            self.done += 1
        self._count(trial)
        if trial.state is State.complete:
            front = self.goals.added(self.front, trial)
            if front is not self.front:
                self.front, self.best = front, self.goals.best(front)

    def end(self, stopped: Stop) -> None:
        self.running.clear()

    def close(self) -> None:
        pass

    def note(self, event: str, text: str, **facts: object) -> None:
        pass

    def _count(self, trial: Trial) -> None:
        failure = failure_of(trial)
        self.pruned += trial.state is State.pruned
        if failure is not None:
            self.failures[failure.kind] += 1
            self.last_failure = failure
        shared, fits = shared_fits([trial])
        self.shared, self.fits = self.shared + shared, self.fits + fits

    @property
    def failed(self) -> int:
        """How many trials have failed."""
        return self.failures.total()

    @property
    def elapsed(self) -> float:
        """Seconds since the search began."""
        return time.monotonic() - self._began

    @property
    def pace(self) -> float | None:
        """Trials a second since the search began; None before the first."""
        new = self.done - self.resumed
        return new / self.elapsed if new and self.elapsed > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the pace so far; None before there is one."""
        estimates = []
        if self.n_trials is not None and (pace := self.pace):
            estimates.append((self.n_trials - self.done) / pace)
        if self.timeout is not None:
            estimates.append(self.timeout - self.elapsed)
        return max(0.0, min(estimates)) if estimates else None
