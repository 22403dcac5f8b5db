"""What flows through pipelines: the tables of the classes against the classes, and what the audit makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import probes
import pytest
from scipy import sparse
from sklearn.feature_selection import chi2

import hyperdsl
from hyperdsl.audit.flow import steps
from hyperdsl.audit.flow.frame import Flow, Frame
from hyperdsl.audit.lifting import Lifting, default_of
from hyperdsl.audit.witness import TRUE, Failures
from hyperdsl.catalog import load_catalog
from hyperdsl.catalog.model import Module
from hyperdsl.catalog.needs import LIBRARIES, Behaviour, find_needs
from hyperdsl.catalog.rulebook import parsed
from hyperdsl.ir.plan import TRAIN
from hyperdsl.space.expressions import Expression
from hyperdsl.syntax import tree

CATALOG = load_catalog()
# What the words of the tables cannot say, because single values decide it.
BEYOND = {
    "SparseCoder": "a dictionary is an array, which a program cannot write",
    "SkewedChi2Sampler": "what is below minus `skewedness` fails",
    "CategoricalNB": "a category above all those fitted to fails",
}


def classes() -> Iterator[Module]:
    """Every transformer, classifier and regressor of the catalog that is not told what to be by its arguments."""
    for name in sorted(CATALOG.names()):
        for module in CATALOG.find(name):
            fits = module.roles & {"transformer", "classifier", "regressor"}
            is_told = module.tags.get("delegates") or module.path == TRAIN
            if module.library in LIBRARIES and fits and not is_told:
                yield module


MODULES = {module.name: module for module in classes()}


def test_every_class_of_the_catalog_has_an_entry() -> None:
    assert [m.name for m in MODULES.values() if find_needs(m.library, m.name) is None] == []


LIFTING = Lifting(Failures(hyperdsl.compile("space s = Ridge()").graph).conditions)


def cases(module: Module) -> Iterator[dict[str, Any]]:
    """No arguments, and for each case of the table some under which it holds."""
    needs = find_needs(module.library, module.name)
    assert needs is not None
    yield {}
    for case in needs.cases:
        if case.tried:
            yield eval(f"dict({case.tried})")
        elif written := dict(equal_to(parsed(case.condition))):
            yield written


def equal_to(condition: tree.Expr) -> Iterator[tuple[str, Any]]:
    """The arguments under which a conjunction of ``name == value`` holds, with the first of several values."""
    match condition:
        case tree.Boolean(operator="and", items=items):
            for item in items:
                yield from equal_to(item)
        case tree.Compare(operators=("==" | "is",), operands=(tree.Name(id=name), tree.Literal(value=value))):
            yield name, value
        case tree.Compare(operators=("is",), operands=(tree.Name(id=name), tree.Name(id="chi2"))):
            yield name, chi2
        case tree.Compare(
            operators=("in",), operands=(tree.Name(id=name), tree.ListExpr(items=(tree.Literal(value=value), *_)))
        ):
            yield name, value


def told_of(module: Module, written: dict[str, Any], flow: Flow) -> tuple[Behaviour, Expression]:
    """The behaviour that the table tells for some arguments and input, and how many columns come out."""
    needs = find_needs(module.library, module.name)
    assert needs is not None
    names = {n: default_of(module, p) for n, p in module.parameters.items()}
    given = probes.CHEAP.get(module.name, {}) | written
    names |= {n: ("m", f"a.{v.__name__}") if callable(v) else ("c", v) for n, v in given.items()}
    facts = {**steps.facts_of(flow), "rows": ("c", probes.FITTED), "classes": ("c", 3)}
    names = {**facts, **names}
    [behaviour] = (b for condition, b in steps.behaviours(needs, LIFTING, names) if condition == TRUE)
    return behaviour, steps.columns(behaviour, flow, LIFTING, names)


@pytest.mark.parametrize("name", sorted(MODULES.keys() - BEYOND.keys()))
def test_a_class_takes_and_gives_what_its_table_says(name: str) -> None:
    wrong = []
    for written in cases(MODULES[name]):
        for table in probes.TABLES:
            flow = probes.flow_of(table)
            behaviour, count = told_of(MODULES[name], written, flow)
            told = [
                fault.rule for fault, condition in steps.faults(behaviour, flow, one_target=True) if condition == TRUE
            ]
            error, given = probes.fit(MODULES[name], written, table)
            if bool(told) != bool(error):
                wrong.append((written, table, told, error))
            elif given is not None and not told:
                wrong += [
                    (written, table, w) for w in differences(steps.after(behaviour, flow, count, name, False), given)
                ]
    assert wrong == []


def differences(flow: Flow, given: Any) -> Iterator[str]:
    """Where a matrix is not what is said of it."""
    frame, is_sparse = flow.frame, sparse.issparse(given)
    values = given.toarray() if is_sparse else np.asarray(given)
    if values.ndim != 2 or values.shape[1] == 0:
        return
    if frame.form in ("sparse", "dense") and (frame.form == "sparse") != is_sparse:
        yield f"{frame.form}, and it is {'sparse' if is_sparse else 'dense'}"
    hull = LIFTING.conditions.hull(flow.count)
    if hull is not None and not hull[0] <= values.shape[1] <= hull[1]:
        yield f"{hull[0]} to {hull[1]} columns, and there are {values.shape[1]}"
    try:
        numbers = values.astype(float)
    except ValueError:
        if frame.text == "none":
            yield "no text, and there is some"
        return
    if (frame.missing == "none" and np.isnan(numbers).any()) or (
        frame.missing == "some" and not np.isnan(numbers).any()
    ):
        yield f"missing: {frame.missing}"
    if not holds(frame, np.nanmin(numbers, axis=0)):
        yield f"{frame.values}, and the least values are {np.nanmin(numbers, axis=0)}"


def holds(frame: Frame, least: Any) -> bool:
    match frame.values:
        case "negative":
            return bool((least < 0).all())
        case "some negative":
            return bool(least.min() < 0)
        case "zero":
            return bool(least.min() == 0)
        case "nonnegative":
            return bool(least.min() >= 0)
        case "positive":
            return bool(least.min() > 0)
    return True
