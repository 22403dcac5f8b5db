"""A program from an untrusted source runs no code, reads no other files, and puts nothing but literals into scripts."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest

import hyperdsl
from hyperdsl.backends.exchange import export
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.driver import check_file

EVIL = "from pathlib import Path\nPath('ran').write_text('')\nclass Step:\n    def fit(self, X, y=None): return self\n"
# What breaks out of strings, comments, docstrings, f-strings, XML and the notations of diagrams.
HOSTILE = [
    "'''\n__import__('os').system('touch ran')\n'''",
    '"""\n__import__("os").system("touch ran")\n"""',
    "'; import os; '",
    "{__import__('os')}",
    "\\\n\r\x0b\x0c\x1c\u2028\u2029\x85import os",
    "#\rimport os",
    "\\'\\\"\\N{DIGIT ONE}",
    "</text><script>alert(1)</script><!--",
    ']"; import os; a[label="',
    "😀\u202e\u0000",
    "class",
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a program, with a secret outside of it; the working folder as well."""
    (tmp_path / "secret.hyp").write_text('let secret = "s3cr3t"\n', encoding="utf-8")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "more.hyp").write_text('let secret = "s3cr3t"\n', encoding="utf-8")
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def refused(folder: Path, text: str) -> list[str]:
    path = folder / "program.hyp"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(HypError) as caught:
        check_file(path, Reporter())
    assert "s3cr3t" not in str(caught.value)
    return [d.code for d in caught.value.diagnostics if d.severity == "error"]


# --- code


def test_nothing_that_compiling_does_runs_the_code_of_a_user_s_class(project: Path) -> None:
    (project / "evil_step.py").write_text(EVIL, encoding="utf-8")
    program = project / "program.hyp"
    program.write_text("use evil_step.Step\nspace s = Step() >> Ridge(alpha = 0.1..1.0)\n", encoding="utf-8")
    check_file(program, Reporter())
    space = hyperdsl.load(program)
    space.count()
    space.source(space.sample(1)[0])
    space.module()
    with pytest.raises(HypError) as caught:
        space.build(space.default())
    assert [d.code for d in caught.value.diagnostics] == ["E0809"]
    assert not (project / "ran").exists()


def test_leave_is_given_by_the_caller_only(project: Path) -> None:
    (project / "evil_step.py").write_text(EVIL, encoding="utf-8")
    program = project / "program.hyp"
    program.write_text("use evil_step.Step\nspace s = Step() >> Ridge()\n", encoding="utf-8")
    space = hyperdsl.load(program, allow=["another"])
    with pytest.raises(HypError):
        space.build(space.default())
    assert not (project / "ran").exists()


@pytest.mark.parametrize(
    "name", ["os.system", "builtins.eval", "subprocess.Popen", "importlib.import_module", "pickle.loads"]
)
def test_only_classes_of_the_libraries_can_be_named(name: str) -> None:
    with pytest.raises(HypError, match=r"E0201|E0220"):
        hyperdsl.compile(f'space s = {name}("touch ran") >> Ridge()')
    with pytest.raises(HypError, match=r"E0201|E0220"):
        hyperdsl.compile(f"space s = FunctionTransformer(func = {name}) >> Ridge()")


# --- files


def test_imports_stay_below_the_folder_of_the_program(project: Path) -> None:
    outside = project.parent / "secret.hyp"
    for target in ("../secret.hyp", str(outside), "parts/../../secret.hyp", "./../secret.hyp", f"//{outside}"):
        assert refused(project, f'import "{target}" (secret)\nspace s = record(x = secret)') == ["E0207"]


def test_links_do_not_lead_out(project: Path) -> None:
    (project / "link.hyp").symlink_to(project.parent / "secret.hyp")
    (project / "folder").symlink_to(project.parent / "outside")
    for target in ("link.hyp", "folder/more.hyp"):
        assert refused(project, f'import "{target}" (secret)\nspace s = record(x = secret)') == ["E0207"]


def test_files_that_are_none_are_not_read(project: Path) -> None:
    os.mkfifo(project / "pipe.hyp")
    (project / "odd.hyp").mkdir()
    for target in ("pipe.hyp", "odd.hyp", "/dev/zero", "a\\x00b.hyp"):
        assert refused(project, f'import "{target}" (secret)\nspace s = record(x = secret)') in (["E0206"], ["E0207"])


def test_use_reads_no_file_outside(project: Path) -> None:
    (project.parent / "secret_steps.py").write_text("class Secret: pass\n", encoding="utf-8")
    (project / "linked.py").symlink_to(project.parent / "secret_steps.py")
    assert refused(project, "use linked.Secret\nspace s = Secret() >> Ridge()") == ["E0804"]
    assert refused(project, "use secret_steps.Secret\nspace s = Secret() >> Ridge()") == ["E0804"]


# --- scripts


def quoted(text: str) -> str:
    """The text as a string of the language."""
    return '"' + "".join(c if c.isalnum() or c in " ./" else f"\\U{ord(c):08x}" for c in text) + '"'


def program(text: str) -> str:
    string = quoted(text)
    comment = re.sub(r"\n|[\x00-\x08\x0b\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", " ", text)
    return f"""
# {comment}
let letters = {string} | "plain" | None

# {comment}
def class_(import_, lambda_ = {string}) = (
    SelectKBest(k = import_)
  | FunctionTransformer(kw_args = {{{string}: lambda_}})
)

# {comment}
space yield_ =
  columns {{
    {string}, "b"       => SimpleImputer(fill_value = letters, strategy = "constant")
    regex("x.*")        => SimpleImputer()
    rest                => drop
  }}
  >> class_(1..3)
  >> def_: LogisticRegression(class_weight = {{{string}: 0.5..1.0, 1: 2}}, random_state = 1..3)
"""


@cache
def compiled(text: str) -> hyperdsl.HyperSpace:
    return hyperdsl.compile(program(text))


def shape(code: str) -> str:
    """The syntax tree of a script without its strings."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = "text"
    return ast.dump(tree)


def translate(space: hyperdsl.HyperSpace, target: str) -> str:
    return export(target, space.space, Reporter(), module=space.module)


SCRIPTS: dict[str, Callable[[hyperdsl.HyperSpace], str]] = {
    "configuration": lambda space: space.source(space.default()),
    "space": lambda space: space.module(),
    "optuna": lambda space: translate(space, "optuna"),
    "ray": lambda space: translate(space, "ray"),
}


@pytest.mark.parametrize("kind", SCRIPTS)
@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text_in_scripts(kind: str, text: str) -> None:
    write = SCRIPTS[kind]
    harmless = write(compiled("harmless"))
    assert shape(write(compiled(text))) == shape(harmless)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_stays_text_in_pictures(text: str) -> None:
    tags = [e.tag for e in ElementTree.fromstring(translate(compiled(text), "svg")).iter()]
    assert not any("script" in tag for tag in tags)
    for notation in ("dot", "mermaid"):
        lines = translate(compiled(text), notation).splitlines()
        assert len(lines) == len(translate(compiled("harmless"), notation).splitlines())


def test_names_of_python_are_names_in_scripts() -> None:
    words = ("class", "print", "lambda_", "self", "d", "np", "Ridge_", "ünïcode", "名前", "__import__", "random")
    for word in words:
        space = hyperdsl.compile(f"let {word} = 0.1..1.0\nspace s = {word}: Ridge(alpha = {word})")
        ast.parse(space.source(space.default()))
        ast.parse(space.module())
        ast.parse(hyperdsl.compile(f"let a = 1..3\nspace {word} = record(x = a)").module())
