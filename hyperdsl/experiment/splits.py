"""How rows are split: a scikit-learn splitter, described so that a script can print it again."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics import data as say
from hyperdsl.frozen import frozen
from hyperdsl.settings.folds import HOLDOUT, parse_folds

if TYPE_CHECKING:
    import numpy as np

    from hyperdsl.experiment.data import Data

    Fold = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]

DEFAULT_FOLDS = 5
DEFAULT_HOLDOUT = 0.2

# Kind -> (splitter, shuffles, keeps class shares, keeps groups together)
_KINDS = {
    "kfold": ("KFold", True, False, False),
    "stratified": ("StratifiedKFold", True, True, False),
    "group": ("GroupKFold", False, False, True),
    "stratified_group": ("StratifiedGroupKFold", True, True, True),
    "timeseries": ("TimeSeriesSplit", False, False, False),
}


@frozen
class Split:
    """A splitter and its settings.

    Parameters
    ----------
    text : str
        As a user writes it, e.g. ``stratified:5``.
    splitter : str
        Its dotted path.
    options : tuple of pairs
        Its keyword arguments.
    folds : int
        How many times it splits.
    """

    text: str
    splitter: str
    options: tuple[tuple[str, object], ...]
    folds: int
    stratified: bool = False
    grouped: bool = False

    @property
    def ordered(self) -> bool:
        """Whether the order of the rows matters."""
        return self.text.startswith("timeseries")

    def make(self) -> Any:
        """The scikit-learn splitter."""
        module, _, name = self.splitter.rpartition(".")
        return getattr(import_module(module), name)(**dict(self.options))

    def rows(self, data: Data) -> tuple[Fold, ...]:
        """Positions of the rows to fit on and to score, for each fold."""
        return tuple(self.make().split(data.X, data.y, data.groups))


def parse_split(text: str | int | None, task: str, *, grouped: bool = False, seed: int = 0) -> Split:
    """The split that a user asks for with ``5``, ``stratified:5``, ``group:5``, ``timeseries:5``, ``holdout:0.2``.

    A bare number of folds means stratified folds for classes, shuffled folds for numbers, and with groups the same
    by group. None means five folds.

    Raises
    ------
    HypError
        When the text is not understood, or does not fit the task.
    """
    try:
        asked = parse_folds(str(DEFAULT_FOLDS if text is None else text))
    except ValueError:
        raise HypError([say.bad_cv(str(text))]) from None
    if asked.kind == HOLDOUT:
        return _holdout(float(asked.number or DEFAULT_HOLDOUT), task, seed)
    kind = asked.kind or _usual_kind(task, grouped)
    return _folds(str(asked), kind, int(asked.number or DEFAULT_FOLDS), task, grouped, seed)


def _usual_kind(task: str, grouped: bool) -> str:
    if task == "regression":
        return "group" if grouped else "kfold"
    return "stratified_group" if grouped else "stratified"


def _holdout(fraction: float, task: str, seed: int) -> Split:
    stratified = task != "regression"
    name = "StratifiedShuffleSplit" if stratified else "ShuffleSplit"
    options = (("n_splits", 1), ("test_size", fraction), ("random_state", seed))
    return Split(f"holdout:{fraction:g}", f"sklearn.model_selection.{name}", options, 1, stratified)


def _folds(text: str, kind: str, folds: int, task: str, grouped: bool, seed: int) -> Split:
    name, shuffles, stratified, by_group = _KINDS[kind]
    if stratified and task == "regression":
        raise HypError([say.cv_of_other_task(text)])
    if by_group and not grouped:
        raise HypError([say.groups_needed(text)])
    options: tuple[tuple[str, object], ...] = (("n_splits", folds),)
    if shuffles:
        options += (("shuffle", True), ("random_state", seed))
    return Split(f"{kind}:{folds}", f"sklearn.model_selection.{name}", options, folds, stratified, by_group)


def check_split(split: Split, data: Data) -> None:
    """See that there are enough rows, rows of each class, and groups for a split.

    Raises
    ------
    HypError
        With what is too few.
    """
    why = f"{split.folds} folds take" if split.folds > 1 else "a hold-out takes"
    needed = max(split.folds + int(split.ordered), 2)
    if len(data.y) < needed:
        raise HypError([say.too_few_rows(len(data.y), needed, why)])
    if split.grouped and data.groups is not None:
        found = len({*data.groups.tolist()})
        if found < split.folds:
            raise HypError([say.groups_too_few(str(data.groups_column), found, split.folds)])
    if split.stratified:
        label, rows = min(Counter(data.y.tolist()).items(), key=lambda item: item[1])
        if rows < needed:
            shown = data.schema.classes[label]
            raise HypError([say.rare_class(str(data.schema.target), shown, rows, needed, why)])
