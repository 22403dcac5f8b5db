"""Arithmetic and comparison of bounds: what is certain of numbers of which only the ends are known."""

from __future__ import annotations

import math
from collections.abc import Iterable

from hyperdsl.ir.meaning import Undefined, arithmetic

Hull = tuple[float, float]  # both ends included; of whole numbers where both are


def union(hulls: Iterable[Hull | None]) -> Hull | None:
    """Bounds of a number that lies in one of several; None where one is not known, or there is none."""
    found = list(hulls)
    known = [h for h in found if h is not None]
    if len(known) < len(found) or not known:
        return None
    return min(h[0] for h in known), max(h[1] for h in known)


def arithmetic_hull(operator: str, left: Hull | None, right: Hull | None) -> Hull | None:
    """Bounds of ``left operator right``; None where there are none."""
    if left is None or right is None:
        return None
    if operator in ("/", "//", "%") and right[0] <= 0 <= right[1]:
        return None
    if operator == "%":
        return (0, right[1]) if right[0] > 0 else (right[0], 0)
    if operator == "**" and left[0] < 0:
        return None
    try:
        corners = [arithmetic(operator, a, b, 0) for a in left for b in right]
    except Undefined:
        return None
    if any(isinstance(c, float) and math.isnan(c) for c in corners):
        return None
    return min(corners), max(corners)


def verdict(operator: str, a: Hull, b: Hull, slack: float = 0) -> bool | None:
    """Whether a comparison holds for all numbers within bounds, for none, or neither is known.

    Parameters
    ----------
    operator : str
        ``<``, ``<=``, ``>``, ``>=``, ``==`` or ``!=``; of any other nothing is known.
    slack : float
        By how much the ends may be wrong, as sums of floats that are rounded.
    """
    match operator:
        case "<":
            return True if a[1] < b[0] - slack else False if a[0] >= b[1] + slack and a[0] >= b[1] else None
        case "<=":
            return True if a[1] <= b[0] - slack else False if a[0] > b[1] + slack else None
        case ">":
            return verdict("<", b, a, slack)
        case ">=":
            return verdict("<=", b, a, slack)
        case "==":
            if a[0] > b[1] + slack or b[0] > a[1] + slack:
                return False
            return True if slack == 0 and a[0] == a[1] == b[0] == b[1] else None
        case "!=":
            equal = verdict("==", a, b, slack)
            return None if equal is None else not equal
    return None
