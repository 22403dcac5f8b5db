"""The experiments of a program: what each says of a search."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hyperdsl.check.typed import Typed
from hyperdsl.diagnostics import Reporter, names
from hyperdsl.diagnostics import experiments as say
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.frozen import frozen
from hyperdsl.ir.lowering.environment import Stop
from hyperdsl.settings.entries import ENTRIES
from hyperdsl.settings.objectives import check_task
from hyperdsl.settings.soundness import Faults
from hyperdsl.settings.values import Entries
from hyperdsl.syntax import tree

# What belongs into another entry, or is called otherwise elsewhere.
_ELSEWHERE = {
    **{name: f"search = auto({name} = …)" for name in ("trials", "timeout", "trial_timeout", "seed", "jobs")},
    **dict.fromkeys(("n_trials", "n_iter", "max_evals"), "search = auto(trials = …)"),
    **dict.fromkeys(("searcher", "algorithm", "sampler", "optimizer"), "search = auto()"),
    **dict.fromkeys(("cv", "folds", "split", "resampling"), "validate"),
    **dict.fromkeys(("scoring", "score", "objective", "objectives"), "metric"),
    **dict.fromkeys(("train", "dataset", "table", "X"), "data"),
    **dict.fromkeys(("label", "y"), "target"),
}


@frozen
class Settings:
    """What an experiment says.

    Parameters
    ----------
    name : str
        The experiment's.
    space : str
        The space of the same file that it searches.
    arguments : mapping
        Of :class:`hyperdsl.Experiment`, as far as the entries say them.
    level : int or None
        How hard to optimize, where it says so.
    """

    name: str
    space: str
    arguments: Mapping[str, Any]
    level: int | None = None


def read_experiments(
    typed: Typed, reporter: Reporter, root: Path | None, faults: Faults | None = None
) -> dict[str, Settings]:
    """The experiments of the main file, by name; what is wrong with them is reported. Nothing is opened or run.

    Parameters
    ----------
    root : Path or None
        The folder that no path of an entry may leave.
    faults : Faults
        Mistakes of the program that have been reported: entries that these leave open are not looked at.
    """
    entries = Entries(typed, reporter, _folder(typed.main.source.path), root)
    found: dict[str, Settings] = {}
    first: dict[str, tree.ExperimentDef] = {}
    for experiment in typed.experiments:
        if experiment.name in first:
            place = first[experiment.name].name_span
            reporter.add(names.defined_twice(experiment.name_span, experiment.name, place))
            continue
        first[experiment.name] = experiment
        found[experiment.name] = _read(experiment, entries, faults or Faults())
    return found


def _folder(path: str | None) -> Path | None:
    """The folder of the main file, as its path names it where that leads there."""
    if path is None:
        return None
    named, real = Path(path).parent, Path(path).resolve().parent
    return named if named.resolve() == real else real


def _read(experiment: tree.ExperimentDef, entries: Entries, faults: Faults) -> Settings:
    written: dict[str, tree.Entry] = {}
    found: dict[str, Any] = {}
    for entry in experiment.entries:
        try:
            found |= _entry(entry, written, entries) if faults.leave(entry) else {}
        except Stop:
            continue
        finally:
            written.setdefault(entry.name, entry)
    spaces = list(entries.typed.spaces)
    if "space" not in written and len(spaces) != 1 and faults.spaces_known:
        entries.reporter.add(say.space_not_said(experiment.name_span, experiment.name, spaces))
    if "task" in found and "metric" in found:
        check_task(entries, written["metric"].value.span, found["metric"], found["task"])
    space = found.pop("space", spaces[0] if spaces else "")
    return Settings(experiment.name, space, level=found.pop("level", None), arguments=found)


def _entry(entry: tree.Entry, written: Mapping[str, tree.Entry], entries: Entries) -> Mapping[str, object]:
    name = entry.name
    if name in written:
        entries.fail(say.entry_twice(entry.name_span, name, written[name].name_span))
    if name not in ENTRIES:
        near = [_ELSEWHERE[name]] if name in _ELSEWHERE else did_you_mean(name, ENTRIES)
        entries.fail(say.unknown_entry(entry.name_span, name, near, list(ENTRIES)))
    return ENTRIES[name](entries, name, entry.value)
