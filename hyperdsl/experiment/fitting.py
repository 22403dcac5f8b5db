"""How a pipeline is fitted. An exported script prints the same recipe.

Boosting stops early: the rows are split once with ``train_test_split(test_size=fraction, random_state=seed,
stratify=y in classification)``, the steps before the model are fitted on the larger part, the model is fitted on it
and watches its loss on the smaller part; it keeps the rounds up to the best one. The model that is kept in the end is
fitted on all rows with a fixed number of rounds instead, see :func:`fit_final`.
"""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hyperdsl.backends.base import EarlyStopping
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics import data as say
from hyperdsl.ir import ops

if TYPE_CHECKING:
    import numpy as np

    from hyperdsl.ir.graph import Graph

    Weights = tuple[np.ndarray[Any, Any] | None, np.ndarray[Any, Any] | None]

# Parameters that set the number of rounds, each library's own name first (LightGBM 4.7, XGBoost 3.2, CatBoost 1.2).
_ROUNDS = {
    "lightgbm": (
        *("n_estimators", "num_iterations", "num_iteration", "n_iter", "num_tree", "num_trees", "num_round"),
        *("num_rounds", "nrounds", "num_boost_round", "max_iter"),
    ),
    "xgboost": ("n_estimators",),
    "catboost": ("iterations", "n_estimators", "num_boost_round", "num_trees"),
}


_FITTING = (
    *("pandas", "sklearn.compose", "sklearn.metrics", "sklearn.model_selection", "sklearn.pipeline"),
    *("hyperdsl.experiment.estimator", "hyperdsl.experiment.sharing.folds", "hyperdsl.backends.sklearn"),
)


def as_early_stopping(value: bool | int | EarlyStopping) -> EarlyStopping | None:
    """What a user means with True, False or a number of rounds.

    Raises
    ------
    HypError
        When rounds or fraction are outside their range.
    """
    if value is False:
        return None
    stopping = EarlyStopping() if value is True else EarlyStopping(value) if isinstance(value, int) else value
    if not isinstance(stopping, EarlyStopping) or stopping.rounds < 1 or not 0 < stopping.fraction < 1:
        raise HypError([say.bad_early_stopping(value)])
    return stopping


def last_step(pipeline: Any) -> Any:
    """The model at the end of a pipeline, or the estimator itself."""
    from sklearn.pipeline import Pipeline

    return last_step(pipeline[-1]) if isinstance(pipeline, Pipeline) else pipeline


def prefix_of_last_step(pipeline: Any) -> str:
    """What scikit-learn puts before a parameter for the last step of a pipeline, ``"model__"``; empty for a model."""
    from sklearn.pipeline import Pipeline

    return f"{pipeline.steps[-1][0]}__{prefix_of_last_step(pipeline[-1])}" if isinstance(pipeline, Pipeline) else ""


def boosting_library(model: object) -> str | None:
    """``lightgbm``, ``xgboost`` or ``catboost`` for one of their own models, else None."""
    library = type(model).__module__.partition(".")[0]
    return library if library in _ROUNDS else None


def may_boost(graph: Graph) -> bool:
    """Whether some configuration of a graph has a model of a boosting library."""
    return not _ROUNDS.keys().isdisjoint(libraries_of(graph))


def libraries_of(graph: Graph) -> set[str]:
    """The libraries of the modules of a graph."""
    return {path.partition(".")[0] for path in _paths(graph)}


def modules_of(graph: Graph) -> tuple[str, ...]:
    """What a process loads that is to fit pipelines of a graph.

    Only the installed libraries' own; not CatBoost, which starts threads when it is loaded, and loads itself in time.
    """
    named = {path.rpartition(".")[0] for path in _paths(graph)}
    loaded = {m for m in named if m.partition(".")[0] in ("sklearn", "lightgbm", "xgboost")}
    return (*_FITTING, *sorted(loaded))


def _paths(graph: Graph) -> Iterator[str]:
    return (op.path for index in graph.reachable if isinstance(op := graph[index].op, ops.Call))


def rounds_parameters(library: str) -> tuple[str, ...]:
    """All names of the parameter that sets a library's number of rounds."""
    return _ROUNDS[library]


def _is_dart(model: Any) -> bool:
    """Whether LightGBM drops trees: then it changes earlier ones and cannot go back to the best round."""
    parameters = model.get_params()
    return "dart" in (parameters.get(name) for name in ("boosting_type", "boosting", "boost"))


def watched_rows(
    y: np.ndarray[Any, Any], stopping: EarlyStopping, seed: int, classification: bool
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Positions of the rows to fit on and of those to watch."""
    import numpy as np
    from sklearn.model_selection import train_test_split

    fitted, watched = train_test_split(
        np.arange(len(y)), test_size=stopping.fraction, random_state=seed, stratify=y if classification else None
    )
    return fitted, watched


def stops_early(pipeline: Any, stopping: EarlyStopping | None) -> bool:
    """Whether the last step of a pipeline can watch rows while it is fitted."""
    return stopping is not None and boosting_library(last_step(pipeline)) is not None


def fit_model(
    model: Any,
    X: Any,
    y: Any,
    watched: tuple[Any, Any] | None,
    stopping: EarlyStopping | None,
    weights: Weights = (None, None),
    start: Any = None,
) -> tuple[int | None, bool]:
    """Fit the last step of a pipeline in place.

    Parameters
    ----------
    start : object
        A fitted model to go on from, of a boosting library; its parameters then say how many rounds are added.
    watched : (X, y) or None
        None fits as the parameters say.
    weights : pair of arrays or None
        Of the rows and of those watched. A model that takes none is fitted without, with a warning.

    Returns
    -------
    rounds : int or None
        That the model kept; None where early stopping was not used.
    stopped : bool
        Whether it stopped early.
    """
    if watched is None or stopping is None:
        model.fit(X, y, **_weighted(model, weights[0]), **_from(start))
        return None, False
    return _fit_boosting(model, X, y, *watched, stopping.rounds, weights, start)


def _from(start: Any) -> dict[str, Any]:
    """The argument of ``fit`` with which a boosting library goes on."""
    match None if start is None else boosting_library(start):
        case None:
            return {}
        case "lightgbm":
            return {"init_model": start.booster_}
        case "xgboost":
            return {"xgb_model": start.get_booster()}
        case _:
            return {"init_model": start}


def takes_weights(model: Any) -> bool:
    """Whether a model is fitted with ``sample_weight``; one of several models, whether each of them is."""
    if "sample_weight" in inspect.signature(model.fit).parameters:
        return True
    parts = [part for _, part in getattr(model, "estimators", None) or ()]
    parts += [getattr(model, name) for name in ("estimator", "regressor", "final_estimator") if hasattr(model, name)]
    parts = [part for part in parts if hasattr(part, "fit")]
    return not hasattr(model, "steps") and bool(parts) and all(map(takes_weights, parts))


def _weighted(model: Any, weights: Any) -> dict[str, Any]:
    if weights is None:
        return {}
    if takes_weights(model):
        return {"sample_weight": weights}
    warnings.warn(f"{type(model).__name__} takes no sample weights: fitted without them", stacklevel=3)
    return {}


def _fit_boosting(
    model: Any, X: Any, y: Any, X_watched: Any, y_watched: Any, rounds: int, weights: Weights, start: Any
) -> tuple[int | None, bool]:
    fit_weights, watched_weights = weights
    wanted = model.get_params().get(rounds_parameter(model))
    match boosting_library(model):
        case "lightgbm":
            from lightgbm import early_stopping

            callbacks = [] if _is_dart(model) else [early_stopping(rounds, verbose=False)]
            watching = {} if watched_weights is None else {"eval_sample_weight": [watched_weights]}
            with warnings.catch_warnings():
                # Since 4.7 LightGBM prefers `eval_X`, which versions before it do not know.
                warnings.filterwarnings("ignore", "The argument 'eval_set' is deprecated")
                model.fit(
                    *(X, y),
                    sample_weight=fit_weights,
                    eval_set=[(X_watched, y_watched)],
                    callbacks=callbacks,
                    **watching,
                    **_from(start),
                )
            return int(model.best_iteration_) or None, _rounds_done(model.evals_result_) < (wanted or math.inf)
        case "xgboost":
            model.set_params(early_stopping_rounds=rounds)
            watching = {} if watched_weights is None else {"sample_weight_eval_set": [watched_weights]}
            watching |= _from(start)
            model.fit(X, y, sample_weight=fit_weights, eval_set=[(X_watched, y_watched)], verbose=False, **watching)
            return int(model.best_iteration) + 1, _rounds_done(model.evals_result()) < (wanted or math.inf)
        case _:
            seen: Any = (X_watched, y_watched)
            if watched_weights is not None:
                from catboost import Pool

                seen = Pool(*seen, weight=watched_weights, cat_features=model.get_params().get("cat_features"))
            options = {"early_stopping_rounds": rounds, "verbose": False, **_from(start)}
            model.fit(X, y, sample_weight=fit_weights, eval_set=seen, **options)
            best = model.get_best_iteration()
            kept = None if best is None else int(best) + 1 + (0 if start is None else start.tree_count_)
            return kept, _rounds_done(model.get_evals_result()) < (wanted or math.inf)


def _rounds_done(scores: Mapping[str, Mapping[str, Sequence[float]]]) -> int:
    """The rounds of the last fit, of what a library recorded of it."""
    return max((len(values) for metrics in scores.values() for values in metrics.values()), default=0)


def final_rounds(rounds: Sequence[int | None], stopping: EarlyStopping) -> int | None:
    """Rounds for a fit on all rows: the folds' mean, over the share of rows that they were fitted on.

    More rows bear more rounds; to scale in proportion to the rows is a rule of thumb. None where no fold stopped.
    """
    known = [r for r in rounds if r is not None]
    return math.ceil(sum(known) / len(known) / (1 - stopping.fraction)) if known else None


def rounds_parameter(model: Any) -> str:
    """The parameter of a boosting model that sets its number of rounds: the one that it was given, if any."""
    library = boosting_library(model)
    assert library is not None
    own, *aliases = _ROUNDS[library]
    given = model.get_params()
    return next((alias for alias in aliases if given.get(alias) is not None), own)


def fit_final(
    pipeline: Any, X: Any, y: Any, rounds: int | None, weights: np.ndarray[Any, Any] | None = None
) -> tuple[str, int] | None:
    """Fit on all rows; boosting does exactly ``rounds`` rounds, or as many as its parameters say for None.

    Weights are given to the last step, where it takes any.

    Returns
    -------
    tuple of str and int, or None
        The parameter that was set.
    """
    setting = None
    if rounds is not None:
        model = last_step(pipeline)
        setting = (rounds_parameter(model), rounds)
        model.set_params(**dict([setting]))
    given = _weighted(last_step(pipeline), weights)
    pipeline.fit(X, y, **{f"{prefix_of_last_step(pipeline)}{name}": values for name, values in given.items()})
    return setting


def needs_numbered_classes(pipeline: Any) -> bool:
    """Whether the last step takes only 0, 1, … as labels: XGBoost's classifiers do."""
    model = last_step(pipeline)
    return boosting_library(model) == "xgboost" and hasattr(model, "predict_proba")


def enough_rows_to_watch(rows: int, classes: int, stopping: EarlyStopping) -> tuple[bool, int, int]:
    """Whether a part to watch says anything: 30 rows, and 5 of each class on average; with the numbers compared."""
    watched = math.ceil(rows * stopping.fraction)
    needed = max(30, 5 * classes)
    return watched >= needed, watched, needed
