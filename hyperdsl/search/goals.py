"""What a search is after: objectives to improve and constraints to keep."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Protocol, TypeVar

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.frozen import frozen
from hyperdsl.search.trial import Evaluation, State
from hyperdsl.search.units import UNITS, shown

Direction = Literal["maximize", "minimize"]

SCORE = "score"  # the name of the first objective's value where it has none of its own

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

_CONSTRAINT = re.compile(r"\s*(\S+?)\s*(<=|>=|<|>)\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(\S*)\s*")


class Tried(Protocol):
    """A trial, also one read from a study without its space."""

    @property
    def number(self) -> int: ...

    @property
    def state(self) -> State: ...

    @property
    def evaluation(self) -> Evaluation | None: ...


T = TypeVar("T", bound=Tried)


@frozen
class Objective:
    """One number to improve.

    Parameters
    ----------
    name : str
        Names the value among an evaluation's measures; the first objective's value is its score.
    direction : {"maximize", "minimize"}
    """

    name: str = SCORE
    direction: Direction = "maximize"

    @property
    def sign(self) -> int:
        """1 where less is better."""
        return 1 if self.direction == "minimize" else -1


@frozen
class Constraint:
    """A bound that a measure must keep: what breaks it is never the best as long as anything keeps it.

    Parameters
    ----------
    name : str
        Of the measure; an objective's name sets a threshold to it.
    operator : {"<", "<=", ">", ">="}
    bound : float
    """

    name: str
    operator: str
    bound: float

    @classmethod
    def parse(cls, text: str) -> Constraint:
        """``predict_time < 5 ms``, ``accuracy >= 0.9``; units are those of ``UNITS``.

        Raises
        ------
        ValueError
            Where it reads otherwise.
        """
        match = _CONSTRAINT.fullmatch(text)
        if match is None or match[4] not in ("", *UNITS):
            raise ValueError(text)
        return cls(match[1], match[2], float(match[3]) * UNITS.get(match[4], 1.0))

    def violation(self, value: float) -> float:
        """0 where it is kept, else by how much it is broken, relative to the bound where that is not 0."""
        if _OPERATORS[self.operator](value, self.bound):
            return 0.0
        return max(abs(value - self.bound) / (abs(self.bound) or 1.0), 1e-12)

    def __str__(self) -> str:
        return f"{self.name} {self.operator} {self.bound:g}"

    @property
    def words(self) -> str:
        """For people: costs with their unit, ``model_size < 1 MB``."""
        return f"{self.name} {self.operator} {shown(self.name, self.bound)}"

    def to_json(self) -> dict[str, object]:
        return {"name": self.name, "operator": self.operator, "bound": self.bound}


@frozen
class Goals:
    """Objectives, the first being the score, and constraints.

    Better is: to keep the constraints; where both break them, to break them less; then the objectives. Of several
    objectives none is more important: what no other trial beats in all of them is the Pareto front, and the one that
    is chosen of it is its knee (:func:`hyperdsl.search.pareto.knee`).
    """

    objectives: tuple[Objective, ...] = (Objective(),)
    constraints: tuple[Constraint, ...] = ()

    @classmethod
    def of(cls, goals: Goals | Direction | Sequence[Direction] | Mapping[str, Direction]) -> Goals:
        """One direction, several, or directions by the names of objectives."""
        if isinstance(goals, Goals):
            return goals
        if isinstance(goals, str):
            return cls((Objective(direction=goals),))
        if isinstance(goals, Mapping):
            return cls(tuple(Objective(name, direction) for name, direction in goals.items()))
        names = [SCORE, *(f"{SCORE}_{n}" for n in range(1, len(goals)))]
        return cls(tuple(Objective(name, direction) for name, direction in zip(names, goals, strict=True)))

    @property
    def is_single(self) -> bool:
        return len(self.objectives) == 1

    @property
    def direction(self) -> Direction:
        """The direction of the score."""
        return self.objectives[0].direction

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of all numbers that an evaluation must give, beside its score."""
        names = [o.name for o in self.objectives[1:]] + [c.name for c in self.constraints]
        return tuple(dict.fromkeys(n for n in names if n not in (self.objectives[0].name, SCORE)))

    def value(self, trial: Tried, name: str) -> float:
        """A measure of a trial with a score, as the estimator gave it."""
        assert trial.evaluation is not None and trial.evaluation.score is not None
        if name in (self.objectives[0].name, SCORE):
            return trial.evaluation.score
        return trial.evaluation.measures[name]

    def values(self, trial: Tried) -> tuple[float, ...]:
        """The objectives of a complete trial, in their own directions."""
        return tuple(self.value(trial, o.name) for o in self.objectives)

    def losses(self, trial: Tried) -> tuple[float, ...]:
        """The objectives of a complete trial, turned so that less is better."""
        return tuple(o.sign * self.value(trial, o.name) for o in self.objectives)

    def violation(self, trial: Tried) -> float:
        """By how much a complete trial breaks the constraints, in all; 0 where it keeps them."""
        return sum(c.violation(self.value(trial, c.name)) for c in self.constraints)

    def order(self, trial: Tried) -> tuple[Any, ...]:
        """A key that sorts the better complete trial first: one objective, or the first of several; ties by number."""
        return (self.violation(trial), self.losses(trial)[0], trial.number)

    def is_better(self, trial: Tried, than: Tried) -> bool:
        """Whether a complete trial beats another; with several objectives: dominates it."""
        if self.is_single:
            return self.order(trial) < self.order(than)
        return self.dominates(trial, than)

    def dominates(self, trial: Tried, other: Tried) -> bool:
        """Constrained domination (Deb et al. 2002, IEEE Trans. Evol. Comput. 6): less violation, else Pareto."""
        broken, others = self.violation(trial), self.violation(other)
        if broken or others:
            return broken < others
        return dominates(self.losses(trial), self.losses(other))

    def front(self, trials: Iterable[T]) -> tuple[T, ...]:
        """The complete trials that no other dominates, by number; of equal ones the first."""
        complete = [t for t in trials if t.state is State.complete]
        if not complete:
            return ()
        least = min(self.violation(t) for t in complete)
        kept: dict[tuple[float, ...], T] = {}
        for trial in sorted((t for t in complete if self.violation(t) == least), key=lambda t: t.number):
            kept.setdefault(self.losses(trial), trial)
        from hyperdsl.search.pareto import non_dominated

        losses = list(kept)
        return tuple(sorted((kept[losses[i]] for i in non_dominated(losses)), key=lambda t: t.number))

    def added(self, front: tuple[T, ...], trial: T) -> tuple[T, ...]:
        """The front of the trials of a front and one more complete trial; the same object where that adds nothing."""
        if any(self._replaces(other, trial) for other in front):
            return front
        kept = [other for other in front if not self._replaces(trial, other)]
        return tuple(sorted((*kept, trial), key=lambda t: t.number))

    def _replaces(self, trial: Tried, other: Tried) -> bool:
        """Whether a trial keeps another one out of the front; of equal ones the first does."""
        broken, others = self.violation(trial), self.violation(other)
        if broken != others:
            return broken < others
        ours, theirs = self.losses(trial), self.losses(other)
        return trial.number < other.number if ours == theirs else dominates(ours, theirs)

    def best(self, trials: Iterable[T]) -> T | None:
        """The best complete trial; of several objectives the knee of their front. None where none is complete."""
        if self.is_single:
            return min((t for t in trials if t.state is State.complete), key=self.order, default=None)
        from hyperdsl.search.pareto import knee

        front = self.front(trials)
        return front[knee([self.losses(t) for t in front])] if front else None

    def text(self) -> str:
        """What :meth:`parse` reads back: the direction alone where that says all."""
        if self == Goals.of(self.direction):
            return self.direction
        return json.dumps(self.to_json(), ensure_ascii=False)

    @classmethod
    def parse(cls, text: str) -> Goals:
        return cls.of(text) if text in ("maximize", "minimize") else cls.from_json(json.loads(text))  # type: ignore[arg-type]

    def to_json(self) -> dict[str, object]:
        return {
            "objectives": [{"name": o.name, "direction": o.direction} for o in self.objectives],
            "constraints": [c.to_json() for c in self.constraints],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Goals:
        return cls(
            tuple(Objective(**o) for o in data["objectives"]), tuple(Constraint(**c) for c in data["constraints"])
        )


def dominates(a: Sequence[float], b: Sequence[float]) -> bool:
    """Whether losses ``a`` are nowhere worse than ``b`` and somewhere better."""
    return all(x <= y for x, y in zip(a, b, strict=True)) and any(x < y for x, y in zip(a, b, strict=True))


def find_goals(
    direction: Direction | Sequence[Direction] | Mapping[str, Direction] | Goals,
    constraints: Sequence[str | Constraint] = (),
) -> Goals:
    """The goals that are meant.

    Raises
    ------
    HypError
        Where a direction or a constraint is none.
    """
    goals = Goals.of(direction)
    try:
        more = tuple(c if isinstance(c, Constraint) else Constraint.parse(c) for c in constraints)
    except ValueError as error:
        expected = f"a bound such as `predict_time < 5 ms`; units are {', '.join(UNITS)}"
        raise HypError([search_setting_invalid("constraint", str(error), expected)]) from error
    goals = replace(goals, constraints=(*goals.constraints, *more))
    for objective in goals.objectives:
        if objective.direction not in ("maximize", "minimize"):
            raise HypError([search_setting_invalid("direction", objective.direction, '"maximize" or "minimize"')])
    return goals
