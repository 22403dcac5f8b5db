"""What the module of a space needs at run time: conditions and the wiring of steps; copied like :mod:`.domains`.

A part is an object of scikit-learn, a pair of a name and a part, a ``Sequence``, a ``Parallel``, a list of parts,
``"passthrough"``, ``"drop"`` or ``ABSENT``. Names, labels and flattening are those of
:mod:`hyperdsl.backends.sklearn`.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

ABSENT: Any = object()  # a part or an argument that is left out


class Inactive(Exception):
    """A condition asks for a decision that this configuration does not make."""


# --- conditions


def same(left: Any, right: Any) -> bool:
    """Python's equality, except that truth values equal no numbers."""
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def known(function: Callable[..., Any], *values: Any) -> Any:
    """The result on values that are all there."""
    if any(value is ABSENT for value in values):
        return ABSENT
    return function(*values)


def kleene(decisive: bool, *operands: Callable[[], Any]) -> Any:
    """``or`` when ``decisive`` is true, else ``and``: all operands are asked.

    Those after a decisive one need no value; unknown ones count when nothing decides.
    """
    decided = unknown = False
    for operand in operands:
        try:
            value = operand()
        except Inactive:
            unknown = True
            continue
        except (ArithmeticError, LookupError, TypeError, ValueError):
            if not decided:
                raise
            continue
        unknown = unknown or value is ABSENT
        decided = decided or (value is not ABSENT and bool(value) == decisive)
    if decided:
        return decisive
    return ABSENT if unknown else not decisive


def item(values: Any, position: Any) -> Any:
    """An item of a list, where it has one there."""
    return values[position] if -len(values) <= position < len(values) else ABSENT


def holds(value: Any) -> bool:
    """Whether a condition is known to be true."""
    return value is not ABSENT and bool(value)


def among(value: Any, values: Any) -> bool:
    """``in``, where truth values equal no numbers."""
    if isinstance(values, str):
        return value in values
    return any(same(value, other) for other in values)


def within(value: Any, low: float, high: float) -> bool:
    """Whether a value is a number from ``low`` to ``high``."""
    return isinstance(value, (int, float)) and low <= value <= high


def total(values: Any) -> Any:
    """The sum from left to right, alike in all versions of Python."""
    result = 0
    for value in values:
        result += value
    return result


# --- wiring


class Sequence(list[Any]):
    """Steps that a longer sequence takes in one by one."""


class Parallel(list[Any]):
    """Branches that a wider union takes in one by one."""


def given(**arguments: Any) -> dict[str, Any]:
    """The arguments that are not left out."""
    return {name: v for name, v in arguments.items() if v is not ABSENT}


def given_or(value: Any, default: Any) -> Any:
    """The value, or the default where it is left out."""
    return default if value is ABSENT else value


def without(value: Any, default: Any) -> Any:
    """The default where the value, which means the same, is left out."""
    return default if value is ABSENT else ABSENT


def seeded(function: Any, seed: int | None) -> Any:
    """A function that draws random numbers, with a seed where there is one."""
    return function if seed is None else partial(function, random_state=seed)


def folds(number: Any, splitter: Any, seed: int | None) -> Any:
    """A number of folds as its splitter, with a seed where there is one."""
    if seed is None or not isinstance(number, int | None):
        return number
    return splitter(5 if number is None else number, shuffle=True, random_state=seed)


def filled(items: dict[Any, Any]) -> dict[Any, Any]:
    """The items of a dict that are not left out."""
    return {key: v for key, v in items.items() if v is not ABSENT}


def present(values: list[Any]) -> list[Any]:
    """The items that are not left out."""
    return [value for value in values if value is not ABSENT]


def labelled(name: str, part: Any) -> Any:
    """A part under another name; lists and what is left out have none."""
    if part is ABSENT or type(part) is list:
        return part
    return (name, bare(part))


def bare(part: Any) -> Any:
    """A part without its name."""
    while isinstance(part, tuple):
        part = part[1]
    return part


def is_text(part: Any, text: str) -> bool:
    """Whether a part is "passthrough" or "drop"."""
    part = bare(part)
    return isinstance(part, str) and part == text


def sequence(*parts: Any) -> Any:
    """The parts one after the other, without those that change nothing."""
    steps = Sequence()
    for part in parts:
        if type(part) is list:
            part = sequence(*part)
        if part is ABSENT or is_text(part, "passthrough"):
            continue
        if isinstance(part, Sequence):
            steps.extend(part)
        else:
            steps.append(part)
    if not steps:
        return "passthrough"
    return steps[0] if len(steps) == 1 else steps


def parallel(*parts: Any) -> Any:
    """The parts side by side, without those that have no output."""
    branches = Parallel()
    for part in parts:
        if part is ABSENT or type(part) is list:
            part = sequence(part)
        if isinstance(part, Parallel):
            branches.extend(part)
        elif not is_text(part, "drop"):
            branches.append(part)
    if not branches:
        return "drop"
    return branches[0] if len(branches) == 1 else branches


def pipeline(*parts: Any) -> Any:
    """The parts one after the other as one object."""
    return assembled(sequence(*parts))


def program(parts: list[Any]) -> Any:
    """A list as a whole program: a sequence, if there is anything in it."""
    return pipeline(parts) if parts else parts


def assembled(part: Any) -> Any:
    """A part as an object of scikit-learn; lists of parts as lists of objects."""
    part = bare(part)
    if isinstance(part, Sequence):
        steps = flat_steps(part)
        if any(is_text(step, "drop") for step in steps):
            return "drop"
        return Pipeline(named(steps))
    if isinstance(part, Parallel):
        return FeatureUnion(named(part))
    if isinstance(part, list):
        return [assembled(item) for item in part]
    return part


def flat_steps(steps: list[Any]) -> list[Any]:
    """The steps; a sequence at the end is taken apart, so that the model is last."""
    last = bare(steps[-1])
    return [*steps[:-1], *flat_steps(last)] if isinstance(last, Sequence) else steps


def named(parts: Any) -> Any:
    """Pairs of a name and an object, each name once."""
    if not isinstance(parts, list):
        return assembled(parts)
    pairs: list[tuple[str, Any]] = []
    for part in parts:
        name = free_name(name_of(part), [taken for taken, _ in pairs])
        pairs.append((name, assembled(part)))
    return pairs


def name_of(part: Any) -> str:
    """The name of a part, or what a part without one is called."""
    if isinstance(part, tuple):
        return str(part[0])
    if isinstance(part, str):
        return "unchanged" if part == "passthrough" else "dropped"
    if isinstance(part, Sequence):
        return "pipeline"
    if isinstance(part, Parallel):
        return "feature_union"
    return snake_case(type(part).__name__)


def snake_case(name: str) -> str:
    """``LGBMClassifier -> lgbm_classifier``, ``PCA -> pca``."""
    name = re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[0-9])(?=[A-Z][a-z])", "_", name).lower()
    return re.sub(r"_+", "_", name).strip("_")


def free_name(name: str, taken: list[str]) -> str:
    """The name, with a number where it is taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def column_transformer(routes: list[Any], **options: Any) -> Any:
    """A ``ColumnTransformer`` of the routes that have an output."""
    kept: list[Any] = []
    for name, part, columns in routes:
        if not is_text(part, "drop"):
            kept.append((free_name(name, [route[0] for route in kept]), part, columns))
    return ColumnTransformer(kept, **options)


def text_routes(name: str, make: Callable[[], Any], columns: list[Any]) -> list[Any]:
    """One route for all columns, or one for each where the part reads texts."""
    part = make()
    if not reads_text(part):
        return [(name, part, columns)]
    return [(f"{name}_{column}", make(), column) for column in columns]


def reads_text(part: Any) -> bool:
    """Whether a part takes one column of texts instead of a table."""
    if isinstance(part, Pipeline):
        return reads_text(part.steps[0][1])
    if isinstance(part, FeatureUnion):
        return any(reads_text(branch) for _, branch in part.transformer_list)
    return isinstance(part, (CountVectorizer, HashingVectorizer, TfidfVectorizer))
