"""The catalog of Keras: what it says is what the installed Keras has, takes and refuses."""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy
import pytest

import hyperdsl
from hyperdsl.catalog import Catalog, Interval, Items, Kind, Module, Options, check_module, check_value, load_catalog
from hyperdsl.catalog.from_keras import choose_backend, modules
from hyperdsl.catalog.libraries import KERAS_LEFT_OUT, LIBRARIES
from hyperdsl.catalog.model import Constraint
from hyperdsl.catalog.recommended import recommended_names, recommended_source

if importlib.util.find_spec("keras") is not None:
    choose_backend()
keras = pytest.importorskip("keras")

FOLDERS = {
    "layer": "layers",
    "activation": "activations",
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
    "schedule": "optimizers.schedules",
    "optimizer": "optimizers",
    "loss": "losses",
    "metric": "metrics",
    "callback": "callbacks",
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def every() -> list[Module]:
    return modules()


def one(catalog: Catalog, name: str) -> Module:
    (module,) = catalog.find(name)
    return module


def load(module: Module) -> Any:
    package, _, name = module.path.rpartition(".")
    return getattr(import_module(package), name)


# --- what can be named


@pytest.mark.parametrize(("role", "folder"), FOLDERS.items())
def test_every_public_class_and_function_can_be_named(every: list[Module], role: str, folder: str) -> None:
    package = import_module(f"keras.{folder}")
    public = {n for n in dir(package) if not n.startswith("_") and callable(getattr(package, n))}
    named = {m.name: m for m in every if m.roles & ({role, "cell"} if role == "layer" else {role})}
    assert public - KERAS_LEFT_OUT <= set(named)
    for name in public - KERAS_LEFT_OUT:
        assert load(named[name]) is getattr(package, name)
        own = [p for p in inspect.signature(load(named[name])).parameters if p not in ("args", "kwargs")]
        assert set(own) <= set(named[name].parameters)


def test_names_are_known_without_importing_the_library(every: list[Module]) -> None:
    library = next(a for a in LIBRARIES if a.name == "keras")
    assert library.names_without_reading() == {m.name for m in every}


def test_one_class_under_several_names_is_one_path(catalog: Catalog) -> None:
    assert one(catalog, "AvgPool2D").path == one(catalog, "AveragePooling2D").path == "keras.layers.AveragePooling2D"
    assert one(catalog, "l2").path == "keras.regularizers.L2"
    assert one(catalog, "swish").path == "keras.activations.silu"
    assert one(catalog, "keras.layers.MaxPool1D").path == "keras.layers.MaxPooling1D"
    assert one(catalog, "mean_squared_error").roles == {"loss", "metric", "function"}


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("Conv2D", {"layer"}),
        ("Concatenate", {"layer", "merge"}),
        ("LSTMCell", {"cell"}),
        ("relu", {"activation", "function"}),
        ("HeNormal", {"initializer"}),
        ("L1L2", {"regularizer"}),
        ("MaxNorm", {"constraint"}),
        ("CosineDecay", {"schedule"}),
        ("AdamW", {"optimizer"}),
        ("Huber", {"loss"}),
        ("AUC", {"metric"}),
        ("EarlyStopping", {"callback"}),
    ],
)
def test_roles(catalog: Catalog, name: str, roles: set[str]) -> None:
    assert one(catalog, name).roles == roles


def test_train_takes_names_and_objects(catalog: Catalog) -> None:
    parameters = one(catalog, "train").parameters
    assert check_value(parameters["optimizer"], "adam") is check_value(parameters["loss"], "mse") is None
    assert (check_value(parameters["loss"], "adam") or "").startswith("must be one of 'bce', ")
    assert check_module(parameters["optimizer"], one(catalog, "Adam")) is None
    assert check_module(parameters["optimizer"], one(catalog, "Huber")) == "a loss"


def test_what_opens_files_and_what_the_language_says_itself_cannot_be_named(catalog: Catalog) -> None:
    for name in ("ModelCheckpoint", "TensorBoard", "TFSMLayer", "keras.layers.Pipeline", "keras.layers.Input"):
        assert catalog.find(name) == ()
    assert one(catalog, "Pipeline").library == "sklearn"


# --- what parameters take


def test_every_parameter_has_a_constraint_that_admits_its_default(every: list[Module]) -> None:
    assert [f"{m.name}.{p.name}" for m in every for p in m.parameters.values() if not p.constraints] == []
    for module in every:
        for parameter in module.parameters.values():
            if not parameter.required and not parameter.default_text:
                assert check_value(replace(parameter, required=True), parameter.default) is None, module.path


def test_keywords_that_bases_take_are_known_and_others_are_not(catalog: Catalog) -> None:
    dense = one(catalog, "Dense")
    assert {"name", "dtype", "trainable"} <= set(dense.parameters)
    assert not dense.open and dense.parameter("unit") is None
    assert "trainable" not in one(catalog, "SpatialDropout1D").parameters


# What a class needs beside the parameter in hand; those that are not here need nothing.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "Dense": {"units": 4},
    "Conv1D": {"filters": 4, "kernel_size": 3},
    "Conv2D": {"filters": 4, "kernel_size": 3},
    "Conv2DTranspose": {"filters": 4, "kernel_size": 3},
    "SeparableConv2D": {"filters": 4, "kernel_size": 3},
    "DepthwiseConv1D": {"kernel_size": 3},
    "AveragePooling1D": {"pool_size": 2},
    "MaxPooling3D": {},
    "BatchNormalization": {},
    "Dropout": {"rate": 0.5},
    "GaussianNoise": {"stddev": 0.1},
    "LSTM": {"units": 4},
    "GRUCell": {"units": 4},
    "Embedding": {"input_dim": 5, "output_dim": 3},
    "LeakyReLU": {},
    "ReLU": {},
    "MultiHeadAttention": {"num_heads": 2, "key_dim": 4},
    "RepeatVector": {"n": 2},
    "RandomFlip": {},
    "RandomRotation": {"factor": 0.1},
    "RandomZoom": {"height_factor": 0.1},
    "RandomPosterization": {"factor": 3},
    "UpSampling2D": {},
    "Cropping2D": {},
    "ZeroPadding1D": {},
    "STFTSpectrogram": {"frame_length": 4},
    "VarianceScaling": {},
    "Orthogonal": {},
    "L1L2": {},
    "MinMaxNorm": {},
    "Adam": {},
    "SGD": {},
    "Lion": {},
    "Ftrl": {},
    "CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 10},
    "PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 10},
    "SparseCategoricalCrossentropy": {},
    "CategoricalGeneralizedCrossEntropy": {},
    "AUC": {},
    "F1Score": {},
    "ReduceLROnPlateau": {},
}
# The documentation is stricter than the constructor.
UNCHECKED = {
    *("name", "seed", "autocast", "use_bias", "epsilon", "momentum", "dropout", "recurrent_dropout", "rate"),
    *("strides of AveragePooling1D", "strides of MaxPooling3D", "renorm_momentum", "lora_rank", "lora_alpha"),
    *("output_shape", "min_value", "max_value", "alpha", "warmup_steps", "warmup_target", "initial_learning_rate"),
    *("end_learning_rate", "power", "beta", "beta_1 of Adam", "beta_2", "weight_decay", "clipnorm", "clipvalue"),
    *("global_clipnorm", "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor", "thresholds", "num_labels"),
    *("patience", "verbose", "cooldown", "min_lr", "factor of ReduceLROnPlateau", "padding of ZeroPadding1D"),
    *("learning_rate", "mode of RandomFlip", "mode of ReduceLROnPlateau", "interpolation of UpSampling2D"),
    *("initial_accumulator_value", "l1_regularization_strength", "l2_regularization_strength", "threshold of AUC"),
}
# Fine alone by the documentation, and not beside the other arguments or on every backend.
TOO_MUCH = {"synchronized", "num_labels", "fft_length", "return_state"}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_values_inside_are_taken_and_values_outside_are_refused(catalog: Catalog, name: str) -> None:
    module = next(m for m in catalog.find(name) if "metric" not in m.roles or name in ("AUC", "F1Score"))
    wrong = []
    for parameter in module.parameters.values():
        where = f"{parameter.name} of {name}"
        inside = [v for c in parameter.constraints for v in ends_of(c)[0]]
        outside = [v for c in parameter.constraints for v in ends_of(c)[1] if check_value(parameter, v) is not None]
        if not TOO_MUCH & {parameter.name, where}:
            wrong += [(where, v, "fails") for v in inside if not is_taken(module, parameter.name, v)]
        if not UNCHECKED & {parameter.name, where}:
            wrong += [(where, v, "is taken") for v in outside if is_taken(module, parameter.name, v, built=True)]
    assert wrong == []


def is_taken(module: Module, parameter: str, value: object, built: bool = False) -> bool:
    """Whether the class takes a value, and a layer can then be applied to tensors of the rank that its name says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            made = load(module)(**ARGUMENTS[module.name] | {parameter: value})
            if built and "layer" in module.roles:
                rank = {"LSTM": 2, "STFTSpectrogram": 2, "RepeatVector": 1, "MultiHeadAttention": 2}
                size = next((int(d) + 1 for d in module.name if d.isdigit()), rank.get(module.name, 3))
                inputs = keras.Input((16,) * (size - 1) + (4,))
                made(inputs, inputs) if module.name == "MultiHeadAttention" else made(inputs)
        except Exception:
            return False
    return True


def ends_of(constraint: Constraint) -> tuple[list[Any], list[Any]]:
    """The outermost values inside and the nearest ones outside."""
    match constraint:
        case Options(values=values):
            return list(values), ["no such option"]
        case Kind(name="none"):
            return [None], []
        case Kind(name="bool"):
            return [True, False], []
        case Items(each=each, length=length):
            inside = [(v,) * (length or 1) for c in each for v in ends_of(c)[0]]
            outside = [(v,) * (length or 1) for c in each for v in ends_of(c)[1]]
            return inside, outside + ([(*inside[0], inside[0][0])] if length else [])
        case Interval():
            number = int if constraint.kind == "int" else float
            step = number(1) if number is int else 1e-3
            lows, highs = (
                list(_end(constraint.low, step, "left", constraint)),
                list(_end(constraint.high, -step, "right", constraint)),
            )
            inside = [number(i) for i, _ in (*lows, *highs)]
            return inside or [number(2), number(-3)], [number(o) for _, o in (*lows, *highs)]
    return [], []


def _end(end: float | None, step: float, side: str, interval: Interval) -> Iterator[tuple[float, float]]:
    if end is not None:
        yield (end, end - step) if interval.closed in (side, "both") else (end + step, end)


def test_modules_are_taken_where_their_role_is_asked_for(catalog: Catalog) -> None:
    dense, adam = one(catalog, "Dense"), one(catalog, "Adam")
    assert check_module(dense.parameters["kernel_initializer"], one(catalog, "HeNormal")) is None
    assert check_module(dense.parameters["kernel_initializer"], one(catalog, "L2")) == "a regularizer"
    assert check_module(dense.parameters["activation"], one(catalog, "relu")) is None
    assert check_module(dense.parameters["activation"], one(catalog, "LeakyReLU")) is None
    assert check_module(dense.parameters["activation"], one(catalog, "log1p")) == "a function"
    assert check_module(adam.parameters["learning_rate"], one(catalog, "CosineDecay")) is None
    assert check_module(one(catalog, "RNN").parameters["cell"], one(catalog, "GRU")) == "a layer"


# --- programs


def codes(text: str) -> list[str]:
    try:
        hyperdsl.compile(text)
    except hyperdsl.HypError as error:
        return [d.code for d in error.diagnostics if d.code.startswith("E")]
    return []


@pytest.mark.parametrize(
    "argument",
    [
        "Dense(16..256 log, activation = tanh | relu | None, kernel_initializer = Identity() | HeNormal(seed = 1))",
        "Dense(8, kernel_regularizer = l2(1e-5..1e-2 log)?, kernel_constraint = MaxNorm(2))",
        "Conv2D(8..64, (3 | 5, 3 | 5), padding = 'same')",
        "Conv1D(8, 3, padding = 'causal', strides = (2,))",
        "Adam(learning_rate = ExponentialDecay(0.1, 100, 0.9) | 1e-4..1e-2 log)",
        "Bidirectional(LSTM(4..8))",
        "ZeroPadding2D(((0..3, 1), (1, 2)))",
    ],
)
def test_right_arguments(argument: str) -> None:
    assert codes(f"space s = record(x = {argument})") == []


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        ("Dense(0..10)", "E0402"),
        ("Dense(units = 4, unit = 3)", "E0401"),
        ("Conv2D(8)", "E0403"),
        ("Conv2D(8, (3 | 0, 3..5))", "E0402"),
        ("Conv2D(8, (3, 3 | 5, 3))", "E0402"),
        ("Conv2D(8, 3, padding = 'causal')", "E0402"),
        ("Conv2D(8, 3, kernel_initializer = L2())", "E0402"),
        ("Dense(3, kernel_initializer = HeNormal)", "E0402"),
        ("Dense(3, activation = log1p)", "E0402"),
        ("Dropout(1.5)", "E0402"),
        ("MeanSquaredError()", "E0204"),
    ],
)
def test_wrong_arguments(argument: str, code: str) -> None:
    assert codes(f"space s = record(x = {argument})") == [code]


def test_a_bare_name_means_what_its_place_asks_for() -> None:
    space = hyperdsl.compile(
        "let shared = tanh  space s = record(a = Dense(3, activation = tanh, kernel_initializer = Identity()),"
        " b = Identity(), c = FunctionTransformer(func = tanh), d = FunctionTransformer(func = shared))"
    )
    made: Any = space.build(space.default())
    assert made["a"].activation is keras.activations.tanh
    assert isinstance(made["a"].kernel_initializer, keras.initializers.Identity)
    assert isinstance(made["b"], keras.layers.Identity)
    assert made["c"].func is made["d"].func is numpy.tanh


# --- the cache, and what Keras computes with

PROBE = """
import json, sys
from hyperdsl.catalog import load_catalog
said = []
catalog = load_catalog(said.append)
found = [m.path for n in sys.argv[1:] for m in catalog.find(n)]
print(json.dumps({"found": found, "said": said, "loaded": [m for m in ("keras", "jax", "numpy") if m in sys.modules]}))
"""


def test_a_warm_cache_imports_nothing(catalog: Catalog) -> None:
    assert catalog.find("Dense")
    command = [sys.executable, "-c", PROBE, "Dense", "Ridge"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "found": ["keras.layers.Dense", "sklearn.linear_model.Ridge"],
        "said": [],
        "loaded": [],
    }


def test_keras_is_read_only_for_its_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPERDSL_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr("hyperdsl.catalog.catalog._shelves", {})
    said: list[str] = []
    catalog = Catalog({"keras": keras.__version__}, progress=said.append)
    assert catalog.find("Ridge") == catalog.find("TensorBoard") == () and "Dense" in catalog.names() and said == []
    assert catalog.find("Dense") and len(said) == 1 and said[0].startswith("reading Keras ")


def test_the_backend_is_one_that_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))

    def chosen(file: str, variable: str = "") -> str:
        (tmp_path / "keras.json").write_text(file)
        monkeypatch.setenv("KERAS_BACKEND", variable)
        choose_backend()
        return os.environ["KERAS_BACKEND"]

    usual = next(n for n in ("jax", "torch", "tensorflow", "openvino", "numpy") if importlib.util.find_spec(n))
    assert chosen("{}") == chosen("no JSON") == chosen('{"backend": "no_such_thing"}') == usual
    assert chosen('{"backend": "numpy"}') == ""  # Keras reads that itself
    assert chosen("{}", "torch") == "torch"


# --- recommended ranges


@pytest.mark.parametrize("name", recommended_names("keras"))
def test_points_of_recommended_ranges_are_taken(catalog: Catalog, name: str) -> None:
    module = one(catalog, name)
    ranges = catalog.recommended(module)
    assert ranges and len(recommended_source(module)) > 10
    entries = ", ".join(f"{parameter} = {text}" for parameter, text in ranges.items())
    space = hyperdsl.compile(f"space recommended = record({entries})")
    rest = {"filters": 4, "kernel_size": 3, "input_dim": 5}
    needed = {n: rest[n] for n, p in module.parameters.items() if p.required and n not in ranges}
    for configuration in (space.default(), *space.sample(10, seed=0)):
        arguments: Any = space.build(configuration)
        facts = {p: check_value(module.parameters[p], value) for p, value in arguments.items()}
        assert [f"{p} {fact}" for p, fact in facts.items() if fact] == []
        load(module)(**needed, **arguments)
