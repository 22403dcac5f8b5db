"""A space as JSON that ConfigSpace 1.x reads: hyperparameters, and conditions for when they are active.

Conditions of the program (``require``, ``forbid``) are forbidden clauses, where they read few values.

A number with a step is an ordinal of its members; where it is ``log``, a categorical with the weights of the prior. A
normal number is cut at eight standard deviations. ConfigSpace weighs whole numbers of a ``log`` range by a formula of
its own. What it has no form for is an error for each decision.
"""

from __future__ import annotations

import json
from typing import Any

from hyperdsl.backends.exchange.conditions import ALWAYS, Term, Unsayable, conditions, ordered, violations
from hyperdsl.diagnostics import Diagnostic, HypError
from hyperdsl.diagnostics.exchange import cannot_say, conditions_lost
from hyperdsl.ir.domain import Code, Domain, Gaussian, Integers, Reals, Steps
from hyperdsl.source import Span
from hyperdsl.space import Decision, Space
from hyperdsl.space.skeleton import Skeleton

FORMAT_VERSION = 0.4  # of ConfigSpace 1.2
_MOST_MEMBERS = 1_000
_DEVIATIONS = 8


def to_configspace(space: Space) -> str:
    """The text of a JSON file for ``ConfigurationSpace.from_json``.

    Raises
    ------
    HypError
        Naming each decision that ConfigSpace cannot say.
    """
    return json.dumps(_Writer(space).document(), ensure_ascii=False, indent=2) + "\n"


class _CannotSay(Exception):
    """Why a decision has no form, and what to do instead."""

    def __init__(self, reason: str, instead: str = "use `--to optuna` or `--to json`") -> None:
        super().__init__(reason)
        self.reason = reason
        self.instead = instead


class _Writer:
    def __init__(self, space: Space) -> None:
        self.space = space
        self.skeleton = Skeleton(space.graph)
        self.default = space.default()
        self.problems: list[Diagnostic] = []

    def document(self) -> dict[str, Any]:
        entries, when = [], []
        forbidden = self._forbidden()
        for decision, condition in zip(self.space.decisions, conditions(self.space.graph), strict=True):
            if not condition:
                continue  # it is never reached
            try:
                entries.append(self._entry(decision))
            except _CannotSay as problem:
                self._refuse(decision, problem.reason, problem.instead)
            if isinstance(condition, Unsayable):
                if condition.node in self.skeleton.nodes:
                    continue  # it follows from a decision that is named already
                self._refuse(decision, condition.reason, _CannotSay("").instead)
            elif condition != ALWAYS:
                when.append(_any([self._term(decision.path, term) for term in condition], decision.path))
        if self.problems:
            raise HypError(self.problems)
        return {
            "name": self.space.name,
            "hyperparameters": entries,
            "conditions": when,
            "forbiddens": forbidden,
            "format_version": FORMAT_VERSION,
        }

    def _refuse(self, decision: Decision, reason: str, instead: str) -> None:
        self.problems.append(cannot_say("ConfigSpace", decision.path, reason, self._span(decision), instead))

    def _span(self, decision: Decision) -> Span | None:
        return self.space.graph[self.skeleton.nodes[decision.index]].span

    def _forbidden(self) -> list[dict[str, Any]]:
        """The conditions of the program: what they exclude."""
        clauses = []
        for node, condition in violations(self.space.graph):
            if isinstance(condition, Unsayable):
                self.problems.append(conditions_lost("ConfigSpace", self.space.graph[node].span))
                continue
            clauses += [self._clause(term) for term in condition]
        return clauses

    def _clause(self, term: Term) -> dict[str, Any]:
        parts = []
        for row, codes in ordered(term):
            decision = self.space.decisions[row]
            values = [decision.to_json(code) for code in codes]
            is_one = len(values) == 1
            one = {"type": "EQUALS", "value": values[0]} if is_one else {"type": "IN", "values": values}
            parts.append({"name": decision.path, **one})
        return parts[0] if len(parts) == 1 else {"type": "AND", "clauses": parts}

    def _default(self, decision: Decision) -> Any:
        """Of the default configuration, which no condition excludes, where the decision is active in it."""
        code = self.default.codes[decision.index]
        if code is None:
            code = decision.default
        assert code is not None
        return decision.to_json(code)

    # --- hyperparameters

    def _entry(self, decision: Decision) -> dict[str, Any]:
        domain = self.skeleton.constant_domain(decision.index)
        if domain is None:
            raise _CannotSay("its domain depends on other decisions", "make the ends constant; or use `--to optuna`")
        if decision.kind in ("subset", "permutation"):
            raise _CannotSay(f"it has no {decision.kind}s", "write the alternatives as a choice; or use `--to optuna`")
        if decision.kind == "choice":
            return self._choice(decision)
        return {**_number(decision.path, domain), "default_value": self._default(decision), "meta": None}

    def _choice(self, decision: Decision) -> dict[str, Any]:
        labels = list(decision.labels)
        for position, label in enumerate(labels):
            if label in labels[:position]:
                other = labels[labels.index(label)]
                raise _CannotSay(f"{other!r} and {label!r} are equal there", "leave one of them out")
        default = self._default(decision)
        if decision.ordinal and len(set(decision.weights)) == 1:
            sequence = sorted(labels)  # type: ignore[type-var]
            return {
                "type": "ordinal",
                "name": decision.path,
                "sequence": sequence,
                "default_value": default,
                "meta": None,
            }
        return {
            "type": "categorical",
            "name": decision.path,
            "choices": labels,
            "weights": list(decision.weights),
            "default_value": default,
            "meta": None,
        }

    # --- conditions

    def _term(self, child: str, term: Term) -> dict[str, Any]:
        parts = []
        for row, codes in ordered(term):
            parent = self.space.decisions[row]
            values = [parent.to_json(code) for code in codes]
            one = {"child": child, "parent": parent.path}
            parts.append(
                {**one, "type": "EQ", "value": values[0]}
                if len(values) == 1
                else {**one, "type": "IN", "values": values}
            )
        return parts[0] if len(parts) == 1 else {"type": "AND", "child": child, "conditions": parts}


def _any(parts: list[dict[str, Any]], child: str) -> dict[str, Any]:
    return parts[0] if len(parts) == 1 else {"type": "OR", "child": child, "conditions": parts}


def _number(path: str, domain: Domain) -> dict[str, Any]:
    """A number without its default."""
    match domain:
        case Integers(low=low, high=high, log=log, step=1) if low < high:
            return {"type": "uniform_int", "name": path, "lower": low, "upper": high, "log": log}
        case Reals(low=low, high=high, log=log) if low < high:
            return {"type": "uniform_float", "name": path, "lower": low, "upper": high, "log": log}
        case Gaussian(mean=mean, deviation=deviation, log=False):
            cut = _DEVIATIONS * deviation
            ends = {"lower": mean - cut, "upper": mean + cut}
            return {"type": "normal_float", "name": path, "mu": mean, "sigma": deviation, **ends, "log": False}
        case Gaussian():
            raise _CannotSay("it has no lognormal numbers", "write a range with `log`")
        case Reals(low=low):
            return {"type": "ordinal", "name": path, "sequence": [low]}
        case Integers() | Steps():
            return _members(path, domain)
    raise AssertionError(domain)


def _members(path: str, domain: Integers | Steps) -> dict[str, Any]:
    """The members of a stepped range, one by one."""
    size = domain.finite_size
    if size > _MOST_MEMBERS:
        raise _CannotSay(f"it has no steps, and {size:,} members are too many to list", "leave the step out")
    members: list[Code] = [domain.member(rank) for rank in range(size)]
    if domain.log and size > 1:
        weights = [domain.weight(rank) for rank in range(size)]
        return {"type": "categorical", "name": path, "choices": members, "weights": weights}
    return {"type": "ordinal", "name": path, "sequence": members}
