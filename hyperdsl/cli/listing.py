"""The trials of a study as a table for a terminal."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Sequence

from hyperdsl.cli.output import counted, table
from hyperdsl.report.failures import failure_of, grouped, in_common
from hyperdsl.report.subject import Subject
from hyperdsl.search.goals import SCORE, Goals
from hyperdsl.search.tables import StudyInfo, TrialRecord
from hyperdsl.search.trial import State
from hyperdsl.search.units import shown
from hyperdsl.space.brief import brief, printable, short_names

_LEAST = 24  # characters that are left of a configuration on a narrow terminal
_LONGEST = 100  # of an error where there is no terminal


def best_first(goals: Goals, records: Sequence[TrialRecord]) -> list[TrialRecord]:
    """The complete trials: the chosen one, of several objectives its front, the rest by the first objective."""
    best, front = goals.best(records), _front(goals, records)
    complete = [r for r in records if r.state is State.complete]
    return sorted(complete, key=lambda r: (r is not best, r.number not in front, goals.order(r)))


def _front(goals: Goals, records: Sequence[TrialRecord]) -> set[int]:
    """The numbers of the trials on the front of several objectives."""
    return set() if goals.is_single else {r.number for r in goals.front(records)}


def describe_trials(info: StudyInfo, records: Sequence[TrialRecord], chosen: Sequence[TrialRecord]) -> str:
    """The study in two lines, and a table of the chosen trials with their configurations."""
    if not records:
        return title(info, records)
    goals = info.goals
    measures = dict.fromkeys([*(o.name for o in goals.objectives), *(c.name for c in goals.constraints)])
    best = goals.best(records)
    front = _front(goals, records)
    partial = any(r.earlier or (r.evaluation and r.evaluation.fidelity is not None) for r in records)
    fidelity = str(info.settings.get("fidelity", "fidelity")).partition("=")[0] if partial else ""
    rows = [
        (
            str(r.number),
            r.state.value,
            *(_value(goals, r, name) for name in measures),
            *([_amount(r)] if fidelity else []),
            "" if r.evaluation is None else f"{sum(e.seconds for e in (*r.earlier, r.evaluation)):.1f}",
            "best" if r is best else "front" if r.number in front else _remark(goals, r),
        )
        for r in chosen
    ]
    header = ("trial", "state", *measures, *([fidelity] if fidelity else []), "seconds", "")
    lines = table(header, rows, right=(0, *range(2, len(header) - 1))).splitlines()
    names = short_names(path for record in records for path in record.configuration)
    width = max(map(len, lines))
    texts = ["configuration", *(_what(r, names) for r in chosen)]
    joined = (f"{line.ljust(width)}  {_cut(text, width + 2)}" for line, text in zip(lines, texts, strict=True))
    return title(info, records) + "\n\n" + "\n".join(line.rstrip() for line in joined)


def describe_failures(info: StudyInfo, records: Sequence[TrialRecord]) -> str:
    """The failed trials: the same errors together with what they share, then each with its configuration."""
    subject = Subject("", info, records, None)
    if not subject.failed:
        return f"{title(info, records)}\n\nno trial failed"
    lines = [title(info, records), ""]
    for group in grouped(subject.failed):
        failure = failure_of(group[0])
        lines.append(_cut(f"{counted(len(group), 'trial')}, {failure.kind.value}: {_error(group[0])}", 0))
        common = in_common(subject, group)
        if common is not None:
            lines.append(f"  all have {common.name}={common.value}, as {common.trials:,} of all trials do")
        lines += [f"  {record.number:>5}  {_cut(subject.brief(record), 9)}" for record in group]
    return "\n".join(lines)


def title(info: StudyInfo, records: Sequence[TrialRecord]) -> str:
    """What the study is after, and what has become of its trials."""
    lines = [f"study {printable(info.name)}: {counted(len(records), 'trial')}, {_goals_text(info)}"]
    states = Counter(r.state for r in records)
    kinds = Counter(failure_of(r).kind.value for r in records if r.state is State.failed)
    why = f" ({', '.join(f'{many} {kind}' for kind, many in kinds.most_common())})" if kinds else ""
    told = [
        f"{many:,} {state.value}{why if state is State.failed else ''}" for state in State if (many := states[state])
    ]
    best = info.goals.best(records)
    if best is not None:
        values = ", ".join(_value(info.goals, best, o.name) for o in info.goals.objectives)
        told.append(f"{'best' if info.goals.is_single else 'chosen'} {values} (trial {best.number})")
        broken = [c.words for c in info.goals.constraints if c.violation(info.goals.value(best, c.name))]
        told += [f"which breaks {' and '.join(broken)}, as all do"] if broken else []
    lines += [", ".join(told)] if told else []
    lines += [str(info.edit)] if info.edit else []
    return "\n".join(lines)


def _goals_text(info: StudyInfo) -> str:
    goals = info.goals
    first, *others = goals.objectives
    aims = [f"{first.direction} {info.metric or 'the score'}", *(f"{o.direction} {o.name}" for o in others)]
    return ", ".join([*aims, *(c.words for c in goals.constraints)])


def _value(goals: Goals, record: TrialRecord, name: str) -> str:
    """A measure of a trial; of one that was given up its estimate, where it has one."""
    evaluation = record.evaluation
    if evaluation is None or evaluation.score is None:
        return ""
    if name in (goals.objectives[0].name, SCORE):
        return shown(name, evaluation.score)
    return shown(name, evaluation.measures[name]) if name in evaluation.measures else ""


def _amount(record: TrialRecord) -> str:
    """How much of the fidelity the last evaluation of a trial had."""
    evaluation = record.evaluation
    if evaluation is None or evaluation.failure is not None:
        return ""
    return "all" if evaluation.fidelity is None else f"{evaluation.fidelity:.3g}"


def _remark(goals: Goals, record: TrialRecord) -> str:
    evaluation = record.evaluation
    if evaluation is not None and evaluation.pruned:
        return f"an estimate from {counted(len(evaluation.fold_scores), 'fold')}"
    return "breaks a constraint" if record.state is State.complete and goals.violation(record) else ""


def _what(record: TrialRecord, names: dict[str, str]) -> str:
    """The configuration; of a failed trial the error."""
    if record.state is State.failed:
        text = f"{failure_of(record).kind.value}: {_error(record)}"
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return brief(record.configuration, names)


def _error(record: TrialRecord) -> str:
    failure = failure_of(record)
    return " ".join((failure.message or failure.type).split())


def _cut(text: str, used: int) -> str:
    """A text for the rest of a line of the terminal; whole where the output goes elsewhere."""
    text = printable(text)
    if not sys.stdout.isatty():
        return text
    room = max(_LEAST, shutil.get_terminal_size().columns - used)
    return text if len(text) <= room else f"{text[: room - 1]}…"
