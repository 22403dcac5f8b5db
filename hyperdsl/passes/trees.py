"""Leave out strictly increasing transforms of single columns right before tree models; approximate, so at -O2 only.

Before: ``columns { numeric => SimpleImputer() >> StandardScaler()? … } >> (LogisticRegression() | LGBMClassifier())``::

    %9 = columns(%5, …)                 # %5 = seq(%1, %4), %4 = choose(%2, %3)
    %12 = choose(%10, %11)
    %13 = seq(%9, %12)

After: ``columns { … } >> LogisticRegression() | columns { numeric => SimpleImputer() … } >> LGBMClassifier()``: the
model that looks at sizes keeps the scaler, the one that looks at their order only goes without::

    %12 = seq(%9, %10)
    %14 = seq(%13, %11)                 # %13 = columns(%1, …)
    %15 = choose(%12, %14)

A tree compares values of one column with each other: a strictly increasing transform changes at most where between two
neighbours a split lies, and with it predictions for values in between. Trees are built of 32-bit floats: values that
these do not tell apart can be told apart after a transform, or no longer. And LightGBM gives zero a bin of its own, so
that another value at zero moves bins. How far scores move is measured in ``tests/benchmarks/README.md``. The canonical
key of a space compiled with -O2 is that of the program without the transform: a search does not try both.

========  ==============================================================================================================
left out  ``StandardScaler``, ``RobustScaler``; ``MinMaxScaler``, ``MaxAbsScaler`` that do not clip;
          ``PowerTransformer``, but not before ``ExtraTrees``, which draw splits evenly between two values.
          Not ``QuantileTransformer``: it maps all beyond the known values to one
before    trees, forests and gradient boosting of scikit-learn; LightGBM, XGBoost and CatBoost, but for linear boosters
          and where zero, or another value, stands for what is missing
========  ==============================================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile

from hyperdsl.ir import ops
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.passes.rescale import is_scale
from hyperdsl.passes.rewrite import Note, arguments, left_out, reached_once, rebuild, sequence, steps

_POWER = "sklearn.preprocessing.PowerTransformer"
_SKLEARN = frozenset(
    f"sklearn.{module}{kind}"
    for module in (
        "tree.DecisionTree",
        "tree.ExtraTree",
        "ensemble.RandomForest",
        "ensemble.ExtraTrees",
        "ensemble.GradientBoosting",
        "ensemble.HistGradientBoosting",
    )
    for kind in ("Classifier", "Regressor")
)
# Of the boosting libraries' models, what may be given to certain parameters; left out they build trees of sizes only.
_BOOSTING: Mapping[str, Mapping[str, tuple[object, ...]]] = {
    "lightgbm.LGBM": {"linear_tree": (False,), "zero_as_missing": (False,)},
    "xgboost.XGB": {"booster": ("gbtree", "dart"), "missing": ()},
    "catboost.CatBoost": {},
}

_EFFECT = "where splits lie"


def trees(graph: Graph, notes: list[Note] | None = None) -> Graph:
    """Transforms that a tree does not see are gone from what leads to it; ``notes`` gets what was left out."""
    once = reached_once(graph)
    found: list[Note] = [] if notes is None else notes

    def rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        if not isinstance(node.op, ops.Seq):
            return None
        parts = steps(builder, operands)
        if len(parts) < 2:
            return None
        if is_tree(builder, parts[-1]):
            return _before_tree(builder, node, parts, once, found)
        model, label = _unlabelled(builder, parts[-1])
        if isinstance(model.op, ops.Choose) and model.op.path in once:
            return _before_some(builder, node, parts[:-1], model, label, found)
        return None

    return rebuild(graph, rule)


def _unlabelled(builder: Builder, index: int) -> tuple[Node, ops.Label | None]:
    """A step and its name."""
    node = builder[index]
    return (builder[node.operands[0]], node.op) if isinstance(node.op, ops.Label) else (node, None)


def _before_tree(builder: Builder, node: Node, parts: list[int], once: frozenset[str], notes: list[Note]) -> int | None:
    """The sequence without what stands right before its model; None where nothing does."""
    prefix = _stripped(builder, parts[:-1], once, _draws_splits(builder, parts[-1]))
    if prefix == parts[:-1] or not _may_follow(builder, parts[-1], prefix):
        return None
    notes.extend(left_out(builder, parts[:-1], prefix, parts[-1], _EFFECT))
    return sequence(builder, [*prefix, parts[-1]], node)


def _before_some(
    builder: Builder, node: Node, prefix: list[int], model: Node, label: ops.Label | None, notes: list[Note]
) -> int | None:
    """A choice of sequences, those that end in a tree stripped; None where that changes nothing.

    A choice in what leads to the model would be in two sequences, once as it is and once changed: it stays as it is.
    """
    stripped_for = {linear: _stripped(builder, prefix, frozenset(), linear) for linear in (True, False)}
    shared = min(_in_common(prefix, stripped) for stripped in stripped_for.values())
    alternatives: list[int] = []
    changed = False
    for operand in model.operands:
        alternative = builder.add(label, (operand,), builder[operand].span) if label is not None else operand
        stripped = stripped_for[_draws_splits(builder, alternative)]
        strips = stripped != prefix and is_tree(builder, alternative) and _may_follow(builder, alternative, stripped)
        if strips:
            changed = True
            notes.extend(left_out(builder, prefix, stripped, alternative, _EFFECT))
        before = stripped if strips else prefix
        alternatives.append(sequence(builder, [*before[shared:], alternative], node))
    if not changed:
        return None
    choice = builder.add(model.op, alternatives, model.span)
    return sequence(builder, [*prefix[:shared], choice], node)


def _in_common(one: list[int], other: list[int]) -> int:
    """How many steps two sequences begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _stripped(builder: Builder, parts: list[int], once: frozenset[str], linear: bool) -> list[int]:
    """Steps without the transforms at their end, those at the ends of alternatives, branches and routes included.

    ``linear`` leaves out those only that keep the proportions between values.
    """
    kept = list(parts)
    while kept and (is_scale(builder, kept[-1]) if linear else _is_increasing(builder, kept[-1])):
        kept.pop()
    if not kept:
        return kept
    last = builder[kept[-1]]
    if isinstance(last.op, ops.Par | ops.Columns) or (isinstance(last.op, ops.Choose) and last.op.path in once):
        ends = [_stripped_branch(builder, o, once, linear) for o in last.operands]
        if ends != list(last.operands):
            kept[-1] = builder.add(last.op, ends, last.span)
    return kept


def _stripped_branch(builder: Builder, index: int, once: frozenset[str], linear: bool) -> int:
    before = steps(builder, [index])
    after = _stripped(builder, before, once, linear)
    return index if after == before else sequence(builder, after, builder[index])


def _is_increasing(builder: Builder, index: int) -> bool:
    """Whether a step maps each column by a strictly increasing function, whatever is decided."""
    node = builder[index]
    match node.op:
        case ops.Call(path=path) if path == _POWER:
            return True
        case ops.Choose() | ops.Seq() | ops.Label():
            return all(_is_increasing(builder, o) for o in node.operands)
    return is_scale(builder, index)


def is_tree(builder: Builder, index: int) -> bool:
    """Whether a step is a model of trees that compares sizes, whatever is decided."""
    node = builder[index]
    match node.op:
        case ops.Choose() | ops.Label():
            return all(is_tree(builder, o) for o in node.operands)
        case ops.Call(path=path) if path in _SKLEARN:
            return True
        case ops.Call(path=path):
            given = arguments(builder, node)
            found = [allowed for prefix, allowed in _BOOSTING.items() if path.startswith(prefix)]
            return bool(found) and all(n not in given or given[n] in allowed for n, allowed in found[0].items())
    return False


def _draws_splits(builder: Builder, index: int) -> bool:
    """Whether a model draws splits evenly between the least and the greatest value, so that proportions matter."""
    node = builder[index]
    if isinstance(node.op, ops.Choose | ops.Label):
        return any(_draws_splits(builder, o) for o in node.operands)
    return isinstance(node.op, ops.Call) and "ExtraTree" in node.op.path


def _may_follow(builder: Builder, model: int, prefix: list[int]) -> bool:
    """Whether a model may stand behind these steps: the boosting libraries reject some tables as they are read."""
    return _takes_any_table(builder, model) or any(
        isinstance(builder[p].op, ops.Call | ops.Par | ops.Columns) for p in prefix
    )


def _takes_any_table(builder: Builder, index: int) -> bool:
    node = builder[index]
    if isinstance(node.op, ops.Choose | ops.Label):
        return all(_takes_any_table(builder, o) for o in node.operands)
    return isinstance(node.op, ops.Call) and node.op.path in _SKLEARN
