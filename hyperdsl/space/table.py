"""The decision table: one row a decision; and configurations, which assign its active rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from hyperdsl.frozen import frozen
from hyperdsl.ir.domain import Code, Combinations, Domain
from hyperdsl.ir.ops import Scalar


@frozen
class Decision:
    """One row.

    Parameters
    ----------
    index : int
        Its position in the table.
    path : str
        Its readable name, unique in the space.
    kind : str
        ``choice``, ``integer``, ``real``, ``subset`` or ``permutation``.
    labels : tuple
        Of a choice, subset or permutation: what configurations call the alternatives or items.
    weights : tuple of int
        Of a choice: the prior.
    ordinal : bool
        A choice among numbers.
    low, high : number or None
        Bounds of a number over all assignments; None for normal distributions.
    log : bool
        Whether the prior is uniform in the logarithm.
    step : number or None
        Of a number with finitely many values.
    default : code
        What ``default()`` takes, as far as the decisions before it allow.
    dependent : bool
        Whether its domain depends on other decisions; ``low``, ``high`` and ``size`` are then those of the hull.
    size : int or None
        Number of values, None where it is continuous.
    line : int or None
        The line of the program that it stands in.
    """

    index: int
    path: str
    kind: str
    labels: tuple[Scalar, ...] = ()
    weights: tuple[int, ...] = ()
    ordinal: bool = False
    low: float | int | None = None
    high: float | int | None = None
    log: bool = False
    step: float | int | None = None
    default: Code | None = None
    dependent: bool = False
    size: int | None = None
    line: int | None = None

    def to_json(self, code: Code) -> Any:
        """A code as configurations show it."""
        if self.kind == "choice":
            assert isinstance(code, int)
            return self.labels[code]
        if isinstance(code, tuple):
            return [self.labels[i] for i in code]
        return code

    def from_json(self, value: Any) -> Code | None:
        """The code of a shown value, None where there is none; whether it is admissible now is another question."""
        if self.kind == "choice":
            return _position(self.labels, value)
        if self.kind in ("subset", "permutation"):
            positions = [_position(self.labels, v) for v in value] if isinstance(value, (list, tuple)) else [None]
            return None if any(p is None for p in positions) else tuple(positions)  # type: ignore[arg-type]
        if self.kind == "integer":
            return value if type(value) is int else None
        return float(value) if type(value) in (int, float) else None


def _position(labels: tuple[Scalar, ...], value: object) -> int | None:
    for position, label in enumerate(labels):
        if type(label) is type(value) and label == value:
            return position
    return None


class Configuration(Mapping[str, Any]):
    """A point of a space: a mapping from paths to JSON values over the active decisions, in table order.

    Attributes
    ----------
    codes : tuple
        One code per decision, None where inactive.
    """

    __slots__ = ("codes", "decisions")

    def __init__(self, decisions: tuple[Decision, ...], codes: tuple[Code | None, ...]) -> None:
        self.decisions = decisions
        self.codes = codes

    def __getitem__(self, path: str) -> Any:
        for decision, code in zip(self.decisions, self.codes, strict=True):
            if decision.path == path and code is not None:
                return decision.to_json(code)
        raise KeyError(path)

    def __iter__(self) -> Iterator[str]:
        return (d.path for d, c in zip(self.decisions, self.codes, strict=True) if c is not None)

    def __len__(self) -> int:
        return sum(c is not None for c in self.codes)

    def to_json(self) -> dict[str, Any]:
        """``{path: value}`` of the active decisions."""
        return {d.path: d.to_json(c) for d, c in zip(self.decisions, self.codes, strict=True) if c is not None}

    def assignment(self) -> dict[str, Code]:
        """``{path: code}`` of the active decisions."""
        return {d.path: c for d, c in zip(self.decisions, self.codes, strict=True) if c is not None}

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Configuration):
            same_space = self.decisions is other.decisions or self.decisions == other.decisions
            return self.codes == other.codes and same_space
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.codes)

    def __repr__(self) -> str:
        return f"Configuration({self.to_json()!r})"

    def _repr_html_(self) -> str:
        """For notebooks: the active decisions as a table."""
        from hyperdsl.markup import table

        return table([(path, json.dumps(value, ensure_ascii=False)) for path, value in self.items()])

    def __reduce__(self) -> tuple[Any, ...]:
        return Configuration, (self.decisions, self.codes)


@frozen
class Count:
    """How many configurations a space has.

    Parameters
    ----------
    exact : bool
        Whether ``configurations`` is known.
    configurations : int or None
        Distinct assignments of active decisions, each continuous range counted as one point.
    continuous : int
        How many continuous ranges the space has.
    at_least, at_most : int or None
        Proven bounds where it is not exact.
    estimate : int or None
        An estimate where it is not exact.
    interval : (int, int) or None
        The ends of the estimate's 95 % interval.
    reason : str
        Why it is not exact.
    """

    exact: bool
    configurations: int | None
    continuous: int
    at_least: int | None = None
    at_most: int | None = None
    estimate: int | None = None
    interval: tuple[int, int] | None = None
    reason: str = ""


def describe(decision: Decision, domain: Domain | None = None) -> str:
    """What a decision takes, in words."""
    if decision.kind == "choice":
        shown = ", ".join(repr(label) for label in decision.labels[:8])
        return f"one of {shown}" + (", …" if len(decision.labels) > 8 else "")
    if decision.kind == "subset":
        count = f"{domain.count} of " if isinstance(domain, Combinations) else "some of "
        return f"a list of {count}{', '.join(map(repr, decision.labels))}, in this order"
    if decision.kind == "permutation":
        return f"a list of {', '.join(map(repr, decision.labels))} in any order"
    noun = "a whole number" if decision.kind == "integer" else "a number"
    low = getattr(domain, "low", decision.low)
    high = getattr(domain, "high", decision.high)
    if low is None:
        return noun
    step = f" in steps of {decision.step}" if decision.step not in (None, 1) else ""
    return f"{noun} in {low}..{high}{step}"
