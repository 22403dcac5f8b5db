"""The parser of the grammar: tables made by Lark once, kept in the cache directory, and the loop that runs them.

Lark checks the grammar and computes its LALR(1) tables; a run that finds them in the cache does not load Lark at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from hyperdsl.cachedir import cache_dir
from hyperdsl.grammar import GRAMMAR_FILE
from hyperdsl.syntax.build import Builder
from hyperdsl.syntax.scan import END, Scanner, Token

# Counts up when the shape of the tables changes.
FORMAT = 1
STARTS = ("module", "expression")


class Rule(NamedTuple):
    """A reduction: so many symbols become ``origin``, by the builder's ``method``.

    ``unit`` rules pass their one child on; those without a method are repetitions, whose children join their parent's.
    """

    size: int
    origin: str
    method: str | None
    unit: bool
    joins: bool


class Tables(NamedTuple):
    """What a grammar says, as plain data.

    ``actions[state]`` maps a terminal to the next state or to a rule to reduce by, and a rule's origin to a state.
    """

    actions: list[dict[str, int | Rule]]
    begin: dict[str, int]
    end: dict[str, int]
    patterns: dict[str, str]
    words: dict[str, str]


class Unexpected(Exception):
    """The token fed last does not fit."""


class Parser:
    """One parse; tokens are fed one by one."""

    def __init__(self, language: Language, start: str) -> None:
        tables = language.tables
        self.actions = tables.actions
        self.methods = language.methods
        self.passed = language.passed
        self.end = tables.end[start]
        self.states = [tables.begin[start]]
        self.values: list[Any] = []

    def feed(self, token: Token) -> Any:
        """Take one token; the result with the last one, of type ``END``. Raises `Unexpected` when it does not fit."""
        actions, states, values, kind = self.actions, self.states, self.values, token.type
        while True:
            action = actions[states[-1]].get(kind)
            if action.__class__ is int:
                states.append(action)
                values.append(token)
                return None
            if not isinstance(action, Rule):
                raise Unexpected
            if action.unit:
                states[-1] = self.passed[states[-2], states[-1], kind]
            else:
                self._reduce(action)
            if kind == END and states[-1] == self.end:
                return values[-1]

    def _reduce(self, rule: Rule) -> None:
        states, values = self.states, self.values
        rest = len(values) - rule.size
        children = values[rest:]
        del values[rest:], states[rest + 1 :]
        if rule.joins:
            children = _joined(children)
        values.append(self.methods[rule.method](children) if rule.method else Repetition(children))
        states.append(self.actions[states[-1]][rule.origin])  # type: ignore[arg-type]

    def accepted(self) -> frozenset[str]:
        """The terminals that would fit now."""
        return frozenset(kind for kind in self.actions[self.states[-1]] if self._fits(kind))

    def _fits(self, kind: str) -> bool:
        if not (kind.isupper() or kind == END):
            return False
        action = self.actions[self.states[-1]].get(kind)
        states = list(self.states) if isinstance(action, Rule) else []
        while isinstance(action, Rule):
            if action.unit:
                states[-1] = self.passed[states[-2], states[-1], kind]
            else:
                del states[len(states) - action.size :]
                states.append(self.actions[states[-1]][action.origin])  # type: ignore[arg-type]
            if kind == END and states[-1] == self.end:
                return True
            action = self.actions[states[-1]].get(kind)
        return action is not None


class Repetition:
    """What a repetition has collected so far; grows in place, for a list of n items takes n reductions."""

    __slots__ = ("items",)

    def __init__(self, items: list[Any]) -> None:
        self.items = items


def _joined(children: list[Any]) -> list[Any]:
    first = children[0]
    result: list[Any] = first.items if isinstance(first, Repetition) else [first]
    for child in children[1:]:
        if isinstance(child, Repetition):
            result += child.items
        else:
            result.append(child)
    return result


class _Passed(dict[tuple[int, int, str], int]):
    """The state in which a run of unit rules ends: by the state below, the state before them, and the terminal.

    An expression goes up all levels of precedence this way; each way up is worked out once.
    """

    def __init__(self, tables: Tables) -> None:
        super().__init__()
        self.actions = tables.actions
        self.ends = frozenset(tables.end.values())

    def __missing__(self, key: tuple[int, int, str]) -> int:
        below, state, kind = key
        while isinstance(action := self.actions[state].get(kind), Rule) and action.unit and state not in self.ends:
            state = self.actions[below][action.origin]  # type: ignore[assignment]
        self[key] = state
        return state


class Language:
    """The scanner and the parser of the grammar."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.scanner = Scanner(tables.patterns, tables.words)
        self.symbols = {name: text for text, name in tables.words.items()}
        builder = Builder()
        rules = {action for row in tables.actions for action in row.values() if isinstance(action, Rule)}
        names = {rule.method for rule in rules if rule.method and not rule.unit}
        self.methods: dict[str, Callable[[list[Any]], Any]] = {name: getattr(builder, name) for name in names}
        self.passed = _Passed(tables)

    def begin(self, start: str) -> Parser:
        """A parser that waits for the first token of ``start``, one of `STARTS`."""
        return Parser(self, start)


@cache
def language() -> Language:
    """The one language of this process."""
    return Language(load_tables(cache_dir()))


def load_tables(folder: Path | None) -> Tables:
    """The tables from the cache, else made and, where the folder can be written, kept."""
    key = GRAMMAR_FILE.read_bytes() + str(FORMAT).encode()
    file = folder / f"parser-{sha256(key).hexdigest()[:16]}.json" if folder else None
    if file is None:
        return make_tables()
    with suppress(OSError, ValueError, TypeError, LookupError):  # absent, cut off or foreign: made again
        return read_tables(file.read_text(encoding="utf-8"))
    tables = make_tables()
    _keep(tables, file)
    return tables


def write_tables(tables: Tables) -> str:
    """Tables as JSON: a state's number stands for a shift, ``[rule]`` for a reduction."""
    rules = list(dict.fromkeys(a for row in tables.actions for a in row.values() if isinstance(a, Rule)))
    position = {rule: [number] for number, rule in enumerate(rules)}
    actions = [{k: position[a] if isinstance(a, Rule) else a for k, a in row.items()} for row in tables.actions]
    return json.dumps({"rules": rules, "tables": [actions, *tables[1:]]}, separators=(",", ":"))


def read_tables(text: str) -> Tables:
    """The inverse of :func:`write_tables`."""
    kept = json.loads(text)
    rules = [Rule(*fields) for fields in kept["rules"]]
    actions, *rest = kept["tables"]
    return Tables([{k: rules[a[0]] if isinstance(a, list) else a for k, a in row.items()} for row in actions], *rest)


def _keep(tables: Tables, file: Path) -> None:
    """Write through a file of this process's own, so that nobody reads half of it."""
    draft = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(write_tables(tables), encoding="utf-8")
        draft.replace(file)
    except OSError:
        with suppress(OSError):
            draft.unlink()


def make_tables() -> Tables:
    """The tables of the grammar, computed by Lark."""
    from lark import Lark
    from lark.lexer import PatternStr
    from lark.parsers.lalr_analysis import Shift

    lark = Lark(GRAMMAR_FILE.read_text(encoding="utf-8"), start=list(STARTS), parser="lalr", lexer="basic")
    table = lark.parse_interactive("", start=STARTS[0]).parser_state.parse_conf.parse_table
    rules = {rule: _rule(rule) for rule in lark.rules}
    actions: list[dict[str, int | Rule]] = [{} for _ in table.states]
    for state, row in table.states.items():
        actions[state] = {str(name): arg if action is Shift else rules[arg] for name, (action, arg) in row.items()}
    return Tables(
        actions,
        {start: table.start_states[start] for start in STARTS},
        {start: table.end_states[start] for start in STARTS},
        {str(t.name): t.pattern.to_regexp() for t in lark.terminals if not isinstance(t.pattern, PatternStr)},
        {str(t.pattern.value): str(t.name) for t in lark.terminals if isinstance(t.pattern, PatternStr)},
    )


def _rule(rule: Any) -> Rule:
    """A rule of Lark; those it makes for repetitions begin with an underscore."""
    origin = str(rule.origin.name)
    joins = any(not symbol.is_term and symbol.name.startswith("_") for symbol in rule.expansion)
    unit = rule.options.expand1 and rule.alias is None and len(rule.expansion) == 1 and not joins
    method = None if origin.startswith("_") else str(rule.alias or origin)
    return Rule(len(rule.expansion), origin, method, unit, joins)
