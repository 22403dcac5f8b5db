"""Reads items of lists in conditions: ``order[0] is PCA``, ``steps[-1].n_components > 3``.

Which item that is, and whether there is one, may be decided. The item is written as a choice of nodes by conditions:
``steps[2]`` of ``let steps = repeat(1..3, …)`` becomes ``third if count > 2 else missing``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import comb
from typing import TYPE_CHECKING

from hyperdsl.frozen import frozen
from hyperdsl.ir import ops
from hyperdsl.ir.lowering.values import guarded, repeated
from hyperdsl.source import Span

if TYPE_CHECKING:
    from hyperdsl.ir.lowering.lower import Lowering

MAX_WAYS = 1_000  # in which the parts before an item can be there or not


@frozen
class Listed:
    """The items that a list may have, in order: the first ``count`` of them, all where that is None.

    Of these the first ``least`` are always counted; ``gaps`` are the positions of those that may be left out.
    """

    items: tuple[int, ...]
    count: int | None
    least: int
    gaps: frozenset[int]
    span: Span | None


def item_at(run: Lowering, container: int, position: int, span: Span | None) -> int | None:
    """The item at a position of a list; ``Missing`` where there is none, None where the list is not known by itself.

    ``span`` is where it is read.
    """
    container = run.read(container)
    listed = _listed(run, container, span)
    if listed is None:
        return _item_of_several(run, container, position, span)
    hull = run.analysis.hull(position) if run.types(position) == {"int"} else None
    if hull is None:
        return None
    most = len(listed.items)
    low, high = max(int(hull[0]), -most), min(int(hull[1]), most - 1)
    if listed.gaps and comb(most, min(max(-low, high + 1), most // 2)) > MAX_WAYS:
        return None
    found = run.add(ops.Missing(), (), span) if low > hull[0] or high < hull[1] else None
    for at in range(high, low - 1, -1):
        item = _pick(run, listed, at)
        if found is not None:
            test = run.add(ops.Compare("=="), (position, run.add(ops.Const(at), (), span)), span)
            item = run.add(ops.Select(), (test, item, found), span)
        found = item
    return found


def _item_of_several(run: Lowering, container: int, position: int, span: Span | None) -> int | None:
    """The item where conditions say which list it is of."""
    node = run.builder[container]
    match node.op:
        case ops.Missing():
            return container
        case ops.Named() | ops.Label():
            return _item_of_several(run, node.operands[0], position, span)
        case ops.Select():
            then, other = (item_at(run, o, position, span) for o in node.operands[1:])
            if then is not None and other is not None:
                return run.add(ops.Select(), (node.operands[0], then, other), span)
    return None


def _listed(run: Lowering, container: int, span: Span | None) -> Listed | None:
    items: Sequence[int] | None = run.analysis.items(container)
    count, least = None, len(items or ())
    if items is None:
        if (repetition := repeated(run, container)) is None:
            return None
        count, *items = run.builder[repetition].operands
        hull = run.analysis.hull(count)
        if hull is None or hull[0] < 0:
            return None
        least = int(hull[0])
    gaps = frozenset(i for i, item in enumerate(items) if "nothing" in run.types(item))
    return Listed(tuple(guarded(run, container, items, span)), count, least, gaps, span)


def _pick(run: Lowering, listed: Listed, at: int) -> int:
    """The item at one position, counted from the end where it is negative."""
    if listed.gaps:
        return _pick_present(run, listed, at)
    if at >= 0:
        return _there(run, listed, at, listed.items[at], _missing(run, listed))
    found = _missing(run, listed)
    for count in range(listed.least, len(listed.items) + 1):
        item = listed.items[count + at] if count + at >= 0 else _missing(run, listed)
        found = _there(run, listed, count - 1, item, found)
    return found


def _pick_present(run: Lowering, listed: Listed, at: int) -> int:
    """The item at one position among those that are not left out."""
    places = range(len(listed.items))[:: 1 if at >= 0 else -1]

    @cache
    def ahead(left: int, number: int) -> int:
        """The item after ``left`` others, from a place on."""
        if number == len(places):
            return _missing(run, listed)
        place = places[number]
        item, skipped = listed.items[place], ahead(left, number + 1)
        taken = item if left == 0 else ahead(left - 1, number + 1)
        if place in listed.gaps:
            is_out = run.add(ops.IsModule(ops.NOTHING), (item,), listed.span)
            taken = run.add(ops.Select(), (is_out, skipped, taken), listed.span)
        return _there(run, listed, place, taken, skipped)

    return ahead(at if at >= 0 else -at - 1, 0)


def _there(run: Lowering, listed: Listed, place: int, then: int, other: int) -> int:
    """The one where the list has an item at a place, else the other."""
    if listed.count is None or place < listed.least:
        return then
    test = run.add(ops.Compare(">"), (listed.count, run.add(ops.Const(place), (), listed.span)), listed.span)
    return run.add(ops.Select(), (test, then, other), listed.span)


def _missing(run: Lowering, listed: Listed) -> int:
    return run.add(ops.Missing(), (), listed.span)
