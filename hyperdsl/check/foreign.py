"""Names of Python and of other libraries -> the form that this language has for them, with the user's own arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hyperdsl.syntax import tree

# The longest rewriting that a message shows; else the form in general.
LONGEST = 80


def rewritten(name: str, call: tree.Call | None) -> str | None:
    """``uniform(0.1, 1.0)`` -> ``0.1..1.0``; None where there is no form, or not for these arguments."""
    write = _FORMS.get(name.rpartition(".")[2])
    if write is None or call is None or any(a.value is None or a.kind == "splat" for a in call.arguments):
        return None
    text = write(name, call)
    return text if text is not None and len(text) <= LONGEST and "\n" not in text else None


def _text(expr: tree.Expr | None) -> str:
    return expr.span.text if expr is not None else ""


def _is_text(expr: tree.Expr | None) -> bool:
    return isinstance(expr, tree.Literal) and isinstance(expr.value, str)


def _options(call: tree.Call) -> Mapping[str, str]:
    return {a.name: _text(a.value) for a in call.arguments if a.name is not None}


def _positional(call: tree.Call) -> list[tree.Expr]:
    """The positional arguments without the name that other systems want first."""
    found = [a.value for a in call.arguments if a.kind == "positional" and a.value is not None]
    is_named = not all(map(_is_text, found)) or (len(found) == 1 and bool(_options(call)))
    return found[1:] if found and _is_text(found[0]) and is_named else found


def _ends(call: tree.Call) -> tuple[str, str] | None:
    """Both ends of a range, by place or by name."""
    options = _options(call)
    values = _positional(call)
    if len(values) == 1 and isinstance(values[0], tree.TupleExpr):  # ConfigSpace: Float("x", (0.1, 1.0))
        values = list(values[0].items)
    found = [_text(value) for value in values]
    for names in (("low", "lower", "min", "start", "min_value"), ("high", "upper", "max", "stop", "max_value")):
        found += [options[name] for name in names if name in options]
    numbers = [end for end in found if _is_number(end)]
    return (numbers[0], numbers[1]) if len(numbers) >= 2 and numbers[:2] == found[:2] else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _real(end: str) -> str:
    return f"{end}.0" if end.lstrip("-").isdigit() else end


def _modifiers(call: tree.Call, name: str) -> str:
    options = _options(call)
    is_log = "log" in name or options.get("log") == "True" or "log" in options.get("prior", options.get("sampling", ""))
    step = options.get("step", options.get("q", ""))
    third = _positional(call)[2:3]
    if name.rpartition(".")[2].startswith("q") and third and _is_number(_text(third[0])):
        step = _text(third[0])
    return f"{' log' if is_log else ''}{f' step {step}' if step else ''}"


def _reals(name: str, call: tree.Call) -> str | None:
    ends, modifiers = _ends(call), _modifiers(call, name)
    if ends is None or ("log" in modifiers and float(ends[0]) <= 0):  # exponents of e, in hyperopt
        return None
    return f"{_real(ends[0])}..{_real(ends[1])}{modifiers}"


def _integers(name: str, call: tree.Call) -> str | None:
    ends = _ends(call)
    return f"{ends[0]}..{ends[1]}{_modifiers(call, name)}" if ends else None


def _half_open(name: str, call: tree.Call) -> str | None:
    """Python's ranges do not hold their end."""
    ends = _ends(call)
    if ends is None or not all(end.lstrip("-").isdigit() for end in ends):
        return None
    low, last = int(ends[0]), int(ends[1]) - 1
    third = _text(next(iter(_positional(call)[2:]), None))
    if name == "range" and third.isdigit() and int(third) > 0:
        return f"{low}..{last - (last - low) % int(third)} step {third}"
    return f"{low}..{last}{_modifiers(call, name)}"


def _powers(name: str, call: tree.Call) -> str | None:
    ends = _ends(call)
    return f"1e{ends[0]}..1e{ends[1]} log" if ends and all(e.lstrip("-").isdigit() for e in ends) else None


def _choice(name: str, call: tree.Call) -> str | None:
    return _joined(call, " | ")


def _joined(call: tree.Call, sign: str) -> str | None:
    items: Sequence[tree.Expr] = _positional(call)
    if len(items) == 1 and isinstance(items[0], (tree.ListExpr, tree.TupleExpr)):
        items = items[0].items
    return sign.join(_text(item) for item in items) if len(items) > 1 else None


def _optional(name: str, call: tree.Call) -> str | None:
    items = _positional(call)
    return f"{_text(items[0])}?" if len(items) == 1 else None


Write = Callable[[str, tree.Call], str | None]
_FORMS: dict[str, Write] = {
    **dict.fromkeys(
        ("uniform", "loguniform", "log_uniform", "suggest_float", "suggest_uniform", "suggest_loguniform", "Real"),
        _reals,
    ),
    **dict.fromkeys(("Float", "float", "UniformFloatHyperparameter", "FloatDistribution", "quniform"), _reals),
    **dict.fromkeys(("suggest_int", "Integer", "Int", "int", "IntDistribution"), _integers),
    **dict.fromkeys(("UniformIntegerHyperparameter", "uniformint"), _integers),
    **dict.fromkeys(("randint", "range", "lograndint"), _half_open),
    **dict.fromkeys(("logspace",), _powers),
    **dict.fromkeys(("choice", "Choice", "Categorical", "suggest_categorical", "one_of", "oneOf", "OneOf"), _choice),
    **dict.fromkeys(("CategoricalHyperparameter", "CategoricalDistribution", "grid_search", "choices"), _choice),
    "make_pipeline": lambda name, call: _joined(call, " >> "),
    "make_union": lambda name, call: _joined(call, " & "),
    **dict.fromkeys(("optional", "Optional", "maybe"), _optional),
    **dict.fromkeys(("floatv",), _reals),
    **dict.fromkeys(("intv",), _integers),
    **dict.fromkeys(("oneof",), _choice),
}
# What to show where the arguments do not tell: `hp.loguniform("x", -3, 3)` has exponents of e.
EXAMPLES: dict[str, str] = {
    **{name: "0.0..1.0" for name, write in _FORMS.items() if write is _reals},
    **{name: "1..10" for name, write in _FORMS.items() if write in (_integers, _half_open)},
    **{name: "a | b" for name, write in _FORMS.items() if write is _choice},
    **dict.fromkeys(
        ("loguniform", "log_uniform", "suggest_loguniform", "qloguniform", "logspace", "geomspace"), "1e-3..1e3 log"
    ),
    **dict.fromkeys(("quniform", "suggest_discrete_uniform", "linspace", "arange"), "0.0..1.0 step 0.1"),
    **dict.fromkeys(("lograndint", "qrandint"), "1..100 log"),
    **dict.fromkeys(("randn", "qnormal"), "normal(0.0, 1.0)"),
    **dict.fromkeys(("optional", "Optional", "maybe"), "part?"),
    **dict.fromkeys(("make_column_transformer", "make_column_selector"), "columns { numeric => a   categorical => b }"),
    "pchoice": "a @ 0.3 | b @ 0.7",
    **dict.fromkeys(("Bool", "Boolean"), "True | False"),
    "seq": "1..9 step 2",
    "list": "[1, 2]",
    "set": "a | b",
    "tuple": "(1, 2)",
    "between": "0.0..1.0",
    "undefined": "None",
    "make_pipeline": "a >> b",
    "make_union": "a & b",
    "dict": "record(a = 1)",
    "yes": "True",
    "no": "False",
    "null": "None",
    "nil": "None",
    "NoOp": "pass",
    "customize_schema": "Ridge(alpha = 0.1..1.0)",
    "manyof": "subset(1..2, [a, b, c])",
    "TRUE": "True",
    "FALSE": "False",
    "NONE": "None",
}
