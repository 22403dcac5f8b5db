"""Colours of code, made here so that the page needs no script for them."""

from __future__ import annotations

from hyperdsl.markup import Html, clean, text

# Classes of Pygments, by what they mean; the style sheet has a light and a dark color for each.
_COLORS = {
    "comment": (".c", ".c1", ".cm", ".ch", ".sd"),
    "keyword": (".k", ".kc", ".kd", ".kn", ".kr", ".kt", ".ow"),
    "string": (".s", ".s1", ".s2", ".sa", ".se", ".sb"),
    "number": (".m", ".mi", ".mf", ".il"),
    "named": (".nf", ".nc", ".nn", ".nb", ".fm", ".n-Class"),
    "operator": (".o",),
}


def highlighted(code: str, language: str) -> Html:
    """Python, the language of spaces, or plain text."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers.python import PythonLexer

    from hyperdsl.syntax.pygments_lexer import HypLexer

    lexer = {"python": PythonLexer, "hyp": HypLexer}.get(language)
    if lexer is None:
        return text(code)
    return Html(highlight(clean(code), lexer(stripnl=False), HtmlFormatter(nowrap=True)))


def styles() -> str:
    """The rules for the classes of tokens."""
    return "".join(
        f"{','.join('pre ' + c for c in classes)}{{color:var(--{name})}}" for name, classes in _COLORS.items()
    )
