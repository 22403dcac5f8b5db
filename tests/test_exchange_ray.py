"""Spaces for Ray Tune. Ray is not needed: what the script hands to it is read off its code."""

from __future__ import annotations

import ast
import math
import random
import sys
import types
from typing import Any

import pytest

import hyperdsl
from hyperdsl.backends.exchange import export
from hyperdsl.diagnostics import Reporter
from hyperdsl.hyperspace import HyperSpace

PROGRAM = """\
let n = 2..9
space s = record(
  a = n, b = 1..n, c = 1e-4..1.0 log, d = 0.0..1.0 step 0.25, e = 1..64 log, f = "x" | "y" | None, g = normal(3, 0.5),
  h = lognormal(0, 1), i = permute(1, 2, 3), j = 5..6 if n > 4 else 0, k = 1 | 2.5)
"""


def script(space: HyperSpace) -> str:
    return export("ray", space.space, Reporter(), module=space.module)


def run(text: str) -> dict[str, Any]:
    module = types.ModuleType("script_for_ray")
    sys.modules[module.__name__] = module  # where dataclasses look for their module
    exec(compile(text, "script.py", "exec"), module.__dict__)
    return module.__dict__


def calls(text: str) -> dict[str, tuple[Any, ...]]:
    """``{path: (function of tune, arguments…)}`` of the parameter space."""
    (function,) = (n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef) and n.name == "param_space")
    table = function.body[-1].value  # type: ignore[attr-defined]
    found = {}
    for key, value in zip(table.keys, table.values, strict=True):
        assert value.func.value.id == "tune"
        found[key.value] = (value.func.attr, *map(ast.literal_eval, value.args))
    return found


def draw(rng: random.Random, function: str, *arguments: Any) -> Any:
    """A value as Ray's documentation says."""
    match function:
        case "choice":
            return rng.choice(arguments[0])
        case "randint" | "lograndint":
            return rng.randrange(arguments[0], arguments[1])
        case "uniform":
            return rng.uniform(*arguments)
        case "loguniform":
            return math.exp(rng.uniform(*map(math.log, arguments)))
        case "randn":
            return rng.gauss(*arguments)
    raise AssertionError(function)


def test_each_decision_has_the_domain_of_ray_that_means_the_same() -> None:
    place = ("uniform", 0.0, 1.0)
    assert calls(script(hyperdsl.compile(PROGRAM))) == {
        "n": ("randint", 2, 10),
        "s.b": place,
        "s.c": ("loguniform", 1e-4, 1.0),
        "s.d": place,
        "s.e": ("lograndint", 1, 65),
        "s.f": ("choice", ["x", "y", None]),
        "s.g": ("randn", 3.0, 0.5),
        "s.h": place,
        "s.i.permute": place,
        "s.j": ("randint", 5, 7),
        "s.k": ("choice", [1, 2.5]),
    }


@pytest.mark.parametrize(
    "program",
    [
        PROGRAM,
        "space s = (StandardScaler() | pass) >> (Ridge(alpha = 0.1..1.0) | Lasso(max_iter = 100..200 step 50))",
        "def configuration() = Ridge() | Lasso(alpha = 0.5..1.0)\nspace s = MinMaxScaler() >> configuration()",
    ],
)
def test_what_ray_draws_is_read_as_a_point_of_the_space(program: str) -> None:
    space = hyperdsl.compile(program)
    text = script(space)
    names, domains, rng = run(text), calls(text), random.Random(0)
    read = names.get("configuration_2", names["configuration"])
    for _ in range(100):
        config = read({path: draw(rng, *domain) for path, domain in domains.items()})
        assert space.configuration(config).to_json() == config
        names["build"](config)


def test_ranges_at_their_ends_stay_inside() -> None:
    space = hyperdsl.compile(PROGRAM)
    names = run(script(space))
    for u in (0.0, 1.0):
        drawn = {"n": 9, "s.b": u, "s.c": 1e-4, "s.d": u, "s.e": 64, "s.f": None, "s.g": 3.0, "s.h": u, "s.k": 2.5}
        config = names["configuration"]({**drawn, "s.i.permute": u, "s.j": 6})
        assert config["s.b"] == (1, 9)[int(u)] and config["s.d"] == u
        space.configuration(config)


def test_what_violates_a_condition_is_refused() -> None:
    read = run(script(hyperdsl.compile("let a = 1..9 let b = 1..9 require a < b space s = record(a = a, b = b)")))[
        "configuration"
    ]
    assert read({"a": 2, "b": 3}) == {"a": 2, "b": 3}
    with pytest.raises(ValueError, match="require a < b"):
        read({"a": 3, "b": 3})
