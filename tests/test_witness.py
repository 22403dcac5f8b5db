"""What fails, in how many configurations, and one that does: against every configuration built one by one."""

from collections.abc import Iterator
from typing import Any

import pytest

import hyperdsl
from hyperdsl.audit.witness import TRUE, Failure, Failures
from hyperdsl.ir import ops, plan
from hyperdsl.ir.graph import Graph
from hyperdsl.space.expressions import Expression, compare, logic

SHORT = {
    "choice": "space s = Ridge() | Lasso(max_iter = 1 | 2) | Ridge(max_iter = 1..3)",
    "optional step": "space s = PCA()? >> (StandardScaler() | PCA()) >> RFE(Ridge(max_iter = 1 | 2))? >> Lasso()",
    "shared": "let a = 1..3\n"
    "space s = (Ridge(max_iter = a) | Lasso(max_iter = a)) if a > 1 else (Ridge() | Ridge(max_iter = 1))",
    "list": "space s = repeat(1..3, Quantiles(1 | 2)) >> (Ridge(max_iter = 1 | 2) | Lasso())",
    "subset": "space s = subset(1..2, [Quantiles(1), Quantiles(1 | 2), MinMaxScaler()]) >> Lasso()",
    "pick": "space s = pick(1..2, [Quantiles(1 | 2), Quantiles(1..3)]) >> Ridge(max_iter = 1 | 2)",
    "permutation": "space s = permute(Quantiles(1 | 2), StandardScaler()) >> Ridge(max_iter = 1..2)",
    "index": "let ms = [Ridge(max_iter = 1 | 2), Lasso(), Ridge()]\nlet i = 0..2\n"
    "space s = BaggingRegressor(estimator = ms[i])",
    "conditions": "let a = 1..4\nlet b = 1..4\nforbid a == 1 and b < 3\nspace s = Quantiles(a) >> Ridge(max_iter = b)",
    "never": "space s = Lasso(max_iter = 1 | 2)",
    "always": "space s = StandardScaler()? >> Ridge(max_iter = 1)",
    "inside": "space s = BaggingRegressor(estimator = Ridge(max_iter = 1 | 2) | Lasso(), n_estimators = 1..2)",
}
SPACES = {name: text.replace("Quantiles(", "QuantileTransformer(n_quantiles = ") for name, text in SHORT.items()}


def failing_nodes(failures: Failures) -> dict[int, Expression]:
    """Ridge fails with ``max_iter == 1``, QuantileTransformer with ``n_quantiles in (1, 3)``."""
    wanted = {"Ridge": ("max_iter", (1,)), "QuantileTransformer": ("n_quantiles", (1, 3))}
    found: dict[int, Expression] = {}
    for index, node in enumerate(failures.graph.nodes):
        if not isinstance(node.op, ops.Call):
            continue
        parameter, values = wanted.get(node.op.path.rpartition(".")[2], ("", ()))
        if parameter in node.op.parameters:
            given = failures.conditions.make(node.operands[node.op.parameters.index(parameter)])
            found[index] = logic("or", [compare("==", given, ("c", v)) for v in values])
    return found


def calls(value: Any) -> Iterator[plan.Call]:
    if isinstance(value, plan.Call):
        yield value
    for child in plan.children(value):
        yield from calls(child)


def fails(value: Any) -> bool:
    bad = {
        ("Ridge", "max_iter", 1),
        ("QuantileTransformer", "n_quantiles", 1),
        ("QuantileTransformer", "n_quantiles", 3),
    }
    return any((c.path.rpartition(".")[2], n, v) in bad for c in calls(value) for n, v in c.arguments)


def brute(space: hyperdsl.HyperSpace) -> list[dict[str, Any]]:
    return [c.to_json() for c in space.enumerate() if fails(space.plan(c))]


def ask(graph: Graph, counted: bool = True) -> Failure | None:
    failures = Failures(graph)
    if not counted:
        failures.__dict__["total"] = None  # as past the budget
    return failures.of(failing_nodes(failures))


@pytest.mark.parametrize("name", SPACES)
def test_the_count_is_that_of_all_configurations_built_one_by_one(name: str) -> None:
    space = hyperdsl.compile(SPACES[name])
    expected = brute(space)
    failure = ask(space.graph)
    if not expected:
        assert failure is None
        return
    assert failure is not None
    assert (failure.count, failure.total) == (len(expected), space.count().configurations)


@pytest.mark.parametrize("name", [n for n in SPACES if n != "never"])
@pytest.mark.parametrize("counted", [True, False], ids=["counted", "drawn"])
def test_whatever_agrees_with_the_witness_fails(name: str, counted: bool) -> None:
    space = hyperdsl.compile(SPACES[name])
    expected = brute(space)
    everything = [c.to_json() for c in space.enumerate()]
    failure = ask(space.graph, counted)
    assert failure is not None
    shown = dict(failure.witness)
    agreeing = [c for c in everything if all(p in c and text_of(c[p]) == t for p, t in shown.items())]
    assert agreeing
    assert all(c in expected for c in agreeing)


def text_of(value: Any) -> str:
    return repr(value).replace("'", '"')


def test_where_says_how_many_in_words() -> None:
    assert Failure(12, 48, (), 0).where == "in 12 of 48 configurations"
    assert Failure(48, 48, (), 0).where == "in every configuration"
    assert Failure(None, None, (), 0).where == "in some configurations"


def test_a_witness_reads_as_a_program_does() -> None:
    space = hyperdsl.compile('space s = Ridge(max_iter = 1 | 2, solver = "svd" | "lsqr") | Lasso()')
    failures = Failures(space.graph)
    [node] = [i for i, n in enumerate(space.graph.nodes) if isinstance(n.op, ops.Call) and n.op.path.endswith("Ridge")]
    solver = failures.conditions.make(space.graph[node].operands[1])
    failure = failures.of({node: compare("==", solver, ("c", "lsqr"))})
    assert failure is not None
    assert failure.shown == 's = "Ridge", s.Ridge.solver = "lsqr"'
    assert failure.where == "in 2 of 5 configurations"


def test_parts_used_very_often_do_not_blow_up() -> None:
    doubled = "\n".join(
        f"let m{i} = BaggingRegressor(estimator = m{i - 1}) | VotingRegressor(estimators = "
        f'[("a", m{i - 1}), ("b", m{i - 1})])'
        for i in range(1, 15)
    )
    space = hyperdsl.compile(f"let m0 = Ridge(max_iter = 1 | 2)\n{doubled}\nspace s = m14")
    failures = Failures(space.graph)
    failure = failures.of(failing_nodes(failures))
    assert failure is not None
    assert dict(failure.witness)["m0.Ridge.max_iter"] == "1"


def test_a_node_that_always_fails_needs_no_decision() -> None:
    space = hyperdsl.compile("space s = Ridge(max_iter = 1 | 2)")
    [call] = [i for i, n in enumerate(space.graph.nodes) if isinstance(n.op, ops.Call)]
    failure = Failures(space.graph).of({call: TRUE})
    assert failure is not None
    assert failure.witness == ()
    assert failure.where == "in every configuration"
