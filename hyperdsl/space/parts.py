"""The parts of a skeleton, see ``skeleton``: each is reached from its parents."""

from __future__ import annotations

from typing import Union

from hyperdsl.frozen import frozen

NONE = -1


@frozen
class All:
    children: tuple[int, ...]


@frozen
class Pick:
    row: int
    children: tuple[int, ...]


@frozen
class Number:
    row: int
    reads: tuple[int, ...]


@frozen
class Branch:
    test: int  # the node of the condition in the graph
    then: int
    other: int
    reads: tuple[int, ...]


@frozen
class Take:
    count: int  # the node of the count in the graph
    children: tuple[int, ...]
    reads: tuple[int, ...]


@frozen
class Items:
    row: int
    children: tuple[int, ...]
    reads: tuple[int, ...]


@frozen
class Check:
    node: int  # the node of a condition that must not be false
    reads: tuple[int, ...]


Part = Union[All, Pick, Number, Branch, Take, Items, Check]  # noqa: UP007
