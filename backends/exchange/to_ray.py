"""A space as a ``param_space`` for Ray Tune, and the module of the whole space to read what Ray drew.

The entries are plain ``tune.…`` domains, so every search algorithm of Ray takes them. Steps, lognormal numbers,
subsets, permutations and ranges that depend on other decisions are places in [0, 1). Ray weighs whole numbers of a
``log`` range by a formula of its own.
"""

from __future__ import annotations

import ast

from hyperdsl.backends.exchange.splicing import appended, deciding_by, is_constrained, runtime_functions
from hyperdsl.backends.printer import print_statement
from hyperdsl.backends.pycode import literal
from hyperdsl.ir.domain import Domain, Gaussian, Integers, Reals
from hyperdsl.space import Decision, Space
from hyperdsl.space.skeleton import Skeleton

_DOC = """\
For Ray Tune:

    def trainable(drawn):
        return {"score": measure(build(configuration(drawn)))}

    tune.Tuner(trainable, param_space=param_space()).fit()

where measure(NOUN) says how good a NOUN is."""


def ray_script(module: str, space: Space) -> str:
    """The script of a space.

    Parameters
    ----------
    module : str
        The Python module of the whole space (``hyperdsl.backends.space_module``).
    """
    skeleton = Skeleton(space.graph)
    domains = {d.path: _domain(d, skeleton.constant_domain(d.index)) for d in space.decisions}
    places = [path for path, domain in domains.items() if domain is None]
    entries = {path: domain or _tune("uniform", 0.0, 1.0) for path, domain in domains.items()}
    table = ast.Dict([ast.Constant(path) for path in entries], list(entries.values()))
    doc = ast.Expr(ast.Constant("What Ray draws: a domain for each decision, active or not."))
    imported = ast.ImportFrom("ray", [ast.alias("tune")], 0)
    function = ast.FunctionDef("param_space", _no_arguments(), [doc, imported, ast.Return(table)], [])
    listed = ast.Call(ast.Name("frozenset"), [literal(places)] if places else [], [])
    doc_of = _CONFIGURATION + (_REFUSED if is_constrained(module) else "")
    read = deciding_by(module, "configuration", "drawn", "taker", doc_of, ast.parse(_REFUSE).body)
    texts = ["\n".join(print_statement(node, "")) + "\n" for node in (function, read, _assigned("PLACES", listed))]
    texts[0] = texts[0].replace("import tune\n", "import tune\n\n", 1)
    return appended(module, _DOC, [*texts, *runtime_functions("ray_runtime.py", ["taker"])])


_CONFIGURATION = "The config in what Ray drew: the decisions that are active."
_REFUSED = """

ValueError where it violates a condition: Ray's domains cannot hold conditions."""
_REFUSE = "check_conditions(d.violated())"


def _assigned(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name)], value)


def _no_arguments() -> ast.arguments:
    return ast.arguments([], [], None, [], [], None, [])


def _tune(function: str, *arguments: object) -> ast.expr:
    return ast.Call(ast.Attribute(ast.Name("tune"), function), [literal(a) for a in arguments], [])


def _domain(decision: Decision, domain: Domain | None) -> ast.expr | None:
    """The domain of Ray with the same distribution; None where only a place in [0, 1) will do."""
    match domain:
        case None:
            return None
        case Integers(low=low, high=high, log=log, step=1):
            return _tune("lograndint" if log else "randint", low, high + 1)
        case Reals(low=low, high=high, log=log) if low < high:
            return _tune("loguniform" if log else "uniform", low, high)
        case Gaussian(mean=mean, deviation=deviation, log=False):
            return _tune("randn", mean, deviation)
    if decision.kind == "choice":
        return _tune("choice", list(decision.labels))
    return None
