"""Tests for searchers of your own: what a search relies on, ready to be run by pytest.

.. code-block:: python

    from hyperdsl.testing import SearcherConformance

    class TestMySearcher(SearcherConformance):
        searcher = MySearcher  # or its name, also with options

Each test makes new searchers over small spaces, so all of it takes a few seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from statistics import mean
from typing import Protocol, runtime_checkable

from hyperdsl.driver import compile
from hyperdsl.frozen import frozen
from hyperdsl.search.fidelity import Fidelity
from hyperdsl.search.goals import Direction, Goals
from hyperdsl.search.halving import Halving, Ladder
from hyperdsl.search.order import OneByOne
from hyperdsl.search.searcher import Searcher
from hyperdsl.search.searchers import SearcherFactory, make_searcher
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, State, Trial
from hyperdsl.space import Configuration, Space

__all__ = ["SearcherConformance"]

Score = Callable[[Configuration], float]

_MIXED = """
let x = 0..50
let mode = "fast" | "safe" @ 3
space mixed = record(
  x = x,
  y = 1e-3..1.0 log,
  mode = mode,
  z = 1..x + 1 if mode == "safe" else 0,
  tags = subset(2, ["a", "b", "c"]),
  order = permute("p", "q", "r"),
  size = 100 | 1 | 10,
  part = 0.0..1.0 step 0.25)
"""
_CONDITIONED = (
    "let a = 1..9 let b = 1..9 let c = 1..9 space s = record(a = a, b = b, c = c) require a < b and a + c == 10",
    "let a = 0.0..1.0 let b = 0.0..1.0 space s = record(a = a, b = b, k = 1..9) require a < b",
)
_SMALL = "let x = 0..11 space small = record(x = x)"
_SAME = 'let how = "a" | "b" let x = 0..5 space same = record(x = x if how == "a" else 5 - x)'  # 12 ways to 6 programs
_TOY = "space toy = record(" + ", ".join(f"x{i} = 0..50" for i in range(6)) + ")"


@lru_cache(maxsize=16)
def _space(text: str) -> Space:
    return compile(text).space


def _score(configuration: Configuration) -> float:
    """A number to maximize on any space; better with each decision that is nearer a place in its range."""
    total = 0.0
    for decision, code in zip(configuration.decisions, configuration.codes, strict=True):
        if isinstance(code, int | float):
            span = float((decision.high or 0) - (decision.low or 0)) or float(len(decision.labels)) or 1.0
            total -= abs((code - (decision.low or 0)) / span - 0.3)
    return total


class SearcherConformance:
    """Subclass it as ``Test…`` and say which searcher.

    Attributes
    ----------
    searcher : str or callable
        A name, also with options, or ``(space, *, seed, goals) -> Searcher``.
    exhaustive : str, callable or None
        The same searcher so that it tries every configuration of a finite space, where that takes other options.
    fidelity : str or None
        For a searcher with ``climb``, such as ``asha``: what its cheap trials have less of.
    seeds_matter : bool
        Whether another seed is to give other proposals.
    beats_random : bool
        Whether it is to find more than random search on a sum of six squares.
    """

    searcher: str | SearcherFactory
    exhaustive: str | SearcherFactory | None = None
    fidelity: str | None = None
    seeds_matter: bool = True
    beats_random: bool = True

    def make(self, space: Space, seed: int = 0, goals: Goals | None = None, which: str = "searcher") -> Searcher:
        """A new searcher."""
        made = make_searcher(self._chosen(which), space, seed=seed, goals=goals)
        fidelity = Fidelity.of(self.fidelity)
        if fidelity is not None:
            assert isinstance(made, Climber), "a searcher with a fidelity has `climb`"
            made.climb(fidelity)
        return made

    def _chosen(self, attribute: str) -> str | SearcherFactory:
        """What a subclass says; not bound to it, where it is a function."""
        for cls in type(self).__mro__:
            if cls.__dict__.get(attribute) is not None:
                found: str | SearcherFactory = cls.__dict__[attribute]
                return found.__func__ if isinstance(found, staticmethod) else found
        return self._chosen("searcher")

    # --- what is proposed

    def test_proposals_are_points_of_the_space(self) -> None:
        space = _space(_MIXED)
        for trial in _run(self.make(space), space, 30):
            assert space.configuration(trial.configuration.to_json()) == trial.configuration

    def test_conditions_hold(self) -> None:
        for text in _CONDITIONED:
            space = _space(text)
            for trial in _run(self.make(space), space, 25, may_end=True):
                assert not space.violated(trial.configuration), f"{trial.configuration!r} breaks {text}"

    def test_nothing_is_proposed_twice(self) -> None:
        space = _space(_SAME)
        keys = [trial.key for trial in _run(self.make(space), space, 6, may_end=True)]
        assert len(set(keys)) == len(keys), "two proposals are the same program"

    def test_what_runs_is_not_proposed_again(self) -> None:
        space = _space(_SMALL)
        searcher = self.make(space, which="exhaustive")
        first = searcher.propose(range(11))
        searcher.feedback([_trial(space, n, c, State.running) for n, c in enumerate(first)])
        (last,) = searcher.propose([11])
        assert sorted(c["x"] for c in [*first, last]) == list(range(12))

    def test_a_finite_space_is_tried_whole_and_then_it_ends(self) -> None:
        space = _space(_SMALL)
        searcher = self.make(space, 3, which="exhaustive")
        trials = _run(searcher, space, 20, may_end=True)
        assert sorted(t.configuration["x"] for t in trials) == list(range(12))
        assert searcher.propose([12]) == []
        assert len(self.make(space, 3, which="exhaustive").propose(range(20))) == 12

    def test_a_batch_holds_different_configurations(self) -> None:
        space = _space(_MIXED)
        searcher = self.make(space)
        searcher.feedback(_run(self.make(space), space, 12))
        batch = searcher.propose(range(12, 20))
        assert len({space.key(c) for c in batch}) == 8
        assert searcher.propose([12]) == batch[:1], "the first of a batch is what is proposed alone"

    # --- what it depends on

    def test_a_search_goes_on_from_its_history_alone(self) -> None:
        space = _space(_MIXED)
        search = _search(self.make(space), space, 24, troubled=True)
        for number in (0, 1, 9, 15, 23):
            again = self.make(space)
            again.feedback(search.known[number])
            found = again.propose([number])
            assert found == [search.trials[number].configuration], f"another proposal for trial {number}"

    def test_asking_twice_gives_the_same(self) -> None:
        space = _space(_MIXED)
        searcher = self.make(space)
        searcher.feedback(_run(self.make(space), space, 15))
        assert searcher.propose([15, 16]) == searcher.propose([15, 16])

    def test_the_order_in_which_trials_end_does_not_matter(self) -> None:
        space = _space(_MIXED)
        trials = _run(self.make(space), space, 20)
        straight, mixed = self.make(space), self.make(space)
        straight.feedback(trials)
        mixed.feedback([_trial(space, 18, trials[18].configuration, State.running), *trials[12:18]])
        mixed.feedback([trials[19], *reversed(trials[:12])])
        mixed.feedback([trials[18]])
        assert mixed.propose([20, 21]) == straight.propose([20, 21])

    def test_the_seed_is_what_makes_it_random(self) -> None:
        space = _space(_MIXED)
        one, same, other = ([t.configuration for t in _run(self.make(space, seed), space, 12)] for seed in (1, 1, 2))
        assert one == same
        assert not self.seeds_matter or one != other

    def test_the_direction_is_honoured(self) -> None:
        space = _space(_MIXED)
        found = []
        directions: tuple[Direction, ...] = ("maximize", "minimize")
        for direction, sign in zip(directions, (1, -1), strict=True):
            goals = Goals.of(direction)
            trials = _run(self.make(space, 0, goals), space, 25, lambda c, sign=sign: sign * _score(c), goals=goals)  # type: ignore[misc]
            found.append([t.configuration for t in trials])
        assert found[0] == found[1], "maximizing a score and minimizing its negative are the same search"

    # --- what may happen

    def test_trials_without_a_score_do_no_harm(self) -> None:
        space = _space(_MIXED)
        assert len(_run(self.make(space), space, 30, troubled=True)) == 30
        searcher = self.make(space)
        for number in range(12):
            (configuration,) = searcher.propose([number])
            searcher.feedback([_failed(space, number, configuration, FailureKind.error)])

    def test_equal_scores_do_no_harm(self) -> None:
        space = _space(_MIXED)
        assert len(_run(self.make(space), space, 20, lambda c: 1.0)) == 20

    def test_a_space_without_decisions_is_tried_once(self) -> None:
        space = _space("space s = record(x = 1)")
        searcher = self.make(space)
        assert len(_run(searcher, space, 3, may_end=True)) == 1

    def test_it_finds_more_than_random_search(self) -> None:
        if not self.beats_random:
            return
        space = _space(_TOY)

        def loss(configuration: Configuration) -> float:
            return sum((code - 17) ** 2 for code in configuration.codes if isinstance(code, int))

        def found(searcher: Searcher) -> float:
            return min(loss(t.configuration) for t in _run(searcher, space, 60, loss, goals=goals))

        goals = Goals.of("minimize")
        ours = mean(found(self.make(space, seed, goals)) for seed in range(3))
        assert ours < mean(found(make_searcher("random", space, seed=seed, goals=goals)) for seed in range(3))


@runtime_checkable
class Climber(Searcher, Protocol):
    """A searcher whose trials are cheap at first."""

    ladder: Ladder | None

    def climb(self, fidelity: Fidelity) -> Ladder: ...


@frozen
class _Search:
    """The trials of a search, by number, and what was finished when each was proposed."""

    trials: list[Trial]
    known: list[list[Trial]]


def _run(
    searcher: Searcher,
    space: Space,
    n: int,
    score: Score = _score,
    *,
    goals: Goals | None = None,
    troubled: bool = False,
    may_end: bool = False,
) -> list[Trial]:
    """The trials of a search; ``troubled`` ones fail, are pruned and have no finite score now and then."""
    return _search(searcher, space, n, score, goals=goals, troubled=troubled, may_end=may_end).trials


def _search(
    searcher: Searcher,
    space: Space,
    n: int,
    score: Score = _score,
    *,
    goals: Goals | None = None,
    troubled: bool = False,
    may_end: bool = False,
) -> _Search:
    """A search, one trial at a time; those of a fidelity go on in it as in any other search."""
    ladder = searcher.ladder if isinstance(searcher, Climber) else None
    order = OneByOne(space, searcher, searcher.feedback, n)
    if ladder is not None:
        order = Halving(space, searcher, searcher.feedback, n, ladder, goals or Goals())
    order.resume((), set(), set())
    trials: dict[int, Trial] = {}
    known: list[list[Trial]] = []
    while (trial := order.next()) is not None:
        if trial.number not in trials:
            known.append([trials[number] for number in sorted(trials)])
        order.started(trial)
        trials[trial.number] = _ended(trial, score, troubled)
        order.finished(trials[trial.number])
    assert may_end or len(trials) == n, f"no proposal for trial {len(trials)}"
    return _Search([trials[number] for number in sorted(trials)], known)


def _ended(trial: Trial, score: Score, troubled: bool) -> Trial:
    """A trial with its result; cheap ones exaggerate."""
    trouble = trial.number % 8 if troubled else -1
    found = score(trial.configuration) * (1.0 if trial.fidelity is None else 1 + 0.1 / trial.fidelity)
    evaluation = Evaluation(found, pruned=trouble == 4, fidelity=trial.fidelity)
    if trouble in (2, 5):
        evaluation = _failure(FailureKind.error if trouble == 2 else FailureKind.score)
    return replace(trial, state=evaluation.state, evaluation=evaluation)


def _failed(space: Space, number: int, configuration: Configuration, kind: FailureKind) -> Trial:
    return _trial(space, number, configuration, State.failed, _failure(kind))


def _failure(kind: FailureKind) -> Evaluation:
    message = "the score is nan" if kind is FailureKind.score else "no"
    return Evaluation(None, failure=Failure(kind, "ValueError", message))


def _trial(
    space: Space, number: int, configuration: Configuration, state: State, evaluation: Evaluation | None = None
) -> Trial:
    return Trial(number, configuration, space.key(configuration), state, evaluation)
