"""What the folds of an evaluation have given so far."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hyperdsl.search.trial import Evaluation, Failure, FailureKind

if TYPE_CHECKING:
    from hyperdsl.experiment.sharing.steps import Session
    from hyperdsl.search.racing import Race

WARNINGS = 5  # different ones that are kept of a trial


@dataclass(slots=True)
class FoldResults:
    """What the folds have given so far."""

    scores: list[float] = field(default_factory=list)
    fit_seconds: list[float] = field(default_factory=list)
    score_seconds: list[float] = field(default_factory=list)
    rounds: list[int | None] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    measures: dict[str, list[float]] = field(default_factory=dict)
    fits: int = 0
    shared: int = 0
    saved: float = 0.0
    curves: list[Mapping[str, list[float]]] = field(default_factory=list)  # of networks, an item for each epoch
    inherited: Mapping[str, object] | None = None  # what the network began with, of which trial
    limited: bool = False  # whether the configuration would have a model fitted longer

    @classmethod
    def of(cls, evaluation: Evaluation) -> FoldResults:
        """What an evaluation of the first folds has given."""
        facts: Mapping[str, Any] = evaluation.details
        return cls(
            scores=list(evaluation.fold_scores),
            fit_seconds=list(facts["fit_seconds"]),
            score_seconds=list(facts["score_seconds"]),
            rounds=list(facts.get("rounds", [None] * len(evaluation.fold_scores))),
            measures={name: list(values) for name, values in facts.get("measures", {}).items()},
            curves=list(facts.get("curves", ())),
        )

    def scored(self, value: float | Mapping[str, float]) -> None:
        """The score of one fold, with further metrics."""
        score, *others = value.items() if isinstance(value, Mapping) else [("", value)]
        self.scores.append(float(score[1]))
        for name, number in others:
            self.measures.setdefault(name, []).append(float(number))

    def add(self, rounds: int | None, session: Session, fit_seconds: float, score_seconds: float) -> None:
        """What fitting and scoring one fold took, and the rounds of boosting that were kept."""
        self.fit_seconds.append(fit_seconds)
        self.score_seconds.append(score_seconds)
        self.rounds.append(rounds)
        self.warnings.update(session.warned)
        self.fits += session.fits
        self.shared += session.shared
        self.saved += session.saved

    def details(self) -> Mapping[str, object]:
        facts: dict[str, object] = {
            "fit_seconds": [round(s, 4) for s in self.fit_seconds],
            "score_seconds": [round(s, 4) for s in self.score_seconds],
        }
        if any(r is not None for r in self.rounds):
            facts["rounds"] = self.rounds
        if self.curves:
            facts["curves"] = [
                {name: [float(f"{value:.5g}") for value in values] for name, values in curve.items()}
                for curve in self.curves
            ]
        if self.inherited is not None:
            facts["inherited"] = self.inherited
        if self.fits:
            facts["steps"] = {"fits": self.fits, "shared": self.shared, "saved_seconds": round(self.saved, 4)}
        if self.measures:
            facts["measures"] = self.measures
        if self.warnings:
            facts["warnings"] = dict(self.warnings.most_common(WARNINGS))
        return facts

    def evaluation(self, seconds: float, lost: Race | None) -> Evaluation:
        """The result; ``lost`` is the race that ended it early."""
        scores = tuple(self.scores)
        mean = lost.estimate(scores) if lost else math.fsum(scores) / len(scores)
        if math.isfinite(mean):
            measures = {name: math.fsum(values) / len(values) for name, values in self.measures.items()}
            return Evaluation(mean, scores, seconds, self.details(), measures=measures, pruned=lost is not None)
        failure = Failure(FailureKind.score, "score", f"the scores of the folds are {', '.join(map(str, scores))}")
        finite = tuple(s for s in scores if math.isfinite(s))
        return Evaluation(None, finite, seconds, self.details(), failure)
