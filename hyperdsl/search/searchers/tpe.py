"""Tree-structured Parzen estimators: Optuna's, asked through its ask and tell."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.trial import TrialState, create_trial

from hyperdsl.ir.domain import Code, Domain
from hyperdsl.search.goals import Goals
from hyperdsl.search.searchers.axes import Axis, make_axis
from hyperdsl.search.searchers.base import Common
from hyperdsl.search.searchers.novelty import Known, Tried, draw_from_prior, first_new
from hyperdsl.search.seeds import derive_seed
from hyperdsl.search.trial import State, Trial
from hyperdsl.space import Configuration, Decision, Space

# Draws from the model before known configurations are avoided by drawing from the prior: where the model is sure of
# itself, more of its draws would be known too.
MODEL_DRAWS = 5


class TpeOptions(Common, total=False):
    startup: int


class TpeSearcher:
    """Proposes where scores have been good: multivariate TPE, conditional decisions modelled in their groups.

    An in-memory Optuna study mirrors the history in the order of the trials' numbers. Each proposal comes from a new
    sampler, seeded with (study seed, trial number), so it depends on the history alone. Running trials take part as
    running ones, which Optuna counts as bad (its constant liar), so that parallel proposals keep apart.

    A trial without a score is told as pruned: Optuna ranks those below every score, so the model avoids the place.
    Its state FAIL would be ignored, and the same failure proposed over and over; a made-up worst score would change
    with the history.

    Parameters
    ----------
    space : Space
        What to propose from.
    seed : int
        The study's seed.
    goals : Goals or None
        What is good: one objective or several, with constraints; None is a score to maximize.
    first_default : bool
        Whether trial 0 is the space's default configuration.
    startup : int
        Draws from the prior until so many trials have scores (10 is Optuna's default too).
    """

    def __init__(
        self,
        space: Space,
        *,
        seed: int = 0,
        goals: Goals | None = None,
        first_default: bool = True,
        startup: int = 10,
    ) -> None:
        self.space = space
        self._seed = seed
        self._goals = goals or Goals()
        self._first_default = first_default
        self._startup = startup
        self._history: dict[int, Trial] = {}
        self._assumed: dict[int, Trial] = {}  # proposed earlier in the same batch
        self._keys = Tried()
        self._axes: dict[int, Axis] = {}
        self._mirror = _Mirror(self._goals, self.sampler)

    def propose(self, numbers: Sequence[int]) -> list[Configuration]:
        batch: set[str] = set()
        known = Known(self._keys, batch)
        proposals: list[Configuration] = []
        for number in numbers:
            draw = partial(self._draw, number)
            proposal = first_new(self.space, draw, known, seed=self._seed, number=number)
            if proposal is None:
                break
            key = self.space.key(proposal)
            batch.add(key)
            proposals.append(proposal)
            if number != numbers[-1]:
                self._assumed[number] = Trial(number, proposal, key, State.running)
                self._show(self._assumed[number])
        self._mirror.forget(self._assumed, last=max(self._history, default=-1))
        self._assumed = {}
        return proposals

    def feedback(self, trials: Sequence[Trial]) -> None:
        for trial in trials:
            self._keys.take(trial)
            self._history[trial.number] = trial
            self._show(trial)

    def _draw(self, number: int, attempt: int) -> Configuration:
        if number == 0 and attempt == 0 and self._first_default:
            return self.space.default()
        scores = sum(trial.has_score for trial in self._history.values())
        if attempt >= MODEL_DRAWS or scores < self._startup:
            return draw_from_prior(self.space, seed=self._seed, number=number, attempt=attempt)
        with self._mirror.ask(derive_seed("tpe", self._seed, number, attempt)) as trial:
            return self.space.decide(lambda d, domain: self._axis(d, domain).suggest(trial, d.path, domain))

    def _show(self, trial: Trial) -> None:
        """Let the mirror see a trial; from the start again where the order of the numbers asks for it."""
        if self._mirror.takes(trial.number):
            self._add(trial)
            return
        self._mirror = _Mirror(self._goals, self.sampler)
        for _, shown in sorted({**self._history, **self._assumed}.items()):
            self._add(shown)

    def _add(self, trial: Trial) -> None:
        """Tell the mirror a trial with its configuration as Optuna's parameters."""
        made = self.parameters(trial)
        values = {path: value for path, (_, value) in made.items()}
        self._mirror.add(trial, values, {path: axis.distribution for path, (axis, _) in made.items()})

    def sampler(self, seed: int) -> BaseSampler:
        """What Optuna is asked through."""
        return optuna.samplers.TPESampler(seed=seed, n_startup_trials=1, multivariate=True, group=True)

    def parameters(self, trial: Trial) -> dict[str, tuple[Axis, object]]:
        """What Optuna is told of a trial, by path: the axis of each decision and its value there."""
        made: dict[str, tuple[Axis, object]] = {}

        def replay(decision: Decision, domain: Domain) -> Code:
            axis = self._axis(decision, domain)
            code = trial.configuration.codes[decision.index]
            assert code is not None
            made[decision.path] = (axis, axis.encode(domain, code))
            return code

        self.space.decide(replay)
        return made

    def make_axis(self, decision: Decision, domain: Domain) -> Axis:
        """How a decision looks to Optuna."""
        return make_axis(decision, domain)

    def _axis(self, decision: Decision, domain: Domain) -> Axis:
        if decision.index not in self._axes:
            self._axes[decision.index] = self.make_axis(decision, domain)
        return self._axes[decision.index]


class _Mirror:
    """An Optuna study in memory that holds the history in ascending order of the trials' numbers."""

    def __init__(self, goals: Goals, sampler: Callable[[int], BaseSampler]) -> None:
        self._goals = goals
        self._sampler = sampler
        with _quiet():
            self._study = optuna.create_study(directions=[o.direction for o in goals.objectives])
        self._size = 0
        self._last = -1
        self._running: dict[int, int] = {}  # a trial's number and Optuna's

    def takes(self, number: int) -> bool:
        """Whether a trial of this number can be told without starting again."""
        return number > self._last or number in self._running

    def add(self, trial: Trial, values: dict[str, Any], distributions: dict[str, BaseDistribution]) -> None:
        state = _optuna_state(trial)
        told = list(self._goals.values(trial)) if trial.has_score else None
        broken = {"broken": self._goals.violation(trial)} if trial.has_score and self._goals.constraints else {}
        if trial.number in self._running:
            if trial.state is not State.running:
                self._end(self._running.pop(trial.number), told, state, broken)
            return
        self._study.add_trial(
            create_trial(
                state=state, values=told, params=values, distributions=distributions, constraints=broken or None
            )
        )
        if trial.state is State.running:
            self._running[trial.number] = self._size
        self._size += 1
        self._last = trial.number

    def _end(self, number: int, told: list[float] | None, state: TrialState, broken: dict[str, float]) -> None:
        """Tell the end of the trial that Optuna has under a number; ``broken`` is what it breaks of the constraints."""
        if broken:
            running = self._study.get_trials(deepcopy=False)[number]
            for name, value in broken.items():
                optuna.trial.Trial(self._study, running._trial_id).set_constraint(name, value)
        self._study.tell(number, told, state)

    def forget(self, assumed: Iterable[int], last: int) -> None:
        """Take back running trials that were only assumed; ``last`` is the highest number of the others."""
        for number in assumed:
            self._study.tell(self._running.pop(number), state=TrialState.FAIL)
        self._last = last

    @contextmanager
    def ask(self, seed: int) -> Iterator[optuna.Trial]:
        """A trial to take suggestions from, from a new sampler; the study ignores it afterwards."""
        with _quiet():
            self._study.sampler = self._sampler(seed % 2**32)
            trial = self._study.ask()
            self._size += 1
            try:
                yield trial
            finally:
                self._study.tell(trial, state=TrialState.FAIL)


def _optuna_state(trial: Trial) -> TrialState:
    if trial.state is State.running:
        return TrialState.RUNNING
    return TrialState.COMPLETE if trial.has_score else TrialState.PRUNED


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Optuna's notices on new studies and experimental arguments; its settings are left as they were."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)
