"""`frozen` makes what the standard decorator makes."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from functools import cached_property
from pprint import pformat
from typing import Any, ClassVar

import pytest

from hyperdsl.frozen import frozen


class Ours:
    @frozen
    class Base:
        kind: ClassVar[str] = "base"
        where: int = field(compare=False, repr=False, kw_only=True)

    class Middle(Base):
        __slots__ = ()

    @frozen
    class Leaf(Middle):
        x: int
        y: str = "a"
        z: list[int] = field(default_factory=list)

    @frozen
    class Empty:
        pass


class Theirs:
    @dataclass(frozen=True, slots=True)
    class Base:
        kind: ClassVar[str] = "base"
        where: int = field(compare=False, repr=False, kw_only=True)

    class Middle(Base):
        __slots__ = ()

    @dataclass(frozen=True, slots=True)
    class Leaf(Middle):
        x: int
        y: str = "a"
        z: list[int] = field(default_factory=list)

    @dataclass(frozen=True, slots=True)
    class Empty:
        pass


def both(ask: Any) -> None:
    def answer(home: Any) -> object:
        try:
            return ask(home)
        except Exception as error:
            return type(error)

    assert answer(Ours) == answer(Theirs)


def test_what_the_standard_decorator_makes() -> None:
    both(lambda home: repr(home.Leaf(1, where=2)).partition(".")[2])
    both(lambda home: repr(home.Empty()).partition(".")[2])
    both(lambda home: pformat(home.Leaf(1, where=2), width=10).replace(home.__name__, "Home"))
    both(lambda home: home.Leaf.__match_args__)
    both(lambda home: home.Leaf.__slots__)
    both(lambda home: home.Leaf.kind)
    both(lambda home: [(f.name, f.default, f.compare, f.repr, f.kw_only, f.type) for f in fields(home.Leaf)])
    both(lambda home: asdict(home.Leaf(1, "b", [3], where=2)))
    both(lambda home: asdict(replace(home.Leaf(1, where=2), y="c")))
    both(lambda home: home.Leaf(1, where=2) == home.Leaf(1, where=3))
    both(lambda home: home.Leaf(1, where=2) == home.Leaf(2, where=2))
    both(lambda home: home.Empty() == home.Empty())
    both(lambda home: home.Empty() == home.Base(where=1))
    both(lambda home: hash(home.Leaf(1, z=(), where=2)) == hash((1, "a", ())))
    both(lambda home: hash(home.Leaf(1, where=2)))
    both(lambda home: home.Leaf(1).x)
    both(lambda home: home.Leaf(1, "b", [], 4).x)
    both(lambda home: home.Leaf(1, where=1, other=2).x)
    both(lambda home: home.Leaf(1, where=1).z is home.Leaf(1, where=1).z)
    both(lambda home: hasattr(home.Leaf(1, where=1), "__dict__"))


def test_an_object_cannot_be_changed() -> None:
    leaf = Ours.Leaf(1, where=2)
    with pytest.raises(FrozenInstanceError):
        leaf.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del leaf.x


def test_an_object_survives_pickling_and_copying() -> None:
    leaf = Ours.Leaf(1, "b", [1], where=2)
    assert pickle.loads(pickle.dumps(leaf)) == leaf
    assert copy.deepcopy(leaf) == leaf
    assert copy.deepcopy(leaf).where == 2


def test_a_class_matches_by_position() -> None:
    match Ours.Leaf(1, "b", where=2):
        case Ours.Leaf(x, y):
            assert (x, y) == (1, "b")


def test_own_methods_are_kept() -> None:
    @frozen
    class Same:
        x: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Same)

        def __repr__(self) -> str:
            return "same"

    assert Same(1) == Same(2)
    assert repr(Same(1)) == "same"
    assert hash(Same(1)) == hash((1,))


def test_without_slots_there_can_be_cached_properties_and_identity() -> None:
    @frozen(slots=False, eq=False)
    class Text:
        text: str = field(default="ab", repr=False)

        @cached_property
        def length(self) -> int:
            return len(self.text)

    assert Text().length == 2
    assert Text.text == "ab"
    assert Text() != Text()
    assert {Text(): 1}
