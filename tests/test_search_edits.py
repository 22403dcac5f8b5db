"""Edited spaces: which trials go on, what is said of them, and that nothing is lost."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from test_search_run import Peak, facts

import hyperdsl
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError
from hyperdsl.search.edits import numbers_in, translate
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.progress import JsonLines
from hyperdsl.search.store import Store
from hyperdsl.search.trial import Evaluation

OLD = """
space s =
  StandardScaler()
  >> ( Ridge(alpha = 1e-3..1e3 log, max_iter = 500)
     | KNeighborsRegressor(n_neighbors = 1..30, weights = "uniform") )
"""
RIDGE = {"s": "Ridge", "s.Ridge.alpha": 0.5}
NEIGHBORS = {"s": "KNeighborsRegressor", "s.KNeighborsRegressor.n_neighbors": 20}


def found(old: str, new: str, values: dict[str, object]) -> dict[str, object] | None:
    before, after = hyperdsl.compile(old).space, hyperdsl.compile(new).space
    (configuration,) = translate([before.configuration(values)], before, after)
    if configuration is None:
        return None
    assert after.key(configuration) == before.key(before.configuration(values))
    return configuration.to_json()


@pytest.mark.parametrize(
    ("written", "instead", "values", "expected"),
    [
        ("1e-3..1e3", "1e-5..1e9", RIDGE, RIDGE),  # a wider range
        ("1e-3..1e3", "1.0..1e3", RIDGE, None),  # a narrower one, without the value
        ("1e-3..1e3", "0.1..1.0", RIDGE, RIDGE),
        ("1..30", "1..19", NEIGHBORS, None),
        ("1..30", "1..19", RIDGE, RIDGE),  # what is not decided does not matter
        ("500", "600", RIDGE, None),  # the same decisions, another program
        ("500", "600", NEIGHBORS, NEIGHBORS),
        ("500", "100..1000", RIDGE, {**RIDGE, "s.Ridge.max_iter": 500}),  # a number has become a range
        ("500", "600..1000", RIDGE, None),
        ('"uniform"', '"distance" | "uniform"', NEIGHBORS,
         {**NEIGHBORS, "s.KNeighborsRegressor.weights": "uniform"}),
        ("1e-3..1e3 log", "0.5", RIDGE, {"s": "Ridge"}),  # a range has become a number
        ("1e-3..1e3 log", "0.25", RIDGE, None),
        ("StandardScaler()", "StandardScaler()?", RIDGE, {**RIDGE, "s.StandardScaler?": True}),
        ("StandardScaler()", "PCA()? >> StandardScaler()", RIDGE, {**RIDGE, "s.PCA?": False}),
        ("\n     | KNeighborsRegressor", "\n     | Lasso() | KNeighborsRegressor", NEIGHBORS, NEIGHBORS),
        ("\nspace s", "\nlet unused = 1..5\nspace s", RIDGE, RIDGE),
        ("space s =", "let a = 1..9\nrequire a < 3\nspace s = (PCA(n_components = a) if a > 1 else pass) >>", RIDGE,
         {"a": 1, **RIDGE}),
    ],
)  # fmt: skip
def test_what_is_a_point_of_an_edited_space(
    written: str, instead: str, values: dict[str, object], expected: dict[str, object] | None
) -> None:
    assert written in OLD
    assert found(OLD, OLD.replace(written, instead), values) == expected


def test_a_decision_with_another_name_is_found_by_the_program() -> None:
    old = "let a = 0.0..9.0 let b = 0.0..9.0 space s = record(x = a, y = b)"
    values = {"a": 3.25, "b": 4.5}
    for new, expected in (
        ("let c = 0.0..9.0 let b = 0.0..9.0 space s = record(x = c, y = b)", {"c": 3.25, "b": 4.5}),
        ("let b = 0.0..9.0 let a = 0.0..9.0 space s = record(x = b, y = a)", None),  # each has a value: another program
        ("let c = 0.0..9.0 let b = 0.0..9.0 space s = record(z = c, y = b)", None),
    ):
        assert found(old, new, values) == expected


def test_numbers_of_a_text() -> None:
    assert numbers_in("space s = record(x = 3, y = -0.5)  # 7") == [3, 0.5, -3, -0.5]


WIDE = "let x = 0..50 space s = record(x = x, y = 1..9)"
NARROW = "let x = 20..50 space s = record(x = x, y = 1..9)"


def search(text: str, store: Path, n: int, estimator: Peak | None = None, stream: io.StringIO | None = None) -> object:
    progress = JsonLines(stream or io.StringIO())
    return HyperModel(hyperdsl.compile(text), estimator or Peak(), "random", store=store, progress=progress).search(n)


def test_a_study_goes_on_with_the_trials_that_are_points_of_the_edited_space(tmp_path: Path) -> None:
    store, stream = tmp_path / "study.db", io.StringIO()
    before = {t.number: t for t in search(WIDE, store, 30).trials}
    inside = [n for n, t in before.items() if t.configuration["x"] >= 20]
    assert 0 < len(inside) < 30
    estimator = Peak()
    after = search(NARROW, store, 30, estimator, stream)
    assert len(after.trials) == 30 and estimator.calls == 30 - len(inside)
    assert [t.number for t in after.trials][: len(inside)] == inside  # numbers of others are not given again
    assert facts(after.trials)[: len(inside)] == [f for f in facts(tuple(before.values())) if f[0] in inside]
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert events[0] == {
        "event": "edited", "revision": 2, "kept": len(inside), "mapped": 0, "left": 30 - len(inside)
    }  # fmt: skip
    assert events[1]["finished"] == len(inside)
    assert facts(search(NARROW, store, 30, estimator).trials) == facts(after.trials)
    assert estimator.calls == 30 - len(inside)


def test_an_edit_that_is_undone_has_all_trials_again(tmp_path: Path) -> None:
    store = tmp_path / "study.db"
    before = search(WIDE, store, 20)
    middle = search(NARROW, store, 20)
    after = search(WIDE, store, 1)
    assert {t.number for t in after.trials} == {t.number for t in (*before.trials, *middle.trials)}
    assert facts(tuple(t for t in after.trials if t.number < 20)) == facts(before.trials)
    with Store.open(store, "read") as opened:
        for revision, expected in ((1, before), (2, middle), (3, after)):
            study = opened.study("s", revision)
            space = hyperdsl.compile(NARROW if revision == 2 else WIDE).space
            assert study.info.space_text == (NARROW if revision == 2 else WIDE)
            assert facts(tuple(r.trial(space) for r in study.records())) == facts(expected.trials)
        with pytest.raises(HypError) as caught:
            opened.study("s", 4)
        assert caught.value.diagnostics[0].code == "E0717"


def test_a_killed_revision_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "study.db"
    search(WIDE, store, 20)

    def fails(*_: object) -> None:
        raise KeyboardInterrupt

    from hyperdsl.search import store as module

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module.results, "insert", fails)
        search(NARROW, store, 20)
    with Store.open(store, "read") as opened:
        assert opened.study("s").revision == 1
    assert len(search(NARROW, store, 20).trials) == 20


TREE = "space tree = DecisionTreeRegressor(max_depth = 1..{}, min_samples_leaf = 5)\n"


def test_an_edited_file_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, study = tmp_path / "tree.hyp", str(tmp_path / "study.db")
    data = ["--data", "sklearn:diabetes", "--target", "target", "--cv", "2", "--jobs", "1", "--study", study]
    file.write_text(TREE.format(4))
    assert main(["search", str(file), *data, "--trials", "4"]) == 0
    file.write_text(TREE.format(8).replace("= 5", "= 5 | 10"))
    capsys.readouterr()
    assert main(["search", str(file), *data, "--trials", "6"]) == 0
    said = "the space was edited: 4 of 4 trials go on in this version, 4 of them with other decisions"
    assert said in capsys.readouterr().err
    file.write_text(TREE.format(2))
    assert main(["search", str(file), *data, "--trials", "2", "--json"]) == 0
    edited = next(e for e in map(json.loads, capsys.readouterr().out.splitlines()) if e["event"] == "edited")
    assert edited["mapped"] >= 2 and edited["left"] >= 2 and edited["revision"] == 3
    assert main(["trials", study]) == 0
    out = capsys.readouterr().out
    assert "study tree: 2 trials" in out and f"; {edited['left']} stay with the earlier version" in out
    assert main(["trials", study, "--revision", "1", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["revision"] == 1 and len(first["trials"]) == 4
    assert main(["export", study, "--revision", "1", "--trial", "3"]) == 0
    assert "max_depth" in capsys.readouterr().out
    assert main(["search", str(file), *data, "--trials", "2", "--metric", "mae"]) == 1
    assert "E0712" in capsys.readouterr().err


def test_a_trial_keeps_the_result_of_each_rung_when_the_space_is_edited(tmp_path: Path) -> None:
    class Learner:
        def evaluate(
            self, configuration: Any, *, seed: int, fidelity: float | None = None, earlier: tuple[Evaluation, ...] = ()
        ) -> Evaluation:
            return Evaluation(-abs(configuration["x"] - 33) - 9 / (fidelity or 27), fidelity=fidelity)

    def run(text: str, n: int) -> dict[int, Any]:
        space = hyperdsl.compile(text)
        model = HyperModel(space, Learner(), "asha", store=tmp_path / "s.db", fidelity="epochs=1..27")
        return {t.number: (t.state, t.earlier, t.evaluation) for t in model.search(n).trials}

    before = run(WIDE, 20)
    assert any(len(earlier) > 1 for _, earlier, _ in before.values())
    after = run("let x = 0..60 space s = record(x = x, y = 1..9)", 20)
    assert after.keys() == before.keys()
    assert {n: after[n][1][: len(e)] for n, (_, e, _) in before.items()} == {n: e for n, (_, e, _) in before.items()}
