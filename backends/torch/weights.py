"""How weights begin, and what the loss gets for them: initializers and regularizers of Keras."""

from __future__ import annotations

import ast
from functools import partial
from typing import Any

from hyperdsl.backends.torch.code import Code, binary, expr
from hyperdsl.backends.torch.model import Asked, Line, Part, Size
from hyperdsl.ir import plan

# Names of initializers and regularizers -> the class that each stands for.
_CLASSES = {
    **{f"{by}_uniform": f"{by.title()}Uniform" for by in ("glorot", "he", "lecun")},
    **{f"{by}_normal": f"{by.title()}Normal" for by in ("glorot", "he", "lecun")},
    **{"zeros": "Zeros", "zero": "Zeros", "ones": "Ones", "one": "Ones"},
    **{"orthogonal": "Orthogonal", "constant": "Constant"},
    **{"uniform": "RandomUniform", "random_uniform": "RandomUniform", "normal": "RandomNormal"},
    **{"random_normal": "RandomNormal", "truncated_normal": "TruncatedNormal", "variance_scaling": "VarianceScaling"},
    **{"l1": "L1", "l2": "L2", "l1_l2": "L1L2"},
}  # fmt: skip
_SCALED = {  # scale, mode
    "Glorot": (1.0, "fan_avg"),
    "He": (2.0, "fan_in"),
    "Lecun": (1.0, "fan_in"),
}


def class_of(value: Any) -> tuple[str, dict[str, Any]]:
    """The class of Keras that an argument means, and its arguments."""
    match value:
        case str():
            return _CLASSES.get(value, value), {}
        case plan.Symbol(path=path):
            name = path.rpartition(".")[2]
            return _CLASSES.get(name, name), {}
        case plan.Call(path=path, arguments=arguments):
            name = path.rpartition(".")[2]
            return _CLASSES.get(name, name), dict(arguments)
    return "", {}


def filled(asked: Asked, name: str, inputs: Size, outputs: Size) -> Line | None:
    """What fills a weight as an initializer says; None for that of ``initialize``.

    Parameters
    ----------
    name : str
        The argument, whose default ``initialize`` follows.
    inputs, outputs : int or expression
        The values that one of the weight's outputs depends on, and the outputs that one of its inputs goes to.
    """
    value = asked.get(name)
    found, arguments = class_of(value)
    if (found, arguments) == (class_of(asked.defaults.get(name))[0], {}):
        return None
    return _line(asked, name, found, arguments, (inputs, outputs))


def _line(asked: Asked, name: str, found: str, given: dict[str, Any], fans: tuple[Size, Size]) -> Line:
    code = asked.code
    if any(isinstance(v, plan.PlanNode) for v in given.values()):
        asked.refuse(name)
    match found:
        case "Zeros" | "Ones" if not given:
            return lambda weight: code.made(f"nn.init.{found.lower()}_", weight)
        case "Constant":
            return lambda weight: code.made("nn.init.constant_", weight, given.get("value", 0.0))
        case "RandomUniform":
            ends = given.get("minval", -0.05), given.get("maxval", 0.05)
            return lambda weight: code.made("nn.init.uniform_", weight, *ends)
        case "RandomNormal":
            shape = given.get("mean", 0.0), given.get("stddev", 0.05)
            return lambda weight: code.made("nn.init.normal_", weight, *shape)
        case "TruncatedNormal":
            mean, width = given.get("mean", 0.0), given.get("stddev", 0.05)
            return lambda weight: code.made(
                "nn.init.trunc_normal_", weight, mean, width, mean - 2 * width, mean + 2 * width
            )
        case "VarianceScaling":
            scaling = (given.get("scale", 1.0), given.get("mode", "fan_in"))
            return partial(scaled, code, fans, scaling, given.get("distribution", "truncated_normal"))
    by = next((by for by in _SCALED if found.startswith(by)), None)
    if by is None:
        asked.refuse(name)
    assert by is not None
    how = "uniform" if found.endswith("Uniform") else "truncated_normal"
    return partial(scaled, code, fans, _SCALED[by], how)


def scaled(
    code: Code, fans: tuple[Size, Size], scaling: tuple[float, str], distribution: str, weight: ast.expr
) -> ast.expr:
    """A call of ``scale_variance`` of ``parts``."""
    scale, mode = scaling
    inputs, outputs = fans
    spread: Any = {"fan_in": inputs, "fan_out": outputs}.get(mode)
    if spread is None:
        total = binary(inputs, ast.Add(), outputs)
        spread = total.value / 2 if isinstance(total, ast.Constant) else binary(total, ast.Div(), 2)  # type: ignore[operator]
    arguments = [weight, expr(scale), expr(spread), expr(distribution)]
    code.imports.taken.add("scale_variance")
    return ast.Call(ast.Name("scale_variance"), arguments, [])


def penalty(asked: Asked, name: str, weight: str) -> tuple[tuple[str, float, float], ...]:
    """What a regularizer adds to the loss for a weight."""
    value = asked.get(name)
    if value is None:
        return ()
    found, arguments = class_of(value)
    known = {"L1": ("l1",), "L2": ("l2",), "L1L2": ("l1", "l2")}.get(found)
    if known is None or any(isinstance(v, plan.PlanNode) for v in arguments.values()):
        asked.refuse(name)
    assert known is not None
    named = 0.0 if found == "L1L2" and isinstance(value, plan.Call) else 0.01
    factors = {key: arguments.get(key, named) or 0.0 for key in known}
    return ((weight, factors.get("l1", 0.0), factors.get("l2", 0.0)),)


def weighed(
    asked: Asked, made: ast.expr, weights: dict[str, tuple[str, str | None]], fans: tuple[Size, Size], begins: str = ""
) -> Part:
    """A module whose weights begin, and are held small, as the arguments say.

    Parameters
    ----------
    weights : dict
        Weight -> the arguments of its initializer and, where there is one, of its regularizer.
    """
    initial: list[tuple[str, Line]] = []
    penalties: list[tuple[str, float, float]] = []
    for weight, (initializer, regularizer) in weights.items():
        if (line := filled(asked, initializer, *fans)) is not None:
            initial.append((weight, line))
        if regularizer is not None:
            penalties += penalty(asked, regularizer, weight)
    return Part(made, tuple(initial), (), tuple(penalties), begins)
