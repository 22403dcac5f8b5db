"""Fidelities: which trials go on, what the store keeps of them, and that a killed search goes on to the same list."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from search_spaces import mixed_space, small_space

import hyperdsl
from hyperdsl.diagnostics import HypError
from hyperdsl.search.fidelity import Fidelity
from hyperdsl.search.halving import Ladder
from hyperdsl.search.history import Stop
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.searchers.halving import AshaSearcher
from hyperdsl.search.store import Store
from hyperdsl.search.trial import Evaluation, State, Trial
from hyperdsl.space import Configuration

EPOCHS = "epochs=1..27"
HALVING = ("asha", "hyperband", "bohb")


class Learner:
    """Best at x = 33; better with more epochs, of which each costs a call."""

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.epochs = 0

    def evaluate(
        self,
        configuration: Configuration,
        *,
        seed: int,
        fidelity: float | None = None,
        earlier: tuple[Evaluation, ...] = (),
    ) -> Evaluation:
        time.sleep(self.pause)
        epochs = 27 if fidelity is None else fidelity
        self.epochs += int(epochs - (earlier[-1].fidelity or 0 if earlier else 0))
        if configuration["x"] % 11 == 5:
            raise ValueError("no")
        loss = (configuration["x"] - 33) ** 2 / 100 + 10 * configuration["mixed.y"] / epochs + 5 / epochs
        return Evaluation(-loss, fidelity=fidelity)


class CutOff(Learner):
    """Is interrupted in one of its calls."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self.calls = calls

    def evaluate(self, configuration: Configuration, **options: Any) -> Evaluation:
        if self.calls == 0:
            signal.raise_signal(signal.SIGINT)
        self.calls -= 1
        return super().evaluate(configuration, **options)


def facts(trials: tuple[Trial, ...]) -> list[tuple[object, ...]]:
    return [(t.number, t.key, t.state, scores(t)) for t in trials]


def scores(trial: Trial) -> list[tuple[float | None, float | None]]:
    return [(e.fidelity, e.score) for e in (*trial.earlier, trial.evaluation) if e is not None]


def test_a_fidelity_is_a_ladder_of_amounts() -> None:
    assert Fidelity.of("rows = 0.1..1") == Fidelity("rows", 0.1, 1.0)
    assert Fidelity("rows", 0.1, 1.0).rungs(3) == pytest.approx((1 / 9, 1 / 3, 1))
    assert Fidelity("n_estimators", 16, 512).rungs(3) == (19, 57, 171, 512)
    assert Fidelity("n_estimators", 16, 512).rungs(2) == (16, 32, 64, 128, 256, 512)
    assert Fidelity("folds", 1, 5).rungs(3) == (2, 5)
    assert Fidelity("epochs", 1, 27).rungs(3) == (1, 3, 9, 27)


@pytest.mark.parametrize(
    "text",
    ["rows", "rows=1", "rows=0..1", "rows=1..0.1", "rows=0.5..2", "folds=0.5..5", "n_estimators=0..9", "a b=1..9", ""],
)
def test_a_bad_fidelity_is_said(text: str) -> None:
    with pytest.raises(HypError) as caught:
        Fidelity.of(text)
    assert caught.value.diagnostics[0].code == "E0723"


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("E0731", {"searcher": "asha"}),
        ("E0731", {"searcher": "bohb(reduction = 2)"}),
        ("E0723", {"searcher": "asha(base = 'hyperband')", "fidelity": EPOCHS}),
        ("E0723", {"searcher": "asha(reduction = 1)", "fidelity": EPOCHS}),
        ("E0722", {"searcher": "asha(base = 'simplex')", "fidelity": EPOCHS}),
        ("E0723", {"searcher": "asha", "fidelity": "epochs=20..27"}),
    ],
)
def test_settings_that_do_not_do(code: str, options: dict[str, Any]) -> None:
    with pytest.raises(HypError) as caught:
        HyperModel(mixed_space(), Learner(), **options).search(5)
    assert caught.value.diagnostics[0].code == code


def test_the_best_third_of_a_rung_goes_on() -> None:
    history = HyperModel(mixed_space(), Learner(), "asha(base = 'random')", fidelity=EPOCHS).search(40)
    assert history.stopped is Stop.trials
    assert [t.number for t in history.trials] == list(range(40))
    first = history.trials[0]
    assert first.state is State.complete and not first.earlier  # there is a result from the start
    on = Counter(e.fidelity for t in history.trials[1:] for e in (*t.earlier, t.evaluation) if e and not e.failure)
    failed = sum(t.state is State.failed for t in history.trials)
    assert on[1.0] == 39 - failed
    for low, high in ((1.0, 3.0), (3.0, 9.0), (9.0, None)):  # or was among the best when there were fewer
        assert on[low] // 3 <= on[high] <= on[low] / 2
    for trial in history.trials:
        amounts = [27 if a is None else a for a, _ in scores(trial)]
        assert amounts == sorted(set(amounts))
        assert (trial.state is State.pruned) == (scores(trial)[-1][0] is not None)
    best = history.best()
    assert best.state is State.complete and best.evaluation and best.evaluation.fidelity is None
    assert len({t.key for t in history.trials}) == 40


def test_one_goes_all_the_way_also_where_there_are_too_few() -> None:
    history = HyperModel(mixed_space(), Learner(), "asha(base = 'random')", fidelity=EPOCHS).search(6)
    complete = [t for t in history.trials if t.state is State.complete]
    assert [t.number for t in complete if not t.earlier] == [0]
    assert len(complete) == 2
    exhausted = HyperModel(small_space(), Learner(), "asha", fidelity=EPOCHS).search(100)
    assert exhausted.stopped is Stop.exhausted and len(exhausted.trials) == 12


def test_it_finds_more_than_a_search_in_full_at_the_same_cost() -> None:
    better = []
    for seed in range(5):
        cheap, full = Learner(), Learner()
        found = HyperModel(mixed_space(), cheap, "asha(base = 'random')", fidelity=EPOCHS, seed=seed).search(60)
        plain = HyperModel(mixed_space(), full, "random", seed=seed).search(round(cheap.epochs / 27))
        better.append(found.best().evaluation.score > plain.best().evaluation.score)  # type: ignore[operator,union-attr]
    assert sum(better) >= 4


@pytest.mark.parametrize("searcher", HALVING)
def test_it_goes_on_where_it_ended(tmp_path: Path, searcher: str) -> None:
    whole = HyperModel(mixed_space(), Learner(), searcher, fidelity=EPOCHS)
    whole.search(12)
    whole.search(30)
    path = tmp_path / "study.db"
    for n in (12, 30):
        history = HyperModel(mixed_space(), Learner(), searcher, store=path, fidelity=EPOCHS).search(n)
    assert facts(history.trials) == facts(whole.trials)


_DRIVER = """
import sys
sys.path[:0] = {path!r}
from test_fidelity import *
from hyperdsl.search.progress import make_progress
progress = make_progress("json")
HyperModel(mixed_space(), Learner(0.01), {searcher!r}, store={store!r}, fidelity=EPOCHS, progress=progress).search(30)
"""


@pytest.mark.parametrize(("searcher", "lines"), [("asha", (9, 17)), ("bohb", (14,))])
def test_killed_it_goes_on_to_the_same_list(tmp_path: Path, searcher: str, lines: tuple[int, ...]) -> None:
    path = tmp_path / "study.db"
    code = _DRIVER.format(path=sys.path, store=str(path), searcher=searcher)
    for many in lines:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(many):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate()
    history = HyperModel(mixed_space(), Learner(), searcher, store=path, fidelity=EPOCHS).search(30)
    whole = HyperModel(mixed_space(), Learner(), searcher, fidelity=EPOCHS).search(30)
    assert facts(history.trials) == facts(whole.trials)


def test_workers_climb_too(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    model = HyperModel(mixed_space(), Learner(0.002), "asha", store=path, jobs=3, fidelity=EPOCHS)
    history = model.search(30)
    assert len({t.key for t in history.trials}) == 30
    assert any(len(t.earlier) == 3 for t in history.trials)
    with Store.open(path, "read") as store:
        kept = tuple(r.trial(mixed_space()) for r in store.study().records())
    assert facts(kept) == facts(history.trials)


def test_brackets_begin_on_all_rungs_most_on_the_lowest() -> None:
    ladder = Ladder(Fidelity("epochs", 1, 27).rungs(3), 3, brackets=True, seed=0)
    found = Counter(ladder.first_rung(number) for number in range(1, 2001))
    assert found[0] > found[1] > found[2] > found[3] > 50
    assert ladder.first_rung(0) == 3


def trial(number: int, *evaluations: Evaluation) -> Trial:
    space = mixed_space()
    configuration = space.sample(1, seed=number)[0]
    *earlier, last = evaluations
    return Trial(number, configuration, space.key(configuration), last.state, last, earlier=tuple(earlier))


def test_the_searcher_beneath_learns_from_the_highest_rung_with_enough_scores() -> None:
    told: list[Trial] = []

    class Told:
        def __init__(self, space: object, *, seed: int, goals: object) -> None:
            told.clear()

        def propose(self, numbers: object) -> list[Configuration]:
            return []

        def feedback(self, trials: list[Trial]) -> None:
            told.extend(trials)

    searcher = AshaSearcher(mixed_space(), base=Told)
    searcher.climb(Fidelity("epochs", 1, 9))
    low = [trial(n, Evaluation(float(n), fidelity=1.0)) for n in range(12)]
    searcher.feedback(low)
    assert [t.evaluation.score for t in told if t.evaluation] == [float(n) for n in range(12)]
    assert all(t.state is State.complete for t in told)
    for n in range(9):
        searcher.feedback([trial(n, Evaluation(float(n), fidelity=1.0), Evaluation(n + 100.0, fidelity=3.0))])
    known = {t.number: t for t in told}
    assert [known[n].has_score for n in range(12)] == [True] * 9 + [False] * 3
    assert [t.evaluation.score for t in known.values() if t.evaluation] == [n + 100.0 for n in range(9)]


@pytest.mark.parametrize("searcher", HALVING)
def test_what_comes_next_depends_on_the_trials_alone(searcher: str) -> None:
    from hyperdsl.search.searchers import make_searcher

    trials = list(HyperModel(mixed_space(), Learner(), searcher, fidelity=EPOCHS).search(25).trials)
    proposed = []
    for order in (trials, trials[::-1], [*trials[5:], *trials[:5]]):
        made = make_searcher(searcher, mixed_space(), seed=0)
        assert isinstance(made, AshaSearcher)
        made.climb(Fidelity("epochs", 1, 27))
        for known in order:
            made.feedback([known])
        proposed.append(made.propose([25, 26]))
        assert made.propose([25, 26]) == proposed[0]
    assert proposed[0] == proposed[1] == proposed[2]
    assert not {t.key for t in trials} & {mixed_space().key(c) for c in proposed[0]}


def test_an_edited_space_goes_on_with_what_has_climbed(tmp_path: Path) -> None:
    texts = [f"let x = 0..{high} space s = record(x = x, y = 0.0..1.0)" for high in (50, 60, 70)]
    for number, text in enumerate(texts):
        result = hyperdsl.optimize(
            text,
            lambda v, fidelity: (v["x"] - 33) ** 2 + v["y"] / fidelity,
            n_trials=15 * (number + 1),
            study=tmp_path / "study.db",
            fidelity="epochs=1..27",
        )
    assert len(result.trials) == 45 and any(len(t.earlier) > 1 for t in result.trials)


def test_an_objective_is_told_the_amount() -> None:
    called: list[tuple[int, int]] = []

    def loss(value: dict[str, Any], fidelity: int) -> float:
        called.append((value["x"], fidelity))
        return float((value["x"] - 40) ** 2 + 100 / fidelity)

    result = hyperdsl.optimize(
        "space s = record(x = 0..100)", loss, n_trials=20, searcher="hyperband", fidelity="epochs=1..9"
    )
    assert {amount for _, amount in called} == {1, 3, 9}
    assert len(result.trials) == 20
    assert (result.best_input["x"], 9) in called
    assert result.best_value == pytest.approx((result.best_input["x"] - 40) ** 2 + 100 / 9)


def test_several_objectives_go_on_by_fronts() -> None:
    def both(value: dict[str, Any], fidelity: float) -> tuple[float, float]:
        return value["x"] + 1 / fidelity, 100 - value["x"] + value["y"]

    result = hyperdsl.optimize(
        "space s = record(x = 0..100, y = 0..9)",
        both,
        ("minimize", "minimize"),
        n_trials=30,
        searcher="asha(base = 'nsga2')",
        fidelity="share=0.1..0.9",
    )
    assert any(t.earlier for t in result.trials)
    assert all(t.state is State.complete for t in result.front)


def test_the_trials_of_a_study_show_their_amounts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from hyperdsl.cli.main import main

    path = str(tmp_path / "study.db")
    HyperModel(mixed_space(), Learner(), store=path, fidelity=EPOCHS).search(15)
    assert main(["trials", path]) == 0
    head, first, *rest = capsys.readouterr().out.splitlines()[3:]
    assert head.split() == ["trial", "state", "score", "epochs", "seconds", "configuration"]
    assert first.split()[3] == "all"
    assert {line.split()[3] for line in rest if "pruned" in line} >= {"1", "3"}
    assert main(["trials", path, "--json"]) == 0
    trials = json.loads(capsys.readouterr().out)["trials"]
    climbed = next(t for t in trials if "earlier" in t)
    assert climbed["earlier"][0]["fidelity"] == 1


def test_a_study_of_the_version_before_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    HyperModel(mixed_space(), Learner(), "random", store=path).search(8)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP INDEX one_result")
        connection.execute("ALTER TABLE result DROP COLUMN rung")
        connection.execute("CREATE UNIQUE INDEX one_result ON result (study, number) WHERE state <> 'abandoned'")
        connection.execute("UPDATE store SET schema_version = 2")
    connection.close()
    with Store.open(path, "read") as store:
        assert len(store.study().records()) == 8
    history = HyperModel(mixed_space(), Learner(), "asha", store=path, fidelity=EPOCHS).search(20)
    assert len(history.trials) == 20 and any(t.earlier for t in history.trials)
    with Store.open(path, "read") as store:
        assert sum(len(r.earlier) for r in store.study().records()) == sum(len(t.earlier) for t in history.trials)


@pytest.mark.parametrize("searcher", ["asha(base = 'random')", "bohb"])
def test_batches_climb_alike_with_any_number_of_workers(searcher: str) -> None:
    def run(jobs: int, batch: int = 5) -> list[Any]:
        model = HyperModel(mixed_space(), Learner(), searcher, jobs=jobs, batch=batch, fidelity=EPOCHS)
        history = model.search(30)
        assert history.stopped is Stop.trials
        return facts(history.trials)

    alone = run(1)
    assert alone == run(3) != run(1, batch=2)
    assert any(len(climbed) > 2 for *_, climbed in alone) and len(alone) == 30


def test_a_search_that_was_cut_off_climbs_on_in_the_same_batches(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # tests in the background begin without
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    options: dict[str, Any] = {"batch": 4, "fidelity": EPOCHS}
    whole = HyperModel(mixed_space(), Learner(), "asha", **options).search(24).trials
    for calls in (1, 6, 17):
        path = tmp_path / f"{calls}.db"
        cut = HyperModel(mixed_space(), CutOff(calls), "asha", store=path, **options).search(24)
        assert cut.stopped is Stop.interrupted and facts(cut.trials) != facts(whole)
        found = HyperModel(mixed_space(), Learner(), "asha", store=path, **options).search(24).trials
        assert facts(found) == facts(whole)
