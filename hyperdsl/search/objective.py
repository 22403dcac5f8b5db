"""Searching the inputs of any Python function."""

from __future__ import annotations

import numbers
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import objective_space_not_plain
from hyperdsl.frozen import frozen
from hyperdsl.ir.plan import Call, DictPlan, ListPlan, Symbol, Value
from hyperdsl.search.executor import Jobs
from hyperdsl.search.fidelity import Fidelity
from hyperdsl.search.goals import Direction, Goals, find_goals
from hyperdsl.search.history import History, Stop, score_of
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.progress import Mode, Progress
from hyperdsl.search.searchers import SearcherFactory
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, Trial
from hyperdsl.space import Configuration, Space

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace


Returned = Any  # a number, a tuple with one for each objective, or numbers by name


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
        """What the objective returned for the best trial; of several objectives the first."""
        return score_of(self.best_trial)

    def _repr_html_(self) -> str:
        """For notebooks: the best value and what it was found at."""
        from hyperdsl.markup import Html, join, table
        from hyperdsl.search.units import shown

        goals, best = self.history.goals, self.best_trial
        facts = [(f"best {o.name}", shown(o.name, goals.value(best, o.name))) for o in goals.objectives]
        facts.append(("trials", f"{len(self.trials):,}, the best is number {best.number}"))
        return join(table(facts), Html(best.configuration._repr_html_()))

    @property
    def front(self) -> tuple[Trial, ...]:
        """The trials that no other one beats in all objectives, by number."""
        return self.history.front()

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

    def __init__(
        self,
        space: Space,
        objective: Callable[..., Returned],
        goals: Goals | None = None,
        fidelity: Fidelity | None = None,
    ) -> None:
        self._fidelity = fidelity
        self._space = space
        self._objective = objective
        self._goals = goals or Goals()

    def evaluate(
        self,
        configuration: Configuration,
        *,
        seed: int,
        fidelity: float | None = None,
        earlier: Sequence[Evaluation] = (),
    ) -> Evaluation:
        value = plain_value(self._space, configuration)
        options: dict[str, float] = {}
        if self._fidelity is not None:
            amount = self._fidelity.high if fidelity is None else fidelity
            options["fidelity"] = int(amount) if self._fidelity.is_whole else amount
        start = time.perf_counter()
        returned: object = self._objective(value, **options)
        seconds = time.perf_counter() - start
        given = _by_name(returned, self._goals)
        wrong = next((v for v in given.values() if not isinstance(v, numbers.Real)), None)
        missing = [
            name for name in (*(o.name for o in self._goals.objectives), *self._goals.measures) if name not in given
        ]
        if wrong is not None or missing or not given:
            what = f"the objective returned {returned!r}, which is {_expected(self._goals)}"
            return Evaluation(None, seconds=seconds, failure=Failure(FailureKind.score, type(returned).__name__, what))
        measured = {name: float(value) for name, value in given.items()}  # type: ignore[arg-type]
        score = measured.pop(self._goals.objectives[0].name)
        return Evaluation(score, seconds=seconds, measures=measured, fidelity=fidelity)


def _by_name(returned: object, goals: Goals) -> Mapping[str, object]:
    """The numbers that an objective returned: one, one for each objective, or by name."""
    if isinstance(returned, Mapping):
        return returned
    values = list(returned) if isinstance(returned, (tuple, list)) else [returned]
    names = [o.name for o in goals.objectives]
    return dict(zip(names, values, strict=True)) if len(values) == len(names) else {}


def _expected(goals: Goals) -> str:
    names = [*(o.name for o in goals.objectives), *goals.measures]
    if len(names) == 1:
        return "not a number"
    return f"not a number for each of {', '.join(names)}; return a dict of them"


def optimize(
    space: HyperSpace | Space,
    objective: Callable[..., Returned],
    direction: Direction | Sequence[Direction] | Mapping[str, Direction] = "minimize",
    n_trials: int | None = 100,
    searcher: str | SearcherFactory = "auto",
    seed: int = 0,
    study: str | os.PathLike[str] | None = None,
    timeout: float | None = None,
    jobs: Jobs = 1,
    catch: bool = True,
    trial_timeout: float | None = None,
    progress: Progress | Mode | None = None,
    constraints: Sequence[str] = (),
    batch: int | None = None,
    fidelity: str | Fidelity | None = None,
) -> Result:
    """Search a space of plain data for the value at which a function is least, or greatest.

    Parameters
    ----------
    space : HyperSpace or Space
        A space of records, lists, numbers and strings.
    objective : callable
        Takes what a configuration builds (for ``record(...)`` a dict) and returns a number.
    direction : {"minimize", "maximize"}, a sequence of them, or a mapping
        What is looked for. With several the objective returns a tuple with a number for each, or, by their names,
        a dict; the best is then the knee of the Pareto front.
    n_trials : int or None
        How many calls, those that the study already has included; None for no limit but ``timeout``.
    searcher, seed, jobs, trial_timeout, progress, batch
        As for :class:`HyperModel`.
    study : path or None
        A study file: calls are recorded there, and the same call goes on where it was stopped.
    timeout : float or None
        Seconds for this call.
    constraints : sequence of str
        Bounds of numbers that the objective returns by name, such as ``"size <= 100"``.
    catch : bool
        Whether an exception of the objective is recorded and the search goes on; else it is raised.
    fidelity : str, Fidelity or None
        What a cheap call has less of, ``"epochs=1..81"``: the objective is called with an amount of it as its argument
        ``fidelity``, and again with more where it was among the best. The searcher ``"asha"``, ``"hyperband"`` or
        ``"bohb"`` says which; under any other it is ``asha``.

    Returns
    -------
    Result
        After Ctrl-C too: with what was found until then.

    Raises
    ------
    HypError
        When the space builds something else than plain data, or no call succeeded.
    """
    goals, declared = find_goals(direction, constraints), Fidelity.of(fidelity)
    model = HyperModel(
        space,
        ObjectiveEstimator(space if isinstance(space, Space) else space.space, objective, goals, declared),
        searcher,
        goals,
        study,
        jobs,
        trial_timeout=trial_timeout,
        seed=seed,
        progress=progress,
        catch=catch,
        batch=batch,
        fidelity=declared,
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
