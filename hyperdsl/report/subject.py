"""A study as the report sees it: its trials, its space where that compiles, its decisions as columns of values."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError
from hyperdsl.frozen import frozen
from hyperdsl.search.goals import Goals
from hyperdsl.search.tables import StudyInfo, TrialRecord
from hyperdsl.search.trial import State
from hyperdsl.space.brief import brief, short_names

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.space import Decision

MOST_LABELS = 24  # of a choice that are told apart in charts


@frozen(slots=False)
class Subject:
    """What a report is about.

    Parameters
    ----------
    path : str
        Where the study is kept, without a password.
    info : StudyInfo
    records : sequence of TrialRecord
        By number.
    space : HyperSpace or None
        None where its text does not compile here, or is not in the study.
    problem : str
        Why there is no space.
    """

    path: str
    info: StudyInfo
    records: Sequence[TrialRecord]
    space: HyperSpace | None
    problem: str = ""

    @property
    def goals(self) -> Goals:
        return self.info.goals

    @cached_property
    def complete(self) -> list[TrialRecord]:
        return [r for r in self.records if r.state is State.complete]

    @cached_property
    def scored(self) -> list[TrialRecord]:
        """The trials that say something of the score: with one objective also estimates of those given up early."""
        if not self.goals.is_single or self.goals.constraints:
            return self.complete
        return [r for r in self.records if r.evaluation is not None and r.evaluation.score is not None]

    @cached_property
    def failed(self) -> list[TrialRecord]:
        return [r for r in self.records if r.state is State.failed]

    @cached_property
    def best(self) -> TrialRecord | None:
        return self.goals.best(self.records)

    @cached_property
    def front(self) -> tuple[TrialRecord, ...]:
        return () if self.goals.is_single else self.goals.front(self.records)

    @cached_property
    def decisions(self) -> list[Decided]:
        """In table order; from the trials alone where there is no space."""
        if self.space is not None:
            return [Decided.of(d, self.names[d.path], self.records) for d in self.space.decisions]
        return [Decided.seen(path, name, self.records) for path, name in self.names.items()]

    @cached_property
    def names(self) -> dict[str, str]:
        """The short name of each decision."""
        if self.space is not None:
            return short_names(d.path for d in self.space.decisions)
        return short_names(path for record in self.records for path in record.configuration)

    def brief(self, record: TrialRecord) -> str:
        return brief(record.configuration, self.names)

    def ordered(self) -> list[TrialRecord]:
        """The complete trials, the best first."""
        front = {r.number for r in self.front}
        return sorted(self.complete, key=lambda r: (r is not self.best, r.number not in front, self.goals.order(r)))


@frozen(slots=False)
class Decided:
    """One decision and what it came to in each trial.

    Parameters
    ----------
    path, name : str
        Its full and its short name.
    values : tuple
        What trials decided, as configurations show it, in the order of the records; None where it was not made.
    labels : tuple of str
        What values are called, in the order of the space; empty for numbers.
    low, high : float
        Of a number.
    log : bool
    """

    path: str
    name: str
    values: tuple[Any, ...]
    labels: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    log: bool = False

    @property
    def is_number(self) -> bool:
        return not self.labels

    def label(self, value: object) -> str:
        """What a chart calls a value that is no number."""
        found = label_of(value)
        return found if found in self.labels else OTHERS

    @classmethod
    def of(cls, decision: Decision, name: str, records: Sequence[TrialRecord]) -> Decided:
        values = _values(decision.path, records)
        if decision.kind in ("integer", "real") or decision.ordinal:
            bounds = (decision.low, decision.high) if not decision.ordinal else _ends(decision.labels)
            return cls._number(decision.path, name, values, bounds, decision.log)
        if decision.kind == "choice":
            return cls(decision.path, name, values, _first_labels([label_of(v) for v in decision.labels]))
        return cls(decision.path, name, values, _first_labels(_seen_labels(values)))

    @classmethod
    def seen(cls, path: str, name: str, records: Sequence[TrialRecord]) -> Decided:
        """From the trials alone."""
        values = _values(path, records)
        made = [v for v in values if v is not MISSING]
        if made and all(type(v) in (int, float) for v in made):
            return cls._number(path, name, values, (None, None), False)
        return cls(path, name, values, _first_labels(_seen_labels(values)))

    @classmethod
    def _number(cls, path: str, name: str, values: tuple[Any, ...], bounds: tuple[Any, Any], log: bool) -> Decided:
        made = [float(v) for v in values if v is not MISSING] or [0.0]
        low, high = bounds if None not in bounds else (min(made), max(made))
        low, high = min(float(low), *made), max(float(high), *made)
        is_log = low > 0 and (log or high / low >= 1000)
        return cls(path, name, values, (), low, high, is_log)


class _Missing:
    def __repr__(self) -> str:
        return "not made"


MISSING = _Missing()  # None is a value that a choice may have
OTHERS = "others"


def label_of(value: object) -> str:
    """A value as charts write it."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(label_of, value)) or "none of them"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def find_subject(
    study: str | os.PathLike[str], name: str | None = None, revision: int | None = None, allow: Sequence[str] = ()
) -> Subject:
    """Read a study and compile its space; that it does not compile is a fact of the subject.

    Raises
    ------
    HypError
        When there is no such study.
    """
    from hyperdsl.experiment.export import study_space
    from hyperdsl.search.store import Store

    with Store.open(study, "read") as store:
        found = store.study(name, revision)
        path, info, records = store.path, found.info, found.records()
    if not info.space_text:
        return Subject(path, info, records, None, "the study does not hold the text of its space")
    try:
        return Subject(path, info, records, study_space(info, allow))
    except HypError as error:
        first = error.diagnostics[0]
        return Subject(path, info, records, None, f"its text does not compile here: {first.code} {first.message}")


def seconds_in_all(record: TrialRecord) -> float:
    """What a trial took, with its evaluations at less of a fidelity."""
    return math.fsum(e.seconds for e in (*record.earlier, record.evaluation) if e is not None)


def finite_score(record: TrialRecord) -> float:
    """The score of a complete record."""
    assert record.evaluation is not None and record.evaluation.score is not None
    return record.evaluation.score


def _values(path: str, records: Sequence[TrialRecord]) -> tuple[Any, ...]:
    return tuple(record.configuration.get(path, MISSING) for record in records)


def _seen_labels(values: Sequence[Any]) -> list[str]:
    return [label_of(v) for v in values if v is not MISSING]


def _first_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels that are told apart, with one for all others where they are many."""
    different = list(dict.fromkeys(labels))
    if len(different) <= MOST_LABELS:
        return tuple(different) or (OTHERS,)
    return (*different[:MOST_LABELS], OTHERS)


def _ends(labels: Sequence[Any]) -> tuple[float, float]:
    numbers = [float(v) for v in labels]
    return min(numbers), max(numbers)


def seconds_of(facts: Mapping[str, object], name: str) -> float:
    """The sum of a list of seconds among the details of an evaluation; 0 where there is none."""
    found = facts.get(name)
    return math.fsum(float(s) for s in found) if isinstance(found, Sequence) and not isinstance(found, str) else 0.0
