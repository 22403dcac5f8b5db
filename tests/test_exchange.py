"""A compiled space as JSON and back, and as a picture."""

from __future__ import annotations

import json
import random
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from programs import make

import hyperdsl
from hyperdsl.backends.exchange import export
from hyperdsl.backends.exchange.document import from_document
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.exchange.saved import load_json
from hyperdsl.hyperspace import HyperSpace

EXAMPLES = Path(__file__).parent.parent / "examples"
SMALL = """\
let depth = 2..10
def scaler() = StandardScaler() | RobustScaler() @ 2
space small =
  columns { numeric => SimpleImputer(strategy = "mean" | "median") >> scaler()?  rest => drop }
  >> (m: (LogisticRegression(C = 1e-3..1e2 log)
          | BaggingClassifier(estimator = DecisionTreeClassifier(max_depth = depth)))
      | DecisionTreeClassifier(max_depth = depth, min_samples_leaf = 1..depth, criterion = "gini"?))
"""


def exported(space: HyperSpace, target: str) -> str:
    return export(target, space.space, Reporter(), user=space.user, module=space.module)


def saved(space: HyperSpace, folder: Path) -> HyperSpace:
    path = folder / "space.json"
    path.write_text(exported(space, "json"), encoding="utf-8")
    return load_json(str(path), Reporter())


# --- JSON


@pytest.mark.parametrize("name", ["credit", "digits", "hypergbm", "own_transformer", "plain"])
def test_a_space_survives_json(name: str, tmp_path: Path) -> None:
    space = hyperdsl.load(EXAMPLES / f"{name}.hyp")
    back = saved(space, tmp_path)
    assert back.graph == space.graph and back.decisions == space.decisions and back.user == space.user
    assert back.count() == space.count() and back.sample(20, seed=1) == space.sample(20, seed=1)
    one = space.default()
    assert back.source(one) == space.source(one) and back.key(one) == space.key(one)


@pytest.mark.parametrize("seed", range(60))
def test_any_graph_survives_json(seed: int) -> None:
    space = hyperdsl.compile(make(seed))
    graph, user = from_document(json.loads(exported(space, "json")))
    assert graph == space.graph and user == ()
    assert [node.span and node.span.text for node in graph.nodes] == [n.span and n.span.text for n in space.graph.nodes]


def test_the_commands_take_json_for_a_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program, document = tmp_path / "small.hyp", str(tmp_path / "small.json")
    program.write_text(SMALL, encoding="utf-8")
    assert main(["compile", str(program), "--to", "json", "-o", document]) == 0
    for command in (["info", "--json"], ["sample", "-n", "3"], ["compile", "--default"], ["compile", "--to", "svg"]):
        assert main([*command, str(program)]) == 0
        direct = capsys.readouterr().out
        assert main([*command, "--from", "json", document]) == 0
        assert capsys.readouterr().out == direct
    assert main(["compile", "--from", "json", document, "--emit", "tree"]) == 1
    assert "E0960" in capsys.readouterr().err


def refused(document: Any, folder: Path) -> str:
    path = folder / "bad.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    with pytest.raises(HypError) as caught:
        load_json(str(path), Reporter())
    return str(caught.value)


def test_what_is_no_document_is_explained(tmp_path: Path) -> None:
    good = json.loads(exported(hyperdsl.compile(SMALL), "json"))
    assert "not JSON" in refused("{", tmp_path)
    assert '"format": "hyperdsl.space"' in refused([1], tmp_path)
    assert "version 2" in refused({**good, "version": 2}, tmp_path)
    assert "`nodes` is not a list" in refused({**good, "nodes": None}, tmp_path)
    assert "node 0: there is no operation 'nonsense'" in refused({**good, "nodes": [{"op": "nonsense"}]}, tmp_path)
    assert "the root" in refused({**good, "root": 10**6}, tmp_path)
    assert "does not follow from its nodes" in refused({**good, "decisions": [{}]}, tmp_path)


def test_a_document_cannot_name_code_outside_the_catalog(tmp_path: Path) -> None:
    text = exported(hyperdsl.compile("space s = StandardScaler() >> Ridge()"), "json")
    message = refused(text.replace("sklearn.preprocessing.StandardScaler", "os.system"), tmp_path)
    assert "E0951" in message and "os.system" in message


def test_a_damaged_document_never_gives_a_traceback(tmp_path: Path) -> None:
    good = exported(hyperdsl.compile(SMALL), "json")
    rng = random.Random(0)
    values = [None, 0, -1, 10**30, "x", [], [1], {}, True, 1.5, [[["a", 1]]]]
    for _ in range(150):
        document = json.loads(good)
        entry = rng.choice(document[rng.choice(["nodes", "nodes", "nodes", "sources", "decisions"])])
        other = rng.choice(document["nodes"])
        entry[rng.choice(list(entry))] = rng.choice([*values, *other.values()])
        path = tmp_path / "damaged.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        try:
            load_json(str(path), Reporter()).sample(2)
        except HypError as error:
            assert str(error)


# --- pictures


def test_a_picture_tells_structure_weights_and_ranges() -> None:
    text = exported(hyperdsl.compile(SMALL), "svg")
    root = ElementTree.fromstring(text)
    shown = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for expected in ("columns", "numeric", "scaler: one of", "66.7 %", "optional, 50 %", "LogisticRegression"):
        assert expected in shown
    for expected in ("0.001..100.0 log", "depth = 2..10", "1..depth", '"gini"?', '"mean" | "median"'):
        assert expected in shown
    assert "708 configurations × 1 continuous range · 9 decisions" in shown


def test_conditions_stand_in_the_json_and_in_the_picture(tmp_path: Path) -> None:
    space = hyperdsl.compile("let a = 1..5\nlet b = 1..5\nrequire a < b\nspace s = record(a = a, b = b)")
    assert saved(space, tmp_path).count() == space.count()
    shown = "".join(ElementTree.fromstring(exported(space, "svg")).itertext())
    assert "require" in shown and "a < b" in shown


def test_boxes_lie_inside_each_other_or_apart() -> None:
    root = ElementTree.fromstring(exported(hyperdsl.load(EXAMPLES / "credit.hyp"), "svg"))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    boxes = []
    for rect in root.iter("{http://www.w3.org/2000/svg}rect"):
        if "x" in rect.attrib:
            x, y, w, h = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
            boxes.append((x, y, x + w, y + h))
    assert len(boxes) > 15
    assert all(0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height for x0, y0, x1, y1 in boxes)
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            inside = (a[0] < b[0] and a[1] < b[1] and b[2] < a[2] and b[3] < a[3]) or (
                b[0] < a[0] and b[1] < a[1] and a[2] < b[2] and a[3] < b[3]
            )
            assert apart or inside


def test_dot_and_mermaid_hold_each_module_and_their_brackets_match() -> None:
    space = hyperdsl.compile(SMALL)
    dot, mermaid = exported(space, "dot"), exported(space, "mermaid")
    assert dot.startswith('digraph "small" {') and dot.count("{") == dot.count("}")
    assert "lhead=cluster_" in dot and '\\"mean\\" | \\"median\\"' in dot
    words = [line.split()[0] for line in mermaid.splitlines()]
    assert words.count("subgraph") == words.count("end") == 7
    assert "#34;mean#34;" in mermaid
    for name in ("SimpleImputer", "BaggingClassifier", "DecisionTreeClassifier", "RobustScaler"):
        assert name in dot and name in mermaid


def test_texts_in_a_picture_are_escaped() -> None:
    space = hyperdsl.compile('space s = record(a = "<b>&\\"" | "]\\u0007\\\\", b = 1..2)')
    shown = "".join(ElementTree.fromstring(exported(space, "svg")).itertext())
    assert "<b>&" in shown and "\\x07" in shown
    assert '\\"<b>&' not in exported(space, "mermaid")


def test_a_picture_of_what_is_shared_many_thousand_times_stays_small() -> None:
    program = "def g(p) = p & p\ndef h(p) = p + p\n"
    program += f"space s = {'g(' * 16}PCA(n_components = {'h(' * 30}1..3{')' * 30}){')' * 16} >> Ridge()"
    assert len(exported(hyperdsl.compile(program), "svg")) < 500_000


def test_pictures_stay_narrow_and_lists_are_no_sequences() -> None:
    """Arrows mean that one step follows another; many wide steps stand below each other."""
    voting = 'space v = VotingClassifier(estimators = [("a", GaussianNB()), ("b", LogisticRegression(C = 1 | 2))])'
    drawn = ElementTree.fromstring(exported(hyperdsl.compile(voting), "svg"))
    assert not list(drawn.iter("{http://www.w3.org/2000/svg}line"))
    assert "all of" in "".join(drawn.itertext())
    wide = " >> ".join(["QuantileTransformer(n_quantiles = 100..1000, output_distribution = 'normal' | 'uniform')"] * 9)
    tall = ElementTree.fromstring(exported(hyperdsl.compile(f"space w = {wide} >> Ridge()".replace("'", '"')), "svg"))
    assert float(tall.get("width", "0")) < 600 < float(tall.get("height", "0"))
    arrows = list(tall.iter("{http://www.w3.org/2000/svg}line"))
    assert len(arrows) == 9 and all(a.get("x1") == a.get("x2") for a in arrows)
