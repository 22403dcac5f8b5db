"""What conditions leave of a continuous range: bounds that hold all that is possible, by interval arithmetic.

A condition is turned around for one range at a time (hull consistency): from ``2*x + y <= 1`` with ``y`` in 0..1
follows ``x <= 0.5``. Bounds are widened by a rounding error, so nothing possible is lost; what they cannot say is left
to the check of a finished configuration.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Protocol

from hyperdsl.ir.intervals import Hull
from hyperdsl.space.expressions import Expression

INF = math.inf
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


class Bounds(Protocol):
    """What narrowing asks of the conditions of a skeleton."""

    def rows(self, expression: Expression) -> frozenset[int]: ...

    def hull(self, expression: Expression) -> Hull | None: ...


def narrow(checks: Iterable[Expression], row: int, whole: Hull, conditions: Bounds) -> Hull | None:
    """The bounds of a row under checks that must all hold; None where nothing is left."""
    for check in checks:
        left = _holds(check, row, whole, conditions)
        if left is None:
            return None
        whole = left
    return whole


def _holds(check: Expression, row: int, whole: Hull, conditions: Bounds) -> Hull | None:
    match check:
        case ("c", False):
            return None
        case ("and", items):
            return narrow(items, row, whole, conditions)
        case ("or", items):
            parts = [p for i in items if (p := _holds(i, row, whole, conditions)) is not None]
            return (min(p[0] for p in parts), max(p[1] for p in parts)) if parts else None
        case ("not", ("cmp", operator, left, right)) if operator in _OPPOSITE:
            return _holds(("cmp", _OPPOSITE[operator], left, right), row, whole, conditions)
        case ("cmp", operator, left, right):
            return _compared(operator, left, right, row, whole, conditions)
    return whole


def _compared(
    operator: str, left: Expression, right: Expression, row: int, whole: Hull, conditions: Bounds
) -> Hull | None:
    a, b = conditions.hull(left), conditions.hull(right)
    if a is None or b is None:
        return whole
    match operator:
        case "<" | "<=":
            wanted = ((-INF, b[1]), (a[0], INF))
        case ">" | ">=":
            wanted = ((b[0], INF), (-INF, a[1]))
        case "==":
            wanted = (b, a)
        case _:
            return whole
    result: Hull | None = whole
    for side, target in zip((left, right), wanted, strict=True):
        if result is not None and row in _free_rows(side):
            result = _solve(side, target, row, result, conditions)
    return result


def _solve(expression: Expression, target: Hull, row: int, whole: Hull, conditions: Bounds) -> Hull | None:
    """The values of a row for which an expression can lie in ``target``."""
    match expression:
        case ("r", own) if own == row:
            return _meet(whole, _widened(target))
        case ("sum", constant, terms):
            mine = [t for t in terms if row in _free_rows(t[1])]
            others = conditions.hull(("sum", constant, tuple(t for t in terms if row not in _free_rows(t[1]))))
            if len(mine) != 1 or others is None or not mine[0][0]:
                return whole
            factor, term = mine[0]
            ends = ((target[0] - others[1]) / factor, (target[1] - others[0]) / factor)
            return _solve(term, (min(ends), max(ends)), row, whole, conditions)
        case ("a", operator, left, right) if (row in _free_rows(left)) != (row in _free_rows(right)):
            return _turned(operator, left, right, target, row, whole, conditions)
    return whole


def _turned(
    operator: str, left: Expression, right: Expression, target: Hull, row: int, whole: Hull, conditions: Bounds
) -> Hull | None:
    """One step through a product, a quotient or a power, where the known side is positive."""
    is_left = row in _free_rows(left)
    unknown, known = (left, right) if is_left else (right, left)
    hull = conditions.hull(known)
    if hull is None or not hull[0] > 0:
        return whole
    if operator == "*":
        return _solve(unknown, _quotient(target, hull), row, whole, conditions)
    if operator == "/" and is_left:
        return _solve(unknown, _product(target, hull), row, whole, conditions)
    own = conditions.hull(unknown)
    if operator == "**" and hull[0] == hull[1]:
        if is_left and own is not None and own[0] >= 0 and target[1] >= 0:
            power = 1 / hull[0]
            return _solve(unknown, (max(target[0], 0) ** power, _power(target[1], power)), row, whole, conditions)
        if not is_left and hull[0] > 1 and target[1] > 0:
            low = math.log(target[0], hull[0]) if target[0] > 0 else -INF
            high = math.log(target[1], hull[0]) if target[1] < INF else INF
            return _solve(unknown, (low, high), row, whole, conditions)
    return whole


def _power(base: float, exponent: float) -> float:
    try:
        return float(base**exponent)
    except OverflowError:
        return INF


def _quotient(target: Hull, positive: Hull) -> Hull:
    low, high = target
    return (
        low / (positive[1] if low >= 0 else positive[0]),
        high / (positive[0] if high >= 0 else positive[1]),
    )


def _product(target: Hull, positive: Hull) -> Hull:
    low, high = target
    return (
        low * (positive[0] if low >= 0 else positive[1]),
        high * (positive[1] if high >= 0 else positive[0]),
    )


def _widened(bounds: Hull) -> Hull:
    low, high = bounds
    return low - 1e-12 * abs(low) if low > -INF else low, high + 1e-12 * abs(high) if high < INF else high


def _meet(a: Hull, b: Hull) -> Hull | None:
    low, high = max(a[0], b[0]), min(a[1], b[1])
    return (low, high) if low <= high else None


def _free_rows(expression: Expression) -> frozenset[int]:
    """The rows of numbers in an expression, those that are active and open included."""
    match expression:
        case ("r" | "free", row, *_):
            return frozenset({row})
        case ("t" | "some", row, parts):
            return frozenset({row}).union(*(_free_rows(p) for p in parts))
        case ("sum", _, terms):
            return frozenset().union(*(_free_rows(t) for _, t in terms))
        case ("and" | "or", items) | ("ext", _, items):
            return frozenset().union(*(_free_rows(i) for i in items))
        case ("o", _, known):
            return frozenset(r for r, code in known if code is None)
        case ("if" | "a" | "cmp" | "not", *parts):
            return frozenset().union(*(_free_rows(p) for p in parts if isinstance(p, tuple)))
    return frozenset()
