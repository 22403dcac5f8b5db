"""A space of another system, in terms of ours, and its text as a ``.hyp`` file.

Each parameter is a field of one record, under its own name, so that functions written for the other system keep
working; a parameter that is not active is ``None``. What others depend on, and what depends on others, is a ``let``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from hyperdsl.backends.exchange.wording import constant
from hyperdsl.check.builtins import NAMES
from hyperdsl.frozen import frozen
from hyperdsl.ir.domain import Integers, Reals

_STATEMENTS = frozenset({"space", "let", "def", "import", "use", "require", "forbid", "experiment"})
_WORDS = frozenset({"columns", "return", "and", "or", "not", "in", "is", "if", "else", "for", "log", "step", "default"})
_CONSTANTS = frozenset({"True", "true", "False", "false", "None", "none"})
_RESERVED = _STATEMENTS | _WORDS | _CONSTANTS | NAMES
_LARGEST = 20_000  # characters of one condition


class CannotImport(ValueError):
    """A parameter that is broken or has no form here; the message says why."""


@frozen
class Test:
    """A condition on one parameter: ``operator`` is ``==``, ``!=``, ``<``, ``>`` or ``in``."""

    parent: str
    operator: str
    value: Any


Conjunction: TypeAlias = tuple[Test, ...]


@frozen
class Parameter:
    """One parameter.

    ``domain`` is its domain as an expression of the language, or the parameters of a group; ``active`` holds
    conjunctions, any of which makes it active; empty is always.
    """

    name: str
    domain: str | tuple[Parameter, ...]
    active: tuple[Conjunction, ...] = ()


@dataclass(slots=True)
class ForeignSpace:
    """What was read: ``origin`` says from where, ``lost`` what was left out of it and why."""

    name: str
    origin: str
    parameters: list[Parameter] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)


# --- domains


def number(low: float | int, high: float | int, log: bool = False, step: float | int | None = None) -> str:
    """A range; one value where the ends are equal."""
    if isinstance(low, float) or isinstance(high, float):
        low, high = float(low), float(high)
    if not low <= high:
        raise CannotImport(f"the range {low}..{high} is empty")
    if log and low <= 0:
        raise CannotImport(f"a log range cannot start at {low}")
    if low == high:
        return repr(low)
    stepped = f" step {step!r}" if step is not None and (step != 1 or isinstance(low, float)) else ""
    return f"{low!r}..{high!r}{' log' if log else ''}{stepped}"


def with_default(text: str, low: float | int, high: float | int, log: bool, default: Any) -> str:
    """A range with its default, where that is not the middle that it has anyway."""
    if type(default) not in (int, float) or ".." not in text or not low <= default <= high:
        return text
    domain = Integers(low, high, log) if isinstance(low, int) and isinstance(high, int) else Reals(low, high, log)
    if abs(domain.middle() - default) <= 0.01 * abs(default):
        return text
    return f"{text} default {default!r}"


def choice(values: Sequence[Any], weights: Sequence[float] | None = None, default: Any = None) -> str:
    """A choice among constants, in their order; one of equal weights begins with its default."""
    if not values:
        raise CannotImport("it has no values")
    for value in values:
        if not isinstance(value, (bool, int, float, str)) and value is not None:
            raise CannotImport(f"{value!r} is no number, text, truth value or null")
    texts = list(dict.fromkeys(constant(value) for value in values))
    if weights is None or len(set(weights)) == 1:
        if default is not None and constant(default) in texts and not all(type(v) in (int, float) for v in values):
            texts.sort(key=lambda text: text != constant(default))
        return " | ".join(texts)
    kept = [(constant(v), w) for v, w in zip(values, weights, strict=True) if w > 0]
    return " | ".join(text if weight == 1 else f"{text} @ {weight!r}" for text, weight in kept)


# --- the file


def write(space: ForeignSpace) -> str:
    """The text of a ``.hyp`` file."""
    names = _Names(space.parameters)
    parents = {test.parent for p in space.parameters for term in p.active for test in term}
    is_plain = all(_is_word(p.name) for p in space.parameters)
    lets, fields = [], []
    for parameter in space.parameters:
        value = _domain(parameter, "  ")
        if parameter.active or parameter.name in parents or not is_plain:
            name = names.lets[parameter.name]
            lets.append(f"let {name} = {value}")
            value = _guarded(parameter, space, names)
        fields.append((parameter.name, value))
    head = f"# {' '.join(space.origin.split())}"
    opening, closing = ("record(", ")") if is_plain else ("{", "}")
    lines = [f"  {n if is_plain else constant(n)}{' = ' if is_plain else ': '}{v}" for n, v in fields]
    body = f"space {names.space(space.name)} = {opening}\n" + ",\n".join(lines) + closing
    return "\n\n".join([head, *(["\n".join(lets)] if lets else []), body]) + "\n"


def _domain(parameter: Parameter, indent: str) -> str:
    if isinstance(parameter.domain, str):
        return parameter.domain
    inner = f"{indent}  "
    fields = [f"{p.name} = {_domain(p, inner)}" for p in parameter.domain]
    return "record(\n" + ",\n".join(inner + text for text in fields) + ")"


def _guarded(parameter: Parameter, space: ForeignSpace, names: _Names) -> str:
    """A parameter where it is active, None elsewhere; a condition is reached only where what it reads is active."""
    by_name = {p.name: p for p in space.parameters}
    name = names.lets[parameter.name]
    if not parameter.active:
        return name
    text = "None"
    for term in reversed(parameter.active):
        levels: dict[int, list[Test]] = {}
        for test in _complete(term, by_name):
            levels.setdefault(_depth(test.parent, by_name), []).append(test)
        inner = name
        for depth in sorted(levels, reverse=True):
            condition = " and ".join(_test(test, names) for test in levels[depth])
            inner = f"{_bracketed(inner)} if {condition} else {_bracketed(text)}"
        text = inner
        if len(text) > _LARGEST:
            raise CannotImport("its conditions are too many")
    return text


def _bracketed(text: str) -> str:
    return f"({text})" if " if " in text else text


def _complete(term: Conjunction, by_name: dict[str, Parameter]) -> list[Test]:
    """A conjunction with the conditions of the parameters that it reads."""
    tests, pending = dict.fromkeys(term), list(term)
    while pending:
        parent = by_name[pending.pop().parent]
        if len(parent.active) > 1:
            raise CannotImport(f"it depends on `{parent.name}`, which has several conditions of its own")
        for test in parent.active[0] if parent.active else ():
            if test not in tests:
                tests[test] = None
                pending.append(test)
    return list(tests)


def _depth(name: str, by_name: dict[str, Parameter]) -> int:
    """How many conditions lie between a parameter and one that is always active."""
    seen: set[str] = set()
    depth, here = 0, {name}
    while here := {test.parent for n in here for term in by_name[n].active for test in term}:
        if here <= seen:
            raise CannotImport("its conditions go in a circle")
        seen |= here
        depth += 1
    return depth


def _test(test: Test, names: _Names) -> str:
    name = names.lets[test.parent]
    if test.operator == "in":
        if len(test.value) == 1:
            return f"{name} == {constant(test.value[0])}"
        return f"{name} in [{', '.join(constant(v) for v in test.value)}]"
    return f"{name} {test.operator} {constant(test.value)}"


class _Names:
    """Names for ``let`` and ``space``, each once: the parameter's own where it can be one."""

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.lets: dict[str, str] = {}
        self.taken: set[str] = set()
        for parameter in parameters:
            self.lets[parameter.name] = self._free(parameter.name)

    def space(self, name: str) -> str:
        return self._free(name or "imported")

    def _free(self, name: str) -> str:
        word = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "p"
        word = f"p{word}" if word[0].isdigit() else word
        word = f"{word}_" if word in _RESERVED else word
        number, free = 2, word
        while free in self.taken:
            number, free = number + 1, f"{word}_{number}"
        self.taken.add(free)
        return free


def _is_word(name: str) -> bool:
    return name.isascii() and name.isidentifier()


def unique(parameters: Sequence[Parameter]) -> Iterator[str]:
    """The names that stand twice."""
    seen: set[str] = set()
    for parameter in parameters:
        if parameter.name in seen:
            yield parameter.name
        seen.add(parameter.name)
