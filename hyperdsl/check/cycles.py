"""Definitions that need each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hyperdsl.check.walk import names_in
from hyperdsl.diagnostics import Reporter, names
from hyperdsl.syntax import tree

Valued = tree.Let | tree.SpaceDef


def report_cycles(statements: Sequence[tree.Statement], reporter: Reporter) -> None:
    """Report lets and spaces that read each other directly; cycles through templates are found in lowering."""
    values: dict[str, Valued] = {
        s.name: s
        for s in statements
        if isinstance(s, tree.SpaceDef) or (isinstance(s, tree.Let) and s.parameters is None)
    }
    reads = {name: [n for n in names_in(s.value) if n in values] for name, s in values.items()}
    done: set[str] = set()
    for start in values:
        _walk(start, reads, values, [], done, reporter)


def _walk(
    name: str,
    reads: Mapping[str, Sequence[str]],
    values: Mapping[str, Valued],
    chain: Sequence[str],
    done: set[str],
    reporter: Reporter,
) -> None:
    if name in chain:
        cycle = [*chain[chain.index(name) :], name]
        reporter.add(names.definition_cycle(values[name].name_span, cycle))
        return
    if name in done:
        return
    for read in reads[name]:
        _walk(read, reads, values, [*chain, name], done, reporter)
    done.add(name)
