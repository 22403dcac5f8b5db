"""The searchers, by name. Others are found by the entry point group ``hyperdsl.searchers``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import searcher_option_unknown, searcher_unknown
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.search.goals import Goals
from hyperdsl.search.proxy import Proxies
from hyperdsl.search.searcher import Searcher
from hyperdsl.search.searchers.naming import SearcherSpec, options_of, takes_proxies
from hyperdsl.space import Space

GROUP = "hyperdsl.searchers"

SearcherFactory = Callable[..., Searcher]  # (space, *, seed, goals), and proxies where it names them

# Modules, not classes: a searcher's library is imported when the searcher is asked for.
_HOMES = {
    "random": ("hyperdsl.search.searchers.random", "RandomSearcher"),
    "grid": ("hyperdsl.search.searchers.grid", "GridSearcher"),
    "auto": ("hyperdsl.search.searchers.auto", "AutoSearcher"),
    "evolution": ("hyperdsl.search.searchers.evolution", "EvolutionSearcher"),
    "local": ("hyperdsl.search.searchers.local", "LocalSearcher"),
    "mcts": ("hyperdsl.search.searchers.mcts", "MctsSearcher"),
    "forest": ("hyperdsl.search.searchers.forest", "ForestSearcher"),
    "gp": ("hyperdsl.search.searchers.gp", "GpSearcher"),
    "cmaes": ("hyperdsl.search.searchers.cmaes", "CmaesSearcher"),
    "qmc": ("hyperdsl.search.searchers.qmc", "QmcSearcher"),
    "playback": ("hyperdsl.search.searchers.playback", "PlaybackSearcher"),
    "asha": ("hyperdsl.search.searchers.halving", "AshaSearcher"),
    "hyperband": ("hyperdsl.search.searchers.halving", "HyperbandSearcher"),
    "bohb": ("hyperdsl.search.searchers.halving", "BohbSearcher"),
    "screened": ("hyperdsl.search.searchers.screened", "ScreenedSearcher"),
    "oneshot": ("hyperdsl.search.searchers.oneshot", "OneShotSearcher"),
    "darts": ("hyperdsl.search.searchers.darts", "DartsSearcher"),
    "tpe": ("hyperdsl.search.searchers.tpe", "TpeSearcher"),
    "nsga2": ("hyperdsl.search.searchers.nsga2", "Nsga2Searcher"),
    "nsga3": ("hyperdsl.search.searchers.nsga2", "Nsga3Searcher"),
    "rnsga2": ("hyperdsl.search.searchers.nsga2", "RNsga2Searcher"),
    "moead": ("hyperdsl.search.searchers.moead", "MoeadSearcher"),
}


def make_searcher(
    searcher: str | SearcherSpec | SearcherFactory,
    space: Space,
    *,
    seed: int = 0,
    goals: Goals | None = None,
    proxies: Proxies | None = None,
) -> Searcher:
    """A new searcher over a space.

    Parameters
    ----------
    searcher : str, SearcherSpec or callable
        A name of :func:`searcher_names`, also with options: ``"evolution(population = 50)"``; or a callable
        ``(space, *, seed, goals) -> Searcher``.
    space : Space
        What to propose from.
    seed : int
        The study's seed.
    goals : Goals or None
        What is good; None is a score to maximize.
    proxies : mapping of str to Proxy, or None
        Cheap scores by name, for searchers that choose by one: those whose factory has a parameter of this name.

    Raises
    ------
    HypError
        When no searcher has this name, or it does not take these options or goals.
    """
    factory = find_searcher(searcher)
    known = {"proxies": proxies or {}} if takes_proxies(factory) else {}
    return factory(space, seed=seed, goals=goals or Goals(), **known)


def find_searcher(searcher: str | SearcherSpec | SearcherFactory) -> SearcherFactory:
    """What makes a searcher, its options included; their values are checked when it is made.

    Raises
    ------
    HypError
        When no searcher has this name, or it has no such option.
    """
    if callable(searcher):
        return searcher
    spec = SearcherSpec.parse(searcher) if isinstance(searcher, str) else searcher
    factory = _factory(spec.name)
    if not spec.options:
        return factory
    known = options_of(factory)
    unknown = [name for name in spec.options if name not in known]
    if unknown:
        raise HypError([searcher_option_unknown(spec.name, name, did_you_mean(name, known), known) for name in unknown])
    return partial(factory, **spec.options)


def searcher_names() -> list[str]:
    """The names that :func:`make_searcher` knows."""
    return sorted({*_HOMES, *entry_points(group=GROUP).names})


def is_own(name: str) -> bool:
    """Whether a searcher is one of this package, not an entry point of another."""
    return name in _HOMES


def searcher_options(name: str) -> dict[str, object]:
    """The options of a searcher with their defaults.

    Raises
    ------
    HypError
        When no searcher has this name.
    """
    return options_of(_factory(name))


def _factory(name: str) -> SearcherFactory:
    if name in _HOMES:
        module, attribute = _HOMES[name]
        return cast(SearcherFactory, getattr(import_module(module), attribute))
    for entry in entry_points(group=GROUP, name=name):
        return cast(SearcherFactory, entry.load())
    known = searcher_names()
    raise HypError([searcher_unknown(name, did_you_mean(name, known), known)])
