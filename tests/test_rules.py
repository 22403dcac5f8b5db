"""The rules of the libraries: each is tried on the real class, on both sides, and so is what ``check`` says of it."""

import random
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from itertools import islice
from typing import Any

import numpy as np
import pytest

import hyperdsl
from hyperdsl.audit import Ends
from hyperdsl.audit.facts import Facts
from hyperdsl.audit.rules import audit_rules
from hyperdsl.catalog import load_catalog
from hyperdsl.catalog.model import Kind, Module, Options, Parameter
from hyperdsl.catalog.rulebook import FACTS, LIBRARIES, Rule, rules_for, rules_of
from hyperdsl.catalog.values import check_value
from hyperdsl.diagnostics import Diagnostic, HypError, Reporter
from hyperdsl.driver import check_source, text_to_typed, typed_to_graph
from hyperdsl.hyperspace import HyperSpace
from hyperdsl.ir import ops
from hyperdsl.source import Source

ROWS, FEATURES = 60, 6
RARE = 20  # rows of the rarer class, where a rule is about how even the classes are
FAST = {"n_estimators": 3, "iterations": 3, "max_iter": 20}
QUIET: dict[str, dict[str, Any]] = {
    "lightgbm": {"verbose": -1, "min_child_samples": 5, "n_jobs": 1},
    "xgboost": {"n_jobs": 1},
    "catboost": {"verbose": 0, "allow_writing_files": False, "thread_count": 1},
}
NEEDED = {  # what a class cannot do without, where a rule does not give it
    "RFE": {"estimator": "DecisionTreeClassifier()"},
    "RFECV": {"estimator": "DecisionTreeClassifier()"},
    "SelectFromModel": {"estimator": "DecisionTreeClassifier()"},
    "TunedThresholdClassifierCV": {"estimator": "GaussianNB()"},
    "FixedThresholdClassifier": {"estimator": "GaussianNB()"},
    "CCA": {"n_components": "1"},
}


def installed(library: str) -> tuple[tuple[Rule, str], ...]:
    version = load_catalog().versions[library]
    return tuple((r, c) for r in rules_of(library) for c in r.classes if r.is_for(version))


CASES = [case for library in LIBRARIES for case in installed(library)]
IDS = [f"{name}-{rule.bad or 'defaults'}"[:80] for rule, name in CASES]


def module_of(name: str) -> Module:
    return load_catalog().find(name)[0]


@cache
def data(task: str, classes: int) -> tuple[Any, Any]:
    rng = np.random.RandomState(0)
    table = np.abs(rng.randn(ROWS, FEATURES))
    if task == "text":
        return [f"dog cat {i % 7} bird fish{i % 3} ant" for i in range(ROWS)], None
    target = np.arange(ROWS) % classes if task == "classes" else table[:, 0] * 2 + rng.rand(ROWS)
    return table, target


def class_of(module: Module) -> Any:
    if module.requires:
        import_module(module.requires)
    return getattr(import_module(module.path.rpartition(".")[0]), module.name)


class Names(dict[str, Any]):
    """Names in the arguments of rules: the classes of the catalog."""

    def __missing__(self, name: str) -> Any:
        return class_of(module_of(name))


def arguments(module: Module, text: str) -> dict[str, Any]:
    given = eval(f"dict({text})", {"__builtins__": {}}, Names(dict=dict))
    needed = {k: eval(v, {"__builtins__": {}}, Names()) for k, v in NEEDED.get(module.name, {}).items()}
    fast = {k: v for k, v in FAST.items() if k in module.parameters}
    return {**QUIET.get(module.library, {}), **fast, **needed, **given}


def fit(rule: Rule, name: str, text: str) -> None:
    """Fit a class and use it once, as a search does."""
    module = module_of(name)
    is_regressor = "regressor" in module.roles and "classifier" not in module.roles
    task = "text" if "text" in module.path else "numbers" if is_regressor else "classes"
    table, target = data(task, 3 if "classes" in rule.reads else 2)
    if "largest_class" in rule.reads:
        target = (np.arange(ROWS) >= RARE).astype(int)
    estimator = class_of(module)(**arguments(module, text))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(table, target)
        for method in ("predict", "transform"):
            if hasattr(estimator, method):
                getattr(estimator, method)(table[:5])


def said(rule: Rule, name: str, text: str) -> list[Diagnostic]:
    """What ``check`` says of one call on the data above, about this rule."""
    needed = ", ".join(f"{k} = {v}" for k, v in NEEDED.get(name, {}).items() if f"{k} =" not in text)
    source = Source("<rule>", f"space s = {name}({', '.join(p for p in (needed, text) if p)})")
    reporter = Reporter()
    typed = text_to_typed(source, load_catalog(), reporter)
    graph = typed_to_graph(typed, next(iter(typed.spaces.values())), reporter)
    classes = 3 if "classes" in rule.reads else 2
    calls = [i for i, node in enumerate(graph.nodes) if isinstance(node.op, ops.Call)]
    local = {i: {"features": ("c", FEATURES)} for i in calls}
    rare = RARE if "largest_class" in rule.reads else ROWS // classes
    facts = Facts(ROWS, FEATURES, n_classes=classes, smallest_class=rare, largest_class=ROWS - rare)
    audit_rules(graph, load_catalog(), reporter, facts=facts, local=local)
    return [d for d in reporter.diagnostics if rule.says in d.message]


@pytest.mark.parametrize(("rule", "name"), CASES, ids=IDS)
def test_what_a_rule_accepts_can_be_fitted(rule: Rule, name: str) -> None:
    if rule.good is None:
        return
    fit(rule, name, rule.good)
    assert not said(rule, name, rule.good)


@pytest.mark.parametrize(("rule", "name"), CASES, ids=IDS)
def test_what_a_rule_rejects_fails(rule: Rule, name: str) -> None:
    assert [d.code for d in said(rule, name, rule.bad)] == ["W0420" if rule.ignored else "E0420"]
    if rule.ignored:
        fit(rule, name, rule.bad)
        return
    with pytest.raises(Exception):  # noqa: B017 - each library has its own
        fit(rule, name, rule.bad)


@pytest.mark.parametrize("library", LIBRARIES)
def test_rules_name_what_the_catalog_has(library: str) -> None:
    version = load_catalog().versions[library]
    for rule in rules_of(library):
        assert rule.source.startswith("https://") and rule.says and rule.says[0].islower()
        for name in rule.classes:
            module = module_of(name)
            assert (module.library == library and rule in rules_for(library, name, version)) or rule.versions
            unknown = [n for n in rule.reads if n not in module.parameters and n not in FACTS and not is_class(n)]
            assert not [n for n in unknown if n not in WORDS], (name, unknown)


WORDS = {"and", "or", "not", "in", "is", "None", "True", "False"}


def is_class(name: str) -> bool:
    return bool(load_catalog().find(name))


BOUND = {
    "a model": 'let m = LogisticRegression(penalty = "l1" | "l2" | "elasticnet" | None, solver = "lbfgs" | "saga" | '
    '"liblinear" | "sag", dual = True | False, l1_ratio = 0.5)\nspace s = m | GaussianNB()',
    "arguments": "let share = 0.5 | None\nlet again = True | False\nlet score = True | False\n"
    "space s = RandomForestClassifier(max_samples = share, bootstrap = again, oob_score = score)",
    "numbers and names": 'let m = PCA(n_components = 0.5 | 0.9 | 5 | "mle", svd_solver = '
    '"full" | "randomized" | "arpack")\n'
    "space s = m >> GaussianNB()",
}


def check(text: str) -> list[Diagnostic]:
    reporter = Reporter()
    with suppress(HypError):
        check_source(Source("<text>", text), reporter)
    return [d for d in reporter.diagnostics if d.severity != "note"]


@pytest.mark.parametrize("text", BOUND.values(), ids=BOUND)
def test_a_line_that_help_gives_leaves_what_can_be_fitted(text: str) -> None:
    for _ in range(10):
        found = check(text)
        if not found:
            break
        assert [d.code for d in found] == ["E0420"] * len(found)
        [line] = re.findall(r"`(forbid [^`]*)`", found[0].help)
        text = f"{line}\n{text}"
    space = hyperdsl.compile(text)
    table, target = data("classes", 2)
    for configuration in space.enumerate():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            space.build(configuration, seed=1).fit(table, target)


def unchecked(text: str) -> HyperSpace:
    """A space with all that would fail in it."""
    reporter = Reporter()
    typed = text_to_typed(Source("<text>", text), load_catalog(), reporter)
    graph = typed_to_graph(typed, next(iter(typed.spaces.values())), reporter)
    return HyperSpace(graph, graph, text, Ends(False))


def can_be_fitted(pipeline: Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pipeline.fit(*data("classes", 2))
        except ValueError:
            return False
    return True


def test_penalty_times_solver_of_logistic_regression_is_counted() -> None:
    text = BOUND["a model"]
    space = unchecked(text)
    assert space.count().configurations == 4 * 4 * 2 + 1
    fitted = sum(can_be_fitted(space.build(c)) for c in space.enumerate())
    while found := check(text):
        text = f"{re.findall(r'`(forbid [^`]*)`', found[0].help)[0]}\n{text}"
    assert hyperdsl.compile(text).count().configurations == fitted == 12


@pytest.mark.parametrize("text", BOUND.values(), ids=BOUND)
def test_a_rule_fails_in_as_many_configurations_as_it_says(text: str) -> None:
    """And each configuration that agrees with the witness fails, on a table of two classes and six columns."""
    space = unchecked(text)
    verdicts = {c: can_be_fitted(space.build(c)) for c in space.enumerate()}
    found = check(text)
    says = [tuple(map(int, re.findall(r"in (\d+) of (\d+) conf", d.message)[0])) for d in found]
    assert all(total == len(verdicts) for _, total in says)
    failing = sum(not fits for fits in verdicts.values())
    assert max(n for n, _ in says) <= failing <= sum(n for n, _ in says)
    for diagnostic in found:
        shown = dict(re.findall(r"([\w.]+) = (\"[^\"]*\"|[^,]+)", diagnostic.label.removeprefix("fails with ")))
        agreeing = [c for c in verdicts if all(repr(c.get(p)).replace("'", '"') == v for p, v in shown.items())]
        assert agreeing and not any(verdicts[c] for c in agreeing)


def values_of(parameter: Parameter) -> list[str]:
    """Some values that a parameter takes, as texts."""
    found: list[object] = []
    for constraint in parameter.constraints:
        if isinstance(constraint, Options):
            found += [v for v in constraint.values if isinstance(v, str | int | type(None))]
        elif isinstance(constraint, Kind):
            found += {"bool": [True, False], "none": [None]}.get(constraint.name, [])
        else:
            numbers = (1, 2, 3, 7, 20, 61) if constraint.kind == "int" else (0.0, 0.5, 1.0, 2.0)
            found += [v for v in numbers if check_value(parameter, v) is None]
    return list(dict.fromkeys(map(repr, found)))


def rejected(rule: Rule, name: str, rng: random.Random) -> Iterator[str]:
    """Arguments, drawn from all values of the parameters that a rule reads, that ``check`` says fail."""
    module = module_of(name)
    read = [n for n in sorted(rule.reads) if n in module.parameters and n != "estimator"]
    values = {n: [*values_of(module.parameters[n]), None] for n in read}
    given = [f"estimator = {e}()" for e in ("KNeighborsClassifier", "GaussianNB", "LinearSVC")]
    for _ in range(30):
        chosen = [f"{n} = {v}" for n, vs in values.items() if (v := rng.choice(vs)) is not None]
        text = ", ".join([*chosen, rng.choice(given)] if "estimator" in rule.reads else chosen)
        with suppress(HypError):
            if any(d.code == "E0420" for d in said(rule, name, text)):
                yield text


@pytest.mark.parametrize("seed", range(2))
def test_no_rule_gives_a_false_alarm(seed: int) -> None:
    rng = random.Random(seed)
    alarms = []
    for rule, name in rng.sample(CASES, 50):
        for text in islice(rejected(rule, name, rng), 2):
            with suppress(Exception):
                fit(rule, name, text)
                alarms.append(f"{name}({text})")
    assert alarms == []


INSIDE = 'LogisticRegression(solver = "liblinear")'


@pytest.mark.parametrize(("model", "codes"), [(f"OneVsRestClassifier(estimator = {INSIDE})", []), (INSIDE, ["E0420"])])
def test_a_model_inside_that_sees_two_classes_at_a_time_may_be_one_for_two(model: str, codes: list[str]) -> None:
    reporter = Reporter()
    typed = text_to_typed(Source("<text>", f"space s = {model}"), load_catalog(), reporter)
    graph = typed_to_graph(typed, typed.spaces["s"], reporter)
    audit_rules(graph, load_catalog(), reporter, facts=Facts(ROWS, FEATURES, n_classes=3, smallest_class=20))
    assert [d.code for d in reporter.diagnostics] == codes
