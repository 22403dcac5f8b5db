"""Experiments as programs write them: ``experiment NAME { … }``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.diagnostics import experiments as say
from hyperdsl.experiment.arrays import default_target
from hyperdsl.experiment.experiment import Experiment

if TYPE_CHECKING:
    from hyperdsl.settings.reading import Settings

NEEDED = ("data", "target")


def load_experiment(
    path: str | Path,
    name: str | None = None,
    *,
    space: str | None = None,
    allow: Sequence[str] = (),
    root: str | None = None,
    level: int | None = None,
    **arguments: Any,
) -> Experiment:
    """The experiment of a file, ready to run.

    Parameters
    ----------
    path : str or Path
        A ``.hyp`` file.
    name : str, optional
        Which experiment, where the file has several.
    space : str, optional
        Another space of the file than the experiment says.
    allow : sequence of str
        Packages of the user's own that building may import.
    root : str, optional
        The folder below which the file may import files and name tables; its own when None.
    level : {0, 1, 2}, optional
        How hard to optimize; as the experiment says, or 1, when None.
    **arguments
        Of :class:`hyperdsl.Experiment`, in place of what the entries say.

    Raises
    ------
    HypError
        When the file is at fault, has no such experiment, or neither it nor the caller gives data and target.

    Examples
    --------
    >>> import hyperdsl
    >>> experiment = hyperdsl.load_experiment("examples/credit.hyp", n_trials=5)
    >>> experiment.target, experiment.n_trials
    ('Status', 5)
    """
    from hyperdsl.driver import compile_source, find_experiment
    from hyperdsl.syntax.read import read_source

    source, reporter = read_source(path), Reporter()
    settings = find_experiment(source, reporter, name, root=root)
    if settings is None:
        raise HypError([say.no_experiment(str(path))])
    found = with_arguments(settings, arguments)
    missing = missing_arguments(found)
    if missing:
        raise HypError([say.entry_missing(settings.name, missing)])
    compiled = compile_source(
        source,
        reporter,
        space=space or settings.space,
        level=chosen_level(settings, level),
        allow=allow,
        root=root,
    )
    compiled.warnings = tuple(reporter.diagnostics)
    return Experiment(compiled, **found)


def with_arguments(settings: Settings | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an experiment, those of its caller before its own.

    A time limit alone limits no trials; data that are no table have a target without being asked for it.
    """
    found = {**(settings.arguments if settings is not None else {}), **given}
    if found.get("timeout") is not None:
        found.setdefault("n_trials", None)
    if (target := default_target(found.get("data"))) is not None:
        found.setdefault("target", target)
    return found


def missing_arguments(found: Mapping[str, Any]) -> list[str]:
    """What an experiment needs and does not say."""
    return [argument for argument in NEEDED if argument not in found]


def chosen_level(settings: Settings | None, given: int | None) -> int:
    """The level of optimization: the caller's, the experiment's, else 1."""
    written = settings.level if settings is not None else None
    return next((level for level in (given, written) if level is not None), 1)
