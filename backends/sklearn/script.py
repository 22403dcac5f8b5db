"""Scripts: what a good engineer would write by hand for one configuration."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from textwrap import wrap

from hyperdsl.backends.base import Header, ScriptFacts, Vote
from hyperdsl.backends.keras.classes import definitions_of
from hyperdsl.backends.printer import WIDTH, print_module
from hyperdsl.backends.pycode import Imports, assign, call, literal, note
from hyperdsl.backends.sklearn.expressions import Program
from hyperdsl.backends.sklearn.facts import Flags, arrays_of, constants_of, flags_of, reader_of
from hyperdsl.catalog.from_keras import choose_backend
from hyperdsl.frozen import frozen
from hyperdsl.ir.plan import Value

# Where the name of a package on the index is not that of its module; the first that is installed counts.
DISTRIBUTIONS = {"sklearn": ("scikit-learn",), "xgboost": ("xgboost", "xgboost-cpu")}


@frozen
class Evaluation:
    """The functions of a script that evaluate its pipeline, and the constants that they name."""

    functions: list[ast.stmt]
    constants: dict[str, ast.expr]
    score: str  # what the docstring says of the score, empty where it is not known


def program_to_script(program: Program, header: Header, evaluation: Evaluation | None) -> str:
    """The text of a script: docstring, imports, constants, functions."""
    functions = evaluation.functions if evaluation else []
    constants = (evaluation.constants if evaluation else {}) | program.constants
    run = call(ast.Name("main")) if evaluation else call(ast.Name("print"), call(ast.Name("build_pipeline")))
    assignments: list[ast.stmt] = [assign(name, value) for name, value in constants.items()]
    copied = [d for module, names in program.copied.items() for d in definitions_of(names, program.imports, module)]
    sections = _imported(program.imports) + ([assignments] if assignments else [])
    sections += [[definition] for definition in (*copied, *program.definitions.values())]
    sections += [[_build_pipeline(program)], *([f] for f in functions), [_when_run(ast.Expr(run))]]
    return print_module(_doc(header, program, evaluation), sections)


def _imported(imports: Imports) -> list[list[ast.stmt]]:
    """The import statements; Keras is told before what to compute with, or it takes what may not be installed."""
    if not any(path.partition(".")[0] == "keras" for path in imports.paths):
        return imports.statements()
    chosen = call(
        ast.Attribute(imports.reference("os.environ"), "setdefault"),
        literal("KERAS_BACKEND"),
        literal(choose_backend()),
    )
    first, *others = imports.statements()
    late = [[note(statement, "noqa: E402") for statement in group] for group in others]
    return [first, [ast.Expr(chosen)], *late]


def _build_pipeline(program: Program) -> ast.FunctionDef:
    arguments = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    parts = [assign(name, value) for name, value in program.parts.items()]
    return ast.FunctionDef("build_pipeline", arguments, [*parts, ast.Return(program.expression)], [])


def _when_run(statement: ast.stmt) -> ast.If:
    is_main = ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")])
    return ast.If(is_main, [statement], [])


# --- the docstring


def _doc(header: Header, program: Program, evaluation: Evaluation | None) -> str:
    versions = installed_versions(program.imports) if header.versions is None else header.versions
    of = f"An ensemble of {header.members} configurations" if header.members else "The pipeline of one configuration"
    lines = [f"{of} of the space `{header.space}`." if header.space else "A pipeline."]
    details = []
    if header.key:
        details.append(f"Configuration: {header.key}")
    if versions:
        made_with = ", ".join(f"{name}\N{NO-BREAK SPACE}{number}" for name, number in versions.items())
        lines_of_versions = wrap(f"Made with: {made_with}", WIDTH, subsequent_indent="    ", break_on_hyphens=False)
        details += [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines_of_versions]
    if evaluation and evaluation.score:
        details.append(evaluation.score)
    return "\n".join([*lines, "", *details]) if details else lines[0]


def installed_versions(imports: Imports) -> dict[str, str]:
    """The version of hyperdsl and those of the installed libraries that a program imports."""
    from hyperdsl.version import __version__

    found = {"hyperdsl": __version__}
    for root in sorted({path.partition(".")[0] for path in imports.paths}):
        for name in DISTRIBUTIONS.get(root, (root,)):
            try:
                found.setdefault(name, version(name))
            except PackageNotFoundError:
                continue
            break
    return found


# --- the functions of an evaluation


@cache
def _recipes() -> tuple[Mapping[str, ast.FunctionDef], Mapping[str, str]]:
    """The functions of ``recipes.py``, and what its imported names are: local name -> dotted path."""
    tree = ast.parse(files("hyperdsl.backends.sklearn").joinpath("recipes.py").read_text("utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    imported = {a.asname or a.name: a.name for n in tree.body if isinstance(n, ast.Import) for a in n.names}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            imported |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return functions, imported


def evaluation_of(facts: ScriptFacts, plan: Value | Vote, imports: Imports) -> Evaluation:
    """The evaluation of ``plan`` as ``facts`` say; its names are added to ``imports``."""
    recipes, imported = _recipes()
    flags = flags_of(facts, plan)
    unwanted = {name for name, is_there in _parts(flags).items() if not is_there}
    wanted = [name for name in recipes if name not in unwanted]
    imports.taken |= set(wanted)
    reader = reader_of(facts, imports)
    functions = [_Written(flags, reader).visit(copy.deepcopy(recipes[name])) for name in wanted]
    named = set(_names(functions))
    if (images := arrays_of(facts)) is not None:
        functions = [*definitions_of(("read_arrays",), imports, f"hyperdsl.backends.arrays.{images}"), *functions]
    for local in sorted(named & imported.keys()):
        imports.reference(imported[local])
    constants = {name: value for name, value in constants_of(facts, plan, imports).items() if name in named}
    imports.taken |= set(constants)
    score = "" if facts.score is None else f"{_scored(plan)} ({facts.scorer}): {facts.score!r}"
    return Evaluation(functions, constants, score)


def _scored(plan: Value | Vote) -> str:
    """What is said of the score; the models of an ensemble do as many rounds as the folds suggest."""
    if isinstance(plan, Vote) and any(voter.rounds for voter in plan.voters):
        return "Out-of-fold score, boosting stopped early"
    return "Cross-validation score"


def _parts(flags: Flags) -> Mapping[str, bool]:
    """Which functions that not every script has are in this one."""
    by_fit = flags.fits_weighted and (not flags.stops_early or flags.has_final_rounds)
    splits = {"split_table": not flags.has_arrays, "split_arrays": flags.has_arrays}
    return {"fit": flags.stops_early, "fit_weighted": by_fit, **splits}


def _names(nodes: Iterable[ast.AST]) -> Iterable[str]:
    return (part.id for node in nodes for part in ast.walk(node) if isinstance(part, ast.Name))


class _Written(ast.NodeTransformer):
    """Makes the function of a script from a recipe."""

    def __init__(self, flags: Flags, reader: ast.expr) -> None:
        self.flags = flags
        self.reader = reader

    def _decided(self, test: ast.expr) -> bool | None:
        """The value of ``flags.x``, None for any other condition."""
        match test:
            case ast.Attribute(ast.Name("flags"), name):
                return bool(getattr(self.flags, name))
        return None

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        decided = self._decided(node.test)
        self.generic_visit(node)
        if decided is None:
            return node
        return node.body if decided else node.orelse

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        decided = self._decided(node.test)
        self.generic_visit(node)
        if decided is None:
            return node
        return node.body if decided else node.orelse

    def _is_absent(self, node: ast.AST) -> bool:
        """Whether a part is ``weights``, some of them or a list of them, and there are none."""
        match node:
            case ast.Name(name):
                return not self.flags.has_weights and name.startswith("weights")
            case ast.Subscript(part) | ast.List([part]):
                return self._is_absent(part)
        return False

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """``X.iloc`` is ``X`` where it is an array."""
        self.generic_visit(node)
        return node.value if node.attr == "iloc" and self.flags.has_arrays else node

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        node.elts = [e for e in node.elts if not self._is_absent(e)]
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id == "read_table":
            return self.reader
        node.args = [a for a in node.args if not self._is_absent(a)]
        node.keywords = [k for k in node.keywords if not self._is_absent(k.value)]
        self.generic_visit(node)
        node.keywords = [k for k in node.keywords if not (isinstance(k.value, ast.Constant) and k.value.value is None)]
        return node

    def visit_Starred(self, node: ast.Starred) -> ast.AST | None:
        """``*groups``: one variable where there are groups, nothing where there are none."""
        if not (isinstance(node.value, ast.Name) and node.value.id == "groups"):
            return node
        return node.value if self.flags.has_groups else None

    def visit_arguments(self, node: ast.arguments) -> ast.AST:
        node.args = [ast.arg(a.arg) for a in node.args if self.flags.has_weights or a.arg != "weights"]
        if node.vararg is not None and self.flags.has_groups:
            node.args.append(ast.arg(node.vararg.arg))
        node.vararg = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        return node
