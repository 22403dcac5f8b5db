"""The network of a saved model as a file of its own, for what does not know hyperdsl."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from hyperdsl.diagnostics import Diagnostic, HypError
from hyperdsl.diagnostics import models as say
from hyperdsl.experiment.fitting import last_step
from hyperdsl.experiment.surroundings import quiet
from hyperdsl.experiment.training import is_network

if TYPE_CHECKING:
    from hyperdsl.experiment.model import Model

NEEDS = {"tensorflow": "tf2onnx", "jax": "jax2onnx", "torch": "onnx and onnxscript"}


def export_network(model: Model, path: str | os.PathLike[str], to: Literal["keras", "onnx"]) -> tuple[Diagnostic, ...]:
    """Write the network that a model ends in; a warning where steps before it are not in the file.

    Parameters
    ----------
    path : path
        Of a new file; Keras asks for a name that ends in ``.keras``.
    to : {"keras", "onnx"}
        ONNX where the backend of Keras can.

    Raises
    ------
    HypError
        Where the model ends in no network, or it cannot be written so.
    """
    last = last_step(model.pipeline)
    if not is_network(last):
        raise HypError([say.no_network(type(last).__name__)])
    network = last.network_
    try:
        if to == "keras":
            network.optimizer.build(network.trainable_variables)  # or reading the file warns of what it lacks
            network.save(os.fspath(path))
        else:
            with quiet():
                rows = [_nothing(tensor.shape) for tensor in network.inputs]
                network(rows[0] if len(rows) == 1 else rows)  # Keras asks for a network that was called
                network.export(os.fspath(path), format="onnx", verbose=False)
    except Exception as error:  # of Keras, its backend and what converts
        import keras

        needs = "" if to == "keras" else NEEDS.get(keras.backend.backend(), "")
        raise HypError([say.network_not_writable(os.fspath(path), str(error).strip().split("\n")[0], needs)]) from error
    before = [name for name, _ in getattr(model.pipeline, "steps", ())[:-1]]
    return (say.steps_not_in_network(before),) if before else ()


def _nothing(shape: Sequence[int | None]) -> object:
    """One row of zeros."""
    import keras

    return keras.ops.zeros((1, *(length or 1 for length in shape[1:])))
