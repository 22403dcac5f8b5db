"""What a person sees of a running search: the live view at its sizes, and where it gives way to plain lines."""

from __future__ import annotations

import io
import re
import time
from pathlib import Path
from typing import Any

import pytest
from search_spaces import mixed_space
from test_search_run import Peak

import hyperdsl
from hyperdsl.search.goals import Goals, find_goals
from hyperdsl.search.history import Stop
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.progress import LiveView, PlainLines, make_progress
from hyperdsl.search.progress.wording import pace, sparkline, stopwatch
from hyperdsl.search.trial import Evaluation, Failure, FailureKind, State, Trial
from hyperdsl.space.brief import brief, short_names


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def screen(stream: io.StringIO) -> list[str]:
    """The lines of what was drawn last, without colors and moves of the cursor."""
    drawn = re.split(r"(?:\x1b\[2K|\x1b\[1A)+", stream.getvalue())[-1]
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn).splitlines()


def trial(number: int, evaluation: Evaluation | None = None, **values: Any) -> Trial:
    configuration = mixed_space().sample(number + 1)[number]
    state = State.running if evaluation is None else State.failed if evaluation.failure else State.complete
    return Trial(number, configuration, str(number), state, evaluation, time.time())


def good(score: float, **measures: float) -> Evaluation:
    return Evaluation(score, (score,), 1.0, {"steps": {"fits": 4, "shared": 1}}, measures=measures)


@pytest.mark.parametrize("width", [80, 200])
def test_the_live_view_fits_the_terminal(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")  # a dumb terminal gets no live view
    stream = Terminal()
    view = LiveView(stream)
    view.begin(Goals(), 100, None, [])
    failure = Failure(FailureKind.error, "ValueError", "Input X contains NaN.\nmore of [red]that[/red]")
    evaluations = [good(0.5), Evaluation(None, failure=failure), good(0.75), good(0.25)]
    for number, evaluation in enumerate(evaluations):
        view.started(trial(number))
        view.finished(trial(number, evaluation))
    view.started(trial(4))
    time.sleep(0.01)
    assert view._live is not None
    view._live.refresh()
    lines = screen(stream)
    view.close()
    assert all(len(line) < width for line in lines)
    named = dict(re.fullmatch(r"(\S*) +(.*)", line).groups() for line in lines if line.strip())  # type: ignore[union-attr]
    assert named["trials"].startswith("4 of 100  ━")
    assert "left, " in named["time"] and "trials/s" in named["time"]
    assert named["best"] == "0.75  trial 2"
    assert any("▁██  0.5 to 0.75" in line for line in lines)
    assert named["last"] == "0.5  error  0.75  0.25"
    assert named["failed"] == "1 error; last: ValueError: Input X contains NaN."
    assert named["steps"] == "3 of 12 fits shared (25%)"
    assert re.match(r"4 +0 s  x=", named["running"])


def test_the_live_view_of_several_objectives() -> None:
    stream = Terminal()
    view = LiveView(stream)
    goals = find_goals({"auc": "maximize", "size": "minimize"}, ["size < 10"])
    view.begin(goals, None, 60, [trial(0, good(0.9, size=20.0)), trial(1, good(0.8, size=9.0))])
    view.finished(trial(2, good(0.7, size=5.0)))
    view.close()
    text = "\n".join(screen(stream))
    assert "auc 0.8, size 9  trial 1" in text or "auc 0.7, size 5  trial 2" in text
    assert "2 trials that no other one beats" in text
    assert "3\n" in text and " of " not in text.splitlines()[0]
    only_broken = LiveView(stream)
    only_broken.begin(goals, None, 60, [trial(0, good(0.9, size=20.0))])
    only_broken.close()
    assert any("breaks size < 10" in line for line in screen(stream))


def test_many_running_trials_leave_room_on_a_low_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "16")
    stream = Terminal()
    view = LiveView(stream)
    view.begin(Goals(), 100, None, [])
    for number in range(12):
        view.started(trial(number))
    view.close()
    assert len(screen(stream)) <= 16
    assert any("and 8 more" in line for line in screen(stream))


def test_a_whole_search_in_the_live_view() -> None:
    stream = Terminal()
    HyperModel(mixed_space(), Peak(pause=0.03), progress=make_progress("live", stream)).search(12)
    lines = screen(stream)
    assert any(line.startswith("trials   12 of 12") for line in lines)
    assert lines[-1].strip() == "done"


def test_no_color_and_dumb_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert isinstance(make_progress(stream=Terminal()), LiveView)
    assert isinstance(make_progress(stream=io.StringIO()), PlainLines)
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    HyperModel(mixed_space(), Peak(), progress=make_progress(stream=stream)).search(2)
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", stream.getvalue())
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(make_progress(stream=Terminal()), PlainLines)


def test_a_terminal_without_the_characters_gets_plain_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")

    class Latin(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    with Latin(io.BytesIO(), encoding="latin-1") as stream:
        progress = make_progress(stream=stream)
        assert isinstance(progress, PlainLines)
        progress.begin(Goals(), 1, None, [])
        progress.end(Stop.trials)


def test_texts() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([1.0] * 3, 8) == "▄▄▄"
    assert sparkline([0, *range(1000), 1000], 10)[::9] == "▁█"
    assert [pace(p) for p in (12.345, 0.5, 0.001)] == ["12.3 trials/s", "30 trials/min", "3.6 trials/h"]
    assert [stopwatch(s) for s in (0.4, 59.9, 125, 3725)] == ["0 s", "59 s", "2:05", "1:02:05"]


def test_configurations_in_a_line() -> None:
    paths = ["s.model", "s.model.a.C", "s.model.b.C", "s.model.b.depth", "s.scale?"]
    names = short_names(paths)
    assert names == dict(zip(paths, ["model", "a.C", "b.C", "depth", "scale?"], strict=True))
    assert brief({"s.model.a.C": 0.123456, "s.model": "a", "s.scale?": True}, names) == "model=a, scale?=yes, a.C=0.123"
    space = hyperdsl.compile("space s = record(a = 1..3, b = [1..3, 4..5])").space
    assert brief(space.default().to_json(), short_names(d.path for d in space.decisions)) == "a=2, b=2, b[1]=5"
