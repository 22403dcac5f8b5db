"""Searchers over fidelities: successive halving on top of any other searcher.

Which trials go on is worked out by :mod:`hyperdsl.search.halving`; here is what the searcher beneath is told. Scores of
different fidelities do not compare, so it learns from one rung only: the highest with enough scores (Falkner et al.
2018, ICML 35, BOHB). Of all other trials it knows that they were tried.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypedDict, Unpack

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.search.fidelity import Fidelity
from hyperdsl.search.goals import Goals
from hyperdsl.search.halving import Ladder
from hyperdsl.search.proxy import Proxies
from hyperdsl.search.searcher import Searcher
from hyperdsl.search.searchers.options import number
from hyperdsl.search.trial import State, Trial
from hyperdsl.space import Configuration, Space

LEAST_SCORES = 8  # of a rung that is learned from; and more than there are decisions


class _Options(TypedDict, total=False):
    seed: int
    goals: Goals | None
    reduction: float
    proxies: Proxies | None


class AshaSearcher:
    """Asynchronous successive halving.

    Parameters
    ----------
    base : str, SearcherSpec or callable
        The searcher that proposes configurations, ``"tpe"`` or ``"evolution(population = 20)"``.
    reduction : float
        One trial in so many goes on, with so many times more.
    proxies : mapping of str to Proxy, or None
        For the base.

    Attributes
    ----------
    ladder : Ladder or None
        What trials climb; None before :meth:`climb`.
    """

    brackets = False

    def __init__(
        self,
        space: Space,
        *,
        seed: int = 0,
        goals: Goals | None = None,
        base: Any = "auto",
        reduction: float = 3,
        proxies: Proxies | None = None,
    ) -> None:
        self._space = space
        self._seed = seed
        self._goals = goals or Goals()
        self._base = base
        self._proxies = proxies
        self._reduction = number("reduction", reduction, 1.5)
        self.ladder: Ladder | None = None
        self._trials: dict[int, Trial] = {}
        self._rungs: dict[int, list[int]] = {}  # that each trial has a score on
        self._scores: Counter[int] = Counter()
        self._rung = 0
        self._beneath = self._made()

    def climb(self, fidelity: Fidelity) -> Ladder:
        """The rungs of a fidelity, which trials are on from now on."""
        self.ladder = Ladder(fidelity.rungs(self._reduction), self._reduction, self.brackets, self._seed)
        self._rung = len(self.ladder.amounts) - 1
        return self.ladder

    def propose(self, numbers: Sequence[int]) -> list[Configuration]:
        return self._beneath.propose(numbers)

    def feedback(self, trials: Sequence[Trial]) -> None:
        self._trials |= {trial.number: trial for trial in trials}
        rung = self._best_known(trials)
        if rung != self._rung:
            self._rung, self._beneath = rung, self._made()
            trials = [trial for _, trial in sorted(self._trials.items())]
        self._beneath.feedback([self._seen(trial) for trial in trials])

    def _made(self) -> Searcher:
        from hyperdsl.search.searchers import make_searcher

        made = make_searcher(self._base, self._space, seed=self._seed, goals=self._goals, proxies=self._proxies)
        if isinstance(made, AshaSearcher):
            expected = "a searcher that proposes configurations: halving is on top of it once"
            raise HypError([search_setting_invalid("base", str(self._base), expected)])
        return made

    def _best_known(self, trials: Sequence[Trial]) -> int:
        """The highest rung with enough scores, after these trials; the lowest where none has."""
        ladder = self.ladder
        if ladder is None:
            return 0
        rungs = range(len(ladder.amounts))
        for trial in trials:
            self._scores.subtract(self._rungs.get(trial.number, ()))
            self._rungs[trial.number] = [rung for rung in rungs if ladder.on_rung(trial, rung) is not None]
            self._scores.update(self._rungs[trial.number])
        enough = max(LEAST_SCORES, len(self._space.decisions) + 1)
        return max((rung for rung in rungs if self._scores[rung] >= enough), default=0)

    def _seen(self, trial: Trial) -> Trial:
        """A trial as the searcher beneath is told of it."""
        if self.ladder is None or trial.state in (State.running, State.failed):
            return trial
        evaluation = self.ladder.on_rung(trial, self._rung)
        state = State.pruned if evaluation is None or evaluation.pruned else State.complete
        return replace(trial, state=state, evaluation=evaluation, earlier=(), fidelity=None)


class HyperbandSearcher(AshaSearcher):
    """Hyperband: asynchronous successive halving in brackets, which begin on different rungs.

    Parameters
    ----------
    base, reduction
        As for :class:`AshaSearcher`.
    """

    brackets = True

    def __init__(self, space: Space, *, base: Any = "random", **options: Unpack[_Options]) -> None:
        super().__init__(space, base=base, **options)


class BohbSearcher(AshaSearcher):
    """BOHB: Hyperband whose configurations come from a model of the highest rung with enough scores.

    Parameters
    ----------
    base, reduction
        As for :class:`AshaSearcher`.
    """

    brackets = True

    def __init__(self, space: Space, *, base: Any = "tpe", **options: Unpack[_Options]) -> None:
        super().__init__(space, base=base, **options)
