"""The values of an experiment's entries: constants, words, and calls of words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from hyperdsl.check.calls import repeated_arguments
from hyperdsl.check.typed import Typed
from hyperdsl.check.walk import children, shown
from hyperdsl.diagnostics import Diagnostic, Reporter
from hyperdsl.diagnostics import experiments as say
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.frozen import frozen
from hyperdsl.ir.lowering.constants import Constants, NotConstant
from hyperdsl.ir.lowering.environment import Stop
from hyperdsl.syntax import tree

T = TypeVar("T")
R = TypeVar("R")


@frozen
class Takes:
    """What a value may be.

    Parameters
    ----------
    expected : str
        In words, behind "expected".
    example : str
        How one is written.
    read : callable
        What a constant stands for; raises ValueError where it is no such value.
    words : bool
        Whether a word stands for its text.
    """

    expected: str
    example: str
    read: Callable[[Any], object]
    words: bool = False


class Entries:
    """Reads the values of a program's experiments; what is wrong with one is reported, and raises :class:`Stop`.

    Parameters
    ----------
    typed : Typed
        The program.
    reporter : Reporter
    folder : Path or None
        Where the main file stands, as the caller names it; paths in it begin there. None where it is no file.
    root : Path or None
        The folder that no path may leave.
    """

    def __init__(self, typed: Typed, reporter: Reporter, folder: Path | None, root: Path | None) -> None:
        self.typed = typed
        self.reporter = reporter
        self.folder = folder
        self.root = root
        self._constants = Constants(typed, reporter)

    @property
    def search_path(self) -> list[str]:
        """The folders of modules of the user's own."""
        folders = [self.root] if self.root is not None else []
        try:
            folders.append(Path.cwd())
        except FileNotFoundError:
            pass  # the working folder has been deleted
        return [str(folder) for folder in folders]

    def fail(self, diagnostic: Diagnostic) -> NoReturn:
        self.reporter.add(diagnostic)
        raise Stop

    def word(self, expr: tree.Expr) -> str | None:
        """The name that an expression is, where nothing in the program defines it."""
        if id(expr) not in self.typed.main.words:
            return None
        return expr.id if isinstance(expr, tree.Name) else expr.span.text

    def called(self, expr: tree.Expr) -> tuple[str, tree.Call] | None:
        """A call of a word."""
        name = self.word(expr.function) if isinstance(expr, tree.Call) else None
        return (name, expr) if name is not None and isinstance(expr, tree.Call) else None

    def value(self, name: str, expr: tree.Expr, takes: Takes) -> Any:
        """What a constant stands for.

        Parameters
        ----------
        name : str
            The entry or argument.
        """
        lone = self.word(expr)
        if lone is not None and not takes.words:
            example = f'"{lone}"' if _takes(takes, lone) else takes.example
            self.fail(say.bad_value(expr.span, name, shown(expr), takes.expected, example))
        constant = lone if lone is not None else self.constant(name, expr, takes)
        try:
            return takes.read(constant)
        except ValueError:
            self.fail(say.bad_value(expr.span, name, shown(expr), takes.expected, takes.example))

    def constant(self, name: str, expr: tree.Expr, takes: Takes) -> Any:
        for part in _parts(expr):
            if self.word(part) is not None:
                self.fail(say.bad_value(part.span, name, shown(expr), takes.expected, takes.example))
        try:
            return self._constants.value(expr)
        except NotConstant:
            self.fail(say.entry_decides(expr.span, name))

    def arguments(self, form: str, call: tree.Call, takes: Mapping[str, Takes], first: bool = False) -> dict[str, Any]:
        """The arguments of a call, by name; the ``first`` may stand without."""
        for problem in repeated_arguments(call):
            self.fail(problem)

        def read(numbered: tuple[int, tree.Argument]) -> tuple[str, Any]:
            number, argument = numbered
            bare = first and number == 0 and argument.kind == "positional"
            name = next(iter(takes)) if bare else argument.name
            if name is None or argument.value is None:
                usual, example = next((n, t.example) for n, t in takes.items())
                written = " ".join(argument.span.text.split())
                expected = "arguments by name" if len(takes) > 1 or not first else "one argument"
                self.fail(say.bad_value(argument.span, form, written, expected, f"`{form}({usual} = {example})`"))
            if name not in takes:
                near = did_you_mean(name, takes)
                self.fail(say.unknown_setting(argument.name_span or argument.span, form, name, near, list(takes)))
            return name, self.value(name, argument.value, takes[name])

        return dict(self.each(enumerate(call.arguments), read))

    def each(self, items: Iterable[T], read: Callable[[T], R]) -> list[R]:
        """What each item gives; of all that are at fault before it stops."""
        found, stopped = [], False
        for item in items:
            try:
                found.append(read(item))
            except Stop:
                stopped = True
        if stopped:
            raise Stop
        return found


def _takes(takes: Takes, text: str) -> bool:
    try:
        takes.read(text)
    except ValueError:
        return False
    return True


def _parts(expr: tree.Expr) -> Iterator[tree.Expr]:
    pending = [expr]
    while pending:
        item = pending.pop()
        yield item
        pending.extend(reversed(children(item)))
