from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark

from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.diagnostics.render import render_text, to_json
from hyperdsl.grammar import GRAMMAR_FILE
from hyperdsl.source import Source
from hyperdsl.syntax import tree
from hyperdsl.syntax.language import Language, language, load_tables
from hyperdsl.syntax.parse import parse, parse_expression
from hyperdsl.syntax.read import MAX_BYTES, read_source

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").rglob("*.hyp"))

EVERY_FORM = """\
# Where the columns go.
# In two lines.
def prep(k, deep = 3) = columns {
  numeric => SimpleImputer(strategy = "mean" | 'median') >> scale: StandardScaler()? @ 3
  "age", "income" => KBinsDiscretizer(n_bins = 4..32 log default 8), regex("x_.*") => drop
  rest => pass,
}
let cell(a, b) = { let x = -a ** 2 def y(z) = z + 1 require a not in [1, 2] return loose([x, y(b)]) }
let items = [f(i) for i in 1..5 if i != 3] + xs[1:] + xs[:2] + xs[::2] + xs[0]
let weights = {0: 1, "b": 5, -1: 0.5, None: true}
let pair = ((), (1,), (1, 2), [], {})
space gbm = prep(2) & other.part >> (LGBMClassifier(num_leaves = 15..255, ...) | Ridge(alpha = 1e-3..1e3 log) @ 2)
space small = 1 if a and not b or 1 < c <= 2 and d is not None else 16..512 step 16 default 32
import "encoders.hyp" (numeric_prep, other,)
import std.tabular (scaler)
use my_pkg.let.MyTransformer
require gbm.model is LGBMClassifier
forbid x == 1
experiment adult { space = gbm data = "adult.csv", metric = maximize(roc_auc) }
let f = g(**record, step = 2, default = 3, columns = 1, None = 4)
"""


def module(text: str) -> tree.Module:
    reporter = Reporter()
    found = parse(Source("test.hyp", text), reporter)
    reporter.stop_on_errors()
    return found


def expression(text: str) -> tree.Expr:
    return parse_expression(Source("test", text), Reporter())


def problems(text: str) -> list[str]:
    reporter = Reporter()
    parse(Source("test.hyp", text), reporter)
    return [d.code for d in reporter.diagnostics]


def bare(value: Any) -> Any:
    """The tree without its parentheses."""
    if isinstance(value, tree.Paren):
        return bare(value.value)
    if isinstance(value, tuple):
        return tuple(bare(v) for v in value)
    if isinstance(value, tree.Node):
        return replace(value, **{f.name: bare(getattr(value, f.name)) for f in fields(value) if f.name != "span"})
    return value


def walk(value: Any) -> Iterator[tree.Node]:
    if isinstance(value, tuple):
        for v in value:
            yield from walk(v)
    elif isinstance(value, tree.Node):
        yield value
        for f in fields(value):
            yield from walk(getattr(value, f.name))


# --- the grammar


def test_grammar_is_lalr_without_conflicts_or_colliding_terminals() -> None:
    Lark(GRAMMAR_FILE.read_text("utf-8"), start=["module", "expression"], parser="lalr", lexer="basic", strict=True)


def test_scanner_reads_the_tokens_that_the_grammar_defines() -> None:
    lark = Lark(GRAMMAR_FILE.read_text("utf-8"), start="module", parser="lalr", lexer="basic")
    for text in [EVERY_FORM, *(path.read_text("utf-8") for path in EXAMPLES)]:
        ours = language().scanner.scan(Source("t", text))
        assert [(t.type, t.text) for t in ours.tokens] == [(t.type, str(t)) for t in lark.lex(text)]
        assert not ours.problems


def test_every_form_parses() -> None:
    kinds = {type(node).__name__ for node in walk(module(EVERY_FORM))}
    concrete = {
        name
        for name, kind in vars(tree).items()
        if isinstance(kind, type) and issubclass(kind, tree.Node) and kind not in (tree.Node, tree.Expr, tree.Statement)
    }
    assert kinds == concrete


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a | b & c", "a | (b & c)"),
        ("a & b >> c", "a & (b >> c)"),
        ("a >> b or c", "a >> (b or c)"),
        ("a or b and c", "a or (b and c)"),
        ("a and not b", "a and (not b)"),
        ("not a == b", "not (a == b)"),
        ("not not a", "not (not a)"),
        ("x in 1..5", "x in (1..5)"),
        ("1..n - 1", "1..(n - 1)"),
        ("2..2 ** depth", "2..(2 ** depth)"),
        ("1..9 step -k default 2 ** 3", "1..9 step (-k) default (2 ** 3)"),
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a // b % c", "(a // b) % c"),
        ("-a * b", "(-a) * b"),
        ("-a ** b", "-(a ** b)"),
        ("a ** -b ** c", "a ** (-(b ** c))"),
        ("-a.b(c)[0]?", "-((((a.b)(c))[0])?)"),
        ("a | b if c else d | e", "(a | b) if c else (d | e)"),
        ("a if b else c if d else e", "a if b else (c if d else e)"),
        ("x: a >> y: b?", "(x: a) >> (y: (b?))"),
        ("a? @ 3 | b", "(a? @ 3) | b"),
        ("a >> b @ 3 | c", "(a >> b) @ 3 | c"),
        ("[x for x in xs if x > 1]", "[x for x in (xs) if (x > 1)]"),
    ],
)
def test_operators_bind_as_documented(text: str, same: str) -> None:
    assert bare(expression(text)) == bare(expression(same))


def test_chains_are_one_node_and_parentheses_stay() -> None:
    assert len(expression("a | b | c").alternatives) == 3  # type: ignore[attr-defined]
    grouped = expression("(a | b) | c")
    assert isinstance(grouped, tree.Choice)
    assert isinstance(grouped.alternatives[0].value, tree.Paren)
    chain = expression("1 < a <= b is not c not in d")
    assert isinstance(chain, tree.Compare)
    assert chain.operators == ("<", "<=", "is not", "not in")


def test_modifiers_of_a_range_come_in_any_order() -> None:
    assert expression("1..9 default 3 step 2 log") == expression("1..9 log step 2 default 3")
    assert problems("let x = 1..9 step 2 step 3") == ["E0108"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1_000", 1000),
        ("0", 0),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e-3", 1e-3),
        ("1_0.5E+2", 1050.0),
        ("true", True),
        ("None", None),
        (r"'a\'b'", "a'b"),
        (r'"\x41é\N{DIGIT ONE}\n\\\101"', "Aé1\n\\A"),
        ('"a\\\nb"', "ab"),
        (r'"x_\d"', r"x_\d"),
        ("'#'", "#"),
    ],
)
def test_literals_read_as_in_python(text: str, value: object) -> None:
    literal = expression(text)
    assert isinstance(literal, tree.Literal)
    assert literal.value == value
    assert type(literal.value) is type(value)
    assert literal.text == text


def test_numbers_leave_ranges_alone() -> None:
    for text, ends in (("1..10", ("1", "10")), ("1. .. .5", ("1.", ".5")), ("1e3..1e4", ("1e3", "1e4"))):
        found = expression(text)
        assert isinstance(found, tree.Range)
        assert (found.low.span.text, found.high.span.text) == ends
    assert problems("let x = 1...5") == ["E0115"]


def test_integers_have_a_limit() -> None:
    assert problems(f"let x = {2**4096 - 1}") == []
    assert problems(f"let x = {2**4096}") == ["E0152"]
    assert problems("let x = 1" + "0" * 100_000) == ["E0152"]


def test_statements_need_no_line_breaks() -> None:
    assert (
        len(module(EVERY_FORM.replace("# In two lines.", "").replace("# Where the columns go.", "")).statements) == 14
    )
    one_line = " ".join(line for line in EVERY_FORM.splitlines() if not line.startswith("#"))
    assert bare(module(one_line)).statements == tuple(
        replace(s, doc="") if hasattr(s, "doc") else s for s in bare(module(EVERY_FORM)).statements
    )


def test_comments_right_above_a_definition_are_its_documentation() -> None:
    text = "# far away\n\n# first\n#   second\nspace a = 1 # behind\nlet b = 2\n  # inner\n  let c = 3"
    docs = [statement.doc for statement in module(text).statements]  # type: ignore[attr-defined]
    assert docs == ["first\nsecond", "", "inner"]


def test_names_are_compared_in_their_normal_form() -> None:
    composed, decomposed = "let caf\u00e9 = 1", "let cafe\u0301 = 1"
    assert module(composed) == module(decomposed)
    assert module(decomposed).statements[0].name_span.text == "cafe\u0301"  # type: ignore[attr-defined]


def test_byte_order_mark_tabs_and_windows_lines_are_fine() -> None:
    assert module("\ufeff# doc\r\nlet a = 1\r\n\tlet b = 2\r\n") == module("# doc\nlet a = 1\nlet b = 2\n")


def test_spans_say_what_their_nodes_say() -> None:
    for text in [EVERY_FORM, *(path.read_text("utf-8") for path in EXAMPLES)]:
        for node in walk(module(text)):
            assert node.span.text.strip() == node.span.text or isinstance(node, tree.Module)
            negative_key = isinstance(node, tree.Literal) and node.text.startswith("-")
            if isinstance(node, tree.Expr) and not negative_key:
                assert expression(node.span.text) == node


# --- what is wrong


def test_one_fault_does_not_hide_the_others() -> None:
    text = "let a = = 1\nlet b = 2\nlet c = [1 2]\nspace d = )\nspace e = 5 +\n"
    reporter = Reporter()
    found = parse(Source("t", text), reporter)
    assert [d.span.line for d in reporter.diagnostics if d.span] == [1, 3, 4, 5]
    assert [s.name for s in found.statements] == ["b"]  # type: ignore[attr-defined]


def test_hundreds_of_faults_are_cut() -> None:
    codes = problems("let a = =\n" * 500)
    assert len(codes) == 101
    assert codes[-1] == "E0144"


@pytest.mark.parametrize("operator", [" >> ", " | ", " & ", " or ", " + ", " ** ", " < ", " if c else ", ".", ", "])
def test_long_chains_end_in_a_tree_or_a_diagnostic(operator: str) -> None:
    text = "let x = f(" + operator.join(["a"] * 5_000) + ")"
    assert problems(text) in ([], ["E0107"])


@pytest.mark.parametrize("text", ["-" * 5_000 + "1", "not " * 5_000 + "a", "a" + "?" * 5_000, "a: " * 5_000 + "b"])
def test_long_prefixes_end_in_a_diagnostic(text: str) -> None:
    assert problems("let x = " + text) == ["E0107"]


def test_brackets_nest_two_hundred_deep() -> None:
    assert problems("let x = " + "f([" * 100 + "])" * 100) == []
    assert problems("let x = " + "(" * 201 + "1" + ")" * 201) == ["E0106"]
    assert problems("let x = " + "{" * 100_000) == ["E0106"]


def check_answer(text: str) -> None:
    reporter = Reporter()
    found = parse(Source("t", text), reporter)
    assert found.statements or reporter.errors
    for diagnostic in reporter.diagnostics:
        assert diagnostic.span is not None
        for span in (diagnostic.span, *(label.span for label in diagnostic.labels)):
            assert 0 <= span.start <= span.end <= len(text)
        assert diagnostic.message
        render_text(diagnostic, color=True)
        to_json(diagnostic)


@settings(max_examples=300)
@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    check_answer(text)


PIECES = [*language().symbols.values(), "x", "Ridge", "1", "2.5", '"s"', '"', "\\", "é", "“", "# c\n", "\n", "\n", "\n"]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES)), st.sampled_from([" ", "", "\n"]))
def test_any_tokens_are_answered(pieces: list[str], between: str) -> None:
    check_answer(between.join(pieces))


@settings(max_examples=200)
@given(st.integers(0, len(EVERY_FORM)), st.integers(0, 8), st.sampled_from(["", *PIECES]))
def test_any_slip_of_the_pen_is_answered(place: int, length: int, piece: str) -> None:
    check_answer(EVERY_FORM[:place] + piece + EVERY_FORM[place + length :])


def test_text_without_expression_is_no_expression() -> None:
    for text in ("", "1 2", "let x = 3", "(", "1..", "“"):
        reporter = Reporter()
        with pytest.raises(HypError):
            parse_expression(Source("t", text), reporter)
        assert reporter.errors


# --- files and caches


def test_files_are_read_or_explained(tmp_path: Path) -> None:
    def code(path: Path) -> str:
        with pytest.raises(HypError) as caught:
            read_source(path)
        return caught.value.diagnostics[0].code + " " + caught.value.diagnostics[0].help

    good = tmp_path / "model.hyp"
    good.write_bytes(b"\xef\xbb\xbflet a = 1\n")
    assert read_source(good).text == "let a = 1\n"
    assert read_source(str(good)).path == str(good)
    assert code(tmp_path / "modle.hyp") == "E0170 did you mean `model.hyp`?"
    assert code(tmp_path).startswith("E0171")
    assert code(tmp_path / "nul\0.hyp").startswith("E0172")
    good.write_bytes(b"let a = '\xff'")
    assert code(good).startswith("E0174")
    good.write_bytes(b" " * (MAX_BYTES + 1))
    assert code(good).startswith("E0173")


def test_tables_are_kept_and_made_again_where_they_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cache"

    def works(place: Path | None) -> bool:
        fresh = Language(load_tables(place))
        parser = fresh.begin("module")
        for token in fresh.scanner.scan(Source("t", "let a = [1, 2]")).tokens:
            parser.feed(token)
        return {"LET", "COMMA"} & parser.accepted() == {"LET"}

    assert works(None)
    assert works(folder)
    (kept,) = folder.iterdir()
    assert works(folder)
    kept.write_bytes(b"broken")
    assert works(folder)
    assert works(kept / "below")  # a file where the folder should be


def test_parsing_loads_no_heavy_package(tmp_path: Path) -> None:
    load_tables(tmp_path)
    heavy = "{'numpy', 'networkx', 'sqlalchemy', 'sklearn', 'pandas', 'lark'}"
    code = f"import sys, hyperdsl.syntax.parse as p; p.language(); print(sorted({heavy} & {{*sys.modules}}))"
    environment = {**os.environ, "HYPERDSL_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[]\n"
