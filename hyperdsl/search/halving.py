"""Successive halving: many cheap trials, of which the best go on with more.

A ladder has a rung for each amount of the fidelity. Asynchronous successive halving (Li et al. 2020, MLSys 2, ASHA)
moves a trial up as soon as it is among the best of its rung, one in ``reduction`` of all that have been there, and
begins a new one where there is none to move: no worker waits. Hyperband (Li et al. 2018, JMLR 18) hedges how much the
lower rungs can be trusted: trials are of brackets, which begin on different rungs.

A trial keeps its number on all rungs. The first one is evaluated in full at once, so that there is a result whenever
the search ends. What is next depends on the trials so far alone.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import accumulate
from typing import Any

from hyperdsl.frozen import frozen
from hyperdsl.search.goals import Goals
from hyperdsl.search.order import Learn, OneByOne
from hyperdsl.search.searcher import Searcher
from hyperdsl.search.seeds import derive_seed
from hyperdsl.search.trial import Evaluation, State, Trial
from hyperdsl.space import Space


@frozen
class Ladder:
    """The rungs, and where trials begin.

    Parameters
    ----------
    amounts : tuple of float
        Of each rung, ascending; the last is that of a full trial.
    reduction : float
        One in so many goes on, with so many times more.
    brackets : bool
        Whether some trials begin on higher rungs.
    seed : int
        The study's.
    """

    amounts: tuple[float, ...]
    reduction: float
    brackets: bool
    seed: int

    def amount(self, rung: int) -> float | None:
        """What a trial on a rung is evaluated with; None in full."""
        return None if rung >= len(self.amounts) - 1 else self.amounts[rung]

    def rung_of(self, evaluation: Evaluation) -> int:
        """The rung that an evaluation is on: the last one where it was in full."""
        if evaluation.fidelity is None:
            return len(self.amounts) - 1
        return max(0, bisect_right(self.amounts, evaluation.fidelity * (1 + 1e-9)) - 1)

    def first_rung(self, number: int) -> int:
        """Where a trial begins.

        In brackets rung ``s`` of ``S`` (from 0 on) has Hyperband's share of the trials, in proportion to
        ``reduction ** (S - s) / (S - s + 1)``.
        """
        top = len(self.amounts) - 1
        if number == 0:
            return top
        if not self.brackets:
            return 0
        shares = list(accumulate(self.reduction ** (top - s) / (top - s + 1) for s in range(top + 1)))
        place = derive_seed("bracket", self.seed, number) / 2**63 * shares[-1]
        return min(bisect_right(shares, place), top)

    def on_rung(self, trial: Trial, rung: int) -> Evaluation | None:
        """A trial's evaluation on a rung; one in full counts where it has none of its own."""
        for evaluation in (*trial.earlier, *([trial.evaluation] if trial.evaluation else [])):
            if evaluation.failure is None and self.rung_of(evaluation) == rung:
                return evaluation
        return trial.evaluation if trial.state is State.complete else None


class Halving(OneByOne):
    """The order of a search over a ladder.

    Parameters are those of :class:`Order`, and:

    ladder : Ladder
    goals : Goals
    """

    def __init__(
        self,
        space: Space,
        searcher: Searcher,
        learn: Learn,
        n_trials: int | None,
        ladder: Ladder,
        goals: Goals,
    ) -> None:
        super().__init__(space, searcher, learn, n_trials)
        self._ladder = ladder
        self._goals = goals
        self._trials: dict[int, Trial] = {}
        self._running: set[int] = set()
        self._there: dict[tuple[int, int], dict[int, Trial]] = {}  # by rung and bracket, with what they had there
        self._order: dict[tuple[int, int], list[tuple[Any, ...]]] = {}  # the same, the best first

    def resume(self, finished: Sequence[Trial], carried: AbstractSet[int], left: AbstractSet[int]) -> None:
        super().resume(finished, carried, left)
        for trial in finished:
            self._take(trial)

    def next(self) -> Trial | None:
        going_up = self._promoted()
        if going_up is None:
            new = super().next()
            if new is not None:
                return replace(new, fidelity=self._ladder.amount(self._ladder.first_rung(new.number)))
            going_up = None if self._running else self._last()
        if going_up is None:
            return None
        trial, rung = going_up
        assert trial.evaluation is not None
        return replace(
            trial,
            state=State.running,
            evaluation=None,
            earlier=(*trial.earlier, trial.evaluation),
            fidelity=self._ladder.amount(rung + 1),
        )

    def started(self, trial: Trial) -> None:
        self._running.add(trial.number)
        if not trial.earlier:  # what is known of one that goes up stays known meanwhile
            super().started(trial)

    def finished(self, trial: Trial) -> None:
        self._running.discard(trial.number)
        self._take(trial)
        super().finished(trial)

    def _promoted(self) -> tuple[Trial, int] | None:
        """The trial that goes up next, from the highest rung that has one, and the rung where it is."""
        for rung, first in sorted(self._there, key=lambda place: (-place[0], place[1])):
            many = math.floor(len(self._there[rung, first]) / self._ladder.reduction)
            for number in self._ranked(rung, first)[:many]:
                if self._waits(self._trials[number], rung):
                    return self._trials[number], rung
        return None

    def _take(self, trial: Trial) -> None:
        """Note where a trial has been."""
        self._trials[trial.number] = trial
        for evaluation in (*trial.earlier, trial.evaluation):
            if evaluation is None or evaluation.failure is not None or evaluation.fidelity is None:
                continue
            place = (self._ladder.rung_of(evaluation), self._ladder.first_rung(trial.number))
            there = self._there.setdefault(place, {})
            if trial.number not in there:
                there[trial.number] = replace(trial, evaluation=evaluation)
                insort(self._order.setdefault(place, []), self._goals.order(there[trial.number]))

    def _ranked(self, rung: int, first: int) -> list[int]:
        """The numbers of the trials that have been on a rung of a bracket, the best there first."""
        goals, there = self._goals, self._there[rung, first]
        if goals.is_single:
            return [number for *_, number in self._order[rung, first]]
        from hyperdsl.search.pareto import fronts

        trials = list(there.values())
        ranks = {i: rank for rank, front in enumerate(fronts([goals.losses(t) for t in trials])) for i in front}
        order = sorted(range(len(trials)), key=lambda i: (goals.violation(trials[i]), ranks[i], trials[i].number))
        return [trials[i].number for i in order]

    def _waits(self, trial: Trial, rung: int) -> bool:
        """Whether a trial can go up from a rung."""
        evaluation = trial.evaluation
        return (
            trial.number not in self._running
            and trial.state is State.pruned
            and evaluation is not None
            and evaluation.fidelity is not None
            and self._ladder.rung_of(evaluation) == rung
        )

    def _last(self) -> tuple[Trial, int] | None:
        """The trial that goes up although too few have been on its rung: where none would climb the whole ladder."""
        trials = self._trials.values()
        done = (t.evaluation for t in trials if t.earlier and t.state in (State.complete, State.pruned))
        if any(evaluation is not None and evaluation.fidelity is None for evaluation in done):
            return None
        for rung, first in sorted(self._there, key=lambda place: (-place[0], place[1])):
            for number in self._ranked(rung, first):
                if self._waits(self._trials[number], rung):
                    return self._trials[number], rung
        return None


class HalvingInBatches(Halving):
    """The same, with all evaluations of a batch worked out from what was finished before its first one.

    What goes up and what begins are then the same with any number of workers. A search that was cut off goes through
    its batches again, with the results that are there.
    """

    def __init__(
        self,
        space: Space,
        searcher: Searcher,
        learn: Learn,
        n_trials: int | None,
        ladder: Ladder,
        goals: Goals,
        size: int,
    ) -> None:
        super().__init__(space, searcher, learn, n_trials, ladder, goals)
        self._size = size
        self._given = 0  # of this batch
        self._open: set[int] = set()  # the numbers of those that have no result yet
        self._results: list[Trial] = []
        self._known: dict[int, Trial] = {}  # of an earlier search

    def resume(self, finished: Sequence[Trial], carried: AbstractSet[int], left: AbstractSet[int]) -> None:
        super().resume([trial for trial in finished if trial.number in carried], carried, left)
        self._known = {trial.number: trial for trial in finished if trial.number not in carried}

    def next(self) -> Trial | None:
        while True:
            trial = super().next() if self._given < self._size else None
            if trial is not None:
                done = self._result(trial)
                if done is None:
                    return trial
                self.started(trial)
                self.finished(done)
            elif self._open:
                self._given = self._size
                return None
            elif not self._results:
                return None
            else:
                self._end_batch()

    def started(self, trial: Trial) -> None:
        self._given += 1
        self._open.add(trial.number)
        super().started(trial)

    def finished(self, trial: Trial) -> None:
        self._open.discard(trial.number)
        self._results.append(trial)

    def _end_batch(self) -> None:
        results, self._results, self._given = self._results, [], 0
        for trial in sorted(results, key=lambda t: t.number):
            super().finished(trial)

    def _propose(self, numbers: Sequence[int]) -> list[Trial]:
        known = [self._known[number] for number in numbers if number in self._known]
        began = [Trial(t.number, t.configuration, t.key, State.running) for t in known]
        return began or super()._propose(numbers)

    def _result(self, trial: Trial) -> Trial | None:
        """What an earlier search has found for an evaluation that is due."""
        known = self._known.get(trial.number)
        if known is None:
            return None
        evaluations = (*known.earlier, *([known.evaluation] if known.evaluation else []))
        place = len(trial.earlier)
        if place >= len(evaluations):
            return None
        found = evaluations[place]
        return replace(trial, state=found.state, evaluation=found, fidelity=None)
