"""What was probably meant by a value that a parameter does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyperdsl.catalog.model import Parameter
from hyperdsl.catalog.values import check_interval, check_kind, check_value, text_options
from hyperdsl.diagnostics.suggest import did_you_mean

if TYPE_CHECKING:
    from hyperdsl.audit import Modules

_WORDS = {"true": "True", "false": "False", "none": "None"}
_CONSTANTS = {"True": True, "False": False, "None": None}


def meant_constant(parameter: Parameter, value: object, catalog: Modules) -> str:
    """The source text of what a constant was probably meant to be; empty where there is no guess."""
    match value:
        case str():
            return _meant_text(parameter, value, catalog)
        case bool():
            return ""
        case 0 | 1 if isinstance(value, int) and check_value(parameter, bool(value)) is None:
            return repr(bool(value))
        case float() if value.is_integer() and check_value(parameter, int(value)) is None:
            return str(int(value))
        case int() if check_value(parameter, float(value)) is None:
            return repr(float(value))
        case list() | tuple() if value and all(check_value(parameter, v) is None for v in value):
            return " | ".join(dict.fromkeys(source_of(v) for v in value))
        case list() if check_value(parameter, tuple(value)) is None:
            return source_of(tuple(value))
        case tuple() if check_value(parameter, list(value)) is None:
            return source_of(list(value))
    return ""


def _meant_text(parameter: Parameter, text: str, catalog: Modules) -> str:
    word = _WORDS.get(text.lower(), text)
    if word in _CONSTANTS and check_value(parameter, _CONSTANTS[word]) is None:
        return word
    for read in (int, float):
        try:
            number = read(text)
        except ValueError:
            continue
        if check_value(parameter, number) is None:
            return text
    near = did_you_mean(text, text_options(parameter))
    if near:
        return source_of(near[0])
    named = catalog.find(text) if text.isidentifier() else ()
    if named and named[0].is_function:
        return text if check_kind(parameter, "callable") is None else ""
    return f"{text}()" if named and check_kind(parameter, "module") is None else ""


def meant_range(parameter: Parameter, low: float, high: float) -> str:
    """Whole ends, where a parameter takes only whole numbers."""
    if not (float(low).is_integer() and float(high).is_integer()):
        return ""
    ends = int(low), int(high)
    return "{}..{}".format(*ends) if check_interval(parameter, *ends, True) is None else ""


def source_of(value: object) -> str:
    """A constant as it is written in a program."""
    match value:
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case list():
            return f"[{', '.join(source_of(v) for v in value)}]"
        case tuple():
            inner = ", ".join(source_of(v) for v in value)
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        case dict():
            return f"{{{', '.join(f'{source_of(k)}: {source_of(v)}' for k, v in value.items())}}}"
    return repr(value)


def kind_of(value: object) -> str:
    """What a constant is, in a word."""
    names = {str: "a string", bool: "a truth value", int: "an int", float: "a float", list: "a list", tuple: "a tuple"}
    return "None" if value is None else names.get(type(value), "a dict")
