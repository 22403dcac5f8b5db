"""The space small of small.hyp, line 6, made by hyperdsl 0.1.0.

    config = sample(numpy.random.default_rng(0))
    pipeline = build(config)

A config says {path: value} for each decision that the others leave open. DECISIONS
lists all of them, default() gives the config to begin with.

build(config, seed=1) seeds all steps that draw random numbers, alike. hyperdsl
itself gives each step a seed of its own, so its scores differ a little.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

# fmt: off
DECISIONS = [
    {"path": "small", "kind": "choice", "labels": ["a", "b"], "weights": [1, 1], "default": "a"},
    {"path": "small.a.scaled?", "kind": "choice", "labels": [True, False], "weights": [1, 1], "default": True},
    {"path": "small.a.scaled", "kind": "choice", "labels": ["StandardScaler", "MinMaxScaler"], "weights": [1, 1], "default": "StandardScaler"},
    {"path": "depth", "kind": "integer", "low": 2, "high": 8, "default": 5},
    {"path": "small.a.scaled.x.forest.RandomForestClassifier.max_leaf_nodes", "kind": "integer", "low": 2, "high": 256, "dependent": True},
    {"path": "small.b.scaled?", "kind": "choice", "labels": [True, False], "weights": [1, 1], "default": True},
    {"path": "small.b.scaled", "kind": "choice", "labels": ["StandardScaler", "MinMaxScaler"], "weights": [1, 1], "default": "StandardScaler"},
    {"path": "small.b.scaled.x.linear.LogisticRegression.C", "kind": "real", "low": 0.001, "high": 10.0, "log": True, "default": 0.1},
    {"path": "small.b.scaled.x.linear.LogisticRegression.l1_ratio?", "kind": "choice", "labels": [True, False], "weights": [1, 1], "default": True},
    {"path": "small.b.scaled.x.linear.LogisticRegression.l1_ratio", "kind": "real", "low": 0.0, "high": 1.0, "default": 0.5},
]
# fmt: on
ROWS = {row["path"]: number for number, row in enumerate(DECISIONS)}


def small(d):
    """small (small.hyp:6)."""
    choice = d["small"]
    if choice == "a":
        return scaled(d)
    return scaled_2(d)


def scaled(d):
    """scaled (small.hyp:2)."""
    return pipeline(optional_scaled(d, "small.a.scaled"), forest(d))


def optional_scaled(d, at):
    """Taken or left out (small.hyp:2)."""
    if d[f"{at}?"]:
        return scaled_choice(d, at)
    return ABSENT


def scaled_choice(d, at):
    """One of 2 (small.hyp:2)."""
    choice = d[at]
    if choice == "StandardScaler":
        return StandardScaler()
    return MinMaxScaler()


def forest(d):
    """forest (small.hyp:4)."""
    depth = d["depth"]
    return RandomForestClassifier(
        max_depth=depth,
        max_leaf_nodes=d.between(
            "small.a.scaled.x.forest.RandomForestClassifier.max_leaf_nodes",
            2,
            pow(2, depth),
        ),
        random_state=d.seed,
    )


def scaled_2(d):
    """scaled (small.hyp:2)."""
    return pipeline(optional_scaled(d, "small.b.scaled"), linear(d))


def linear(d):
    """linear (small.hyp:5)."""
    return LogisticRegression(
        C=d["small.b.scaled.x.linear.LogisticRegression.C"],
        solver="saga",
        random_state=d.seed,
        **given(l1_ratio=optional_l1_ratio(d)),
    )


def optional_l1_ratio(d):
    """Taken or left out (small.hyp:5)."""
    if d["small.b.scaled.x.linear.LogisticRegression.l1_ratio?"]:
        return d["small.b.scaled.x.linear.LogisticRegression.l1_ratio"]
    return ABSENT


def build(config, seed=None):
    """The unfitted pipeline of a config; ValueError when the config is no point of the space."""
    d = Decisions(reader(config))
    d.seed = seed
    result = small(d)
    check_all_used(config, d.values)
    return result


def sample(rng):
    """A config drawn with a NumPy generator.

    ``hyperdsl sample --seed 7`` draws with ``Generator(Philox(7))``.
    """
    d = Decisions(drawer(rng.random(len(DECISIONS)).tolist()))
    small(d)
    return d.config()


def default():
    """The config to begin with."""
    d = Decisions(take_default)
    small(d)
    return d.config()


def position(labels: list[Any], value: Any) -> int:
    """Where a label stands; 1, 1.0 and True are different labels."""
    for index, label in enumerate(labels):
        if type(label) is type(value) and label == value:
            return index
    raise ValueError(f"{value!r} is none of {labels}")


@dataclass(frozen=True)
class Choice:
    """One of some labels, with integer weights."""

    labels: list[Any]
    weights: list[int]
    default: Any

    def read(self, value: Any) -> Any:
        return self.labels[position(self.labels, value)]

    def draw(self, u: float) -> Any:
        whole = sum(self.weights)
        edges = [weight / whole for weight in accumulate(self.weights)]
        return self.labels[bisect_right(edges[:-1], u)]

    def initial(self) -> Any:
        return self.default


@dataclass(frozen=True)
class Integer:
    """``low, low + step, … <= high``, all alike or, when ``log``, like their logarithms.

    The members up to ``k`` weigh ``round(2**40 * ln((k + step/2) / max(low - step/2, low/2)))``.
    """

    low: int
    high: int
    log: bool = False
    step: int = 1
    default: int | None = None

    @property
    def size(self) -> int:
        return (self.high - self.low) // self.step + 1

    def read(self, value: Any) -> int:
        is_inside = type(value) is int and self.low <= value <= self.high
        if is_inside and (value - self.low) % self.step == 0:
            return int(value)
        steps = f" in steps of {self.step}" if self.step != 1 else ""
        among = f"{self.low}..{self.high}{steps}"
        raise ValueError(f"{value!r} is no whole number in {among}")

    def weight(self, rank: int) -> int:
        """The weight of all members up to the one at ``rank``."""
        above = self.low + rank * self.step + self.step / 2
        return round(2**40 * math.log(above / self.edge))

    @property
    def edge(self) -> float:
        """Where the weight of the first member begins."""
        return max(self.low - self.step / 2, self.low / 2)

    def draw(self, u: float) -> int:
        if not self.log:
            share = u if self.size < 2**53 else Fraction(u)
            return self.low + self.step * int(share * self.size)
        target = u * self.weight(self.size - 1)
        rank, last = 0, self.size - 1
        while rank < last:  # to the first whose weight exceeds the target
            middle = (rank + last) // 2
            if self.weight(middle) <= target:
                rank = middle + 1
            else:
                last = middle
        return self.low + self.step * rank

    def initial(self) -> int:
        """The default, or else the (log) middle."""
        if self.default is not None:
            near = min(max(self.default, self.low), self.high)
            return near - (near - self.low) % self.step
        product, mean = self.low * self.high, (self.low + self.high) / 2
        middle = math.sqrt(product) if self.log else mean
        rank = self.size // 2
        if abs(middle) < 2**52:
            rank = math.floor((middle - self.low) / self.step + 0.5)
        return self.low + self.step * min(max(rank, 0), self.size - 1)


@dataclass(frozen=True)
class Real:
    """All numbers from ``low`` to ``high``, evenly or, when ``log``, by logarithm."""

    low: float
    high: float
    log: bool = False
    default: float | None = None

    def read(self, value: Any) -> float:
        if type(value) in (int, float) and self.low <= value <= self.high:
            return float(value)
        raise ValueError(f"{value!r} is no number in {self.low}..{self.high}")

    def draw(self, u: float) -> float:
        low, high = float(self.low), float(self.high)
        value = low + u * (high - low)
        if self.log:
            span = math.log(high) - math.log(low)
            value = float(np.exp(math.log(low) + u * span))
        return min(max(value, low), high)

    def initial(self) -> float:
        """The default, or else the (log) middle to three digits."""
        middle = self.default
        if middle is None:
            middle = (self.low + self.high) / 2
            if self.log:
                middle = math.sqrt(self.low * self.high)
            middle = float(f"{middle:.3g}")
        return float(min(max(middle, self.low), self.high))


KINDS = {
    "choice": Choice,
    "integer": Integer,
    "real": Real,
}


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

    def __getitem__(self, path: str) -> Any:
        """The value of a decision."""
        return self.decided(path)

    def between(self, path: str, low: float, high: float) -> Any:
        """A number whose ends depend on other decisions."""
        if low > high:
            raise ValueError(f"{path}: the range {low}..{high} is empty")
        return self.decided(path, low=low, high=high)

    def decided(self, path: str, **ends: Any) -> Any:
        if path not in self.values:
            if path not in ROWS:
                raise Inactive  # nothing but conditions reads it
            self.values[path] = self.decide(path, domain_of(path, ends))
        return self.values[path]

    def config(self) -> dict[str, Any]:
        """What was decided, in the order of the table."""
        return {path: self.values[path] for path in ROWS if path in self.values}


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


def drawer(units: list[float]) -> Callable[[str, Any], Any]:
    """Decides by numbers in [0, 1), one for each row."""
    return lambda path, domain: domain.draw(units[ROWS[path]])


def take_default(path: str, domain: Any) -> Any:
    """Decides for what a space begins with."""
    return domain.initial()


def check_all_used(config: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Refuse a configuration with values that nothing asked for."""
    for path in config:
        if path not in values:
            raise ValueError(f"{path} decides nothing beside the other values")


ABSENT: Any = object()  # a part or an argument that is left out


class Inactive(Exception):
    """A condition asks for a decision that this configuration does not make."""


def same(left: Any, right: Any) -> bool:
    """Python's equality, except that truth values equal no numbers."""
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def item(values: Any, position: Any) -> Any:
    """An item of a list, where it has one there."""
    return values[position] if -len(values) <= position < len(values) else ABSENT


def among(value: Any, values: Any) -> bool:
    """``in``, where truth values equal no numbers."""
    if isinstance(values, str):
        return value in values
    return any(same(value, other) for other in values)


class Sequence(list[Any]):
    """Steps that a longer sequence takes in one by one."""


class Parallel(list[Any]):
    """Branches that a wider union takes in one by one."""


def given(**arguments: Any) -> dict[str, Any]:
    """The arguments that are not left out."""
    return {name: v for name, v in arguments.items() if v is not ABSENT}


def bare(part: Any) -> Any:
    """A part without its name."""
    while isinstance(part, tuple):
        part = part[1]
    return part


def is_text(part: Any, text: str) -> bool:
    """Whether a part is "passthrough" or "drop"."""
    part = bare(part)
    return isinstance(part, str) and part == text


def sequence(*parts: Any) -> Any:
    """The parts one after the other, without those that change nothing."""
    steps = Sequence()
    for part in parts:
        if type(part) is list:
            part = sequence(*part)
        if part is ABSENT or is_text(part, "passthrough"):
            continue
        if isinstance(part, Sequence):
            steps.extend(part)
        else:
            steps.append(part)
    if not steps:
        return "passthrough"
    return steps[0] if len(steps) == 1 else steps


def pipeline(*parts: Any) -> Any:
    """The parts one after the other as one object."""
    return assembled(sequence(*parts))


def assembled(part: Any) -> Any:
    """A part as an object of scikit-learn; lists of parts as lists of objects."""
    part = bare(part)
    if isinstance(part, Sequence):
        steps = flat_steps(part)
        if any(is_text(step, "drop") for step in steps):
            return "drop"
        return Pipeline(named(steps))
    if isinstance(part, Parallel):
        return FeatureUnion(named(part))
    if isinstance(part, list):
        return [assembled(item) for item in part]
    return part


def flat_steps(steps: list[Any]) -> list[Any]:
    """The steps; a sequence at the end is taken apart, so that the model is last."""
    last = bare(steps[-1])
    return [*steps[:-1], *flat_steps(last)] if isinstance(last, Sequence) else steps


def named(parts: Any) -> Any:
    """Pairs of a name and an object, each name once."""
    if not isinstance(parts, list):
        return assembled(parts)
    pairs: list[tuple[str, Any]] = []
    for part in parts:
        name = free_name(name_of(part), [taken for taken, _ in pairs])
        pairs.append((name, assembled(part)))
    return pairs


def name_of(part: Any) -> str:
    """The name of a part, or what a part without one is called."""
    if isinstance(part, tuple):
        return str(part[0])
    if isinstance(part, str):
        return "unchanged" if part == "passthrough" else "dropped"
    if isinstance(part, Sequence):
        return "pipeline"
    if isinstance(part, Parallel):
        return "feature_union"
    return snake_case(type(part).__name__)


def snake_case(name: str) -> str:
    """``LGBMClassifier -> lgbm_classifier``, ``PCA -> pca``."""
    name = re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])", "_", name).lower()
    return re.sub(r"_+", "_", name).strip("_")


def free_name(name: str, taken: list[str]) -> str:
    """The name, with a number where it is taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
