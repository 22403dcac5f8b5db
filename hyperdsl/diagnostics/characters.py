"""Characters, numbers and strings (E0150 to E0169, W0150 to W0169)."""

from __future__ import annotations

import re
import unicodedata

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.source import Span

# What people paste or type -> what to write; several have a name of their own in other languages.
INSTEAD = {
    "“": 'use a plain quote: `"`',
    "”": 'use a plain quote: `"`',
    "„": 'use a plain quote: `"`',
    "«": 'use a plain quote: `"`',
    "»": 'use a plain quote: `"`',
    "‘": "use a plain quote: `'`",
    "’": "use a plain quote: `'`",
    "`": 'use a plain quote: `"`',
    ";": "leave it out: nothing separates statements",
    "!": "write `not` before a condition, or `!=` between values",
    "^": "write `**` for a power",
    "$": "names stand without a sign before them",
    "\\": "leave it out: an expression may go on in the next line",
    "~": "write `=` to define, `not` before a condition",
    "–": "write `-` for minus, or `..` between the ends of a range",
    "—": "write `-` for minus, or `..` between the ends of a range",
    "−": "write `-` for minus",
    "…": "write `..` between the ends of a range",
    "×": "write `*`",
    "·": "write `*`",
    "÷": "write `/`",
    "→": "write `>>` between steps",
    "⇒": "write `=>` in a route of `columns`",
    "≤": "write `<=`",
    "≥": "write `>=`",
    "≠": "write `!=`",
    "∧": "write `and`",
    "∨": "write `or`",
    "¬": "write `not`",
    "∈": "write `in`",
    "；": "leave it out: nothing separates statements",
    "￥": "names stand without a sign before them",
}

# Letters of other scripts that look like the Latin one (Unicode's confusables, the exact look-alikes only).
LOOK_ALIKES = dict(
    zip(
        "аеорсухіѕјһԁԛԝАВЕКМНОРСТХІЈЅαοΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcyxisjhdqwABEKMHOPCTXIJSaoABEZHIKMNOPTYX",
        strict=True,
    )
)


def _called(character: str) -> str:
    """How to show a character: itself if it can be seen, else its number and name."""
    number = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "").lower()
    if character.isprintable() and not character.isspace():
        return f"`{character}`"
    return f"{number} ({name})" if name else number


def odd_character(span: Span, character: str) -> Diagnostic:
    """A character that has no place in the language."""
    help = INSTEAD.get(character)
    plain = unicodedata.normalize("NFKC", character)
    if help is None and plain != character and plain.isascii() and plain.isprintable() and not plain.isspace():
        help = f"write `{plain}`"
    if help is None and character.isspace():
        help = "replace it by a plain space"
    if help is None and not character.isprintable():
        help = f"delete it; in a string, write it as an escape: `{_escape(character)}`"
    if help is None:
        help = "outside strings and comments there are only letters, digits, `_` and operators"
    return Diagnostic("E0150", f"unexpected character {_called(character)}", span, "not part of the language", help)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


def look_alike(name: str) -> str | None:
    """The plain name that this one is easily taken for: Latin letters mixed with look-alikes of other scripts."""
    plain = "".join(LOOK_ALIKES.get(letter, letter) for letter in name)
    mixed = plain != name and any(letter.isascii() and letter.isalpha() for letter in name)
    return plain if mixed and plain.isascii() else None


def confusable_name(span: Span, name: str, plain: str) -> Diagnostic:
    """A name that mixes Latin letters with letters that only look like them."""
    letter = next(a for a, b in zip(name, plain, strict=True) if a != b)
    return Diagnostic(
        "W0150",
        f"`{name}` looks like `{plain}` but is another name",
        span,
        f"holds {unicodedata.name(letter).lower()} (U+{ord(letter):04X})",
        f"type `{plain}` again on a Latin keyboard",
    )


def malformed_number(span: Span, written: str) -> Diagnostic:
    """A number that runs into something else."""
    digits, rest = re.match(r"([0-9_]*\.?[0-9_]*(?:[eE][0-9]+)?)(.*)", written, re.DOTALL).groups()  # type: ignore[union-attr]
    if re.fullmatch(r"0[xXbBoO]\w+", written):
        help = "write the number in decimal"
    elif re.fullmatch(r"000", written) and (thousands := re.search(r"\d+,\Z", span.source.text[: span.start])):
        help = f"write a number without commas: `{thousands[0][:-1]}000`"
    elif re.fullmatch(r"0[0-9_]+", written):
        help = f"write it without leading zeros: `{written.lstrip('0_') or '0'}`"
    elif written.count(".") > 1:
        help = "a number has one point; a range has two between its ends: `0.1..0.5`"
    elif not rest or "__" in digits or digits.endswith("_"):
        help = "an underscore stands between two digits: `1_000`"
    elif rest in ("log", "step", "default"):
        help = f"put a space before `{rest}`: `{digits} {rest}`"
    elif re.fullmatch(r"[eE]", rest):
        help = f"write the exponent: `{digits}e-3`"
    elif re.fullmatch(r"[jJ]", rest):
        help = "there are no complex numbers"
    else:
        help = f"a name cannot begin with a digit; for a product write `{digits} * {rest}`"
    return Diagnostic("E0151", f"`{_short(written)}` is not a number", span, "read as one word", help)


def integer_too_large(span: Span, bits: int) -> Diagnostic:
    """An integer literal past the limit."""
    return Diagnostic(
        "E0152", "this integer is too large", span, f"more than {bits} bits", "write it as a float, such as `1e30`"
    )


def real_too_large(span: Span) -> Diagnostic:
    """A float literal that would be read as infinity."""
    return Diagnostic("E0153", "this number is too large", span, "past the largest float, about 1.8e308", "lower it")


def unclosed_string(span: Span, quote: str) -> Diagnostic:
    """A string whose line ends before its closing quote."""
    return Diagnostic(
        "E0154",
        "this string is not closed",
        span,
        "the line ends inside the string",
        f"add the closing `{quote}`; a line break in a string is written `\\n`",
    )


def triple_quotes(span: Span) -> Diagnostic:
    """A Python string with three quotes."""
    return Diagnostic(
        "E0155",
        "there are no strings with three quotes",
        span,
        "",
        "use one quote, and `\\n` for a line break; for documentation, write `#` comments above the definition",
    )


def broken_escape(span: Span, written: str) -> Diagnostic:
    """An escape that stands for no character."""
    return Diagnostic(
        "E0156",
        f"`{written}` stands for no character",
        span,
        "not a valid escape",
        "escapes are `\\xhh`, `\\uhhhh`, `\\Uhhhhhhhh` and `\\N{NAME}`; a backslash itself is `\\\\`",
    )


def unknown_escape(span: Span, written: str) -> Diagnostic:
    """A backslash before a character that has no escape; kept as two characters, as in Python."""
    return Diagnostic(
        "W0151", f"`{written}` is no escape", span, "read as two characters", f"write `\\{written}` to say so"
    )


def _short(written: str, limit: int = 30) -> str:
    return written if len(written) <= limit else written[: limit - 1] + "…"
