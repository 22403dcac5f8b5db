"""A fitted model, and its file.

The file is a zip: ``metadata.json`` (what the model is and how it was found), ``model.skops`` (the fitted pipeline)
and ``script.py`` (makes it again). Loading runs no code that the file brings: see :mod:`hyperdsl.experiment.trusted`.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import Diagnostic, HypError, Reporter
from hyperdsl.diagnostics import data as say_data
from hyperdsl.diagnostics import models as say
from hyperdsl.experiment.alignment import align, align_target
from hyperdsl.experiment.data import column_of, weights_of
from hyperdsl.experiment.metrics import Metric, find_metric
from hyperdsl.experiment.own_metrics import OwnCode, OwnMetric
from hyperdsl.experiment.tables import read_table
from hyperdsl.experiment.trusted import foreign
from hyperdsl.frozen import frozen
from hyperdsl.schema import Schema

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FORMAT = 1
SUFFIX = ".hypmodel"
_DATE = (1980, 1, 1, 0, 0, 0)  # the same model gives the same bytes


@frozen(slots=False)
class Model:
    """A fitted pipeline that takes tables and gives labels or numbers.

    Parameters
    ----------
    pipeline : estimator
        Fitted; in classification it predicts the numbers of the classes where ``encoded`` is set.
    schema : Schema
        The input columns and the class labels.
    encoded : bool
        Whether labels were replaced by their position in ``schema.classes``.
    metric : Metric
        What the search compared.
    score : float or None
        Cross-validated, in the metric's natural direction.
    test_score : float or None
        On rows that were held out.
    configuration : mapping
        The decisions, by path; empty for an ensemble.
    members : tuple of mapping
        Of an ensemble: ``trial``, ``weight`` and ``configuration`` of each.
    key, space, text : str
        The configuration's canonical key, and the name and text of the space.
    script : str
        Python source that makes the pipeline.
    versions : mapping
        Of the libraries that it was fitted with.
    warnings : tuple of Diagnostic
        What the user should know of the loading.
    """

    pipeline: Any
    schema: Schema
    encoded: bool
    metric: Metric
    score: float | None = None
    test_score: float | None = None
    configuration: Mapping[str, object] = field(default_factory=dict)
    key: str = ""
    space: str = ""
    text: str = ""
    script: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
    members: tuple[Mapping[str, object], ...] = ()

    @property
    def classes(self) -> tuple[str | int | float | bool, ...]:
        """The labels, sorted; empty in regression."""
        return self.schema.classes

    def predict(self, data: object, reporter: Reporter | None = None) -> np.ndarray[Any, Any]:
        """A label or number for each row of a table (anything that :func:`read_table` takes), shape (rows,).

        Raises
        ------
        HypError
            When the table cannot be read or does not fit; see :mod:`hyperdsl.experiment.alignment`.
        """
        return self._labels(self.pipeline.predict(self._input(data, reporter)))

    def predict_proba(self, data: object, reporter: Reporter | None = None) -> pd.DataFrame:
        """The probability of each class (columns, named by label) for each row.

        Raises
        ------
        HypError
            As for :meth:`predict`, and when the model gives no probabilities.
        """
        import pandas as pd

        if not self.classes or not hasattr(self.pipeline, "predict_proba"):
            raise HypError([say_data.no_probabilities("a regression model" if not self.classes else "this classifier")])
        return pd.DataFrame(self.pipeline.predict_proba(self._input(data, reporter)), columns=list(self.classes))

    def evaluate(
        self,
        data: object,
        target: str | None = None,
        metric: str | OwnMetric | None = None,
        reporter: Reporter | None = None,
        allow: Sequence[str] = (),
        weights: str | None = None,
    ) -> tuple[Metric, float]:
        """A metric (the search's own by default) of the predictions for rows whose target is known.

        Parameters
        ----------
        weights : str or None
            A column: how much each row counts.
        allow : sequence of str
            Packages that a metric such as ``my_pkg.metrics:profit`` may be imported from.
        """
        reporter = reporter or Reporter()
        column = target or str(self.schema.target)
        assert self.schema.task is not None
        code = OwnCode(tuple(allow), None, self.classes if self.encoded else ())
        found = self.metric if metric is None else find_metric(metric, self.schema.task, code)
        if found.is_forgotten:
            found = find_metric(found.text, self.schema.task, code)
        table, y = align_target(self.schema, self.encoded, read_table(data), column, reporter)
        if weights is None:
            return found, found(self.pipeline, align(self.schema, table, reporter), y)
        counts = weights_of(column_of(table, "weights", weights))
        if not found.takes_weights:
            reporter.add(say_data.metric_unweighted(found.name))
        left = replace(table, frame=table.frame.drop(columns=weights)) if weights not in self.schema.names else table
        return found, found(self.pipeline, align(self.schema, left, reporter), y, counts)

    def _input(self, data: object, reporter: Reporter | None) -> Any:
        reporter = reporter or Reporter()
        table = read_table(data)
        for warning in table.warnings:
            reporter.add(warning)
        return align(self.schema, table, reporter)

    def _labels(self, predicted: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        values = np.asarray(predicted).reshape(-1)  # CatBoost gives a column for several classes
        return np.asarray(self.classes)[values.astype(int)] if self.encoded else values


def save_model(model: Model, path: str | os.PathLike[str]) -> tuple[Diagnostic, ...]:
    """Write a model to a file, whole or not at all; a warning where loading it will need permission.

    Raises
    ------
    HypError
        When the pipeline has parts that cannot be saved, or the file cannot be written.
    """
    import skops.io

    from hyperdsl.backends.keras.building import noting_foreign

    try:
        with noting_foreign() as named:
            content = skops.io.dumps(model.pipeline)
    except Exception as error:  # skops has no common class for what it cannot describe
        raise HypError([say.model_not_savable(str(error).splitlines()[0])]) from error
    types = foreign((*skops.io.get_untrusted_types(data=content), *named))
    metadata = json.dumps({**_metadata(model), "types": list(types)}, indent=1, ensure_ascii=False)
    target = Path(path)
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as file:
            for name, data in (("metadata.json", metadata), ("model.skops", content), ("script.py", model.script)):
                file.writestr(zipfile.ZipInfo(name, _DATE), data, zipfile.ZIP_DEFLATED)
        beside.replace(target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise HypError([say.model_not_writable(str(path), error.strerror or str(error))]) from error
    return (say.saved_with_foreign_types(types),) if types else ()


def _metadata(model: Model) -> dict[str, object]:
    return {
        "format": FORMAT,
        "space": model.space,
        "key": model.key,
        "configuration": dict(model.configuration),
        "members": list(model.members),
        "metric": {"name": model.metric.name, "scorer": model.metric.scorer, "sign": model.metric.sign},
        "score": model.score,
        "test_score": model.test_score,
        "encoded": model.encoded,
        "schema": model.schema.to_json(),
        "versions": dict(model.versions),
        "text": model.text,
    }


def load_model(path: str | os.PathLike[str], allow: Iterable[str] = ()) -> Model:
    """Read a model from a file.

    Parameters
    ----------
    allow : iterable of str
        Packages whose types may be loaded beside the libraries' own.

    Raises
    ------
    HypError
        When there is no such file, it is no model or damaged, or it holds types that are not allowed.
    """
    metadata, content, script = _read(str(path))
    if metadata["format"] > FORMAT:
        raise HypError([say.model_too_new(str(path), metadata["format"], FORMAT)])
    try:
        fields: dict[str, Any] = {
            "schema": Schema.from_json(metadata["schema"]),
            "metric": Metric(**metadata["metric"]),
            **{name: metadata[name] for name in _PLAIN},
            "members": tuple(metadata.get("members", ())),
        }
    except (KeyError, TypeError) as error:
        raise HypError([say.not_a_model(str(path), f"its metadata lacks {error}")]) from error
    pipeline = _pipeline(str(path), content, allow)
    differing = other_versions(metadata["versions"])
    warnings = (say.other_versions(str(path), differing),) if differing else ()
    return Model(pipeline=pipeline, script=script, warnings=warnings, **fields)


_PLAIN = ("encoded", "score", "test_score", "configuration", "key", "space", "text", "versions")


def _read(path: str) -> tuple[dict[str, Any], bytes, str]:
    if not Path(path).is_file():
        raise HypError([say.model_file_missing(path)])
    try:
        with zipfile.ZipFile(path) as file:
            metadata = json.loads(file.read("metadata.json"))
            if not isinstance(metadata, dict) or not isinstance(metadata.get("format"), int):
                raise HypError([say.not_a_model(path, "its metadata is not a model's")])
            return metadata, file.read("model.skops"), file.read("script.py").decode()
    except zipfile.BadZipFile:
        raise HypError([say.not_a_model(path, "it is not a zip file, or is damaged")]) from None
    except KeyError as error:
        raise HypError([say.not_a_model(path, str(error.args[0]))]) from None
    except OSError as error:
        raise HypError([say.not_a_model(path, error.strerror or str(error))]) from error
    except (ValueError, EOFError, zlib.error) as error:
        raise HypError([say.not_a_model(path, str(error))]) from error


def _pipeline(path: str, content: bytes, allow: Iterable[str]) -> Any:
    import warnings

    import skops.io

    from hyperdsl.backends.keras.building import allowing

    try:
        types = skops.io.get_untrusted_types(data=content)
        strange = foreign(types, allow)
        if strange:
            raise HypError([say.foreign_types(path, strange)])
        with warnings.catch_warnings(), allowing(allow):
            warnings.simplefilter("ignore")  # other versions are told of by a diagnostic
            return skops.io.loads(content, trusted=types)
    except HypError:
        raise
    except Exception as error:  # whatever a damaged file or another library version leads to
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise HypError([say.model_not_loadable(path, reason)]) from error


def installed_versions() -> dict[str, str]:
    """Versions of hyperdsl and of the libraries that are installed, by distribution."""
    from importlib.metadata import PackageNotFoundError, version

    from hyperdsl.version import __version__

    found = {"hyperdsl": __version__}
    for name in ("scikit-learn", "lightgbm", "xgboost", "xgboost-cpu", "catboost", "numpy", "pandas"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def other_versions(made_with: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The libraries whose version here is another one than a model was made with: (then, here)."""
    here = installed_versions()
    relevant = {name: number for name, number in made_with.items() if name not in ("hyperdsl", "pandas", "numpy")}
    return {name: (number, here.get(name, "none")) for name, number in relevant.items() if here.get(name) != number}
