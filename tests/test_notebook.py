"""What a notebook shows, in the real shell of IPython: spaces, results, a running search, mistakes."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from search_spaces import mixed_space
from test_search_run import Peak

import hyperdsl
from hyperdsl.diagnostics import HypError
from hyperdsl.search.hypermodel import HyperModel
from hyperdsl.search.progress import NotebookView, PlainLines, make_progress

GOOD = "space credit = StandardScaler()? >> LogisticRegression(C = 1e-3..1e2 log)"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    interactive = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    made = interactive.instance(config=config)
    made.run_cell("%load_ext hyperdsl")
    yield made
    made.history_manager.end_session()
    interactive.clear_instance()


def test_a_cell_is_compiled_and_bound(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    result = shell.run_cell(f"%%hyp mine\n{GOOD}")
    assert result.success
    space = shell.user_ns["mine"]
    assert isinstance(space, hyperdsl.HyperSpace) and result.result is space
    assert shell.run_cell(f"%%hyp\n{GOOD}").success and shell.user_ns["credit"].name == "credit"
    assert shell.run_cell("mine.build(mine.default())").success
    two = "space a = record(x = 1..3)\nspace b = record(y = 1..3)"
    assert shell.run_cell(f"%%hyp picked --space b\n{two}").success
    assert shell.user_ns["picked"].name == "b"
    capsys.readouterr()


def test_mistakes_are_diagnostics_without_a_traceback(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    result = shell.run_cell("%%hyp bad\nspace s = LogisticRegresion(C = 1..\n")
    captured = capsys.readouterr()
    shown = re.sub(r"\x1b\[[0-9;]*m", "", captured.out + captured.err)
    assert not result.success and "bad" not in shell.user_ns
    assert "error[E0" in shown and "<cell>:1:" in shown
    assert "Traceback" not in shown and "hyperdsl/" not in shown
    shell.run_cell("import hyperdsl\nhyperdsl.compile('space s = Nothing()')")
    captured = capsys.readouterr()
    assert "error[E0" in captured.err and "Traceback" not in captured.out + captured.err
    shell.run_cell("1 / 0")
    captured = capsys.readouterr()
    assert "ZeroDivisionError" in captured.out + captured.err, "other errors are as they were"
    for line in ("two words", "1x", "--space"):
        shell.run_cell(f"%%hyp {line}\n{GOOD}")
        assert "E0856" in capsys.readouterr().err


def test_a_space_shows_its_picture_and_decisions() -> None:
    shown = hyperdsl.compile(GOOD)._repr_html_()
    assert 'src="data:image/svg+xml;base64,' in shown
    assert "2 configurations × 1 continuous range · 2 decisions" in html.unescape(shown)
    assert "a number in 0.001..100.0, logarithmic" in shown
    assert "depends on the data" in hyperdsl.compile("space s = record(x = 1..data.rows)")._repr_html_()


def test_texts_of_a_space_are_no_markup() -> None:
    space = hyperdsl.compile('space s = record(x = "<script>1</script>" | "<b>")')
    for shown in (space._repr_html_(), space.default()._repr_html_()):
        assert "<script" not in shown and "<b>" not in shown


def test_a_result_shows_what_was_found() -> None:
    result = hyperdsl.optimize("space s = record(x = -5..5)", lambda v: v["x"] ** 2, n_trials=30)
    shown = result._repr_html_()
    assert "best score" in shown and ">0<" in shown and "s.x" in shown
    space = hyperdsl.compile("space m = GaussianNB() | DummyClassifier()")
    found = hyperdsl.Experiment(space, "sklearn:iris", "target", n_trials=2).run()._repr_html_()
    assert "held-out accuracy" in found or "held-out" in found
    assert "GaussianNB" in found and "<summary>script</summary>" in found


def test_a_running_search(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The view updates one display; what it shows is checked at its end."""
    shell.kernel = object()  # what tells a notebook's shell from a terminal's
    shown: list[tuple[dict[str, str], bool]] = []
    monkeypatch.setattr(
        shell.display_pub, "publish", lambda data, *a, update=False, **k: shown.append((data, update)), raising=True
    )
    try:
        progress = make_progress()
        assert isinstance(progress, NotebookView)
        progress.note("warning", "look <here>")
        HyperModel(mixed_space(), Peak(fails=lambda c: c["x"] == 0), progress=progress).search(20)
    finally:
        del shell.kernel
    assert isinstance(make_progress(), PlainLines)
    assert [update for _, update in shown] == [False] + [True] * (len(shown) - 1)
    last = html.unescape(re.sub("<[^>]+>", "", shown[-1][0]["text/html"]))
    assert "20 of 20" in last and "done" in last and "look <here>" in last and "best" in last
    assert "<here>" not in shown[-1][0]["text/html"]


def test_a_running_search_is_renewed_while_nothing_ends(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(
        shell.display_pub, "publish", lambda data, *a, update=False, **k: shown.append(data["text/html"]), raising=True
    )
    seen: list[int] = []

    def slow(value: dict[str, int]) -> float:
        before = len(shown)
        end = time.monotonic() + 30
        while len(shown) < before + 2 and time.monotonic() < end:
            time.sleep(0.05)
        seen.append(len(shown) - before)
        return value["x"]

    hyperdsl.optimize("space s = record(x = 1..9)", slow, n_trials=1, progress="notebook")
    assert seen[0] >= 2
    done = len(shown)
    time.sleep(1.2)
    assert len(shown) == done  # it has ended with the search


def test_a_mode_may_be_named() -> None:
    with pytest.raises(HypError) as caught:
        HyperModel(mixed_space(), Peak(), progress="loud")  # type: ignore[arg-type]
    assert caught.value.diagnostics[0].code == "E0723"
    assert (
        len(hyperdsl.optimize("space s = record(x = 1..9)", lambda v: v["x"], n_trials=3, progress="none").trials) == 3
    )
