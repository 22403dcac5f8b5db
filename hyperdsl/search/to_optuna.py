"""A study as one of Optuna's, for its dashboard and analyses.

Decisions become parameters by their paths, those that are not active in a trial are not in it. A parameter has one
distribution in all trials: where ends depend on other decisions, those that any trial can reach. Subsets and
permutations are categories, as texts.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import event

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.output import cannot_write
from hyperdsl.diagnostics.studies import optuna_file_exists
from hyperdsl.search.goals import Goals
from hyperdsl.search.tables import StudyInfo, TrialRecord
from hyperdsl.search.trial import Evaluation, State
from hyperdsl.space import Decision, Space

_STATES = {
    State.complete: TrialState.COMPLETE,
    State.failed: TrialState.FAIL,
    State.pruned: TrialState.PRUNED,
}


def export_to_optuna(
    space: Space, info: StudyInfo, records: Sequence[TrialRecord], path: str | os.PathLike[str]
) -> int:
    """Write the trials that have ended into a new SQLite file of Optuna's.

    Parameters
    ----------
    space : Space
        The study's.
    info : StudyInfo
    records : sequence of TrialRecord
    path : path
        A file that is not there yet.

    Returns
    -------
    int
        How many trials were written.

    Raises
    ------
    HypError
        When the file exists or cannot be written.
    """
    path = Path(path)
    if path.exists():
        raise HypError([optuna_file_exists(str(path))])
    ended = [record for record in records if record.state in _STATES]
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.unlink(missing_ok=True)
        _write(partial, space, info, ended)
        os.replace(partial, path)
    except OSError as error:
        raise HypError([cannot_write(str(path), error.strerror or str(error))]) from error
    finally:
        partial.unlink(missing_ok=True)
    return len(ended)


def _write(path: Path, space: Space, info: StudyInfo, records: Sequence[TrialRecord]) -> None:
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path.touch()  # where that is not allowed the reason is a plain one
    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            # The file is of no use before it is complete, so the disk need not be waited for.
            event.listen(storage.engine, "connect", lambda driver, _: driver.execute("PRAGMA synchronous = OFF"))
            storage.engine.dispose()
            goals = info.goals
            study = optuna.create_study(
                storage=storage, study_name=info.name, directions=[o.direction for o in goals.objectives]
            )
            study.set_metric_names(_metric_names(info))
            for name, value in _facts(info).items():
                study.set_user_attr(name, value)
            axes = _axes(space, records)
            study.add_trials(_trial(record, axes, goals) for record in records)
    finally:
        storage.remove_session()
        storage.engine.dispose()
        optuna.logging.set_verbosity(verbosity)


def _metric_names(info: StudyInfo) -> list[str]:
    first, *others = info.goals.objectives
    return [str(info.settings.get("metric") or first.name), *(o.name for o in others)]


def _facts(info: StudyInfo) -> dict[str, Any]:
    facts = {"space": info.space_text, "metric": info.metric, "seed": info.seed}
    settings = {name: info.settings.get(name) for name in ("data", "target", "task", "cv", "searcher")}
    return {name: value for name, value in (facts | settings).items() if value not in ("", None)}


class _Axis:
    """A parameter: its distribution, and its values for Optuna."""

    def __init__(self, decision: Decision, values: Sequence[Any]) -> None:
        self._is_text = decision.kind in ("subset", "permutation") or not _are_distinct(decision.labels)
        if decision.kind in ("integer", "real"):
            self.distribution = _range(decision, values)
            return
        options = values if decision.kind in ("subset", "permutation") else decision.labels
        self.distribution = CategoricalDistribution(list(dict.fromkeys(self.value(option) for option in options)))

    def value(self, value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False) if self._is_text else value


def _are_distinct(labels: Sequence[Any]) -> bool:
    """Whether Optuna, for which ``1``, ``1.0`` and ``True`` are equal, tells alternatives apart."""
    return len(set(labels)) == len(labels)


def _range(decision: Decision, values: Sequence[Any]) -> BaseDistribution:
    low = min(values, default=0) if decision.low is None else min([decision.low, *values])
    high = max(values, default=low) if decision.high is None else max([decision.high, *values])
    step = None if decision.dependent else decision.step
    if decision.kind == "integer":
        whole = int(step or 1)
        return IntDistribution(int(low), int(high), log=decision.log and low > 0 and whole == 1, step=whole)
    if decision.log and low > 0:
        return FloatDistribution(float(low), float(high), log=True)
    return FloatDistribution(float(low), float(high), step=None if step is None else float(step))


def _axes(space: Space, records: Iterable[TrialRecord]) -> dict[str, _Axis]:
    """The parameters of all decisions that some trial has made."""
    values: dict[str, list[Any]] = {}
    for record in records:
        for path, value in record.configuration.items():
            values.setdefault(path, []).append(value)
    return {d.path: _Axis(d, values[d.path]) for d in space.decisions if d.path in values}


def _trial(record: TrialRecord, axes: Mapping[str, _Axis], goals: Goals) -> FrozenTrial:
    evaluation = record.evaluation
    assert evaluation is not None
    state = _STATES[record.state]
    complete = state is TrialState.COMPLETE
    trial = optuna.create_trial(
        state=state,
        values=list(goals.values(record)) if complete else None,
        params={path: axes[path].value(value) for path, value in record.configuration.items()},
        distributions={path: axes[path].distribution for path in record.configuration},
        user_attrs=_attributes(record, evaluation),
        intermediate_values=dict(enumerate(evaluation.fold_scores)) if state is TrialState.PRUNED else None,
        constraints={str(c): c.violation(goals.value(record, c.name)) for c in goals.constraints} if complete else None,
    )
    trial.datetime_start = datetime.fromtimestamp(record.started)
    trial.datetime_complete = trial.datetime_start + timedelta(seconds=evaluation.seconds)
    return trial


def _attributes(record: TrialRecord, evaluation: Evaluation) -> dict[str, Any]:
    facts: dict[str, Any] = {"trial": record.number, "key": record.key, "seconds": evaluation.seconds}
    facts |= {"fold_scores": list(evaluation.fold_scores)} if evaluation.fold_scores else {}
    facts |= dict(evaluation.measures)
    if evaluation.pruned:
        facts["estimate"] = evaluation.score
    if evaluation.failure is not None:
        failure = evaluation.failure
        facts |= {"failure": failure.kind.value, "error": f"{failure.type}: {failure.message}"}
        facts |= {"traceback": failure.traceback} if failure.traceback else {}
    return facts | {f"details.{name}": value for name, value in evaluation.details.items()}
