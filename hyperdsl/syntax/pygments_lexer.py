"""Colours for Pygments, and with it Sphinx, MkDocs and ``pygmentize``; installed as the lexer ``hyp``.

Nothing else imports this file, so Pygments need not be there. Words are told apart as ``grammar/hyp.tmLanguage.json``
does it; a test compares the two.
"""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Whitespace,
)

NAME = r"[^\W\d]\w*"
DIGITS = r"\d+(?:_\d+)*"
EXPONENT = r"[eE][+-]?\d+"
ESCAPE = r"\\(?:[0-7]{1,3}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|N\{[^}\r\n]*\}|\r?\n|.)"

STATEMENTS = ("columns", "def", "else", "experiment", "for", "forbid", "if", "let", "require", "return", "space")
IMPORTS = ("import", "use")
MODIFIERS = ("default", "log", "step")
OPERATORS = ("and", "in", "is", "not", "or")
CONSTANTS = ("False", "None", "True", "false", "none", "true")
BUILTINS = (
    *("all", "any", "dtype", "len", "lognormal", "max", "min", "normal", "permute", "pick", "record", "regex"),
    *("repeat", "subset", "sum"),
)


class HypLexer(RegexLexer):  # type: ignore[misc]
    """Splits ``.hyp`` programs into the token types of Pygments."""

    name = "Hyp"
    aliases: ClassVar = ["hyp"]
    filenames: ClassVar = ["*.hyp"]
    mimetypes: ClassVar = ["text/x-hyp"]

    tokens: ClassVar = {
        "root": [
            (r"\s+", Whitespace),
            (r"#[^\n]*", Comment.Single),
            ('"', String.Double, "double"),
            ("'", String.Single, "single"),
            (rf"{DIGITS}(?:\.(?!\.)(?:{DIGITS})?(?:{EXPONENT})?|{EXPONENT})", Number.Float),
            (rf"(?<![\w.])\.{DIGITS}(?:{EXPONENT})?", Number.Float),
            (DIGITS, Number.Integer),
            (rf"(space|let|def|experiment)(\s+)({NAME})", bygroups(Keyword.Declaration, Whitespace, Name.Function)),
            (rf"(use|import)(\s+)({NAME})", bygroups(Keyword.Namespace, Whitespace, Name.Namespace)),
            (rf"(?<!\.)(\.)(?!\.)(\s*)({NAME})", bygroups(Punctuation, Whitespace, Name.Attribute)),
            (rf"{NAME}(?=\s*=(?![=>]))", Name.Variable),
            (words(STATEMENTS, suffix=r"\b"), Keyword),
            (words(IMPORTS, suffix=r"\b"), Keyword.Namespace),
            (words(MODIFIERS, suffix=r"\b"), Keyword.Pseudo),
            (words(OPERATORS, suffix=r"\b"), Operator.Word),
            (words(CONSTANTS, suffix=r"\b"), Keyword.Constant),
            (rf"{NAME}(?=\s*:)", Name.Label),
            (words(BUILTINS, suffix=r"(?=\s*\()"), Name.Builtin),
            (rf"{NAME}(?=\s*\()", Name.Class),
            (words(("pass", "drop"), suffix=r"\b"), Name.Builtin.Pseudo),
            (NAME, Name),
            (r"\.\.\.?|>>|=>|==|!=|<=|>=|\*\*|//|[|&?@+\-*/%<>=]", Operator),
            (r"[()\[\]{},:.]", Punctuation),
        ],
        "double": [
            (r'[^"\\\r\n]+', String.Double),
            (ESCAPE, String.Escape),
            ('"', String.Double, "#pop"),
        ],
        "single": [
            (r"[^'\\\r\n]+", String.Single),
            (ESCAPE, String.Escape),
            ("'", String.Single, "#pop"),
        ],
    }
