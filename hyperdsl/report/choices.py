"""What the decisions have to do with the score: importance along the tree, and what each alternative came to."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.frozen import frozen
from hyperdsl.markup import Html, join, tag
from hyperdsl.report.charts import Scale, axes, counted, dot, evenly, figure, number, spread
from hyperdsl.report.course import measured, score_name
from hyperdsl.report.importance import LEAST, LEAST_MADE, Importance, importance
from hyperdsl.report.subject import MISSING, Decided, Subject, finite_score
from hyperdsl.search.trial import State
from hyperdsl.search.units import shown

MOST_ROWS = 60  # of the tree of decisions
MOST_OPEN = 2  # decisions whose chart is open at first
MOST_DRAWN = 12  # decisions with a chart
MOST_POINTS = 300  # of one of these charts
MOST_OBJECTIVES = 3


@frozen(slots=False)
class Ranking:
    """The decisions by importance, along the tree.

    Parameters
    ----------
    found : tuple of (name, Importance)
        For each objective, the score first; empty where there are too few trials.
    rows : tuple of (decision, depth)
        What lies beneath a decision follows it; the more important first.
    """

    found: tuple[tuple[str, Importance], ...]
    rows: tuple[tuple[int, int], ...]

    def share(self, index: int) -> float | None:
        """The importance for the score."""
        return self.found[0][1].shares[index] if self.found else None

    def best(self, most: int) -> list[int]:
        """The most important decisions first; those that nothing is known of in the order of the tree."""
        known = [i for i, _ in self.rows]
        return sorted(known, key=lambda i: -(self.share(i) or 0.0))[:most]


def rank(subject: Subject) -> Ranking:
    """Measure the importance for each objective and lay the decisions out."""
    if subject.space is None:
        return Ranking((), tuple((i, 0) for i in range(len(subject.decisions))))
    from hyperdsl.space.hierarchy import beneath

    space, goals = subject.space.space, subject.goals
    configurations = [space.configuration(r.configuration) for r in subject.scored]
    found = []
    for objective in goals.objectives[:MOST_OBJECTIVES]:
        values = [goals.value(r, objective.name) for r in subject.scored]
        measured = importance(space, configurations, values)
        if measured is not None:
            found.append((objective.name, measured))
    under = beneath(space.graph)
    shares = found[0][1].shares if found else (None,) * len(under)
    return Ranking(tuple(found), tuple(_tree(under, shares)))


def _tree(under: Sequence[frozenset[int]], shares: Sequence[float | None]) -> list[tuple[int, int]]:
    """Rows in tree order: each decision under the nearest one that it lies beneath."""
    above = [[a for a, below in enumerate(under) if row in below] for row in range(len(under))]
    parent = {row: max(found, key=lambda a: (len(above[a]), a)) for row, found in enumerate(above) if found}
    children: dict[int | None, list[int]] = {}
    for row in range(len(under)):
        children.setdefault(parent.get(row), []).append(row)
    rows: list[tuple[int, int]] = []
    pending = [(row, 0) for row in _sorted(children.get(None, []), shares)]
    seen: set[int] = set()
    while pending:
        row, depth = pending.pop(0)
        if row in seen:
            continue
        seen.add(row)
        rows.append((row, depth))
        pending[:0] = [(c, depth + 1) for c in _sorted(children.get(row, []), shares)]
    return rows + [(row, 0) for row in range(len(under)) if row not in seen]


def _sorted(rows: Sequence[int], shares: Sequence[float | None]) -> list[int]:
    return sorted(rows, key=lambda row: (-(shares[row] if shares[row] is not None else -1.0), row))  # type: ignore[operator]


def choices(subject: Subject, ranking: Ranking) -> Html:
    """The tree of decisions with its bars, each with what its values came to."""
    if not subject.decisions:
        return tag("p", "The space has nothing to decide.", class_="none")
    drawn = set(ranking.best(MOST_DRAWN)) if subject.complete else set()
    top = max([s for _, i in ranking.found for s in i.shares if s is not None] or [0.0]) or 1.0
    measured = [row for row in ranking.rows if not ranking.found or ranking.share(row[0]) is not None]
    opened = set(ranking.best(MOST_OPEN)) if ranking.found else set()
    rows = [_row(subject, ranking, row, top, row[0] in drawn, row[0] in opened) for row in measured[:MOST_ROWS]]
    parts = []
    if len(measured) > MOST_ROWS:
        parts.append(f"{counted(len(measured) - MOST_ROWS, 'more decision')} of less importance are not listed.")
    if len(measured) < len(ranking.rows):
        rare = counted(len(ranking.rows) - len(measured), "decision")
        parts.append(f"Not listed: {rare} made in fewer than {LEAST_MADE} trials.")
    rest = tag("p", " ".join(parts), class_="note") if parts else None
    return join(_explained(subject, ranking), tag("div", *rows, class_="decisions"), rest)


def _explained(subject: Subject, ranking: Ranking) -> Html:
    if subject.space is None:
        return tag("p", f"Importance is not measured: {subject.problem}.", class_="note")
    if not ranking.found:
        why = f"Importance is measured from {LEAST} trials with different scores on; there are {len(subject.scored)}."
        return tag("p", why, class_="note")
    shares = [f"{max(0.0, i.foretold):.0%}" for _, i in ranking.found]
    if len(shares) > 1:
        shares = [f"{share} ({name})" for share, (name, _) in zip(shares, ranking.found, strict=True)]
    foretold = ", ".join(shares)
    details = tag(
        "details",
        tag("summary", "How importance is measured"),
        tag(
            "p",
            "A random forest foretells the rank of a trial’s score from its configuration; it is judged on trials that "
            "it has not seen, in five folds. The importance of a decision is how much worse it foretells when it, "
            "with all that lies beneath, is taken from another trial that made the decision too:",
        ),
        tag(
            "p",
            tag("code", "I(d) = max(0, Σ (rᵢ − f(xᵢ with d of another trial))² − Σ (rᵢ − f(xᵢ))²) / (2 Σ (rᵢ − r̄)²)"),
        ),
        tag(
            "p",
            "Trials that do not make the decision stay as they are, so the number is the share of the spread of all "
            "trials that goes with this node of the tree, given the decisions above it (for a perfect model the total "
            "Sobol’ index, in Jansen’s form). A choice includes its branches, so nested numbers do not add up to 100%.",
        ),
    )
    weak = ": too little to trust the bars" if ranking.found[0][1].foretold < 0.2 else ""
    note = tag(
        "p",
        "Share of the spread of the trials’ ranks that goes with each decision. The model behind it foretells "
        f"{foretold} of it on trials that it has not seen{weak}.",
        class_="note",
    )
    return join(note, details)


def _row(subject: Subject, ranking: Ranking, row: tuple[int, int], top: float, drawn: bool, opened: bool) -> Html:
    index, depth = row
    decided = subject.decisions[index]
    made = sum(v is not MISSING for v in decided.values)
    bars = [
        tag("span", _fill(position, share, top), class_="track", title=f"{name}: {_percent(share)}")
        for position, (name, share) in enumerate((n, i.shares[index]) for n, i in ranking.found)
    ]
    numbers = " / ".join(_percent(i.shares[index]) for _, i in ranking.found)
    head = (
        tag("span", decided.name, class_="name", title=decided.path),
        tag("span", *bars, class_="bars"),
        tag("span", numbers, class_="num"),
        tag("span", f"in {counted(made, 'trial')}", class_="made"),
    )
    style = f"--depth:{min(depth, 6)}"
    if not drawn or not made:
        return tag("div", *head, class_="decision flat", style=style)
    inside = _number_chart(subject, decided) if decided.is_number else _alternatives(subject, decided)
    return tag("details", tag("summary", *head), inside, class_="decision", style=style, open="" if opened else None)


def _fill(position: int, share: float | None, top: float) -> Html | None:
    """The bar of one objective."""
    if not share:
        return None
    return tag("span", class_=f"fill q{position + 1}", style=f"width:{100 * share / top:.1f}%")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}" if share >= 0.001 else "0%"


def _number_chart(subject: Subject, decided: Decided) -> Html:
    """The score over a number."""
    known = {r.number for r in subject.scored}
    pairs = [
        (r.number, float(v), finite_score(r))
        for r, v in zip(subject.records, decided.values, strict=True)
        if v is not MISSING and r.number in known
    ]
    if not pairs:
        return tag("p", "No trial with it has a score.", class_="none")
    low, high = spread([s for _, _, s in pairs])
    x = Scale(decided.low, decided.high, 72, 604, decided.log)
    y = Scale(low, high, 192, 30)
    kept = evenly(list(range(len(pairs))), MOST_POINTS)
    best = subject.best.number if subject.best else None
    points = [
        dot(
            x(pairs[i][1]),
            y(pairs[i][2]),
            "best-point" if pairs[i][0] == best else "point q1",
            pairs[i][0],
            5 if pairs[i][0] == best else 3,
        )
        for i in kept
    ]
    title = f"{decided.name}{', logarithmic' if decided.log else ''}"
    metric = subject.goals.objectives[0].name
    words = f"{score_name(subject)} over {decided.name} in {len(pairs)} trials"
    return figure(620, 240, words, *axes(x, y, title, score_name(subject), None, measured(metric)), *points)


def _alternatives(subject: Subject, decided: Decided) -> Html:
    """A row for each alternative: how often, how well, and all scores as ticks."""
    scores: dict[str, list[float]] = {name: [] for name in decided.labels}
    known = {r.number for r in subject.scored}
    failed = dict.fromkeys(decided.labels, 0)
    for record, value in zip(subject.records, decided.values, strict=True):
        if value is not MISSING:
            name = decided.label(value)
            if record.number in known:
                scores[name].append(finite_score(record))
            failed[name] += record.state is State.failed
    low, high = spread([finite_score(r) for r in subject.scored])
    x = Scale(low, high, 6, 234)
    sign = subject.goals.objectives[0].sign
    metric = subject.goals.objectives[0].name

    def row(name: str) -> Html:
        found = sorted(scores[name], key=lambda s: sign * s)
        middle = found[(len(found) - 1) // 2] if found else None
        return tag(
            "tr",
            tag("th", name, scope="row"),
            tag("td", f"{len(found) + failed[name]:,}", class_="num"),
            tag("td", f"{failed[name]:,}" if failed[name] else "", class_="num failed-number"),
            tag("td", "" if middle is None else shown(metric, middle), class_="num"),
            tag("td", shown(metric, found[0]) if found else "", class_="num"),
            tag("td", _strip(name, found, middle, x)),
        )

    ordered = sorted(decided.labels, key=lambda n: (not scores[n], min((sign * s for s in scores[n]), default=0.0)))
    ends = f"{number(low)} … {number(high)}"
    head = tag(
        "tr", *(tag("th", n, scope="col") for n in ("", "trials", "failed", "median", "best", f"scores, {ends}"))
    )
    return tag("div", tag("table", tag("thead", head), tag("tbody", *map(row, ordered))), class_="scroll")


def _strip(name: str, found: Sequence[float], middle: float | None, x: Scale) -> Html:
    """The scores of one alternative on a line."""
    if middle is None:
        return Html("")
    kept = [found[i] for i in evenly(list(range(len(found))), MOST_POINTS // 3)]
    marks = [tag("line", x1=f"{x(s):.1f}", x2=f"{x(s):.1f}", y1=4, y2=18, class_="tick") for s in kept]
    marks.append(tag("path", d=f"M{x(middle):.1f} 1v20", class_="median"))
    words = f"{len(found)} scores with {name}, median {number(middle)}"
    return tag(
        "svg", *marks, viewBox="0 0 240 22", width=240, height=22, role="img", aria_label=words, class_="chart strip"
    )
