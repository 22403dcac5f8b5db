"""A space as a define-by-run objective for Optuna: the module of the whole space, decided by a trial.

Ranges whose ends depend on other decisions, subsets and permutations are asked for as the program goes; weights of
alternatives are what Optuna has no form for.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files

from hyperdsl.backends.printer import print_statement
from hyperdsl.backends.pycode import unique

_DOC = """\
For Optuna:

    study = optuna.create_study(direction="maximize")
    study.optimize(lambda trial: objective(trial, measure), n_trials=100)

where measure(NOUN) says how good a NOUN is. A trial's attribute "config"
holds its config, which build() takes."""

_OBJECTIVE = '''\
def objective(trial, measure):
    """What ``measure`` says of the NOUN of a trial."""
    config = configuration(trial)
    trial.set_user_attr("config", config)
    return measure(build(config))
'''

_IMPORTS = {"Callable": "from collections.abc import Callable", "Any": "from typing import Any"}

_MAIN = '''\
def search(file, target, trials=50):
    """An Optuna study of a CSV file: the mean score of five folds."""
    import optuna
    import pandas as pd
    from sklearn.model_selection import cross_val_score

    table = pd.read_csv(file).dropna(subset=[target])
    x, y = table.drop(columns=[target]), table[target]

    def measure(pipeline):
        return cross_val_score(pipeline, x, y, cv=5).mean()

    study = optuna.create_study(direction="maximize")
    study.optimize(lambda trial: objective(trial, measure), n_trials=trials)
    return study


if __name__ == "__main__":
    import sys

    print(search(*sys.argv[1:3]).best_trial.user_attrs["config"])
'''


def optuna_script(module: str) -> str:
    """The script of a space.

    Parameters
    ----------
    module : str
        The Python module of the whole space (``hyperdsl.backends.space_module``).
    """
    tree = ast.parse(module)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    makes_pipeline = (ast.get_docstring(functions["build"]) or "").startswith("The unfitted pipeline")
    noun = "pipeline" if makes_pipeline else "value"
    reads_data = [name for name in ("build", "default") if "data" in _arguments(functions[name])]
    domains = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    parts = ["\n".join(print_statement(_configuration(functions["default"]), "")) + "\n"]
    parts.append(_with_data(_OBJECTIVE, reads_data))
    parts += _suggest(domains)
    if makes_pipeline and not reads_data:
        parts.append(_MAIN)
    text = "\n\n".join(parts).replace("NOUN", noun)
    taken = set(_top_level(tree))
    doc = _DOC.replace("NOUN", noun)
    for name in _top_level(ast.parse(text)):
        if name in taken:
            other = unique(name, taken)
            text, doc = (re.sub(rf"\b{name}\b", other, part) for part in (text, doc))
    missing = [line for name, line in _IMPORTS.items() if name not in taken]
    return _with_head(module, doc, missing).rstrip("\n") + "\n\n\n" + text


def _configuration(default: ast.FunctionDef) -> ast.FunctionDef:
    """``default()``, deciding by a trial."""

    class Decide(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            if node.id != "take_default":
                return node
            return ast.Call(ast.Name("suggester"), [ast.Name("trial")], [])

    made = Decide().visit(ast.parse(ast.unparse(default)).body[0])
    made.name = "configuration"
    made.args.args.insert(0, ast.arg("trial"))
    made.body[0] = ast.Expr(
        ast.Constant("The config that a trial leads to: each decision that is reached is asked for.")
    )
    assert isinstance(made, ast.FunctionDef)
    return made


def _arguments(function: ast.FunctionDef) -> set[str]:
    return {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}


def _with_data(objective: str, readers: Sequence[str]) -> str:
    """An objective that is told facts about the data, where ``build`` or ``default`` reads them."""
    if readers:
        objective = objective.replace("measure):", "measure, data):")
    if "build" in readers:
        objective = objective.replace("build(config)", "build(config, data=data)")
    if "default" in readers:
        objective = objective.replace("configuration(trial)", "configuration(trial, data=data)")
    return objective


def _suggest(domains: Iterable[str]) -> list[str]:
    """The runtime functions that these domains need, and their table."""
    text = files("hyperdsl.backends.exchange").joinpath("optuna_runtime.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    functions = {n.name: ast.get_source_segment(text, n) or "" for n in tree.body if isinstance(n, ast.FunctionDef)}
    table = next(n.value for n in tree.body if isinstance(n, ast.AnnAssign))
    assert isinstance(table, ast.Dict)
    pairs = dict(zip(map(_word, table.keys), map(_word, table.values), strict=True))
    used = {domain: pairs[domain] for domain in domains if domain in pairs}
    wanted = ["suggester", *used.values()]
    if any("place(trial" in functions[name] for name in wanted):
        wanted.append("place")
    lines = [f'    "{domain}": {function},' for domain, function in used.items()]
    return [*(functions[name] + "\n" for name in wanted), "SUGGEST = {\n" + "\n".join(lines) + "\n}\n"]


def _word(node: ast.expr | None) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node) if node else ""


def _top_level(tree: ast.Module) -> Iterator[str]:
    """The names that a module defines."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from (alias.asname or alias.name for alias in names)


def _with_head(module: str, doc: str, imports: Sequence[str]) -> str:
    """The module with more in its docstring, and more imports."""
    lines = "".join(f"{line}\n" for line in imports)
    return module.replace('\n"""\n\n', f'\n\n{doc}\n"""\n\n{lines}', 1)
