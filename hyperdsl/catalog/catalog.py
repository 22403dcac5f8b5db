"""The catalog: which modules can be named, and what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from hyperdsl.catalog.libraries import LIBRARIES, Library, installed_versions
from hyperdsl.catalog.model import Module
from hyperdsl.catalog.store import Shelf, read_shelf, write_shelf
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.environment import library_does_not_load

Progress = Callable[[str], None]

_shelves: dict[tuple[str, str], Shelf] = {}


class Catalog:
    """The modules of the installed libraries, and the user's own.

    A library's modules are read from the cache, or from the library itself, when a name is looked for that it may
    hold. Made by :func:`load_catalog`.

    Parameters
    ----------
    versions : mapping of str to str
        Installed library -> version.
    user : tuple of Module
        What ``use`` names.
    progress : callable, optional
        Gets a line of text before a library is read, which takes seconds.
    """

    def __init__(
        self, versions: Mapping[str, str], user: tuple[Module, ...] = (), progress: Progress | None = None
    ) -> None:
        self.versions: Mapping[str, str] = dict(versions)
        self._user = user
        self._progress = progress
        self._usable = [a for a in LIBRARIES if a.reader and a.name in self.versions]
        self._found: dict[str, tuple[Module, ...]] = {}

    def find(self, name: str) -> tuple[Module, ...]:
        """The modules of this name, bare (``Ridge``) or dotted (``sklearn.linear_model.Ridge``), the user's first."""
        if name not in self._found:
            self._found[name] = tuple(self._find(name))
        return self._found[name]

    def _find(self, name: str) -> Iterator[Module]:
        bare = name.rpartition(".")[2]
        found = [m for m in self._user if m.name == bare]
        for library in self._usable:
            if self._may_hold(library, bare):
                found.extend(self._shelf(library).find(bare))
        return (m for m in found if name in (m.name, m.path, f"{m.path.rpartition('.')[0]}.{m.name}"))

    def _may_hold(self, library: Library, bare: str) -> bool:
        names = library.names_without_reading()
        return not names or bare in names

    def names(self) -> frozenset[str]:
        """Every bare name that can be found."""
        names = {m.name for m in self._user}
        for library in self._usable:
            names.update(library.names_without_reading() or self._shelf(library).names)
        return frozenset(names)

    def missing(self, name: str) -> str | None:
        """The extra to install for a known class of a library that is not installed, else None."""
        bare = name.rpartition(".")[2]
        absent = (a for a in LIBRARIES if a.name not in self.versions)
        return next((a.extra for a in absent if bare in a.names), None)

    def recommended(self, module: Module) -> dict[str, str]:
        """Parameter -> the range to search it over, as the text of an expression; empty where there is none."""
        from hyperdsl.catalog.recommended import recommended_ranges

        return recommended_ranges(module)

    def with_user(self, modules: Iterable[Module]) -> Catalog:
        """The same catalog with the user's own modules."""
        return Catalog(self.versions, (*self._user, *modules), self._progress)

    def _shelf(self, library: Library) -> Shelf:
        key = (library.name, self.versions[library.name])
        if key not in _shelves:
            _shelves[key] = read_shelf(*key) or self._read_library(library)
        return _shelves[key]

    def _read_library(self, library: Library) -> Shelf:
        version = self.versions[library.name]
        if self._progress is not None:
            self._progress(f"reading {library.title} {version}: once for each version, takes a few seconds")
        try:
            shelf = Shelf.of(library.read())
        except (ImportError, OSError) as error:
            raise HypError([library_does_not_load(library.title, version, error)]) from error
        write_shelf(library.name, version, shelf)
        return shelf


def load_catalog(progress: Progress | None = None) -> Catalog:
    """The catalog of the libraries that are installed; with a warm cache no library is imported.

    Parameters
    ----------
    progress : callable, optional
        Gets a line of text before a library is read for the first time.
    """
    return Catalog(installed_versions(), progress=progress)
