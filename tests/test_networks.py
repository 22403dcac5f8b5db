"""Networks: what tensors, cells, ``tied`` and ``loose`` mean, and when two networks are the same."""

from __future__ import annotations

import ast
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.backends.exchange import diagrams
from hyperdsl.backends.exchange.blocks import picture
from hyperdsl.experiment.model import load_model
from hyperdsl.ir import canonical, plan
from hyperdsl.ir.networks import normalized

pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras' variables, which NumPy tells


def network(text: str, **decided: object) -> plan.Network:
    """The network of a space's default configuration, or of one that decides so."""
    space = hyperdsl.compile(text)
    chosen = space.configuration(decided) if decided else space.default()
    found = space.plan(chosen)
    if isinstance(found, plan.Call):
        found = dict(found.arguments)["network"]
    assert isinstance(found, plan.Network)
    return found


def classes(of: plan.Network) -> list[str]:
    return [
        "input" if isinstance(layer.module, plan.InputPlan) else layer.module.path.rpartition(".")[2]  # type: ignore
        for layer in of.layers
    ]


def test_a_network_without_an_input_takes_the_data() -> None:
    found = network("space s = train(Dense(8) >> Dense(3))")
    assert classes(found) == ["input", "Dense", "Dense"]
    assert found.layers[0].module == plan.InputPlan(None)


def test_a_tensor_is_computed_once_and_a_layer_of_a_let_twice() -> None:
    found = network("space s = train({ let h = input(4) >> Dense(8) return [h, h] >> Add() >> Dense(1) })")
    assert classes(found) == ["input", "Dense", "Add", "Dense"]
    assert found.layers[2].inputs == (1, 1)
    found = network("space s = train({ let d = Dense(8) let x = input(4) return [x >> d, x >> d] >> Add() })")
    assert classes(found) == ["input", "Dense", "Dense", "Add"]


def test_a_def_makes_new_layers_in_each_call() -> None:
    found = network("def f(x) = x >> Dense(8)\nspace s = train({ let x = input(4) return [f(x), f(x)] >> Add() })")
    assert classes(found) == ["input", "Dense", "Dense", "Add"]


def test_tied_layers_have_one_set_of_weights() -> None:
    text = "space s = train({ let d = Dense(8) >> Dense(4) let x = input(4) let y = input(4)"
    found = network(text + " return [x >> tied(d), y >> tied(d)] >> Concatenate() })")
    assert classes(found) == ["input", "Dense", "Dense", "input", "Dense", "Dense", "Concatenate"]
    assert [layer.tied for layer in found.layers] == [None, None, None, None, 1, 2, None]


def test_loose_tensors_are_those_that_nothing_else_uses() -> None:
    text = "space s = train({ let x = input(4) let a = x >> Dense(8) let b = a >> Dense(8) let c = x >> Dense(8)"
    found = network(text + " return loose([x, a, b, c, c]) >> Concatenate() })")
    assert classes(found) == ["input", "Dense", "Dense", "Dense", "Concatenate"]
    assert found.layers[4].inputs == (2, 3)


def test_branches_of_modules_are_applied_to_one_tensor() -> None:
    found = network("space s = train((Dense(8) & pass & Dense(4) >> Dense(2)) >> Concatenate() >> Dense(1))")
    assert classes(found) == ["input", "Dense", "Dense", "Dense", "Concatenate", "Dense"]
    assert found.layers[4].inputs == (1, 0, 3)


def test_a_label_names_the_layer() -> None:
    found = network("space s = train(hidden: Dense(8) >> Dense(3))")
    assert [layer.label for layer in found.layers] == [None, "hidden", None]


CELLS = """
def op() = Dense(4) | Dense(4, activation = "relu") | pass
def node(hs) = [pick(1, hs) >> op(), pick(1, hs) >> op()] >> Add()
def grow(k, hs) = hs if k == 0 else grow(k - 1, hs + [node(hs)])
let cell(h0, h1) = loose(grow({nodes}, [h0, h1])) >> Add()
def stack(n, h0, h1) = h1 if n == 0 else stack(n - 1, h1, cell(h0, h1))
space s = train({{ let x = input(4) return stack({cells}, x, x) >> Dense(1) }})
"""


def test_a_cell_is_counted_once_however_often_it_is_used() -> None:
    # Each node picks two inputs and two operations: (2 * 3) ** 2 for the first, (3 * 3) ** 2 for the second.
    assert hyperdsl.compile(CELLS.format(nodes=2, cells=4)).count().configurations == 36 * 81
    space = hyperdsl.compile(CELLS.format(nodes=5, cells=6))
    assert space.count().configurations == 36 * 81 * 12**2 * 15**2 * 18**2


def test_the_picture_of_cells_shows_their_operations_and_what_they_take() -> None:
    shown = diagrams.mermaid(picture(hyperdsl.compile(CELLS.format(nodes=2, cells=2)).space))
    for text in ("loose ends of", "op: one of", "the same x", "the same node", "the same cell", "one of, as above"):
        assert f'{text}"]' in shown, text
    assert "…" not in shown


def test_a_search_space_of_cells_is_enumerated_as_it_is_counted() -> None:
    space = hyperdsl.compile(CELLS.format(nodes=1, cells=2))
    configurations = list(space.enumerate())
    assert len(configurations) == space.count().configurations == 36
    # Commuting sums, and cells that pass the input on, are the same program.
    assert len({space.key(c) for c in configurations}) < 36


@pytest.mark.parametrize("seed", range(5))
def test_the_key_does_not_depend_on_the_order_of_layers(seed: int) -> None:
    space = hyperdsl.compile(CELLS.format(nodes=4, cells=3))
    rng = random.Random(seed)
    for configuration in space.sample(5, seed):
        found = dict(space.plan(configuration).arguments)["network"]
        assert canonical.text(_shuffled(found, rng)) == canonical.text(found)
        normal = normalized(found, canonical.text)
        assert normalized(normal, canonical.text) == normal


def test_layers_that_are_much_alike_are_told_apart_by_the_whole() -> None:
    # Six layers, each added to the next: around one circle of six, or around two of three.
    texts = set()
    for after in ("(i + 1) % 6", "(i + 1) % 3 + i // 3 * 3"):
        found = network(
            "space s = train({ let x = input(4) let hs = [x >> Dense(4) for i in 0..5] return"
            f" [[hs[i], hs[{after}]] >> Add() >> Dense(4) for i in 0..5] >> Add() >> Dense(2) }})"
        )
        rng = random.Random(1)
        (text,) = {canonical.text(_shuffled(found, rng)) for _ in range(10)}
        texts.add(text)
    assert len(texts) == 2


def _shuffled(of: plan.Network, rng: random.Random) -> plan.Network:
    """The same network, its layers in another order, inputs of sums too."""
    waiting = list(range(len(of.layers)))
    order: list[int] = []
    while waiting:
        ready = [n for n in waiting if all(i in order for i in of.layers[n].inputs)]
        order.append(rng.choice(ready))
        waiting.remove(order[-1])
    places = {old: new for new, old in enumerate(order)}
    layers = []
    for old in order:
        inputs = [places[i] for i in of.layers[old].inputs]
        if isinstance(of.layers[old].module, plan.Call) and of.layers[old].module.path.endswith("Add"):  # type: ignore
            rng.shuffle(inputs)
        layers.append(replace(of.layers[old], inputs=tuple(inputs)))
    return plan.Network(tuple(layers), tuple(places[o] for o in of.outputs))


def test_tied_and_free_weights_are_two_programs() -> None:
    text = "space s = train({{ let d = Dense(8) let x = input(4) return [x >> {0}, x >> {0} >> Dense(8)] >> Add() }})"
    keys = {canonical.key(network(text.format(layer))) for layer in ("d", "tied(d)")}
    assert len(keys) == 2


def test_one_tensor_twice_is_not_two_equal_layers() -> None:
    once = network("space s = train({ let h = input(4) >> Dense(8) return [h, h] >> Add() })")
    twice = network("space s = train({ let x = input(4) return [x >> Dense(8), x >> Dense(8)] >> Add() })")
    assert canonical.key(once) != canonical.key(twice)


def test_a_changed_model_file_imports_and_calls_nothing_else() -> None:
    build = hyperdsl.compile("space s = train(input(4) >> Dense(3))").build({}).build
    state = build.__getstate__()
    assert read_back(state)(None).output_shape == (None, 3)
    text = repr(state)
    changes = {
        "another module": {**state, "imports": {**state["imports"], "Dense": "os.system"}},
        "another part of Keras": {**state, "imports": {**state["imports"], "Dense": "keras.saving.load_model"}},
        "code in a layer": {**state, "imports": {**state["imports"], "Dense": "keras.layers.Lambda"}},
        "a builtin": ast.literal_eval(text.replace("'id': 'Dense'", "'id': 'eval'")),
        "an attribute": ast.literal_eval(text.replace("'attr': 'compile'", "'attr': '__class__'")),
        "its own permission": {**state, "allowed": ["os."], "imports": {**state["imports"], "Dense": "os.system"}},
    }
    from hyperdsl.backends.keras.building import allowing

    for what, changed in changes.items():
        assert changed != state, what
        with pytest.raises(hyperdsl.HypError, match="E0461"):
            read_back(changed)(None)
    with allowing(["glob"]), pytest.raises(hyperdsl.HypError, match="E0461"):  # which defines other things
        read_back({**state, "imports": {**state["imports"], "Dense": "glob.os"}})(None)


def read_back(state: dict[str, Any]) -> Any:
    from hyperdsl.backends.keras.building import BuildFunction

    made = BuildFunction.__new__(BuildFunction)
    made.__setstate__(state)
    return made


def test_labels_that_look_like_other_names_name_no_two_tensors() -> None:
    text = "space s = train({ let x = input(4) let a = dense_2: x >> Dense(8) let b = class: a >> Dense(8)"
    text += " let c = x >> Dense(8) let d = x >> Dense(8) return [a, b, c, d] >> Add() >> Dense(3) })"
    network = hyperdsl.compile(text).build({}).build(None)
    assert [len(layer.input) for layer in network.layers if layer.__class__.__name__ == "Add"] == [4]
    assert len({id(t) for t in next(k for k in network.layers if k.__class__.__name__ == "Add").input}) == 4


def script_of(space: hyperdsl.HyperSpace, **told: Any) -> dict[str, Any]:
    """What the script of a space's default configuration defines."""
    names: dict[str, Any] = {"__name__": "script"}
    exec(compile(space.source({}, **told), "script.py", "exec"), names)
    return names


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Forty rows, sorted by their class."""
    y = np.repeat(["a", "b"], 20)
    X = np.random.default_rng(0).normal(size=(40, 4)) + (y == "b")[:, None]
    return X.astype("float32"), y


def test_the_live_network_and_its_script_train_to_the_same(rows: Any) -> None:
    space = hyperdsl.compile("""
        let d = Dense(8, activation = "relu")
        space s = StandardScaler() >> train({
          let x = input(4)
          let y = x >> Dense(4, activation = "tanh")
          return [x >> tied(d), y >> tied(d)] >> Add() >> Dense(2, activation = "softmax")
        }, epochs = 3, patience = 1, batch_size = 8, validation_fraction = 0.2)
    """)
    live = space.build({}, seed=7)
    written = script_of(space, seed=7)["build_pipeline"]()
    for pipeline in (live, written):
        pipeline.fit(*rows)
    np.testing.assert_allclose(live.predict_proba(rows[0]), written.predict_proba(rows[0]), atol=1e-5)
    shared = [layer for layer in live[-1].network_.layers if layer.name.startswith("dense")]
    assert len(shared) == 3, "the layer that is applied twice is one"
    assert "val_loss" in live[-1].history_


def test_the_rows_that_say_when_to_stop_are_drawn_from_all_classes(rows: Any) -> None:
    model = hyperdsl.compile('space s = train(Dense(2, activation = "softmax"), patience = 2)').build({}, seed=1)
    _, y = rows
    kept, watched = model._split(y)
    assert sorted(y[watched]) == ["a", "a", "b", "b"]
    assert sorted([*kept, *watched]) == list(range(40))
    _, again = model._split(y)
    assert list(again) == list(watched)


def test_a_layer_of_the_users_own_is_loaded_where_its_package_is_allowed(
    rows: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_layers.py").write_text(
        "import keras\n\n\nclass Halve(keras.layers.Layer):\n    def call(self, x):\n        return x / 2\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    text = 'use my_layers.Halve\nspace s = train(Halve() >> Dense(2, activation = "softmax"), epochs = 1)'
    space = hyperdsl.compile(text, allow=["my_layers"], root=str(tmp_path))
    experiment = hyperdsl.Experiment(space, rows[0], rows[1], n_trials=1, cv="holdout:0.3")
    result = experiment.run()
    _, _, warnings = result.save(tmp_path / "m")
    assert [w.help for w in warnings] == ["loading it takes --allow my_layers"]
    with pytest.raises(hyperdsl.HypError, match=r"E0461.*my_layers.Halve"):
        load_model(tmp_path / "m.hypmodel")
    model = load_model(tmp_path / "m.hypmodel", allow=["my_layers"])
    assert list(model.predict(rows[0])) == list(result.model.predict(rows[0]))


@pytest.mark.parametrize(("units", "loss"), [(3, "SparseCategoricalCrossentropy"), (1, "BinaryCrossentropy")])
def test_outputs_that_are_logits_become_shares_of_the_classes(units: int, loss: str) -> None:
    text = f"space s = train(input(4) >> Dense({units}), loss = {loss}(from_logits = True), epochs = 2)"
    X = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    y = (np.arange(60) % max(units, 2)).astype(int)
    model = hyperdsl.compile(text).build({}).fit(X, y)
    logits = np.asarray(model.network_.predict(X, verbose=0), dtype="float64")
    logits = np.hstack([np.zeros_like(logits), logits]) if units == 1 else logits
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert np.allclose(model.predict_proba(X), expected, atol=1e-5)
    assert (model.predict(X) == expected.argmax(axis=1)).all()
