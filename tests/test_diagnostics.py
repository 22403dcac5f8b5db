from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import hyperdsl.diagnostics
from hyperdsl.diagnostics import Diagnostic, Label
from hyperdsl.diagnostics.render import cells, render_text, to_json
from hyperdsl.diagnostics.suggest import did_you_mean, distance
from hyperdsl.source import Source, Span

FOLDER = Path(hyperdsl.diagnostics.__file__).parent


def at(text: str, marked: str, name: str = "test.hyp") -> Span:
    start = text.index(marked)
    return Span(Source(name, text), start, start + len(marked))


def test_text_shows_message_place_caret_and_help() -> None:
    span = at("let a = 1\nlet bb = cc\n", "cc")
    assert render_text(Diagnostic("E0999", "no `cc`", span, "not here", "write `a`")) == "\n".join(
        [
            "error[E0999]: no `cc`",
            " --> test.hyp:2:10",
            "  |",
            "2 | let bb = cc",
            "  |          ^^ not here",
            "  |",
            "  = help: write `a`",
        ]
    )


def test_further_places_are_shown_in_order_of_lines() -> None:
    source = Source("test.hyp", "let a = 1\n\nlet b = 2\nlet a = 3\n")
    first, second = Span(source, 4, 5), Span(source, 25, 26)
    shown = render_text(Diagnostic("W0999", "twice", second, "again", labels=(Label(first, "first"),)))
    assert shown.splitlines() == [
        "warning[W0999]: twice",
        " --> test.hyp:4:5",
        "  |",
        "1 | let a = 1",
        "  |     - first",
        "...",
        "4 | let a = 3",
        "  |     ^ again",
    ]


def test_places_in_other_files_name_their_file() -> None:
    here, there = at("use b\n", "b", "a.hyp"), at("let x = 1\n", "x", "b.hyp")
    shown = render_text(Diagnostic("E0999", "clash", here, "here", labels=(Label(there, "there"),))).splitlines()
    assert shown[1] == " --> a.hyp:1:5"
    assert " ::: b.hyp:1:5" in shown


def test_without_a_place_only_message_and_help_are_shown() -> None:
    assert render_text(Diagnostic("E0999", "no file", help="check")) == "error[E0999]: no file\n = help: check"


def test_carets_stand_below_wide_characters_tabs_and_marks() -> None:
    for before in ("日本", "\t\t", "e\u0301", "", "\u200b"):
        text = f"let {before} = 語語 + 1"
        lines = render_text(Diagnostic("E0999", "m", at(text, "語語"))).splitlines()
        shown, carets = lines[3], lines[4]
        assert cells(shown[: shown.index("語")]) == carets.index("^")
        assert carets.count("^") == 4


def test_long_lines_are_cut_around_the_place() -> None:
    text = "let x = [" + "1234, " * 200 + "oops, " + "1234, " * 200 + "]"
    lines = render_text(Diagnostic("E0999", "m", at(text, "oops")), width=80).splitlines()
    assert all(len(line) <= 82 for line in lines)
    assert lines[3][lines[4].index("^") :].startswith("oops")
    assert lines[3].count("…") == 2


def test_a_place_over_several_lines_is_marked_on_its_first() -> None:
    lines = render_text(Diagnostic("E0999", "m", at("let x = [1,\n2]\n", "[1,\n2]"), "here")).splitlines()
    assert lines[3:] == ["1 | let x = [1,", "  |         ^^^ here"]


def test_control_characters_cannot_reach_the_terminal() -> None:
    text = "let x = \x1b[31m\r\x07 y"
    shown = render_text(Diagnostic("E0999", "bad \x1b[0m", at(text, "y"), "\x1b", "\x9b"))
    assert all(c.isprintable() or c == "\n" for c in shown)


def test_color_changes_nothing_but_color() -> None:
    diagnostic = Diagnostic("E0999", "m", at("let a = b", "b"), "here", "do", (Label(at("let a = b", "a"), "x"),))
    plain = re.sub("\x1b\\[[0-9;]*m", "", render_text(diagnostic, color=True))
    assert plain == render_text(diagnostic)
    assert "\x1b" in render_text(diagnostic, color=True)


def test_json_holds_every_fact() -> None:
    span = at("let a = 1\nlet bb = cc\n", "cc")
    data = to_json(Diagnostic("E0999", "m", span, "l", "h", (Label(span, "t"),)))
    place = {
        "file": "test.hyp",
        "start": {"line": 2, "column": 10, "utf16_column": 10, "offset": 19},
        "end": {"line": 2, "column": 12, "utf16_column": 12, "offset": 21},
    }
    assert json.loads(json.dumps(data)) == {
        "code": "E0999",
        "severity": "error",
        "message": "m",
        "label": "l",
        "help": "h",
        "labels": [{**place, "text": "t"}],
        **place,
    }


def test_columns_are_given_in_code_points_and_in_utf16() -> None:
    start = to_json(Diagnostic("E0999", "m", at('let a = "𝟏𝟐é" | bb', "bb")))["start"]
    assert start == {"line": 1, "column": 17, "utf16_column": 19, "offset": 16}


@given(st.text(max_size=60), st.data(), st.integers(1, 200))
def test_any_place_in_any_text_can_be_shown(text: str, data: st.DataObject, width: int) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    diagnostic = Diagnostic("E0999", "m", Span(Source("t", text), start, end), "l", "h")
    assert "^" in render_text(diagnostic, width=width)
    json.dumps(to_json(diagnostic))


def test_near_names_are_suggested() -> None:
    classes = ["LGBMClassifier", "LGBMRegressor", "Ridge", "RidgeCV", "RidgeClassifier", "StandardScaler"]
    assert did_you_mean("standardscaler", classes) == ["StandardScaler"]
    assert did_you_mean("Rigde", classes) == ["Ridge"]
    assert did_you_mean("LGBM", classes) == ["LGBMRegressor", "LGBMClassifier"]
    assert did_you_mean("LGBMClasifier", classes) == ["LGBMClassifier", "LGBMRegressor"][:1]
    assert did_you_mean("nothing", classes) == []
    assert did_you_mean("x", ["xs", "y", "z"]) == ["xs"]
    assert did_you_mean("num_leafs", ["num_leaves", "num_class", "max_bin"])[0] == "num_leaves"


@given(st.lists(st.text("abAB", max_size=5)), st.text("abAB", max_size=5), st.randoms())
def test_suggestions_do_not_depend_on_the_order(names: list[str], name: str, random: object) -> None:
    shuffled = list(names)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    found = did_you_mean(name, names)
    assert found == did_you_mean(name, shuffled)
    assert len(found) <= 3
    assert name not in found


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_distance_is_one_for_each_edit(a: str, b: str) -> None:
    far = max(len(a), len(b))
    assert distance(a, b, far) == distance(b, a, far)
    assert (distance(a, b, far) == 0) == (a == b)
    assert distance(a, a[:2] + "x" + a[2:], 6) == 1
    assert distance("abcd", "abdc", 6) == 1
    assert distance(a, b, 0) == min(1, distance(a, b, far))


def test_every_code_belongs_to_one_diagnostic() -> None:
    codes: list[str] = []
    for file in sorted(FOLDER.glob("*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                codes += sorted(set(re.findall(r"'([EW]\d{4})'", ast.unparse(node))))
    assert codes
    assert sorted(codes) == sorted(set(codes))
