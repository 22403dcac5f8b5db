"""Colours: the TextMate grammar and the Pygments lexer see what the scanner sees."""

import json
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from programs import make
from pygments import token as kinds
from test_format import EXAMPLES, FORMS, SNIPPETS

from hyperdsl.source import Source
from hyperdsl.syntax.format.stream import all_comments
from hyperdsl.syntax.language import language
from hyperdsl.syntax.pygments_lexer import HypLexer

ROOT = Path(__file__).resolve().parent.parent
GRAMMAR = json.loads((ROOT / "grammar" / "hyp.tmLanguage.json").read_text(encoding="utf-8"))
TEXTS = [FORMS, *SNIPPETS, *(f.read_text(encoding="utf-8") for f in EXAMPLES), *map(make, range(40))]
WORDS = "f(step = 1, log=2, columns = 3, default == 4, a.step.log, 1 ..m.p) | numbers | logs | x1 | ünï | in_ | letter"
TEXTS += [
    f"space letters = {WORDS}",
    'use default.step.Log\nspace s = "\\"\\\\\\x41\\\nnext" | \'"\' | .5e-3..1. log | 1_0',
]


class TextMate:
    """Runs a TextMate grammar as an editor does: line by line, the leftmost match of the innermost rules."""

    def __init__(self, grammar: dict) -> None:
        self.repository = grammar["repository"]
        self.root = list(self.flat(grammar["patterns"]))

    def flat(self, patterns: list[dict]) -> Iterator[dict]:
        for pattern in patterns:
            if "include" in pattern:
                yield from self.flat(self.repository[pattern["include"].removeprefix("#")]["patterns"])
            else:
                yield pattern

    def scopes(self, text: str) -> list[str]:
        """The innermost scope of each character, empty where no rule matches."""
        scopes: list[str] = []
        open_rule: dict | None = None
        for line in text.splitlines(keepends=True):
            found = [open_rule["name"] if open_rule else ""] * len(line)
            at = 0
            while at < len(line):
                rules = list(self.flat(open_rule["patterns"])) if open_rule else self.root
                options = [(m.start(), n, r, m) for n, r in enumerate(rules, 1) if (m := self.search(r, line, at))]
                if open_rule and (end := re.compile(open_rule["end"]).search(line, at)):
                    options.append((end.start(), 0, {"captures": open_rule["endCaptures"]}, end))
                if not options:
                    break
                _, number, rule, match = min(options, key=lambda option: option[:2])
                self.paint(found, rule, match, open_rule)
                if open_rule and number == 0:
                    open_rule = None
                elif "begin" in rule:
                    open_rule = rule
                    found[match.end() :] = [rule["name"]] * (len(line) - match.end())
                if open_rule is None:
                    found[match.end() :] = [""] * (len(line) - match.end())
                assert match.end() > at
                at = match.end()
            scopes += found
        return scopes

    @staticmethod
    def search(rule: dict, line: str, at: int) -> re.Match[str] | None:
        return re.compile(rule.get("match") or rule["begin"]).search(line, at)

    @staticmethod
    def paint(found: list[str], rule: dict, match: re.Match[str], around: dict | None) -> None:
        name = rule.get("name", around["name"] if around else "")
        found[match.start() : match.end()] = [name] * len(match.group())
        for number, capture in (rule.get("captures") or rule.get("beginCaptures") or {}).items():
            start, end = match.span(int(number))
            if start < end and "string" not in name and "comment" not in name and "string" not in capture["name"]:
                found[start:end] = [capture["name"]] * (end - start)


def by_textmate(text: str) -> list[str]:
    """Of each character: comment, string, number, keyword, constant, name, sign or a space."""
    groups = {
        "comment": "comment",
        "string": "string",
        "constant.character": "string",
        "punctuation.definition.string": "string",
        "constant.numeric": "number",
        "keyword.operator.hyp": "sign",
        "keyword": "keyword",
        "constant.language.hyp": "constant",
        "punctuation": "sign",
        "invalid": "error",
        "": "error",
    }
    found = TextMate(GRAMMAR).scopes(text)
    return [
        next((g for prefix, g in groups.items() if prefix and s.startswith(prefix)), "name" if s else "error")
        for s in found
    ]


def by_pygments(text: str) -> list[str]:
    groups = [
        (kinds.Comment, "comment"),
        (kinds.String, "string"),
        (kinds.Number, "number"),
        (kinds.Keyword.Constant, "constant"),
        (kinds.Keyword, "keyword"),
        (kinds.Operator.Word, "keyword"),
        (kinds.Operator, "sign"),
        (kinds.Punctuation, "sign"),
        (kinds.Name, "name"),
    ]
    found: list[str] = []
    for _, kind, part in HypLexer().get_tokens_unprocessed(text):
        found += [next((g for base, g in groups if kind in base), "error")] * len(part)
    return found


def by_scanner(text: str) -> list[str]:
    scanned = language().scanner.scan(Source("<text>", text))
    found = ["error"] * len(text)
    tokens = scanned.tokens
    for number, token in enumerate(tokens):
        before = tokens[number - 1].type if number else ""
        behind = tokens[number + 1].type if number + 1 < len(tokens) else ""
        kind = "sign"
        if token.type == "STRING":
            kind = "string"
        elif token.type in ("INT", "FLOAT"):
            kind = "number"
        elif token.type == "NAME" or (token.text.isidentifier() and ("DOT" in before or behind == "EQUAL")):
            kind = "name"
        elif token.text.isidentifier():
            constant = token.text.lower() in ("true", "false", "none")
            kind = "name" if before == "USE" else "constant" if constant else "keyword"
        found[token.span.start : token.span.end] = [kind] * (token.span.end - token.span.start)
    for comment in all_comments(scanned):
        found[comment.span.start : comment.span.end] = ["comment"] * (comment.span.end - comment.span.start)
    return found


def show(text: str, kinds: list[str]) -> list[tuple[str, str]]:
    """The runs of visible characters of one kind."""
    runs: list[tuple[str, str]] = []
    for letter, kind in zip(text, kinds, strict=True):
        if letter.isspace() and kind not in ("string", "comment"):
            continue
        if runs and runs[-1][1] == kind:
            runs[-1] = (runs[-1][0] + letter, kind)
        else:
            runs.append((letter, kind))
    return runs


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_both_colour_as_the_scanner_reads(text):
    expected = show(text, by_scanner(text))
    assert "error" not in {kind for _, kind in expected}
    assert show(text, by_textmate(text)) == expected
    assert show(text, by_pygments(text)) == expected


def test_the_lists_of_words_are_those_of_the_language():
    keywords = {word for word in language().scanner.keywords}
    for word in keywords:
        text = f"a {word} b"
        assert by_textmate(text)[2] in ("keyword", "constant"), word
        assert by_pygments(text)[2] in ("keyword", "constant"), word


def test_an_unclosed_string_ends_with_its_line():
    assert by_textmate('let a = "x\nlet b = 1')[11:14] == ["keyword"] * 3


def test_editors_find_the_grammar_by_the_file_name():
    assert GRAMMAR["scopeName"] == "source.hyp" and GRAMMAR["fileTypes"] == ["hyp"]
    assert [name for name in GRAMMAR["repository"] if f'"#{name}"' not in json.dumps(GRAMMAR)] == []


def test_pygments_finds_the_lexer():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["entry-points"]["pygments.lexers"]["hyp"].partition(":")
    assert getattr(import_module(module), name) is HypLexer
    assert HypLexer.aliases == ["hyp"] and HypLexer.filenames == ["*.hyp"]
