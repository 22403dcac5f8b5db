"""What is told of a run: to its scripts, how the evaluation is repeated; to its study, how the search was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hyperdsl.backends.base import EarlyStopping, Holdout, ScriptFacts
from hyperdsl.experiment.arrays import INPUT
from hyperdsl.experiment.fitting import libraries_of
from hyperdsl.experiment.model import installed_versions

if TYPE_CHECKING:
    from hyperdsl.experiment.data import Data
    from hyperdsl.experiment.experiment import Experiment, Prepared
    from hyperdsl.experiment.metrics import Metric
    from hyperdsl.experiment.splits import Split
    from hyperdsl.hyperspace import HyperSpace


def script_facts(
    space: HyperSpace,
    data: Data,
    target: str,
    metric: Metric,
    split: Split,
    holdout: Holdout | None,
    stopping: EarlyStopping | None,
    threads: int,
    seed: int,
    weights: str | None,
) -> ScriptFacts | None:
    """How a script repeats the evaluation; None where it cannot.

    It cannot where data or metric came as objects, where images have groups, weights or no target for some rows, nor
    where a scorer of the user's own is to see labels and some model takes numbered classes only.
    """
    source = data.table.source
    sees_labels = metric.kind == "scorer" and data.encoded
    has_arrays = bool(data.schema.shape)
    if has_arrays and (data.groups is not None or weights is not None or len(data.y) < len(data.table.frame)):
        return None
    if source is None or not metric.scorer or (sees_labels and "xgboost" in libraries_of(space.graph)):
        return None
    left_out = {str(c) for c in data.table.frame.columns} - {*map(str, data.schema.names), target}
    left_out = set() if has_arrays else left_out - {weights}
    return ScriptFacts(
        data=source,
        target=target,
        task=data.task,
        scorer=metric.scorer,
        splitter=split.splitter,
        splitter_options=split.options,
        seed=seed,
        reader_options=data.table.reader_options,
        astype=data.astype,
        drop=(*data.table.drop, *sorted(left_out - {data.groups_column})),
        groups=data.groups_column if split.grouped else None,
        holdout=holdout,
        early_stopping=stopping,
        sign=metric.sign if metric.own is None else 1,
        scorer_kind=metric.kind,
        labels=metric.labels,
        encode_target=data.encoded and not sees_labels,
        threads=threads,
        weights=weights,
        scores_weighted=weights is not None and metric.takes_weights,
        input=INPUT if has_arrays else None,
    )


def study_settings(experiment: Experiment, prepared: Prepared) -> Mapping[str, object]:
    """The facts that a study keeps for people, for its scripts, and for repeating the search."""
    from hyperdsl.experiment.export import facts_to_json, file_name

    space = experiment.space
    return {
        "root": space.root,
        "file": file_name(space),
        "level": space.level,
        "data": prepared.train.table.name,
        "target": prepared.train.schema.target,
        "task": prepared.train.task,
        "metric": prepared.metric.name,
        "cv": prepared.split.text,
        "threads": prepared.estimator.threads,
        "racing": experiment.racing,
        "inherit": experiment.inherit,
        "weights": experiment.weights,
        "jobs": experiment.jobs,
        "timeout": experiment.timeout,
        "trial_timeout": experiment.trial_timeout,
        "trial_memory": experiment.trial_memory,
        "versions": installed_versions(),
        "schema": prepared.train.schema.to_json(),
        "rows": prepared.rows,
        "facts": None if prepared.facts is None else facts_to_json(prepared.facts),
    }
