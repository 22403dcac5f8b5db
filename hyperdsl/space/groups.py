"""Things that share a row, directly or by way of others, belong together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


def groups(things: Sequence[tuple[Iterable[int], Thing]]) -> list[list[Thing]]:
    """The things in groups that have no row in common, in the order of the least row of each group."""
    joined = list(range(len(things)))  # each thing's way to the first one of its group

    def first(number: int) -> int:
        while joined[number] != number:
            joined[number] = joined[joined[number]]
            number = joined[number]
        return number

    owners: dict[int, int] = {}
    for number, (rows, _) in enumerate(things):
        for row in rows:
            one, other = first(owners.setdefault(row, number)), first(number)
            joined[max(one, other)] = min(one, other)
    least = {first(number): row for row, number in sorted(owners.items(), reverse=True)}
    found: dict[int, list[Thing]] = {}
    for number, (_, thing) in enumerate(things):
        found.setdefault(first(number), []).append(thing)
    return [found[start] for start in sorted(found, key=lambda start: least.get(start, -1))]
