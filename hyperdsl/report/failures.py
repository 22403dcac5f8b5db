"""Why trials failed: the same errors together, and what the configurations that have them have in common."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.frozen import frozen
from hyperdsl.markup import Html, join, tag
from hyperdsl.report.subject import MISSING, Subject, label_of
from hyperdsl.search.history import sort_of
from hyperdsl.search.tables import TrialRecord
from hyperdsl.search.trial import Failure

MOST = 20  # different errors
_LONGEST = 4_000  # characters of a traceback, from its end

WORDS = {
    "error": "the code of the trial raised",
    "timeout": "past its time limit",
    "memory": "out of memory",
    "crash": "its process died",
    "score": "its score is not a finite number",
}


def grouped(records: Sequence[TrialRecord]) -> list[list[TrialRecord]]:
    """Failed trials with the same error, numbers in it aside; the most frequent first."""
    groups: dict[tuple[str, str, str], list[TrialRecord]] = {}
    for record in records:
        groups.setdefault(sort_of(failure_of(record)), []).append(record)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0].number))


def failure_of(record: TrialRecord) -> Failure:
    """The failure of a failed record."""
    assert record.evaluation is not None and record.evaluation.failure is not None
    return record.evaluation.failure


def failures(subject: Subject) -> Html:
    """The groups with their number, an example and what all of them share."""
    groups = grouped(subject.failed)
    shown = [_group(subject, group) for group in groups[:MOST]]
    more = len(groups) - MOST
    rest = tag("p", f"{more:,} more kinds of errors are not listed.", class_="note") if more > 0 else None
    return join(*shown, rest)


def _group(subject: Subject, group: Sequence[TrialRecord]) -> Html:
    first, failure = group[0], failure_of(group[0])
    line = failure.message.strip().splitlines()[0] if failure.message.strip() else ""
    head = tag(
        "summary",
        tag("span", f"{len(group):,}", class_="count"),
        tag("span", WORDS[failure.kind.value], class_="kind"),
        tag("code", f"{failure.type}: {line}" if line else failure.type),
    )
    numbers = ", ".join(str(r.number) for r in group[:12]) + (", …" if len(group) > 12 else "")
    common = in_common(subject, group)
    return tag(
        "details",
        head,
        tag("p", f"Trials {numbers}." if len(group) > 1 else f"Trial {first.number}."),
        tag(
            "p",
            "All of them have ",
            tag("code", f"{common.name} = {common.value}"),
            f", which {common.trials:,} of all trials have.",
        )
        if common
        else None,
        tag("pre", failure.message) if "\n" in failure.message.strip() else None,
        tag("p", "The first of them: ", tag("span", subject.brief(first), class_="brief")),
        tag("pre", failure.traceback[-_LONGEST:]) if failure.traceback else None,
        class_="failure",
    )


@frozen
class Common:
    """What all trials of a group decided alike, and how many trials did so in all."""

    name: str
    value: str
    trials: int


def in_common(subject: Subject, group: Sequence[TrialRecord]) -> Common | None:
    """What every failed trial of a group decided and fewest others did; None where that says nothing."""
    if len(group) < 2:
        return None
    numbers = {r.number for r in group}
    found: list[Common] = []
    for decided in subject.decisions:
        if decided.is_number:
            continue
        values = [decided.values[i] for i, r in enumerate(subject.records) if r.number in numbers]
        if any(v is MISSING for v in values) or len({label_of(v) for v in values}) != 1:
            continue
        value = label_of(values[0])
        found.append(Common(decided.name, value, sum(label_of(v) == value for v in decided.values)))
    best = min(found, key=lambda c: c.trials, default=None)
    telling = best is not None and best.trials <= max(len(group) * 2, len(subject.records) // 2)
    return best if telling else None
