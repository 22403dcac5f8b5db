"""Loads the files that a program imports: each once, below its root."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from hyperdsl.check.typed import Unit
from hyperdsl.diagnostics import HypError, Reporter, names
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.source import Source
from hyperdsl.syntax import tree
from hyperdsl.syntax.parse import parse
from hyperdsl.syntax.read import read_source

STD = Path(__file__).resolve().parent.parent / "std"


class Loader:
    """Reads files and what they import, depth first.

    Parameters
    ----------
    reporter : Reporter
    root : Path or None
        Files may only be imported from below it; None where the program is no file.
    """

    def __init__(self, reporter: Reporter, root: Path | None) -> None:
        self.reporter = reporter
        self.root = root.resolve() if root is not None else None
        self.units: dict[str, Unit] = {}  # finished, by path, in the order that importers need
        self._loading: list[str] = []

    def load(self, source: Source, name: str = "") -> Unit:
        """The unit of a text, its imports loaded before it."""
        key = str(Path(source.path).resolve()) if source.path else source.name
        self._loading.append(key)
        unit = Unit(name, source, parse(source, self.reporter))
        unit.unknown |= unit.tree.broken
        for statement in unit.tree.statements:
            if isinstance(statement, tree.Import):
                self._import(statement, unit)
        self._loading.pop()
        self.units[key] = unit
        return unit

    def _import(self, statement: tree.Import, importer: Unit) -> None:
        importer.unknown |= {item.name for item in statement.names}
        path = self._find(statement, importer)
        if path is None:
            return
        key = str(path)
        if key in self._loading:
            chain = [self._shown(Path(p)) for p in self._loading[self._loading.index(key) :]]
            self.reporter.add(names.import_cycle(statement.target_span, [*chain, self._shown(path)]))
            return
        unit = self.units.get(key) or self._read(path, importer)
        if unit is None:
            return
        broken = any(d.span is not None and d.span.source is unit.source for d in self.reporter.errors)
        exported = _exported(unit)
        for item in statement.names:
            if item.name in exported:
                importer.imported[item.name] = (unit, item.name)
                continue
            importer.imported[item.name] = (unit, item.name)
            if not broken:
                near = did_you_mean(item.name, exported)
                self.reporter.add(names.import_has_no(item.span, item.name, statement.target, near))

    def _shown(self, path: Path) -> str:
        """A file as messages name it: relative to the root."""
        return str(path.relative_to(self.root)) if self.root and path.is_relative_to(self.root) else str(path)

    def _read(self, path: Path, importer: Unit) -> Unit | None:
        try:
            source = replace(read_source(str(path)), name=_name_beside(importer.source, path))
        except HypError as error:
            for diagnostic in error.diagnostics:
                self.reporter.add(diagnostic)
            return None
        taken = {u.name for u in self.units.values()}
        name = path.stem if path.stem not in taken else f"{path.parent.name}.{path.stem}"
        return self.load(source, name)

    def _find(self, statement: tree.Import, importer: Unit) -> Path | None:
        if not statement.is_path:
            head, *rest = statement.target.split(".")
            path = STD.joinpath(*rest).with_suffix(".hyp")
            if head == "std" and rest and path.is_file():
                return path
            known = sorted(f"std.{p.stem}" for p in STD.glob("*.hyp"))
            looked = (
                f"one of {', '.join(known)}" if known else 'a file of std, which has none; import your own: "parts.hyp"'
            )
            file = statement.target.removesuffix(".hyp").replace(".", "/")
            near = did_you_mean(statement.target, known) if head == "std" else [f'"{file}.hyp"']
            self.reporter.add(names.import_not_found(statement.target_span, statement.target, looked, near))
            return None
        if importer.source.path is None and self.root is None:
            self.reporter.add(names.import_without_file(statement.target_span, statement.target))
            return None
        folder = Path(importer.source.path).resolve().parent if importer.source.path else self.root
        assert folder is not None
        root = self.root or folder
        if "\0" in statement.target:
            self.reporter.add(
                names.import_not_found(
                    statement.target_span, statement.target, "a file; no name of one holds U+0000", []
                )
            )
            return None
        path = (folder / statement.target).resolve()
        if not path.is_relative_to(root) and not path.is_relative_to(STD):
            self.reporter.add(names.import_outside(statement.target_span, statement.target, str(root)))
            return None
        if not path.is_file():
            beside = [p.name for p in path.parent.glob("*.hyp")] if path.parent.is_dir() else []
            near = [f'"{Path(statement.target).parent / n}"' for n in did_you_mean(path.name, beside)]
            self.reporter.add(names.import_not_found(statement.target_span, statement.target, str(path), near))
            return None
        return path


def _name_beside(importer: Source, path: Path) -> str:
    """How messages name an imported file: as its importer is named, relative or absolute."""
    if importer.path is None or Path(importer.name).is_absolute():
        return str(path)
    return os.path.relpath(path)


def _exported(unit: Unit) -> set[str]:
    definitions = (s for s in unit.tree.statements if isinstance(s, (tree.Let, tree.Def, tree.SpaceDef)))
    return {d.name for d in definitions}
