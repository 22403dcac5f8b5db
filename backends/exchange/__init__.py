"""A space in other systems' terms: JSON of its graph, Optuna, ConfigSpace, Ray Tune, pictures."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.catalog.model import Module
from hyperdsl.diagnostics import Reporter
from hyperdsl.space import Space


def export(target: str, space: Space, reporter: Reporter, user: Sequence[Module] = ()) -> str:
    """The text of a space for another system.

    Parameters
    ----------
    target : str
        ``json``, ``svg``, ``dot`` or ``mermaid``.
    user : sequence of Module
        The user's own classes in it.

    Raises
    ------
    HypError
        Naming each decision that the target has no form for.
    """
    if target == "json":
        from hyperdsl.backends.exchange import document

        return document.write(document.to_document(space.graph, space.decisions, user))
    from hyperdsl.backends.exchange import blocks, diagrams, svg

    draw = {"svg": svg.draw, "dot": diagrams.dot, "mermaid": diagrams.mermaid}[target]
    return draw(blocks.picture(space))
