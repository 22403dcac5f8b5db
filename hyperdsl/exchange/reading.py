"""Files of other systems as ``.hyp`` text: finds out what a file is, and has it read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hyperdsl.diagnostics import HypError, Reporter, exchange
from hyperdsl.exchange.foreign import CannotImport, ForeignSpace, Parameter, unique, write
from hyperdsl.exchange.from_configspace import read_configspace
from hyperdsl.exchange.from_optuna import MAGIC, read_optuna
from hyperdsl.exchange.from_yaml import read_katib, read_sweep
from hyperdsl.syntax.read import read_source


def read_foreign(path: str, reporter: Reporter, study: str | None = None) -> str:
    """The ``.hyp`` text of a file of ConfigSpace, W&B, Katib or Optuna.

    What the text leaves out is a warning.

    Raises
    ------
    HypError
        With each parameter that cannot be read.
    """
    space = ForeignSpace("", f"Imported from {Path(path).name}")
    problems = [exchange.foreign_parameter(path, name, reason) for name, reason in _read(path, study, space)]
    problems += [exchange.foreign_parameter(path, name, "it stands there twice") for name in unique(space.parameters)]
    for what, reason in space.lost:
        reporter.add(exchange.foreign_lost(path, what, reason))
    if problems:
        raise HypError(problems)
    space.parameters = _ordered(space.parameters)
    try:
        return write(space)
    except CannotImport as problem:
        raise HypError([exchange.foreign_parameter(path, space.name, str(problem))]) from None


def _read(path: str, study: str | None, space: ForeignSpace) -> Iterator[tuple[str, str]]:
    if _is_sqlite(path):
        space.origin += " (Optuna)"
        return read_optuna(path, study, space)
    document = _document(path)
    if isinstance(document, dict):
        spec = document.get("spec")
        if isinstance(document.get("hyperparameters"), list):
            space.origin += " (ConfigSpace)"
            return read_configspace(document, space)
        if isinstance(spec, dict) and isinstance(spec.get("parameters"), list):
            space.origin += " (Katib)"
            return read_katib(document, space)
        if isinstance(document.get("parameters"), dict):
            space.origin += " (W&B sweep)"
            return read_sweep(document, space)
    raise HypError([exchange.unknown_format(path)])


def _is_sqlite(path: str) -> bool:
    try:
        with Path(path).open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False  # reading it as a text says what is wrong


def _document(path: str) -> Any:
    text = read_source(path).text
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except json.JSONDecodeError as problem:
            raise HypError([exchange.not_text_data(path, "JSON", problem.lineno, problem.msg)]) from None
        except RecursionError:
            raise HypError([exchange.not_text_data(path, "JSON", 1, "its brackets are nested too deep")]) from None
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark is not None else 1
        raise HypError([exchange.not_text_data(path, "YAML", line, problem.problem or "it cannot be read")]) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise HypError([exchange.not_text_data(path, "YAML", 1, "it cannot be read")]) from None


def _ordered(parameters: list[Parameter]) -> list[Parameter]:
    """Parameters as they stand, each after those that its conditions read."""
    by_name = {p.name: p for p in parameters}
    done: dict[str, Parameter] = {}
    for parameter in parameters:
        pending = [parameter]
        while pending:
            here = pending[-1]
            waiting = [t.parent for term in here.active for t in term if t.parent not in done and t.parent in by_name]
            if not waiting or len(pending) > len(parameters):
                done.setdefault(here.name, here)
                pending.pop()
            else:
                pending.append(by_name[waiting[0]])
    return list(done.values())
