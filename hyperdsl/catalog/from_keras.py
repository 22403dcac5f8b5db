"""Keras' layers and what trains them: classes and signatures from the library, what they take from ``keras.toml``.

A class with several public names (``AveragePooling2D`` and ``AvgPool2D``, ``L2`` and ``l2``) is a module for each, all
with one path, so that programs that differ only in this are equal.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

from hyperdsl.catalog.document import read_document
from hyperdsl.catalog.libraries import KERAS_LEFT_OUT
from hyperdsl.catalog.model import Constraint, Kind, Module, Options, Parameter
from hyperdsl.catalog.notation import parse_takes
from hyperdsl.catalog.signature import default_of, own_parameters, summary_of, takes_keywords

# What Keras computes with -> the package that it needs, those that can train first.
_BACKENDS = {"jax": "jax", "torch": "torch", "tensorflow": "tensorflow", "openvino": "openvino", "numpy": "numpy"}
SEQUENCES = "hyperdsl.backends.text.vectorizer.SequenceVectorizer"
# What a layer's parameters say of the base's keywords.
_FURTHER = {"trainable": {"default": True}, "autocast": {"default": True}}

_Table = Mapping[str, Any]


def modules(library: str = "keras") -> list[Module]:
    """Everything of Keras that a program can name."""
    choose_backend()
    table = read_document("keras.toml")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        groups = {name: _Group(name, facts, table) for name, facts in table["groups"].items()}
        found = _united(m for group in groups.values() for m in group.modules())
    roles = {g.facts["role"]: g for g in groups.values()}
    texts = {role: _texts(roles[role], further) for role, further in table["names"].items()}
    found += [_train(table["train"]), _texts_as_sequences(table["text"])]
    return [replace(m, parameters=_with_texts(m.parameters, texts)) for m in found]


def _train(takes: Mapping[str, str]) -> Module:
    """The language's own ``train``, which makes an estimator of a network."""
    defaults: dict[str, object] = {"optimizer": "adam", "loss": None, "batch_size": 32, "epochs": 10}
    defaults |= {"patience": None, "validation_fraction": 0.1, "precision": None, "device": None}
    parameters = {
        name: Parameter(name, name not in defaults, defaults.get(name), constraints=parse_takes(text))
        for name, text in takes.items()
    }
    return Module("train", "train", "keras", frozenset({"classifier", "regressor"}), parameters)


def _texts_as_sequences(takes: Mapping[str, str]) -> Module:
    """The step that makes of texts what an embedding takes, which Keras has for TensorFlow only."""
    defaults: dict[str, object] = {"max_tokens": 10_000, "length": 100, "lowercase": True, "token_pattern": r"\w+"}
    parameters = {n: Parameter(n, False, defaults[n], constraints=parse_takes(text)) for n, text in takes.items()}
    summary = "Texts as sequences of word numbers, for an embedding of `max_tokens` rows."
    return Module("SequenceVectorizer", SEQUENCES, "keras", frozenset({"transformer"}), parameters, summary=summary)


def choose_backend() -> str:
    """Set ``KERAS_BACKEND`` to what is installed, before Keras is imported, and give its name.

    Keras itself takes TensorFlow, also where it is not installed, and writes that into ``keras.json``. What the
    environment says, and what the file says and is installed, is left as it is.
    """
    if chosen := os.environ.get("KERAS_BACKEND"):
        return chosen
    if _is_installed(configured := _configured_backend()):
        return configured
    os.environ["KERAS_BACKEND"] = next(name for name in _BACKENDS if _is_installed(name))
    return os.environ["KERAS_BACKEND"]


def _configured_backend() -> str:
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    try:
        with open(os.path.join(home, "keras.json"), encoding="utf-8") as file:
            return str(json.load(file).get("backend", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _is_installed(backend: str) -> bool:
    return backend in _BACKENDS and importlib.util.find_spec(_BACKENDS[backend]) is not None


class _Group:
    """The classes and functions of one role."""

    def __init__(self, name: str, facts: _Table, table: _Table) -> None:
        self.facts = facts
        self.package = import_module(facts["module"])
        self._classes: _Table = table.get(name, {})
        self._takes: _Table = {**table["takes"], **self._classes.get("takes", {})}

    def named(self) -> dict[str, Any]:
        """Public name -> class or function."""
        public = [n for n in dir(self.package) if not n.startswith("_") and n not in KERAS_LEFT_OUT]
        found = {n: getattr(self.package, n) for n in public}
        return {n: target for n, target in found.items() if callable(target)}

    def modules(self) -> Iterator[Module]:
        named = self.named()
        for name, target in named.items():
            first = _first_name(named, target)
            yield Module(
                name=name,
                path=f"{self.facts['module']}.{first}",
                library="keras",
                roles=self._roles(first, target),
                parameters=self._parameters(first, target),
                summary=summary_of(target),
            )

    def _roles(self, name: str, target: Any) -> frozenset[str]:
        if name in self.facts.get("cell", ()):
            return frozenset({"cell"})
        further = {"merge"} if name in self.facts.get("merge", ()) else set()
        return frozenset({self.facts["role"], *further} | ({"function"} if not inspect.isclass(target) else set()))

    def _parameters(self, name: str, target: Any) -> dict[str, Parameter]:
        own: _Table = self._classes.get(name, {})
        takes = {**self._takes, **own}
        defaults = {n: default_of(p) for n, p in own_parameters(target).items() if not n.startswith("_")}
        if inspect.isclass(target) and takes_keywords(target):
            further = (*self.facts.get("further", ()), *own)
            left_out = (*own.get("leave_out", ()), "leave_out")
            defaults |= {n: _FURTHER.get(n, {}) for n in further if n not in defaults and n not in left_out}
        return {n: Parameter(n, constraints=_constraints(takes, n, name), **default) for n, default in defaults.items()}


def _first_name(named: Mapping[str, Any], target: Any) -> str:
    """Its own name where that is public, else the longest of those that are."""
    own: str = target.__name__
    if named.get(own) is target:
        return own
    return min((n for n, t in named.items() if t is target), key=lambda n: (n.islower(), -len(n), n))


def _constraints(takes: _Table, parameter: str, name: str) -> tuple[Constraint, ...]:
    if parameter not in takes:
        return ()
    rank = next((letter for letter in name if letter.isdigit()), "some")
    return parse_takes(takes[parameter].replace("rank of", f"{rank} of"))


def _united(found: Iterator[Module]) -> list[Module]:
    """A function that is public in two places is one, with both roles."""
    united: dict[tuple[str, int], Module] = {}
    for module in found:
        package, _, name = module.path.rpartition(".")
        target = getattr(import_module(package), name)
        key = (module.name, id(target))
        before = united.get(key)
        united[key] = module if before is None else replace(before, roles=before.roles | module.roles)
    return list(united.values())


def _texts(group: _Group, further: tuple[str, ...]) -> tuple[str, ...]:
    """The names by which the library knows the objects of a role."""
    names = [*group.named(), *(n.lower() for n in group.named()), *further]
    known = [n for n in dict.fromkeys(names) if _is_known(group.package.get, n)]
    return tuple(sorted(known, key=lambda n: (not n.islower(), n)))


def _is_known(get: Any, name: str) -> bool:
    try:
        return get(name) is not None
    except Exception:  # whatever a constructor without arguments raises
        return False


def _with_texts(parameters: Mapping[str, Parameter], texts: Mapping[str, tuple[str, ...]]) -> dict[str, Parameter]:
    """Where a parameter takes objects of a role, it takes their names too."""
    changed: dict[str, Parameter] = {}
    for name, parameter in parameters.items():
        known = [t for c in parameter.constraints if isinstance(c, Kind) for t in texts.get(c.name, ())]
        options = (Options(tuple(known)),) if known else ()
        changed[name] = replace(parameter, constraints=(*options, *parameter.constraints))
    return changed
