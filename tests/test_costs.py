"""What networks cost: each rule against the layer itself, and sums over whole spaces against every configuration."""

from __future__ import annotations

import json
import math
import statistics
from typing import Any

import pytest
from layer_calls import calls, given, made, shapes

import hyperdsl
from hyperdsl.audit.shapes.costs import COSTS, NotKnown
from hyperdsl.audit.shapes.layers import RULES
from hyperdsl.cli.main import main
from hyperdsl.schema import Column, Schema

keras = pytest.importorskip("keras")

PAIR = ((4, 6), (5, 6))


def inputs(name: str, arguments: dict[str, Any]) -> list[tuple[tuple[int, ...], ...]]:
    """The shapes of what a layer takes."""
    return [PAIR] if "Attention" in name else [(shape,) for shape in shapes(name, arguments)]


def built(name: str, arguments: dict[str, Any], taken: tuple[tuple[int, ...], ...]) -> tuple[Any, list[Any], Any]:
    """A layer, what it takes and what it gives; None where it does not take that."""
    dtype = "int32" if name == "Embedding" else "float32"
    tensors = [keras.KerasTensor((2, *shape), dtype) for shape in taken]
    layer = None
    try:
        layer = made(name, arguments)
        gives = layer(*tensors) if RULES[name].alone or len(tensors) == 1 else layer(tensors)
    except ValueError:
        return layer, tensors, None
    return layer, tensors, gives


@pytest.mark.parametrize("name", COSTS)
def test_weights_are_those_of_the_layer(name: str) -> None:
    compared = 0
    for arguments in calls(name):
        for taken in inputs(name, arguments):
            layer, _, gives = built(name, arguments, taken)
            if gives is not None:
                said = COSTS[name].weights(taken, tuple(gives.shape[1:]), given(name, arguments))
                assert said == layer.count_params(), (arguments, taken)
                compared += 1
    assert compared


def multiply_adds(program: Any, is_transposed: bool) -> int:
    """The multiply-adds of the products of matrices and windows in a compiled program."""
    total = 0
    for step in program.eqns:
        ends = [v.aval.shape for v in step.invars if hasattr(v, "aval")]
        if step.primitive.name == "dot_general":
            (contracted, _), _ = step.params["dimension_numbers"]
            total += math.prod(step.outvars[0].aval.shape) * math.prod(ends[0][axis] for axis in contracted)
        elif step.primitive.name == "conv_general_dilated":
            kernel = [ends[1][axis] for axis in step.params["dimension_numbers"].rhs_spec]
            spec = step.params["dimension_numbers"]  # a transposed convolution multiplies each place of its input
            axes, shape = (spec.lhs_spec, ends[0]) if is_transposed else (spec.out_spec, step.outvars[0].aval.shape)
            batch, places = shape[axes[0]], math.prod(shape[axis] for axis in axes[2:])
            total += batch * places * math.prod(kernel)
        times = step.params.get("length", 1) if step.primitive.name == "scan" else 1
        for inner in step.params.values():
            for part in inner if isinstance(inner, tuple) else (inner,):
                if hasattr(part, "jaxpr") or hasattr(part, "eqns"):
                    total += times * multiply_adds(getattr(part, "jaxpr", part), is_transposed)
    return total


COUNTED = [n for n in COSTS if n not in ("AdditiveAttention", "SpectralNormalization")]


@pytest.mark.parametrize("name", COUNTED)
def test_multiply_adds_are_those_of_the_compiled_program(name: str) -> None:
    if keras.backend.backend() != "jax":
        pytest.skip("JAX says what it computes")
    import jax
    import numpy as np

    for number, arguments in enumerate(calls(name)):
        if number % 5 or arguments.get("dilation_rate"):
            continue
        for taken in inputs(name, arguments):
            layer, tensors, gives = built(name, arguments, taken)
            if gives is None:
                continue
            values = [np.zeros(t.shape, "int32" if t.dtype == "int32" else "float32") for t in tensors]
            one_by_one = RULES[name].alone or len(tensors) == 1
            program = jax.make_jaxpr(lambda *v: layer(*v) if one_by_one else layer(list(v)))(*values)  # noqa: B023
            said = COSTS[name].macs(taken, tuple(gives.shape[1:]), given(name, arguments))
            assert said * 2 == multiply_adds(program.jaxpr, "Transpose" in name), (arguments, taken)  # two rows


def test_what_depends_on_an_unknown_length_is_not_known() -> None:
    with pytest.raises(NotKnown):
        COSTS["Dense"].weights([(None,)], (3,), given("Dense", {"units": 3}))


# --- whole spaces

CHOICES = (
    "let f = 4 | 6\n"
    "def op() = Conv2D(f, 1 | 3, padding = 'same') | SeparableConv2D(f, 3, padding = 'same', use_bias = False)"
    " | BatchNormalization()\n"
    "let net = train({ let x = input(6, 6, 2) >> Conv2D(f, 1)"
    " let y = x >> op() let z = x >> op()"
    " return pick(1, [y, [y, z] >> Add()]) >> GlobalAveragePooling2D() >> Dense(3 | 5) >> Dense(2) })\n"
).replace("'", '"')
TIED = (
    "let d = Dense(4 | 8) >> Dense(4)\n"
    "let net = train({ let x = input(5) let y = input(5) let a = x >> tied(d) let b = y >> tied(d)"
    " return pick(1, [[a, b] >> Add(), a]) >> Dense(1) })\n"
)
WIDE = (
    "let net = train(input(10) >> repeat(0..2, Dense(16..150, use_bias = True | False)) >> Dense(3 * 2, name = None))\n"
)
LOOSE = (
    "def op(x) = x >> Conv2D(3, 1 | 3, padding = \"same\")\n"
    "def node(hs) = [op(pick(1, hs)), op(pick(1, hs))] >> Add()\n"
    "def grow(k, hs) = hs if k == 0 else grow(k - 1, hs + [node(hs)])\n"
    "let net = train({ let x = input(5, 5, 3) return loose(grow(2, [x, x >> Conv2D(3, 1)])) >> Concatenate()"
    " >> Conv2D(2, 1) >> Flatten() >> Dense(2) })\n"
)  # fmt: skip
ZERO = (
    "import std.nas (bench201_op)\n"
    "let net = train({ let x = input(4, 4, 2) let a = x >> bench201_op(2)"
    " return [x >> bench201_op(2), a >> bench201_op(2)] >> Add() >> Flatten() >> Dense(2) })\n"
)
SPACES = {"zero": ZERO, "choices": CHOICES, "tied": TIED, "loose": LOOSE}


def network(space: hyperdsl.HyperSpace, configuration: Any) -> Any:
    return space.build(configuration).build(None)


def facts(text: str, tmp_path: Any, capsys: Any, *options: str) -> dict[str, Any]:
    path = tmp_path / "net.hyp"
    path.write_text(text + ("" if "space " in text else "space s = net\n"))
    assert main(["info", str(path), "--json", *options]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("name", SPACES)
def test_the_cost_of_each_configuration_is_that_of_its_network(name: str) -> None:
    space = hyperdsl.compile(SPACES[name] + "space s = net")
    costs = space.costs()
    for configuration in space.sample(4 if name != "zero" else 12, seed=3):
        model = network(space, configuration)
        assert costs["params"].at(configuration.codes) == model.count_params(), configuration


@pytest.mark.parametrize("name", SPACES)
def test_least_median_and_most_are_those_of_all_configurations(name: str, tmp_path: Any, capsys: Any) -> None:
    space = hyperdsl.compile(SPACES[name] + "space s = net")
    costs = space.costs()
    for measure in ("params", "macs"):
        every = sorted(costs[measure].at(c.codes) for c in space.enumerate())
        told = facts(SPACES[name], tmp_path, capsys)["costs"][measure]
        assert (told["least"], told["most"]) == (every[0], every[-1])
        assert told["median"] == statistics.median_low(every)
        assert told["exact"]


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("share", [0.3, 0.8])
def test_a_condition_counts_what_holds_it(name: str, share: float) -> None:
    space = hyperdsl.compile(SPACES[name] + "space s = net")
    cost = space.costs()["params"]
    every = sorted(cost.at(c.codes) for c in space.enumerate())
    limit = every[int(len(every) * share)]
    limited = hyperdsl.compile(f"{SPACES[name]}require params(net) <= {limit}\nspace s = net")
    assert limited.count().configurations == sum(n <= limit for n in every)
    for configuration in limited.sample(20, seed=1):
        assert cost.at(configuration.codes) <= limit


def test_ranges_with_many_values_are_not_looked_at_one_by_one(tmp_path: Any, capsys: Any) -> None:
    told = facts(WIDE.replace(", name = None", ""), tmp_path, capsys)["costs"]["params"]
    dense = [10 * 150 + 150, 150 * 150 + 150, 150 * 6 + 6]
    assert (told["least"], told["most"]) == (66, sum(dense))
    space = hyperdsl.compile(WIDE.replace(", name = None", "") + "require params(net) in 5_000..6_000\nspace s = net")
    for configuration in space.sample(1, seed=2):
        assert 5_000 <= network(space, configuration).count_params() <= 6_000


def test_a_network_that_is_not_part_of_a_program_is_not_asked() -> None:
    text = (
        "let net = train(input(4) >> Dense(5 | 50) >> Dense(1))\n"
        "require params(net) <= 100\nspace s = net | Ridge(alpha = 1.0 | 2.0)"
    )
    space = hyperdsl.compile(text)
    assert space.count().configurations == 3
    assert {len(c) for c in space.enumerate()} == {2}


def test_branches_that_are_always_too_large_are_gone(tmp_path: Any, capsys: Any) -> None:
    text = (
        "let net = train(input(4) >> Dense(5 | 50 | 500) >> Dense(1..3))\nrequire params(net) <= 301\nspace s = net\n"
    )
    told = facts(text, tmp_path, capsys, "--explain")
    assert "Dense.units" in json.dumps(told["shrunk"])
    assert told["configurations"] == "4"  # of 9: 50 goes with one unit only


def test_data_says_how_long_an_input_is() -> None:
    text = (
        "let net = train(input(data.features) >> Dense(5 | 50) >> Dense(1))\nrequire params(net) <= 100\nspace s = net"
    )
    space = hyperdsl.compile(text)
    assert space.space.depends_on_data
    columns = tuple(Column(name, "numeric") for name in "abcd")
    assert space.bind(Schema(columns, "regression", 100, ())).count().configurations == 1
