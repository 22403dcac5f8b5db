"""``hyperdsl fmt``: one layout, the same program, every comment."""

import io
import random
import re
import stat
import sys
from pathlib import Path

import pytest
from programs import make

from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.source import Source
from hyperdsl.syntax import tree
from hyperdsl.syntax.format import format_source
from hyperdsl.syntax.format.documents import Documents
from hyperdsl.syntax.format.stream import Stream
from hyperdsl.syntax.language import language
from hyperdsl.syntax.parse import parse
from hyperdsl.syntax.scan import Token

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = [*sorted((ROOT / "examples").glob("*.hyp")), *sorted((ROOT / "hyperdsl" / "std").glob("*.hyp"))]
SNIPPETS = [
    snippet
    for page in ("README.md", "grammar/README.md")
    for snippet in re.findall(r"^```hyp ?\w*\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.M | re.S)
]
# One of each form, in no good layout.
FORMS = r"""
import  'a.hyp' ( x,y, )   import std.tabular(z)
use my_pkg.log.MyThing


let shared(p , q=3)={0:1,"b":5,-1:none,true:'it\'s','q"':'plain'}
let numbers = [1 .. 5, 1. .. 5 log step 2 default 3, .5 .. .75, -1..-(n-1)*2**3, 2 .real, 1_000]
def lists(xs) = xs[0]+xs[1:3]+xs[:]+xs[::2]+xs[n - 1:]+xs[-1]
  + [x for x in 1..5 if x!=3 and not x in [1,2] or x is not None]
def tuples() = ((1,),(),(1,2),)   def calls() = f(**r,...,log=3)(1)[2].p(...)
def weights() = a? @ 3 | b? @ 2.5 @ 4 | (c|d)? | e ? # why
  # so much
  @ 3
def parts() = { let x=1 def y(p)=p require x<2 return (x&y()&z) >> label:(w) }
def text() = "a\
b" | 'x'
def tests() = 1 if a<b<=c else 2 if not c else 3
require a<3 and b in 1..3    forbid a not in (1,2)
experiment adult { space=gbm, data="adult.csv"   metric=maximize(roc_auc) }
let routes = columns { numeric , regex('x_.*')=>a|b, "b"=>c   rest=>drop, }  # end of line

# the last words
"""


def text_of(source: str) -> str:
    return format_source(Source("<text>", source))


def tokens(source: str) -> list[Token]:
    return language().scanner.scan(Source("<text>", source)).tokens


def comments(source: str) -> list[str]:
    return re.findall(r"# note \d+", source)


def parses(source: str) -> bool:
    reporter = Reporter()
    parse(Source("<text>", source), reporter)
    return not reporter.errors


def with_comments(source: str, rng: random.Random, count: int) -> str:
    """The text with comments and empty lines before or behind random tokens."""
    places = sorted(rng.choice([t.span.start, t.span.end]) for t in rng.choices(tokens(source), k=count))
    for number, at in reversed(list(enumerate(places))):
        before, behind = rng.choice([" ", "\n", "\n\n \n"]), rng.choice(["\n", "\n\n", "\n\t\n\n  "])
        source = f"{source[:at]}{before}# note {number}{behind}{source[at:]}"
    return source


def stays(source: str) -> None:
    """Format; ``format_source`` itself compares the trees and raises RuntimeError where they differ."""
    once = text_of(source)
    assert text_of(once) == once
    assert comments(once) == comments(source)
    assert not re.search(r"[ \t]+$|\n\n\n|\A\n|\n\n\Z", once, re.M) or '"a\\\n' in once
    assert once.endswith("\n")


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda f: f.stem)
def test_the_examples_and_the_standard_library_have_the_layout(file):
    text = file.read_text(encoding="utf-8")
    assert text_of(text) == text


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda s: s.strip().splitlines()[0])
def test_the_snippets_of_the_pages_have_the_layout(snippet):
    assert text_of(snippet) == snippet


def test_generated_programs_keep_their_meaning():
    for seed in range(200):
        stays(make(seed))


def test_every_form_keeps_its_meaning():
    stays(FORMS)


def test_every_node_has_a_layout():
    nodes = {n for n in vars(tree).values() if isinstance(n, type) and issubclass(n, tree.Expr | tree.Statement)}
    source = Source("<text>", FORMS)
    forms = Documents(Stream(source, language().scanner.scan(source))).forms
    assert nodes - set(forms) == {tree.Expr, tree.Statement}


def test_white_space_does_not_matter():
    for text in [*SNIPPETS, *(f.read_text(encoding="utf-8") for f in EXAMPLES), *map(make, range(60))]:
        words = [token.text for token in tokens(text)]
        assert text_of(" ".join(words)) == text_of("\n".join(words))


def test_bad_programs_that_parse_keep_their_mistakes():
    texts = [p.read_text(encoding="utf-8") for p in sorted((ROOT / "tests/bad").rglob("*.hyp"))]
    whole = [text for text in texts if parses(text)]
    assert len(whole) > 50
    for text in whole:
        stays(text)


def test_comments_anywhere_are_kept():
    rng = random.Random(7)
    texts = [FORMS, *SNIPPETS, *(f.read_text(encoding="utf-8") for f in EXAMPLES), *map(make, range(60))]
    for text in texts:
        for count in (1, 3, 20):
            stays(with_comments(text, rng, count))


def test_a_comment_between_any_two_tokens_is_kept():
    module = parse(Source("<text>", FORMS), Reporter())
    places = [(s.span.text, t.span.start) for s in module.statements for t in tokens(s.span.text)]
    for statement, at in places:
        for comment in (" # note 1\n", "\n\n# note 1\n\n"):
            stays(f"{statement[:at]}{comment}{statement[at:]}")


LAYOUTS = {
    "let a=1|2": "let a = 1 | 2\n",
    "let a = true\n\n\n\nlet b = none": "let a = True\n\nlet b = None\n",
    "def f(a,b=1,)=[a,b,]": "def f(a, b = 1) = [a, b]\n",
    """let a = ['x', 'say "x"', 'it\\'s']""": """let a = ["x", 'say "x"', 'it\\'s']\n""",
    "let a = 1 .. n - 1": "let a = 1..n-1\n",
    "let a = 1. .. .5": "let a = 1. .. .5\n",
    "let a = (1 + 2) * 3 ** 2": "let a = (1 + 2) * 3 ** 2\n",
    "let a = [1, # one\n2]": "let a = [\n  1,  # one\n  2,\n]\n",
    "let a = A | # first\n B # second": "let a =\n    A  # first\n  | B  # second\n",
    "let a = f(# nothing\n)": "let a = f(  # nothing\n)\n",
    "# what it is\n\n\n# doc\nlet a = 1 # why": "# what it is\n\n# doc\nlet a = 1  # why\n",
    "let a = { let b = 1 return b }": "let a = {\n  let b = 1\n  return b\n}\n",
    "let a = columns { numeric => b, rest => drop }": "let a = columns {\n  numeric => b\n  rest    => drop\n}\n",
    "\ufefflet a = 1\r\n\r\n# b\r\nlet c = 2": "let a = 1\n\n# b\nlet c = 2\n",
}


@pytest.mark.parametrize("written", LAYOUTS, ids=lambda text: text.splitlines()[0])
def test_a_layout(written):
    assert text_of(written) == LAYOUTS[written]


def test_what_is_long_breaks_where_a_person_would():
    written = (
        "def scaler() = StandardScaler() | (RobustScaler() >> PCA(n_components = 2..20)) @ 2 | "
        'QuantileTransformer(n_quantiles = 200, subsample = 10_000, output_distribution = "normal" | "uniform", '
        "copy = False)\nspace s = scaler() >> (LogisticRegression(C = 1e-3..1e3 log, max_iter = 1000, tol = 1e-3) "
        "| RidgeClassifier(alpha = 0.1..10.0))\n"
    )
    assert (
        text_of(written)
        == """\
def scaler() =
    StandardScaler()
  | (RobustScaler() >> PCA(n_components = 2..20)) @ 2
  | QuantileTransformer(
      n_quantiles = 200,
      subsample = 10_000,
      output_distribution = "normal" | "uniform",
      copy = False,
    )
space s =
  scaler()
  >> ( LogisticRegression(C = 1e-3..1e3 log, max_iter = 1000, tol = 1e-3)
     | RidgeClassifier(alpha = 0.1..10.0)
     )
"""
    )


def test_a_syntax_error_is_shown_and_nothing_is_made():
    with pytest.raises(HypError) as caught:
        text_of("space s = ")
    assert caught.value.diagnostics[0].code == "E0145"


def test_deep_nesting_is_formatted():
    text = "let a = " + "[(1 | " * 90 + "2" + ")]" * 90
    stays(text)
    stays("let a = " + " + ".join(["x"] * 900))
    stays("let a = " + " if c else ".join(["x"] * 300))


# --- the command


@pytest.fixture
def messy(tmp_path):
    path = tmp_path / "messy.hyp"
    path.write_text("space s=record(x=1..3)  # why\n", encoding="utf-8")
    return path


GOOD = "space s = record(x = 1..3)  # why\n"


def test_fmt_writes_the_file_and_keeps_its_permissions(messy, capsys):
    messy.chmod(0o640)
    link = messy.with_name("link.hyp")
    link.symlink_to(messy)
    assert main(["fmt", str(link)]) == 0
    assert messy.read_text(encoding="utf-8") == GOOD
    assert link.is_symlink() and stat.S_IMODE(messy.stat().st_mode) == 0o640
    out, err = capsys.readouterr()
    assert out == f"{link}\n" and err == "1 file reformatted\n"
    assert main(["fmt", str(messy)]) == 0
    assert capsys.readouterr() == ("", "1 file unchanged\n")
    assert sorted(p.name for p in messy.parent.iterdir()) == ["link.hyp", "messy.hyp"]


def test_check_lists_and_writes_nothing(messy, capsys):
    before = messy.read_text(encoding="utf-8")
    assert main(["fmt", "--check", str(messy)]) == 1
    assert capsys.readouterr() == (f"{messy}\n", "1 file would change\n")
    assert messy.read_text(encoding="utf-8") == before
    messy.write_text(GOOD, encoding="utf-8")
    assert main(["fmt", "--check", str(messy)]) == 0


def test_diff_shows_and_writes_nothing(messy, capsys):
    before = messy.read_text(encoding="utf-8")
    assert main(["fmt", "--diff", str(messy)]) == 0
    out = capsys.readouterr().out
    assert "-space s=record(x=1..3)  # why\n" in out and f"+{GOOD}" in out
    assert main(["fmt", "--diff", "--check", str(messy)]) == 1
    assert messy.read_text(encoding="utf-8") == before


def test_a_file_with_a_mistake_is_left_alone_and_the_others_are_formatted(messy, tmp_path, capsys):
    bad = tmp_path / "bad.hyp"
    bad.write_text("space s = (\n", encoding="utf-8")
    assert main(["fmt", str(bad), str(tmp_path / "none.hyp"), str(messy)]) == 1
    assert bad.read_text(encoding="utf-8") == "space s = (\n"
    assert messy.read_text(encoding="utf-8") == GOOD
    err = capsys.readouterr().err
    assert "bad.hyp:1:" in err and "none.hyp" in err and "1 file reformatted, 2 files with mistakes" in err


def test_standard_input_is_written_to_standard_output(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"let a=1")))
    assert main(["fmt", "-"]) == 0
    assert capsys.readouterr() == ("let a = 1\n", "")


def test_a_write_that_fails_is_said(messy, capsys, monkeypatch):
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    assert main(["fmt", str(messy)]) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert sorted(p.name for p in messy.parent.iterdir()) == ["messy.hyp"]
