"""Layers that take several tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hyperdsl.audit.lengths import is_number
from hyperdsl.audit.shapes.rules import SOME, Arguments, LayerRule, Misfit, Shape, shown


def _broadcast(shapes: Sequence[Shape], arguments: Arguments) -> Shape | Misfit:
    """Of tensors that are taken together value by value; an axis of length 1 fits to any."""
    found: Shape = shapes[0]
    for shape in shapes[1:]:
        longer, shorter = (found, shape) if len(found) >= len(shape) else (shape, found)
        shorter = (1,) * (len(longer) - len(shorter)) + shorter
        merged: list[Any] = []
        for a, b in zip(longer, shorter, strict=True):
            if type(a) is type(b) is int and a != b and 1 not in (a, b):
                return Misfit(
                    f"shapes {shown(found)} and {shown(shape)} do not fit", "make them equal before the merge"
                )
            merged.append(_stretched(a, b))
        found = tuple(merged)
    return found


def _stretched(a: Any, b: Any) -> Any:
    """The length of an axis of two tensors that are taken together."""
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    return next((n for n in (a, b) if type(n) is int), None if None in (a, b) else SOME)


def _concatenate(shapes: Sequence[Shape], arguments: Arguments) -> Shape | Misfit:
    axis = arguments["axis"]
    rank = len(shapes[0])
    if any(len(shape) != rank for shape in shapes):
        different = next(s for s in shapes if len(s) != rank)
        return Misfit(f"shapes {shown(shapes[0])} and {shown(different)} do not fit", "Flatten or Reshape one of them")
    if type(axis) is not int:
        return (None,) * rank
    place = axis - 1 if axis > 0 else rank + axis  # axis 0 is the batch
    if not 0 <= place < rank:
        return Misfit(f"there is no axis {axis} in {shown(shapes[0])}", f"use one of 1..{rank}, or -1")
    found: list[Any] = []
    for number in range(rank):
        lengths = [shape[number] for shape in shapes]
        known = {n for n in lengths if n is not None}
        if number == place:
            found.append(sum(lengths) if all(map(is_number, lengths)) else None if None in lengths else SOME)
        elif len(known) > 1 and not all(type(n) is int for n in known):
            found.append(SOME)
        elif len(known) > 1:
            a, b = shapes[0], next(s for s in shapes if s[number] not in (None, shapes[0][number]))
            return Misfit(
                f"shapes {shown(a)} and {shown(b)} do not fit", "make them equal but for the axis that is joined"
            )
        else:
            found.append(known.pop() if known else None)
    return tuple(found)


def _dot(shapes: Sequence[Shape], arguments: Arguments) -> Shape | Misfit | None:
    axes = arguments["axes"]
    if len(shapes) != 2:
        return Misfit(f"it takes 2 tensors and gets {len(shapes)}", "write two: [x, y] >> Dot(1)")
    pair = (axes, axes) if type(axes) is int else axes
    if not isinstance(pair, tuple) or len(pair) != 2 or not all(type(n) is int for n in pair):
        return None
    places = [n - 1 if n > 0 else len(s) + n for n, s in zip(pair, shapes, strict=True)]
    if any(not 0 <= place < len(s) for place, s in zip(places, shapes, strict=True)):
        return Misfit(f"there are no axes {pair} in {shown(shapes[0])} and {shown(shapes[1])}", "count the batch as 0")
    a, b = (s[place] for place, s in zip(places, shapes, strict=True))
    if type(a) is type(b) is int and a != b:
        return Misfit(f"axes of {a} and {b} are multiplied", "make them equal, or choose other axes")
    rests = [(*s[:place], *s[place + 1 :]) for place, s in zip(places, shapes, strict=True)]
    return (*rests[0], *rests[1]) or (1,)


def _difference(shapes: Sequence[Shape], arguments: Arguments) -> Shape | Misfit:
    if len(shapes) != 2:
        return Misfit(f"it takes 2 tensors and gets {len(shapes)}", "write two: [x, y] >> Subtract()")
    return _broadcast(shapes, arguments)


RULES: dict[str, LayerRule] = {
    **{name: LayerRule(_broadcast, several=True) for name in ("Add", "Multiply", "Average", "Maximum", "Minimum")},
    "Subtract": LayerRule(_difference, several=True),
    "Concatenate": LayerRule(_concatenate, ("axis",), several=True),
    "Dot": LayerRule(_dot, ("axes",), several=True),
}
