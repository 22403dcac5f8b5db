"""Searchers: their options, their first trials, and what is special to some; the rest is test_search_conformance."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from search_spaces import mixed_space, small_space

import hyperdsl
from hyperdsl.diagnostics import HypError
from hyperdsl.search.goals import Goals
from hyperdsl.search.searchers import make_searcher, searcher_names, searcher_options
from hyperdsl.search.searchers.naming import SearcherSpec
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, State, Trial
from hyperdsl.space import Configuration, Space

ADAPTIVE = ("random", "auto", "evolution", "local", "tpe", "nsga2", "nsga3", "rnsga2", "moead")


def score(configuration: Configuration) -> float:
    values = configuration.to_json()
    return (
        -((values["x"] - 33) ** 2) / 1000
        - abs(values["mixed.size"] - 10) / 100
        - values["mixed.part"]
        - values["mixed.y"]
    )


def finished(space: Space, number: int, configuration: Configuration, fails: bool = False) -> Trial:
    trial = Trial(number, configuration, space.key(configuration), State.complete, Evaluation(score(configuration)))
    if not fails:
        return trial
    failure = Failure(FailureKind.error, "ValueError", "no")
    return replace(trial, state=State.failed, evaluation=Evaluation(None, failure=failure))


def running(space: Space, number: int, configuration: Configuration) -> Trial:
    return Trial(number, configuration, space.key(configuration), State.running)


def run(name: str, n: int, seed: int = 0, space: Space | None = None) -> list[Trial]:
    """A search in which every seventh trial fails."""
    space = space or mixed_space()
    searcher = make_searcher(name, space, seed=seed)
    trials: list[Trial] = []
    for number in range(n):
        (configuration,) = searcher.propose([number])
        searcher.feedback([running(space, number, configuration)])
        trials.append(finished(space, number, configuration, fails=number % 7 == 3))
        searcher.feedback(trials[-1:])
    return trials


@pytest.mark.parametrize("name", ADAPTIVE)
def test_the_first_trial_is_the_default_and_seeds_differ_after_it(name: str) -> None:
    one, other = run(name, 15, seed=1), run(name, 15, seed=2)
    assert one[0].configuration == other[0].configuration == mixed_space().default()
    assert not {t.key for t in one[1:]} & {t.key for t in other[1:]}


def test_the_default_is_no_exception_from_novelty() -> None:
    space = small_space()
    searcher = make_searcher("random", space)
    searcher.feedback([finished_small(space, 5, space.default())])
    (configuration,) = searcher.propose([0])
    assert configuration != space.default()


def finished_small(space: Space, number: int, configuration: Configuration) -> Trial:
    return Trial(number, configuration, space.key(configuration), State.complete, Evaluation(0.0))


def test_tpe_finds_more_than_random() -> None:
    best = {
        name: max(score(t.configuration) for t in run(name, 80) if t.state is State.complete)
        for name in ("tpe", "random")
    }
    assert best["tpe"] > best["random"] / 3
    assert best["tpe"] > -0.05


def test_tpe_keeps_away_from_failures() -> None:
    space = mixed_space()
    searcher = make_searcher("tpe", space, seed=0)
    fast = 0
    for number in range(60):
        (configuration,) = searcher.propose([number])
        fails = configuration["mode"] == "safe"  # three quarters of the prior
        searcher.feedback([finished(space, number, configuration, fails=fails)])
        fast += number >= 40 and not fails
    assert fast >= 14


def test_tpe_leaves_optuna_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    import optuna

    verbosity = optuna.logging.get_verbosity()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        run("tpe", 14)
    assert not caught
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == verbosity


def test_an_unknown_searcher_is_a_diagnostic() -> None:
    with pytest.raises(HypError) as caught:
        make_searcher("evolutoin", small_space())
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E0722"
    assert all(name in diagnostic.help for name in searcher_names())
    assert diagnostic.help.startswith("did you mean 'evolution'?")


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("evolution(popluation = 3)", "E0729", "did you mean 'population'? its options"),
        ("evolution(population = 'many')", "E0723", "population is a whole number from 2 on"),
        ("evolution(crossover = 1.5)", "E0723", "crossover is a number from 0 to 1"),
        ("mcts(surrogate = 1)", "E0723", "surrogate is True or False"),
        ("cmaes(population = 1)", "E0723", "population is a whole number from 2 on"),
        ("qmc(sequence = 'sobolo')", "E0723", '"sobol" or "halton"'),
        ("playback(configurations = 3)", "E0723", "a list of configurations"),
        ("playback(then = 'rnadom')", "E0722", "did you mean 'random'?"),
        ("local(restart = 'far')", "E0723", '"near" or "random"'),
        ("grid(points = 0)", "E0723", "points is a whole number from 1 on"),
        ("grid(5)", "E0723", "evolution(population = 50)"),
        ("grid(points = open('x'))", "E0723", "evolution(population = 50)"),
        ("grid(" * 5000, "E0723", "evolution(population = 50)"),
    ],
)
def test_wrong_options_are_diagnostics(text: str, code: str, says: str) -> None:
    with pytest.raises(HypError) as caught:
        make_searcher(text, small_space())
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert says in diagnostic.help


def test_options_are_told_and_read_back() -> None:
    spec = SearcherSpec.parse("evolution(population=20, crossover = 0.5)")
    assert spec == SearcherSpec("evolution", {"population": 20, "crossover": 0.5})
    assert SearcherSpec.parse(str(spec)) == spec
    assert searcher_options("evolution")["population"] == 50
    assert make_searcher(spec, small_space()).population == 20  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["evolution", "local", "mcts", "forest", "cmaes"])
def test_searchers_of_one_number_refuse_several_objectives(name: str) -> None:
    with pytest.raises(HypError) as caught:
        make_searcher(name, small_space(), goals=Goals.of(["minimize", "minimize"]))
    assert caught.value.diagnostics[0].code == "E0730"


def test_auto_begins_with_the_defaults_of_all_branches():
    space = hyperdsl.compile(
        """
        let depth = 2..9
        space s = (StandardScaler() | MinMaxScaler())
          >> model: ( LogisticRegression(C = 1e-3..1e2 log, max_iter = 100..300)
             | DecisionTreeClassifier(max_depth = depth, min_samples_leaf = 1..9)
             | KNeighborsClassifier(n_neighbors = 1..30, weights = "uniform" | "distance") )
        """
    ).space
    first = make_searcher("auto", space, seed=3).propose(range(3))
    assert first[0] == space.default()
    assert [c["s.model"] for c in first] == ["LogisticRegression", "DecisionTreeClassifier", "KNeighborsClassifier"]
    assert first[1]["depth"] == space.default({space["s.model"].index: 1})["depth"]


def test_the_process_learns_which_decisions_matter() -> None:
    from hyperdsl.search.searchers.encoding import Encoding
    from hyperdsl.search.searchers.surrogate import Kernel, standardized

    space = hyperdsl.compile("space s = record(" + ", ".join(f"x{i} = 0..20" for i in range(8)) + ")").space
    encoding, found = Encoding(space), space.sample(60, seed=1)
    losses = np.array([abs(c["s.x2"] - 7) * (1 + c["s.x5"]) for c in found], dtype=float)
    kernel = Kernel.learn(encoding.rows(found), standardized(losses), [(b.start, b.stop) for b in encoding.blocks])
    scales = [kernel.scales[b.start] for b in encoding.blocks]
    assert sorted(range(8), key=lambda i: scales[i])[-2:] in ([2, 5], [5, 2])
    assert min(scales[2], scales[5]) > 2 * max(s for i, s in enumerate(scales) if i not in (2, 5)), scales
