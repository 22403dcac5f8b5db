"""Spaces for Ray Tune: what the script hands to it, what Ray draws of that, and a search by a real Tuner."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import random
import subprocess
import sys
import types
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ray.tune.search.variant_generator import generate_variants

import hyperdsl
from hyperdsl.backends.exchange import export
from hyperdsl.diagnostics import Reporter
from hyperdsl.hyperspace import HyperSpace
from hyperdsl.ir.enumeration import distribution

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


def draws(names: dict[str, Any], n: int) -> Iterator[dict[str, Any]]:
    """What Ray makes of the parameter space, without a cluster."""
    random.seed(0)
    np.random.seed(0)
    for _ in range(n):
        for _, drawn in generate_variants({"config": names["param_space"]()}):
            yield drawn["config"]


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
    names = run(script(space))
    read = names.get("configuration_2", names["configuration"])
    for drawn in draws(names, 100):
        config = read(drawn)
        assert space.configuration(config).to_json() == config
        names["build"](config)


def test_ray_draws_from_the_prior_of_the_space() -> None:
    n = 4000
    space = hyperdsl.compile(
        "let n = 2..5 let m = 1..n space s = record(m = m, d = 0.0..1.0 step 0.5, i = permute(1, 2), j = (1 | 2 | 3)?)"
        " require n != 3"
    )
    expected = {repr(key[0]): float(p) for key, p in distribution(space.graph).items()}
    names = run(script(space))
    found: Counter[str] = Counter()
    for drawn in draws(names, n):
        with contextlib.suppress(ValueError):  # it violates the condition
            configuration = space.configuration(names["configuration"](drawn))
            found[repr(tuple(sorted(configuration.assignment().items())))] += 1
    kept = found.total()
    assert set(found) <= set(expected) and 0.68 < kept / n < 0.82  # three quarters of n are not 3
    statistic = sum((found[key] - kept * p) ** 2 / (kept * p) for key, p in expected.items())
    freedom = len(expected) - 1
    assert statistic < freedom + 6 * (2 * freedom) ** 0.5  # chi-square, six standard deviations


def test_a_tuner_searches_with_the_script(tmp_path: Path) -> None:
    space = hyperdsl.compile('let n = 2..9 space s = record(n = n, x = 1..n, f = "a" | "b")')
    (tmp_path / "space_for_ray.py").write_text(script(space))
    (tmp_path / "tuning.py").write_text(TUNING)
    environment = {**os.environ, "RAY_AIR_NEW_OUTPUT": "0", "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "tuning.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    results = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(results) == 2
    for result in results:
        value = space.build(space.configuration(result["config"]))
        assert result["score"] == value["n"] * value["x"]


TUNING = """\
import json

import ray
from ray import tune
from space_for_ray import build, configuration, param_space


def trainable(drawn):
    value = build(configuration(drawn))
    return {"score": value["n"] * value["x"]}


ray.init(num_cpus=1, include_dashboard=False, object_store_memory=80 * 2**20, log_to_driver=False)
tuner = tune.Tuner(
    trainable,
    param_space=param_space(),
    tune_config=tune.TuneConfig(num_samples=2, metric="score", mode="max", max_concurrent_trials=1, reuse_actors=True),
    run_config=tune.RunConfig(storage_path=__file__ + ".out", verbose=0),
)
for result in tuner.fit():
    print(json.dumps({"config": configuration(result.config), "score": result.metrics["score"]}))
"""


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
