"""A token that does not fit -> the message that helps most.

Each rule looks at one plausible slip and returns its diagnostic or None; the first that knows the slip wins, and what
no rule knows becomes "expected this, found that".
"""

from __future__ import annotations

from collections.abc import Callable

from hyperdsl.diagnostics import Diagnostic, syntax
from hyperdsl.syntax import habits
from hyperdsl.syntax.advice import advice
from hyperdsl.syntax.brackets import STATEMENTS, begins_line
from hyperdsl.syntax.mistake import CLOSING, VALUES, WORDS, Mistake, found, short

Rule = Callable[[Mistake], Diagnostic | None]

_ROUTE = "numeric => StandardScaler()"  # where the user's own is too long to show
_LONGEST = 80


def explain(mistake: Mistake) -> Diagnostic:
    """The diagnostic for a token that does not fit."""
    for rule in RULES:
        if diagnostic := rule(mistake):
            return diagnostic
    before = f"`{short(mistake.before.text)}`" if mistake.before else ""
    return syntax.unexpected(mistake.token.span, found(mistake.token), _expected(mistake), before, advice(mistake))


def _expected(mistake: Mistake) -> str:
    """What would fit, in plain words, the most telling first."""
    accepted, written = mistake.accepted, mistake.written
    if mistake.wants_expression:
        return "an expression"
    if "INT" in accepted:
        return "a number"
    if {"LET", "TRUE"} <= accepted:
        return "a name"
    operators = "." in written
    marks = ["=", ",", ")", "]", "}", ":", "=>", "return", *(() if operators else ("(", "{", "in"))]
    parts = [f"`{mark}`" for mark in marks if mark in written]
    if "NAME" in accepted and not operators:
        parts.append("a name")
    if operators and len(parts) < 3:
        parts.append("an operator")
    if "space" in written and "NAME" not in accepted:
        parts.append("a new definition")
    if not parts:
        parts = [f"`{word}`" for word in sorted(written)[:3]] or ["the end of the text"]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"


# --- the rules, most telling first


def _import_names(mistake: Mistake) -> Diagnostic | None:
    if mistake.keyword == "IMPORT" and "LPAR" in mistake.accepted and mistake.before is not None:
        target = mistake.tokens[1].span.to(mistake.before.span).text
        return syntax.missing_import_names(mistake.token.span, found(mistake.token), target)
    return None


def _definition(mistake: Mistake) -> Diagnostic | None:
    """Slips between the keyword of a definition and its ``=``."""
    token, before = mistake.token, mistake.before
    if mistake.keyword not in ("SPACE", "LET", "DEF") or "EQUAL" not in mistake.accepted or before is None:
        return None
    if token.text == "==":
        return syntax.comparison_in_definition(token.span, "==")
    after = mistake.after
    if token.text == ":" and after is not None and after.text == "=":
        return syntax.comparison_in_definition(token.span.to(after.span), ":=")
    if token.text == ":" and before.type == "RPAR":
        return syntax.python_body(token.span, _head(mistake))
    if token.text == ":" and "COMMA" in mistake.accepted:
        return syntax.annotated_parameter(token.span, before.text)
    if token.text == "{" and mistake.keyword == "DEF":
        return syntax.python_body(token.span, _head(mistake))
    if mistake.accepted <= {"EQUAL", "LPAR"}:
        names = _names_unpacked(mistake)
        return syntax.missing_body(token.span, mistake.tokens[0].text, _name_meant(mistake), found(token), names)
    return None


def _head(mistake: Mistake) -> str:
    """A definition up to its body, as it is written."""
    before = mistake.tokens[mistake.at - 1]
    return " ".join(mistake.tokens[0].span.to(before.span).text.split())


def _name_meant(mistake: Mistake) -> str:
    """The name of a definition; of several words (`my model`, `my-model`) one."""
    words = []
    for token in mistake.tokens[1:]:
        if token.text == "=" or begins_line(token) or not (token.type in WORDS | {"NAME"} or token.text == "-"):
            break
        words.append(token.text)
    return "_".join(word for word in words if word != "-")


def _names_unpacked(mistake: Mistake) -> tuple[str, ...]:
    """The names of ``let a, b = …``; empty for another definition."""
    names: list[str] = []
    for name, sign in zip(mistake.tokens[1::2], mistake.tokens[2::2], strict=False):
        if mistake.keyword != "LET" or name.type != "NAME" or sign.text not in (",", "="):
            break
        names.append(name.text)
        if sign.text == "=":
            return tuple(names)
    return ()


def _missing_name(mistake: Mistake) -> Diagnostic | None:
    before = mistake.before
    if before is None or mistake.accepted != {"NAME"} or mistake.token.text != "=":
        return None
    return syntax.missing_name(mistake.token.span, before.text)


def _equals(mistake: Mistake) -> Diagnostic | None:
    if mistake.token.text != "=":
        return None
    in_condition = mistake.keyword in ("REQUIRE", "FORBID")
    if in_condition or any(token.type in ("IF", "AND", "OR", "NOT") for token in mistake.tokens[: mistake.at]):
        return syntax.equals_in_condition(mistake.token.span)
    return None


def _missing_keyword(mistake: Mistake) -> Diagnostic | None:
    """``x = 5`` at the start of a line, first in the text or after a whole definition."""
    token, after = mistake.token, mistake.after
    if "SPACE" not in mistake.accepted or "DEF" not in mistake.accepted or "INT" in mistake.accepted:
        return None
    if token.type == "NAME" and begins_line(token) and after is not None and after.text == "=":
        return syntax.missing_keyword(token.span, token.text)
    equals_after_name = token.text == "=" and mistake.before is not None and begins_line(mistake.before)
    if equals_after_name and mistake.before is not None:
        return syntax.missing_keyword(mistake.before.span, mistake.before.text)
    return syntax.not_a_statement(token.span, found(token)) if mistake.at == 0 else None


def _keyword_in_place(mistake: Mistake) -> Diagnostic | None:
    """A keyword where a name or an expression is expected."""
    token = mistake.token
    if token.type not in WORDS or "NAME" not in mistake.accepted:
        return None
    if mistake.wants_expression:
        if token.type == "LOG":
            return syntax.log_as_function(token.span)
        if token.type == "IF":
            return syntax.conditional_order(token.span)
        if token.type == "RETURN":
            return syntax.lone_return(
                token.span, "leave it out; only in a block, `{ let … return … }`, it says what the value is"
            )
        if token.type in STATEMENTS and begins_line(token):
            return syntax.statement_in_expression(token.span, token.text)
        if token.type in ("AND", "OR", "IN", "IS", "ELSE", "FOR"):
            return None
    return syntax.keyword_as_name(token.span, token.text)


def _missing_else(mistake: Mistake) -> Diagnostic | None:
    if "ELSE" not in mistake.accepted or {"INT", "IF"} & mistake.accepted:
        return None
    conditional = next(token for token in reversed(mistake.tokens[: mistake.at]) if token.type == "IF")
    return syntax.missing_else(mistake.token.span, found(mistake.token), conditional.span)


def _weight(mistake: Mistake) -> Diagnostic | None:
    if mistake.back("AT") or mistake.back("WEIGHTED_PRESENCE"):
        return syntax.weight_not_literal(mistake.token.span, found(mistake.token))
    if mistake.back("AT", "INT") or mistake.back("AT", "FLOAT"):
        return syntax.lone_weight(mistake.token.span)
    return None


def _dict_key(mistake: Mistake) -> Diagnostic | None:
    token, after = mistake.token, mistake.after
    opened = mistake.before is not None and mistake.before.type in ("LBRACE", "COMMA")
    if opened and token.type == "NAME" and "STRING" in mistake.accepted and after is not None and after.text == ":":
        return syntax.key_not_literal(token.span, token.text)
    return None


def _missing_return(mistake: Mistake) -> Diagnostic | None:
    begins_value = "NAME" not in mistake.accepted and (mistake.token.type in VALUES or mistake.token.text == "columns")
    if "RETURN" in mistake.accepted and (mistake.token.type == "RBRACE" or begins_value):
        return syntax.missing_return(mistake.token.span)
    return None


def _route(mistake: Mistake) -> Diagnostic | None:
    arrow = "=>" in mistake.written
    after = mistake.after
    if mistake.back("COLUMNS"):
        return syntax.columns_body(mistake.token.span, found(mistake.token))
    if mistake.token.type == "ELSE" and after is not None and after.text == "=>":
        return syntax.column_selector(mistake.token.span, found(mistake.token))
    if arrow and mistake.token.text == "-" and after is not None and after.text == ">":
        return syntax.route_arrow(mistake.token.span.to(after.span), "`->`", _route_meant(mistake, 2))
    if (
        {"NAME", "STRING", "LET"} & mistake.accepted == {"NAME", "STRING"}
        and not mistake.wants_expression
        and not arrow
    ):
        closed = "RBRACE" in mistake.accepted
        return None if closed else syntax.column_selector(mistake.token.span, found(mistake.token))
    if arrow and mistake.token.text in (":", "=", ">>"):
        return syntax.route_arrow(mistake.token.span, found(mistake.token), _route_meant(mistake, 1))
    return None


def _route_meant(mistake: Mistake, signs: int) -> str:
    """The route around a wrong arrow of so many tokens, as it should be: `numeric => A() >> B()`."""
    first = mistake.at - 1
    while (
        first > 0 and mistake.tokens[first - 1].text not in ("{", "}", ")") and not begins_line(mistake.tokens[first])
    ):
        first -= 1
    end = start = mistake.at + signs
    depth = 0
    for i, token in enumerate(mistake.tokens[start:], start):
        depth += token.text in ("(", "[", "{")
        depth -= token.text in (")", "]", "}")
        if depth < 0 or (depth == 0 and token.text == ","):
            break
        if i > start and begins_line(token) and token.type in VALUES and mistake.tokens[i - 1].type in CLOSING:
            break
        end = i + 1
    if first < 0 or end == start:
        return _ROUTE
    selector = mistake.tokens[first].span.to(mistake.tokens[mistake.at - 1].span).text
    body = mistake.tokens[start].span.to(mistake.tokens[end - 1].span).text
    route = " ".join(f"{selector} => {body}".split())
    return route if len(route) <= _LONGEST else _ROUTE


def _second_range(mistake: Mistake) -> Diagnostic | None:
    return (
        syntax.range_ends(mistake.token.span) if mistake.token.text == ".." and not mistake.wants_expression else None
    )


def _quoted_path(mistake: Mistake) -> Diagnostic | None:
    token = mistake.token
    return syntax.quoted_path(token.span, str(token.value)) if mistake.back("USE") and token.type == "STRING" else None


def _missing_parameters(mistake: Mistake) -> Diagnostic | None:
    if mistake.keyword == "DEF" and mistake.at == 2 and mistake.token.text == "=":
        return syntax.missing_parameters(mistake.token.span, mistake.tokens[1].text)
    return None


def _lone_return(mistake: Mistake) -> Diagnostic | None:
    if mistake.token.type == "RETURN" and "SPACE" in mistake.accepted:
        return syntax.lone_return(mistake.token.span)
    return None


def _missing_comma(mistake: Mistake) -> Diagnostic | None:
    """A value where an item has ended."""
    if (
        mistake.token.type in ("FOR", "LOG", "STEP", "DEFAULT")
        or "COMMA" not in mistake.accepted
        or mistake.token.type not in VALUES | WORDS
    ):
        return None
    for closing, mark in (("RPAR", ")"), ("RSQB", "]"), ("RBRACE", "}")):
        if closing in mistake.accepted:
            return syntax.missing_comma(mistake.token.span, found(mistake.token), mark)
    return None


RULES: tuple[Rule, ...] = (
    habits.comment,
    habits.python_import,
    habits.python_statement,
    _lone_return,
    habits.python_word,
    habits.string_prefix,
    habits.second_for,
    habits.any_arguments,
    _missing_name,
    habits.operator,
    habits.range_sign,
    habits.modifier,
    _definition,
    _import_names,
    habits.other_file,
    habits.statement_word,
    _missing_keyword,
    _equals,
    habits.percent,
    _weight,
    _dict_key,
    habits.no_sets,
    habits.ternary,
    _missing_return,
    _missing_parameters,
    _quoted_path,
    _second_range,
    habits.starred,
    _route,
    habits.missing_operand,
    _keyword_in_place,
    _missing_else,
    _missing_comma,
)
