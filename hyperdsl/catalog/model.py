"""What the catalog says of a module of a target library: plain data, read from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from hyperdsl.frozen import frozen


@frozen
class Interval:
    """Numbers between two ends; ``kind`` is ``"int"`` or ``"real"`` (real admits integers unless ``strict``)."""

    kind: str
    low: float | int | None
    high: float | int | None
    closed: str = "both"  # "left", "right", "both", "neither": which ends belong to it
    strict: bool = False


@frozen
class Options:
    """One of some constants; compared with their type (``1`` is not ``True``)."""

    values: tuple[object, ...]


@frozen
class Kind:
    """Any value of a kind: ``bool str int real none list tuple dict array callable random_state module any``.

    ``module`` is an estimator or transformer object, ``callable`` a function named in the program. One of
    :data:`PART_ROLES` is a module of that role, or a function of that role that is named.
    """

    name: str


@frozen
class Items:
    """A list or tuple whose items each satisfy one of ``each``: ``length`` of them, any number where it is None."""

    each: tuple[Constraint, ...]
    length: int | None = None


Constraint = Interval | Options | Kind | Items

# What a network is made of: roles that a parameter can ask for.
PART_ROLES = frozenset(
    {
        *("layer", "cell", "activation", "initializer", "regularizer", "constraint"),
        *("optimizer", "schedule", "loss", "metric", "callback"),
    }
)


@frozen
class Parameter:
    """One constructor parameter.

    ``constraints`` are alternatives, any one must hold; empty says nothing is known. ``required`` has no default.
    ``default`` is a constant, or None with ``default_text`` where it is not one. ``aliases`` are further names that
    the library documents for it; a program is built with ``name``, because LightGBM ignores some of its aliases beside
    the signature's default. ``deprecated`` parameters still work, and the library warns about them.
    """

    name: str
    required: bool = False
    default: object = None
    default_text: str = ""
    constraints: tuple[Constraint, ...] = ()
    aliases: tuple[str, ...] = ()
    deprecated: bool = False


@frozen
class Module:
    """A class or function of a target library.

    Parameters
    ----------
    name : str
        The bare name, ``StandardScaler``.
    path : str
        Where user code imports it from, ``sklearn.preprocessing.StandardScaler``.
    library : str
        ``sklearn``, ``lightgbm``, ``xgboost``, ``catboost``, ``keras``, or ``user`` for a class named by ``use``.
    roles : frozenset of str
        Of ``transformer classifier regressor clusterer outlier density function kernel splitter``, or ``merge`` (a
        layer that takes a list of tensors) or one of :data:`PART_ROLES`; a class may have several.
    parameters : mapping of str to Parameter
        In signature order, then those that the library takes as further keywords.
    open : bool
        True where further keyword arguments are accepted and not known.
    tags : mapping
        ``sparse``, ``allow_nan``, ``positive_only``, ``categorical``, ``string``, ``requires_y``, ``multiclass``,
        ``multi_output``, ``predict``, ``predict_proba``, ``decision_function``: bool where known, left out where not.
        ``delegates``: its role is that of the estimator it is given.
    summary : str
        The first line of its documentation.
    requires : str
        A module that user code must import first, ``sklearn.experimental.enable_iterative_imputer``; mostly empty.
    """

    name: str
    path: str
    library: str
    roles: frozenset[str]
    parameters: Mapping[str, Parameter]
    open: bool = False
    tags: Mapping[str, bool] = field(default_factory=dict)
    summary: str = ""
    requires: str = ""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter that ``name`` is, or is an alias of."""
        if name in self.parameters:
            return self.parameters[name]
        return next((p for p in self.parameters.values() if name in p.aliases), None)

    @property
    def is_function(self) -> bool:
        return "function" in self.roles

    @property
    def is_estimator(self) -> bool:
        """Whether it may end a pipeline, i.e. has ``predict`` for rows it has not seen."""
        return bool(self.roles & {"classifier", "regressor", "clusterer", "outlier", "density"}) and self.tags.get(
            "predict", True
        )
