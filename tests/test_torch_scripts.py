"""Networks as plain PyTorch: the same outputs as the Keras model's, and scripts that need no Keras."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.backends import backend
from hyperdsl.backends.torch.activations import _MODULES

pytest.importorskip("keras")
torch = pytest.importorskip("torch")
from torch_weights import carry_over, value  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras' variables, which NumPy tells


def pair(space: hyperdsl.HyperSpace, configuration: Any, shape: tuple[int, ...]) -> tuple[Any, Any, Any]:
    """The Keras model of a configuration with random weights, the module of PyTorch with the same, and the plan."""
    found = space.plan(configuration)
    network = dict(found.arguments)["network"]
    model = space.build(configuration, seed=1).build(shape)
    rng = np.random.default_rng(0)
    for weight in model.weights:  # zeros and ones would hide what is mixed up
        low = 0.5 if "variance" in weight.path else -0.3
        weight.assign(rng.uniform(low, low + 0.6, weight.shape).astype("float32"))
    module = backend("pytorch").build(found, seed=1).build(shape)
    carry_over(network, model, module)
    return model, module, found


def outputs(module: Any, rows: Any) -> np.ndarray[Any, Any]:
    with torch.no_grad():
        return np.asarray(module.eval()(torch.as_tensor(rows)))


def compared(text: str, shape: tuple[int, ...], rows: Any = None, count: int = 1, atol: float = 1e-5) -> None:
    space = hyperdsl.compile(text)
    if rows is None:
        rows = np.random.default_rng(1).normal(size=(3, *shape)).astype("float32")
    for configuration in space.sample(count, seed=2):
        model, module, _ = pair(space, configuration, shape)
        expected = value(model(rows))
        np.testing.assert_allclose(
            outputs(module, rows), expected, atol=atol * max(1, np.abs(expected).max()), err_msg=str(configuration)
        )


IMAGE, SEQUENCE, ROW = (9, 8, 4), (9, 4), (5,)


def every(template: str, **values: Any) -> list[str]:
    """A text for every combination of values."""
    return [template.format(**dict(zip(values, chosen, strict=True))) for chosen in product(*values.values())]


WINDOW: dict[str, Any] = {"size": (2, 3), "step": (1, 2), "pad": ("same", "valid")}
OF_IMAGES = [
    "Dense(3)",
    *every('Conv2D(4, {size}, strides = {step}, padding = "{pad}")', **WINDOW),
    'Conv2D(4, (3, 2), strides = (2, 1), padding = "same", activation = "relu")',
    'Conv2D(4, 3, dilation_rate = 2, padding = "same", groups = 2)',
    *every('Conv2DTranspose(3, {size}, strides = {step}, padding = "{pad}")', **{**WINDOW, "size": (1, 2, 3)}),
    *every('DepthwiseConv2D(3, strides = {step}, padding = "{pad}", depth_multiplier = 2)', **{**WINDOW, "size": [3]}),
    *every('SeparableConv2D(5, {size}, padding = "same", depth_multiplier = {by})', size=(2, 3), by=(1, 2)),
    *every('MaxPooling2D({size}, strides = {step}, padding = "{pad}")', **{**WINDOW, "size": (2, 3, 4)}),
    *every('AveragePooling2D(2, padding = "{pad}")', pad=("same", "valid")),
    'AveragePooling2D(3, strides = 1, padding = "same")',
    *every("Global{kind}Pooling2D(keepdims = {keeps})", kind=("Max", "Average"), keeps=("True", "False")),
    "AdaptiveAveragePooling2D(2) >> Flatten()",
    "AdaptiveMaxPooling2D(3)",
    "ZeroPadding2D((1, 2)) >> Cropping2D(((0, 1), (2, 0)))",
    "UpSampling2D(2)",
    "BatchNormalization(center = False, momentum = 0.9, epsilon = 0.01)",
    "BatchNormalization(center = False, scale = False)",
    "LayerNormalization(epsilon = 0.1)",
    "GroupNormalization(2)",
    "GroupNormalization(-1, scale = False)",
    "Conv2D(3, 2) >> Flatten() >> Dense(2)",
    "Conv2D(3, 2) >> Reshape((-1, 6)) >> Permute((2, 1))",
    "Rescaling(0.5, offset = -1.0)",
    "Rescaling(0.0)",
    "SpatialDropout2D(0.5) >> Dropout(0.5) >> AlphaDropout(0.2)",
    "ReLU() >> Softmax()",
    "Conv2D(3, 1) >> Softmax()",
]
OF_SEQUENCES = [
    'Dense(3, activation = "softmax")',
    *every('Conv1D(4, {size}, strides = {step}, padding = "{pad}")', **{**WINDOW, "pad": ("same", "valid", "causal")}),
    'Conv1DTranspose(3, 4, strides = 2, padding = "same", use_bias = False)',
    'DepthwiseConv1D(3, padding = "same") >> SeparableConv1D(4, 3, dilation_rate = 2, padding = "same")',
    *every('{kind}Pooling1D(2, padding = "{pad}")', kind=("Max", "Average"), pad=("same", "valid")),
    "GlobalMaxPooling1D()",
    "ZeroPadding1D((1, 2)) >> Cropping1D(2)",
    "UpSampling1D(3)",
    "BatchNormalization()",
    "LayerNormalization(center = False)",
    "RMSNormalization()",
    *every("{kind}(3, return_sequences = {all}, use_bias = {all})", kind=("LSTM", "GRU"), all=("True", "False")),
    *every('Bidirectional(LSTM(3), merge_mode = "{mode}")', mode=("concat", "sum", "mul", "ave")),
    *every('Bidirectional(GRU(3, return_sequences = True), merge_mode = "{mode}")', mode=("concat", "mul")),
    "MultiHeadAttention(2, 3)",
    "MultiHeadAttention(2, 3, value_dim = 5, use_bias = False)",
]
OF_ROWS = [
    "Dense(3)",
    'Dense(3, use_bias = False, activation = "gelu")',
    "BatchNormalization()",
    "RepeatVector(3)",
    "ReLU(max_value = 1.5)",
    "ReLU(negative_slope = 0.1) >> LeakyReLU(0.2) >> ELU(0.7)",
    *every('Activation("{name}")', name=[*_MODULES, "linear"]),
]
OF_VOLUMES = [
    'Conv3D(3, 2, strides = 2, padding = "same")',
    'MaxPooling3D(2, padding = "same") >> AveragePooling3D(2, padding = "same")',
]
SHEET = [
    *product([IMAGE], OF_IMAGES),
    *product([SEQUENCE], OF_SEQUENCES),
    *product([ROW], OF_ROWS),
    *product([(4, 5, 6, 2)], OF_VOLUMES),
]
MERGES = ["Add", "Multiply", "Subtract", "Average", "Maximum", "Minimum", "Concatenate"]


@pytest.mark.parametrize(("shape", "layers"), SHEET, ids=[layers for _, layers in SHEET])
def test_a_layer_gives_what_that_of_keras_gives(shape: tuple[int, ...], layers: str) -> None:
    size = ", ".join(map(str, shape))
    compared(f'space s = train(input({size}) >> {layers}, loss = "mse")', shape)


@pytest.mark.parametrize("merge", MERGES)
def test_a_merge_gives_what_that_of_keras_gives(merge: str) -> None:
    # One side has its channels first in PyTorch, the other one last.
    text = 'space s = train(input(6, 6, 4) >> (Conv2D(4, 3, padding = "same") & Dense(4)) >> {}(), loss = "mse")'
    compared(text.format(merge), (6, 6, 4))


def test_attention_takes_two_or_three_tensors() -> None:
    for taken in ("[x >> Dense(6), x >> Dense(3)]", "[x >> Dense(6), x >> Dense(3), x]"):
        net = f"{{ let x = input(5, 4) return {taken} >> MultiHeadAttention(2, 3) }}"
        compared(f'space s = train({net}, loss = "mse")', (5, 4))


def test_embeddings_take_numbers_of_words() -> None:
    rows = np.random.default_rng(0).integers(0, 10, (3, 6)).astype("float32")
    compared('space s = train(Embedding(10, 4) >> LSTM(3) >> Dense(2), loss = "mse")', (6,), rows)


STD = {
    **dict.fromkeys(("mlp", "vgg", "resnet", "mobilenet"), (8, 8, 1)),
    **dict.fromkeys(("cnn1d", "recurrent", "transformer"), (12, 3)),
}
CELLS = {
    "enas": "enas(x, width = 4, nodes = 3)",
    "nasnet": "nasnet(x, width = 4, nodes = 2)",
    "darts": "darts(x, width = 4, nodes = 2)",
    "bench101": "bench101(x, width = 4, vertices = 4)",
    "bench201": "bench201(x, width = 4)",
}


@pytest.mark.parametrize("name", [*STD, *CELLS])
def test_random_networks_of_the_standard_library_give_the_same(name: str) -> None:
    shape = STD.get(name, (8, 8, 1))
    source = f"input({', '.join(map(str, shape))})"
    module = f"{source} >> {name}()" if name in STD else f"{{ let x = {source} return {CELLS[name]} }}"
    # Deep networks of random weights have large outputs, of which the error is a share.
    compared(f'import std.nas ({name})\nspace s = train({module}, loss = "mse")', shape, count=3)


def test_averages_of_windows_that_reach_out_on_one_side_leave_out_the_padding() -> None:
    # Keras with PyTorch counts it, with JAX and TensorFlow it does not.
    rows = np.random.default_rng(1).normal(size=(3, 9, 1)).astype("float32")
    space = hyperdsl.compile(
        'space s = train(input(9, 1) >> AveragePooling1D(4, strides = 1, padding = "same"), loss = "mse")'
    )
    module = backend("pytorch").build(space.plan(space.default())).build((9, 1))
    expected = [[row[max(0, i - 1) : i + 3].mean() for i in range(9)] for row in rows[:, :, 0]]
    np.testing.assert_allclose(outputs(module, rows)[:, :, 0], expected, atol=1e-6)


CLASSES = np.arange(70) % 3
ROWS = (np.random.default_rng(0).normal(size=(70, 5)) + CLASSES[:, None]).astype("float32")
NET = 'input(5) >> Dense(8, activation = "tanh", kernel_regularizer = L1L2(0.01, 0.02)) >> LayerNormalization()'
OPTIMIZERS = [
    "Adam(0.01, weight_decay = 0.1)",
    "SGD(0.05, momentum = 0.9, nesterov = True)",
    "RMSprop(0.01, centered = True, momentum = 0.5)",
    "Adagrad(0.1)",
    "Adamax(0.01)",
    "SGD(CosineDecay(0.1, 8, warmup_target = 0.3, warmup_steps = 4))",
    "SGD(ExponentialDecay(0.1, 8, 0.5, staircase = True))",
    "SGD(PolynomialDecay(0.1, 4, cycle = True, power = 2.0))",
    "SGD(InverseTimeDecay(0.1, 4, 0.5))",
    "SGD(PiecewiseConstantDecay([3, 6], [0.1, 0.3, 0.05]))",
]
ENDS: list[tuple[str, str, Any]] = [
    ('Dense(3, activation = "softmax")', "", CLASSES),
    ('Dense(1, activation = "sigmoid")', ', loss = "binary_crossentropy"', CLASSES % 2),
    ("Dense(1)", "", ROWS[:, 0]),
    ("Dense(1)", ", loss = Huber(delta = 0.3)", ROWS[:, 0]),
    ("Dense(1)", ', loss = "mae"', ROWS[:, 0]),
]


def trained_alike(text: str, y: Any) -> None:
    """Train from the same weights with Keras and with PyTorch, and compare losses and predictions."""
    space = hyperdsl.compile(text)
    plan = space.plan(space.default())
    network = dict(plan.arguments)["network"]
    theirs, ours = space.build(space.default(), seed=3), backend("pytorch").build(plan, seed=3)
    build, make = theirs.build, ours.build
    start = [np.random.default_rng(n).normal(0, 0.3, w.shape) for n, w in enumerate(build((5,)).get_weights())]

    def model(shape: Any) -> Any:
        made = build(shape)
        made.set_weights(start)
        return made

    def module(shape: Any) -> Any:
        made = make(shape)
        carry_over(network, model(shape), made)
        return made

    theirs.build, ours.build = model, module
    weights = np.random.default_rng(1).random(70)
    for estimator in (theirs, ours):
        estimator.fit(ROWS, y, sample_weight=weights)
    for name, losses in theirs.history_.items():
        np.testing.assert_allclose(ours.history_[name], losses, atol=1e-5)
    ask = "predict_proba" if hasattr(ours, "predict_proba") else "predict"
    # Adam adds its epsilon at another place, which is seen in the fifth digit.
    np.testing.assert_allclose(
        getattr(ours, ask)(ROWS), getattr(theirs, ask)(ROWS), atol=1e-4 if "Adam(" in text else 1e-5
    )


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_is_that_of_keras(optimizer: str) -> None:
    end = 'Dense(3, activation = "softmax"), epochs = 4, patience = 3, batch_size = 16'
    trained_alike(f"space s = train({NET} >> {end}, optimizer = {optimizer})", CLASSES)


@pytest.mark.parametrize(("end", "loss", "y"), ENDS, ids=["classes", "two classes", "numbers", "huber", "absolute"])
def test_losses_are_those_of_keras(end: str, loss: str, y: Any) -> None:
    trained_alike(f"space s = train({NET} >> {end}{loss}, epochs = 3, batch_size = 16, optimizer = SGD(0.1))", y)


def test_weights_begin_as_those_of_keras_do() -> None:
    layers = (
        "Conv2D(16, 3, kernel_initializer = {0}) >> DepthwiseConv2D(3, depth_multiplier = 8) >> Flatten()"
        ' >> Dense(60, kernel_initializer = {0}, bias_initializer = "ones")'
    )
    for initializer in (
        '"glorot_uniform"',
        '"he_normal"',
        'VarianceScaling(2.0, "fan_out", "uniform")',
        "RandomNormal(1.0, 0.2)",
    ):
        text = f'space s = train(input(9, 9, 4) >> {layers.format(initializer)}, loss = "mse")'
        space = hyperdsl.compile(text)
        model = space.build(space.default(), seed=1).build((9, 9, 4))
        module = backend("pytorch").build(space.plan(space.default()), seed=1).build((9, 9, 4))
        expected = [value(w) for w in model.weights]
        found = [np.asarray(w.detach()) for w in module.parameters()]
        for theirs, ours in zip(expected, found, strict=True):
            assert theirs.size == ours.size
            np.testing.assert_allclose(ours.mean(), theirs.mean(), atol=0.03)
            np.testing.assert_allclose(ours.std(), theirs.std(), rtol=0.1, atol=1e-7)
            np.testing.assert_allclose(np.abs(ours).max(), np.abs(theirs).max(), rtol=0.2)


def test_an_lstm_begins_with_gates_that_do_not_forget() -> None:
    space = hyperdsl.compile("space s = train(input(5, 4) >> LSTM(3) >> Dense(1))")
    module = backend("pytorch").build(space.plan(space.default())).build((5, 4))
    assert module.lstm.bias_ih_l0.tolist() == [0.0] * 3 + [1.0] * 3 + [0.0] * 6
    assert not module.lstm.bias_hh_l0.requires_grad and not module.lstm.bias_hh_l0.any()


WITHOUT_KERAS = """
import runpy, sys
sys.modules["keras"] = sys.modules["hyperdsl"] = None
sys.argv = [{script!r}, *{arguments!r}]
runpy.run_path({script!r}, run_name="__main__")
"""


def run_without_keras(script: Path, *arguments: str) -> str:
    code = WITHOUT_KERAS.format(script=str(script), arguments=arguments)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_script_of_a_trial_trains_without_keras(tmp_path: Path) -> None:
    from hyperdsl.cli.main import main

    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    np.savez(tmp_path / "images.npz", x=rng.normal(size=(60, 6, 6, 1)) + 2 * y[:, None, None, None], y=y)
    program = tmp_path / "net.hyp"
    program.write_text(
        'space s = train(Conv2D(4 | 8, 3, activation = "relu") >> Flatten() >> Dropout(0.2)'
        ' >> Dense(data.classes, activation = "softmax"), optimizer = Adam(0.01), epochs = 12, patience = 9)\n'
    )
    study, script = str(tmp_path / "s.db"), tmp_path / "net.py"
    search = ["search", str(program), "--data", str(tmp_path / "images.npz"), "--trials", "1", "--study", study]
    assert main([*search, "--cv", "2", "--metric", "accuracy"]) == 0
    assert main(["export", study, "--to", "pytorch", "-o", str(script)]) == 0
    text = script.read_text()
    assert "keras" not in text and "class Network(nn.Module):" in text
    first = run_without_keras(script)
    assert first == run_without_keras(script), "seeded"
    assert float(first.splitlines()[-1].partition(": ")[2]) > 0.7


def test_the_default_of_a_table_is_written_by_compile(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from hyperdsl.cli.main import main

    program = tmp_path / "net.hyp"
    program.write_text(
        'space s = StandardScaler() >> train(Dense(8) >> Dense(3, activation = "softmax"), epochs = 2)\n'
    )
    with pytest.raises(SystemExit):
        main(["compile", str(program), "--to", "pytorch"])
    assert "--to pytorch writes one configuration" in capsys.readouterr().err
    assert main(["compile", str(program), "--default", "--to", "pytorch", "-o", str(tmp_path / "net.py")]) == 0
    names: dict[str, Any] = {"__name__": "script"}
    exec(compile((tmp_path / "net.py").read_text(), "net.py", "exec"), names)
    pipeline = names["build_pipeline"]().fit(ROWS, CLASSES)
    assert pipeline.predict_proba(ROWS).shape == (70, 3)
    assert [type(m).__name__ for m in pipeline[-1].network_.layers] == ["Linear", "Linear"]


NO_EQUAL = {
    "RandomFlip()": "`RandomFlip` has no equal in PyTorch",
    "Conv2D(4, 3, kernel_constraint = MaxNorm())": "`kernel_constraint` of `Conv2D`",
    'Conv2D(4, 3, activation = "exponential")': "`activation` of `Conv2D`",
    "Dropout(0.5, noise_shape = (1, 1, 3))": "`noise_shape` of `Dropout`",
    "BatchNormalization(axis = 1)": "`axis` of `BatchNormalization`",
    "Reshape((8, 24)) >> LSTM(4, recurrent_dropout = 0.5)": "`recurrent_dropout` of `LSTM`",
    "Reshape((8, 24)) >> GRU(4, reset_after = False)": "`reset_after` of `GRU`",
    "Reshape((8, 24)) >> Bidirectional(LSTM(4, go_backwards = True))": "`go_backwards` of `LSTM`",
}


def refusal(text: str) -> str:
    space = hyperdsl.compile(text)
    with pytest.raises(hyperdsl.HypError) as caught:
        space.source(space.default(), to="pytorch")
    return str(caught.value)


@pytest.mark.parametrize("layer", NO_EQUAL)
def test_what_pytorch_lacks_is_named(layer: str) -> None:
    said = refusal(f'space s = train(input(8, 8, 3) >> {layer} >> Flatten() >> Dense(2, activation = "softmax"))')
    assert "E0909" in said and NO_EQUAL[layer] in said


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("optimizer = Lion()", "`Lion`"),
        ("optimizer = Adam(clipnorm = 1.0)", "`clipnorm` of `Adam`"),
        ("optimizer = SGD(CosineDecayRestarts(0.1, 10))", "`CosineDecayRestarts`"),
        ('loss = "poisson"', "`poisson`"),
        ('precision = "mixed_float16"', "mixed_float16"),
    ],
)
def test_trainings_that_pytorch_lacks_are_named(head: str, says: str) -> None:
    said = refusal(f"space s = train(input(4) >> Dense(1), {head})")
    assert "E0909" in said and says in said


def test_a_length_that_is_not_known_is_asked_for() -> None:
    said = refusal('space s = train(Conv2D(4, 3) >> Flatten() >> Dense(2), loss = "mse")')
    assert "E0910" in said and "--data" in said
