"""The user's own classes are read from their files, and nothing of them runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyperdsl.catalog import read_user_class
from hyperdsl.diagnostics import HypError


def write(folder: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return [str(folder / "nowhere"), str(folder)]


MINE = """
import os
raise SystemExit("this file must not run")
class Base(TransformerMixin, BaseEstimator):
    def __init__(self, alpha=1.0, *, columns=(0, -1), dtype=float, key, **rest): ...
    def transform(self, X): ...
class Clip(Base):
    "Cuts values."
class Forest(sklearn.ensemble.RandomForestClassifier):
    def __init__(self, depth=3): ...
class Open(Forest.Inner): ...
class Duck:
    def fit(self, X, y): ...
    def predict(self, X): ...
def score(X, y=None): "A score."
"""


def test_a_users_class_is_read_and_not_run(tmp_path: Path) -> None:
    path = write(tmp_path, {"mine/__init__.py": "from .parts import Clip as Clipper", "mine/parts.py": MINE})
    clip = read_user_class("mine.parts.Clip", path)
    assert (clip.name, clip.path, clip.library, clip.summary) == ("Clip", "mine.parts.Clip", "user", "Cuts values.")
    assert clip.roles == {"transformer"} and clip.open
    assert list(clip.parameters) == ["alpha", "columns", "dtype", "key"]
    assert clip.parameters["columns"].default == (0, -1)
    assert clip.parameters["dtype"].default_text == "float"
    assert clip.parameters["key"].required
    assert read_user_class("mine.Clipper", path).parameters == clip.parameters
    forest = read_user_class("mine.parts.Forest", path)
    assert forest.roles == {"classifier"} and not forest.open and forest.is_estimator
    assert read_user_class("mine.parts.Open", path).open
    assert read_user_class("mine.parts.Duck", path).is_estimator
    assert read_user_class("mine.parts.score", path).is_function


@pytest.mark.parametrize(
    ("dotted", "code"),
    [
        ("Clip", "E0803"),
        ("theirs.Clip", "E0804"),
        ("broken.Clip", "E0805"),
        ("mine.Clap", "E0806"),
        ("again.Ridge", "E0807"),
        ("again.Circular", "E0807"),
    ],
)
def test_what_is_wrong_with_a_use_is_said(tmp_path: Path, dotted: str, code: str) -> None:
    again = "from sklearn.linear_model import Ridge\nfrom again import Circular"
    path = write(tmp_path, {"mine.py": MINE, "broken.py": "class (", "again.py": again})
    with pytest.raises(HypError) as caught:
        read_user_class(dotted, path)
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_the_role_of_a_users_part_of_a_network_is_its_bases(tmp_path: Path) -> None:
    text = """
class Scale(keras.layers.Layer):
    def __init__(self, factor=2.0, **kwargs): ...
class Plain(Layer):
    def call(self, inputs): ...
class Ramp(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, steps): ...
"""
    path = write(tmp_path, {"net.py": text})
    scale, plain, ramp = (read_user_class(f"net.{name}", path) for name in ("Scale", "Plain", "Ramp"))
    assert scale.roles == plain.roles == {"layer"} and ramp.roles == {"schedule"}
    assert list(scale.parameters) == ["factor"] and scale.open and plain.open and not ramp.open
