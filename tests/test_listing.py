"""``hyperdsl trials``: which trials, in which order, with what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from studies import failed, linear_is_best, scored, write_study

from hyperdsl.cli.main import main
from hyperdsl.search.goals import find_goals
from hyperdsl.search.trial import FailureKind


def lines(capsys: pytest.CaptureFixture[str], *words: object) -> list[str]:
    assert main(["trials", *map(str, words)]) == 0
    return capsys.readouterr().out.splitlines()


def test_all_trials_with_their_configurations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = lines(capsys, write_study(tmp_path / "study.db", trials=30))
    assert shown[0] == "study models: 30 trials, maximize accuracy over 2 folds"
    assert " complete, " in shown[1] and " error), best 0." in shown[1]
    assert shown[3].split() == ["trial", "state", "score", "seconds", "configuration"]
    assert [int(line.split()[0]) for line in shown[4:]] == list(range(30))
    assert sum("best" in line.split()[4:5] for line in shown[4:]) == 1
    assert any("max_depth = " in line and "error: " in line for line in shown)
    assert any("models=linear, " in line and " C=" in line for line in shown)


def test_the_best_come_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = write_study(tmp_path / "study.db")
    shown = lines(capsys, study, "--best", 5)[4:]
    scores = [float(line.split()[2]) for line in shown]
    assert len(scores) == 5 and scores == sorted(scores, reverse=True)
    assert main(["trials", str(study), "--best", "2", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert [t["number"] for t in facts["trials"]] == [int(line.split()[0]) for line in shown[:2]]


def test_several_objectives_have_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    goals = find_goals({"auc": "maximize", "model_size": "minimize"}, ["fit_time < 20 ms"])

    def outcome(configuration: object, rng: object) -> object:
        score = len(str(configuration)) / 1000
        return scored(score, model_size=1e6 * score**2, fit_time=score / 8)

    study = write_study(tmp_path / "study.db", outcome, 20, goals=goals)  # type: ignore[arg-type]
    shown = lines(capsys, study, "--best", 20)
    assert "minimize model_size, fit_time < 20 ms" in shown[0] and "chosen 0." in shown[1]
    assert shown[3].split() == ["trial", "state", "auc", "model_size", "fit_time", "seconds", "configuration"]
    assert " kB " in shown[4] and " ms " in shown[4] and " best " in shown[4]
    ranks = [("best" in line, " front " in line) for line in shown[4:]]
    assert ranks == sorted(ranks, key=lambda r: (not r[0], not r[1]))
    assert any("breaks a constraint" in line for line in shown)


def test_failures_are_told_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = lines(capsys, write_study(tmp_path / "study.db", linear_is_best, 80), "--failed")
    assert shown[3].endswith("trials, error: max_depth = 4 is too little") or "max_depth = " in shown[3]
    assert shown[4].startswith("  all have models=forest, as ")
    assert all("models=forest" in line for line in shown[5:])
    assert (
        lines(capsys, write_study(tmp_path / "good.db", lambda c, r: scored(0.5), 3), "--failed")[-1]
        == "no trial failed"
    )


def test_messages_cannot_write_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = write_study(tmp_path / "s.db", lambda c, r: failed("a\x1b[2Jb\rc", FailureKind.crash), 2, name="n\x1b[2J")
    for words in ((), ("--failed",)):
        shown = "\n".join(lines(capsys, study, *words))
        assert "\x1b" not in shown and "\r" not in shown and "crash: a" in shown


def test_a_study_without_trials(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lines(capsys, write_study(tmp_path / "study.db", trials=0)) == [
        "study models: 0 trials, maximize accuracy over 2 folds"
    ]
