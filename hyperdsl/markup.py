"""HTML that cannot be injected into: every text is escaped, unless it was made here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from html import escape

_VOID = frozenset({"br", "circle", "img", "line", "meta", "path", "rect"})
_NOT_SHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """An element; children that are no :class:`Html` are texts.

    Attributes end in ``_`` where Python has the word, have ``-`` for ``_``, and are left out where they are None.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID and not children:
        return Html(f"<{name}{given}/>")
    return Html(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: object) -> Html:
    """Elements and texts one after the other; None is nothing."""
    return Html("".join(c if isinstance(c, Html) else text(c) for c in children if c is not None))


def text(value: object) -> Html:
    """A text as markup; characters that no page can hold are shown as missing ones."""
    return Html(escape(clean(value)))


def clean(value: object) -> str:
    """A text without the characters that no page can hold."""
    return _NOT_SHOWN.sub("\ufffd", str(value))


def table(rows: Iterable[tuple[str, str]]) -> Html:
    """Names and what they are, for notebooks."""
    left = "text-align:left"
    body = [tag("tr", tag("th", name, scope="row", style=left), tag("td", value, style=left)) for name, value in rows]
    return tag("table", tag("tbody", *body))


def data(value: object, name: str) -> Html:
    """JSON for the page's own script; nothing in it can end the element that holds it."""
    written = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    safe = written.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Html(f'<script type="application/json" id="{text(name)}">{safe}</script>')
