"""Several objectives and constraints: what is better, the front, its knee, and searches for them."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

import hyperdsl
from hyperdsl import Evaluation, HypError, Trial
from hyperdsl.search.goals import Constraint, Goals, Objective, find_goals
from hyperdsl.search.pareto import crowding, fronts, hypervolume, knee, non_dominated
from hyperdsl.search.trial import State

TWO = "space s = record(x = -2.0..4.0, y = 0..3)"


def ends(v: dict[str, float]) -> tuple[float, float]:
    return v["x"] ** 2 + v["y"], (v["x"] - 2) ** 2 + v["y"]


@pytest.mark.parametrize("seed", range(20))
def test_fronts_are_those_of_their_definition(seed: int) -> None:
    rng = random.Random(seed)
    points = [tuple(rng.randrange(6) for _ in range(rng.choice([2, 3]) if seed % 2 else 2)) for _ in range(30)]
    points = [p for p in points if len(p) == len(points[0])]

    def beaten(p: tuple[int, ...], by: list[tuple[int, ...]]) -> bool:
        return any(all(a <= b for a, b in zip(q, p, strict=True)) and q != p for q in by)

    assert non_dominated(points) == [i for i, p in enumerate(points) if not beaten(p, points)]
    ranked = fronts(points)
    assert sorted(itertools.chain(*ranked)) == list(range(len(points)))
    for rank, front in enumerate(ranked[1:], 1):
        before = [points[i] for i in ranked[rank - 1]]
        assert all(beaten(points[i], before) for i in front)


@pytest.mark.parametrize("objectives", [1, 2, 3])
@pytest.mark.parametrize("constraints", [(), ("score <= 2",), ("score < 0",)])
def test_a_front_that_grows_trial_by_trial_is_the_front_of_all(objectives: int, constraints: tuple[str, ...]) -> None:
    goals = find_goals(["minimize"] * objectives, constraints)
    rng = random.Random(objectives)
    space = hyperdsl.compile("space s = record(x = 1..2)").space
    trials = []
    for number in range(60):
        values = [float(rng.randrange(5)) for _ in range(objectives)]
        measures = dict(zip((o.name for o in goals.objectives[1:]), values[1:], strict=True))
        trials.append(Trial(number, space.default(), "", State.complete, Evaluation(values[0], measures=measures)))
    rng.shuffle(trials)
    front: tuple[Trial, ...] = ()
    for count, trial in enumerate(trials, 1):
        front = goals.added(front, trial)
        assert front == goals.front(trials[:count])


@pytest.mark.parametrize("seed", range(10))
def test_hypervolume_counts_the_cells_that_are_dominated(seed: int) -> None:
    rng = random.Random(seed)
    size = rng.choice([2, 3, 4])
    points = [tuple(rng.randrange(7) for _ in range(size)) for _ in range(8)]
    cells = itertools.product(range(6), repeat=size)
    expected = sum(any(all(a <= b for a, b in zip(p, cell, strict=True)) for p in points) for cell in cells)
    assert hypervolume(points, (6,) * size) == expected


def test_a_knee_gives_up_least() -> None:
    assert knee([(0, 10), (1, 2), (9, 1), (10, 0)]) == 1
    assert knee([(3, 3)]) == 0
    assert list(crowding([(0, 4), (1, 1), (4, 0)])) == [float("inf"), 2.0, float("inf")]


def test_a_search_for_two_objectives_ends_with_a_front() -> None:
    for searcher in ("tpe", "random"):
        result = hyperdsl.optimize(TWO, ends, ("minimize", "minimize"), n_trials=60, searcher=searcher)
        values = [(t.evaluation.score, t.evaluation.measures["score_1"]) for t in result.front]
        assert len(values) > 3 and non_dominated(values) == list(range(len(values)))
        assert result.best_trial in result.front


def test_named_objectives_in_a_study_go_on(tmp_path: Path) -> None:
    def objective(v: dict[str, float]) -> dict[str, float]:
        return {"error": v["x"] ** 2, "size": 10 - v["y"]}

    study = tmp_path / "study.db"
    goals = {"error": "minimize", "size": "minimize"}
    whole = hyperdsl.optimize(TWO, objective, goals, n_trials=30)
    hyperdsl.optimize(TWO, objective, goals, n_trials=13, study=study)
    resumed = hyperdsl.optimize(TWO, objective, goals, n_trials=30, study=study)
    assert [t.key for t in resumed.trials] == [t.key for t in whole.trials]
    assert [t.number for t in resumed.front] == [t.number for t in whole.front]
    with pytest.raises(HypError) as caught:
        hyperdsl.optimize(TWO, objective, {"error": "minimize", "size": "maximize"}, n_trials=31, study=study)
    assert "goals" in str(caught.value) or "direction" in str(caught.value)


def test_constraints_come_before_the_score() -> None:
    def objective(v: dict[str, float]) -> dict[str, float]:
        return {"score": v["x"], "size": v["x"] ** 2}

    for searcher in ("tpe", "random"):
        best = hyperdsl.optimize(
            TWO, objective, "maximize", n_trials=80, searcher=searcher, constraints=["size <= 1"]
        ).best_trial
        assert 0.5 < best.evaluation.score <= 1


def test_what_is_not_measured_fails_the_trial_with_a_reason() -> None:
    with pytest.raises(HypError) as caught:
        hyperdsl.optimize(TWO, lambda v: v["x"], n_trials=5, constraints=["size <= 1"])
    assert "return a dict" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("predict_time < 5 ms", Constraint("predict_time", "<", 0.005)),
        ("model_size<=1.5MB", Constraint("model_size", "<=", 1.5e6)),
        ("accuracy >= 90 %", Constraint("accuracy", ">=", 0.9)),
    ],
)
def test_constraints_are_read_with_their_units(text: str, expected: Constraint) -> None:
    assert Constraint.parse(text) == expected


@pytest.mark.parametrize("text", ["size", "size = 3", "size < many", "size < 3 lightyears"])
def test_a_constraint_that_is_none_is_said(text: str) -> None:
    with pytest.raises(HypError) as caught:
        hyperdsl.optimize(TWO, lambda v: v["x"], n_trials=5, constraints=[text])
    assert "predict_time < 5 ms" in str(caught.value)


def test_goals_are_written_and_read_back() -> None:
    goals = Goals((Objective("auc"), Objective("time", "minimize")), (Constraint("time", "<", 3.0),))
    assert Goals.parse(goals.text()) == goals
    assert Goals.of("minimize").text() == "minimize"
