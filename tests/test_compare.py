"""``hyperdsl compare``: studies side by side."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from studies import Outcome, scored, write_study

from hyperdsl.cli.main import main
from hyperdsl.report.comparison import compare, compare_folds
from hyperdsl.report.subject import find_subject
from hyperdsl.search.goals import Goals, find_goals
from hyperdsl.search.tables import TrialRecord
from hyperdsl.search.trial import State


def steps(*scores: float, seconds: float = 10.0) -> Outcome:
    """Trials with these scores one after the other."""
    left = list(scores)

    def outcome(configuration: object, rng: random.Random) -> object:
        score = left.pop(0)
        return scored(score, score + 0.01, score - 0.01, seconds=seconds)

    return outcome  # type: ignore[return-value]


def text(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> str:
    assert main(["compare", *map(str, words)]) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def rows(shown: str) -> dict[str, list[str]]:
    """The cells of each line of the table by its name."""
    cells = (line.strip().split("  ") for line in shown.split("\n\n")[0].splitlines())
    return {parts[0].strip(): [c.strip() for c in parts[1:] if c.strip()] for parts in cells}


def test_the_best_and_what_it_took(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slow = write_study(tmp_path / "slow.db", steps(0.5, 0.6, 0.7, 0.8, seconds=30), 4)
    fast = write_study(tmp_path / "fast.db", steps(0.7, 0.6, 0.75, 0.72, 0.1, seconds=10), 5)
    shown = text(capsys, slow, fast)
    table = rows(shown)
    assert table["trials"] == ["4", "5"]
    assert table["best score"] == ["0.8", "0.75"]
    assert table["mean of the 10 best"] == ["0.65", "0.574"]
    assert table["best after 4 trials"] == ["0.8", "0.75"]
    assert table["best after 50 s"] == ["0.5", "0.75"]
    assert table["as good as slow"] == ["4 trials, 2 min 0 s", "never"]
    assert table["as good as fast"] == ["4 trials, 2 min 0 s", "3 trials, 30 s"]
    assert "differ in" not in shown
    facts = json.loads(text(capsys, slow, fast, "--json"))
    assert facts["studies"][0]["as_good_as"]["fast"] == {"trials": 4, "seconds": 120.0}
    assert facts["studies"][1]["as_good_as"]["slow"] is None
    assert facts["winners"]["ahead"] == pytest.approx(0.05) and facts["winners"]["folds"] == 3


def test_less_can_be_better_and_constraints_count(tmp_path: Path) -> None:
    goals = find_goals("minimize", ["size < 50"])

    def outcome(configuration: object, rng: random.Random) -> object:
        size = rng.uniform(1, 100)
        return scored(-1.0 if size > 50 else size, size=size)

    path = write_study(tmp_path / "a.db", outcome, 40, goals=goals)  # type: ignore[arg-type]
    (contestant, _) = compare([find_subject(path), find_subject(path)]).contestants
    assert contestant.best_score is not None and 0 < contestant.best_score < 50
    scores = [s.score for s in contestant.steps]
    assert scores == sorted(scores, reverse=True)


def test_studies_that_do_not_compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = write_study(tmp_path / "a.db", trials=20)
    other = write_study(tmp_path / "b.db", trials=20, metric="log loss over 2 folds")
    assert "E0718" in text(capsys, a, other, code=1)
    turned = write_study(tmp_path / "c.db", trials=20, goals=Goals.of("minimize"))
    assert "E0718" in text(capsys, a, turned, code=1)
    rows_ = write_study(tmp_path / "d.db", trials=20, data="other")
    shown = text(capsys, a, rows_)
    assert "They differ in data: a d1, d other." in shown and "different rows" in shown
    assert "not tested: it takes the same folds" in shown
    with pytest.raises(SystemExit) as ended:
        main(["compare", str(a)])
    assert ended.value.code == 2


def test_all_studies_that_are_missing_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = write_study(tmp_path / "a.db", trials=20)
    assert main(["compare", str(a), "random", "random", str(tmp_path / "b.db")]) == 1
    said = capsys.readouterr().err
    assert said.count("E0702") == 2 and "b.db" in said
    assert "hyperdsl search FILE --searcher random --study random.db" in said


def test_studies_of_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_study(tmp_path / "both.db", trials=20, name="first")
    write_study(path, trials=30, name="second")
    assert text(capsys, f"{path}#first", f"{path}#second").split()[:2] == ["first", "second"]
    assert "E0711" in text(capsys, path, f"{path}#second", code=1)
    assert "E0710" in text(capsys, f"{path}#no", f"{path}#second", code=1)


def test_several_objectives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    goals = find_goals({"auc": "maximize", "size": "minimize"})
    good = write_study(tmp_path / "good.db", lambda c, r: scored(r.random() + 1, size=r.random()), 30, goals=goals)
    poor = write_study(tmp_path / "poor.db", lambda c, r: scored(r.random(), size=r.random() + 1), 30, goals=goals)
    table = rows(text(capsys, good, poor))
    first, second = map(float, table["hypervolume"])
    assert 1 >= first > second >= 0
    assert table["as much as good"][1] == "never"
    soon, late = table["as much as poor"]
    assert int(soon.split()[0]) < int(late.split()[0]) <= 30
    assert main(["compare", str(good), str(poor), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["as_much_hypervolume_as"]
    assert found["good"][1] is None and found["poor"][0]["trials"] == int(soon.split()[0])


def test_one_without_a_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    none = write_study(tmp_path / "none.db", trials=0)
    table = rows(text(capsys, none, write_study(tmp_path / "some.db", trials=10)))
    assert table["best score"][0] == "–" and table["as good as some"][0] == "never"


def test_the_noise_of_folds() -> None:
    ours, theirs = bare(0.81, 0.80, 0.83, 0.79, 0.82), bare(0.80, 0.81, 0.82, 0.80, 0.81)
    verdict = compare_folds("a", ours, "b", theirs, -1)
    assert verdict is not None and verdict.p is not None and verdict.p > 0.5
    assert "no more than the noise" in str(verdict)
    far = compare_folds("a", ours, "b", bare(0.7, 0.7, 0.71, 0.69, 0.7), -1)
    assert far is not None and far.p is not None and far.p < 0.01 and far.ahead == pytest.approx(0.11)
    # By hand: differences 1, 2, 3 have mean 2 and variance 1; t = 2 / sqrt(1/3 + 1/2) with 2 degrees of freedom.
    known = compare_folds("a", bare(2, 4, 6), "b", bare(1, 2, 3), -1)
    assert known is not None and known.p == pytest.approx(0.15983, abs=0.00001)
    few = compare_folds("a", bare(2, 4), "b", bare(1, 2), -1)
    assert few is not None and few.p is None and "too few" in str(few)
    assert compare_folds("a", bare(2, 4), "b", bare(1, 2, 3), -1) is None


def bare(*folds: float) -> TrialRecord:
    return TrialRecord(0, "", {}, State.complete, scored(*folds), 0.0)
