"""What flows through pipelines: the tables of the classes against the classes, and what the audit makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import probes
import pytest
from scipy import sparse

from hyperdsl.audit.flow import steps
from hyperdsl.audit.flow.frame import Flow, Frame
from hyperdsl.audit.witness import TRUE
from hyperdsl.catalog import load_catalog
from hyperdsl.catalog.model import Module
from hyperdsl.catalog.needs import LIBRARIES, Behaviour, find_needs

CATALOG = load_catalog()
# What the words of the tables cannot say, because single values decide it.
BEYOND = {
    "SparseCoder": "a dictionary is an array, which a program cannot write",
    "SkewedChi2Sampler": "what is below minus `skewedness` fails",
    "CategoricalNB": "a category above all those fitted to fails",
}
CHI2 = "sklearn.feature_selection.chi2"


def classes() -> Iterator[Module]:
    """Every transformer, classifier and regressor of the catalog that is not told what to be by its arguments."""
    for name in sorted(CATALOG.names()):
        for module in CATALOG.find(name):
            fits = module.roles & {"transformer", "classifier", "regressor"}
            if module.library in LIBRARIES and fits and not module.tags.get("delegates"):
                yield module


MODULES = {module.name: module for module in classes()}


def test_every_class_of_the_catalog_has_an_entry() -> None:
    assert [m.name for m in MODULES.values() if find_needs(m.library, m.name) is None] == []


def cases(module: Module) -> Iterator[tuple[dict[str, Any], Behaviour, steps.Arguments]]:
    """The defaults, and the first arguments of each case, with the behaviour that the table tells for them."""
    needs = find_needs(module.library, module.name)
    assert needs is not None
    defaults = {n: ("c", p.default) for n, p in module.parameters.items() if not p.default_text}
    defaults |= {n: ("c", v) for n, v in probes.CHEAP.get(module.name, {}).items()}
    for written in ({}, *({n: values[0] for n, values in case.conditions} for case in needs.cases)):
        arguments = defaults | {n: ("c", v) for n, v in written.items()}
        (behaviour,) = (b for condition, b in steps.behaviours(needs, arguments) if condition == TRUE)
        yield written, behaviour, arguments


def objects(written: dict[str, Any]) -> dict[str, Any]:
    from sklearn.feature_selection import chi2

    return {n: chi2 if v == CHI2 else v for n, v in written.items()}


@pytest.mark.parametrize("name", sorted(MODULES.keys() - BEYOND.keys()))
def test_a_class_takes_and_gives_what_its_table_says(name: str) -> None:
    wrong = []
    for written, behaviour, arguments in cases(MODULES[name]):
        for table in probes.TABLES:
            flow = probes.flow_of(table)
            told = [
                fault.rule for fault, condition in steps.faults(behaviour, flow, one_target=True) if condition == TRUE
            ]
            error, given = probes.fit(MODULES[name], objects(written), table)
            if bool(told) != bool(error):
                wrong.append((written, table, told, error))
            elif given is not None and not told:
                wrong += [
                    (written, table, w)
                    for w in differences(steps.after(behaviour, flow, arguments, name, False), given)
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
    if flow.count[0] == "c" and flow.count[1] != values.shape[1]:
        yield f"{flow.count[1]} columns, and there are {values.shape[1]}"
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
