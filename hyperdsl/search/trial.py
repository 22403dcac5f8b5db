"""Trials: what was tried and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from hyperdsl.frozen import frozen
from hyperdsl.space import Configuration

if TYPE_CHECKING:
    from hyperdsl.search.racing import Race


class State(StrEnum):
    """``running`` trials have been proposed and have no result yet.

    ``pruned`` ones were given up before they were evaluated in full: their score is an estimate, good enough to learn
    from and never the best.
    """

    running = "running"
    complete = "complete"
    failed = "failed"
    pruned = "pruned"


class FailureKind(StrEnum):
    error = "error"  # the code of the trial raised
    timeout = "timeout"  # past its time limit
    memory = "memory"  # out of memory
    crash = "crash"  # the worker process died
    score = "score"  # the score is not a finite number
    loss = "loss"  # the loss of a network is not a finite number


@frozen
class Failure:
    """Why a trial has no score. ``type`` and ``message`` are the exception's; ``where`` its last line of user code."""

    kind: FailureKind
    type: str
    message: str
    traceback: str = ""


@frozen
class Evaluation:
    """What an :class:`Estimator` returns: a score or a failure, and what it cost.

    Parameters
    ----------
    score : float or None
        In the metric's own direction; None exactly when ``failure`` is set.
    fold_scores : tuple of float
        One per fold; ``score`` is their mean, unless it was pruned.
    seconds : float
        Wall time of the evaluation.
    measures : mapping
        Further numbers by name: the other objectives, and what constraints ask for.
    details : mapping
        Further JSON facts, e.g. ``{"fit_seconds": [...], "rounds": [...]}``.
    pruned : bool
        Whether it was given up early; ``score`` is then an estimate, and only the first folds have theirs.
    fidelity : float or None
        The amount of the declared fidelity that it was made with (:mod:`hyperdsl.search.fidelity`), where more would
        change it; None in full.
    """

    score: float | None
    fold_scores: tuple[float, ...] = ()
    seconds: float = 0.0
    details: Mapping[str, object] = field(default_factory=dict)
    failure: Failure | None = None
    measures: Mapping[str, float] = field(default_factory=dict)
    pruned: bool = False
    fidelity: float | None = None

    @property
    def state(self) -> State:
        """What a trial that ended with it is."""
        if self.failure is not None:
            return State.failed
        return State.pruned if self.pruned or self.fidelity is not None else State.complete


@frozen
class Trial:
    """One numbered configuration of a study.

    Parameters
    ----------
    evaluation : Evaluation or None
        The last one that has ended.
    earlier : tuple of Evaluation
        Those before it, with less of the fidelity.
    fidelity : float or None
        What a running trial is evaluated with; None in full.
    """

    number: int
    configuration: Configuration
    key: str
    state: State
    evaluation: Evaluation | None = None
    started: float = 0.0  # seconds since the epoch
    earlier: tuple[Evaluation, ...] = ()
    fidelity: float | None = None

    @property
    def has_score(self) -> bool:
        """Whether it has one, be it an estimate."""
        return self.evaluation is not None and self.evaluation.score is not None


@frozen
class Parent:
    """A trial that another one takes weights from."""

    number: int
    configuration: Configuration


@frozen
class Terms:
    """What a trial runs under beside its configuration and the study's seed.

    Parameters
    ----------
    race : Race or None
        What it is up against; None runs all folds.
    fidelity : float or None
        What it is evaluated with; None in full.
    earlier : tuple of Evaluation
        With less of the fidelity.
    parent : Parent or None
        What it begins from; None begins anew.
    """

    race: Race | None = None
    fidelity: float | None = None
    earlier: tuple[Evaluation, ...] = ()
    parent: Parent | None = None

    def options(self) -> dict[str, Any]:
        """Arguments for :meth:`Estimator.evaluate`: those that differ from its defaults."""
        given = {
            "race": self.race,
            "fidelity": self.fidelity,
            "earlier": self.earlier or None,
            "parent": self.parent,
        }
        return {name: value for name, value in given.items() if value is not None}


IN_FULL = Terms()


class Estimator(Protocol):
    """Fits and scores one configuration. It is pickled once into each worker process.

    It returns failures, it does not raise them. One that is searched with ``racing=True`` takes ``race: Race | None``
    too, and asks it after each fold. One that is searched with a fidelity is given an amount of it, unless it is to
    evaluate in full, and says in its evaluation with which it did; it takes ``earlier: Sequence[Evaluation]`` too,
    those with less, to go on from. One that is searched with ``inherit=True`` takes ``parent: Parent`` too.
    """

    def evaluate(self, configuration: Configuration, *, seed: int, fidelity: float = 1.0) -> Evaluation: ...
