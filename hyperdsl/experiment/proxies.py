"""Cheap scores of the networks of a search: what searchers can choose by before anything is trained.

==============  ======================================================================================
``params``      weights, worked out from the space
``macs``        multiply-adds of one example, worked out likewise
``synflow``     how much flows through the untrained network (:mod:`hyperdsl.backends.keras.zero_cost`)
``jacob_cov``   how differently the untrained network answers to changes of different examples
==============  ======================================================================================

More is taken to be better in all of them: of the untrained networks of one space the larger ones tend to be.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.networks import unclear_cost, unclear_score
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.experiment.estimator import take
from hyperdsl.experiment.surroundings import kept_random_state, limit_threads, quiet
from hyperdsl.experiment.training import is_network as trains
from hyperdsl.ir.facts import is_network, trains_networks
from hyperdsl.settings.metrics import PROXIES

if TYPE_CHECKING:
    from hyperdsl.audit.shapes.measuring import Measured
    from hyperdsl.experiment.estimator import PipelineEstimator
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.search.proxy import Proxy
    from hyperdsl.space import Configuration


COSTS = ("params", "macs")
NO_NETWORKS = "a metric, or a cost of any model: this space has no networks"


def proxies_of(space: HyperSpace, estimator: PipelineEstimator, seed: int) -> dict[str, Proxy]:
    """The proxies of a search by name; none where its space has no networks.

    Parameters
    ----------
    space : HyperSpace
        As it is searched.
    estimator : PipelineEstimator
        Builds its pipelines, and has the rows.
    seed : int
        The study's.
    """
    if not trains_networks(space.graph):
        return {}
    return {name: Cost(space, name) if name in COSTS else Untrained(name, estimator, seed) for name in PROXIES}


def asked_proxies(space: HyperSpace, estimator: PipelineEstimator, seed: int) -> dict[str, Proxy]:
    """Those that are objectives or have bounds.

    Raises
    ------
    HypError
        When there are no networks, or what they cost is not known.
    """
    if estimator.inherits and not trains_networks(space.graph):
        raise HypError([search_setting_invalid("inherit", True, "for networks, and this space has none")])
    asked = estimator.measures.proxies
    known = proxies_of(space, estimator, seed) if asked else {}
    if asked and not known:
        raise HypError([search_setting_invalid("metric", asked[0], NO_NETWORKS)])
    for name in asked:
        if isinstance(cost := known[name], Cost):
            cost(space.default())
    return {name: known[name] for name in asked}


class Cost:
    """What the network of a configuration costs; None where it has none.

    Parameters
    ----------
    space : HyperSpace
    name : {"params", "macs"}
    """

    def __init__(self, space: HyperSpace, name: str) -> None:
        self._space = space
        self._name = name

    def __call__(self, configuration: Configuration) -> float | None:
        return float(self._measured.at(configuration.codes)) or None

    @cached_property
    def _measured(self) -> Measured:
        from hyperdsl.audit.shapes.layers import RULES
        from hyperdsl.audit.shapes.measuring import Unclear, measure

        graph = self._space.graph
        found = measure(graph, self._space.catalog(), graph.root, self._name)
        if isinstance(found, Unclear):
            span = next(graph[i].span for i in sorted(graph.reachable) if is_network(graph[i].op))
            assert span is not None
            raise HypError([unclear_cost(span, self._name, found.layer, found.span, found.layer in RULES)])
        return found


class Untrained:
    """A score of the network of a configuration as it is before it is trained; None where it has none.

    Parameters
    ----------
    name : str
        Of :data:`hyperdsl.backends.keras.zero_cost.SCORES`.
    estimator : PipelineEstimator
    seed : int
        The study's.
    """

    def __init__(self, name: str, estimator: PipelineEstimator, seed: int) -> None:
        self._name = name
        self._estimator = estimator
        self._seed = seed

    def __call__(self, configuration: Configuration) -> float | None:
        with quiet(), limit_threads(self._estimator.threads), kept_random_state():
            try:
                model, X = model_and_rows(self._estimator, configuration, self._seed)
            except Exception:  # a trial of it fails likewise, and says why
                return -math.inf
            if not trains(model):
                return None
            from hyperdsl.backends.keras.zero_cost import SCORES

            try:
                return SCORES[self._name](model, X)
            except Exception as error:
                raise HypError([unclear_score(self._name, type(error).__name__, str(error))]) from error


def model_and_rows(estimator: PipelineEstimator, configuration: Configuration, seed: int) -> tuple[Any, Any]:
    """The model at the end of a configuration's pipeline, unfitted, and the rows of the first fold as it gets them."""
    from hyperdsl.experiment.sharing.folds import split

    pipeline = estimator.build(configuration, seed)
    steps, model = split(pipeline)
    rows = estimator.folds[0][0]
    X = take(estimator.X, rows)
    return model, pipeline[:-1].fit_transform(X, estimator.y[rows]) if steps and trains(model) else X
