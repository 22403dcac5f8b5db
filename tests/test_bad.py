"""Every program in ``tests/bad`` is answered with exactly the text beside it; ``pytest --bless`` writes that text."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyperdsl.diagnostics import Diagnostic, HypError, Reporter
from hyperdsl.diagnostics.render import render_text
from hyperdsl.driver import check_file

BAD = Path(__file__).parent / "bad"
CASES = sorted(BAD.glob("*/*.hyp"))


def diagnose(path: Path) -> list[Diagnostic]:
    """What ``hyperdsl check`` says, from the folder of all cases."""
    reporter = Reporter()
    try:
        check_file(path.relative_to(BAD).as_posix(), reporter)
    except HypError as error:
        for diagnostic in error.diagnostics:
            reporter.add(diagnostic)
    return reporter.diagnostics


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.relative_to(BAD).with_suffix("").as_posix())
def test_bad_program_is_explained(path: Path, bless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if path.parent.name == "networks":
        pytest.importorskip("keras")
    monkeypatch.chdir(BAD)
    diagnostics = diagnose(path)
    assert diagnostics, "nothing is wrong with this program"
    said = "\n\n".join(render_text(d) for d in diagnostics).replace(str(BAD), "…") + "\n"
    golden = path.with_suffix(".txt")
    if bless:
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")
