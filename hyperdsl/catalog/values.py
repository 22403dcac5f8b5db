"""Whether a value fits what a parameter takes, and how to say what it takes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Set

from hyperdsl.catalog.model import PART_ROLES, Constraint, Interval, Items, Kind, Module, Options, Parameter

_LARGEST_SEED = 2**32 - 1
_LISTED = 16  # options that a message lists

_WORDS = {
    "bool": "True or False",
    "str": "a string",
    "int": "an int",
    "real": "a number",
    "none": "None",
    "list": "a list",
    "tuple": "a tuple",
    "dict": "a dict",
    "array": "a list of values",
    "callable": "a function",
    "random_state": "a seed",
    "module": "a module",
    "any": "anything",
    "layer": "a layer",
    "cell": "a recurrent cell",
    "activation": "an activation function",
    "initializer": "an initializer",
    "regularizer": "a regularizer",
    "constraint": "a constraint",
    "optimizer": "an optimizer",
    "schedule": "a schedule of learning rates",
    "loss": "a loss",
    "metric": "a metric",
    "callback": "a callback",
}


def check_value(parameter: Parameter, value: object) -> str | None:
    """What is wrong with a constant as an argument.

    Parameters
    ----------
    parameter : Parameter
        The parameter that gets the value.
    value : object
        A Python int, float, bool, str, None, tuple, list or dict.

    Returns
    -------
    str or None
        A short fact such as ``must be > 0``, which does not repeat the value, or None where the value is fine or
        nothing is known of the parameter.
    """
    constraints = parameter.constraints
    if not constraints or any(_holds(c, value) for c in constraints) or _is_default(parameter, value):
        return None
    if _is_number(value):
        return _number_fact(constraints, value)
    options = _strings(constraints)
    if isinstance(value, str) and options and not any(c == Kind("str") for c in constraints):
        return f"must be {_one_of(options)}"
    return f"must be {describe(parameter)}"


def check_kind(parameter: Parameter, kind: str) -> str | None:
    """What is wrong with a value of which only the kind (see :class:`Kind`) is known."""
    constraints = parameter.constraints
    if not constraints or any(_admits_kind(c, kind) for c in constraints):
        return None
    return f"must be {describe(parameter)}"


def check_module(parameter: Parameter, module: Module) -> str | None:
    """What is wrong with a module as an argument: called, or a function that is named.

    Returns
    -------
    str or None
        What it is instead of what the parameter takes, ``a regularizer``, or None.
    """
    own = PART_ROLES & module.roles
    kind = "callable" if module.is_function else "module"
    for constraint in parameter.constraints:
        if isinstance(constraint, Kind) and constraint.name in PART_ROLES:
            if constraint.name in own or (module.library == "user" and not own):
                return None
        elif _admits_kind(constraint, kind):
            return None
    return (_WORDS[min(own)] if own else _WORDS[kind]) if parameter.constraints else None


def check_interval(parameter: Parameter, low: float, high: float, is_int: bool) -> str | None:
    """What is wrong with a range of numbers, both ends included, as an argument.

    Parameters
    ----------
    parameter : Parameter
        The parameter that gets a number of the range.
    low, high : float
        The ends.
    is_int : bool
        Whether the range holds whole numbers only.

    Returns
    -------
    str or None
        A short fact that names the end that is outside, or None.
    """
    constraints = parameter.constraints
    if not constraints or Kind("any") in constraints:
        return None
    if is_int and not any(_takes_ints(c) for c in constraints) and any(_takes_floats(c) for c in constraints):
        return f"takes real numbers; write {float(low)!r}..{float(high)!r}"
    ends = (int(low), int(high)) if is_int else (float(low), float(high))
    if any(all(_holds(c, end) for end in ends) for c in constraints if not isinstance(c, Options)):
        return None
    for end in ends:
        if not any(_holds(c, end) for c in constraints):
            return f"{_number_fact(constraints, end)} (the range reaches {end!r})"
    return f"must be {describe(parameter)} (the range holds values that are not)"


Numbers = tuple[float, float, bool, bool]  # two ends, and whether each belongs to it


def numbers_taken(parameter: Parameter, types: Set[str]) -> list[Numbers] | None:
    """The numbers of one or both types, ``int`` and ``float``, that a parameter takes; None where it takes all."""
    found: list[Numbers] = []
    constants = [v for c in parameter.constraints if isinstance(c, Options) for v in c.values]
    if not parameter.required and not parameter.default_text:
        constants.append(parameter.default)
    for constraint in parameter.constraints:
        match constraint:
            case Kind("any" | "real"):
                return None
            case Kind("int") if "int" in types:
                return None
            case Kind("random_state") if "int" in types:
                found.append((0, _LARGEST_SEED, True, True))
            case Interval(kind=kind, low=low, high=high, strict=strict):
                if types == {"float"} if kind == "int" else types == {"int"} and strict:
                    continue
                ends = -math.inf if low is None else low, math.inf if high is None else high
                found.append((*ends, _includes_low(constraint), _includes_high(constraint)))
    found += [(v, v, True, True) for v in constants if isinstance(v, int | float) and type(v).__name__ in types]
    return found


def text_options(parameter: Parameter) -> list[str]:
    """The strings among the constants that a parameter takes."""
    return [v for v in _strings(parameter.constraints) if isinstance(v, str)]


def describe(parameter: Parameter) -> str:
    """What a parameter takes, for a message: ``a float in (0, 1], or None``."""
    return _describe(parameter.constraints)


def _describe(constraints: Iterable[Constraint]) -> str:
    parts: list[str] = []
    strings: list[object] = []
    for constraint in constraints:
        if isinstance(constraint, Options):
            strings.extend(constraint.values)
        else:
            parts.append(_phrase(constraint))
    if strings:
        parts.insert(0, _one_of(strings))
    parts = list(dict.fromkeys(parts)) or ["anything"]
    if "None" in parts:
        parts.remove("None")
        parts.append("None")
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"


def _phrase(constraint: Interval | Kind | Items) -> str:
    if isinstance(constraint, Kind):
        return _WORDS[constraint.name]
    if isinstance(constraint, Items):
        each = _describe(constraint.each)
        return f"a tuple of {constraint.length}, each {each}" if constraint.length else f"a tuple, each item {each}"
    noun = "an int" if constraint.kind == "int" else "a float" if constraint.strict else "a number"
    return f"{noun} {_bounds(constraint)}".rstrip()


def _bounds(interval: Interval) -> str:
    """``> 0``, ``in (0, 1]``, or nothing."""
    low = None if interval.low == -math.inf else interval.low
    high = None if interval.high == math.inf else interval.high
    if low is None and high is None:
        return ""
    if high is None:
        return f"{'>=' if _includes_low(interval) else '>'} {low!r}"
    if low is None:
        return f"{'<=' if _includes_high(interval) else '<'} {high!r}"
    return f"in {'[' if _includes_low(interval) else '('}{low!r}, {high!r}{']' if _includes_high(interval) else ')'}"


def _includes_low(interval: Interval) -> bool:
    return interval.closed in ("left", "both")


def _includes_high(interval: Interval) -> bool:
    return interval.closed in ("right", "both")


def _one_of(values: Iterable[object]) -> str:
    texts = list(dict.fromkeys(repr(v) for v in values))
    if len(texts) == 1:
        return texts[0]
    rest = f", … ({len(texts)} in all)" if len(texts) > _LISTED else ""
    return f"one of {', '.join(texts[:_LISTED])}{rest}"


def _number_fact(constraints: tuple[Constraint, ...], value: object) -> str:
    intervals = [c for c in constraints if isinstance(c, Interval)]
    if not intervals:
        return f"must be {_describe(constraints)}"
    if isinstance(value, float) and not any(_takes_floats(c) for c in intervals):
        return f"takes a whole number: write {int(value)!r}" if value.is_integer() else "takes a whole number"
    same = [c for c in intervals if (c.kind == "int") == isinstance(value, int)] or intervals
    if len(same) == 1 and len(intervals) == 1:
        bounds = _bounds(same[0])
        return f"must be {bounds}" if bounds else f"must be {_describe(constraints)}"
    return f"must be {_describe(intervals)}"


def _holds(constraint: Constraint, value: object) -> bool:
    match constraint:
        case Interval():
            return _in_interval(constraint, value)
        case Options(values=values):
            return any(_same(option, value) for option in values)
        case Kind(name=name):
            return _is_kind(name, value)
        case Items(each=each, length=length):
            if not isinstance(value, list | tuple) or length not in (None, len(value)):
                return False
            return all(any(_holds(c, item) for c in each) for item in value)


def _in_interval(interval: Interval, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(value, float) and (interval.kind == "int" or math.isnan(value)):
        return False
    if interval.strict and isinstance(value, int):
        return False
    low = -math.inf if interval.low is None else interval.low
    high = math.inf if interval.high is None else interval.high
    if value == low:
        return _includes_low(interval)
    if value == high:
        return _includes_high(interval)
    return low < value < high


def _is_kind(name: str, value: object) -> bool:
    match name:
        case "any":
            return True
        case "none":
            return value is None
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "real":
            return _is_number(value)
        case "array":
            return isinstance(value, list | tuple)
        case "random_state":
            return value is None or (_is_kind("int", value) and 0 <= value <= _LARGEST_SEED)  # type: ignore[operator]
        case "bool" | "str" | "list" | "tuple" | "dict":
            return type(value).__name__ == name
        case _:
            return False


def _same(option: object, value: object) -> bool:
    if isinstance(option, float) and isinstance(value, float) and math.isnan(option):
        return math.isnan(value)
    return type(option) is type(value) and option == value


def _is_default(parameter: Parameter, value: object) -> bool:
    return not parameter.required and not parameter.default_text and _same(parameter.default, value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _strings(constraints: tuple[Constraint, ...]) -> list[object]:
    return [v for c in constraints if isinstance(c, Options) for v in c.values]


def _takes_ints(constraint: Constraint) -> bool:
    if isinstance(constraint, Interval):
        return constraint.kind == "int"
    return isinstance(constraint, Kind) and constraint.name in ("int", "real", "random_state", "any")


def _takes_floats(constraint: Constraint) -> bool:
    if isinstance(constraint, Interval):
        return constraint.kind == "real"
    return isinstance(constraint, Kind) and constraint.name in ("real", "any")


def _admits_kind(constraint: Constraint, kind: str) -> bool:
    match constraint:
        case Interval(kind=number, strict=strict):
            return kind == number or (kind == "int" and not strict)
        case Options(values=values):
            return any(_is_kind(kind, v) for v in values)
        case Items():
            return kind in ("list", "tuple")
        case Kind(name=name) if name in PART_ROLES:
            return kind == "module"
        case Kind(name=name):
            known = {"array": ("list", "tuple"), "real": ("int",), "random_state": ("int", "none")}
            return name in ("any", kind) or kind in known.get(name, ())
