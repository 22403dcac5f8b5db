"""Shapes: each rule against the layer itself, and what ``check`` finds in whole spaces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from layer_calls import calls, given, made, shapes

import hyperdsl
from hyperdsl.audit.shapes.layers import RULES
from hyperdsl.audit.shapes.rules import Misfit

keras = pytest.importorskip("keras")


@pytest.mark.parametrize("name", [n for n, rule in RULES.items() if not rule.several])
def test_a_rule_says_what_the_layer_does(name: str) -> None:
    rule = RULES[name]
    for arguments in calls(name):
        for shape in shapes(name, arguments):
            said: Any = rule.apply(shape, given(name, arguments))
            dtype = "int32" if name in ("Embedding", "CategoryEncoding") else "float32"
            try:
                gives = made(name, arguments)(keras.KerasTensor((None, *shape), dtype)).shape[1:]
            except ValueError as error:
                assert isinstance(said, Misfit), (arguments, shape, error)
                continue
            assert said == tuple(gives), (arguments, shape)


@pytest.mark.parametrize("name", [n for n, rule in RULES.items() if rule.several and "Attention" not in n])
@pytest.mark.parametrize(
    "shapes", [((4, 3), (4, 3)), ((4, 3), (4, 5)), ((4, 3), (1, 3)), ((4, 3), (3,)), ((4, 3),) * 3]
)
def test_a_merge_takes_what_the_layer_takes(name: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    arguments = {"Concatenate": {"axis": -1}, "Dot": {"axes": 1}}.get(name, {})
    rule = RULES[name].apply(shapes, arguments)
    try:
        gives = made(name, arguments)([keras.KerasTensor((None, *s)) for s in shapes]).shape[1:]
    except ValueError:
        assert isinstance(rule, Misfit)
        return
    assert rule == tuple(gives)


PAIRS = [((4, 6), (5, 6)), ((4, 6), (5, 3)), ((2, 4, 6), (2, 4, 6))]


@pytest.mark.parametrize("name", [n for n in RULES if "Attention" in n])
@pytest.mark.parametrize("shapes", PAIRS)
def test_an_attention_takes_what_the_layer_takes(name: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    for arguments in calls(name):
        said: Any = RULES[name].apply(shapes, given(name, arguments))
        try:  # some of what does not fit is found when it is built, some when it runs
            for tensors in [keras.KerasTensor((None, *s)) for s in shapes], [np.zeros((1, *s)) for s in shapes]:
                layer = made(name, arguments)
                gives = (layer(*tensors) if RULES[name].alone else layer(tensors)).shape[1:]
        except (ValueError, IndexError, TypeError, KeyError):
            assert isinstance(said, Misfit), (arguments, shapes)
            continue
        assert said == tuple(gives), (arguments, shapes)


def problems(text: str) -> list[str]:
    try:
        hyperdsl.compile(text)
    except hyperdsl.HypError as error:
        return [f"{d.code} {d.message}" for d in error.diagnostics]
    return []


def test_a_merge_that_fails_under_some_decisions_is_counted() -> None:
    found = problems(
        "let s = 1 | 2\n"
        'let p = "same" | "valid"\n'
        "space n = train({ let x = input(8, 8, 3)"
        " return [x >> Conv2D(4, 3, strides = s, padding = p), x >> Conv2D(4, 1)] >> Add() >> Flatten() >> Dense(2) })"
    )
    assert found == ["E0460 `Add` fails in 3 of 4 configurations: shapes (3, 3, 4) and (8, 8, 4) do not fit"]


def test_a_window_that_outgrows_its_input_after_some_repetitions() -> None:
    found = problems("space n = train(input(8, 8, 3) >> repeat(1..5, MaxPooling2D(2)) >> Flatten() >> Dense(2))")
    assert found == ["E0460 `MaxPooling2D` fails in 2 of 5 configurations: a window of 2 does not fit into 1"]


def test_choices_that_give_one_shape_cost_nothing() -> None:
    text = (
        'def op() = Conv2D(8, 3, padding = "same") | Conv2D(8, 5, padding = "same") | MaxPooling2D(3, strides = 1, '
        'padding = "same") | pass\n'
        "def node(hs) = [pick(1, hs) >> op(), pick(1, hs) >> op()] >> Add()\n"
        "def grow(k, hs) = hs if k == 0 else grow(k - 1, hs + [node(hs)])\n"
        "space n = train({ let x = input(8, 8, 8) return grow(8, [x, x]) >> Concatenate() >> Flatten() >> Dense(2) })"
    )
    assert problems(text) == []


def test_a_layer_for_other_axes_says_so() -> None:
    assert problems("space n = train(input(8, 8, 3) >> LSTM(4) >> Dense(2))") == [
        "E0460 `LSTM` fails in every configuration: it takes 2 axes beside the batch and gets (8, 8, 3)"
    ]


def test_a_list_into_a_layer_names_the_merges() -> None:
    assert problems("space n = train({ let x = input(4) return [x >> Dense(3), x] >> Dense(2) })") == [
        "E0460 `Dense` fails in every configuration: it gets 2 tensors and takes one"
    ]


def test_nothing_that_passes_the_check_fails_to_build() -> None:
    space = hyperdsl.compile(
        'def block(f) = Conv2D(f, 1 | 3, padding = "same" | "valid", strides = 1 | 2) >> (BatchNormalization() | pass)'
        ' >> (MaxPooling2D(2) | AveragePooling2D(2, padding = "same") | pass)\n'
        "space n = train({ let x = input(32, 32, 2) let y = x >> block(4) >> block(8)"
        " return [y >> GlobalAveragePooling2D(), y >> GlobalMaxPooling2D()] >> (Add() | Concatenate()) >> Dense(3) })"
    )
    for configuration in space.sample(12, 1):
        build = space.build(configuration).build
        assert build(None).output_shape == (None, 3)


def test_an_empty_list_is_no_tensor_and_no_obstacle() -> None:
    text = "space n = train({ let x = input(4) return ([x] + [] + [x >> Dense(4)]) >> Add() >> Dense(2) })"
    assert problems(text) == []
