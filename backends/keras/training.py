"""Networks as Keras models: what ``train(…)`` becomes."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from hyperdsl.backends.keras.building import BuildFunction
from hyperdsl.backends.keras.classes import ESTIMATORS
from hyperdsl.backends.keras.functions import network_function
from hyperdsl.backends.pycode import Imports
from hyperdsl.backends.trainer import Definition, Trained, Write
from hyperdsl.frozen import frozen
from hyperdsl.ir.plan import Call, Network, Value


@frozen
class KerasTrainer:
    """A function that builds and compiles a model, and an estimator around it."""

    def write(
        self, node: Call, classifies: bool, shape: tuple[int, ...] | None, imports: Imports, write: Write
    ) -> Trained:
        arguments = dict(node.arguments)
        network = arguments.pop("network")
        assert isinstance(network, Network)
        loss = "sparse_categorical_crossentropy" if classifies else "mean_squared_error"
        compiled: dict[str, Value] = {"optimizer": "adam", "loss": loss}
        compiled |= {name: arguments.pop(name) for name in ("optimizer", "loss", "metrics") if name in arguments}
        name = imports.define("build_network")
        function = network_function(name, network, tuple(compiled.items()), imports, write)
        keywords = {key: write(value) for key, value in arguments.items()}
        kind = "NetworkClassifier" if classifies else "NetworkRegressor"
        return Trained(kind, (ast.Name(name),), keywords, {name: function}, {ESTIMATORS: (kind,)})

    def live(
        self, definitions: Mapping[str, Definition], known: Mapping[str, object], imports: Imports
    ) -> Mapping[str, object]:
        paths = {local: path for path, local in imports.paths.items()}
        return {n: BuildFunction(d, paths) for n, d in definitions.items() if isinstance(d, ast.FunctionDef)}
