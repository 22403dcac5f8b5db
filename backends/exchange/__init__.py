"""A space in other systems' terms: JSON of its graph, Optuna, ConfigSpace, Ray Tune, pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hyperdsl.catalog.model import Module
from hyperdsl.diagnostics import Reporter
from hyperdsl.diagnostics.exchange import prior_lost
from hyperdsl.space import Space


def export(
    target: str, space: Space, reporter: Reporter, *, module: Callable[[], str], user: Sequence[Module] = ()
) -> str:
    """The text of a space for another system.

    Parameters
    ----------
    target : str
        ``optuna``, ``configspace``, ``ray``, ``json``, ``svg``, ``dot`` or ``mermaid``.
    module : callable
        Gives the Python module of the whole space.
    user : sequence of Module
        The user's own classes in it.

    Raises
    ------
    HypError
        Naming each decision that the target has no form for.
    """
    if target == "optuna":
        from hyperdsl.backends.exchange.to_optuna import optuna_script

        _tell_lost_weights(space, "Optuna", reporter)
        return optuna_script(module())
    if target == "ray":
        from hyperdsl.backends.exchange.to_ray import ray_script

        _tell_lost_weights(space, "Ray Tune", reporter)
        return ray_script(module(), space)
    if target == "configspace":
        from hyperdsl.backends.exchange.to_configspace import to_configspace

        space.require_facts()
        return to_configspace(space)
    if target == "json":
        from hyperdsl.backends.exchange import document

        return document.write(document.to_document(space.graph, space.decisions, user))
    from hyperdsl.backends.exchange import blocks, diagrams, svg

    draw = {"svg": svg.draw, "dot": diagrams.dot, "mermaid": diagrams.mermaid}[target]
    return draw(blocks.picture(space))


def _tell_lost_weights(space: Space, target: str, reporter: Reporter) -> None:
    weighted = [d.path for d in space.decisions if len(set(d.weights)) > 1]
    if weighted:
        reporter.add(prior_lost(target, weighted))
