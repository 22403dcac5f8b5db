"""Layers and what flows into them (E0460 …)."""

from __future__ import annotations

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.source import Span


def misfit(span: Span, layer: str, where: str, says: str, witness: str, remedy: str) -> Diagnostic:
    """A layer that cannot take what flows into it."""
    return Diagnostic(
        "E0460",
        f"`{layer}` fails {where}: {says}",
        span,
        f"fails with {witness}" if witness else "here",
        remedy,
    )


def not_flattened(span: Span, layer: str, where: str, shape: str) -> Diagnostic:
    """A dense layer gets an image and works on each of its places alone."""
    return Diagnostic(
        "W0464",
        f"`{layer}` gets maps such as {shape} {where}, and works on each place alone",
        span,
        "most networks flatten a map before",
        "write Flatten() or GlobalAveragePooling2D() before it; Conv2D with a window of 1 where each place is meant",
    )


def tensor_as_layer(span: Span, shown: str) -> Diagnostic:
    """A tensor stands where a layer belongs."""
    return Diagnostic(
        "E0469",
        f"{shown} is a tensor and cannot be a layer",
        span,
        "not a module",
        "a layer is a module such as `Dense(10)`; two tensors are merged by one: `(x & y) >> Concatenate()`",
    )


def not_trained(span: Span) -> Diagnostic:
    """A tensor, or a tied layer, stands where a model, a step or a plain value belongs."""
    return Diagnostic(
        "E0465",
        "a network is no model before it is trained",
        span,
        "stands in networks only",
        "make a model of it: train(net, optimizer = Adam(...), epochs = 10)",
    )


def not_part_of_a_network(path: str, is_own: bool) -> Diagnostic:
    """A saved network names something else than layers and what belongs to them."""
    package = path.partition(".")[0]
    remedy = "load only model files that you trust; this one was not written by hyperdsl, or was changed"
    if is_own:
        remedy = f"where it is a layer of your own, and you trust the file and `{package}`, give --allow {package}"
    return Diagnostic("E0461", f"this network names `{path}`, which is no part of Keras' networks", None, "", remedy)


_COSTS = {"params": "weights", "macs": "multiply-adds"}


def unclear_cost(span: Span, measure: str, layer: str, place: Span | None, has_rule: bool) -> Diagnostic:
    """What a network costs is asked for and cannot be told."""
    line = f" (line {place.line})" if place is not None else ""
    if not layer:
        reason, remedy = "too many decisions change it", "fewer values for the decisions that change shapes"
    elif not has_rule:
        reason, remedy = f"there is no rule for `{layer}`{line}", "leave this layer out of what is counted"
    else:
        reason = f"that of `{layer}`{line} depends on a length that is not known"
        remedy = "begin the network with all lengths of its input: input(28, 28, 1)"
    return Diagnostic("E0462", f"the number of {_COSTS[measure]} of this network cannot be told", span, reason, remedy)


def unclear_score(name: str, error: str, message: str) -> Diagnostic:
    """A score of an untrained network cannot be worked out."""
    return Diagnostic(
        "E0468",
        f"`{name}` cannot be worked out for a network of this space: {error}: {message}",
        help="choose by another score: 'params' and 'macs' need no network to be built",
    )


def cost_outside(span: Span, measure: str) -> Diagnostic:
    """What a network costs is used to build something."""
    return Diagnostic(
        "E0463",
        f"`{measure}(…)` is known only once everything is decided",
        span,
        "it stands outside of conditions",
        f"ask for it in a condition: require {measure}(net) <= 1_000_000",
    )


def weights_not_shared(span: Span | None, fact: str, remedy: str = "") -> Diagnostic:
    """Something of a space that one network for all of its candidates cannot have."""
    return Diagnostic(
        "E0466",
        "one network cannot hold all networks of this space",
        span,
        fact,
        remedy or "search this space with another searcher, such as evolution",
    )


def not_one_network(span: Span | None, count: int) -> Diagnostic:
    """Weights are to be shared in a space that has no network, or several."""
    return Diagnostic(
        "E0467",
        f"weights are shared within one network, and this space trains {count}",
        span,
        "another one" if count else "",
        "decide within one network: train((a | b) >> Dense(10)) instead of train(a) | train(b)" if count else
        "search it with another searcher, such as evolution",
    )  # fmt: skip
