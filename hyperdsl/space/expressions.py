"""Conditions as expressions over rows, and what is left of them when some rows are decided.

An expression is a nested tuple, so that equal residuals are equal keys: what has been decided is folded into constants
and sums are kept as one constant and the terms that are open. ``a + b + c == 10`` with ``a = 3`` and ``b = 4`` leaves
the same as with ``a = 2`` and ``b = 5``. That is what makes counting under conditions a dynamic program.

========================  ===================================================
``("c", value)``          a constant
``("r", row)``            the value of a decided number
``("free", row, a, b)``   a continuous number that is active; its value is open, between ``a`` and ``b``
``("t", row, (…))``       one of several expressions, by the alternative of a choice
``("d", row, codes, (…))``  one of several expressions, by any code; not read where the row is not active
``("some", row, (…))``     whether any holds of the items that a subset or permutation takes
``("of", row, (…))``       whether the code of a row is one of some
``("if", test, a, b)``    one of two
``("sum", constant, (…))``  a constant plus terms ``(factor, expression)``
``("a", op, a, b)``       other arithmetic
``("ext", op, (…))``       the ``min`` or ``max`` of several
``("cmp", op, a, b)``     a comparison
``("and", (…))``, ``("or", (…))``, ``("not", a)``
``("u",)``                unknown: it reads what is not active
``("o", node, rows)``     an expression of the graph that is worked out when all its rows are decided
========================  ===================================================
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cmp_to_key
from typing import Any

from hyperdsl.ir import meaning
from hyperdsl.ir.meaning import Undefined

Expression = tuple[Any, ...]

OPEN: Expression = ("u",)
_FEW = 8


def size_of(expression: object) -> int:
    """The number of parts of an expression."""
    return 1 + sum(map(size_of, expression)) if isinstance(expression, tuple) else 0


def rows_of(expression: Expression, strict: bool = False) -> set[int]:
    """The rows that an expression still reads, free ones left out; ``strict``: those that must be active for it."""
    found: set[int] = set()
    pending = [expression]
    while pending:
        match pending.pop():
            case ("r", row) | ("of", row, _):
                found.add(row)
            case ("d", row, _, parts):
                if not strict:
                    found.add(row)
                    pending.extend(parts)
            case ("t" | "some", row, parts):
                found.add(row)
                pending.extend(parts)
            case ("sum", _, terms):
                pending.extend(term for _, term in terms)
            case ("and" | "or", items) | ("ext", _, items):
                pending.extend(items)
            case ("o", _, known):
                found.update(row for row, code in known if code is None)
            case ("if" | "a" | "cmp" | "not", *parts):
                pending.extend(part for part in parts if isinstance(part, tuple))
    return found


# --- building


def total(constant: Any, terms: Iterable[tuple[Any, Expression]]) -> Expression:
    """A sum in normal form: nested sums are joined, constants added, terms sorted, equal terms collected.

    Terms that cancel stay, with the factor 0: where one is unknown so is the sum.
    """
    collected: dict[Expression, Any] = {}
    pending = list(terms)
    while pending:
        factor, term = pending.pop()
        match term:
            case ("u",):
                return OPEN
            case ("c", value) if isinstance(value, (int, float)):
                constant = constant + factor * value
            case ("sum", inner, parts):
                constant = constant + factor * inner
                pending.extend((factor * f, t) for f, t in parts)
            case _:
                collected[term] = collected.get(term, 0) + factor
    kept = sorted(((f, t) for t, f in collected.items()), key=by_text)
    return shifted(constant, tuple(kept)) if kept else ("c", constant)


def shifted(constant: Any, terms: tuple[tuple[Any, Expression], ...]) -> Expression:
    """A constant plus terms that are in normal form already."""
    if constant == 0 and len(terms) == 1 and terms[0][0] == 1:
        return terms[0][1]
    return ("sum", constant, terms)


def arithmetic(operator: str, left: Expression, right: Expression) -> Expression:
    if left == OPEN or right == OPEN:
        return OPEN
    if operator == "*" and left[0] == "c" and type(left[1]) in (int, float):
        return total(0, [(left[1], right)])
    if operator == "*" and right[0] == "c" and type(right[1]) in (int, float):
        return total(0, [(right[1], left)])
    if left[0] == "c" and right[0] == "c":
        try:
            return ("c", meaning.arithmetic(operator, left[1], right[1], 0))
        except Undefined:
            return OPEN
    return ("a", operator, left, right)


def by_code(row: int, codes: tuple[Any, ...], parts: Sequence[Expression]) -> Expression:
    """The expression that belongs to the code of a row."""
    return parts[0] if all(p == parts[0] for p in parts) else ("d", row, codes, tuple(parts))


def extreme(which: str, parts: Iterable[Expression]) -> Expression:
    """The ``min`` or ``max`` of several: constants become one, equal parts too."""
    pick, neutral = (min, math.inf) if which == "min" else (max, -math.inf)
    kept: dict[Expression, None] = {}
    constants: list[Any] = []
    for part in parts:
        match part:
            case ("u",):
                return OPEN
            case ("c", value) if not isinstance(value, (int, float)):
                return OPEN
            case ("c", value):
                constants.extend(() if value == neutral else (value,))
            case _:
                kept[part] = None
    constant: Any = pick(constants, default=neutral)
    if not kept:
        return ("c", constant) if constants else OPEN
    if constants:
        kept[("c", constant)] = None
    return next(iter(kept)) if len(kept) == 1 else ("ext", which, tuple(sorted(kept, key=by_text)))


def compare(operator: str, left: Expression, right: Expression) -> Expression:
    if left == OPEN or right == OPEN:
        return OPEN
    if left[0] == "c" and right[0] == "c":
        try:
            return ("c", meaning.compare(operator, left[1], right[1], 0))
        except Undefined:
            return OPEN
    if operator in ("in", "not in") or not all(_is_numeric(e) for e in (left, right)):
        return ("cmp", operator, left, right)
    # numbers: everything to the left, so that equal differences are equal keys
    return ("cmp", operator, total(0, [(1, left), (-1, right)]), ("c", 0))


def _is_numeric(expression: Expression) -> bool:
    match expression:
        case ("c", value):
            return type(value) in (int, float)
        case ("u",) | ("r", _) | ("free", *_) | ("sum", *_) | ("a", *_) | ("ext", *_):
            return True
        case ("t", _, parts) | ("d", _, _, parts):
            return all(_is_numeric(p) for p in parts)
        case ("if", _, then, other):
            return _is_numeric(then) and _is_numeric(other)
    return False


def negate(inner: Expression) -> Expression:
    if inner == OPEN:
        return OPEN
    return ("c", not inner[1]) if inner[0] == "c" else ("not", inner)


def logic(operator: str, items: Iterable[Expression]) -> Expression:
    """Kleene's ``and`` and ``or``."""
    decisive = operator == "or"
    kept: list[Expression] = []
    for item in items:
        if item[0] == "c":
            if bool(item[1]) == decisive:
                return ("c", decisive)
            continue
        kept.append(item)
    kept = _distinct(kept)
    if not kept:
        return ("c", not decisive)
    return kept[0] if len(kept) == 1 else (operator, tuple(sorted(kept, key=by_text)))


def _distinct(items: list[Expression]) -> list[Expression]:
    """Each once. A hash goes through all of an expression, a comparison mostly ends at its beginning."""
    if len(items) > _FEW:
        return list(dict.fromkeys(items))
    return [item for i, item in enumerate(items) if item not in items[:i]]


# --- order


def _compared(left: Any, right: Any) -> int:
    """Which ``repr`` of two nested tuples comes first: no text is made of what they have in common or behind it."""
    if left is right:
        return 0
    if not (type(left) is type(right) is tuple):
        one, other = ("(" if type(value) is tuple else repr(value) for value in (left, right))
        return (one > other) - (one < other)
    for position, (one, other) in enumerate(zip(left, right, strict=False)):
        if order := _compared(one, other):
            if type(one) is tuple or type(other) is tuple:
                return order
            one, other = (repr(part) + _behind(whole, position) for part, whole in ((one, left), (other, right)))
            return 1 if one > other else -1
    if len(left) == len(right):
        return 0
    shorter = min(len(left), len(right))
    if not shorter:
        one, other = (repr(whole[0]) if whole else ")" for whole in (left, right))
    else:
        one, other = (_behind(whole, shorter - 1) for whole in (left, right))
    return 1 if one > other else -1


def _behind(whole: tuple[Any, ...], position: int) -> str:
    """What stands behind an element in the text of a tuple."""
    return ", " if position + 1 < len(whole) else ",)" if len(whole) == 1 else ")"


by_text = cmp_to_key(_compared)
