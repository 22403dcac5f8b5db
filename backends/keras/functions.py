"""From the plan of a network to the function that builds and compiles it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Sequence

from hyperdsl.audit.shapes.layers import RULES
from hyperdsl.backends.pycode import Imports, assign, call, is_name, literal, note
from hyperdsl.backends.sklearn.naming import clean, snake_case
from hyperdsl.ir import plan
from hyperdsl.ir.canonical import text
from hyperdsl.ir.networks import normalized

Write = Callable[[plan.Value], ast.expr]
# Layers that are called with query, value and key; one tensor alone is asked about itself.
_ONE_BY_ONE = frozenset({"keras.layers.MultiHeadAttention", "keras.layers.GroupQueryAttention"})
SHAPE = "shape"  # the parameter of the function: of the rows that it is fitted to


def network_function(
    name: str, network: plan.Network, compiled: Sequence[tuple[str, plan.Value]], imports: Imports, write: Write
) -> ast.FunctionDef:
    """A function that builds a network and compiles it.

    Parameters
    ----------
    compiled : sequence of (str, value)
        The arguments of ``compile``.
    imports : Imports
        Gets what the function names.
    write : callable
        The expression of a value, such as the call of a layer's constructor.
    """
    return _Function(normalized(network, text), imports, write).make(name, compiled)


def gives_classes(train: plan.Call) -> bool:
    """Whether a network is one for classes, by its loss, else by the activation that gives its output."""
    arguments = dict(train.arguments)
    loss = arguments.get("loss")
    named = loss.path if isinstance(loss, plan.Call | plan.Symbol) else loss
    if named is not None:
        return isinstance(named, str) and "crossentropy" in named.lower()
    network = arguments["network"]
    assert isinstance(network, plan.Network)
    last = network.layers[network.outputs[0]].module
    return isinstance(last, plan.Call) and dict(last.arguments).get("activation") in ("softmax", "sigmoid")


class _Function:
    def __init__(self, network: plan.Network, imports: Imports, write: Write) -> None:
        self.layers = network.layers
        self.outputs = network.outputs
        self.imports = imports
        self.write = write
        self.users = Counter(i for layer in network.layers for i in layer.inputs)
        self.users.update(network.outputs)
        self.tensors: dict[int, str] = {}
        self.shared = {layer.tied for layer in network.layers if layer.tied is not None}
        self.kept: dict[int, str] = {}  # a layer that is applied again -> its variable
        self.body: list[ast.stmt] = []

    def make(self, name: str, compiled: Sequence[tuple[str, plan.Value]]) -> ast.FunctionDef:
        for number in range(len(self.layers)):
            self._layer(number)
        inputs = [n for n, layer in enumerate(self.layers) if isinstance(layer.module, plan.InputPlan)]
        ends = [_one_or_list([ast.Name(self.tensors[n]) for n in some]) for some in (inputs, self.outputs)]
        made = call(self.imports.reference("keras.Model"), *ends)
        self.body.append(assign("network", made))
        keywords = {key: self.write(value) for key, value in compiled}
        self.body.append(ast.Expr(call(ast.Attribute(ast.Name("network"), "compile"), keywords=keywords)))
        self.body.append(ast.Return(ast.Name("network")))
        arguments = ast.arguments(posonlyargs=[], args=[ast.arg(SHAPE)], kwonlyargs=[], kw_defaults=[], defaults=[])
        return ast.FunctionDef(name, arguments, self.body, [])

    def _layer(self, number: int) -> None:
        layer = self.layers[number]
        if isinstance(layer.module, plan.InputPlan):
            made: ast.expr = self._input(layer.module)
        else:
            made = call(self._applied(number), *self._sources(layer))
        self.tensors[number] = self._variable(number)
        self.body.append(assign(self.tensors[number], made))

    def _sources(self, layer: plan.Layer) -> list[ast.expr]:
        """What a layer is called with: a tensor or a list of them; of some, one after the other."""
        sources: list[ast.expr] = [ast.Name(self.tensors[i]) for i in layer.inputs]
        if not isinstance(layer.module, plan.Call) or layer.module.path not in _ONE_BY_ONE:
            rule = RULES.get(layer.module.path.rpartition(".")[2]) if isinstance(layer.module, plan.Call) else None
            return [ast.List(sources) if rule is not None and rule.several else _one_or_list(sources)]
        return sources if len(sources) > 1 else [*sources, ast.Name(self.tensors[layer.inputs[0]])]

    def _input(self, module: plan.InputPlan) -> ast.expr:
        if module.shape is None:
            shape: ast.expr = ast.Name(SHAPE)
        else:
            shape = ast.Tuple([self.write(v) for v in module.shape])
        dtype = {} if module.dtype is None else {"dtype": literal(module.dtype)}
        return call(self.imports.reference("keras.Input"), shape, keywords=dtype)

    def _applied(self, number: int) -> ast.expr:
        """The layer, made here or, where it has the weights of an earlier one, that one."""
        layer = self.layers[number]
        if layer.tied is not None:
            return ast.Name(self.kept[layer.tied])
        made = self.write(layer.module)
        span = layer.module.span
        if isinstance(made, ast.Call) and span is not None:
            note(made, f"{span.source.name.rpartition('/')[2]}:{span.line}")
        if number not in self.shared:
            return made
        self.kept[number] = self._unused(f"{self._base(number)}_layer")
        self.body.append(assign(self.kept[number], made))
        return ast.Name(self.kept[number])

    # --- names

    def _variable(self, number: int) -> str:
        """``x`` along a chain; a name of its own for a tensor that is used elsewhere too."""
        is_chain = (
            self.users[number] == 1 and number + 1 < len(self.layers) and self.layers[number + 1].inputs == (number,)
        )
        if (
            self.layers[number].label is None
            and is_chain
            and not isinstance(self.layers[number].module, plan.InputPlan)
        ):
            return "x"
        return self._unused(self._base(number))

    def _base(self, number: int) -> str:
        layer = self.layers[number]
        if layer.label is not None:
            return clean(layer.label)
        if isinstance(layer.module, plan.InputPlan):
            return "inputs"
        if number in self.outputs:
            return "outputs"
        path = layer.module.path if isinstance(layer.module, plan.Call) else "x"
        return snake_case(path.rpartition(".")[2])

    def _unused(self, name: str) -> str:
        """A name that nothing else in the program has, a label that is a word of Python's included."""
        name = self.imports.define(name if is_name(name) else f"{name}_" if is_name(f"{name}_") else f"layer_{name}")
        return self._unused(name) if name in (SHAPE, "network", "x") else name


def _one_or_list(parts: Sequence[ast.expr]) -> ast.expr:
    return parts[0] if len(parts) == 1 else ast.List(list(parts))
