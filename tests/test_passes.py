"""Passes keep the meaning.

Whatever a configuration decides, the program is the one that it was before: exactly, but for steps that do nothing
(``neutral``) and, at -O2, for scales that a later step or a tree does not see. And the program, sampled by itself, has
the exact distribution of before over what it still decides.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import permutations
from typing import Any

import pytest
from programs import make, make_conditioned, make_pipelines

import hyperdsl
from hyperdsl import passes
from hyperdsl.diagnostics import HypError
from hyperdsl.ir import canonical, meaning, plan, text
from hyperdsl.ir.enumeration import outcomes, typed
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.ops import Arithmetic, Choose, Const, Named, Pass, Seq, Where
from hyperdsl.ir.outline import outline
from hyperdsl.ir.verify import verify
from hyperdsl.passes.rewrite import rebuild
from hyperdsl.schema import Column, Schema
from hyperdsl.space import Configuration

ALL = passes.LEVELS[2]
EXACT = tuple(p for p in passes.LEVELS[1] if p is not passes.neutral)
PROGRAMS: dict[str, Callable[[int], str]] = {
    "values": make,
    "pipelines": make_pipelines,
    "conditioned": make_conditioned,
}
SEEDS = range(40)
MAX_OUTCOMES = 150
Program = tuple[str, int]


@cache
def lowered(program: Program) -> Graph | None:
    """The graph of a generated program, None where it is too large to enumerate or has no configuration."""
    maker, seed = program
    try:
        space = hyperdsl.compile(PROGRAMS[maker](seed), level=0)
    except HypError as error:
        assert {d.code for d in error.diagnostics if d.code[0] == "E"} <= {"E0330"}, PROGRAMS[maker](seed)
        return None
    count = space.count()
    return space.graph if count.exact and (count.configurations or 0) <= MAX_OUTCOMES else None


def graphs(*makers: str) -> list[tuple[Program, Graph]]:
    found = [((maker, seed), lowered((maker, seed))) for maker in makers or PROGRAMS for seed in SEEDS]
    return [(program, graph) for program, graph in found if graph is not None]


@cache
def configurations(program: Program) -> list[tuple[dict[str, Any], Any]]:
    """What each configuration decides, and the program that it is."""
    graph = lowered(program)
    assert graph is not None
    return [(outcome.assignment, outcome.value) for outcome, _ in outcomes(graph) if not outcome.violated]


# --- which programs are the same


def without_steps_that_do_nothing(value: Any) -> Any:
    return canonical.text(value)


SCALES = ("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler")


def coarse(value: Any) -> Any:
    """A program without scales right before another scale or a tree; for plans, so that no pass has a part in it."""
    match value:
        case plan.Seq(steps=steps):
            kept = [coarse(step) for step in steps]
            while shortened := _shortened(kept):
                kept = shortened
            return plan.Seq(tuple(kept)) if len(kept) > 1 else kept[0]
        case plan.Par(branches=branches):
            return plan.Par(tuple(map(coarse, branches)))
        case plan.ColumnsPlan(routes=routes):
            bodies = [plan.RoutePlan(r.selectors, coarse(r.body), r.label) for r in routes]
            return plan.ColumnsPlan(tuple(bodies))
    return value


def _shortened(steps: list[Any]) -> list[Any] | None:
    for position in range(1, len(steps)):
        before, name = steps[position - 1], _name(steps[position])
        rest = steps[position:]
        if _name(before) in ("FunctionTransformer", "MaxAbsScaler") and before == rest[0]:
            return steps[: position - 1] + rest
        if name.startswith(("DecisionTree", "RandomForest")):
            stripped = _stripped(before)
            if stripped != before:
                return steps[: position - 1] + ([] if isinstance(stripped, plan.Pass) else [stripped]) + rest
        if name in ("StandardScaler", "MinMaxScaler", "RobustScaler") and _name(before) in SCALES:
            return steps[: position - 1] + rest
        if _name(before) == "FunctionTransformer":
            return steps[: position - 1] + rest
    return None


def _stripped(value: Any) -> Any:
    if _name(value) in (*SCALES, "FunctionTransformer"):
        return plan.Pass()
    match value:
        case plan.Seq(steps=(*first, last)) if _stripped(last) != last:
            stripped = _stripped(last)
            kept = [*first, *([] if isinstance(stripped, plan.Pass) else [stripped])]
            return _stripped(plan.Seq(tuple(kept)) if len(kept) > 1 else kept[0])
        case plan.Par(branches=branches):
            return plan.Par(tuple(map(_stripped, branches)))
        case plan.ColumnsPlan(routes=routes):
            bodies = [plan.RoutePlan(r.selectors, _stripped(r.body), r.label) for r in routes]
            return plan.ColumnsPlan(tuple(bodies))
    return value


def _name(value: Any) -> str:
    return value.path.rpartition(".")[2] if isinstance(value, plan.Call) else ""


def approximately(value: Any) -> Any:
    return canonical.text(coarse(value)) if isinstance(value, plan.PlanNode) else typed(value)


def sameness(*run: passes.Pass) -> Callable[[Any], Any]:
    """What of a program must stay under these passes."""
    if passes.trees in run or passes.rescale in run:
        return approximately
    return without_steps_that_do_nothing if passes.neutral in run else typed


# --- the proofs


def assert_follows(program: Program, after: Graph, same: Callable[[Any], Any], name: str) -> None:
    """Under each configuration of the program the graph gives the same, and asks for no other decision."""
    verify(after)
    for assignment, value in configurations(program):
        found = meaning.evaluate(after, meaning.replay(assignment)).value
        assert same(found) == same(value), f"{name}\n{PROGRAMS[program[0]](program[1])}\n{assignment}"


def decided(graph: Graph) -> set[str]:
    """The decisions that a graph still makes."""
    found: set[str] = set()
    for _, op in graph.decisions():
        alternatives = op.assignments if isinstance(op, Choose) else ()
        found |= {path for parts in alternatives for path, _ in parts} or {op.path}
    return found


def projected(program: Program, onto: set[str], same: Callable[[Any], Any]) -> dict[Any, Fraction]:
    """The exact distribution of a program over some of its decisions."""
    graph = lowered(program)
    assert graph is not None
    found: dict[Any, Fraction] = {}
    possible = [(outcome, p) for outcome, p in outcomes(graph) if not outcome.violated]
    total = sum(p for _, p in possible)
    for outcome, probability in possible:
        key = (tuple(sorted((k, v) for k, v in outcome.assignment.items() if k in onto)), same(outcome.value))
        found[key] = found.get(key, Fraction(0)) + probability / total
    return found


def own(graph: Graph, same: Callable[[Any], Any]) -> dict[Any, Fraction]:
    found: dict[Any, Fraction] = {}
    possible = [(outcome, p) for outcome, p in outcomes(graph) if not outcome.violated]
    total = sum(p for _, p in possible)
    for outcome, probability in possible:
        key = (tuple(sorted(outcome.assignment.items())), same(outcome.value))
        found[key] = found.get(key, Fraction(0)) + probability / total
    return found


def tidy(graph: Graph) -> str:
    """The text of what the root depends on."""
    return text.write(rebuild(graph, lambda builder, index, node, operands: None))


@pytest.mark.parametrize("one", ALL, ids=lambda p: p.__name__)
def test_a_pass_keeps_each_program_and_the_distribution(one: passes.Pass) -> None:
    changed = 0
    same = sameness(one)
    for program, graph in graphs():
        start = passes.share(graph) if one in (passes.neutral, passes.factor) else graph
        after = one(start)
        assert_follows(program, after, same, one.__name__)
        if one in EXACT:
            assert own(after, same) == projected(program, decided(after), same), PROGRAMS[program[0]](program[1])
        assert tidy(one(after)) == tidy(after), f"a second run changes nothing\n{PROGRAMS[program[0]](program[1])}"
        changed += tidy(after) != tidy(start)
    assert changed > 2, "the programs give this pass nothing to do"


def test_every_two_passes_in_either_order_keep_each_program() -> None:
    for number, (program, graph) in enumerate(graphs()):
        if number % 4:
            continue
        shared = passes.share(passes.inline(graph))
        after_one = {one: one(shared) for one in ALL}
        seen: set[tuple[str, Callable[[Any], Any]]] = set()
        for one, other in permutations(ALL, 2):
            after = other(after_one[one])
            same = sameness(one, other)
            if (text.write(after), same) not in seen:  # most passes find nothing in most programs
                seen.add((text.write(after), same))
                assert_follows(program, after, same, f"{one.__name__}, {other.__name__}")


@pytest.mark.parametrize("level", [1, 2])
def test_a_level_keeps_each_program_after_each_pass(level: int) -> None:
    for program, graph in graphs():
        run: list[passes.Pass] = []

        def compare(name: str, after: Graph, program: Program = program, run: list[passes.Pass] = run) -> None:
            run.append(getattr(passes, name))
            assert_follows(program, after, sameness(*run), name)

        passes.optimize(graph, level, compare)


def test_the_first_levels_keep_the_key_and_the_second_merges_programs() -> None:
    merged = 0
    for program, graph in graphs("pipelines", "conditioned"):
        exact, coarser = passes.optimize(graph, 1), passes.optimize(graph, 2)
        keys: dict[str, set[str]] = {}
        for assignment, value in configurations(program):
            key = canonical.key(value)
            assert canonical.key(meaning.evaluate(exact, meaning.replay(assignment)).value) == key
            keys.setdefault(key, set()).add(canonical.key(meaning.evaluate(coarser, meaning.replay(assignment)).value))
        merged += len({k for found in keys.values() for k in found}) < len(keys)
    assert merged > 5


def test_the_first_level_is_idempotent() -> None:
    for program, graph in graphs():
        once = passes.optimize(graph, 1)
        assert outline(passes.optimize(once, 1)) == outline(once), PROGRAMS[program[0]](program[1])


def program(source: str) -> Graph:
    return hyperdsl.compile(source, level=0).graph


def ops_of(graph: Graph, kind: type) -> list[object]:
    return [node.op for node in graph.nodes if isinstance(node.op, kind)]


def test_inline_removes_every_marker() -> None:
    graph = program("let n = 1..3\ndef twice(x) = x * 2\nspace s = record(a = twice(n))")
    assert len(ops_of(graph, Named)) > 1
    assert ops_of(passes.inline(graph), Named) == []


def test_fold_takes_the_branch_of_a_constant_condition() -> None:
    after = passes.drop(passes.fold(program("space s = record(a = 2 * 3 + 1)")))
    assert [op.value for op in ops_of(after, Const)] == [7]  # type: ignore[attr-defined]


def test_flatten_multiplies_weights_and_keeps_both_decisions() -> None:
    graph = program("space s = record(a = (1 | 2) | 3)")
    (choose,) = ops_of(passes.drop(passes.flatten(graph)), Choose)
    assert isinstance(choose, Choose)
    assert choose.weights == (1, 1, 2)
    assert choose.assignments == ((("s.a", 0), ("s.a[1]", 0)), (("s.a", 0), ("s.a[1]", 1)), (("s.a", 1),))


def test_flatten_leaves_a_choice_that_is_used_elsewhere() -> None:
    graph = passes.inline(program("let x = 1 | 2\nspace s = record(a = x | 3, b = x)"))
    assert len(ops_of(passes.flatten(graph), Choose)) == 2


def test_drop_removes_identities_and_dead_nodes() -> None:
    graph = passes.inline(program("space s = StandardScaler() >> pass >> (PCA() >> pass) >> Ridge()"))
    after = passes.drop(graph)
    assert ops_of(after, Pass) == []
    assert len(after[after.root].operands) == 3
    assert after.reachable == frozenset(range(len(after)))


def test_share_merges_equal_constants_and_no_decisions() -> None:
    graph = program("space s = record(a = 1..5, b = 1..5, c = [True, 1, 1.0])")
    after = passes.share(graph)
    assert len(list(after.decisions())) == 2
    assert sorted(repr(op.value) for op in ops_of(after, Const)) == ["1", "1.0", "5", "True"]  # type: ignore[attr-defined]


def emitted(source: str, *run: passes.Pass) -> str:
    """The outline of a program after some passes, tidied."""
    graph = passes.inline(program(source))
    for one in run:
        graph = one(graph)
    return outline(passes.share(passes.drop(graph)))


def test_narrow_shrinks_ranges_and_drops_what_then_holds_anyway() -> None:
    before = program("let a = 1..10\nlet b = 1..10\nrequire a < b\nrequire b < 4\nspace s = record(a = a, b = b)")
    after = passes.fold(passes.narrow(passes.inline(before)))
    ends = {op.path: tuple(after[o].op.value for o in after[i].operands) for i, op in after.decisions()}  # type: ignore[attr-defined]
    assert ends == {"a": (1, 2), "b": (2, 3)}
    assert len(after[after.root].operands) == 2, "a < b stays, b < 4 is gone"


def test_narrow_removes_dead_alternatives_and_keeps_the_codes_of_the_others() -> None:
    source = "let m = Ridge() | Lasso() | ElasticNet()\nforbid m is Lasso\nspace s = StandardScaler() >> m"
    after = passes.drop(passes.narrow(passes.inline(program(source))))
    (choose,) = ops_of(after, Choose)
    assert isinstance(choose, Choose)
    assert choose.labels == ("Ridge", "ElasticNet")
    assert choose.assignments == ((("m", 0),), (("m", 2),))
    assert "Lasso" not in text.write(after)


def test_narrow_settles_an_if_and_what_is_one_value() -> None:
    source = "let n = 1..8\nlet k = 2..9\nrequire n > 3 and k == 5"
    source += "\nspace s = record(n = n, k = 2 * k, x = 1 if n > 2 else 9)"
    after = passes.drop(passes.narrow(passes.inline(program(source))))
    assert [op.path for _, op in after.decisions()] == ["n"]
    assert {10, 1} <= {op.value for op in ops_of(after, Const)}  # type: ignore[attr-defined]
    assert 9 not in {op.value for op in ops_of(after, Const)}  # type: ignore[attr-defined]


def test_narrow_cuts_continuous_ranges_at_the_ends_of_comparisons() -> None:
    source = (
        "let x = 0.0..1.0\nlet y = 0.0..1.0\nrequire x <= 0.3\nrequire y in 0.25..0.5\nspace s = record(x = x, y = y)"
    )
    after = passes.narrow(passes.inline(program(source)))
    ends = {op.path: tuple(after[o].op.value for o in after[i].operands) for i, op in after.decisions()}  # type: ignore[attr-defined]
    assert ends == {"x": (0.0, 0.3), "y": (0.25, 0.5)}
    assert ops_of(after, Where) == []


def test_narrow_leaves_decisions_that_are_not_always_active_and_log_starts() -> None:
    source = "let a = 1..8\nlet l = 1..8 log\nrequire a < 4\nrequire l > 3\nspace s = record(x = a | 9, l = l)"
    after = passes.narrow(passes.inline(program(source)))
    ends = {op.path: [after[o].op.value for o in after[i].operands] for i, op in after.decisions() if op.path in "al"}  # type: ignore[attr-defined]
    assert ends == {"a": [1, 8], "l": [1, 8]}


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("MaxAbsScaler() >> MaxAbsScaler() >> Ridge()", "MaxAbsScaler() >> Ridge()"),
        ("MaxAbsScaler()? >> MaxAbsScaler() >> Ridge()", "MaxAbsScaler() >> Ridge()"),
        ("FunctionTransformer() >> PCA() >> FunctionTransformer(validate = False) >> Ridge()", "PCA() >> Ridge()"),
        ("PCA() >> (pass | FunctionTransformer()) >> pass? >> Ridge()", "PCA() >> Ridge()"),
        ("(FunctionTransformer() & PCA()) >> Ridge()", "(pass & PCA()) >> Ridge()"),
        ('Normalizer(norm = "max") >> Normalizer(norm = "max") >> Ridge()', 'Normalizer(norm = "max") >> Ridge()'),
        ("SimpleImputer() >> SimpleImputer() >> Ridge()", "SimpleImputer() >> Ridge()"),
    ],
)
def test_neutral_leaves_out_what_does_nothing(written: str, left: str) -> None:
    source = emitted(f"space s = {written}", passes.share, passes.neutral)
    assert source == emitted(f"space s = {left}")


@pytest.mark.parametrize(
    "written",
    [
        "StandardScaler() >> StandardScaler() >> Ridge()",
        "PCA() >> PCA() >> Ridge()",
        'Normalizer(norm = "l2") >> Normalizer(norm = "l2") >> Ridge()',
        "FunctionTransformer(func = log1p) >> Ridge()",
        "SimpleImputer(add_indicator = True) >> SimpleImputer(add_indicator = True) >> Ridge()",
        "Binarizer(threshold = 2.0) >> Binarizer(threshold = 2.0) >> Ridge()",
        "MaxAbsScaler() >> PCA() >> MaxAbsScaler() >> Ridge()",
    ],
)
def test_neutral_keeps_what_does_something(written: str) -> None:
    assert emitted(f"space s = {written}", passes.share, passes.neutral) == emitted(f"space s = {written}")


def test_neutral_keeps_the_last_step_that_a_condition_asks_for() -> None:
    source = "let m = (PCA() >> pass) | SelectKBest()\nspace s = (MinMaxScaler() if m is PCA else pass) >> m >> Ridge()"
    graph = program(source)
    expected = [canonical.text(outcome.value) for outcome, _ in outcomes(graph)]
    for level in (1, 2):
        after = passes.optimize(graph, level)
        assert [canonical.text(outcome.value) for outcome, _ in outcomes(after)] == expected


def test_order_makes_equal_what_commutes() -> None:
    source = "let a = 1..3\nlet b = 1..3\nspace s = record(x = a + b, y = b + a, z = [a] + [b], w = [b] + [a])"
    shared = passes.share(passes.order(passes.inline(program(source))))
    assert len([op for op in ops_of(shared, Arithmetic)]) == 3


def test_order_keeps_a_condition_that_guards_the_next() -> None:
    source = "let n = 0..2\nspace s = record(x = 1 if n > 0 and 10 / n > 5 else 2)"
    graph = program(source)
    after = passes.optimize(graph, 1)
    assert {typed(o.value) for o, _ in outcomes(after)} == {typed(o.value) for o, _ in outcomes(graph)}


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("MinMaxScaler() >> StandardScaler() >> Ridge()", "StandardScaler() >> Ridge()"),
        (
            "RobustScaler()? >> MinMaxScaler(feature_range = (0, 2)) >> Ridge()",
            "MinMaxScaler(feature_range = (0, 2)) >> Ridge()",
        ),
        ("MinMaxScaler(clip = True) >> StandardScaler() >> Ridge()", ""),
        ("MinMaxScaler() >> StandardScaler(with_std = False) >> Ridge()", ""),
        ("MinMaxScaler() >> MaxAbsScaler() >> Ridge()", ""),
    ],
)
def test_rescale_leaves_out_scales_that_the_next_takes_back(written: str, left: str) -> None:
    after = emitted(f"space s = {written}", passes.share, passes.rescale)
    assert after == emitted(f"space s = {left or written}")


TREE = "DecisionTreeClassifier()"


@pytest.mark.parametrize(
    ("written", "left"),
    [
        (f"StandardScaler() >> {TREE}", TREE),
        (f"SimpleImputer() >> (StandardScaler() | PowerTransformer())? >> {TREE}", f"SimpleImputer() >> {TREE}"),
        (f"(PCA() & MinMaxScaler()) >> {TREE}", f"(PCA() & pass) >> {TREE}"),
        (f"(PCA() >> RobustScaler()) >> model: {TREE}", f"PCA() >> model: {TREE}"),
        ("SimpleImputer() >> StandardScaler() >> LGBMClassifier()", "SimpleImputer() >> LGBMClassifier()"),
        (f"QuantileTransformer() >> {TREE}", ""),
        ("StandardScaler() >> ExtraTreesClassifier()", "ExtraTreesClassifier()"),
        ("PowerTransformer() >> ExtraTreesClassifier()", ""),
        (f"Normalizer() >> {TREE}", ""),
        (f"StandardScaler() >> PCA() >> {TREE}", ""),
        ("StandardScaler() >> LogisticRegression()", ""),
        ("StandardScaler() >> LGBMClassifier()", ""),  # it would see the table as it was read
        ("SimpleImputer() >> StandardScaler() >> LGBMClassifier(linear_tree = True)", ""),
        ('SimpleImputer() >> StandardScaler() >> XGBClassifier(booster = "gblinear")', ""),
    ],
)
def test_trees_leaves_out_what_a_tree_does_not_see(written: str, left: str) -> None:
    after = emitted(f"space s = {written}", passes.share, passes.trees)
    assert after == emitted(f"space s = {left or written}")


def test_trees_keeps_the_scaler_of_the_model_that_needs_it() -> None:
    source = f"space s = SimpleImputer() >> StandardScaler() >> (LogisticRegression() | {TREE})"
    after = passes.optimize(program(source), 2)
    programs = [canonical.text(outcome.value) for outcome, _ in outcomes(after)]
    assert ["StandardScaler" in p for p in programs] == [True, False]
    assert type(after[after.root].op) is Seq, "the imputer stands before the choice still"


def test_factor_takes_out_what_all_alternatives_begin_with() -> None:
    source = 'let x = SimpleImputer(strategy = "mean" | "median")\nspace s = (x >> PCA() >> Ridge()) | (x >> Lasso())'
    after = emitted(source, passes.factor)
    assert after.replace("x >> ", "") == emitted(
        source.replace("(x >> PCA() >> Ridge()) | (x >> Lasso())", "x >> ((PCA() >> Ridge()) | Lasso())")
    )


def test_factor_leaves_a_step_that_some_alternatives_share() -> None:
    source = "space s = (MaxAbsScaler() >> Ridge()) | (MaxAbsScaler() >> Lasso()) | ElasticNet()"
    assert emitted(source, passes.share, passes.factor) == emitted(source)


def test_factor_leaves_equal_steps_that_decide_apart() -> None:
    source = "space s = (PCA(n_components = 1..3) >> Ridge()) | (PCA(n_components = 1..3) >> Lasso())"
    assert emitted(source, passes.share, passes.factor) == emitted(source)


def test_keys_are_the_same_up_to_the_first_level_and_merge_at_the_second() -> None:
    source = "space s = SimpleImputer() >> StandardScaler()? >> (LogisticRegression() | DecisionTreeClassifier())"
    keys = []
    for level in (0, 1, 2):
        space = hyperdsl.compile(source, level=level)
        assert space.count().configurations == 4
        keys.append([space.key(configuration) for configuration in space.enumerate()])
    assert keys[0] == keys[1] and len(set(keys[1])) == 4
    assert len(set(keys[2])) == 3, "a tree with and without the scaler is one program"


def test_steps_that_do_nothing_have_no_part_in_keys_and_seeds() -> None:
    source = "space s = FunctionTransformer() >> MaxAbsScaler() >> MaxAbsScaler()? >> RandomForestRegressor()"
    built = {}
    for level in (0, 1):
        space = hyperdsl.compile(source, level=level)
        first, second = space.enumerate()
        assert space.key(first) == space.key(second)
        for configuration in (first, second):
            pipeline = space.build(configuration, seed=1)
            built[level, configuration["s.MaxAbsScaler?"]] = (len(pipeline.steps), pipeline[-1].random_state)
    assert {steps for steps, _ in built.values()} == {4, 3, 2}
    assert len({seed for _, seed in built.values()}) == 1


def test_a_configuration_that_violates_a_condition_has_no_program() -> None:
    space = hyperdsl.compile("let m = Ridge() | Lasso() | ElasticNet()\nforbid m is Lasso\nspace s = m")
    violating = Configuration(space.decisions, (1,))
    assert space.key(violating)
    with pytest.raises(HypError, match="E05"):
        space.plan(violating)


def test_an_outline_has_no_numbers_of_nodes_and_names_what_is_shared() -> None:
    source = "let n = 1..3\nspace s = PCA(n_components = n) >> (Ridge(alpha = 2.0 * n) | Lasso(alpha = 0.5 | 1.5 @ 2))"
    assert (
        outline(hyperdsl.compile(source).program)
        == """\
space s
n = 1..3 [n]
seq
  sklearn.decomposition.PCA
    n_components = n
  choose [s]
    Ridge: sklearn.linear_model.Ridge
      alpha = (n * 2.0)
    Lasso: sklearn.linear_model.Lasso
      alpha = 0.5 | 1.5 @ 2 [s.Lasso.alpha]
"""
    )


MIXED = """space s = columns {
  numeric     => SimpleImputer(strategy = "mean" | "median")
  categorical => OneHotEncoder(min_frequency = 1..3)
  rest        => drop
} >> (Ridge() | RandomForestRegressor(n_estimators = 3))"""


def test_prune_leaves_out_routes_without_columns_and_what_they_decide() -> None:
    numbers = Schema(tuple(Column(name, "numeric", "float64") for name in "ab"))
    space = hyperdsl.compile(MIXED)
    given = space.given(numbers)
    assert given.decisions == space.decisions and given.count() == space.count()
    assert [str(note) for note in given.notes] == [
        "line 3: the route 'categorical' left out as the table has no column for it"
    ]
    configurations = list(space.enumerate())
    assert len({space.key(c) for c in configurations}) == 12
    assert len({given.key(c) for c in configurations}) == 4
    assert {given.key(c): repr(given.build(c, numbers)) for c in configurations} == {
        given.key(c): repr(space.build(c, numbers)) for c in configurations
    }


def test_prune_leaves_a_space_alone_that_fits_its_table() -> None:
    both = Schema((Column("a", "numeric", "float64"), Column("b", "categorical", "str")))
    space = hyperdsl.compile(MIXED)
    assert space.given(both) is space
