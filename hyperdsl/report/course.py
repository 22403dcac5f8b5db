"""Charts of a whole study: the score over the trials, the Pareto front, where the time went."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from hyperdsl.markup import Html, join, tag
from hyperdsl.report.charts import (
    Scale,
    axes,
    counted,
    cross,
    dot,
    evenly,
    figure,
    number,
    path,
    spread,
)
from hyperdsl.report.subject import Decided, Subject, finite_score, label_of, seconds_in_all, seconds_of
from hyperdsl.search.goals import SCORE, Objective
from hyperdsl.search.history import shared_fits
from hyperdsl.search.tables import TrialRecord
from hyperdsl.search.trial import State
from hyperdsl.search.units import shown

MOST_POINTS = 1_000
MOST_COLORS = 6

WIDTH, HEIGHT = 760.0, 340.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 72.0, 16.0, 34.0, 48.0


def course(subject: Subject, colored: Decided | None) -> Html:
    """The score of each trial, and the best so far; ``colored`` tells points apart by one decision."""
    if not subject.complete:
        return tag("p", "No trial has a score, so there is nothing to draw.", class_="none")
    low, high = spread([finite_score(r) for r in subject.scored])
    last = max(r.number for r in subject.records)
    x = Scale(0, max(1, last), _LEFT, WIDTH - _RIGHT)
    y = Scale(low, high, HEIGHT - _BOTTOM, _TOP)
    drawn = axes(x, y, "trial", score_name(subject), _whole, measured(score_name(subject)))
    failed = evenly([r.number for r in subject.failed], MOST_POINTS // 4)
    drawn += [cross(x(n), y.start - 7, "failed", n) for n in failed]
    shown_numbers = set(evenly([r.number for r in subject.scored], MOST_POINTS))
    steps = _best_steps(subject)
    shown_numbers.update(n for n, _ in steps)
    colors = color_of(colored) if colored is not None else {}
    positions = {r.number: i for i, r in enumerate(subject.records)}
    for record in subject.scored:
        if record.number in shown_numbers:
            value = None if colored is None else label_of(colored.values[positions[record.number]])
            class_ = f"point {colors.get(value or '', 'q0')}{_mark(subject, record)}"
            drawn.append(dot(x(record.number), y(finite_score(record)), class_, record.number))
    if steps:
        drawn.append(path(_stairs(steps, last, x, y), "best-line"))
    best = subject.best
    if best is not None:
        drawn.append(dot(x(best.number), y(finite_score(best)), "best-point", best.number, 6))
    outside = sum(not low <= finite_score(r) <= high for r in subject.scored)
    words = f"{score_name(subject)} of {len(subject.complete)} trials in the order of their numbers"
    words += f"; the best so far ends at {number(steps[-1][1])}" if steps else ""
    return join(
        legend(colored, colors) if colored is not None else None,
        figure(WIDTH, HEIGHT, words, *drawn),
        tag("p", _course_note(subject, outside, len(shown_numbers)), class_="note"),
    )


def _mark(subject: Subject, record: TrialRecord) -> str:
    if record.state is State.pruned:
        return " given-up"
    return " broken" if subject.goals.violation(record) else ""


def score_name(subject: Subject) -> str:
    name = subject.goals.objectives[0].name
    return name if name != SCORE else str(subject.info.metric or SCORE)


def _course_note(subject: Subject, outside: int, drawn: int) -> str:
    parts = ["The line is the best so far"]
    parts[0] += " of what keeps the constraints." if subject.goals.constraints else "."
    if subject.failed:
        parts.append("A cross at the bottom is a trial that failed.")
    if any(subject.goals.violation(r) for r in subject.complete):
        parts.append("Hollow points break a constraint.")
    if outside:
        parts.append(f"{counted(outside, 'score')} further out: drawn at the edge.")
    if any(r.state is State.pruned for r in subject.scored):
        parts.append("Small pale points are estimates of trials that were given up early.")
    if drawn < len(subject.scored):
        parts.append(f"{drawn:,} of {len(subject.scored):,} trials are drawn, evenly over the study.")
    return " ".join(parts)


def _best_steps(subject: Subject) -> list[tuple[int, float]]:
    """The trials that were the best so far, with their scores; those that break constraints have no part."""
    sign = subject.goals.objectives[0].sign
    steps: list[tuple[int, float]] = []
    for record in subject.complete:
        score = finite_score(record)
        if not subject.goals.violation(record) and (not steps or sign * score < sign * steps[-1][1]):
            steps.append((record.number, score))
    return steps


def _stairs(steps: Sequence[tuple[int, float]], last: int, x: Scale, y: Scale) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for trial, score in steps:
        if points:
            points.append((x(trial), points[-1][1]))
        points.append((x(trial), y(score)))
    return [*points, (x(last), points[-1][1])]


def color_of(decided: Decided) -> dict[str, str]:
    """The class of the color of each label; the most frequent ones have one of their own."""
    seen = [label_of(v) for v in decided.values]
    often = sorted(decided.labels, key=lambda label: (-seen.count(label), decided.labels.index(label)))
    kept = sorted(often[:MOST_COLORS], key=decided.labels.index)
    return {label: f"q{position + 1}" for position, label in enumerate(kept)}


def legend(decided: Decided, colors: dict[str, str]) -> Html:
    items = [tag("li", tag("span", class_=f"swatch {c}"), label) for label, c in colors.items()]
    if len(colors) < len(decided.labels):
        items.append(tag("li", tag("span", class_="swatch q0"), "others"))
    return tag("ul", tag("li", decided.name, class_="legend-name"), *items, class_="legend")


def front(subject: Subject) -> Html:
    """The first two objectives of all trials, with those that none beats."""
    goals = subject.goals
    first, second = goals.objectives[:2]
    pairs = [(r, goals.value(r, first.name), goals.value(r, second.name)) for r in subject.complete]
    x_low, x_high = spread([a for _, a, _ in pairs])
    y_low, y_high = spread([b for _, _, b in pairs])
    x = Scale(x_low, x_high, _LEFT, WIDTH - _RIGHT)
    y = Scale(y_low, y_high, HEIGHT - _BOTTOM, _TOP)
    titles = f"{first.name} {_arrow(first, across=True)}", f"{second.name} {_arrow(second)}"
    drawn = axes(x, y, *titles, measured(first.name), measured(second.name))
    on_front = {r.number for r in subject.front}
    kept = set(evenly([r.number for r, _, _ in pairs], MOST_POINTS)) | on_front
    for record, a, b in pairs:
        if record.number in kept and record.number not in on_front:
            broken = " broken" if goals.violation(record) else ""
            drawn.append(dot(x(a), y(b), f"point q0{broken}", record.number))
    ordered = sorted(((a, b, r) for r, a, b in pairs if r.number in on_front), key=lambda p: (p[0], p[1]))
    if len(goals.objectives) == 2:
        drawn.append(path([(x(a), y(b)) for a, b, _ in ordered], "front-line"))
    for a, b, record in ordered:
        best = record is subject.best
        drawn.append(dot(x(a), y(b), "best-point" if best else "front-point", record.number, 6 if best else 4.5))
    words = (
        f"{first.name} against {second.name}: {len(on_front)} of {len(pairs)} trials are not beaten in all objectives"
    )
    return figure(WIDTH, HEIGHT, words, *drawn)


def measured(name: str) -> Callable[[float], str]:
    """The texts of an axis: costs with their unit."""
    return lambda value: shown(name, value)


def _whole(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else ""


def _arrow(objective: Objective, across: bool = False) -> str:
    if across:
        return "(more is better →)" if objective.direction == "maximize" else "(← less is better)"
    return "(more is better ↑)" if objective.direction == "maximize" else "(less is better ↓)"


def front_table(subject: Subject) -> Html:
    """The trials that none beats in all objectives, with their configurations."""
    goals = subject.goals
    names = [o.name for o in goals.objectives]
    rows = [
        tag(
            "tr",
            tag("td", record.number, class_="num"),
            *(tag("td", shown(n, v), class_="num") for n, v in zip(names, goals.values(record), strict=True)),
            tag("td", tag("b", "chosen") if record is subject.best else None),
            tag("td", subject.brief(record), class_="brief"),
        )
        for record in sorted(subject.front, key=lambda r: goals.losses(r))[:100]
    ]
    head = tag("tr", *(tag("th", n, scope="col") for n in ("trial", *names, "", "configuration")))
    table = tag("table", tag("thead", head), tag("tbody", *rows))
    return tag("div", table, class_="scroll")


def time_spent(subject: Subject) -> Html:
    """What the time of all trials went into."""
    ended = [r for r in subject.records if r.evaluation is not None]
    if not ended:
        return tag("p", "No trial has ended.", class_="none")
    parts = [(n, s) for n, s in _seconds(ended) if s > 0]
    total = math.fsum(s for _, s in parts) or 1.0
    width, left, drawn = WIDTH, 0.0, []
    for position, (name, seconds) in enumerate(parts):
        share = seconds / total * width
        rect = tag(
            "rect",
            tag("title", f"{name}: {duration(seconds)}"),
            x=f"{left:.1f}",
            y=0,
            width=f"{share:.1f}",
            height=26,
            class_=f"bar q{position + 1}",
        )
        drawn.append(rect)
        left += share
    rows = [
        tag(
            "tr",
            tag("td", tag("span", class_=f"swatch q{i + 1}"), name),
            tag("td", duration(s), class_="num"),
            tag("td", f"{s / total:.1%}", class_="num"),
        )
        for i, (name, s) in enumerate(parts)
    ]
    words = ", ".join(f"{name} {s / total:.0%}" for name, s in parts)
    table = tag("table", tag("tbody", *rows), class_="narrow")
    notes = " ".join(_time_notes(ended))
    return join(figure(width, 26, words, *drawn, class_="chart strip"), table, tag("p", notes, class_="note"))


def _seconds(ended: Sequence[TrialRecord]) -> list[tuple[str, float]]:
    """The seconds of all trials by what they went into."""
    fit = score = rest = failed = 0.0
    for evaluation in (e for record in ended for e in (*record.earlier, record.evaluation) if e is not None):
        if evaluation.failure is not None:
            failed += evaluation.seconds
            continue
        fits, scores = (seconds_of(evaluation.details, f"{what}_seconds") for what in ("fit", "score"))
        fit, score = fit + fits, score + scores
        rest += max(0.0, evaluation.seconds - fits - scores)
    return [("fitting", fit), ("scoring", score), ("the rest of trials", rest), ("trials that failed", failed)]


def _time_notes(ended: Sequence[TrialRecord]) -> list[str]:
    seconds = [seconds_in_all(r) for r in ended]
    begin = min(r.started for r in ended)
    end = max(r.started + s for r, s in zip(ended, seconds, strict=True))
    median = sorted(seconds)[len(seconds) // 2]
    notes = [f"Trials took {duration(math.fsum(seconds))} in all, {duration(median)} in the middle."]
    if begin > 0:
        notes.append(f"From the first start to the last end it was {duration(end - begin)}.")
    shared, fits = shared_fits(ended)  # type: ignore[arg-type]
    if fits:
        saved = math.fsum(_saved(r) for r in ended)
        notes.append(
            f"{shared:,} of {fits:,} fits of steps before the models were shared with other trials; they had taken "
            f"{duration(saved)} there."
        )
    return notes


def _saved(record: TrialRecord) -> float:
    steps = record.evaluation.details.get("steps") if record.evaluation else None
    return float(steps.get("saved_seconds", 0.0)) if isinstance(steps, dict) else 0.0


def duration(seconds: float) -> str:
    """A time in the two units that matter: ``0.25 s``, ``1 min 20 s``, ``2 h 5 min``."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60:,} h {minutes % 60} min"
