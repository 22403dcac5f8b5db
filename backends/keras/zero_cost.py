"""Scores of a network that is not trained: how much flows through it, and how it tells examples apart.

``synflow``
    The logarithm of one plus the sum over all weights of ``w dR/dw``, where ``R`` is the sum of the outputs of the
    network without activations and normalizations, with its weights made positive, for an input of ones (Tanaka et
    al. 2020, arXiv:2006.05467; as a score of architectures, without batch normalization, Abdelfattah et al. 2021,
    arXiv:2101.08134). ``R`` of all weights times ``t`` has that sum as its slope at 1, which is how it is worked out.
``jacob_cov``
    With the eigenvalues ``v`` of the correlations between examples of what the sum of the outputs does with each of
    their values, ``-sum(log(v + k) + 1 / (v + k))``, ``k = 1e-5`` (Mellor et al. 2020, arXiv:2006.04647v1). Batch
    normalizations go by the examples, dropout and augmentation do nothing. Outputs are those before the last softmax
    or sigmoid.

Weights are drawn by NumPy as the initializers say: the same ones on every backend, and nothing is compiled to draw
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from hyperdsl.backends.keras.estimators import _placed, _rows
from hyperdsl.backends.keras.starting import start_backend

start_backend()

import keras  # noqa: E402
from keras import layers as _layers  # noqa: E402

EXAMPLES = 64
_OFFSET = 1e-5  # of eigenvalues, some of which are 0
# XLA is to compile fast: what it makes runs once.
_FAST = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}

_NORMALIZATIONS: Any = tuple(
    getattr(_layers, f"{name}Normalization")
    for name in ("Batch", "Layer", "Group", "Unit", "RMS")
    if hasattr(_layers, f"{name}Normalization")
)
_ACTIVATIONS: Any = (_layers.Activation, _layers.ReLU, _layers.LeakyReLU, _layers.ELU, _layers.PReLU, _layers.Softmax)
_LEFT_OUT: Any = (*_NORMALIZATIONS, *_ACTIVATIONS)


class _Pass(_layers.Layer):  # type: ignore[misc]
    """What stands where a layer is left out, however that was called."""

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        return inputs


class _BatchNormalization(_layers.BatchNormalization):  # type: ignore[misc]
    """One that always goes by the batch."""

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        return super().call(inputs, training=True, mask=mask)


def synflow(model: Any, X: Any) -> float:
    """How much flows through the network of an estimator.

    Parameters
    ----------
    model : NetworkClassifier or NetworkRegressor
        Not fitted.
    X : array
        Rows as it would be fitted to; their shape matters alone.
    """
    with _double():
        network = _network(model, _rows(X).shape[1:], _linear, "float64")
        weights = [np.abs(w) for w in _drawn(network.trainable_variables, model.random_state)]
        others = _drawn(network.non_trainable_variables, model.random_state)
        ones = [keras.ops.ones((1, *tensor.shape[1:]), tensor.dtype) for tensor in network.inputs]

        def through(t: Any) -> Any:
            return _total(network, [keras.ops.convert_to_tensor(w) * t for w in weights], others, ones)

        return float(np.log1p(_derivative(through, np.float64(1.0))))


def jacob_cov(model: Any, X: Any) -> float:
    """How differently the network of an estimator answers to changes of different examples.

    Parameters are those of :func:`synflow`; of the rows some are drawn, by the estimator's seed. Not a number where the
    answers to an example are all alike, as where nothing flows through.
    """
    rows = _rows(X)
    chosen = np.sort(np.random.default_rng(model.random_state).permutation(len(rows))[:EXAMPLES])
    network = _network(model, rows.shape[1:], _by_batch, "float32")
    weights, others = (
        _drawn(variables, model.random_state)
        for variables in (network.trainable_variables, network.non_trainable_variables)
    )
    jacobian = _derivative(lambda x: _total(network, weights, others, [x]), rows[chosen].astype("float32"))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlations = np.corrcoef(jacobian.reshape(len(chosen), -1).astype("float64"))
    if not np.isfinite(correlations).all():
        return float("nan")
    values = np.maximum(np.linalg.eigvalsh(correlations), 0.0) + _OFFSET
    return float(-np.sum(np.log(values) + 1 / values))


SCORES: dict[str, Callable[[Any, Any], float]] = {"synflow": synflow, "jacob_cov": jacob_cov}


# --- the network


def _network(model: Any, shape: Any, changed: Callable[[Any, bool], Any], precision: str) -> Any:
    """The network of an estimator, some of its layers changed; its variables have no values."""
    with _placed(model.device, precision), keras.StatelessScope(initialize_variables=False):
        network = model.build.without_compiling()(shape)
        last = {id(tensor._keras_history.operation) for tensor in network.outputs}
        return keras.models.clone_model(network, clone_function=lambda layer: changed(layer, id(layer) in last))


def _linear(layer: Any, is_last: bool) -> Any:
    """Without activation and normalization; gates and attention stay."""
    if isinstance(layer, _LEFT_OUT):
        return _Pass(name=layer.name)
    return _without_activation(layer)


def _by_batch(layer: Any, is_last: bool) -> Any:
    if isinstance(layer, _layers.BatchNormalization):
        return _BatchNormalization.from_config(layer.get_config())
    if is_last and isinstance(layer, _ACTIVATIONS):
        return _Pass(name=layer.name)
    return _without_activation(layer) if is_last else type(layer).from_config(layer.get_config())


def _without_activation(layer: Any) -> Any:
    config = layer.get_config()
    if "activation" in config and not hasattr(layer, "recurrent_initializer"):
        config["activation"] = "linear"
    return type(layer).from_config(config)


def _drawn(variables: Any, seed: int | None) -> list[np.ndarray[Any, Any]]:
    """Values as the initializers of some variables say."""
    rng = np.random.default_rng(seed)
    return [_initial(variable._initializer, tuple(variable.shape), variable.dtype, rng) for variable in variables]


def _initial(initializer: Any, shape: tuple[int, ...], dtype: str, rng: np.random.Generator) -> Any:
    known = keras.initializers
    match initializer:
        case known.Zeros():
            drawn = np.zeros(shape)
        case known.Ones():
            drawn = np.ones(shape)
        case known.VarianceScaling(scale=scale, mode=mode, distribution=distribution):
            variance = scale / max(1.0, _fan(shape, mode))
            drawn = _of_variance(variance, distribution, shape, rng)
        case _:
            return np.asarray(initializer(shape, dtype=dtype))
    return drawn.astype(dtype)


def _fan(shape: tuple[int, ...], mode: str) -> float:
    """What a weight's layer takes or gives for each place, or their mean."""
    area = int(np.prod(shape[:-2]))
    taken, given = (1, 1) if not shape else (shape[0], shape[0]) if len(shape) == 1 else shape[-2:]
    fans = {"fan_in": taken * area, "fan_out": given * area, "fan_avg": (taken + given) * area / 2}
    return float(fans[mode])


def _of_variance(variance: float, distribution: str, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    if distribution == "uniform":
        limit = np.sqrt(3 * variance)
        return rng.uniform(-limit, limit, shape)
    drawn = rng.standard_normal(shape)
    if distribution == "truncated_normal":
        while (outside := np.abs(drawn) > 2).any():
            drawn[outside] = rng.standard_normal(int(outside.sum()))
        drawn /= 0.87962566103423978  # the deviation of a standard normal cut off at 2
    return drawn * np.sqrt(variance)


# --- what the backends are asked for


def _total(network: Any, weights: Any, others: Any, inputs: Any) -> Any:
    """The sum of all outputs."""
    outputs, _ = network.stateless_call(weights, others, inputs[0] if len(inputs) == 1 else inputs, training=False)
    return sum(keras.ops.sum(output) for output in keras.tree.flatten(outputs))


def _derivative(function: Callable[[Any], Any], at: Any) -> np.ndarray[Any, Any]:
    """The derivative of a function that gives one number."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        is_forward = np.ndim(at) == 0
        wanted = (lambda x: jax.jvp(function, (x,), (x * 0 + 1,))[1]) if is_forward else jax.grad(function)
        options = _FAST if jax.default_backend() == "cpu" else None
        return np.asarray(jax.jit(wanted).lower(at).compile(compiler_options=options)(at))
    if backend == "torch":
        import torch

        given = keras.ops.convert_to_tensor(at, dtype=str(at.dtype)).detach().requires_grad_(True)
        (found,) = torch.autograd.grad(function(given), given, allow_unused=True)
        return np.zeros(np.shape(at)) if found is None else found.detach().cpu().numpy()
    import tensorflow as tf

    given = tf.convert_to_tensor(at)
    with tf.GradientTape() as tape:
        tape.watch(given)
        total = function(given)
    return np.asarray(tape.gradient(total, given, unconnected_gradients="zero"))


@contextmanager
def _double() -> Iterator[None]:
    """Numbers of 64 bits, which JAX has to be asked for."""
    if keras.backend.backend() != "jax":
        yield
        return
    import jax

    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else jax.experimental.enable_x64():
        yield
