"""The interpreter, the text form of graphs and what the language says about decisions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from programs import make

import hyperdsl
from hyperdsl.ir import text
from hyperdsl.ir.enumeration import distribution, outcomes
from hyperdsl.ir.graph import Builder
from hyperdsl.ir.meaning import evaluate, replay
from hyperdsl.ir.ops import Const, Integer
from hyperdsl.ir.paths import distinct
from hyperdsl.ir.plan import DictPlan
from hyperdsl.ir.verify import GraphError, verify


def values(source: str) -> dict[object, Fraction]:
    """Exact probability of each value of ``space s = record(v = ...)``."""
    result: dict[object, Fraction] = {}
    for outcome, probability in outcomes(hyperdsl.compile(source).graph):
        assert isinstance(outcome.value, DictPlan)
        value = dict(outcome.value.items).get("v")
        result[value] = result.get(value, Fraction(0)) + probability
    return result


def test_probabilities_sum_to_one() -> None:
    for seed in range(40):
        space = hyperdsl.compile(make(seed))
        if (space.count().configurations or 0) < 1000:
            assert sum(distribution(space.graph).values()) == 1


def test_unparenthesized_alternatives_are_one_choice() -> None:
    third = Fraction(1, 3)
    assert values("space s = record(v = 1 | 2 | 3)") == {1: third, 2: third, 3: third}


def test_a_parenthesized_choice_is_one_alternative() -> None:
    assert values("space s = record(v = (1 | 2) | 3)") == {1: Fraction(1, 4), 2: Fraction(1, 4), 3: Fraction(1, 2)}


def test_a_range_is_one_alternative() -> None:
    assert values("space s = record(v = 1..3 | 9)")[9] == Fraction(1, 2)


def test_weights_are_exact_decimals() -> None:
    assert values('space s = record(v = "a" @ 0.1 | "b" @ 0.2)') == {"a": Fraction(1, 3), "b": Fraction(2, 3)}


def test_equal_alternatives_are_merged_with_a_warning() -> None:
    space = hyperdsl.compile("space s = record(v = 1 | 1 | 2)")
    assert [w.code for w in space.warnings] == ["W0302"]
    assert values("space s = record(v = 1 | 1 | 2)") == {1: Fraction(2, 3), 2: Fraction(1, 3)}


def test_one_and_one_point_zero_and_true_differ() -> None:
    assert hyperdsl.compile("space s = record(v = 1 | 1.0 | True)").count().configurations == 3


def test_a_let_is_decided_once_and_a_def_afresh() -> None:
    assert hyperdsl.compile("let n = 1..3\nspace s = record(a = n, b = n)").count().configurations == 3
    assert hyperdsl.compile("def n() = 1..3\nspace s = record(a = n(), b = n())").count().configurations == 9


def test_an_argument_is_decided_once_per_call() -> None:
    space = hyperdsl.compile("def pair(x) = [x, x]\nspace s = record(a = pair(1..3), b = pair(1..3))")
    assert space.count().configurations == 9
    assert all(c["a"][0] == c["a"][1] for c in map(space.build, space.enumerate()))


def test_a_default_is_decided_afresh_in_each_call() -> None:
    assert (
        hyperdsl.compile("def f(x = 1..3) = x\nspace s = record(a = f(), b = f(), c = f(7))").count().configurations
        == 9
    )


def test_untaken_branches_decide_nothing() -> None:
    space = hyperdsl.compile("space s = record(v = (1..5) | None)")
    assert sorted(len(c) for c in space.enumerate()) == [1, 2, 2, 2, 2, 2]


def test_a_condition_activates_what_it_reads() -> None:
    space = hyperdsl.compile("let n = 1..3\nspace s = record(v = 10 if n > 2 else (5..6))")
    assert space.count().configurations == 1 + 2 * 2


def test_ends_may_depend_on_other_decisions() -> None:
    space = hyperdsl.compile("let a = 1..3\nspace s = record(a = a, b = a..2 ** a)")
    assert space.count().configurations == (2 - 1 + 1) + (4 - 2 + 1) + (8 - 3 + 1)
    assert all(v["a"] <= v["b"] <= 2 ** v["a"] for v in map(space.build, space.sample(300)))


def test_recursion_ends_where_its_depth_is_fixed() -> None:
    source = "def chain(k) = [] if k == 0 else [1..2] + chain(k - 1)\nspace s = record(v = chain(4))"
    assert hyperdsl.compile(source).count().configurations == 16


def test_is_and_argument_read_the_chosen_module() -> None:
    source = """
    let model = Ridge(alpha = 0.5 | 2.0) | Lasso()
    space s = (StandardScaler() if model is Ridge else pass) >> model
    """
    space = hyperdsl.compile(source)
    assert space.count().configurations == 3
    steps = [type(space.build(c)).__name__ for c in space.enumerate()]
    assert sorted(steps) == ["Lasso", "Pipeline", "Pipeline"]


def test_presence_leaves_out_an_argument_an_item_and_a_step() -> None:
    assert values("space s = record(v = len([1, 2?]))") == {1: Fraction(1, 2), 2: Fraction(1, 2)}
    space = hyperdsl.compile("space s = StandardScaler()? @ 3 >> Ridge(alpha = 2.0?)")
    assert space.count().configurations == 4
    assert space.default().to_json() == {"s.StandardScaler?": True, "s.Ridge.alpha?": True}


def test_log_weights_follow_the_documented_formula() -> None:
    graph = hyperdsl.compile("space s = record(v = 1..4 log)").graph
    weights = [2**40 * p for p in distribution(graph).values()]
    assert weights == sorted(weights, reverse=True)
    assert sum(distribution(graph).values()) == 1


def test_replay_gives_the_same_program() -> None:
    for seed in range(20):
        graph = hyperdsl.compile(make(seed)).graph
        for number, (outcome, _) in enumerate(outcomes(graph)):
            assert evaluate(graph, replay(outcome.assignment)).value == outcome.value
            if number > 50:
                break


def test_graph_text_reads_back() -> None:
    for seed in range(60):
        graph = hyperdsl.compile(make(seed)).graph
        again = text.read(text.write(graph))
        assert again == graph
        assert text.write(again) == text.write(graph)


def test_graph_text_says_which_line_is_wrong() -> None:
    with pytest.raises(ValueError, match="line 2"):
        text.read('graph "s" root %0\n%0 = nonsense()\n')


def test_verify_names_the_node_that_is_wrong() -> None:
    builder = Builder("s")
    low = builder.add(Const(1))
    broken = builder.add(Integer("s.v"), (low,))
    with pytest.raises(GraphError, match="%1"):
        verify(builder.finish(broken))


def test_two_nodes_cannot_decide_one_path() -> None:
    builder = Builder("s")
    low, high = builder.add(Const(1)), builder.add(Const(2))
    first = builder.add(Integer("s.v"), (low, high))
    second = builder.add(Integer("s.v"), (first, high))
    with pytest.raises(GraphError, match="same path"):
        verify(builder.finish(second))


def test_the_dag_is_a_networkx_graph_with_an_edge_per_operand() -> None:
    import networkx as nx

    graph = hyperdsl.compile("let n = 1..3\nspace s = record(a = n, b = n)").graph
    assert nx.is_directed_acyclic_graph(graph.dag)
    assert nx.ancestors(graph.dag, graph.root) | {graph.root} == graph.reachable


def test_paths_differ_where_numbered_siblings_meet() -> None:
    space = hyperdsl.compile("def f() = (1..3) + (1..3)\nspace s = record(a = [f(), f()])")
    assert len({d.path for d in space.decisions}) == 4
    assert space.count().configurations == 81


def test_an_argument_that_is_not_there_has_no_value() -> None:
    with pytest.raises(hyperdsl.HypError) as caught:
        hyperdsl.compile("let m = Ridge(alpha = 2.0) | Lasso()\nspace s = record(b = m.alpha)")
    assert [d.code for d in caught.value.diagnostics] == ["E0301"]


def test_a_let_with_parameters_is_decided_once_for_all_calls() -> None:
    space = hyperdsl.compile("let f(x) = x + (1..3)\nspace s = record(a = f(1), b = f(10))")
    assert [d.path for d in space.decisions] == ["f"]
    assert [space.build(c) for c in space.enumerate()] == [{"a": 1 + n, "b": 10 + n} for n in (1, 2, 3)]


def test_calls_of_a_let_take_the_alternative_of_one_number() -> None:
    space = hyperdsl.compile("let f(x) = x | 2 | x * 3\nspace s = record(a = f(1), b = f(2))")
    assert [space.build(c) for c in space.enumerate()] == [{"a": 1, "b": 2}, {"a": 2, "b": 2}, {"a": 3, "b": 6}]
    assert [c.to_json() for c in space.enumerate()] == [{"f": "x"}, {"f": 2}, {"f": "x * 3"}]


def test_what_a_let_calls_is_decided_once_with_it() -> None:
    space = hyperdsl.compile(
        "def op() = 1..3\nlet f(x) = [op(), op(), x]\nspace s = record(a = f(1), b = f(2), c = op())"
    )
    assert space.count().configurations == 27
    assert all(v["a"][:2] == v["b"][:2] for v in map(space.build, space.enumerate()))


def test_a_place_that_one_call_does_not_reach_is_not_another_place() -> None:
    space = hyperdsl.compile("let f(k) = [1..3 if k == 0 else 5, 1..9]\nspace s = record(a = f(0), b = f(1))")
    assert space.count().configurations == 27
    assert all(v["b"][0] == 5 and v["a"][1] == v["b"][1] for v in map(space.build, space.enumerate()))


def test_a_let_in_a_def_is_decided_once_per_call_of_the_def() -> None:
    text = "def g() = { let f(x) = x + (1..2) return [f(1), f(2)] }\nspace s = record(a = g(), b = g())"
    assert hyperdsl.compile(text).count().configurations == 4


def test_a_default_of_a_let_is_decided_once_and_reads_earlier_parameters() -> None:
    space = hyperdsl.compile("let f(a, b = a..a + 2) = [a, b]\nspace s = record(a = f(2), b = f(2), c = f(2, 9))")
    assert [space.build(c)["b"] for c in space.enumerate()] == [[2, 2], [2, 3], [2, 4]]
    assert (
        hyperdsl.compile("def f(a, b = a..a + 2) = b\nspace s = record(a = f(2), b = f(3))").count().configurations == 9
    )


def test_a_let_picks_from_the_list_of_each_call_by_number() -> None:
    space = hyperdsl.compile("let f(xs) = [pick(1, xs), subset(1, xs)]\nspace s = record(a = f([1, 2]), b = f([3, 4]))")
    assert space.count().configurations == 4
    assert {(v["a"][0], v["b"][0]) for v in map(space.build, space.enumerate())} == {(1, 3), (2, 4)}


def test_a_let_that_picks_steps_puts_them_side_by_side() -> None:
    text = "let f(m) = pick(0..2, [m, PCA()])\nspace s = f(StandardScaler()) >> f(MinMaxScaler()) >> Ridge()"
    space = hyperdsl.compile(text)
    twice = text.replace("let f(m) = ", "def f(m) = ")
    kinds = {type(hyperdsl.compile(twice).build(c)).__name__ for c in hyperdsl.compile(twice).enumerate()}
    assert {type(space.build(c)).__name__ for c in space.enumerate()} == kinds == {"Ridge", "Pipeline"}
    assert space.count().configurations == 4


def test_labels_are_distinct_whatever_they_are() -> None:
    assert distinct(["a", "a", "a[1]", "a[1]", "a"]) == ("a", "a[1]", "a[1][1]", "a[1][2]", "a[2]")


def test_arguments_of_arguments_are_read() -> None:
    text = """
    let m = PCA()? >> BaggingRegressor(estimator = Ridge(alpha = 0.5 | 2.0)? | Lasso())
    space s = (StandardScaler() if m.estimator is Ridge and m.estimator.alpha > 1 else pass) >> m
    """
    space = hyperdsl.compile(text)
    scaled = [c.to_json() for c in space.enumerate() if "StandardScaler" in repr(space.build(c))]
    assert space.count().configurations == 8
    assert [c["m.BaggingRegressor.estimator.Ridge.alpha"] for c in scaled] == [2.0, 2.0]
    nested = "let r = record(a = record(b = 1..2, c = record(d = 3)))\nspace s = record(v = r.a.b + r.a.c.d)"
    assert values(nested) == {4: Fraction(1, 2), 5: Fraction(1, 2)}


def test_items_that_are_repeated_a_known_number_of_times_are_a_list() -> None:
    assert hyperdsl.compile("space s = record(v = [n + 1 for n in repeat(2, 1..2)])").count().configurations == 4
