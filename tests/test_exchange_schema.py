"""The JSON Schema of an exported space: what is written follows it, and what breaks it is refused."""

from __future__ import annotations

import copy
import json
import random
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from programs import make

import hyperdsl
from hyperdsl.backends.exchange import export
from hyperdsl.backends.exchange.document_schema import document_schema
from hyperdsl.check.imports import STD
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.exchange.saved import load_json
from hyperdsl.hyperspace import HyperSpace

EXAMPLES = Path(__file__).parent.parent / "examples"
SHIPPED = json.loads((files("hyperdsl.backends.exchange") / "space.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SHIPPED)
SMALL = """\
let depth = 2..10
space small = StandardScaler()? >> (LogisticRegression(C = 1e-3..1e2 log)
  | DecisionTreeClassifier(max_depth = depth, min_samples_leaf = 1..depth))
"""


def document(space: HyperSpace) -> Any:
    return json.loads(export("json", space.space, Reporter(), user=space.user, module=space.module))


def test_the_shipped_schema_is_that_of_the_operations() -> None:
    Draft202012Validator.check_schema(SHIPPED)
    assert document_schema() == SHIPPED, "run python -m hyperdsl.backends.exchange.document_schema"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.hyp")), ids=lambda path: path.stem)
def test_every_example_follows_the_schema(path: Path) -> None:
    VALIDATOR.validate(document(hyperdsl.load(path)))


def using(module: str, name: str) -> HyperSpace:
    """A space of one definition, with a model behind it where it is none."""
    given = "Ridge()" if name == "scaled_target" else ""
    for end in ("", " >> LogisticRegression()", " >> Ridge()"):
        try:
            return hyperdsl.compile(f"import std.{module} ({name})\nspace s = {name}({given}){end}")
        except HypError as error:
            problem = error
    raise problem


@pytest.mark.parametrize("path", [p for p in sorted(STD.glob("*.hyp")) if p.stem != "nas"], ids=lambda path: path.stem)
def test_every_standard_definition_follows_the_schema(path: Path) -> None:
    for name in re.findall(r"^def (\w+)", path.read_text("utf-8"), re.M):
        VALIDATOR.validate(document(using(path.stem, name)))


def test_what_networks_cost_follows_the_schema() -> None:
    pytest.importorskip("keras")
    cell = "let x = input(8, 8, 1) return darts(x, nodes = 2) >> Dense(2)"
    limited = f"import std.nas (darts)\nlet net = train({{ {cell} }})\nrequire params(net) <= 9_000\nspace s = net"
    VALIDATOR.validate(document(hyperdsl.compile(limited)))


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_any_graph_follows_the_schema(seed: int) -> None:
    VALIDATOR.validate(document(hyperdsl.compile(make(seed))))


def mutated(good: Any, rng: random.Random) -> Any:
    """The document with one attribute gone, added, or given another value."""
    bad = copy.deepcopy(good)
    entry = rng.choice([bad, *rng.choices(bad["nodes"], k=6), *bad["sources"]])
    key = rng.choice([k for k in entry if k not in ("label", "definition")])
    match rng.randrange(3):
        case 0:
            del entry[key]
        case 1:
            entry[key] = rng.choice([None, -1, "x", [], [1], {}, True, 1.5, [[["a", 1]]]])
        case _:
            entry["surprise"] = 1
    return bad


def test_what_breaks_the_schema_is_refused_with_a_diagnostic(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = document(hyperdsl.compile(SMALL))
    rng, broken = random.Random(4), 0
    path = tmp_path / "mutated.json"
    for _ in range(80):
        bad = mutated(good, rng)
        path.write_text(json.dumps(bad), encoding="utf-8")
        if VALIDATOR.is_valid(bad):
            continue
        broken += 1
        with pytest.raises(HypError) as caught:
            load_json(str(path), Reporter())
        assert "E095" in str(caught.value), bad
    assert broken > 30
    path.write_text(json.dumps({**good, "root": "x"}), encoding="utf-8")
    assert main(["compile", "--from", "json", str(path), "--to", "json"]) == 1
    message = capsys.readouterr().err
    assert "`root` is not a whole number" in message and "Traceback" not in message
