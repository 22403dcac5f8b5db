"""What to write instead, for the slips that need no message of their own beside "expected this, found that"."""

from __future__ import annotations

from collections.abc import Callable

from hyperdsl.syntax.mistake import Mistake

_NUMBERS = ("INT", "FLOAT")


def advice(mistake: Mistake) -> str:
    """The help for a token that does not fit; empty where nothing better than what was expected is known."""
    return next((help for rule in _RULES if (help := rule(mistake))), "")


def _second_equals(mistake: Mistake) -> str:
    """``let a = b = 1`` and ``record(a: float = 1)``."""
    if mistake.token.text != "=" or mistake.at < 3 or mistake.tokens[mistake.at - 1].type != "NAME":
        return ""
    sign, name = mistake.tokens[mistake.at - 2], mistake.tokens[mistake.at - 3].text
    if sign.text == ":":
        return f"an argument has no type: write `{name} = …`"
    if sign.text == "=":
        inner = mistake.tokens[mistake.at - 1].text
        return f"each definition has one name: `let {inner} = …`, then `let {name} = {inner}`"
    return ""


def _list_of_values(mistake: Mistake) -> str:
    """``space s = a, b``."""
    ended = mistake.token.text == "," and "SPACE" in mistake.accepted
    return "alternatives are written `a | b`, steps `a >> b`, a list `[a, b]`" if ended else ""


def _weight(mistake: Mistake) -> str:
    """``a 0.3``, ``a: 3``, ``0.3 a`` and ``0.3: a``."""
    token, before, after = mistake.token, mistake.before, mistake.after
    ended = "SPACE" in mistake.accepted and before is not None
    follows = token.type in _NUMBERS or (token.text == ":" and after is not None and after.type in _NUMBERS)
    if ended and follows and before is not None and before.text in (")", "]"):
        return f"write a weight with `@`: `a @ {(token if token.type in _NUMBERS else after or token).text}`"
    if ended and token.text == ":" and before is not None and before.type in _NUMBERS and after is not None:
        token = after
    if ended and before is not None and before.type in _NUMBERS and token.type == "NAME":
        return f"write a weight behind its part, `{token.text}(…) @ {before.text}`, a product with `*`"
    return ""


def _default_value(mistake: Mistake) -> str:
    """``0.1..10.0 = 1.0``."""
    after = mistake.after
    if mistake.token.text != "=" or "DEFAULT" not in mistake.accepted or after is None or after.type not in _NUMBERS:
        return ""
    return f"write where it starts with `default {after.text}`"


def _experiment(mistake: Mistake) -> str:
    """``experiment { … }`` and ``experiment e { data: "train.csv" }``."""
    token, before = mistake.token, mistake.before
    if mistake.keyword != "EXPERIMENT" or before is None:
        return ""
    if token.text == "{" and mistake.at == 1:
        return "give it a name: `experiment nightly { … }`"
    return f"write `{before.text} = …`" if token.text == ":" and mistake.accepted == {"EQUAL"} else ""


def _modifier_of_no_range(mistake: Mistake) -> str:
    """``alpha = 1.0 log``."""
    examples = {"LOG": "1e-4..1e-1 log", "STEP": "16..512 step 16", "DEFAULT": "0.1..10.0 default 1.0"}
    example = examples.get(mistake.token.type, "")
    return f"`{mistake.token.text}` stands behind a range: `{example}`" if example else ""


def _condition_behind(mistake: Mistake) -> str:
    """``space s = a where x > 1``."""
    words = ("where", "when", "such", "subject", "require", "given")
    return "write a line of its own: `require a < b`" if mistake.token.text in words else ""


def _new_object(mistake: Mistake) -> str:
    before = mistake.before
    is_new = before is not None and before.text == "new" and mistake.token.type == "NAME"
    return f"write `{mistake.token.text}(…)`, without `new`" if is_new else ""


def _quoted_name(mistake: Mistake) -> str:
    token, before = mistake.token, mistake.before
    if token.type != "STRING" or before is None or mistake.at != 1 or mistake.accepted != {"NAME"}:
        return ""
    words = "".join(letter if letter.isalnum() else "_" for letter in str(token.value))
    return f"a name is one word without quotes: `{before.text} {words} = …`" if words[:1].isalpha() else ""


def _comprehension(mistake: Mistake) -> str:
    """``f(x for x in xs)``."""
    return "put it in brackets: `[f(x) for x in 1..3]`" if mistake.token.type == "FOR" else ""


_RULES: tuple[Callable[[Mistake], str], ...] = (
    _second_equals,
    _list_of_values,
    _weight,
    _default_value,
    _experiment,
    _modifier_of_no_range,
    _condition_behind,
    _new_object,
    _quoted_name,
    _comprehension,
)
