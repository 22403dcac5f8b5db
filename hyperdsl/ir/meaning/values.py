"""Values under some decisions: what operators and built-in functions give, and where they give nothing."""

from __future__ import annotations

import operator
from collections.abc import Callable
from enum import Enum
from functools import reduce
from typing import Any

from hyperdsl.ir import plan
from hyperdsl.ir.domain import Integers, Reals


class Undefined(Exception):
    """An expression has no value under some assignment, e.g. an empty range or a division by zero.

    ``node`` is where; ``fact`` says it in a few words.
    """

    def __init__(self, node: int, fact: str) -> None:
        super().__init__(fact)
        self.node = node
        self.fact = fact


class Absent(Undefined):
    """What an expression reads is not there: a condition on it is unknown, and nothing can be built of it."""


class Inactive(Exception):
    """A condition reads a decision that is not active."""


class Sentinel(Enum):
    """Values that no program can write."""

    unknown = "unknown"  # an expression reads an argument that is not there
    nothing = "nothing"  # an absent part


UNKNOWN = Sentinel.unknown
NOTHING = Sentinel.nothing


def known(value: Any, node: int) -> Any:
    """A value that something is built from; what is unknown cannot be.

    Raises
    ------
    Absent
        Where the value reads an argument that is not there.
    """
    if value is UNKNOWN:
        raise Absent(node, "it reads an argument that is not there")
    return value


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
_MAX_BITS = 4096
MAX_ITEMS = 1_000_000  # of a list, tuple or string that `+` makes


def arithmetic(symbol: str, left: Any, right: Any, node: int) -> Any:
    """``left symbol right`` on numbers, or ``+`` on lists, tuples and strings."""
    if symbol == "+" and type(left) is type(right) and isinstance(left, (plan.ListPlan, str, tuple)):
        return _joined(left, right, node)
    if not all(isinstance(v, (int, float)) for v in (left, right)):
        raise Undefined(node, f"`{symbol}` does not work on {kind_of(left)} and {kind_of(right)}")
    if symbol == "**" and isinstance(left, int) and isinstance(right, int) and abs(left) > 1:
        if right > 0 and left.bit_length() * right > _MAX_BITS:
            raise Undefined(node, f"{left} ** {right} has more than {_MAX_BITS} bits")
    try:
        result = _ARITHMETIC[symbol](left, right)
    except ZeroDivisionError:
        raise Undefined(node, "division by zero") from None
    except OverflowError:
        raise Undefined(node, "the number is too large") from None
    if isinstance(result, complex):
        raise Undefined(node, "the result is a complex number")
    if isinstance(result, int) and result.bit_length() > _MAX_BITS:
        raise Undefined(node, f"the number has more than {_MAX_BITS} bits")
    return result


def _joined(left: Any, right: Any, node: int) -> Any:
    """Two lists, tuples or strings, one after the other."""
    is_list = isinstance(left, plan.ListPlan)
    parts = (left.items, right.items) if is_list else (left, right)
    if len(parts[0]) + len(parts[1]) > MAX_ITEMS:
        raise Undefined(node, f"the result has more than {MAX_ITEMS:,} items")
    joined = parts[0] + parts[1]
    return plan.ListPlan(joined) if is_list else joined


def kind_of(value: Any) -> str:
    names = {str: "a string", bool: "a truth value", int: "a number", float: "a number", tuple: "a tuple"}
    if value is None:
        return "None"
    if isinstance(value, plan.ListPlan):
        return "a list"
    return names.get(type(value), "a module")


def negate(value: Any, node: int) -> Any:
    """``-value``."""
    if not isinstance(value, (int, float)):
        raise Undefined(node, f"`-` does not work on {kind_of(value)}")
    return -value


def same(left: Any, right: Any) -> bool:
    """Python's equality, except that truth values equal no numbers."""
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def compare(symbol: str, left: Any, right: Any, node: int) -> bool:
    if symbol in ("==", "!="):
        return same(left, right) == (symbol == "==")
    if symbol in ("in", "not in"):
        return _contains(right, left, node) == (symbol == "in")
    if not all(isinstance(v, (int, float)) for v in (left, right)) and not (
        isinstance(left, str) and isinstance(right, str)
    ):
        raise Undefined(node, f"`{symbol}` does not compare {kind_of(left)} with {kind_of(right)}")
    order: dict[str, Callable[[Any, Any], bool]] = {
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
    return order[symbol](left, right)


def _contains(container: Any, value: Any, node: int) -> bool:
    if isinstance(container, Integers | Reals):
        return isinstance(value, (int, float)) and container.low <= value <= container.high
    if isinstance(container, plan.ListPlan):
        return any(same(v, value) for v in container.items)
    if isinstance(container, tuple):
        return any(same(v, value) for v in container)
    if isinstance(container, str) and isinstance(value, str):
        return value in container
    raise Undefined(node, f"`in` does not look into {kind_of(container)}")


def item(container: Any, position: Any, node: int) -> Any:
    """``container[position]``."""
    if isinstance(container, plan.DictPlan):
        for key, value in container.items:
            if same(key, position):
                return value
        raise Undefined(node, f"there is no key {position!r}")
    items = container.items if isinstance(container, plan.ListPlan) else container
    if not isinstance(items, tuple) or type(position) is not int:
        raise Undefined(node, f"cannot take item {position!r} of {kind_of(container)}")
    if not -len(items) <= position < len(items):
        raise Absent(node, f"there is no item {position} among {len(items)}")
    return items[position]


def part(container: Any, ends: slice, node: int) -> Any:
    """``container[lower:upper:step]``."""
    if isinstance(container, plan.ListPlan):
        return plan.ListPlan(container.items[ends])
    if isinstance(container, tuple):
        return container[ends]
    raise Undefined(node, f"cannot slice {kind_of(container)}")


def aggregate(function: str, values: list[Any], node: int) -> Any:
    """``len sum min max any all`` of one list, or of several values."""
    if len(values) == 1 and isinstance(values[0], (plan.ListPlan, tuple, plan.DictPlan)):
        first = values[0]
        values = list(first) if isinstance(first, tuple) else list(first.items)
    elif len(values) == 1 and function not in ("min", "max"):
        raise Undefined(node, f"`{function}` takes a list, not {kind_of(values[0])}")
    if function == "len":
        return len(values)
    if function in ("any", "all"):
        return (any if function == "any" else all)(bool(v) for v in values)
    if not values and function != "sum":
        raise Undefined(node, f"`{function}` of an empty list")
    if not all(isinstance(v, (int, float)) for v in values):
        raise Undefined(node, f"`{function}` takes numbers")
    if function == "sum":
        return reduce(operator.add, values, 0)
    return (min if function == "min" else max)(values)
