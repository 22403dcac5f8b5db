"""Shapes: each rule against the layer itself, and what ``check`` finds in whole spaces."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

import hyperdsl
from hyperdsl.audit.shapes.layers import RULES, Misfit
from hyperdsl.catalog import load_catalog

keras = pytest.importorskip("keras")

INPUTS = {1: (6,), 2: (9, 4), 3: (9, 7, 4), 4: (6, 5, 7, 4)}


def calls() -> list[tuple[str, dict[str, Any]]]:
    """Layers with arguments that change their shapes."""
    found: list[tuple[str, dict[str, Any]]] = []
    for name, rule in RULES.items():
        if rule.several:
            continue
        windows: list[dict[str, Any]] = [{}]
        if "kernel_size" in rule.reads or "pool_size" in rule.reads:
            size = "kernel_size" if "kernel_size" in rule.reads else "pool_size"
            paddings = ("same", "valid")
            windows = [
                {size: s, "strides": t, "padding": p} for s, t, p in itertools.product((1, 2, 3), (1, 2), paddings)
            ]
            if size == "kernel_size" and "Transpose" not in name:
                windows += [{size: 3, "dilation_rate": 2, "padding": p} for p in paddings]
        own: dict[str, list[dict[str, Any]]] = {
            "Dense": [{"units": 5}],
            "Activation": [{"activation": "relu"}],
            **{n: [{"rate": 0.5}] for n in RULES if "Dropout" in n},
            "GaussianNoise": [{"stddev": 1.0}],
            "GroupNormalization": [{"groups": -1}],
            "Rescaling": [{"scale": 2.0}],
            "Embedding": [{"input_dim": 10, "output_dim": 3}],
            "Reshape": [{"target_shape": (3, 2)}, {"target_shape": (-1, 3)}, {"target_shape": (4, 2)}],
            "Permute": [{"dims": (2, 1)}],
            "RepeatVector": [{"n": 3}],
            **{n: [{"units": 5}, {"units": 5, "return_sequences": True}] for n in ("LSTM", "GRU", "SimpleRNN")},
        }
        extra: list[dict[str, Any]] = own.get(name, [{}])
        if "filters" in rule.reads:
            extra = [{"filters": 5}]
        if name.startswith("Depthwise"):
            extra = [{}, {"depth_multiplier": 2}]
        if name.startswith("Global"):
            extra = [{}, {"keepdims": True}]
        if name.startswith(("UpSampling", "ZeroPadding")):
            extra = [{}, {"size" if name.startswith("Up") else "padding": 3}]
        if name.startswith("Cropping"):
            extra = [{}, {"cropping": 2}, {"cropping": 4}]
        found += [(name, {**w, **e}) for w in windows for e in extra]
    return found


def said(name: str, arguments: dict[str, Any], shape: tuple[int, ...]) -> Any:
    """What the rule says; None where the rank is not the layer's."""
    rule = RULES[name]
    module = load_catalog().find(f"keras.layers.{name}")[0]
    given = {p: arguments.get(p, module.parameters[p].default) for p in rule.reads if p in module.parameters}
    if rule.rank is not None and len(shape) != rule.rank:
        return None
    return rule.apply(shape, given)


@pytest.mark.parametrize("name", [n for n, rule in RULES.items() if not rule.several])
def test_a_rule_says_what_the_layer_does(name: str) -> None:
    for _, arguments in (c for c in calls() if c[0] == name):
        for rank in [RULES[name].rank] if RULES[name].rank else [1, 2, 3]:
            if name == "Permute" and rank != 2:
                continue
            shape = INPUTS[rank]  # type: ignore[index]
            rule = said(name, arguments, shape)
            dtype = "int32" if name == "Embedding" else "float32"
            try:
                made = getattr(keras.layers, name)(**arguments)(keras.KerasTensor((None, *shape), dtype)).shape[1:]
            except ValueError as error:
                assert isinstance(rule, Misfit), (arguments, shape, error)
                continue
            assert rule == tuple(made), (arguments, shape)


@pytest.mark.parametrize("name", [n for n, rule in RULES.items() if rule.several])
@pytest.mark.parametrize(
    "shapes", [((4, 3), (4, 3)), ((4, 3), (4, 5)), ((4, 3), (1, 3)), ((4, 3), (3,)), ((4, 3),) * 3]
)
def test_a_merge_takes_what_the_layer_takes(name: str, shapes: tuple[tuple[int, ...], ...]) -> None:
    arguments = {"axis": -1} if name == "Concatenate" else {}
    rule = RULES[name].apply(shapes, arguments)
    try:
        made = getattr(keras.layers, name)()([keras.KerasTensor((None, *s)) for s in shapes]).shape[1:]
    except ValueError:
        if not (name == "Subtract" and len(shapes) > 2):
            assert isinstance(rule, Misfit)
        return
    assert rule == tuple(made)


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
