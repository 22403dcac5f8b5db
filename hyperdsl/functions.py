"""``hyperdsl.optimize`` and ``hyperdsl.check_data``: a space, or the text of one, with a function or a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hyperdsl.diagnostics import Diagnostic
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.schema import Task
    from hyperdsl.search.executor import Jobs
    from hyperdsl.search.fidelity import Fidelity
    from hyperdsl.search.goals import Direction
    from hyperdsl.search.objective import Result
    from hyperdsl.search.progress import Mode, Progress


def optimize(
    space: HyperSpace | str,
    objective: Callable[..., Any],
    direction: Direction | Sequence[Direction] | Mapping[str, Direction] = "minimize",
    n_trials: int | None = 100,
    searcher: str = "auto",
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
    space : HyperSpace or str
        What :func:`hyperdsl.compile` and :func:`hyperdsl.load` give, or the text of a program.
    objective, direction, n_trials, searcher, seed, study, timeout, jobs, catch, trial_timeout, progress
        As for :func:`hyperdsl.search.objective.optimize`.
    constraints, batch, fidelity
        As for :func:`hyperdsl.search.objective.optimize`.

    Returns
    -------
    Result
        With ``best_value``, ``best_input``, ``best_config``, ``best_trial`` and ``trials``.

    Raises
    ------
    HypError
        When the text is at fault, the space builds something else than plain data, or no call succeeded.

    Examples
    --------
    >>> import hyperdsl
    >>> result = hyperdsl.optimize("space s = record(x = -5.0..5.0)", lambda v: v["x"] ** 2, n_trials=20)
    >>> result.best_value < 1
    True
    """
    from hyperdsl import driver
    from hyperdsl.search import objective as search

    return search.optimize(
        driver.compile(space) if isinstance(space, str) else space,
        objective,
        direction,
        n_trials,
        searcher,
        seed,
        study,
        timeout,
        jobs,
        catch,
        trial_timeout,
        progress,
        constraints,
        batch,
        fidelity,
    )


def check_data(
    space: HyperSpace | str,
    data: object,
    target: object,
    *,
    task: Task | None = None,
    metric: str | Callable[..., float] | None = None,
    cv: str | int | None = None,
    groups: str | None = None,
    weights: str | None = None,
) -> tuple[Diagnostic, ...]:
    """What would fail, or be of no use, when a space is searched on a table; fits nothing.

    Parameters
    ----------
    space : HyperSpace or str
        What :func:`hyperdsl.compile` and :func:`hyperdsl.load` give, or the text of a program.
    data, target, task, metric, cv, groups, weights
        As for :class:`hyperdsl.Experiment`, which does the same before its first trial.

    Returns
    -------
    tuple of Diagnostic
        Errors are failures that are certain in some configuration; none at all means that no reason to fail is known.

    Examples
    --------
    >>> import hyperdsl
    >>> space = "space s = StandardScaler() >> (Ridge() | Lasso(alpha = 0.1..1.0))"
    >>> hyperdsl.check_data(space, "sklearn:diabetes", "target")
    ()
    """
    from hyperdsl import driver
    from hyperdsl.diagnostics import HypError, Reporter
    from hyperdsl.experiment import Experiment

    reporter = Reporter()
    try:
        compiled = driver.compile(space) if isinstance(space, str) else space
        options: dict[str, Any] = {"task": task, "metric": metric, "cv": cv, "groups": groups, "weights": weights}
        Experiment(compiled, data, target, **options).prepare(reporter)
    except HypError as error:
        for diagnostic in error.diagnostics:
            reporter.add(diagnostic)
    return tuple(reporter.diagnostics)
