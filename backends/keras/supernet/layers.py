"""The layers of a supernet: what one layer is of a program is one layer here, whatever else is decided.

Arguments with a few values make a layer for each; a width makes one, of which the first channels are used. An
activation that is decided is applied behind. Where weights have one shape they are one, so that a convolution sees maps
of every size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from hyperdsl.audit.diagrams import SKIPPED, Sign
from hyperdsl.audit.lengths import Length
from hyperdsl.audit.shapes.layers import RULES
from hyperdsl.audit.shapes.rules import Misfit
from hyperdsl.audit.shapes.walk import made_by
from hyperdsl.backends.keras.supernet import channels as of_channels
from hyperdsl.backends.keras.supernet.channels import Channels
from hyperdsl.backends.keras.supernet.tensors import MOST_SHAPES, Bunch, Mixed, Tensors
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.networks import weights_not_shared
from hyperdsl.frozen import frozen
from hyperdsl.ir import ops, plan
from hyperdsl.ir.domain import Code
from hyperdsl.ir.meaning import NOTHING, Evaluation, default_code

# What acts while a network is trained only is the same for all: that of the default.
_TRAINING = ("_regularizer", "_initializer", "_constraint")
_TRAINING_ONLY = {"seed", "name", "momentum", "dropout", "recurrent_dropout", "trainable"}
_NOISE = {"Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout", *(f"SpatialDropout{n}D" for n in (1, 2, 3))}
_GUARDED = {"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply"}
_ASKED = {"MultiHeadAttention", "GroupQueryAttention"}


@frozen
class Site:
    """A place of a program where a layer is applied.

    Parameters
    ----------
    at : int
        The node that applies it.
    way : tuple
        What its weights are known by: the way to it, from there or from what is tied.
    """

    at: int
    way: tuple[Any, ...]

    def into(self, place: Any) -> Site:
        return Site(self.at, (*self.way, place))


@frozen(eq=False)
class Use:
    """A layer with weights in one use.

    Parameters
    ----------
    at : int
        The node that applies it.
    layer : keras.Layer
    source : Mixed or None
        What it is applied to, where that is one tensor.
    made : Mixed
    where : int
        Where it is part of a network: a diagram, true or false.
    """

    at: int
    layer: Any
    source: Mixed | None
    made: Mixed
    where: int


class Layered(Tensors):
    """Tensors, and the layers that make them.

    Parameters
    ----------
    construct : callable
        The layer of a plan.
    codes : mapping of str to Code
        Of the default configuration.
    """

    def __init__(
        self, skeleton: Any, shapes: Any, construct: Callable[[plan.Call], Any], codes: Mapping[str, Code]
    ) -> None:
        super().__init__(skeleton, shapes)
        self.uses: list[Use] = []
        self.momentum = keras.Variable(0.99, trainable=False, name="momentum_of_statistics")
        self._construct = construct
        self._layers: dict[Any, list[Any]] = {}
        self._pending: list[tuple[Any, ...]] = []
        self._default = Evaluation(self.graph.nodes, lambda op, domain: _code(codes, op, domain), {})

    def _all_known(self, diagram: int, index: int) -> None:
        if any(isinstance(v, Sign | Length) for v in self.leaves(diagram)):
            raise HypError([weights_not_shared(self.graph[index].span, "it has too many values")])

    def layer_of(self, index: int, path: str, source: int, site: Site) -> int:
        """A layer: with each of the values that its arguments may have."""
        name = path.rpartition(".")[2]
        op, operands = self.graph[index].op, self.graph[index].operands
        assert isinstance(op, ops.Call)
        fixed: dict[str, Any] = {}
        decided: dict[str, int] = {}
        for parameter, operand in zip(op.parameters, operands, strict=True):
            if not self.skeleton.reads(operand) or _is_of_training(name, parameter):
                fixed[parameter] = self._default.value(operand)
                continue
            decided[parameter] = self.value(operand)
            reached = self.apply(lambda s, v: v if s is not SKIPPED else 0, source, decided[parameter])
            self._all_known(reached, operand)
        source = self.bunched(source, name) if name in _GUARDED else source
        activations = self.leaves(decided["activation"]) if "activation" in decided else [fixed.get("activation")]
        is_elementwise = all(a in of_channels.ELEMENTWISE for a in activations)
        has_parts = not {*fixed, *decided}.intersection(of_channels.UNEQUAL)
        if not (has_parts and self._keeps_masks(name, is_elementwise, source)):
            source = self.split(source, index)
        width = of_channels.WIDENING.get(name, "")
        is_masked = width in decided and is_elementwise and has_parts
        there = decided.pop(width) if is_masked else None
        behind = decided.pop("activation", None) if is_masked else None
        made = self._for_each(index, path, source, site, fixed, decided, there, width)
        if behind is not None:
            made = self._for_each(
                index, "keras.layers.Activation", made, site.into("activation"), {}, {"activation": behind}
            )
        return self.collapsed(made)

    def _for_each(
        self,
        index: int,
        path: str,
        source: int,
        site: Site,
        fixed: Mapping[str, Any],
        decided: Mapping[str, int],
        there: int | None = None,
        width: str = "",
    ) -> int:
        full = 0
        if there is not None:
            reached = self.apply(lambda s, w: w if s is not SKIPPED else 0, source, there)
            full = max(self.leaves(reached))
            there = there if all(type(w) is int for w in self.leaves(there)) else reached
        names = list(decided)

        def made(given: Any, *values: Any) -> Any:
            if given is SKIPPED:
                return given
            arguments = {
                **fixed,
                **dict(zip(names, values, strict=True)),
                **({width: full} if there is not None else {}),
            }
            call = plan.Call(path, tuple((k, v) for k, v in arguments.items() if v is not NOTHING))
            if self._does_not_fit(call, given):
                return SKIPPED
            channels = None if there is None else Channels(((full, there),))
            return self._called(call, given, site.into(index), channels, index)

        diagram = self.apply(made, source, *decided.values())
        if len(self.leaves(diagram)) > 8 * MOST_SHAPES:
            raise HypError([weights_not_shared(self.graph[index].span, "it gets and makes too many different tensors")])
        self._note(diagram)
        return diagram

    def _note(self, diagram: int) -> None:
        """Keep where each layer that was used last is part of a network."""
        for at, layer, source, made in self._pending:
            where = self.apply(lambda v, m=made: v == m, diagram)
            self.uses.append(Use(at, layer, source, made, where))
        self._pending.clear()

    def _does_not_fit(self, call: plan.Call, given: Any) -> bool:
        """Whether a layer cannot take a tensor; conditions of the space leave such networks out."""
        name = call.path.rpartition(".")[2]
        rule, module = RULES.get(name), self.shapes.module(call.path)
        if rule is None or module is None or isinstance(given, Bunch):
            return False
        values = {p: s.default for p, s in module.parameters.items()} | dict(call.arguments)
        reads = {p: values[p] for p in rule.reads if p in values}
        if any(isinstance(v, plan.PlanNode) for v in reads.values()):
            return False
        return isinstance(made_by(rule, given, reads), Misfit)

    def _called(self, call: plan.Call, given: Any, site: Site, channels: Channels | None, index: int) -> Any:
        name = call.path.rpartition(".")[2]
        if isinstance(given, Bunch):
            if name in _GUARDED:
                return self.joined(name, given)
            given = plan.ListPlan(tuple(item for item, _ in given.items))
        items: list[Any] = list(given.items) if isinstance(given, plan.ListPlan) else [given]
        if not all(isinstance(item, Mixed) for item in items):
            raise HypError([weights_not_shared(self.graph[index].span, "what flows into it cannot be followed")])
        inputs = [self.made[item.number] for item in items]
        asks = len(inputs) == 1 and name in _ASKED
        rule = RULES.get(name)
        is_list = len(inputs) > 1 or (rule is not None and rule.several)
        taken: Any = inputs if is_list and name not in _ASKED else inputs[0]
        layer, outputs = self._with_weights(
            call, site, taken, [inputs[0]] if asks else inputs[1:] if name in _ASKED else []
        )
        made = self._as_tensors(name, call, outputs, items, channels)
        if layer.weights and isinstance(made, Mixed):
            self._pending.append((site.at, layer, items[0] if len(items) == 1 else None, made))
        return made

    def _with_weights(self, call: plan.Call, site: Site, taken: Any, more: Sequence[Any]) -> tuple[Any, Any]:
        """The layer of a site that has weights of the right shapes, and what it makes."""
        known = self._layers.setdefault((site.way, call), [])
        layer = self._construct(call)
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = self.momentum
        outputs = layer(taken, *more)
        for other in known:
            if layer.weights and [w.shape for w in other.weights] == [w.shape for w in layer.weights]:
                return other, other(taken, *more)
        known.append(layer)
        return layer, outputs

    # --- channels

    def _keeps_masks(self, name: str, is_elementwise: bool, source: int) -> bool:
        """Whether a layer can be given tensors with zeros for channels that are not there."""
        if name in of_channels.JOINING:
            return self._have_same_channels(source)
        if name == "Activation":
            return is_elementwise
        return name in (*of_channels.TAKING, *of_channels.KEEPING, *of_channels.CHANGING, "Concatenate", "Flatten")

    def _have_same_channels(self, source: int) -> bool:
        """Whether tensors that are merged have the same channels, wherever they are merged."""
        for leaf in self.leaves(source):
            merged = [self.all_channels(t) for t in _tensors(leaf)]
            for other in merged[1:]:
                first = merged[0]
                if other.form != first.form:
                    return False
                for (_, a), (_, b) in zip(first.parts, other.parts, strict=True):
                    if a != b and True in self.leaves(
                        self.apply(lambda s, x, y, v=leaf: s == v and x != y, source, a, b)
                    ):
                        return False
        return True

    def _as_tensors(
        self, name: str, call: plan.Call, outputs: Any, items: Sequence[Mixed], channels: Channels | None
    ) -> Any:
        """What a layer gives, as tensors of the supernet."""
        if isinstance(outputs, list | tuple):
            return plan.ListPlan(tuple(self.add(output) for output in outputs))
        if channels is not None:
            return self.masked(outputs, channels)
        before = self.channels[items[0].number] if items else None
        if name in of_channels.TAKING or (before is None and not any(self.channels[i.number] for i in items)):
            return self.add(outputs)
        if name == "Concatenate":
            own = [self.all_channels(item) for item in items]
            return self.add(outputs, Channels(tuple(part for c in own for _ in range(c.times) for part in c.parts)))
        if name == "Flatten":
            assert before is not None and items[0].shape is not None
            return self.add(outputs, before.repeated(outputs.shape[-1] // items[0].shape[-1]))
        if name in of_channels.KEEPING or name in of_channels.JOINING:
            return self.add(outputs, before)
        return self.masked(outputs, before)


def _code(codes: Mapping[str, Code], op: ops.DecisionOp, domain: Any) -> Code:
    code = codes.get(op.path)
    return code if code is not None and domain.contains(code) else default_code(op, domain)


def _is_of_training(name: str, parameter: str) -> bool:
    return (
        parameter in _TRAINING_ONLY or parameter.endswith(_TRAINING) or (name in _NOISE and parameter != "noise_shape")
    )


def _tensors(leaf: Any) -> list[Mixed]:
    """The tensors of a list."""
    if isinstance(leaf, Bunch):
        return [item for item, _ in leaf.items]
    return [item for item in leaf.items if isinstance(item, Mixed)] if isinstance(leaf, plan.ListPlan) else []
