"""scikit-learn's modules, read from the installed library.

Estimators come from ``all_estimators``, what their parameters take from ``_parameter_constraints``, what data they
take from their tags. Kernels of Gaussian processes, splitters, and the functions that can be arguments come with them.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import chain
from numbers import Integral, Real
from typing import Any

from hyperdsl.catalog.model import Constraint, Interval, Kind, Module, Options, Parameter
from hyperdsl.catalog.notation import parse_takes
from hyperdsl.catalog.signature import default_of, own_parameters, summary_of, takes_keywords

EXPERIMENTAL = ("enable_halving_search_cv", "enable_iterative_imputer")

# Elementwise functions for FunctionTransformer: those with a meaning for columns of numbers.
NUMPY_FUNCTIONS = ("abs", "cbrt", "exp", "expm1", "log", "log10", "log1p", "log2", "sign", "sqrt", "square", "tanh")
# What FeatureAgglomeration pools with.
NUMPY_REDUCTIONS = ("max", "mean", "median", "min")

_SENTINELS = ("deprecated", "warn")
_ROLES = {
    "classifier": "classifier",
    "regressor": "regressor",
    "clusterer": "clusterer",
    "outlier_detector": "outlier",
    "density_estimator": "density",
}
# A class with one of these takes its role, and what data it takes, from what it is given.
_INNER = ("estimator", "base_estimator", "estimators", "regressor", "steps", "transformers", "transformer_list")
_DELEGATES = (
    *("GridSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "RandomizedSearchCV", "RFE", "RFECV"),
    *("FixedThresholdClassifier", "FrozenEstimator", "Pipeline"),
)
_SHARPER = {"hidden_layer_sizes": parse_takes("int >= 1 | some of int >= 1")}  # what is checked in `fit` only


def modules(library: str = "sklearn") -> list[Module]:
    """Everything of scikit-learn that a program can name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        required = _enable_experimental()
        from sklearn.utils import all_estimators

        found = [_estimator(cls, required.get(cls.__name__, "")) for _, cls in all_estimators()]
        found += chain(_splitters(), _kernels(), _functions())
    return list({m.path: m for m in found}.values())


def _enable_experimental() -> dict[str, str]:
    """Enable what is experimental in this version: class name -> the module that user code imports first."""
    required: dict[str, str] = {}
    packages = [import_module(f"sklearn.{p}") for p in ("impute", "model_selection")]
    for name in EXPERIMENTAL:
        before = {(p.__name__, n) for p in packages for n in vars(p)}
        try:
            import_module(f"sklearn.experimental.{name}")
        except ImportError:
            continue
        added = {(p.__name__, n) for p in packages for n in vars(p)} - before
        required |= {n: f"sklearn.experimental.{name}" for _, n in added}
    return required


def _estimator(cls: type, requires: str) -> Module:
    roles, tags = _roles_and_tags(cls)
    return Module(
        name=cls.__name__,
        path=public_path(cls),
        library="sklearn",
        roles=frozenset(roles),
        parameters=_parameters(cls, getattr(cls, "_parameter_constraints", {})),
        open=takes_keywords(cls),
        tags=tags,
        summary=summary_of(cls),
        requires=requires,
    )


def public_path(target: Any) -> str:
    """Where user code imports a class or function from: its module's name up to the first private part."""
    parts: list[str] = []
    for part in target.__module__.split("."):
        if part.startswith("_"):
            break
        parts.append(part)
    while len(parts) > 1 and getattr(import_module(".".join(parts)), target.__name__, None) is not target:
        parts.pop()
    return ".".join((*parts, target.__name__))


def _parameters(target: Any, constraints: Mapping[str, Any]) -> dict[str, Parameter]:
    return {
        name: Parameter(
            name,
            constraints=_SHARPER.get(name) or _constraints(constraints.get(name, "no_validation")),
            deprecated=parameter.default == "deprecated" if isinstance(parameter.default, str) else False,
            **default_of(parameter),
        )
        for name, parameter in own_parameters(target).items()
    }


def _constraints(declared: Any) -> tuple[Constraint, ...]:
    if isinstance(declared, str):  # "no_validation"
        return ()
    return tuple(dict.fromkeys(chain.from_iterable(_translate(d) for d in declared)))


def _translate(declared: Any) -> Iterator[Constraint]:
    """What one entry of ``_parameter_constraints`` says; nothing for what is hidden and what no program can write."""
    from sklearn.utils import _param_validation as validation

    match declared:
        case validation.Interval():
            yield _interval(declared)
        case validation.Options():
            yield from _options(declared)
        case validation.MissingValues():
            yield from (Interval("real", None, None), Options((float("nan"),)), Kind("str"), Kind("none"))
        case validation.HasMethods():
            yield Kind("array") if declared.methods == ["__iter__"] else Kind("module")
        case str():
            yield from _WORDS.get(declared, ())
        case type():
            yield from _instances_of(declared)
        case None:
            yield Kind("none")
        case _ if declared is callable:
            yield Kind("callable")


_WORDS: dict[str, tuple[Constraint, ...]] = {
    "array-like": (Kind("array"),),
    "boolean": (Kind("bool"),),
    "random_state": (Kind("random_state"),),
    "verbose": (Kind("bool"), Interval("int", 0, None, "left")),
    "cv_object": (Interval("int", 2, None, "left"), Kind("module"), Kind("array"), Kind("none")),
    "nan": (Options((float("nan"),)),),
}


def _interval(declared: Any) -> Interval:
    kind = "int" if declared.type is Integral else "real"
    low, high = (_plain(end) for end in (declared.left, declared.right))
    return Interval(kind, low, high, declared.closed, strict=declared.type.__name__ == "RealNotInt")


def _options(declared: Any) -> Iterator[Constraint]:
    options = declared.options - getattr(declared, "deprecated", set())
    values = sorted((_plain(o) for o in options if not isinstance(o, type)), key=repr)
    if declared.type is Real:  # 1 and 1.0 are one option
        values += [int(v) for v in values if isinstance(v, float) and v.is_integer()]
    if values:
        yield Options(tuple(values))


def _plain(value: Any) -> Any:
    """A NumPy scalar as Python's."""
    return value.item() if hasattr(value, "item") else value


def _instances_of(cls: type) -> Iterator[Constraint]:
    known: dict[str, tuple[Constraint, ...]] = {
        "str": (Kind("str"),),
        "list": (Kind("list"),),
        "tuple": (Kind("tuple"),),
        "dict": (Kind("dict"),),
        "Mapping": (Kind("dict"),),
        "MutableMapping": (Kind("dict"),),
        "bool": (Kind("bool"),),
        "Integral": (Interval("int", None, None),),
        "int": (Interval("int", None, None),),
        "Real": (Interval("real", None, None),),
        "float": (Interval("real", None, None, strict=True), Options((float("nan"),))),
    }
    if cls.__name__ in known:
        yield from known[cls.__name__]
    elif cls.__name__ in ("Kernel", "ClusterMixin"):
        yield Kind("module")


def _roles_and_tags(cls: type) -> tuple[set[str], dict[str, bool]]:
    from sklearn.utils import get_tags

    instance = _instance(cls)
    tags = {"predict": hasattr(cls, "predict")} | _probability_methods(cls)
    roles = {"transformer"} if hasattr(cls, "transform") else set()
    if cls.__name__ in _DELEGATES:
        return roles | {"classifier", "regressor"}, tags | {"delegates": True}
    if instance is None:
        return roles, tags
    library_tags = get_tags(instance)
    role = _ROLES.get(library_tags.estimator_type or "")
    if role:
        roles.add(role)
    tags["requires_y"] = library_tags.target_tags.required
    tags["multi_output"] = library_tags.target_tags.multi_output
    if library_tags.classifier_tags is not None:
        tags["multiclass"] = library_tags.classifier_tags.multi_class
    if not any(p in _INNER for p in own_parameters(cls)):
        names = ("sparse", "allow_nan", "positive_only", "categorical", "string")
        tags |= {n: getattr(library_tags.input_tags, n) for n in names}
    return roles, tags


def _probability_methods(cls: type) -> dict[str, bool]:
    """Whether it has ``predict_proba`` and ``decision_function``; left out where its arguments decide that."""
    known: dict[str, bool] = {}
    for method in ("predict_proba", "decision_function"):
        if not hasattr(cls, method):
            known[method] = False
        elif inspect.isfunction(inspect.getattr_static(cls, method)):
            known[method] = True
    return known


def _instance(cls: type) -> Any:
    """An instance to read tags from, None where its arguments are not known."""
    from sklearn.linear_model import LogisticRegression, Ridge

    inner = Ridge() if "Regress" in cls.__name__ else LogisticRegression()
    stand_ins: dict[str, Any] = {
        "estimator": inner,
        "base_estimator": inner,
        "estimators": [("inner", inner)],
        "steps": [("inner", inner)],
        "transformers": [("inner", "passthrough", [0])],
        "transformer_list": [("inner", "passthrough")],
        "param_grid": {},
        "param_distributions": {},
        "dictionary": [[1.0]],
    }
    needed = [n for n, p in own_parameters(cls).items() if p.default is p.empty or n == "estimator"]
    if any(n not in stand_ins for n in needed):
        return None
    return cls(**{n: stand_ins[n] for n in needed})


def _splitters() -> Iterator[Module]:
    import sklearn.model_selection as package

    for name in sorted(package.__all__):
        cls = getattr(package, name)
        if inspect.isclass(cls) and hasattr(cls, "split") and not inspect.isabstract(cls):
            yield _plain_module(cls, "splitter")


def _kernels() -> Iterator[Module]:
    import sklearn.gaussian_process.kernels as package

    for name, cls in sorted(vars(package).items()):
        public = inspect.isclass(cls) and issubclass(cls, package.Kernel) and not name.startswith("_")
        if public and not inspect.isabstract(cls) and name != "CompoundKernel":
            yield _plain_module(cls, "kernel")


def _functions() -> Iterator[Module]:
    import numpy
    import sklearn.feature_selection as selection
    from sklearn.metrics.pairwise import PAIRWISE_KERNEL_FUNCTIONS

    scores = [f for n in sorted(selection.__all__) if inspect.isfunction(f := getattr(selection, n))]
    for function in {f.__name__: f for f in (*scores, *PAIRWISE_KERNEL_FUNCTIONS.values())}.values():
        yield _plain_module(function, "function")
    for name in (*NUMPY_FUNCTIONS, *NUMPY_REDUCTIONS):
        summary = summary_of(getattr(numpy, name))
        yield Module(name, f"numpy.{name}", "numpy", frozenset({"function"}), {}, open=True, summary=summary)


def _plain_module(target: Any, role: str) -> Module:
    return Module(
        name=target.__name__,
        path=public_path(target),
        library="sklearn",
        roles=frozenset({role}),
        parameters=_parameters(target, getattr(target, "_skl_parameter_constraints", {})),
        open=takes_keywords(target),
        summary=summary_of(target),
    )
