"""The notation for what a parameter takes, as the TOML files beside this one write it.

Alternatives are separated by ``|``. Each is a kind of :class:`hyperdsl.catalog.model.Kind` (``bool``, ``none``,
``callable``, …), a string in single quotes, or numbers: ``int``, ``real`` (whole numbers too) or ``float`` (not
those), alone or with bounds: ``int >= 1``, ``real > 0``, ``real in (0, 1]``, ``int in [1, 255]``. ``2 of int >= 1`` is
a list or tuple of two such items, ``some of (int | none)`` one of any length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from hyperdsl.catalog.model import PART_ROLES, Constraint, Interval, Items, Kind, Options

_KINDS = ("bool", "str", "none", "list", "tuple", "dict", "array", "callable", "random_state", "module", "any")
_ITEMS = re.compile(r"(\d+|some) of (.+)")
_NUMBER = re.compile(r"(int|real|float)(?:\s*(>=|>|<=|<)\s*(\S+)|\s+in\s+([\[(])(\S+),\s*(\S+)([\])]))?")
_CLOSED = {"[]": "both", "[)": "left", "(]": "right", "()": "neither"}


def parse_takes(text: str) -> tuple[Constraint, ...]:
    """The constraints that a text such as ``"none | int >= 1 | 'sqrt'"`` stands for.

    Raises
    ------
    ValueError
        Where the text is not in the notation.
    """
    constraints: list[Constraint] = []
    strings: list[object] = []
    for part in _alternatives(text):
        if part.startswith("'") and part.endswith("'"):
            strings.append(part[1:-1])
        else:
            constraints.append(_parse_part(part))
    return (Options(tuple(strings)), *constraints) if strings else tuple(constraints)


def _alternatives(text: str) -> Iterator[str]:
    """The parts between those ``|`` that stand in no brackets; an interval's brackets close each other too."""
    depth = start = 0
    for index, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if letter == "|" and not depth:
            yield text[start:index].strip()
            start = index + 1
    yield text[start:].strip()


def _parse_part(part: str) -> Constraint:
    if part in _KINDS or part in PART_ROLES:
        return Kind(part)
    if items := _ITEMS.fullmatch(part):
        number, each = items.groups()
        each = each[1:-1] if each.startswith("(") else each
        return Items(parse_takes(each), None if number == "some" else int(number))
    match = _NUMBER.fullmatch(part)
    if match is None:
        raise ValueError(f"not in the notation: {part!r}")
    kind, sign, end, opening, low, high, closing = match.groups()
    strict = kind == "float"
    kind = "int" if kind == "int" else "real"
    if opening is not None:
        return Interval(kind, _number(low), _number(high), _CLOSED[opening + closing], strict)
    if sign is None:
        return Interval(kind, None, None, strict=strict)
    if sign in (">", ">="):
        return Interval(kind, _number(end), None, "left" if sign == ">=" else "neither", strict)
    return Interval(kind, None, _number(end), "right" if sign == "<=" else "neither", strict)


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)
