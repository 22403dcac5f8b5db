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


def not_part_of_a_network(path: str, is_own: bool) -> Diagnostic:
    """A saved network names something else than layers and what belongs to them."""
    package = path.partition(".")[0]
    remedy = "load only model files that you trust; this one was not written by hyperdsl, or was changed"
    if is_own:
        remedy = f"where it is a layer of your own, and you trust the file and `{package}`, give --allow {package}"
    return Diagnostic("E0461", f"this network names `{path}`, which is no part of Keras' networks", None, "", remedy)
