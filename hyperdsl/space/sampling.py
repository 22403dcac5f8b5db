"""Batch sampling: one NumPy column per decision.

Configuration ``i`` uses row ``i`` of ``Generator(Philox(seed)).random((n, width))`` with one column per decision in
table order, whether active or not, so a longer batch begins with the shorter one. All codes are worked out in the
order of their dependence, then activity flows from the root down the skeleton.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyperdsl.frozen import frozen
from hyperdsl.ir import ops
from hyperdsl.ir.domain import Choices, Code, Domain, Integers, Reals
from hyperdsl.space.skeleton import NONE, All, Branch, Items, Number, Pick, Skeleton, Take
from hyperdsl.space.table import Configuration, Decision

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class NotColumnar(Exception):
    """Some expression has no columnar form; configurations are then drawn one by one."""


@frozen(slots=False)
class Columns:
    """A batch of configurations, a column per decision.

    Attributes
    ----------
    codes : list of ndarray, shape (n,)
        Numbers, or the indices of alternatives; of subsets and permutations the rank in the domain.
    active : list of ndarray of bool, shape (n,)
    """

    n: int
    decisions: tuple[Decision, ...]
    codes: list[NDArray[Any]]
    active: list[NDArray[np.bool_]]

    def __len__(self) -> int:
        return self.n

    def configurations(self, domains: list[Domain | None]) -> list[Configuration]:
        """The rows as configurations."""
        import numpy as np

        if not self.codes:
            return [Configuration(self.decisions, ())] * self.n
        columns: list[list[Code | None]] = []
        for codes, active, domain in zip(self.codes, self.active, domains, strict=True):
            values: list[Any] = codes.tolist()
            if domain is not None and not isinstance(domain, Choices | Integers) and codes.dtype.kind in "iu":
                values = [domain.member(v) for v in values]
            if not np.all(active):
                values = [v if a else None for v, a in zip(values, active.tolist(), strict=True)]
            columns.append(values)
        return [Configuration(self.decisions, codes) for codes in zip(*columns, strict=True)]


def units(seed: int, n: int, width: int) -> NDArray[np.float64]:
    """The uniform numbers that ``n`` configurations of ``width`` decisions are made of."""
    from numpy.random import Generator, Philox

    drawn: NDArray[np.float64] = Generator(Philox(seed)).random((n, width))
    return drawn


def substream(seed: int, number: int, attempt: int, width: int) -> list[float]:
    """The uniform numbers of attempt ``attempt`` at configuration ``number``."""
    from numpy.random import Generator, Philox, SeedSequence

    drawn: list[float] = Generator(Philox(SeedSequence([seed, number, attempt]))).random(width).tolist()
    return drawn


def below(total: int, seed: int, number: int) -> int:
    """A whole number in ``0..total - 1``, each equally likely, for configuration ``number``."""
    from numpy.random import Generator, Philox, SeedSequence

    generator = Generator(Philox(SeedSequence([seed, number])))
    bits = (total - 1).bit_length()
    while True:
        value = int.from_bytes(generator.bytes((bits + 7) // 8), "little") >> (-bits % 8) if bits else 0
        if value < total:
            return value


def draw(skeleton: Skeleton, decisions: tuple[Decision, ...], u: NDArray[np.float64]) -> Columns:
    """Map rows of uniform numbers to configurations.

    Raises
    ------
    NotColumnar
        Where an expression has no columnar form.
    """
    import numpy as np

    columns = _Columns(skeleton, u)
    with np.errstate(all="ignore"):
        codes = [columns.code(row) for row in range(u.shape[1])]
        active = columns.activity()
    return Columns(len(u), decisions, codes, active)


class _Columns:
    def __init__(self, skeleton: Skeleton, u: NDArray[np.float64]) -> None:
        self.skeleton = skeleton
        self.u = u
        self.n = u.shape[0]
        self._codes: dict[int, NDArray[Any]] = {}
        self._values: dict[int, Any] = {}

    # --- codes

    def code(self, row: int) -> NDArray[Any]:
        if row not in self._codes:
            domain = self.skeleton.constant_domain(row)
            unit = self.u[:, row]
            self._codes[row] = self._dependent(row, unit) if domain is None else from_units(domain, unit)
        return self._codes[row]

    def _dependent(self, row: int, unit: NDArray[np.float64]) -> NDArray[Any]:
        """Numbers whose ends are columns themselves."""
        import numpy as np

        op = self.skeleton.op(row)
        operands = self.skeleton.graph[self.skeleton.nodes[row]].operands
        if not isinstance(op, (ops.Integer, ops.Real)):
            raise NotColumnar
        low, high = self.value(operands[0]), self.value(operands[1])
        if isinstance(op, ops.Integer) and not op.log:
            size = np.maximum((high - low) // op.step + 1, 1)
            return np.asarray(low + op.step * np.floor(unit * size).astype(np.int64))
        if isinstance(op, ops.Real) and op.step is None:
            low, high = np.asarray(low, float), np.asarray(high, float)
            if op.log:
                spans = _logs(high) - _logs(low)
                value = np.exp(_logs(low) + unit * spans)
            else:
                value = low + unit * (high - low)
            return np.asarray(np.minimum(np.maximum(value, low), high))
        raise NotColumnar

    # --- expressions

    def value(self, index: int) -> Any:
        """An expression of the graph as a column or a constant."""
        if index not in self._values:
            self._values[index] = self._value(index)
        return self._values[index]

    def _value(self, index: int) -> Any:
        import numpy as np

        node = self.skeleton.graph[index]
        operands = node.operands
        match node.op:
            case ops.Const(value=value):
                return value
            case ops.Integer() | ops.Real() | ops.Normal():
                return self.code(self.skeleton.row(index))
            case ops.Named() | ops.Label() | ops.Where():
                return self.value(operands[0])
            case ops.Choose():
                return self._chosen(index, operands)
            case ops.Select():
                return np.where(self.value(operands[0]), self.value(operands[1]), self.value(operands[2]))
            case ops.Negate():
                return -self.value(operands[0])
            case ops.Arithmetic(operator=operator):
                return _ARITHMETIC[operator](self.value(operands[0]), self.value(operands[1]))
            case ops.Compare(operator=operator) if operator in _COMPARE and self._are_numbers(operands):
                return _COMPARE[operator](self.value(operands[0]), self.value(operands[1]))
            case ops.Logic(operator=operator):
                values = [np.asarray(self.value(o), bool) for o in operands]
                if operator == "not":
                    return ~values[0]
                return (np.logical_and if operator == "and" else np.logical_or).reduce(np.broadcast_arrays(*values))
            case ops.IsModule():
                return self._is_module(operands[0], node.op)
        raise NotColumnar

    def _are_numbers(self, operands: tuple[int, ...]) -> bool:
        return all(self.skeleton.analysis.types(o) <= {"int", "float"} for o in operands)

    def _chosen(self, index: int, operands: tuple[int, ...]) -> Any:
        import numpy as np

        if not self._are_numbers(operands):
            raise NotColumnar
        return np.choose(self.code(self.skeleton.row(index)), [self.value(o) for o in operands], mode="clip")

    def _is_module(self, index: int, question: ops.IsModule) -> Any:
        import numpy as np

        node = self.skeleton.graph[index]
        match node.op:
            case ops.Named() | ops.Label() | ops.Where():
                return self._is_module(node.operands[0], question)
            case ops.Seq():
                return self._is_module(node.operands[-1], question)
            case ops.Choose():
                parts = [self._is_module(o, question) for o in node.operands]
                return np.choose(self.code(self.skeleton.row(index)), parts, mode="clip")
            case ops.Select():
                parts = [self._is_module(o, question) for o in node.operands[1:]]
                return np.where(self.value(node.operands[0]), parts[0], parts[1])
        holds = question.holds_of(node.op)
        if holds is None:
            raise NotColumnar
        return np.full(self.n, holds)

    # --- activity

    def activity(self) -> list[NDArray[np.bool_]]:
        """For each row where it is reached."""
        import numpy as np

        skeleton = self.skeleton
        nowhere = np.zeros(self.n, bool)
        rows: list[NDArray[np.bool_]] = [nowhere] * len(skeleton.nodes)
        reached: list[NDArray[np.bool_] | None] = [None] * len(skeleton.parts)

        def reach(child: int, where: NDArray[np.bool_]) -> None:
            if child != NONE:
                before = reached[child]
                reached[child] = where if before is None else before | where

        if skeleton.root != NONE:
            reached[skeleton.root] = np.ones(self.n, bool)
        for index in range(len(skeleton.parts) - 1, -1, -1):
            where = reached[index]
            if where is None:
                continue
            part = skeleton.parts[index]
            if isinstance(part, (Pick, Number, Items)):
                rows[part.row] = rows[part.row] | where
            match part:
                case All(children=children):
                    for child in children:
                        reach(child, where)
                case Pick(row=row, children=children):
                    codes = self.code(row)
                    for position, child in enumerate(children):
                        if child != NONE:
                            reach(child, where & (codes == position))
                case Branch(test=test, then=then, other=other):
                    holds = np.broadcast_to(np.asarray(self.value(test), bool), (self.n,))
                    reach(then, where & holds)
                    reach(other, where & ~holds)
                case Take(count=count, children=children):
                    taken = self.value(count)
                    for position, child in enumerate(children):
                        reach(child, where & (position < taken))
                case Items(row=row, children=children):
                    self._reach_items(row, children, where, reach)
        return rows

    def _reach_items(self, row: int, children: tuple[int, ...], where: NDArray[np.bool_], reach: Any) -> None:
        """The items that a subset holds; a permutation holds all."""
        import numpy as np

        if all(c == NONE for c in children):
            return
        domain = self.skeleton.constant_domain(row)
        if domain is None or domain.finite_size > 4096:
            raise NotColumnar
        held = np.zeros((domain.finite_size, len(children)), bool)
        for rank in range(domain.finite_size):
            held[rank, list(domain.member(rank))] = True  # type: ignore[arg-type]
        codes = self.code(row)
        for position, child in enumerate(children):
            reach(child, where & held[codes, position])


def _logs(values: Any) -> Any:
    """Logarithms as Python's ``math`` gives them: those that single draws use."""
    import math

    import numpy as np

    distinct, inverse = np.unique(values, return_inverse=True)
    logs = np.array([math.log(v) if v > 0 else 0.0 for v in distinct.tolist()])
    return logs[inverse].reshape(np.shape(values))


def from_units(domain: Domain, unit: NDArray[np.float64]) -> NDArray[Any]:
    """``domain.from_unit`` of a column; subsets, permutations and steps as ranks or values."""
    import math

    import numpy as np

    match domain:
        case Choices():
            return _from_thresholds(domain, unit)
        case Integers(log=False) if domain.finite_size < 2**53:
            positions = (unit * domain.finite_size).astype(np.int64)
            if domain.step != 1:
                positions *= domain.step
            if domain.low:
                positions += domain.low
            return positions
        case Integers(log=True) if domain.finite_size <= 1 << 20:
            cumulative = np.array([domain.cumulative(i) for i in range(domain.finite_size)], dtype=np.float64)
            ranks = np.minimum(np.searchsorted(cumulative, unit * domain.total, side="right"), domain.finite_size - 1)
            return np.asarray(domain.low + domain.step * ranks)
        case Reals(low=low, high=high, log=log):
            if log:
                value = unit * (math.log(high) - math.log(low))
                value += math.log(low)
                np.exp(value, out=value)
            else:
                value = unit * (high - low)
                value += low
            np.clip(value, low, high, out=value)
            return value
    return _one_by_one(domain, unit)


def _from_thresholds(domain: Choices, unit: NDArray[np.float64]) -> NDArray[Any]:
    import numpy as np

    thresholds = domain.thresholds
    if len(thresholds) <= 8:
        codes = np.zeros(len(unit), np.int64)
        for threshold in thresholds:
            codes += unit >= threshold
        return codes
    return np.searchsorted(thresholds, unit, side="right")


def _one_by_one(domain: Domain, unit: NDArray[np.float64]) -> NDArray[Any]:
    import numpy as np

    codes = [domain.from_unit(u) for u in unit.tolist()]
    if codes and isinstance(codes[0], tuple):
        return np.array([domain.rank(c) for c in codes], np.int64)
    return np.array(codes)


def _power(left: Any, right: Any) -> Any:
    import numpy as np

    if np.any(np.asarray(right) < 0) and not np.issubdtype(np.result_type(left, right), np.floating):
        return np.power(np.asarray(left, float), right)
    return np.power(left, right)


_ARITHMETIC: dict[str, Any] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": _power,
}
_COMPARE: dict[str, Any] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
