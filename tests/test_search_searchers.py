"""Searchers: what they propose, and that it depends on the history alone."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest
from search_spaces import mixed_space, small_space

from hyperdsl.diagnostics import HypError
from hyperdsl.search.goals import Goals
from hyperdsl.search.searchers import make_searcher, searcher_names, searcher_options
from hyperdsl.search.searchers.naming import SearcherSpec
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, State, Trial
from hyperdsl.space import Configuration, Space

ADAPTIVE = ("random", "auto", "evolution", "local", "tpe", "nsga2", "nsga3", "rnsga2", "moead")
NAMES = (*ADAPTIVE, "grid(points = 12)")


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


@pytest.mark.parametrize("name", NAMES)
def test_a_proposal_depends_on_the_history_seed_and_number_alone(name: str) -> None:
    trials = run(name, 30)
    for number in (0, 1, 9, 12, 17, 29):
        space = mixed_space()
        searcher = make_searcher(name, space, seed=0)
        searcher.feedback(trials[:number])
        assert searcher.propose([number]) == [trials[number].configuration]


@pytest.mark.parametrize("name", NAMES)
def test_asking_twice_gives_the_same(name: str) -> None:
    searcher = make_searcher(name, mixed_space(), seed=4)
    searcher.feedback(run(name, 20, seed=4))
    assert searcher.propose([20, 21]) == searcher.propose([20, 21])


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_feedback_does_not_matter(name: str) -> None:
    trials = run(name, 20)
    space = mixed_space()
    shuffled = make_searcher(name, space, seed=0)
    shuffled.feedback([running(space, 18, trials[18].configuration), *trials[12:18]])
    shuffled.feedback([trials[19], *reversed(trials[:12])])
    shuffled.feedback([trials[18]])
    straight = make_searcher(name, space, seed=0)
    straight.feedback(trials)
    assert shuffled.propose([20, 21]) == straight.propose([20, 21])


@pytest.mark.parametrize("name", ADAPTIVE)
def test_the_first_trial_is_the_default_and_seeds_differ_after_it(name: str) -> None:
    one, other = run(name, 15, seed=1), run(name, 15, seed=2)
    assert one[0].configuration == other[0].configuration == mixed_space().default()
    assert not {t.key for t in one[1:]} & {t.key for t in other[1:]}


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_holds_different_configurations(name: str) -> None:
    space = mixed_space()
    searcher = make_searcher(name, space, seed=0)
    searcher.feedback(run(name, 12))
    proposals = searcher.propose(range(12, 20))
    assert len({space.key(c) for c in proposals}) == 8
    assert searcher.propose([12]) == proposals[:1]


@pytest.mark.parametrize("name", NAMES)
def test_every_configuration_of_a_small_space_is_proposed_once(name: str) -> None:
    space = small_space()
    searcher = make_searcher(name, space, seed=3)
    seen = []
    for number in range(12):
        (configuration,) = searcher.propose([number])
        seen.append(configuration["x"])
        trial = Trial(number, configuration, space.key(configuration), State.complete, Evaluation(-seen[-1]))
        searcher.feedback([trial])
    assert sorted(seen) == list(range(12))
    assert searcher.propose([12]) == []
    assert len(make_searcher(name, space, seed=3).propose(range(20))) == 12


@pytest.mark.parametrize("name", NAMES)
def test_what_runs_is_not_proposed_again(name: str) -> None:
    space = small_space()
    searcher = make_searcher(name, space)
    first = searcher.propose(range(11))
    searcher.feedback([running(space, i, c) for i, c in enumerate(first)])
    (last,) = searcher.propose([11, 12])
    assert {c["x"] for c in [*first, last]} == set(range(12))


def test_the_default_is_no_exception_from_novelty() -> None:
    space = small_space()
    searcher = make_searcher("random", space)
    searcher.feedback([finished_small(space, 5, space.default())])
    (configuration,) = searcher.propose([0])
    assert configuration != space.default()


def finished_small(space: Space, number: int, configuration: Configuration) -> Trial:
    return Trial(number, configuration, space.key(configuration), State.complete, Evaluation(0.0))


def test_tpe_finds_more_than_random() -> None:
    best = {name: max(score(t.configuration) for t in run(name, 80) if t.state is State.complete) for name in NAMES}
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


@pytest.mark.parametrize("name", ["evolution", "local"])
def test_searchers_of_one_number_refuse_several_objectives(name: str) -> None:
    with pytest.raises(HypError) as caught:
        make_searcher(name, small_space(), goals=Goals.of(["minimize", "minimize"]))
    assert caught.value.diagnostics[0].code == "E0730"
