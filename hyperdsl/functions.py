"""``hyperdsl.optimize``: a space, or the text of one, searched for the best input of any Python function."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.search.history import Direction
    from hyperdsl.search.objective import Result
    from hyperdsl.search.progress import Progress


def optimize(
    space: HyperSpace | str,
    objective: Callable[[Any], float],
    direction: Direction = "minimize",
    n_trials: int | None = 100,
    searcher: str = "tpe",
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
    space : HyperSpace or str
        What :func:`hyperdsl.compile` and :func:`hyperdsl.load` give, or the text of a program.
    objective, direction, n_trials, searcher, seed, study, timeout, jobs, catch, trial_timeout, progress
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
    )
