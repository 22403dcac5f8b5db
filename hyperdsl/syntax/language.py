"""The parser that the grammar makes, built once and kept in the cache directory."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from lark import Lark, __version__

from hyperdsl.cachedir import cache_dir
from hyperdsl.grammar import GRAMMAR_FILE
from hyperdsl.syntax.build import Builder
from hyperdsl.syntax.scan import Scanner

if TYPE_CHECKING:
    from lark.parsers.lalr_interactive_parser import InteractiveParser


class Language:
    """The scanner and the LALR(1) parser of the grammar."""

    def __init__(self, cache_file: Path | None) -> None:
        self.lark = Lark(
            GRAMMAR_FILE.read_text(encoding="utf-8"),
            start=["module", "expression"],
            parser="lalr",
            lexer="basic",
            keep_all_tokens=True,
            transformer=Builder(),
            cache=str(cache_file) if cache_file else False,
        )
        self.scanner = Scanner(self.lark.terminals)
        self.symbols = {t.name: t.pattern.value for t in self.lark.terminals if t.pattern.type == "str"}

    def begin(self, start: str) -> InteractiveParser:
        """A parser that waits for the first token of ``start``: ``module`` or ``expression``."""
        return self.lark.parse_interactive("", start=start)


@cache
def language() -> Language:
    """The one language of this process, thread-safe after the first call."""
    return Language(_cache_file())


def _cache_file() -> Path | None:
    """Where the parser is kept: a name per grammar and Lark version; None where nothing can be written."""
    folder = cache_dir()
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        digest = sha256(GRAMMAR_FILE.read_bytes() + __version__.encode()).hexdigest()
    except OSError:
        return None
    return folder / f"parser-{digest[:16]}.pickle"
