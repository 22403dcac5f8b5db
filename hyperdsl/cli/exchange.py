"""``hyperdsl compile --to``: spaces for other systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyperdsl.cli.output import print_diagnostics
from hyperdsl.diagnostics import Reporter

if TYPE_CHECKING:
    from hyperdsl.hyperspace import HyperSpace

TARGETS = ("optuna", "configspace", "json", "dot", "mermaid", "svg")


def text_for(target: str, space: HyperSpace) -> str:
    """A space in another system's terms; what that system cannot say is a diagnostic."""
    from hyperdsl.backends import exchange

    reporter = Reporter()
    text = exchange.export(target, space.space, reporter, user=space.user, module=space.module)
    print_diagnostics(reporter.diagnostics)
    return text
