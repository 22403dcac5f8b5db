"""The map: text -> tree -> typed -> graph -> program, one line a stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hyperdsl.audit import audit, with_costs
from hyperdsl.catalog import Catalog, load_catalog
from hyperdsl.check import typed as typed_stage
from hyperdsl.check.imports import Loader
from hyperdsl.check.resolve import resolve
from hyperdsl.check.typed import Typed, Unit
from hyperdsl.diagnostics import HypError, Reporter, experiments, names
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.lowering.lower import lower
from hyperdsl.source import Source
from hyperdsl.syntax import tree
from hyperdsl.syntax.read import read_source

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.passes import Note
    from hyperdsl.settings.reading import Settings
    from hyperdsl.settings.soundness import Faults
    from hyperdsl.space import Configuration

Progress = Callable[[str], None]


def compile_source(
    source: Source,
    reporter: Reporter,
    *,
    space: str | None = None,
    level: int = 1,
    allow: Sequence[str] = (),
    root: str | None = None,
    progress: Progress | None = None,
) -> HyperSpace:
    """Compile one space of a text.

    Parameters
    ----------
    space : str, optional
        Which one, where the text has several.
    level : {0, 1, 2}
        How hard to optimize the program. Decisions do not depend on it; keys are the same at 0 and 1, and at 2 those
        of the program that is built.
    allow : sequence of str
        Packages of the user's own that building may import.
    root : str, optional
        The folder below which files may be imported; the file's own folder when None.
    progress : callable, optional
        Gets a line of text before a library is read for the first time.

    Raises
    ------
    HypError
        With every diagnostic when any is an error.
    """
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.passes import optimize

    catalog = load_catalog(progress)
    typed = text_to_typed(source, catalog, reporter, root)
    _experiments(typed, reporter, _root(source, root))
    user = tuple(m for unit in typed.units for m in unit.used.values())
    modules = catalog.with_user(user)
    graph = with_costs(typed_to_graph(typed, _entry(typed, space), reporter), modules, reporter)
    ends = audit(graph, modules, reporter)
    reporter.stop_on_errors()
    notes: list[Note] = []
    program = optimize(graph, level, notes=notes)
    folder = _root(source, root)
    return HyperSpace(
        graph,
        program,
        source.text,
        ends,
        user=user,
        allow=tuple(allow),
        root=str(folder) if folder else None,
        level=level,
        notes=tuple(sorted(set(notes))),
    )


def text_to_typed(source: Source, catalog: Catalog, reporter: Reporter, root: str | None = None) -> Typed:
    """Parse a text and all that it imports, and resolve every name."""
    folder = _root(source, root)
    loader = Loader(reporter, folder)
    loader.load(source)
    search_path = [p for p in (folder, _here()) if p is not None]
    units = tuple(loader.units.values())
    if reporter.errors:
        if (typed := _report_names(units, catalog, reporter, search_path)) is not None:
            _report_experiments(typed, reporter, folder)
        reporter.stop_on_errors()
    typed = resolve(units, catalog, reporter, search_path)
    if any(not error.code.startswith("E04") for error in reporter.errors):
        _report_experiments(typed, reporter, folder)
        reporter.stop_on_errors()  # an unknown name hides what follows, a wrong parameter does not
    return typed


def _report_names(
    units: Sequence[Unit], catalog: Catalog, reporter: Reporter, search_path: Sequence[Path]
) -> Typed | None:
    """What is wrong with names and parameters in the statements that could be read, beside the others' mistakes."""
    found = Reporter()
    typed = None
    try:
        typed = resolve(units, catalog, found, search_path)
    except HypError:
        pass  # its diagnostics are in the reporter
    for diagnostic in found.errors:
        reporter.add(diagnostic)
    return typed


def _report_experiments(typed: Typed, reporter: Reporter, root: Path | None) -> None:
    """What is wrong with entries of experiments that do not depend on the mistakes found so far."""
    if not typed.experiments:
        return
    from hyperdsl.settings.soundness import Faults

    found = Reporter()
    try:
        _experiments(typed, found, root, Faults.of(typed, reporter.errors))
    except HypError:
        pass  # its diagnostics are in the reporter
    for diagnostic in found.errors:
        reporter.add(diagnostic)


def typed_to_graph(typed: Typed, space: tree.SpaceDef, reporter: Reporter) -> Graph:
    """Expand one space."""
    return lower(typed, space, reporter)


def compile(
    text: str,
    *,
    space: str | None = None,
    allow: Sequence[str] = (),
    root: str | None = None,
    level: int = 1,
) -> HyperSpace:
    """Compile a text; see :func:`compile_source`. Warnings are kept in ``HyperSpace.warnings``."""
    return _compile(Source("<text>", text), space=space, allow=allow, root=root, level=level)


def load(
    path: str | Path,
    *,
    space: str | None = None,
    allow: Sequence[str] = (),
    root: str | None = None,
    level: int = 1,
) -> HyperSpace:
    """Compile a file; see :func:`compile_source`. Warnings are kept in ``HyperSpace.warnings``."""
    return _compile(read_source(str(path)), space=space, allow=allow, root=root, level=level)


def _compile(source: Source, *, space: str | None, allow: Sequence[str], root: str | None, level: int) -> HyperSpace:
    reporter = Reporter()
    compiled = compile_source(source, reporter, space=space, allow=allow, root=root, level=level)
    compiled.warnings = tuple(reporter.diagnostics)
    return compiled


def check_source(source: Source, reporter: Reporter, progress: Progress | None = None) -> None:
    """Check every space of a text; a text of definitions only is a library and may have none."""
    catalog = load_catalog(progress)
    typed = text_to_typed(source, catalog, reporter)
    _experiments(typed, reporter, _root(source, None))
    user = catalog.with_user(m for unit in typed.units for m in unit.used.values())
    for space in typed.spaces.values():
        part = Reporter()
        try:
            audit(with_costs(typed_to_graph(typed, space, part), user, part), user, part, notes=True)
        except HypError:
            pass  # its diagnostics are in the reporter
        for diagnostic in part.diagnostics:
            reporter.add(diagnostic)
    reporter.stop_on_errors()


def check_file(path: str | Path, reporter: Reporter, progress: Progress | None = None) -> None:
    """Check a file; see :func:`check_source`."""
    check_source(read_source(str(path)), reporter, progress)


def find_experiment(
    source: Source,
    reporter: Reporter,
    name: str | None = None,
    *,
    root: str | None = None,
    progress: Progress | None = None,
) -> Settings | None:
    """What an experiment of a text says; None where the text has none and none is asked for.

    Parameters
    ----------
    name : str, optional
        Which one, where the text has several.

    Raises
    ------
    HypError
        When the text is at fault, it has no experiment of this name, or several and none is named.
    """
    typed = text_to_typed(source, load_catalog(progress), reporter, root)
    found = _experiments(typed, reporter, _root(source, root))
    reporter.stop_on_errors()
    if name is not None and name not in found:
        raise HypError([experiments.unknown_experiment(name, list(found), did_you_mean(name, found))])
    if name is None and len(found) > 1:
        raise HypError([experiments.which_experiment(list(found))])
    return found[name] if name is not None else next(iter(found.values()), None)


def _experiments(
    typed: Typed, reporter: Reporter, root: Path | None, faults: Faults | None = None
) -> dict[str, Settings]:
    """What the experiments of a program say; most programs have none, and load nothing for it."""
    if not typed.experiments:
        return {}
    from hyperdsl.settings.reading import read_experiments

    return read_experiments(typed, reporter, root, faults)


def space_names(path: str | Path) -> tuple[str, ...]:
    """The spaces that a file defines, in its order."""
    reporter = Reporter()
    typed = text_to_typed(read_source(str(path)), load_catalog(), reporter)
    reporter.stop_on_errors()
    return tuple(typed.spaces)


def emit(
    source: Source,
    stage: str,
    reporter: Reporter,
    *,
    space: str | None = None,
    level: int = 1,
    allow: Sequence[str] = (),
    bind: Callable[[HyperSpace], HyperSpace] | None = None,
    choose: Callable[[HyperSpace], Configuration] | None = None,
) -> str:
    """The text of what stands after a stage.

    Parameters
    ----------
    stage : str
        ``tree``, ``typed``, ``graph`` (after all passes of the level), ``space``, ``plan`` (of one configuration) or
        ``program``; ``before:PASS`` or ``after:PASS`` for the graph between two passes; ``passes`` for what each pass
        does; ``prefixes`` for the steps that configurations have in common.
    bind : callable, optional
        Makes the compiled space that of a table.
    choose : callable, optional
        The configuration whose plan it is; the default one when None.
    """
    if stage == "tree":
        from pprint import pformat

        loaded = Loader(reporter, _root(source, None)).load(source)
        reporter.stop_on_errors()
        return pformat(loaded.tree, width=110) + "\n"
    if stage == "typed":
        typed = text_to_typed(source, load_catalog(), reporter)
        reporter.stop_on_errors()
        return typed_stage.write(typed)
    from hyperdsl.ir import plan
    from hyperdsl.ir.outline import outline
    from hyperdsl.passes.report import between, profile
    from hyperdsl.space import prefixes

    compiled = compile_source(source, reporter, space=space, level=level, allow=allow)
    compiled = compiled if bind is None else bind(compiled)
    if stage == "graph":
        return outline(compiled.program)
    if stage == "space":
        return "".join(f"{decision!r}\n" for decision in compiled.decisions)
    if stage == "plan":
        chosen = compiled.default() if choose is None else choose(compiled)
        return plan.outline(compiled.plan(chosen))
    if stage == "passes":
        return profile(compiled.graph, level)
    if stage == "prefixes":
        return prefixes.describe(compiled.graph, compiled.program)
    if ":" in stage:
        return between(compiled.graph, level, stage)
    return compiled.module()


def _here() -> Path | None:
    """The working folder; None where it has been deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _root(source: Source, root: str | None) -> Path | None:
    if root is not None:
        return Path(root).resolve()
    return Path(source.path).resolve().parent if source.path else None


def _entry(typed: Typed, space: str | None) -> tree.SpaceDef:
    """The space that is asked for."""
    spaces = typed.spaces
    if space is not None:
        if space not in spaces:
            raise HypError([names.unknown_space(space, list(spaces))])
        return spaces[space]
    if not spaces:
        raise HypError([names.no_space(typed.main.tree.span if typed.main.tree.statements else None)])
    if len(spaces) > 1:
        raise HypError([names.which_space(list(spaces))])
    return next(iter(spaces.values()))
