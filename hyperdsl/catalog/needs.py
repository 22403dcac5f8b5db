"""What the classes of the libraries take and give, read from ``flow/*.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from hyperdsl.catalog.document import read_document
from hyperdsl.catalog.rulebook import read_names
from hyperdsl.frozen import frozen

LIBRARIES = ("sklearn", "lightgbm", "xgboost", "catboost", "keras")


@frozen
class Behaviour:
    """What a class takes and gives under some arguments; its words stand at the top of ``flow/sklearn.toml``."""

    takes: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()
    fails: str = ""
    asks: str = ""
    alone: str = ""
    least: int = 1
    most: int | None = None
    form: str = "dense"
    values: str = "open"
    missing: str = "none"
    text: str = "none"
    columns: str = "open"
    methods: tuple[str, ...] | None = None
    asks_inner: tuple[str, ...] = ()
    hands: str = ""
    narrows: bool = False
    unseen: str = "open"
    wide: str = "none"
    unit: str = "none"
    constant: str = "none"
    target: str = ""
    classes: int | None = None
    full_rank: bool = False

    def changed(self, fields: Mapping[str, Any]) -> Behaviour:
        """The same but for some fields."""
        return replace(self, **{name: _frozen(value) for name, value in fields.items()})


@frozen
class Case:
    """What is different where a condition holds, an expression over parameters and facts like those of rules.

    ``tried``: arguments under which it holds, for the tests, where it is not of the form ``name == value``.
    """

    condition: str
    changes: Mapping[str, Any]
    tried: str = ""


@frozen
class Needs:
    """One class: its behaviour with its defaults apart from the cases, which apply one after the other.

    ``inner`` is the parameter that takes the model, or the models, which see the same input.
    """

    behaviour: Behaviour
    cases: tuple[Case, ...] = ()
    inner: str = ""

    @property
    def reads(self) -> frozenset[str]:
        """The names in conditions and in numbers of columns."""
        texts = [self.behaviour.columns]
        for case in self.cases:
            texts += [case.condition, case.changes.get("columns", "")]
        return frozenset().union(*map(read_names, texts))


def find_needs(library: str, name: str) -> Needs | None:
    """What is known of a class; None where nothing is."""
    return _read(library, name) if library in LIBRARIES else None


@cache
def _read(library: str, name: str) -> Needs | None:
    table = read_document(f"flow/{library}.toml")
    fields = table.get(name)
    if fields is None:
        return None
    return _needs({**table[fields["like"]], **fields} if "like" in fields else fields)


def _needs(fields: Mapping[str, Any]) -> Needs:
    own = {k: v for k, v in fields.items() if k not in ("like", "when", "inner")}
    cases = tuple(_case(c) for c in fields.get("when", ()))
    return Needs(Behaviour().changed(own), cases, fields.get("inner", ""))


def _case(fields: Mapping[str, Any]) -> Case:
    changes = {name: value for name, value in fields.items() if name not in ("if", "tried")}
    return Case(fields["if"], changes, fields.get("tried", ""))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
