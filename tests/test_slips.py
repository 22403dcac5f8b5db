"""What newcomers write: each slip is answered by one message that says what to write instead."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from hyperdsl.diagnostics import Diagnostic, HypError, Reporter
from hyperdsl.driver import check_file, check_source
from hyperdsl.source import Source

SLIPS = tomllib.loads((Path(__file__).parent / "slips.toml").read_text(encoding="utf-8"))


def said(text: str) -> list[Diagnostic]:
    reporter = Reporter()
    try:
        check_source(Source("slip.hyp", text), reporter)
    except HypError as error:
        for diagnostic in error.diagnostics:
            reporter.add(diagnostic)
    return reporter.diagnostics


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip_is_answered_with_what_to_write(name: str) -> None:
    slip = SLIPS[name]
    first = said(slip["written"])[0]
    assert (first.code, slip["help"] in first.help) == (slip["code"], True), first.help
    assert [d.message for d in said(slip["mended"]) if d.severity != "note"] == []


@pytest.mark.parametrize("name", SLIPS)
def test_one_slip_gives_one_message(name: str) -> None:
    errors = [d for d in said(SLIPS[name]["written"]) if d.severity == "error"]
    assert len(errors) <= (2 if name in ("smart quotes", "optuna line", "Python") else 1)


def test_what_python_users_also_write_is_fine() -> None:
    for text in (
        "\ufeffspace s = Ridge(max_iter = none)",
        "space s = Ridge(fit_intercept = true | False,)\r\n",
        "space s = Ridge(0.1)",
    ):
        assert said(text) == []


def test_ten_slips_in_ten_statements_are_ten_messages() -> None:
    text = """
let a = 1 2
def f(x): Ridge(alpha = x)
space one = Ridge(alpha = )
const c = 3
d = 4
let e = [1, 2
require a > 1 && a < 3
space two = StandardScaler() >>
space three = Ridge(alhpa = 1.0)
space four = f(a) | Rigde() | c | d | e
"""
    found = said(text)
    assert sorted(d.span.line for d in found if d.span) == list(range(2, 12))
    assert {d.severity for d in found} == {"error"}


def test_a_broken_definition_or_import_makes_no_name_unknown() -> None:
    assert [d.code for d in said("def f(x): x\nspace s = f(1) >> Ridge(alpha = f(2))")] == ["E0118"]
    assert [d.code for d in said("import std.scales (scaler)\nspace s = scaler() >> Ridge()")] == ["E0206"]


FILES = {
    "a folder": (None, "E0171", "name a `.hyp` file"),
    "a binary file": (b"\x7fELF\x02\x01\x01\x00\xff\xfe", "E0174", "UTF-8"),
    "UTF-16": ("space s = Ridge()".encode("utf-16"), "E0174", "UTF-8"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "E0174", "UTF-8"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_program(name: str, tmp_path: Path) -> None:
    content, code, help = FILES[name]
    path = tmp_path / "given.hyp"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(HypError) as caught:
        check_file(path, Reporter())
    assert [d.code for d in caught.value.diagnostics] == [code]
    assert help in caught.value.diagnostics[0].help


def test_a_misspelled_path_names_the_file_beside(tmp_path: Path) -> None:
    (tmp_path / "churn.hyp").write_text("space s = Ridge()", encoding="utf-8")
    with pytest.raises(HypError, match=r"did you mean `churn\.hyp`"):
        check_file(tmp_path / "chrun.hyp", Reporter())
