"""``hyperdsl report`` and ``compare``: a study as a page for a browser, studies side by side."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hyperdsl.cli.options import Commands, add_allow, add_command, add_json, add_study
from hyperdsl.cli.output import print_json, require_folder, table, write_text
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import study_file_missing

if TYPE_CHECKING:
    from hyperdsl.report.comparison import Comparison, Contestant, Step
    from hyperdsl.report.subject import Subject

_EXAMPLES = """\
  hyperdsl report study.db
  hyperdsl report study.db -o credit.html
  hyperdsl report study.db --revision 1      before its space was first edited

The page needs no network and no other file: it can be sent, and opened in any browser."""


_COMPARE_EXAMPLES = """\
  hyperdsl compare random.db tpe.db
  hyperdsl compare study.db#first study.db#second    two studies of one file
  hyperdsl compare a.db b.db c.db --json"""


def add_commands(commands: Commands) -> None:
    report = add_command(
        commands, "report", run_report, "write a page about a study: the best, what matters, what failed", _EXAMPLES
    )
    add_study(report)
    report.add_argument(
        "-o", "--output", metavar="REPORT.html", default="report.html", help="write here (default: report.html)"
    )
    add_allow(report)

    compare = add_command(
        commands, "compare", run_compare, "put studies side by side: the best, and what it took", _COMPARE_EXAMPLES
    )
    compare.add_argument("studies", metavar="STUDY", nargs="+", help="files or URLs; FILE#NAME names a study of a file")
    add_json(compare)
    compare.set_defaults(usage_error=compare.error)


def run_report(options: argparse.Namespace) -> int:
    from hyperdsl.report import report_page

    require_folder(options.output)
    page = report_page(options.study, name=options.name, revision=options.revision, allow=tuple(options.allow))
    write_text(options.output, page)
    print(options.output)
    return 0


def run_compare(options: argparse.Namespace) -> int:
    from hyperdsl.report.comparison import compare

    if len(options.studies) < 2:
        options.usage_error("there is nothing to compare: name two studies or more")
    _require_files(options.studies)
    comparison = compare([_subject(study) for study in options.studies])
    if options.json:
        print_json(_facts(comparison))
    else:
        print(_describe(comparison))
    return 0


def _path_and_name(study: str) -> tuple[str, str]:
    """The file or URL of a study, and its name in ``FILE#NAME``."""
    path, mark, name = study.rpartition("#")
    return (study, "") if not mark or os.path.exists(study) else (path, name)


def _require_files(studies: Sequence[str]) -> None:
    """Report all files that are missing at once."""
    paths = dict.fromkeys(_path_and_name(study)[0] for study in studies)
    if missing := [path for path in paths if "://" not in path and not os.path.exists(path)]:
        from hyperdsl.search.searchers import searcher_names

        known = searcher_names()
        raise HypError([study_file_missing(path, path if path in known else "") for path in missing])


def _subject(study: str) -> Subject:
    """The study at a path, at a URL, or of a name in a file; its space is not compiled."""
    from hyperdsl.report.subject import Subject
    from hyperdsl.search.store import Store

    path, name = _path_and_name(study)
    with Store.open(path, "read") as store:
        found = store.study(name or None)
        return Subject(store.path, found.info, found.records(), None)


def _describe(comparison: Comparison) -> str:
    from hyperdsl.space.brief import printable

    head = ("", *(c.label for c in comparison.contestants))
    rows = [(name, *values) for name, values in _rows(comparison)]
    lines = [table(head, rows, right=range(1, len(head)))]
    lines += ["", *_notes(comparison)]
    return "\n".join(map(printable, "\n".join(lines).split("\n")))


def _rows(comparison: Comparison) -> list[tuple[str, Sequence[str]]]:
    """The lines of the table."""
    goals, all_of = comparison.goals, comparison.contestants
    rows: list[tuple[str, Sequence[str]]] = [
        ("trials", [f"{len(c.subject.records):,}" for c in all_of]),
        ("failed", [f"{len(c.subject.failed):,}" for c in all_of]),
        ("time of all trials", [_time(c.seconds) for c in all_of]),
    ]
    if not goals.is_single:
        return rows + _front_rows(comparison)
    trials, seconds = comparison.equal_trials, comparison.equal_seconds
    rows += [
        (f"best {goals.objectives[0].name}", [_score(c, c.best_score) for c in all_of]),
        ("  in trial", [str(c.subject.best.number) if c.subject.best else "" for c in all_of]),
        ("mean of the 10 best", [_score(c, c.top) for c in all_of]),
        (f"best after {trials:,} trials", [_score(c, c.after_trials(trials)) for c in all_of]),
        (f"best after {_time(seconds)}", [_score(c, c.after_seconds(seconds)) for c in all_of]),
    ]
    for other in all_of:
        if other.best_score is not None:
            rows.append((f"as good as {other.label}", [_reached(c, other) for c in all_of]))
    return rows


def _front_rows(comparison: Comparison) -> list[tuple[str, Sequence[str]]]:
    from hyperdsl.search.units import shown

    rows: list[tuple[str, Sequence[str]]] = []
    for objective in comparison.goals.objectives:
        best = [c.subject.best for c in comparison.contestants]
        values = ["" if b is None else shown(objective.name, comparison.goals.value(b, objective.name)) for b in best]
        rows.append((f"chosen: {objective.name}", values))
    rows.append(("on the Pareto front", [f"{len(c.subject.front):,}" for c in comparison.contestants]))
    volumes = comparison.volumes()
    rows.append(("hypervolume", [f"{volume:.4f}" for volume in volumes]))
    for other, volume in zip(comparison.contestants, volumes, strict=True):
        if volume:
            steps = [comparison.reaches_volume(position, volume) for position in range(len(volumes))]
            rows.append((f"  as much as {other.label}", [_when(step) for step in steps]))
    return rows


def _score(contestant: Contestant, score: float | None) -> str:
    from hyperdsl.search.units import shown

    return "–" if score is None else shown(contestant.goals.objectives[0].name, score)


def _reached(contestant: Contestant, other: Contestant) -> str:
    assert other.best_score is not None
    return _when(contestant.reaches(other.best_score))


def _when(step: Step | None) -> str:
    return "never" if step is None else f"{step.trials:,} trials, {_time(step.seconds)}"


def _time(seconds: float) -> str:
    from hyperdsl.report.course import duration

    return duration(seconds)


def _notes(comparison: Comparison) -> list[str]:
    """What the numbers do not say by themselves."""
    notes = []
    for name, values in comparison.differences:
        shown = ", ".join(f"{c.label} {v[:12]}" for c, v in zip(comparison.contestants, values, strict=True))
        notes.append(f"They differ in {name}: {shown}.")
    if any(name == "data" for name, _ in comparison.differences):
        notes.append("The scores are of different rows: what looks better may be easier data.")
    verdict = comparison.verdict()
    if verdict is not None:
        notes.append(str(verdict))
        notes.append("Both are the best of many trials, so that their scores flatter them; held-out rows would not.")
    elif not comparison.same_folds:
        notes.append(
            "Whether the difference is more than chance is not tested: it takes the same folds, so the same "
            "data and seed."
        )
    notes.append("Times are seconds of trials, summed over workers.")
    return notes


def _facts(comparison: Comparison) -> dict[str, object]:
    studies = [
        {
            "study": c.label,
            "path": c.subject.path,
            "name": c.subject.info.name,
            "trials": len(c.subject.records),
            "failed": len(c.subject.failed),
            "seconds": c.seconds,
            "best": None if c.subject.best is None else c.subject.best.number,
            "score": c.best_score,
            "mean_of_10_best": c.top,
            "score_at_equal_trials": c.after_trials(comparison.equal_trials),
            "score_at_equal_seconds": c.after_seconds(comparison.equal_seconds),
            "as_good_as": {
                other.label: _step(c.reaches(other.best_score))
                for other in comparison.contestants
                if other.best_score is not None
            },
        }
        for c in comparison.contestants
    ]
    verdict = comparison.verdict()
    facts: dict[str, object] = {**comparison.goals.to_json(), "metric": comparison.contestants[0].subject.info.metric}
    facts |= {"equal_trials": comparison.equal_trials, "equal_seconds": comparison.equal_seconds, "studies": studies}
    facts["differences"] = {name: list(values) for name, values in comparison.differences}
    if not comparison.goals.is_single:
        facts["hypervolume"] = volumes = comparison.volumes()
        facts["as_much_hypervolume_as"] = {
            other.label: [_step(comparison.reaches_volume(n, volume)) for n in range(len(volumes))]
            for other, volume in zip(comparison.contestants, volumes, strict=True)
        }
    facts["winners"] = verdict and {
        "first": verdict.first,
        "second": verdict.second,
        "ahead": verdict.ahead,
        "folds": verdict.folds,
        "p": verdict.p,
    }
    return facts


def _step(step: Step | None) -> dict[str, object] | None:
    return None if step is None else {"trials": step.trials, "seconds": step.seconds}
