"""Playback: configurations that are given, in their order; what is left goes to another searcher."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.search.goals import Goals
from hyperdsl.search.proxy import Proxies
from hyperdsl.search.searcher import Searcher
from hyperdsl.search.trial import Trial
from hyperdsl.space import Configuration, Space


class PlaybackSearcher:
    """Proposes given configurations that are new, then goes on as another searcher, or ends.

    Trials of another study are given as ``[t.configuration for t in trials]``, sorted best first where that is
    wanted.

    Parameters
    ----------
    configurations : sequence of mapping
        Configurations, or their JSON forms ``{path: value}``; points of this space.
    then : str
        What goes on after the last one, such as ``"auto"``; empty ends the search there.
    proxies : mapping of str to Proxy, or None
        For what goes on.
    """

    def __init__(
        self,
        space: Space,
        *,
        seed: int = 0,
        goals: Goals | None = None,
        configurations: Sequence[Mapping[str, Any]] = (),
        then: str = "",
        proxies: Proxies | None = None,
    ) -> None:
        from hyperdsl.search.searchers import make_searcher

        if not isinstance(configurations, Sequence) or not all(isinstance(c, Mapping) for c in configurations):
            expected = 'a list of configurations such as {"path": value}'
            raise HypError([search_setting_invalid("configurations", configurations, expected)])
        self._space = space
        self._given: dict[str, Configuration] = {}
        for given in configurations:
            configuration = space.configuration(given)
            self._given.setdefault(space.key(configuration), configuration)
        self._known: set[str] = set()
        self._rest: Searcher | None = None
        if then:
            self._rest = make_searcher(then, space, seed=seed, goals=goals, proxies=proxies)

    def propose(self, numbers: Sequence[int]) -> list[Configuration]:
        new = [c for key, c in self._given.items() if key not in self._known]
        proposals = new[: len(numbers)]
        if len(proposals) < len(numbers) and self._rest is not None:
            known = {self._space.key(c) for c in proposals}  # which the other searcher may propose too
            spare = range(numbers[-1] + 1, numbers[-1] + 1 + len(known))
            more = self._rest.propose([*numbers[len(proposals) :], *spare])
            proposals += [c for c in more if self._space.key(c) not in known]
        return proposals[: len(numbers)]

    def feedback(self, trials: Sequence[Trial]) -> None:
        self._known.update(trial.key for trial in trials)
        if self._rest is not None:
            self._rest.feedback(trials)
