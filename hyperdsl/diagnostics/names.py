"""Names, scopes, imports and cycles (E02xx, W02xx)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic, Label
from hyperdsl.source import Span


def _or(names: Sequence[str]) -> str:
    quoted = [f"`{n}`" for n in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def unknown_name(span: Span, name: str, suggestions: Sequence[str], is_argument: bool) -> Diagnostic:
    """A name that nothing in scope and nothing in the catalog has; some call may have an argument of this name."""
    define = "define it with `let` or `def`, or name your own class with `use`"
    if "." not in name:
        define = f'define it with `let` or `def`, name your own class with `use`, or write "{name}" if it is text'
    if is_argument:
        define = f"an argument has no name outside of its call: write `let {name} = …` and pass `{name} = {name}`"
    help = f"did you mean {_or(suggestions)}?" if suggestions else define
    return Diagnostic("E0201", f"there is no `{name}` here", span, "not defined", help)


def foreign_name(span: Span, name: str, instead: str) -> Diagnostic:
    """A function that Python users know and that is an operator or a form here."""
    return Diagnostic(
        "E0220",
        f"there is no `{name}` here: the language has a form for it",
        span,
        "not defined",
        f"write `{instead}`",
    )


def use_of_known(span: Span, path: str, name: str) -> Diagnostic:
    """``use`` of a class that needs none."""
    return Diagnostic(
        "E0221",
        f"`{path}` is known without `use`",
        span,
        "not a class of yours",
        f"remove this line and write `{name}`",
    )


def defined_twice(span: Span, name: str, first: Span) -> Diagnostic:
    """The same scope defines a name twice."""
    return Diagnostic(
        "E0202",
        f"`{name}` is defined twice",
        span,
        "defined again here",
        "give one of them another name",
        (Label(first, "first defined here"),),
    )


def definition_cycle(span: Span, names: Sequence[str]) -> Diagnostic:
    """Definitions that need each other."""
    chain = " -> ".join(names)
    return Diagnostic(
        "E0203",
        f"these definitions need each other: {chain}",
        span,
        "the cycle closes here",
        "let one of them do without the other; to repeat a part write `repeat(1..3, part)`",
    )


def ambiguous_name(span: Span, name: str, paths: Sequence[str]) -> Diagnostic:
    """A bare name that several libraries have in the same role."""
    return Diagnostic(
        "E0204",
        f"`{name}` could be {_or(list(paths))}",
        span,
        "several modules have this name",
        f"write the full name, for instance `{paths[0]}`",
    )


def import_cycle(span: Span, files: Sequence[str]) -> Diagnostic:
    """Files that import each other."""
    return Diagnostic(
        "E0205",
        f"these files import each other: {' -> '.join(files)}",
        span,
        "the cycle closes here",
        "move what they share into a third file",
    )


def import_not_found(span: Span, target: str, looked: str, suggestions: Sequence[str]) -> Diagnostic:
    """An imported file does not exist."""
    help = f"did you mean {_or(suggestions)}?" if suggestions else f"looked for {looked}"
    return Diagnostic("E0206", f"there is no `{target}` to import", span, "not found", help)


def import_outside(span: Span, target: str, root: str) -> Diagnostic:
    """An import leaves the folder that files may be read from."""
    return Diagnostic(
        "E0207",
        f"`{target}` lies outside the folder of the program",
        span,
        f"not below {root}",
        "move it there; from Python, `hyperdsl.load(path, root=...)` allows more",
    )


def import_without_file(span: Span, target: str) -> Diagnostic:
    """A relative import in a text that is no file."""
    return Diagnostic(
        "E0208",
        f"cannot import `{target}` into a text that has no file",
        span,
        "relative to what?",
        "load the program with `hyperdsl.load(path)`, or pass `root=`",
    )


def import_has_no(span: Span, name: str, target: str, suggestions: Sequence[str]) -> Diagnostic:
    """An imported file does not define a listed name."""
    help = (
        f"did you mean {_or(suggestions)}?"
        if suggestions
        else "only top-level `let`, `def` and `space` can be imported"
    )
    return Diagnostic("E0209", f"`{target}` does not define `{name}`", span, "not in that file", help)


def no_space(span: Span | None) -> Diagnostic:
    """A file of definitions was compiled as a program."""
    return Diagnostic("E0210", "this file defines no space", span, "", "add one: space name = ...")


def unknown_space(name: str, known: Sequence[str]) -> Diagnostic:
    """A space was asked for that the file does not have."""
    return Diagnostic("E0211", f"there is no space `{name}` in this file", None, "", f"it has {_or(list(known))}")


def which_space(known: Sequence[str]) -> Diagnostic:
    """Several spaces and none was named."""
    return Diagnostic(
        "E0212",
        f"this file has {len(known)} spaces: {', '.join(known)}",
        None,
        "",
        'say which one with --space NAME (in Python: space="NAME")',
    )


def shared_template_recursion(span: Span, chain: Sequence[str], definition: Span) -> Diagnostic:
    """A ``let`` with parameters that calls itself."""
    name = chain[-1]
    called = f"calls itself: {' -> '.join(chain)}" if len(chain) > 2 else "calls itself"
    return Diagnostic(
        "E0222",
        f"`let {name}(...)` {called}",
        span,
        "the cycle closes here",
        f"a `let` is decided once and cannot be its own part; write `def {name}(...)` for a template that repeats",
        (Label(definition, "defined here"),),
    )


def shared_domains_differ(
    span: Span, shown: str, calls: tuple[tuple[str, Span], tuple[str, Span]], domains: tuple[str, str]
) -> Diagnostic:
    """A decision of a ``let`` with parameters that would have another domain in another call."""
    (name, first), (_, second) = calls
    flat = " ".join(shown.split())
    return Diagnostic(
        "E0223",
        f"`{name}` is decided once, but two calls give `{flat}` different domains",
        span,
        "decided here",
        f"its ends and how many items it has must be the same in every call; `def {name}(...)` decides afresh",
        (Label(first, f"{domains[0]} in this call"), Label(second, f"{domains[1]} in this one")),
    )


def default_reads_later(span: Span, name: str) -> Diagnostic:
    """A default reads a parameter that is not bound yet."""
    return Diagnostic(
        "E0224",
        f"a default cannot read `{name}`, which is not known before it",
        span,
        "not known yet",
        f"a default reads the parameters to the left of its own: write `{name}` before this one",
    )


def not_callable(span: Span, name: str) -> Diagnostic:
    """A call of something that is no template and no module."""
    help = f"drop the parentheses, or define it as a template: def {name}(...) = ..."
    if not name.isidentifier():
        help = "only a `def`, a class or a function is called; what follows a call must be an operator"
    return Diagnostic("E0213", f"`{name}` is a value, it cannot be called", span, "called here", help)


def template_not_called(span: Span, name: str, call: str) -> Diagnostic:
    """A template or a function of the language stands where a value or module belongs."""
    return Diagnostic(
        "E0214", f"`{name}` has no value of its own before it is called", span, "not called", f"write `{call}`"
    )


def missing_argument(span: Span, name: str, parameter: str, definition: Span | None) -> Diagnostic:
    """A template is called without an argument that has no default."""
    labels = (Label(definition, "defined here"),) if definition else ()
    return Diagnostic(
        "E0215",
        f"`{name}` needs an argument `{parameter}`",
        span,
        f"`{parameter}` is missing",
        f"write `{parameter} = ...` among the arguments",
        labels,
    )


def unknown_argument(
    span: Span, name: str, argument: str, known: Sequence[str], suggestions: Sequence[str]
) -> Diagnostic:
    """A template has no parameter of this name."""
    takes = f"it takes {', '.join(known)}" if known else "it takes no arguments"
    help = f"did you mean {_or(suggestions)}? {takes}" if suggestions and len(known) > 1 else takes
    return Diagnostic("E0216", f"`{name}` has no parameter `{argument}`", span, "not a parameter", help)


def too_many_arguments(span: Span, name: str, known: Sequence[str], definition: Span | None) -> Diagnostic:
    """More positional arguments than parameters."""
    most = f"{len(known)} argument{'s' if len(known) != 1 else ''}" if known else "no arguments"
    labels = (Label(definition, "defined here"),) if definition else ()
    help = f"remove it; its parameters are {', '.join(known)}" if known else f"write `{name}()`"
    return Diagnostic("E0217", f"`{name}` takes {most}", span, "one too many", help, labels)


def argument_twice(span: Span, argument: str) -> Diagnostic:
    """An argument is given twice."""
    return Diagnostic("E0218", f"`{argument}` is given twice", span, "again here", "remove one of them")


def unknown_fact(span: Span, name: str, known: Sequence[str], suggestions: Sequence[str]) -> Diagnostic:
    """``data.name`` for a fact that there is not, or ``data`` alone."""
    has = f"it has {', '.join(f'`data.{k}`' for k in known)}"
    help = f"did you mean {_or([f'data.{s}' for s in suggestions])}? {has}" if suggestions else has
    message = f"`data` has no `{name}`" if name else "`data` alone has no value"
    return Diagnostic("E0219", message, span, "not a fact about data", help)


def shadows(span: Span, name: str, outer: Span | None) -> Diagnostic:
    """An inner definition hides an outer one."""
    labels = (Label(outer, "the outer one"),) if outer else ()
    return Diagnostic(
        "W0201",
        f"`{name}` hides an outer definition of the same name",
        span,
        "hides it",
        "rename one of them if that was not meant",
        labels,
    )


def unused(span: Span, kind: str, name: str) -> Diagnostic:
    """A definition that nothing uses."""
    return Diagnostic("W0202", f"`{name}` is never used", span, f"this {kind}", "remove it, or use it")
