"""Screening by cheap scores: what is proposed first, who goes on, and what is said where there is no such score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from search_spaces import mixed_space, small_space

import hyperdsl
from hyperdsl.diagnostics import HypError
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.searchers import make_searcher
from hyperdsl.search.trial import Evaluation, State, Trial
from hyperdsl.space import Configuration, Space

KINDS = "let kind = 'old' | 'new' space s = record(kind = kind, x = 0..999 if kind == 'new' else 0)"


class Asked:
    """A proxy that likes large numbers, and how often it was asked."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.times = 0

    def __call__(self, configuration: Configuration) -> float | None:
        self.times += 1
        return float(configuration[self.path])


class Scored:
    """Scores every configuration alike."""

    def evaluate(
        self, configuration: Configuration, *, seed: int, fidelity: float | None = None, earlier: Any = ()
    ) -> Any:
        return Evaluation(1.0, fidelity=fidelity)


def trial(space: Space, number: int, configuration: Configuration) -> Trial:
    return Trial(number, configuration, space.key(configuration), State.complete, Evaluation(0.5))


def test_the_first_trials_are_the_best_of_many_draws_and_then_the_base_goes_on() -> None:
    space = hyperdsl.compile("let x = 0..9999999 space s = record(x = x)").space
    asked = Asked("x")
    proxies = {"large": asked}
    trials = (
        HyperModel(space, Scored(), "screened(by = 'large', of = 20, startup = 6, base = 'random')", proxies=proxies)
        .search(40)
        .trials
    )
    first, then = [t.configuration["x"] for t in trials[1:6]], [t.configuration["x"] for t in trials[6:]]
    assert trials[0].configuration == space.default()
    assert min(first) > 7e6 and min(then) < 3e6
    assert asked.times == 5 * 20, "only while it screens"
    plain = HyperModel(space, Scored(), "random").search(40).trials
    assert [t.configuration for t in trials[6:]] == [t.configuration for t in plain[6:]]


def test_a_search_that_goes_on_is_the_same_search_also_under_a_fidelity(tmp_path: Path) -> None:
    options: dict[str, Any] = {"fidelity": "epochs=1..9", "proxies": {"x": Asked("x")}}
    searcher = "screened(by = 'x', of = 8, startup = 5)"
    whole = HyperModel(mixed_space(), Scored(), searcher, **options).search(14).trials
    HyperModel(mixed_space(), Scored(), searcher, store=tmp_path / "s.db", **options).search(4)
    resumed = HyperModel(mixed_space(), Scored(), searcher, store=tmp_path / "s.db", **options).search(14).trials
    assert [t.configuration for t in resumed] == [t.configuration for t in whole]


def test_kinds_that_the_proxy_does_not_know_keep_their_share() -> None:
    space = hyperdsl.compile(KINDS).space

    def newness(configuration: Configuration) -> float | None:
        return float(configuration["s.x"]) if configuration["kind"] == "new" else None

    searcher = make_searcher("screened(by = 'newness', startup = 60)", space, proxies={"newness": newness})
    kinds = [c["kind"] for number in range(1, 60) for c in searcher.propose([number])]
    assert 15 < kinds.count("old") < 45


def test_what_will_not_work_comes_last() -> None:
    space = small_space()
    (path,) = (d.path for d in space.decisions)
    scores = {7: float("nan"), 3: float("-inf")}
    searcher = make_searcher(
        "screened(by = 'p', of = 200, startup = 20)", space, proxies={"p": lambda c: scores.get(c[path], -c[path])}
    )
    found = []
    for number in range(1, 13):
        (configuration,) = searcher.propose([number])
        searcher.feedback([trial(space, number, configuration)])
        found.append(configuration[path])
    assert found[:3] == [0, 1, 2] and set(found[-2:]) == {3, 7}


@pytest.mark.parametrize(
    ("searcher", "proxies", "says"),
    [
        ("screened", {}, "by is a cheap score of networks, and this search has none"),
        ("screened(by = 'synflo')", {"synflow": Asked("x")}, "by is a cheap score that this search has: 'synflow'"),
        ("screened(by = 'p', base = 'asha')", {"p": Asked("x")}, "as in asha(base ="),
        ("screened(by = 'p', of = 0)", {"p": Asked("x")}, "of is a whole number from 1 on"),
        ("screened(by = 'p', proxies = 3)", {"p": Asked("x")}, "options"),
    ],
)
def test_mistakes_are_told(searcher: str, proxies: dict[str, Any], says: str) -> None:
    with pytest.raises(HypError) as caught:
        make_searcher(searcher, mixed_space(), proxies=proxies)
    assert says in str(caught.value.diagnostics[0].help)


def test_halving_screens_what_begins() -> None:
    proxies = {"x": Asked("x")}
    searcher = "asha(base = \"screened(by = 'x')\")"
    trials = HyperModel(mixed_space(), Scored(), searcher, fidelity="epochs=1..9", proxies=proxies).search(8).trials
    assert sum(t.configuration["x"] for t in trials[1:]) / 7 > 40
