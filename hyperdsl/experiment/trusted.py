"""The types that a model file may hold without being asked about.

skops knows most of scikit-learn. What it leaves to its users is added here, type by type and not by package: a whole
package holds functions, and a file could name one of them to have it called. The list was made by saving every
scikit-learn estimator and the boosting models. Making these objects runs no code of the file's; as skops remarks of
trees, a file made with bad intent can still crash the process that predicts with it.
"""

from __future__ import annotations

from collections.abc import Iterable

TRUSTED = frozenset(
    {
        "catboost.core.CatBoost",
        "catboost.core.CatBoostClassifier",
        "catboost.core.CatBoostRegressor",
        "collections.OrderedDict",
        "functools.partial",  # what it calls is looked at by itself
        "hyperdsl.backends.keras.building.BuildFunction",  # which looks at what it names before it calls anything
        "hyperdsl.backends.keras.estimators.NetworkClassifier",
        "hyperdsl.backends.keras.estimators.NetworkRegressor",
        "hyperdsl.backends.text.vectorizer.SequenceVectorizer",
        "lightgbm.basic.Booster",
        "lightgbm.sklearn.LGBMClassifier",
        "lightgbm.sklearn.LGBMRegressor",
        "numpy.dtype",
        "numpy.max",
        "numpy.mean",
        "numpy.median",
        "numpy.min",
        "scipy._lib.array_api_compat.numpy._aliases.asarray",
        "scipy.interpolate._bsplines.BSpline",
        "sklearn._loss.loss.HalfTweedieLoss",
        "sklearn._loss.loss.HalfTweedieLossIdentity",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.cluster._bisect_k_means._BisectingTree",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.feature_selection._mutual_info.mutual_info_classif",
        "sklearn.feature_selection._mutual_info.mutual_info_regression",
        "sklearn.feature_selection._univariate_selection.chi2",
        "sklearn.feature_selection._univariate_selection.f_classif",
        "sklearn.feature_selection._univariate_selection.f_regression",
        "sklearn.feature_selection._univariate_selection.r_regression",
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn.metrics._dist_metrics.ChebyshevDistance64",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.ManhattanDistance64",
        "sklearn.metrics._dist_metrics.MinkowskiDistance64",
        "sklearn.model_selection._split.GroupKFold",
        "sklearn.model_selection._split.GroupShuffleSplit",
        "sklearn.model_selection._split.KFold",
        "sklearn.model_selection._split.LeaveOneGroupOut",
        "sklearn.model_selection._split.LeaveOneOut",
        "sklearn.model_selection._split.LeavePGroupsOut",
        "sklearn.model_selection._split.LeavePOut",
        "sklearn.model_selection._split.PredefinedSplit",
        "sklearn.model_selection._split.RepeatedKFold",
        "sklearn.model_selection._split.RepeatedStratifiedKFold",
        "sklearn.model_selection._split.ShuffleSplit",
        "sklearn.model_selection._split.StratifiedGroupKFold",
        "sklearn.model_selection._split.StratifiedKFold",
        "sklearn.model_selection._split.StratifiedShuffleSplit",
        "sklearn.model_selection._split.TimeSeriesSplit",
        "sklearn.multiclass._ConstantPredictor",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
        "sklearn.utils._bunch.Bunch",
        "xgboost.core.Booster",
        "xgboost.sklearn.XGBClassifier",
        "xgboost.sklearn.XGBRegressor",
        "xgboost.sklearn.XGBRFClassifier",
        "xgboost.sklearn.XGBRFRegressor",
    }
)

# Modules that hold nothing but classes of this kind.
TRUSTED_MODULES = ("sklearn.gaussian_process.kernels.",)


def is_trusted(name: str) -> bool:
    """Whether a type is the libraries' own and harmless to make."""
    return name in TRUSTED or name.startswith(TRUSTED_MODULES)


def foreign(types: Iterable[str], allow: Iterable[str] = ()) -> tuple[str, ...]:
    """The types that are neither trusted nor in an allowed package, sorted."""
    packages = tuple(f"{package}." for package in allow)
    return tuple(sorted(t for t in types if not is_trusted(t) and not t.startswith(packages)))
