"""The module of a whole space: what it decides and builds without hyperdsl, and what it looks like."""

from __future__ import annotations

import ast
import json
import math
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from module_spaces import PROGRAMS, SIMPLIFIED
from programs import make

import hyperdsl
from hyperdsl.backends.space_module import domains as copied
from hyperdsl.diagnostics import HypError, Reporter
from hyperdsl.driver import compile_source
from hyperdsl.hyperspace import HyperSpace
from hyperdsl.ir import domain as domains
from hyperdsl.schema import Column, Schema
from hyperdsl.source import Source

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.hyp"))
GOLDEN = Path(__file__).parent / "good_source" / "space_module.py"
SAMPLES = 12
SEED = 3

# What an object is, in words that two processes share; also how the runner below tells it.
SHOWN = """
def shown(value):
    if hasattr(value, "get_params") and not isinstance(value, type):
        return [type(value).__name__, {k: shown(v) for k, v in value.get_params(deep=False).items()}]
    if type(value).__name__ == "make_column_selector":
        return repr(vars(value))
    if isinstance(value, (list, tuple)):
        return [type(value).__name__, *map(shown, value)]
    if isinstance(value, dict):
        return {repr(k): shown(v) for k, v in value.items()}
    return f"{value.__module__}.{value.__qualname__}" if callable(value) else repr(value)
"""
RUNNER = f"""
import json, runpy, sys
from pathlib import Path
import numpy as np

class NoHyperdsl:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "hyperdsl":
            raise ImportError("hyperdsl is not here")

sys.meta_path.insert(0, NoHyperdsl())
folder, examples = sys.argv[1:]
sys.path.append(examples)
{SHOWN}
for file in sorted(Path(folder).glob("*.py")):
    module = runpy.run_path(str(file))
    generator = np.random.Generator(np.random.Philox({SEED}))
    configs = [module["sample"](generator) for _ in range({SAMPLES})]
    default = module["default"]()
    given = json.loads(json.dumps([*configs, default]))
    built = [shown(module["build"](config)) for config in given]
    file.with_suffix(".json").write_text(json.dumps([configs, default, built]))
"""
SCOPE: dict[str, Any] = {}
exec(SHOWN, SCOPE)
shown: Callable[[object], object] = SCOPE["shown"]


def spaces() -> dict[str, HyperSpace]:
    """The spaces to try: the examples, one for each form, and generated ones; what passes change at each level."""
    found = {path.stem: hyperdsl.load(path, allow=["robust_steps"], level=2) for path in EXAMPLES}
    found |= {name: hyperdsl.compile(text) for name, text in PROGRAMS.items()}
    found |= {f"{n}_{level}": hyperdsl.compile(t, level=level) for n, t in SIMPLIFIED.items() for level in (0, 1, 2)}
    for seed in range(60):
        space = hyperdsl.compile(make(seed), level=seed % 3)
        if len({d.path for d in space.decisions}) == len(space.decisions):
            found[f"generated_{seed}"] = space
    return found


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, HyperSpace], Path]:
    """The spaces and the folder of their modules, with what each did without hyperdsl."""
    folder = tmp_path_factory.mktemp("modules")
    found = spaces()
    for name, space in found.items():
        (folder / f"{name}.py").write_text(space.module(), encoding="utf-8")
    command = [sys.executable, "-I", "-c", RUNNER, str(folder), str(ROOT / "examples")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return found, folder


def test_modules_sample_as_their_spaces(compiled: tuple[dict[str, HyperSpace], Path]) -> None:
    found, folder = compiled
    for name, space in found.items():
        configs = json.loads((folder / f"{name}.json").read_text())[0]
        assert json.dumps(configs) == json.dumps([c.to_json() for c in space.sample(SAMPLES, SEED)]), name


def test_modules_begin_with_the_same_default(compiled: tuple[dict[str, HyperSpace], Path]) -> None:
    found, folder = compiled
    for name, space in found.items():
        default = json.loads((folder / f"{name}.json").read_text())[1]
        assert default == space.default().to_json(), name


def test_modules_build_what_their_spaces_build(compiled: tuple[dict[str, HyperSpace], Path]) -> None:
    found, folder = compiled
    for name, space in found.items():
        built = json.loads((folder / f"{name}.json").read_text())[2]
        for made, configuration in zip(built, [*space.sample(SAMPLES, SEED), space.default()], strict=True):
            same = json.loads(json.dumps(shown(space.build(configuration))))
            assert made == same, (name, configuration)


def test_modules_are_as_ruff_would_have_them(compiled: tuple[dict[str, HyperSpace], Path]) -> None:
    _, folder = compiled
    for command in (["format", "--diff"], ["check", "--extend-select", "I"]):
        line = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(folder)]
        done = subprocess.run(line, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def module_of(text: str) -> SimpleNamespace:
    return module_from(hyperdsl.compile(text))


def module_from(space: HyperSpace) -> SimpleNamespace:
    # As a file would be: without the imports of this one, and with a name that dataclasses can look up.
    names: dict[str, Any] = {"__name__": __name__}
    exec(compile(space.module(), "module", "exec", dont_inherit=True), names)
    return SimpleNamespace(**names)


# --- configs that are not points of the space


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"s.m.Ridge.alpha": 3.0}, "s.m.Ridge.alpha: 3.0 is no number in 0.5..2.0"),
        ({"s.m.Ridge.alpha": "x"}, "s.m.Ridge.alpha: 'x' is no number"),
        ({"s.alpha": 1.0}, "s.alpha is no decision of this space"),
        ({"s.m": "SVR"}, "s.m.SVR.C is missing"),
        ({"s.m": "SVC"}, "s.m: 'SVC' is none of"),
        ({"s.m.SVR.C": 2}, "s.m.SVR.C decides nothing"),
        ({"s.x.subset": ["b", "a"]}, "s.x.subset: ['b', 'a'] is no list of 2 of"),
        ({"s.x.subset": "a"}, "s.x.subset: 'a' is no list"),
    ],
)
def test_what_is_wrong_with_a_config_is_said(change: dict[str, object], message: str) -> None:
    module = module_of(
        'space s = record(m = Ridge(alpha = 0.5..2.0) | SVR(C = 1.0..3.0), x = subset(1..2, ["a", "b"]))'
    )
    config = {"s.m": "Ridge", "s.m.Ridge.alpha": 1.0, "s.x.subset.count": 2, "s.x.subset": ["a", "b"]}
    assert repr(module.build(config)) == "{'m': Ridge(), 'x': ['a', 'b']}"
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        module.build({**config, **change})


def test_whole_numbers_are_numbers_and_truth_values_are_not() -> None:
    module = module_of("space s = record(a = 0.0..2.0, b = 1..3, c = 1 | True)")
    assert repr(module.build({"s.a": 1, "s.b": 1, "s.c": True})) == "{'a': 1.0, 'b': 1, 'c': True}"
    assert repr(module.build({"s.a": 1, "s.b": 1, "s.c": 1})) == "{'a': 1.0, 'b': 1, 'c': 1}"
    for wrong in ({"s.b": 1.0}, {"s.b": True}, {"s.c": 1.0}, {"s.a": True}):
        with pytest.raises(ValueError):
            module.build({"s.a": 1.0, "s.b": 1, "s.c": 1} | wrong)


def test_ends_that_depend_on_other_decisions_hold_in_configs() -> None:
    module = module_of("let n = 1..4\nspace s = record(n = n, m = 1..n)")
    assert module.build({"n": 2, "s.m": 2}) == {"n": 2, "m": 2}
    with pytest.raises(ValueError, match=r"s\.m: 3 is no whole number in 1\.\.2"):
        module.build({"n": 2, "s.m": 3})


# --- seeds and facts


def test_a_seed_reaches_every_step_that_draws() -> None:
    module = module_of(
        "space s = PCA() >> BaggingClassifier(estimator = LGBMClassifier(seed = 7)) | FactorAnalysis() "
        ">> CatBoostClassifier()"
    )
    pca, bagging = module.build({"s": "PCA >> BaggingClassifier"}, seed=5)
    assert (pca.random_state, bagging.random_state) == (5, 5)
    assert bagging.estimator.random_state == 7
    _, boosting = module.build({"s": "FactorAnalysis >> CatBoostClassifier"}, seed=5)
    assert boosting.get_params()["random_seed"] == 5


def test_facts_about_data_are_given_to_build() -> None:
    text = (
        "space s = SelectKBest(k = 5 if data.classes > 2 else 3) >> LogisticRegression(max_iter = data.rows + (1..9))"
    )
    space = hyperdsl.compile(text)
    module = module_from(space)
    schema = Schema((Column("a", "numeric", "float64"),), rows=50, classes=("x", "y", "z"))
    configuration = space.sample(1, SEED)[0]
    config = module.sample(np.random.Generator(np.random.Philox(SEED)))
    assert config == configuration.to_json()
    with pytest.raises(ValueError, match="data="):
        module.build(config)
    made = module.build(config, data={"classes": 3, "rows": 50})
    assert shown(made) == shown(space.build(configuration, schema))


def test_columns_that_only_a_table_tells_are_a_diagnostic() -> None:
    with pytest.raises(HypError):
        hyperdsl.compile("space s = columns { text => TfidfVectorizer() } >> Ridge()").module()


def test_a_module_builds_what_its_level_leaves() -> None:
    for name, left in (("trees", (5, 4, 3)), ("without_decisions", (3, 2, 1))):
        for level, most in enumerate(left):
            space = hyperdsl.compile(SIMPLIFIED[name], level=level)
            module = module_from(space)
            configurations = list(space.enumerate())
            built = [module.build(c.to_json()) for c in configurations]
            steps = [b.steps for b in built if hasattr(b, "steps") and "Forest" in repr(b)] or [[None]]
            assert max(map(len, steps)) == most, (name, level)
            assert [shown(b) for b in built] == [shown(space.build(c)) for c in configurations]


def test_an_optimized_module_refuses_what_is_no_configuration() -> None:
    module = module_from(hyperdsl.compile(SIMPLIFIED["conditions"], level=2))
    config = module.default()
    labels = next(row["labels"] for row in module.DECISIONS if row["path"] == "scale")
    clip = {"scale.MinMaxScaler.clip": True}
    module.build(config)
    with pytest.raises(ValueError, match="is missing"):
        module.build({k: v for k, v in config.items() if k != "s.FunctionTransformer?"})
    with pytest.raises(ValueError, match="violates require"):
        module.build({**config, "depth": 9, "scale": labels[1], "scale[1]": "MinMaxScaler", **clip})


# --- the text


def test_a_module_looks_as_agreed(bless: bool) -> None:
    text = (
        "# A scale, and one of two models.\n"
        "def scaled(x) = (StandardScaler() | MinMaxScaler())? >> x\n"
        "let depth = 2..8\n"
        "def forest() = RandomForestClassifier(max_depth = depth, max_leaf_nodes = 2..2**depth)\n"
        'def linear() = LogisticRegression(C = 1e-3..10.0 log, l1_ratio = (0.0..1.0)?, solver = "saga")\n'
        "space small = a: scaled(forest()) | b: scaled(linear())\n"
    )
    module = compile_source(Source("small.hyp", text), Reporter()).module()
    if bless:
        GOLDEN.write_text(module)
    assert module == GOLDEN.read_text()


def test_a_module_is_the_same_every_time() -> None:
    path = str(ROOT / "examples" / "digits.hyp")
    assert hyperdsl.load(path).module() == hyperdsl.load(path).module()


def test_text_of_the_user_stays_text() -> None:
    nasty = '"""\nimport os\nos.abort()  # '
    text = f"space s = record(a = {json.dumps(nasty)} | '\\\\' | \"{{at}}\", b = x: 1 | y: 2)"
    space = compile_source(Source('a"""; import os.hyp\n', text), Reporter())
    tree = ast.parse(space.module())
    imported = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    assert "os" not in imported
    module = module_from(space)
    assert {module.build(c.to_json())["a"] for c in space.enumerate()} == {nasty, "\\", "{at}"}


# --- domains


def domain_pairs() -> list[tuple[domains.Domain, Any, Callable[[Any], object]]]:
    """A domain of the compiler, the module's, and how the module shows a code of the compiler."""
    labels = ["a", "b", "c", "d"]

    def same(code: object) -> object:
        return code

    def listed(code: Any) -> object:
        return [labels[i] for i in code]

    return [
        (domains.Choices((1, 2, 5, 1)), copied.Choice(labels, [1, 2, 5, 1], "c"), lambda code: labels[code]),
        (domains.Integers(3, 90), copied.Integer(3, 90), same),
        (domains.Integers(-7, 90, step=4), copied.Integer(-7, 90, step=4), same),
        (domains.Integers(1, 5000, log=True), copied.Integer(1, 5000, log=True), same),
        (domains.Integers(5, 5000, True, 9), copied.Integer(5, 5000, True, 9), same),
        (domains.Integers(1, 1000, True, 7), copied.Integer(1, 1000, True, 7), same),
        (domains.Integers(1, 2**80), copied.Integer(1, 2**80), same),
        (domains.Integers(1, 2**48, True), copied.Integer(1, 2**48, True), same),
        (domains.Reals(-1.0, 2.5), copied.Real(-1.0, 2.5), same),
        (domains.Reals(1e-5, 1e3, True), copied.Real(1e-5, 1e3, True), same),
        (domains.Steps(0.1, 1.0, 0.1), copied.SteppedReal(0.1, 1.0, 0.1), same),
        (domains.Steps(0.5, 8.0, 0.25, True), copied.SteppedReal(0.5, 8.0, 0.25, True), same),
        (domains.Steps(1, 8, 0.5), copied.SteppedReal(1, 8, 0.5), same),
        (domains.Gaussian(0.5, 2.0), copied.Normal(0.5, 2.0), same),
        (domains.Gaussian(0.5, 2.0, True), copied.Normal(0.5, 2.0, True), same),
        (domains.Combinations(4, 2), copied.Subset(labels, 2), listed),
        (domains.Combinations(4, 0), copied.Subset(labels, 0), listed),
        (domains.Permutations(4), copied.Permutation(labels), listed),
    ]


def test_domains_draw_and_read_to_the_last_bit() -> None:
    rng = random.Random(0)
    for theirs, ours, show in domain_pairs():
        for u in [0.0, math.nextafter(1.0, 0.0), 0.5, *(rng.random() for _ in range(300))]:
            code = theirs.from_unit(u)
            assert ours.draw(u) == show(code), (theirs, u)
            assert ours.read(show(code)) == show(code), (theirs, u)
        middle = getattr(theirs, "middle", None)
        if middle is not None:
            assert ours.initial() == middle(), theirs
