"""Evaluations as plain JSON data: for the store, and from worker processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hyperdsl.search.trial import Evaluation, Failure, FailureKind


def evaluation_to_data(evaluation: Evaluation) -> dict[str, Any]:
    """What :func:`data_to_evaluation` reads back equal, as long as ``details`` holds JSON facts."""
    return {
        "score": evaluation.score,
        "fold_scores": [float(score) for score in evaluation.fold_scores],
        "seconds": float(evaluation.seconds),
        "details": {str(key): _plain(value) for key, value in evaluation.details.items()},
        "failure": asdict(evaluation.failure) if evaluation.failure else None,
        "measures": {str(name): float(value) for name, value in evaluation.measures.items()},
        "pruned": evaluation.pruned,
        "fidelity": evaluation.fidelity,
    }


def data_to_evaluation(data: Mapping[str, Any]) -> Evaluation:
    """The inverse of :func:`evaluation_to_data`."""
    failure = data["failure"]
    return Evaluation(
        score=data["score"],
        fold_scores=tuple(data["fold_scores"]),
        seconds=data["seconds"],
        details=data["details"],
        failure=Failure(**{**failure, "kind": FailureKind(failure["kind"])}) if failure else None,
        measures=data.get("measures", {}),
        pruned=data.get("pruned", False),
        fidelity=data.get("fidelity"),
    )


def _plain(value: object) -> object:
    """JSON data; NumPy's scalars and arrays become numbers and lists, what is neither its text."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return str(value)
