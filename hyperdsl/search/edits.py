"""Configurations of one space in another: what an edited space keeps of what was tried.

A configuration is in both spaces where the same values at the same paths build the same program, which its canonical
key tells. It is mapped where decisions have been added, taken out or renamed and the program is the same all the same:
nothing is guessed, a new decision is tried with values that may give the old program, and the key says whether they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hyperdsl.frozen import frozen
from hyperdsl.ir.domain import Code, Domain
from hyperdsl.ir.ops import Const
from hyperdsl.source import Source
from hyperdsl.space import Configuration, Decision, Space

MOST_VALUES = 64  # of a new decision, that are all tried
MOST_TRIES = 200  # for one configuration
MOST_MISSES = 20_000  # in all; from then on only what did for others is tried


@frozen
class Edit:
    """What became of earlier trials when a space was edited.

    Parameters
    ----------
    revision : int
        Which version of the space this is, from 1 on.
    kept : int
        Trials with the same values at the same paths.
    mapped : int
        Trials with the same program and other decisions.
    left : int
        Trials that are no points of the space; they stay with the earlier version.
    """

    revision: int
    kept: int
    mapped: int
    left: int

    def __str__(self) -> str:
        kept = f"{self.kept + self.mapped} of {self.kept + self.mapped + self.left}"
        mapped = f", {self.mapped} of them with other decisions for the same program" if self.mapped else ""
        left = f"; {self.left} stay with the earlier version" if self.left else ""
        return f"the space was edited: {kept} trials go on in this version{mapped}{left}"


def translate(configurations: Iterable[Configuration], old: Space, new: Space) -> list[Configuration | None]:
    """The configurations of ``new`` that build the same programs as those of ``old``; None where there is none."""
    translator = Translator(new, numbers_of(old))
    return [translator.find(configuration.to_json(), old.key(configuration)) for configuration in configurations]


class Translator:
    """Finds in a space what builds the same programs as configurations of another.

    Parameters
    ----------
    space : Space
        Where to look.
    numbers : iterable of number
        Those that the other space is written with: one of them may have become a range.
    """

    def __init__(self, space: Space, numbers: Iterable[int | float] = ()) -> None:
        self._space = space
        self._paths = {decision.path for decision in space.decisions}
        self._numbers = tuple(dict.fromkeys(numbers))
        self._did: dict[str, Code] = {}  # the value that a new decision had in the last configuration that was found
        self._misses = 0

    def find(self, values: Mapping[str, Any], key: str) -> Configuration | None:
        """The configuration with the program of a key, with as many of the values as there are decisions for."""
        for tried, (configuration, added) in enumerate(self._candidates(values)):
            if configuration is not None and self._is(configuration, key):
                self._did.update(added)
                return configuration
            self._misses += 1
            if tried >= MOST_TRIES or self._misses > MOST_MISSES:
                return None
        return None

    def _is(self, configuration: Configuration, key: str) -> bool:
        return not self._space.violated(configuration) and self._space.key(configuration) == key

    def _candidates(self, values: Mapping[str, Any]) -> Iterator[tuple[Configuration | None, Mapping[str, Code]]]:
        """The space's configurations with given values, over those of the decisions that have none, likeliest first.

        None where a value is outside its domain.
        """
        picks: list[int] = []
        while True:
            walk = _Walk(self, values, picks)
            try:
                configuration = self._space.decide(walk.choose)
            except _Outside:
                configuration = None
            yield configuration, walk.added
            following = walk.following()
            if following is None:
                return
            picks = following

    def options(self, decision: Decision, domain: Domain, values: Mapping[str, Any]) -> list[Code]:
        """The values of a new decision that may give an old program, likeliest first: it may have had another name."""
        name = decision.path.rpartition(".")[2]
        gone = [path for path in values if path not in self._paths]
        gone.sort(key=lambda path: path.rpartition(".")[2] != name)
        likely = [self._did.get(decision.path), *(decision.from_json(values[path]) for path in gone), decision.default]
        options = [code for code in likely if code is not None and domain.contains(code)]
        if domain.size is not None and domain.size <= MOST_VALUES:
            members = (domain.member(rank) for rank in range(domain.size))
            options += [code for code in members if domain.contains(code)]
        else:
            options += [number for number in self._numbers if domain.contains(number)]
        return list(dict.fromkeys(options))


class _Outside(Exception):
    """A value is not in its domain."""


class _Walk:
    """Takes the given values; of each decision without one the option that is its turn."""

    def __init__(self, translator: Translator, values: Mapping[str, Any], picks: Sequence[int]) -> None:
        self.added: dict[str, Code] = {}
        self._translator = translator
        self._values = values
        self._picks = picks
        self._turns: list[tuple[int, int]] = []  # of each new decision: which option, of how many

    def choose(self, decision: Decision, domain: Domain) -> Code:
        if decision.path in self._values:
            code = decision.from_json(self._values[decision.path])
            if code is None or not domain.contains(code):
                raise _Outside
            return code
        options = self._translator.options(decision, domain, self._values)
        if not options:
            raise _Outside
        position = len(self._turns)
        pick = self._picks[position] if position < len(self._picks) else 0
        self._turns.append((pick, len(options)))
        self.added[decision.path] = options[pick]
        return options[pick]

    def following(self) -> list[int] | None:
        """Whose turn is next: the last new decision that has more options moves on."""
        for position in reversed(range(len(self._turns))):
            pick, many = self._turns[position]
            if pick + 1 < many:
                return [*(p for p, _ in self._turns[:position]), pick + 1]
        return None


def numbers_of(space: Space) -> list[int | float]:
    """The numbers that a space holds as constants."""
    ops = (space.graph[index].op for index in sorted(space.graph.reachable))
    values = (op.value for op in ops if isinstance(op, Const))
    return [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]


def numbers_in(text: str) -> list[int | float]:
    """The numbers that a program is written with."""
    from hyperdsl.syntax.language import language

    values = (token.value for token in language().scanner.scan(Source("<text>", text)).tokens)
    written = [value for value in values if isinstance(value, (int, float))]
    return [*written, *(-value for value in written)]
