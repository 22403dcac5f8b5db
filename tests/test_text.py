"""Texts for networks: the step that numbers words, and search, predict, evaluate and export with it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import hyperdsl
from hyperdsl.backends.text.vectorizer import SequenceVectorizer
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import Reporter

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras' variables, which NumPy tells

GOOD, BAD = ("tasty", "fresh", "lovely", "crisp"), ("stale", "awful", "bland", "soggy")


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """A table of sixty reviews with what their words say, and a gap."""
    rng = np.random.default_rng(0)
    lines = []
    for number in range(60):
        words = [str(w) for w in rng.choice(GOOD if number % 2 else BAD, 3)]
        filler = [f"bought{number}", "in", "the", "village", "shop", "and", "found", "it"]
        lines.append(
            {"review": " ".join([*filler, *words]), "stars": number, "verdict": "good" if number % 2 else "bad"}
        )
    lines[7]["review"] = None  # type: ignore[assignment]
    path = tmp_path / "reviews.csv"
    pd.DataFrame(lines).to_csv(path, index=False)
    return path


SPACE = """
let words = 30 | 60
space s =
  columns { text => SequenceVectorizer(max_tokens = words, length = 12) rest => drop }
  >> train(
       Embedding(words, 8) >> GlobalAveragePooling1D() >> Dense(data.classes, activation = "softmax"),
       optimizer = Adam(0.05), batch_size = 8, epochs = 12,
     )
"""


def test_words_have_numbers_by_how_often_they_are_there() -> None:
    step = SequenceVectorizer(max_tokens=4, length=3).fit(["To be or not to be", "to sleep"])
    assert step.vocabulary_ == {"to": 2, "be": 3}
    assert step.transform(["Be, or be?", "", None, "to to to to"]).tolist() == [
        [3, 1, 3],
        [0, 0, 0],
        [0, 0, 0],
        [2, 2, 2],
    ]
    assert SequenceVectorizer(lowercase=False, token_pattern=r"\S+").fit(["A a a."]).vocabulary_ == {
        "A": 2,
        "a": 3,
        "a.": 4,
    }
    with pytest.raises(TypeError, match="takes texts"):
        step.transform([3])


def test_words_are_learned_from_the_rows_that_are_trained_on(reviews: Path) -> None:
    space = hyperdsl.compile(SPACE)
    prepared = hyperdsl.Experiment(space, reviews, "verdict", cv="holdout:0.5", jobs=1).prepare(Reporter())
    configuration = prepared.space.configuration({"words": 60})
    fitted = prepared.estimator.build(configuration, seed=0)
    rows, _ = prepared.estimator.folds[0]
    fitted.fit(prepared.estimator.X.iloc[rows], prepared.estimator.y[rows])
    (vectorizer,) = (t for _, t, _ in fitted[0].transformers_ if isinstance(t, SequenceVectorizer))
    seen = " ".join(prepared.estimator.X["review"].iloc[rows].dropna())
    assert all(word in seen for word in vectorizer.vocabulary_)


def test_texts_are_searched_predicted_evaluated_and_exported(
    reviews: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "s.hyp").write_text(SPACE)
    study, model = str(tmp_path / "s.db"), str(tmp_path / "m")
    told = ["--data", str(reviews), "--target", "verdict"]
    assert (
        main(
            [
                "search",
                str(tmp_path / "s.hyp"),
                *told,
                "--trials",
                "1",
                "--cv",
                "holdout:0.3",
                "--jobs",
                "1",
                "--study",
                study,
                "-o",
                model,
            ]
        )
        == 0
    )
    capsys.readouterr()
    assert main(["evaluate", model, *told, "--metric", "accuracy"]) == 0
    assert float(capsys.readouterr().out.split()[1]) > 0.9
    assert main(["predict", model, "--data", str(reviews)]) == 0
    assert capsys.readouterr().out.split()[:3] == ["verdict", "bad", "good"]
    script = (tmp_path / "m.py").read_text()
    assert "class SequenceVectorizer(" in script and "import hyperdsl" not in script and "from hyperdsl" not in script
    monkeypatch.setitem(sys.modules, "hyperdsl", None)
    names: dict[str, Any] = {"__name__": "script"}
    exec(compile(script, "script.py", "exec"), names)
    table = pd.read_csv(reviews)
    assert list(names["build_pipeline"]().fit(table, table["verdict"]).predict(table))[:2] == ["bad", "good"]


def test_arguments_are_checked() -> None:
    with pytest.raises(hyperdsl.HypError, match="E0402"):
        hyperdsl.compile(SPACE.replace("30 | 60", "2 | 60"))
    with pytest.raises(hyperdsl.HypError, match="lengths"):
        hyperdsl.compile(SPACE.replace("length = 12", "lengths = 12"))
