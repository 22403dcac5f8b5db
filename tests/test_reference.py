"""Every snippet of the language reference does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import hyperdsl
from hyperdsl.schema import Column, Schema

PAGE = Path(__file__).resolve().parents[1] / "grammar" / "README.md"
SNIPPETS = re.findall(r"^```hyp ?(\w*)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

TABLE = Schema(tuple(Column(f"x{i}", "numeric") for i in range(30)), "binary", 1000, (0, 1))


@pytest.mark.parametrize(("code", "text"), SNIPPETS, ids=lambda part: part.strip().splitlines()[0] if part else "good")
def test_a_snippet_compiles_or_gives_its_diagnostic(code: str, text: str) -> None:
    if "train(" in text or "input(" in text:
        pytest.importorskip("keras")
    if code:
        with pytest.raises(hyperdsl.HypError) as caught:
            hyperdsl.compile(text)
        assert code in [d.code for d in caught.value.diagnostics]
        return
    space = hyperdsl.compile(text)
    assert not space.warnings
    space = space.bind(TABLE)
    for configuration in [space.default(), *space.sample(20)]:
        space.build(configuration)


def test_the_first_space_has_the_decisions_that_the_page_names() -> None:
    space = hyperdsl.compile(SNIPPETS[0][1])
    assert [d.path for d in space.decisions] == ["first.StandardScaler?", "first", "first.Ridge.alpha"]
    assert (space.count().configurations, space.count().continuous) == (4, 1)
