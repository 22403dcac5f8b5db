"""Networks as modules of PyTorch: what ``train(…)`` becomes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from hyperdsl.backends.printer import print_module
from hyperdsl.backends.pycode import Imports, literal
from hyperdsl.backends.torch.code import Code
from hyperdsl.backends.torch.network import network_class
from hyperdsl.backends.torch.training import helpers, loss_of, optimizer_of
from hyperdsl.backends.trainer import Definition, Trained, Write
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.unsupported import no_equal_in_torch
from hyperdsl.frozen import frozen
from hyperdsl.ir.plan import Call, Network

ESTIMATORS = "hyperdsl.backends.torch.estimators"
PARTS = "hyperdsl.backends.torch.parts"
_PRECISIONS = {"mixed_bfloat16": "torch.bfloat16"}


@frozen
class TorchTrainer:
    """A class for the network, a function for its optimizer, and an estimator around them."""

    def write(
        self, node: Call, classifies: bool, shape: tuple[int, ...] | None, imports: Imports, write: Write
    ) -> Trained:
        arguments = dict(node.arguments)
        network = arguments.pop("network")
        assert isinstance(network, Network)
        code = Code(imports)
        loss = loss_of(arguments.pop("loss", None), classifies, network, code)
        name, optimizer = imports.define("Network"), imports.define("build_optimizer")
        definitions: dict[str, Definition] = {
            d.name: d for d in network_class(name, network, imports, shape, loss.dropped)
        }
        definitions[optimizer], schedule = optimizer_of(optimizer, arguments.pop("optimizer", "adam"), imports)
        keywords: dict[str, ast.expr] = {} if schedule is None else {"schedule": schedule}
        keywords |= {key: self._argument(node, key, value, code, write) for key, value in arguments.items()}
        kind = "NetworkClassifier" if classifies else "NetworkRegressor"
        called = (ast.Name(name), ast.Name(optimizer), loss.function)
        return Trained(kind, called, keywords, definitions, {PARTS: helpers(imports), ESTIMATORS: (kind,)})

    def _argument(self, node: Call, name: str, value: Any, code: Code, write: Write) -> ast.expr:
        if name == "precision" and value not in (None, "float32"):
            if value not in _PRECISIONS:
                raise HypError([no_equal_in_torch(node.span, "train", f"precision = {value!r}")])
            return code.named(_PRECISIONS[value])
        if name == "precision":
            return literal(None)
        if name == "device" and isinstance(value, str):
            return literal("cpu" if value.startswith("cpu") else value.replace("gpu", "cuda"))
        return write(value)

    def live(
        self, definitions: Mapping[str, Definition], known: Mapping[str, object], imports: Imports
    ) -> Mapping[str, object]:
        found: dict[str, object] = {**known, "__name__": "network"}
        sections: list[list[ast.stmt]] = [*imports.statements(), *(list[ast.stmt]([d]) for d in definitions.values())]
        exec(compile(print_module("A network.", sections), "network.py", "exec"), found)
        return found
