"""Every diagnostic has a code of its own, and each that ``check`` can say has a bad program that shows it."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

import hyperdsl
from hyperdsl.catalog import load_catalog
from hyperdsl.catalog.model import Module
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.driver import text_to_typed
from hyperdsl.source import Source

TEXTS = Path(hyperdsl.__file__).parent / "diagnostics"
BAD = Path(__file__).parent / "bad"
CHECKED = (
    "names",
    "kinds",
    "modules",
    "rules",
    "flow",
    "networks",
    "experiments",
    "columns",
    "environment",
    "facts",
)
# What needs more than a program file to be said; shown elsewhere in the tests.
NOT_BY_CHECK = {
    "E0204": "two libraries with a class of one name: below",
    "E0208": "a text that is no file: below",
    "E0210": "compile: below",
    "E0211": "compile: below",
    "E0212": "compile: below",
    "E0406": "data: below",
    **{code: "data: test_flow_spaces" for code in ("E0433", "E0434", "E0435", "E0436", "E0443", "E0444", "E0445")},
    **{code: "data: test_flow_spaces" for code in ("W0430", "W0431", "W0432")},
    "E0650": "data",
    "E0652": "data",
    "E0653": "data",
    "E0654": "data",
    "E0801": "a library that is not installed",
    **{code: "data: test_facts" for code in ("E0905", "E0906", "E0907")},
    "E0802": "a broken installation",
    "E0805": "a file that is no Python",
    "E0809": "build",
    "E0461": "a model file that was changed: test_networks",
    **{code: "search: test_supernet" for code in ("E0466", "E0467")},
    "E0468": "search: test_network_proxies",
    **{code: "search: test_written" for code in ("E0933", "E0934", "E0935", "E0936")},
}


def codes_by_function() -> dict[str, list[str]]:
    """``group.function`` -> the codes that it can give."""
    found = {}
    for path in sorted(TEXTS.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                constants = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant)}
                codes = sorted(c for c in constants if isinstance(c, str) and re.fullmatch(r"[EWN]\d{4}", c))
                found[f"{path.stem}.{node.name}"] = codes
    return {name: codes for name, codes in found.items() if codes}


def said(text: str, **options: str) -> str:
    with pytest.raises(HypError) as caught:
        hyperdsl.compile(text, **options)
    return str(caught.value)


def test_no_two_diagnostics_share_a_code() -> None:
    owners = defaultdict(list)
    for name, codes in codes_by_function().items():
        for code in codes:
            owners[code].append(name)
    assert {code: names for code, names in owners.items() if len(names) > 1} == {}


def test_each_diagnostic_of_check_has_a_bad_program() -> None:
    shown = set()
    for golden in BAD.glob("*/*.txt"):
        shown |= set(re.findall(r"\[([EWN]\d{4})\]", golden.read_text(encoding="utf-8")))
    codes = {c for name, own in codes_by_function().items() if name.partition(".")[0] in CHECKED for c in own}
    assert codes - shown - set(NOT_BY_CHECK) == set()
    assert set(NOT_BY_CHECK) & shown == set()


def test_every_bad_program_says_what_to_do() -> None:
    silent = [
        path.name
        for path in BAD.glob("*/*.txt")
        if path.parent.name != "syntax"
        and any("= help: " not in part for part in path.read_text(encoding="utf-8").split("\n\n"))
    ]
    assert silent == []


def test_a_file_without_space_is_a_library_and_no_program() -> None:
    message = said("def model() = Ridge()")
    assert "E0210" in message
    assert "space name = ..." in message


def test_a_space_is_named_where_there_are_several() -> None:
    text = "space first = Ridge()\nspace second = Lasso()"
    assert "this file has 2 spaces: first, second" in said(text)
    assert "it has `first` or `second`" in said(text, space="third")


def test_a_text_without_file_imports_nothing() -> None:
    assert "E0208" in said('import "parts.hyp" (scaler)\nspace model = scaler() >> Ridge()')


def test_a_name_of_two_libraries_is_written_in_full() -> None:
    other = Module("Ridge", "other.Ridge", "user", frozenset({"regressor"}), {})
    reporter = Reporter()
    with pytest.raises(HypError, match=r"write the full name, for instance `other\.Ridge`"):
        text_to_typed(Source("<text>", "space model = Ridge()"), load_catalog().with_user([other]), reporter)
    full = Source("<text>", "space model = sklearn.linear_model.Ridge()")
    assert text_to_typed(full, load_catalog().with_user([other]), Reporter()).spaces


def test_a_task_that_a_model_cannot_do_is_said_with_its_place() -> None:
    space = hyperdsl.compile("space model = LogisticRegression() | LinearSVC()")
    with pytest.raises(HypError) as caught:
        space.check_task("regression")
    assert [d.code for d in caught.value.diagnostics] == ["E0406", "E0406"]
    assert "the task is regression" in str(caught.value)
