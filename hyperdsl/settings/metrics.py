"""The metrics by name, as far as a text can be checked without scikit-learn.

The lists hold the scorers of scikit-learn 1.6 and later. A name that is on none is asked of the installed library
before it counts as unknown.
"""

from __future__ import annotations

import re
from typing import Literal

from hyperdsl.frozen import frozen
from hyperdsl.schema import Task

Direction = Literal["maximize", "minimize"]

# Short names -> scikit-learn's.
ALIASES = {
    "acc": "accuracy",
    "auc": "roc_auc",
    "balanced_acc": "balanced_accuracy",
    "brier": "neg_brier_score",
    "log_loss": "neg_log_loss",
    "logloss": "neg_log_loss",
    "mae": "neg_mean_absolute_error",
    "mape": "neg_mean_absolute_percentage_error",
    "mcc": "matthews_corrcoef",
    "mean_absolute_error": "neg_mean_absolute_error",
    "mean_squared_error": "neg_mean_squared_error",
    "medae": "neg_median_absolute_error",
    "mse": "neg_mean_squared_error",
    "msle": "neg_mean_squared_log_error",
    "pr_auc": "average_precision",
    "rmse": "neg_root_mean_squared_error",
    "rmsle": "neg_root_mean_squared_log_error",
}

# Of the networks of a space, known before any trial (`hyperdsl.experiment.proxies`).
PROXIES: dict[str, Direction] = {
    "params": "minimize",
    "macs": "minimize",
    "synflow": "maximize",
    "jacob_cov": "maximize",
}

COSTS = ("predict_time", "fit_time", "model_size", "features", "memory")

_AVERAGED = ("f1", "jaccard", "precision", "recall")
CLASSIFICATION = frozenset(
    {
        *("accuracy", "average_precision", "balanced_accuracy", "d2_brier_score", "d2_log_loss_score"),
        *("matthews_corrcoef", "neg_brier_score", "neg_log_loss", "neg_negative_likelihood_ratio"),
        *("positive_likelihood_ratio", "roc_auc", "roc_auc_ovo", "roc_auc_ovo_weighted", "roc_auc_ovr"),
        *("roc_auc_ovr_weighted", "top_k_accuracy"),
        *(f"{score}{way}" for score in _AVERAGED for way in ("", "_macro", "_micro", "_samples", "_weighted")),
        # of clusters, which compare labels as well
        *("adjusted_mutual_info_score", "adjusted_rand_score", "completeness_score", "fowlkes_mallows_score"),
        *("homogeneity_score", "mutual_info_score", "normalized_mutual_info_score", "rand_score", "v_measure_score"),
    }
)
REGRESSION = frozenset(
    {
        *("d2_absolute_error_score", "explained_variance", "max_error", "neg_max_error", "neg_mean_absolute_error"),
        *("neg_mean_absolute_percentage_error", "neg_mean_gamma_deviance", "neg_mean_poisson_deviance"),
        *("neg_mean_squared_error", "neg_mean_squared_log_error", "neg_median_absolute_error"),
        *("neg_root_mean_squared_error", "neg_root_mean_squared_log_error", "r2"),
    }
)

USUAL: dict[Task, tuple[str, ...]] = {
    "binary": ("roc_auc", "average_precision", "logloss", "accuracy", "balanced_accuracy", "f1"),
    "multiclass": ("accuracy", "balanced_accuracy", "logloss", "f1_macro", "roc_auc_ovr"),
    "regression": ("r2", "rmse", "mae", "mape"),
}

_OWN = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")
_DIRECTED = re.compile(r"(maximize|minimize)\s*\((.*)\)", re.DOTALL)


@frozen
class MetricText:
    """A metric as a user names it; ``direction`` is None where it is not written."""

    name: str
    direction: Direction | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is code of the user's: ``my_pkg.metrics:profit``."""
        return _OWN.fullmatch(self.name) is not None

    def __str__(self) -> str:
        return self.name if self.direction is None else f"{self.direction}({self.name})"


def parse_metric(text: str) -> MetricText:
    """``roc_auc``, ``maximize(roc_auc)``."""
    match = _DIRECTED.fullmatch(text.strip())
    return MetricText(match[2].strip(), match[1]) if match else MetricText(text.strip())  # type: ignore[arg-type]


def scorer_name(name: str) -> str | None:
    """scikit-learn's name of a metric; None where it has none of this name."""
    known = CLASSIFICATION | REGRESSION
    named = scorer_among(name, known)
    if named is not None:
        return named
    from sklearn.metrics import get_scorer_names

    return scorer_among(name, frozenset(get_scorer_names()))


def scorer_among(name: str, known: frozenset[str]) -> str | None:
    """The one of the known scorers that a name means; ``f1_score``, scikit-learn's function, means ``f1``."""
    meant = (name, ALIASES.get(name.lower(), ""), f"neg_{name}", name.removesuffix("_score"))
    return next((scorer for scorer in meant if scorer in known), None)


def is_loss(scorer: str) -> bool:
    """Whether scikit-learn's scorer turns a loss around."""
    # `max_error` is a loss that older scikit-learn versions also offer under its own name, turned around all the same.
    return scorer.startswith("neg_") or scorer == "max_error"


def direction_of(name: str, scorer: str) -> Direction:
    """Where a metric gets better, under the name that is written: of ``neg_log_loss`` more is better."""
    return "minimize" if is_loss(scorer) and not name.startswith("neg_") else "maximize"


def known_names() -> list[str]:
    """Every name that a text may have meant."""
    return sorted({*ALIASES, *COSTS, *PROXIES, *CLASSIFICATION, *REGRESSION})


def task_of(name: str) -> str | None:
    """``"classification"`` or ``"regression"``; None for costs and metrics that are not on the lists."""
    scorer = scorer_among(name, CLASSIFICATION | REGRESSION)
    return None if scorer is None else "regression" if scorer in REGRESSION else "classification"
