"""Searching the inputs of any Python function."""

from __future__ import annotations

import numbers
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import objective_space_not_plain
from hyperdsl.frozen import frozen
from hyperdsl.ir.plan import Call, DictPlan, ListPlan, Symbol, Value
from hyperdsl.search.history import Direction, History, Stop, score_of
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.progress import Progress
from hyperdsl.search.searchers import SearcherFactory
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, Trial
from hyperdsl.space import Configuration, Space

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace


@frozen
class Result:
    """What :func:`optimize` found."""

    space: Space
    history: History

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The finished trials, by number."""
        return self.history.trials

    @property
    def stopped(self) -> Stop:
        """Why the search ended."""
        return self.history.stopped

    @property
    def best_trial(self) -> Trial:
        """The trial with the best value; HypError when none has one."""
        return self.history.best()

    @property
    def best_value(self) -> float:
        """What the objective returned for the best trial."""
        return score_of(self.best_trial)

    @property
    def best_config(self) -> Configuration:
        """The best trial's decisions, by path."""
        return self.best_trial.configuration

    @property
    def best_input(self) -> Any:
        """What the objective was called with in the best trial."""
        return plain_value(self.space, self.best_config)


class ObjectiveEstimator:
    """Scores a configuration by calling a function with the plain value that it builds.

    Exceptions of the function pass through; the executor records them.
    """

    def __init__(self, space: Space, objective: Callable[[Any], float]) -> None:
        self._space = space
        self._objective = objective

    def evaluate(self, configuration: Configuration, *, seed: int, fidelity: float = 1.0) -> Evaluation:
        value = plain_value(self._space, configuration)
        start = time.perf_counter()
        score: object = self._objective(value)
        seconds = time.perf_counter() - start
        if not isinstance(score, numbers.Real):
            what = f"the objective returned {score!r}, which is not a number"
            return Evaluation(None, seconds=seconds, failure=Failure(FailureKind.score, type(score).__name__, what))
        return Evaluation(float(score), seconds=seconds)


def optimize(
    space: HyperSpace | Space,
    objective: Callable[[Any], float],
    direction: Direction = "minimize",
    n_trials: int | None = 100,
    searcher: str | SearcherFactory = "tpe",
    seed: int = 0,
    study: str | os.PathLike[str] | None = None,
    timeout: float | None = None,
    jobs: int = 1,
    catch: bool = True,
    trial_timeout: float | None = None,
    progress: Progress | None = None,
) -> Result:
    """Search a space of plain data for the value at which a function is least, or greatest.

    Parameters
    ----------
    space : HyperSpace or Space
        A space of records, lists, numbers and strings.
    objective : callable
        Takes what a configuration builds (for ``record(...)`` a dict) and returns a number.
    direction : {"minimize", "maximize"}
        What is looked for.
    n_trials : int or None
        How many calls, those that the study already has included; None for no limit but ``timeout``.
    searcher, seed, jobs, trial_timeout, progress
        As for :class:`HyperModel`.
    study : path or None
        A study file: calls are recorded there, and the same call goes on where it was stopped.
    timeout : float or None
        Seconds for this call.
    catch : bool
        Whether an exception of the objective is recorded and the search goes on; else it is raised.

    Returns
    -------
    Result
        After Ctrl-C too: with what was found until then.

    Raises
    ------
    HypError
        When the space builds something else than plain data, or no call succeeded.
    """
    model = HyperModel(
        space,
        ObjectiveEstimator(space if isinstance(space, Space) else space.space, objective),
        searcher,
        direction,
        study,
        jobs,
        trial_timeout=trial_timeout,
        seed=seed,
        progress=progress,
        catch=catch,
    )
    plain_value(model.space, model.space.default())
    history = model.search(n_trials, timeout)
    if history.stopped is not Stop.interrupted:
        history.best()
    return Result(model.space, history)


def plain_value(space: Space, configuration: Configuration) -> Any:
    """The Python value that a configuration of a space of plain data builds.

    Raises
    ------
    HypError
        When it holds a module.
    """
    return _plain(space.plan(configuration))


def _plain(value: Value) -> Any:
    match value:
        case ListPlan(items=items):
            return [_plain(item) for item in items]
        case DictPlan(items=items):
            return {key: _plain(item) for key, item in items}
        case tuple():
            return tuple(_plain(item) for item in value)
        case int() | float() | str() | None:
            return value
        case Call(path=path) | Symbol(path=path):
            raise HypError([objective_space_not_plain(path)])
    raise HypError([objective_space_not_plain("a pipeline")])
