"""Which parameters of a class do not go together: the files of ``rules/``, one for each library.

A rule says in the language's own expressions, over the parameters of a class, when fitting it fails::

    [[rule]]
    classes = ["LinearSVC"]
    fails = 'penalty == "l1" and loss == "hinge"'
    says = "the hinge loss has no L1 penalty"
    source = "https://scikit-learn.org/stable/modules/generated/sklearn.svm.LinearSVC.html"
    good = 'penalty = "l1", loss = "squared_hinge", dual = False'
    bad = 'penalty = "l1", loss = "hinge"'

A parameter that is left out has its default; ``[defaults]`` has those that no signature names, as texts. ``rows``,
``log_rows`` (their natural logarithm), ``features``, ``classes``, ``smallest_class`` and ``largest_class`` are facts of
the data that the class is fitted to. ``x is C`` and
``x in [C, D]`` ask whether a parameter is an object of a class, or the function of that name. ``ignored = "degree"``
with ``when`` instead of ``fails`` names a parameter that has no effect: a warning. ``good`` and ``bad`` are arguments,
tried on the real class by the tests. ``versions`` limits a rule to versions of the library, ``">=1.8"`` or ``"<1.8"``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from hyperdsl.catalog.document import read_document
from hyperdsl.diagnostics import Reporter
from hyperdsl.frozen import frozen
from hyperdsl.source import Source
from hyperdsl.syntax import tree
from hyperdsl.syntax.parse import parse_expression

FACTS = ("rows", "log_rows", "features", "classes", "smallest_class", "largest_class")
LIBRARIES = ("sklearn", "lightgbm", "xgboost", "catboost")


@frozen
class Rule:
    """One rule.

    Attributes
    ----------
    classes : tuple of str
        Bare names of the classes that it is for.
    fails : str
        When it applies, as an expression over parameters and facts.
    says : str
        Why, in the user's terms.
    source : str
        The page of the library that says so, or the place in its code.
    good, bad : str
        Arguments that can be fitted, None where none can, and some that cannot (or are ignored).
    versions : str
        Of the library; empty for all.
    ignored : str
        The parameter that has no effect where ``fails`` holds; empty where fitting fails.
    """

    classes: tuple[str, ...]
    fails: str
    says: str
    source: str
    bad: str
    good: str | None = None
    versions: str = ""
    ignored: str = ""

    @property
    def condition(self) -> tree.Expr:
        """The tree of ``fails``."""
        return parsed(self.fails)

    @property
    def reads(self) -> frozenset[str]:
        """The names in ``fails``: parameters, facts and classes."""
        return read_names(self.fails)

    def is_for(self, version: str) -> bool:
        """Whether it holds for a version of its library."""
        if not self.versions:
            return True
        limit = _numbers(self.versions.lstrip("<>="))
        own = _numbers(version)[: len(limit)]
        return own >= limit if self.versions.startswith(">=") else own < limit


def rules_for(library: str, name: str, version: str) -> tuple[Rule, ...]:
    """The rules of a class of an installed library."""
    return tuple(r for r in _by_class(library).get(name, ()) if r.is_for(version))


@cache
def rules_of(library: str) -> tuple[Rule, ...]:
    """All rules of a library, in the order of its file; none for a library without a file."""
    if library not in LIBRARIES:
        return ()
    return tuple(_rule(entry) for entry in read_document(f"rules/{library}.toml").get("rule", []))


@cache
def own_defaults(library: str) -> Mapping[str, object]:
    """What parameters stand for that the library takes without naming them in a signature."""
    texts = read_document(f"rules/{library}.toml").get("defaults", {}) if library in LIBRARIES else {}
    literals = {name: parsed(text) for name, text in texts.items()}
    return {name: expr.value for name, expr in literals.items() if isinstance(expr, tree.Literal)}


def _rule(entry: Mapping[str, Any]) -> Rule:
    fields = dict(entry)
    condition = fields.pop("when" if "ignored" in fields else "fails")
    return Rule(tuple(fields.pop("classes")), condition, **fields)


@cache
def _by_class(library: str) -> Mapping[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules_of(library):
        for name in rule.classes:
            found.setdefault(name, []).append(rule)
    return found


@cache
def read_names(text: str) -> frozenset[str]:
    """The names in an expression."""
    return frozenset(re.findall(r"[A-Za-z_]\w*", re.sub(r'"[^"]*"', "", text)))


@cache
def parsed(text: str) -> tree.Expr:
    """The tree of an expression."""
    return parse_expression(Source("<rule>", text), Reporter())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
