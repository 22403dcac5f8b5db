"""A space as a define-by-run objective for Optuna: the module of the whole space, decided by a trial.

Ranges whose ends depend on other decisions, subsets and permutations are asked for as the program goes; weights of
alternatives are what Optuna has no form for.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from hyperdsl.backends.exchange.optuna_runtime import SUGGEST
from hyperdsl.backends.exchange.splicing import (
    appended,
    deciding_by,
    functions_of,
    is_constrained,
    noun_of,
    runtime_functions,
)
from hyperdsl.backends.printer import print_statement

_CONFIGURATION = "The config that a trial leads to: each decision that is reached is asked for."
_PRUNED = """

One that violates a condition is pruned: Optuna's domains cannot hold conditions."""
_REFUSE = """\
violated = d.violated()
if violated:
    from optuna import TrialPruned

    raise TrialPruned(" and ".join(violated))
"""
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
    reads_data = any(a.arg == "data" for a in functions_of(module)["build"].args.args)
    objective = _OBJECTIVE
    if reads_data:
        objective = objective.replace("measure):", "measure, data):").replace(
            "build(config)", "build(config, data=data)"
        )
    doc = _CONFIGURATION + (_PRUNED if is_constrained(module) else "")
    configuration = deciding_by(module, "configuration", "trial", "suggester", doc, ast.parse(_REFUSE).body)
    parts = ["\n".join(print_statement(configuration, "")) + "\n", objective]
    parts += _suggest([node.name for node in ast.parse(module).body if isinstance(node, ast.ClassDef)])
    if noun_of(module) == "pipeline" and not reads_data:
        parts.append(_MAIN)
    return appended(module, _DOC, parts)


def _suggest(domains: Sequence[str]) -> list[str]:
    """The runtime functions that these domains need, and their table."""
    used = {domain: SUGGEST[domain].__name__ for domain in domains if domain in SUGGEST}
    texts = runtime_functions("optuna_runtime.py", ["suggester", *used.values()])
    if any("place(trial" in text for text in texts):
        texts += runtime_functions("optuna_runtime.py", ["place"])
    lines = "".join(f'    "{domain}": {function},\n' for domain, function in used.items())
    return [*texts, "SUGGEST = {\n" + lines + "}\n"]
