"""Every program in ``tests/bad`` is answered with exactly the text beside it; ``pytest --bless`` writes that text."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyperdsl.diagnostics import Diagnostic, Reporter
from hyperdsl.diagnostics.render import render_text
from hyperdsl.source import Source
from hyperdsl.syntax.parse import parse

BAD = Path(__file__).parent / "bad"
CASES = sorted(BAD.glob("*/*.hyp"))


def diagnose(path: Path) -> list[Diagnostic]:
    reporter = Reporter()
    parse(Source(path.relative_to(BAD).as_posix(), path.read_bytes().decode()), reporter)
    return reporter.diagnostics


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.relative_to(BAD).with_suffix("").as_posix())
def test_bad_program_is_explained(path: Path, bless: bool) -> None:
    diagnostics = diagnose(path)
    assert diagnostics, "nothing is wrong with this program"
    said = "\n\n".join(render_text(d) for d in diagnostics) + "\n"
    golden = path.with_suffix(".txt")
    if bless:
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")
