"""What the module of a space needs at run time: decisions; copied like :mod:`.domains`."""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any

from hyperdsl.backends.space_module.domains import (
    Choice,
    Integer,
    Normal,
    Permutation,
    Real,
    SteppedReal,
    Subset,
    position,
)
from hyperdsl.backends.space_module.wiring import ABSENT, Inactive

DECISIONS: list[dict[str, Any]] = []
KINDS: dict[str, Any] = {
    "choice": Choice,
    "integer": Integer,
    "real": Real,
    "stepped": SteppedReal,
    "normal": Normal,
    "subset": Subset,
    "permutation": Permutation,
}
ROWS: dict[str, int] = {}


def domain_of(path: str, ends: dict[str, Any]) -> Any:
    """What a decision may be; ``ends`` are those that depend on other decisions."""
    row = DECISIONS[ROWS[path]]
    fields = {**row, **ends}
    for name in ("path", "kind", "dependent"):
        fields.pop(name, None)
    return KINDS[row["kind"]](**fields)


class Decisions:
    """The decisions of one configuration, each made when it is first asked for.

    ``decide(path, domain)`` makes them: it reads, draws or takes the default.
    """

    def __init__(self, decide: Callable[[str, Any], Any], data: Any = None) -> None:
        self.decide = decide
        self.values: dict[str, Any] = {}
        self.seed: int | None = None
        self.facts: Mapping[str, int] = data or {}
        self.results: dict[Any, Any] = {}
        self.conditions: list[Callable[[Any], Any]] = []

    def __getitem__(self, path: str) -> Any:
        """The value of a decision."""
        return self.decided(path)

    def between(self, path: str, low: float, high: float) -> Any:
        """A number whose ends depend on other decisions."""
        if low > high:
            raise ValueError(f"{path}: the range {low}..{high} is empty")
        return self.decided(path, low=low, high=high)

    def normal(self, path: str, mean: float, deviation: float) -> Any:
        """A normal number that depends on other decisions."""
        return self.decided(path, mean=mean, deviation=deviation)

    def subset(self, path: str, count: int) -> Any:
        """A subset whose size depends on other decisions."""
        return self.decided(path, count=count)

    def decided(self, path: str, **ends: Any) -> Any:
        if path not in self.values:
            if path not in ROWS:
                raise Inactive  # nothing but conditions reads it
            self.values[path] = self.decide(path, domain_of(path, ends))
        return self.values[path]

    def once(self, function: Callable[..., Any], *at: str) -> Any:
        """The result of a function that is called in several places."""
        key = (function, *at)
        if key not in self.results:
            self.results[key] = function(self, *at)
        return self.results[key]

    def under(self, value: Any, *conditions: Callable[[Any], Any]) -> Any:
        """A value whose configuration must hold to conditions once everything is decided."""
        self.conditions += conditions
        return value

    def violated(self) -> list[str]:
        """The conditions that are false; one that reads what is not decided says nothing."""
        self.decide = not_active
        false = [c for c in dict.fromkeys(self.conditions) if is_false(c, self)]
        return [str(condition.__doc__) for condition in false]

    def fact(self, name: str) -> int:
        """What only the data tells."""
        if name not in self.facts:
            raise ValueError(f"this needs data={{'{name}': ...}}")
        return self.facts[name]

    def config(self) -> dict[str, Any]:
        """What was decided, in the order of the table."""
        return {path: self.values[path] for path in ROWS if path in self.values}


def not_active(path: str, domain: Any) -> Any:
    """Decides nothing any more: conditions only read."""
    raise Inactive


def is_false(condition: Callable[[Decisions], Any], d: Decisions) -> bool:
    """Whether a condition is known not to hold."""
    try:
        value = condition(d)
    except Inactive:
        return False
    return value is not ABSENT and not value


def label_place(path: str, label: Any) -> int:
    """Where a label stands in the table."""
    return position(DECISIONS[ROWS[path]]["labels"], label)


def reader(config: Mapping[str, Any]) -> Callable[[str, Any], Any]:
    """Decides as a configuration says."""
    for path in config:
        if path not in ROWS:
            raise ValueError(f"{path} is no decision of this space")

    def read(path: str, domain: Any) -> Any:
        if path not in config:
            raise ValueError(f"{path} is missing")
        try:
            return domain.read(config[path])
        except ValueError as problem:
            raise ValueError(f"{path}: {problem}") from None

    return read


ANY_DATA: Mapping[str, int] = {"classes": 2, "features": 2, "rows": 2}


def drawer(units: list[float]) -> Callable[[str, Any], Any]:
    """Decides by numbers in [0, 1), one for each row."""
    return lambda path, domain: domain.draw(units[ROWS[path]])


def take_default(path: str, domain: Any) -> Any:
    """Decides for what a space begins with."""
    return domain.initial()


STATES: list[Any] = []


def follower(units: list[float]) -> Callable[[str, Any], Any]:
    """Decides by numbers in [0, 1), as the conditions allow.

    An item of STATES decides: ``(path, values, edges, next items)``, where the shares of the values end at the edges,
    or ``(path, ends, next item)`` for a range between ends; or it is a list of items that are independent.
    """
    values: dict[str, Any] = {}
    pending = [0]
    while pending:
        state = STATES[pending.pop()]
        if isinstance(state, list):
            pending += reversed(state)
            continue
        path = state[0]
        u = units[ROWS[path]]
        if len(state) == 4:
            rank = bisect_right(state[2], u)
            values[path] = state[1][rank]
            pending.append(state[3][rank])
        else:
            low, high = state[1]
            values[path] = domain_of(path, {"low": low, "high": high}).draw(u)
            pending.append(state[2])

    def follow(path: str, domain: Any) -> Any:
        return values[path] if path in values else domain.draw(units[ROWS[path]])

    return follow


def check_conditions(violated: list[str]) -> None:
    """Refuse a configuration that violates conditions."""
    if violated:
        raise ValueError(f"this configuration violates {' and '.join(violated)}")


def check_all_used(config: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Refuse a configuration with values that nothing asked for."""
    for path in config:
        if path not in values:
            raise ValueError(f"{path} decides nothing beside the other values")
