"""Reads the distributions of a study from an SQLite file of Optuna.

Optuna stores distributions with each trial, and nothing of why a parameter was not asked for. Where one is missing in
some trials, another parameter whose values tell exactly when is taken for its condition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hyperdsl.diagnostics import HypError, exchange
from hyperdsl.exchange.foreign import CannotImport, ForeignSpace, Parameter, Test, choice, number
from hyperdsl.exchange.values import scalar

MAGIC = b"SQLite format 3\x00"


def read_optuna(path: str, study: str | None, space: ForeignSpace) -> Iterator[tuple[str, str]]:
    """Fill a space; yields the parameters that cannot be read, and why.

    Raises
    ------
    HypError
        The file holds no study, several of which none was named, or no trials.
    """
    name, trials = _trials(path, study)
    space.name = name
    space.origin += f", study {name}, {len(trials)} trials"
    found: dict[str, list[Any]] = {}
    for trial in trials:
        for parameter, distribution in sorted(trial.distributions.items()):  # the database has no order
            found.setdefault(parameter, []).append(distribution)
    for parameter, distributions in found.items():
        try:
            active = _condition(parameter, trials, found)
            if active is None:
                space.lost.append((f"the condition of `{parameter}`", "no other parameter tells when it is active"))
            space.parameters.append(Parameter(parameter, _domain(parameter, distributions, space), active or ()))
        except CannotImport as problem:
            yield parameter, str(problem)


def _trials(path: str, study: str | None) -> tuple[str, list[Any]]:
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    try:
        storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
        studies = optuna.study.get_all_study_names(storage)
        if study not in studies and (study is not None or len(studies) != 1):
            raise HypError([exchange.no_study(path, studies)])
        name = study or studies[0]
        trials = optuna.load_study(study_name=name, storage=storage).get_trials(deepcopy=False)
    except (SQLAlchemyError, RuntimeError) as problem:
        raise HypError([exchange.unknown_format(path)]) from problem
    trials = [trial for trial in trials if trial.distributions]
    if not trials:
        raise HypError([exchange.empty_study(path, name)])
    return name, trials


def _domain(name: str, distributions: Sequence[Any], space: ForeignSpace) -> str:
    last = distributions[-1]
    if hasattr(last, "choices"):
        return choice([scalar(v) for v in last.choices])
    ends = {(d.low, d.high, d.log, d.step) for d in distributions if not hasattr(d, "choices")}
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    if len(ends) > 1:
        space.lost.append((f"the changing range of `{name}`", f"{low}..{high} covers all of it"))
    return number(low, high, last.log, last.step)


def _condition(name: str, trials: Sequence[Any], found: dict[str, list[Any]]) -> tuple[tuple[Test, ...], ...] | None:
    """The other parameter that tells when this one is there; () for always, None when none does."""
    present = [t for t in trials if name in t.params]
    absent = [t for t in trials if name not in t.params]
    if not absent:
        return ()
    best: tuple[int, str, tuple[Any, ...]] | None = None
    for other, distributions in found.items():
        if other == name or not hasattr(distributions[-1], "choices"):
            continue
        if not all(other in t.params for t in present):
            continue
        values = [t.params[other] for t in present]
        if any(t.params[other] in values for t in absent if other in t.params):
            continue
        if all(v in values for v in distributions[-1].choices):
            continue  # it is there in the same trials, and tells no more than its own condition
        if best is None or len(distributions) < best[0]:
            choices = distributions[-1].choices
            best = (len(distributions), other, tuple(v for v in choices if v in values))
    return ((Test(best[1], "in", best[2]),),) if best is not None else None
