"""The searchers, by name. Others are found by the entry point group ``hyperdsl.searchers``."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import searcher_unknown
from hyperdsl.search.goals import Goals
from hyperdsl.search.searcher import Searcher
from hyperdsl.space import Space

GROUP = "hyperdsl.searchers"

SearcherFactory = Callable[..., Searcher]  # (space, *, seed, goals)

# Modules, not classes: a searcher's library is imported when the searcher is asked for.
_HOMES = {
    "random": ("hyperdsl.search.searchers.random", "RandomSearcher"),
    "auto": ("hyperdsl.search.searchers.auto", "AutoSearcher"),
    "nsga2": ("hyperdsl.search.searchers.nsga2", "Nsga2Searcher"),
    "nsga3": ("hyperdsl.search.searchers.nsga2", "Nsga3Searcher"),
    "rnsga2": ("hyperdsl.search.searchers.nsga2", "RNsga2Searcher"),
    "moead": ("hyperdsl.search.searchers.moead", "MoeadSearcher"),
    "tpe": ("hyperdsl.search.searchers.tpe", "TpeSearcher"),
}


def make_searcher(
    searcher: str | SearcherFactory, space: Space, *, seed: int = 0, goals: Goals | None = None
) -> Searcher:
    """A new searcher over a space.

    Parameters
    ----------
    searcher : str or callable
        ``"random"``, ``"tpe"``, the name of an entry point, or a callable ``(space, *, seed, goals) -> Searcher``
        as those are.
    space : Space
        What to propose from.
    seed : int
        The study's seed.
    goals : Goals or None
        What is good; None is a score to maximize.

    Raises
    ------
    HypError
        When no searcher has this name.
    """
    factory = _factory(searcher) if isinstance(searcher, str) else searcher
    return factory(space, seed=seed, goals=goals or Goals())


def searcher_names() -> list[str]:
    """The names that :func:`make_searcher` knows."""
    return sorted({*_HOMES, *entry_points(group=GROUP).names})


def _factory(name: str) -> SearcherFactory:
    if name in _HOMES:
        module, attribute = _HOMES[name]
        return cast(SearcherFactory, getattr(import_module(module), attribute))
    for entry in entry_points(group=GROUP, name=name):
        return cast(SearcherFactory, entry.load())
    raise HypError([searcher_unknown(name, searcher_names())])
