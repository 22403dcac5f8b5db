"""How a network is trained: optimizers, schedules and losses of Keras in PyTorch."""

from __future__ import annotations

import ast
from typing import Any

from hyperdsl.backends.pycode import Imports, call, literal, note
from hyperdsl.backends.torch.activations import name_of
from hyperdsl.backends.torch.code import Code, expr, method
from hyperdsl.catalog import load_catalog
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.unsupported import no_equal_in_torch
from hyperdsl.frozen import frozen
from hyperdsl.ir import plan
from hyperdsl.source import Span

# Class of Keras -> class of PyTorch, and the names of arguments there.
_OPTIMIZERS: dict[str, tuple[str, dict[str, str]]] = {
    "SGD": ("torch.optim.SGD", {"momentum": "momentum", "nesterov": "nesterov"}),
    "Adam": ("torch.optim.Adam", {"epsilon": "eps", "amsgrad": "amsgrad"}),
    "AdamW": ("torch.optim.AdamW", {"epsilon": "eps", "amsgrad": "amsgrad", "weight_decay": "weight_decay"}),
    "Adamax": ("torch.optim.Adamax", {"epsilon": "eps"}),
    "Adagrad": ("torch.optim.Adagrad", {"epsilon": "eps", "initial_accumulator_value": "initial_accumulator_value"}),
    "RMSprop": ("RMSprop", {"rho": "rho", "momentum": "momentum", "epsilon": "epsilon", "centered": "centered"}),
}
_TORCH_DEFAULTS = {"momentum": 0.0, "nesterov": False, "amsgrad": False, "centered": False, "rho": 0.9, "epsilon": 1e-7}
_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")
_SCHEDULES = {
    "CosineDecay": "cosine_decay",
    "ExponentialDecay": "exponential_decay",
    "InverseTimeDecay": "inverse_time_decay",
    "PolynomialDecay": "polynomial_decay",
    "PiecewiseConstantDecay": "piecewise_constant_decay",
}
# Losses of numbers -> functions of PyTorch.
_OF_NUMBERS = {
    "mean_squared_error": "F.mse_loss", "MeanSquaredError": "F.mse_loss", "mse": "F.mse_loss",
    "mean_absolute_error": "F.l1_loss", "MeanAbsoluteError": "F.l1_loss", "mae": "F.l1_loss",
    "huber": "F.huber_loss", "Huber": "F.huber_loss",
}  # fmt: skip
# Losses of classes -> a function, and the activation that it includes.
_OF_CLASSES = {
    "sparse_categorical_crossentropy": ("F.cross_entropy", "softmax"),
    "SparseCategoricalCrossentropy": ("F.cross_entropy", "softmax"),
    "binary_crossentropy": ("F.binary_cross_entropy_with_logits", "sigmoid"),
    "BinaryCrossentropy": ("F.binary_cross_entropy_with_logits", "sigmoid"),
}


@frozen
class Loss:
    """A loss as PyTorch has it.

    Parameters
    ----------
    function : ast.expr
    dropped : str or None
        The activation at the end of the network that it includes.
    """

    function: ast.expr
    dropped: str | None = None


def _called(value: Any) -> tuple[str, dict[str, Any], Span | None]:
    """The name of a module or its text, and the arguments."""
    match value:
        case plan.Call(path=path, arguments=arguments):
            return path.rpartition(".")[2], dict(arguments), value.span
        case plan.Symbol(path=path):
            return path.rpartition(".")[2], {}, value.span
    return str(value), {}, None


def loss_of(value: Any, classifies: bool, network: plan.Network, code: Code) -> Loss:
    """The loss of a network.

    Raises
    ------
    HypError
        PyTorch has no equal, or cross-entropy gets what are no probabilities.
    """
    if value is None:
        value = "sparse_categorical_crossentropy" if classifies else "mean_squared_error"
    name, arguments, span = _called(value)
    arguments = {
        k: v for k, v in arguments.items() if k not in ("name", "reduction") or v not in (None, "sum_over_batch_size")
    }
    if classifies and name in _OF_CLASSES:
        path, activation = _OF_CLASSES[name]
        from_outputs = arguments.pop("from_logits", False)
        if arguments:
            raise HypError([no_equal_in_torch(span, name, next(iter(arguments)))])
        if from_outputs is True:
            return Loss(code.named(path))
        if _ends_in(network) != activation:
            raise HypError([no_equal_in_torch(span, name, f"outputs without {activation}")])
        return Loss(code.named(path), activation)
    if not classifies and name in _OF_NUMBERS:
        delta = arguments.pop("delta", 1.0)
        if arguments:
            raise HypError([no_equal_in_torch(span, name, next(iter(arguments)))])
        function = code.named(_OF_NUMBERS[name])
        if delta == 1.0:
            return Loss(function)
        partial = code.imports.reference("functools.partial")
        return Loss(call(partial, function, keywords={"delta": literal(delta)}))
    raise HypError([no_equal_in_torch(span, name)])


def _ends_in(network: plan.Network) -> str | None:
    """The activation that gives the output."""
    last = network.layers[network.outputs[0]].module
    if not isinstance(last, plan.Call):
        return None
    if last.path.endswith(".Softmax"):
        return "softmax"
    return name_of(dict(last.arguments).get("activation"))


def optimizer_of(name: str, value: Any, imports: Imports) -> tuple[ast.FunctionDef, ast.expr | None]:
    """A function that makes the optimizer of a network.

    Returns
    -------
    function : ast.FunctionDef
        With this name.
    schedule : ast.expr or None
        What gives the learning rate of a step, where that changes.
    """
    code = Code(imports)
    found, given, span = _called(value)
    module = next(iter(load_catalog().find(f"keras.optimizers.{_class_of(found)}")), None)
    if module is None or module.name not in _OPTIMIZERS:
        raise HypError([no_equal_in_torch(span, found)])
    arguments = {p.name: p.default for p in module.parameters.values()} | given
    kind = module.name
    if kind == "Adam" and arguments.get("weight_decay") is not None:  # Keras' decay is that of AdamW
        kind = "AdamW"
    path, names = _OPTIMIZERS[kind]
    read = {"learning_rate", "name", "beta_1", "beta_2", *names, *_TORCH_DEFAULTS}
    for argument, argued in arguments.items():
        if argument not in read and argued != module.parameters[argument].default:
            raise HypError([no_equal_in_torch(span, module.name, argument)])
    schedule, first = _schedule(arguments["learning_rate"], code)
    keywords: dict[str, ast.expr] = {"lr": literal(first)}
    if "beta_1" in arguments and (arguments["beta_1"], arguments["beta_2"]) != (0.9, 0.999):
        keywords["betas"] = literal((arguments["beta_1"], arguments["beta_2"]))
    for argument, torch_name in names.items():
        if _TORCH_DEFAULTS.get(torch_name) != arguments[argument]:
            keywords[torch_name] = expr(arguments[argument])
    own = None if path.startswith("torch.") else path
    if own is not None:
        imports.taken.add(own)
    made = call(
        ast.Name(own) if own is not None else code.named(path),
        method(ast.Name("network"), "parameters"),
        keywords=keywords,
    )
    if schedule is not None and arguments.get("momentum"):
        note(made, "the rate scales the whole velocity, that of Keras only what a step adds")
    parameters = ast.arguments(posonlyargs=[], args=[ast.arg("network")], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.FunctionDef(name, parameters, [ast.Return(made)], []), schedule


def _class_of(name: str) -> str:
    """The class of an optimizer's name, ``"adam"``."""
    return next((known for known in _OPTIMIZERS if known.lower() == name.lower()), name)


def _schedule(rate: Any, code: Code) -> tuple[ast.expr | None, float]:
    """What gives the learning rate of a step, and the first."""
    if not isinstance(rate, plan.Call):
        return None, rate
    name, arguments, span = _called(rate)
    if name not in _SCHEDULES or any(
        isinstance(v, plan.PlanNode) and not isinstance(v, plan.ListPlan) for v in arguments.values()
    ):
        raise HypError([no_equal_in_torch(span, name)])
    arguments.pop("name", None)
    function = _SCHEDULES[name]
    code.imports.taken.add(function)
    plain: dict[str, Any] = {k: list(v.items) if isinstance(v, plan.ListPlan) else v for k, v in arguments.items()}
    partial = code.imports.reference("functools.partial")
    made = call(partial, ast.Name(function), keywords={k: literal(v) for k, v in plain.items()})
    return made, plain["values"][0] if "values" in plain else plain["initial_learning_rate"]


def helpers(imports: Imports) -> tuple[str, ...]:
    """The names of ``parts`` that the code made so far has."""
    return tuple(name for name in PARTS if name in imports.taken)


PARTS = (
    "initialize", "scale_variance", "last_states", "AveragePool", "MultiHeadAttention", "RMSprop", *_SCHEDULES.values(),
)  # fmt: skip
