"""A token that does not fit, as the rules that explain it see it."""

from __future__ import annotations

from collections.abc import Mapping

from hyperdsl.frozen import frozen
from hyperdsl.source import Span
from hyperdsl.syntax.brackets import STATEMENTS
from hyperdsl.syntax.scan import END, Token

WORDS = frozenset({
    *STATEMENTS, "COLUMNS", "RETURN", "AND", "OR", "NOT", "IN", "IS", "IF", "ELSE", "FOR", "LOG", "STEP", "DEFAULT",
    "TRUE", "LOWER_TRUE", "FALSE", "LOWER_FALSE", "NONE", "LOWER_NONE",
})  # fmt: skip
CLOSING = frozenset({"RPAR", "RSQB", "RBRACE"})
VALUES = frozenset({"INT", "FLOAT", "STRING", "NAME", "LPAR", "LSQB", "LBRACE"})


@frozen
class Mistake:
    """The tokens of a statement, the number of the one that does not fit, and the terminals that would.

    ``symbols`` is how terminals without a value of their own are written: ``{"RPAR": ")", ...}``.
    """

    tokens: tuple[Token, ...]
    at: int
    accepted: frozenset[str]
    symbols: Mapping[str, str]

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def before(self) -> Token | None:
        return self.tokens[self.at - 1] if self.at else None

    @property
    def after(self) -> Token | None:
        return self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None

    @property
    def keyword(self) -> str:
        """The terminal that the statement begins with."""
        return self.tokens[0].type

    @property
    def written(self) -> frozenset[str]:
        """The terminals that would fit, as they are written."""
        return frozenset(self.symbols[name] for name in self.accepted if name in self.symbols)

    @property
    def wants_expression(self) -> bool:
        return {"INT", "NAME"} <= self.accepted

    def back(self, *types: str) -> bool:
        """Whether exactly these terminals stand before the token."""
        return self.at >= len(types) and all(
            token.type == wanted
            for token, wanted in zip(self.tokens[self.at - len(types) : self.at], types, strict=True)
        )


def found(token: Token) -> str:
    """The token in words."""
    if token.type == END:
        return f"`{short(token.text)}`" if token.text else "the end of the file"
    if token.type in WORDS:
        return f"the keyword `{token.text}`"
    return f"`{short(token.text)}`"


def short(text: str, limit: int = 24) -> str:
    line = text.partition("\n")[0]
    return text if len(text) <= limit and line == text else line[: limit - 1] + "…"


def touching(mistake: Mistake) -> tuple[str, Span] | None:
    """The token together with the one before it, when nothing stands between them."""
    before, token = mistake.before, mistake.token
    if before is None or before.span.end != token.span.start or token.type == END:
        return None
    return before.text + token.text, before.span.to(token.span)
