"""The user's own classes and functions, read from their source: no code of theirs runs."""

from __future__ import annotations

import ast
import os
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path

from hyperdsl.catalog.model import Module, Parameter
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.environment import (
    user_class_imported,
    user_class_not_found,
    user_module_not_found,
    user_module_unreadable,
    user_path_incomplete,
)
from hyperdsl.source import Span

_BASES = {
    "TransformerMixin": "transformer",
    "ClassifierMixin": "classifier",
    "RegressorMixin": "regressor",
    "ClusterMixin": "clusterer",
    "OutlierMixin": "outlier",
    "DensityMixin": "density",
}
# Bases whose constructor takes more than the class writes down.
_KERAS_BASES = {
    "Layer": "layer",
    "Initializer": "initializer",
    "Regularizer": "regularizer",
    "Constraint": "constraint",
    "Optimizer": "optimizer",
    "LearningRateSchedule": "schedule",
    "Loss": "loss",
    "Metric": "metric",
    "Callback": "callback",
}
# What a class is by its base's name, where that is a library's: MyForest(RandomForestClassifier).
_ENDINGS = {"Classifier": "classifier", "Regressor": "regressor"}

_Definition = ast.ClassDef | ast.FunctionDef


def read_user_class(dotted: str, search_path: Sequence[str], span: Span | None = None) -> Module:
    """The module for ``use my_pkg.MyTransformer``.

    The file is found by walking folders and read as a syntax tree. A name that the file imports from another one
    on the search path is followed there.

    Parameters
    ----------
    dotted : str
        Module and class (or function), ``my_pkg.MyTransformer``.
    search_path : sequence of str
        Folders to look in, in order.
    span : Span, optional
        The place to report problems at.

    Raises
    ------
    HypError
        Where there is no such file, it is not Python, or it defines no such class or function.
    """
    module_name, _, name = dotted.rpartition(".")
    if not module_name:
        raise HypError([user_path_incomplete(span, dotted)])
    file, own_name = _follow_imports(module_name, name, search_path, span)
    definitions = _definitions(_parse(file, span))
    if own_name not in definitions:
        from hyperdsl.diagnostics.suggest import did_you_mean

        near = did_you_mean(own_name, sorted(definitions))
        raise HypError([user_class_not_found(span, own_name, str(file), sorted(definitions), near)])
    node = definitions[own_name]
    return (
        _function(dotted, name, node) if isinstance(node, ast.FunctionDef) else _class(dotted, name, node, definitions)
    )


def require_user_name(dotted: str, search_path: Sequence[str], span: Span | None = None) -> None:
    """See that a module of the user's has a name at its top; what is assigned or imported there is not looked into.

    Raises
    ------
    HypError
        As for :func:`read_user_class`.
    """
    try:
        read_user_class(dotted, search_path, span)
    except HypError:
        module, _, name = dotted.rpartition(".")
        file = find_module_file(module, search_path)
        if file is None or name not in _bound(_parse(file, span)):
            raise


def _bound(tree: ast.Module) -> set[str]:
    """The names that are assigned or imported at the top."""
    found: set[str] = set()
    for statement in _top_level(tree):
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            found |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in statement.names}
    return found


def _follow_imports(module: str, name: str, search_path: Sequence[str], span: Span | None) -> tuple[Path, str]:
    """The file where a name ends up that is looked for in ``module``, and what it is called there."""
    origin, visited = (module, name), set[tuple[str, str]]()
    file = None
    while origin not in visited:
        visited.add(origin)
        found = find_module_file(origin[0], search_path)
        if found is None:
            break
        file = found
        tree = _parse(file, span)
        further = _import_of(tree, origin[1], origin[0], is_package=file.name == "__init__.py")
        if further is None or origin[1] in _definitions(tree):
            return file, origin[1]
        origin = further
    if file is None:
        raise HypError([user_module_not_found(span, module, search_path)])
    raise HypError([user_class_imported(span, name, str(file), origin[0])])


def _parse(file: Path, span: Span | None) -> ast.Module:
    try:
        with tokenize.open(file) as stream:
            return ast.parse(stream.read())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise HypError([user_module_unreadable(span, str(file), str(error))]) from error


def _definitions(tree: ast.Module) -> dict[str, _Definition]:
    return {s.name: s for s in _top_level(tree) if isinstance(s, ast.ClassDef | ast.FunctionDef)}


def find_module_file(module: str, search_path: Sequence[str]) -> Path | None:
    """The file of a dotted module, looked for without importing its parents; links that lead out are not followed."""
    parts = module.split(".")
    for folder in search_path:
        base = Path(folder or os.curdir, *parts)
        for candidate in (base / "__init__.py", base.with_name(f"{base.name}.py")):
            if candidate.is_file() and candidate.resolve().is_relative_to(Path(folder or os.curdir).resolve()):
                return candidate
    return None


def _top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    """Statements at the top, and those under a top-level ``if`` or ``try``."""
    waiting: list[ast.stmt] = list(tree.body)
    for statement in waiting:
        yield statement
        if isinstance(statement, ast.If | ast.Try):
            waiting.extend(statement.body)
            waiting.extend(statement.orelse)
            waiting.extend(s for h in getattr(statement, "handlers", ()) for s in h.body)


def _import_of(tree: ast.Module, name: str, module: str, is_package: bool) -> tuple[str, str] | None:
    """Module and name that ``name`` is imported from."""
    for statement in _top_level(tree):
        if not isinstance(statement, ast.ImportFrom):
            continue
        for alias in statement.names:
            if name == (alias.asname or alias.name):
                return _absolute(statement, module, is_package), alias.name
    return None


def _absolute(statement: ast.ImportFrom, module: str, is_package: bool) -> str:
    if not statement.level:
        return statement.module or ""
    parents = module.split(".")
    up = statement.level - 1 if is_package else statement.level
    base = parents[: len(parents) - up]
    return ".".join((*base, *(statement.module or "").split("."))).strip(".")


def _class(dotted: str, name: str, node: ast.ClassDef, definitions: dict[str, _Definition]) -> Module:
    lineage, foreign = _lineage(node, definitions)
    methods = {f.name: f for c in reversed(lineage) for f in c.body if isinstance(f, ast.FunctionDef)}
    roles = {role for b in foreign if (role := _BASES.get(b) or _KERAS_BASES.get(b))}
    roles |= {role for b in foreign for ending, role in _ENDINGS.items() if b.endswith(ending)}
    if "transform" in methods:
        roles.add("transformer")
    if "predict" in methods and not roles & {"classifier", "regressor", "clusterer", "outlier"}:
        roles |= {"classifier"} if "predict_proba" in methods else {"classifier", "regressor"}
    is_whole = all(b in _BASES or b in ("BaseEstimator", "object") for b in foreign)
    init = methods.get("__init__")
    tags: dict[str, bool] = {"predict": "predict" in methods} if is_whole else {}
    if "predict_proba" in methods:
        tags["predict_proba"] = True
    return Module(
        name=name,
        path=dotted,
        library="user",
        roles=frozenset(roles),
        parameters={} if init is None else _parameters(init.args, skip_first=True),
        open=(init is None and not is_whole) or (init is not None and init.args.kwarg is not None),
        tags=tags,
        summary=_summary(node),
    )


def _lineage(node: ast.ClassDef, definitions: dict[str, _Definition]) -> tuple[list[ast.ClassDef], list[str]]:
    """The class and its bases in the same file, nearest first, and the names of bases from elsewhere."""
    lineage: list[ast.ClassDef] = [node]
    foreign: list[str] = []
    for cls in lineage:
        for base in cls.bases:
            base_name = ast.unparse(base).rpartition(".")[2]
            found = definitions.get(base_name)
            if isinstance(found, ast.ClassDef) and found not in lineage:
                lineage.append(found)
            else:
                foreign.append(base_name)
    return lineage, foreign


def _function(dotted: str, name: str, node: ast.FunctionDef) -> Module:
    return Module(
        name=name,
        path=dotted,
        library="user",
        roles=frozenset({"function"}),
        parameters=_parameters(node.args, skip_first=False),
        open=node.args.kwarg is not None,
        summary=_summary(node),
    )


def _parameters(arguments: ast.arguments, skip_first: bool) -> dict[str, Parameter]:
    positional = [*arguments.posonlyargs, *arguments.args]
    unset: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    pairs = list(zip(positional, [*unset, *arguments.defaults], strict=True))[1 if skip_first else 0 :]
    pairs += list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
    return {argument.arg: _parameter(argument.arg, default) for argument, default in pairs}


def _parameter(name: str, default: ast.expr | None) -> Parameter:
    if default is None:
        return Parameter(name, required=True)
    try:
        return Parameter(name, default=ast.literal_eval(default))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return Parameter(name, default_text=ast.unparse(default))


def _summary(node: _Definition) -> str:
    lines = (ast.get_docstring(node) or "").strip().splitlines()
    return lines[0] if lines else ""
