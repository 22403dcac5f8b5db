"""``hyperdsl explain``: every diagnostic has a page, and the examples do what the pages say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_codes import codes_by_function

from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.diagnostics.pages import Page, pages
from hyperdsl.driver import check_source
from hyperdsl.source import Source

GROUPS = {code: name.partition(".")[0] for name, codes in codes_by_function().items() for code in codes}
HOW = (
    "write its page into hyperdsl/diagnostics/pages/GROUP.md: `## CODE title`, an empty line, what it means and why "
    "it is an error, a ```hyp block that gives it, `Instead:`, a ```hyp block that does not, `See also E0101.`"
)
WITH_EXAMPLES = [page for page in pages().values() if page.bad]


def codes(text: str, folder: Path) -> set[str]:
    reporter = Reporter()
    try:
        check_source(Source("example.hyp", text, str(folder / "example.hyp")), reporter)
    except HypError as error:
        return {d.code for d in (*error.diagnostics, *reporter.diagnostics)}
    return {d.code for d in reporter.diagnostics}


def test_every_code_has_a_page_in_the_file_of_its_group() -> None:
    missing = {code: group for code, group in GROUPS.items() if code not in pages()}
    assert missing == {}, HOW
    misplaced = {code: page.group for code, page in pages().items() if GROUPS.get(code, page.group) != page.group}
    assert misplaced == {}


def test_every_page_has_a_code() -> None:
    assert [code for code in pages() if code not in GROUPS] == [], "no function gives these: remove their pages"


def test_pages_say_why_and_lead_to_pages() -> None:
    assert [page.code for page in pages().values() if len(page.why) < 20 or len(page.title) > 45] == []
    lost = [(page.code, code) for page in pages().values() for code in page.related if code not in pages()]
    assert lost == []


def test_most_pages_of_check_show_an_example() -> None:
    checked = [
        p for p in pages().values() if p.group in ("syntax", "habits", "characters", "names", "kinds", "modules")
    ]
    assert sum(bool(page.bad) for page in checked) > 0.9 * len(checked)


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.code)
def test_the_example_gives_the_diagnostic_and_the_mended_one_does_not(page: Page, tmp_path: Path) -> None:
    if page.group == "networks":
        pytest.importorskip("keras")
    assert page.code in codes(page.bad, tmp_path), "its example does not give it"
    if page.mended:
        errors = {code for code in codes(page.mended, tmp_path) if code.startswith("E")}
        assert page.code not in codes(page.mended, tmp_path) and errors <= {"E0210"}, "what it says to write is wrong"


def test_a_page_is_shown_with_both_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "error[e0110]:"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("E0110: comma missing\n")
    assert "    let xs = [1, 2 3]\n" in shown and "    let xs = [1, 2, 3]\n" in shown and "See also E0101." in shown


def test_all_codes_are_listed_under_their_groups(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {code}  " in shown for code in GROUPS)
    assert "Reading the text\n" in shown


def test_pages_are_given_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "E0103", "E0110", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [page["code"] for page in found] == ["E0103", "E0110"]
    assert set(found[0]) == {"code", "title", "group", "heading", "why", "bad", "mended", "related"}


def test_an_unknown_code_is_a_mistake_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "W0110"]) == 2
    assert "there is no diagnostic 'W0110'; did you mean E0110?" in capsys.readouterr().err
    assert main(["explain", "commas"]) == 2
