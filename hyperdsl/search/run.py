"""The loop: propose, evaluate, record, until there is enough."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid, search_without_end
from hyperdsl.search.executor import Executor
from hyperdsl.search.goals import Goals
from hyperdsl.search.halving import Halving, HalvingInBatches, Ladder
from hyperdsl.search.history import History, Stop
from hyperdsl.search.interrupt import Interrupt
from hyperdsl.search.kin import parent_of
from hyperdsl.search.order import Batches, OneByOne, Order
from hyperdsl.search.progress import Progress, Silent
from hyperdsl.search.racing import Racing
from hyperdsl.search.searcher import Searcher
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, Terms, Trial
from hyperdsl.space import Space

if TYPE_CHECKING:
    from hyperdsl.search.store import Study


def search(
    space: Space,
    searcher: Searcher,
    executor: Executor,
    *,
    goals: Goals | None = None,
    n_trials: int | None = None,
    timeout: float | None = None,
    study: Study | None = None,
    done: Sequence[Trial] = (),
    progress: Progress | None = None,
    batch: int | None = None,
    races: bool = False,
    ladder: Ladder | None = None,
    inherits: bool = False,
) -> History:
    """Run trials until there are enough, the time is over, the space is exhausted, or Ctrl-C.

    Parameters
    ----------
    space : Space
        What is searched.
    searcher : Searcher
        A new one: it is told the finished trials first.
    executor : Executor
        Runs the trials; closed at the end.
    goals : Goals or None
        What is good; None is a score to maximize.
    n_trials : int or None
        How many trials the study is to have, those that it has already included; of an edited space those that are
        points of it.
    timeout : float or None
        Seconds for this call. Trials that run when they are over are abandoned, or, in this process, finished.
    study : Study or None
        Where trials are recorded, each before the next proposal. Its finished trials are not repeated; numbers
        without a result are proposed again.
    done : sequence of Trial
        Finished trials to go on from where there is no study.
    progress : Progress or None
        What shows the search meanwhile; None shows nothing.
    batch : int or None
        Trials that are proposed together, so that which ones are does not depend on the executor; None proposes each
        when there is room for it (:mod:`hyperdsl.search.order`).
    races : bool
        Whether trials that cannot become the best stop after a fold; see :mod:`hyperdsl.search.racing`.
    ladder : Ladder or None
        The fidelities of cheap trials, see :mod:`hyperdsl.search.halving`; a batch is then of evaluations.
    inherits : bool
        Whether trials begin from what others have come to, see :mod:`hyperdsl.search.kin`.

    Returns
    -------
    History
        All finished trials of the study. After Ctrl-C too: what ran then is abandoned.
    """
    goals = goals or Goals()
    racing = Racing(goals) if races else None

    def learn(trials: Sequence[Trial]) -> None:
        searcher.feedback(trials)
        if racing:
            racing.learn(trials)

    order: Order
    if ladder is not None and batch is not None:
        order = HalvingInBatches(space, searcher, learn, n_trials, ladder, goals, batch)
    elif ladder is not None:
        order = Halving(space, searcher, learn, n_trials, ladder, goals)
    elif batch is not None:
        order = Batches(space, searcher, learn, n_trials, batch)
    else:
        order = OneByOne(space, searcher, learn, n_trials)
    loop = _Loop(space, order, executor, goals, timeout, study, progress or Silent(), racing, inherits)
    try:
        _check(n_trials, timeout, batch)
        loop.resume(done)
        loop.progress.begin(goals, n_trials, timeout, loop.history())
        stopped = loop.run()
        loop.progress.end(stopped)
        if study:
            study.forget_running()
    finally:
        executor.close()
        loop.progress.close()
    return History(loop.history(), goals, stopped)


def _check(n_trials: int | None, timeout: float | None, batch: int | None) -> None:
    if n_trials is None and timeout is None:
        raise HypError([search_without_end()])
    if n_trials is not None and n_trials < 1:
        raise HypError([search_setting_invalid("n_trials", n_trials, "a whole number from 1 on")])
    if timeout is not None and not timeout > 0:
        raise HypError([search_setting_invalid("timeout", timeout, "a positive number of seconds")])
    if batch is not None and batch < 1:
        raise HypError([search_setting_invalid("batch", batch, "a whole number from 1 on")])


class _Loop:
    """The state of a search: what is finished and what runs."""

    def __init__(
        self,
        space: Space,
        order: Order,
        executor: Executor,
        goals: Goals,
        timeout: float | None,
        study: Study | None,
        progress: Progress,
        racing: Racing | None,
        inherits: bool,
    ) -> None:
        self.progress = progress
        self._space = space
        self._order = order
        self._executor = executor
        self._goals = goals
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._study = study
        self._finished: dict[int, Trial] = {}
        self._running: dict[int, Trial] = {}
        self._racing = racing
        self._inherits = inherits

    def history(self) -> tuple[Trial, ...]:
        """The finished trials in the order of their numbers."""
        return tuple(trial for _, trial in sorted(self._finished.items()))

    def resume(self, done: Sequence[Trial]) -> None:
        """Take in what is finished already."""
        left: frozenset[int] = frozenset()
        carried: set[int] = set()
        if self._study:
            self._study.forget_running()
            left, records = self._study.left(), self._study.records()
            carried = {record.number for record in records if record.origin is not None}
            done = [record.trial(self._space) for record in records]
        self._finished = {trial.number: trial for trial in done}
        self._order.resume(self.history(), carried, left)

    def run(self) -> Stop:
        with Interrupt() as interrupt:
            while True:
                if interrupt.requested:
                    return Stop.interrupted
                if self._is_late():
                    return Stop.timeout
                if not self._fill(interrupt):
                    continue
                if not self._running:
                    return Stop.exhausted if self._order.exhausted else Stop.trials
                results: list[tuple[int, Evaluation]] = []
                with interrupt.breakable():
                    results = self._executor.wait(self._seconds_left())
                for number, evaluation in results:
                    self._finish(number, evaluation)

    def _seconds_left(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def _is_late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    def _fill(self, interrupt: Interrupt) -> bool:
        """Start trials until the executor is full or there are none to start now; False where that was interrupted."""
        while len(self._running) < self._executor.capacity:
            trial = None
            with interrupt.breakable():  # a searcher may train a network before it proposes
                trial = self._order.next()
            if trial is None:
                return not interrupt.requested
            self._start(replace(trial, started=time.time()))
        return True

    def _start(self, trial: Trial) -> None:
        if self._study:
            self._study.start(trial)
        self._running[trial.number] = trial
        self._order.started(trial)
        self._executor.submit(trial, self._terms(trial))
        self.progress.started(trial)

    def _terms(self, trial: Trial) -> Terms:
        race = self._racing.race() if self._racing and trial.fidelity is None else None
        begins = self._inherits and not trial.earlier
        parent = parent_of(trial.configuration, self.history(), self._goals) if begins else None
        return Terms(race, trial.fidelity, trial.earlier, parent)

    def _finish(self, number: int, evaluation: Evaluation) -> None:
        evaluation = self._measured(evaluation)
        trial = replace(self._running.pop(number), state=evaluation.state, evaluation=evaluation)
        if self._study:
            self._study.finish(trial)
        self._finished[number] = trial
        self._order.finished(trial)
        self.progress.finished(trial)

    def _measured(self, evaluation: Evaluation) -> Evaluation:
        """An evaluation that gives all that the goals ask for; else the failure to do so."""
        if evaluation.failure is not None:
            return evaluation
        missing = [n for n in self._goals.measures if not math.isfinite(evaluation.measures.get(n, math.nan))]
        if not missing:
            return evaluation
        failure = Failure(FailureKind.score, "measure", f"there is no finite {' and no '.join(missing)}")
        return replace(evaluation, score=None, failure=failure)
