"""The page: the sections one after the other, in one file without anything from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from hyperdsl.backends.exchange import svg
from hyperdsl.backends.exchange.planned import picture_of_plan
from hyperdsl.diagnostics import HypError
from hyperdsl.experiment.export import ensemble_script, record_script
from hyperdsl.experiment.model import installed_versions
from hyperdsl.experiment.voting import Ensemble, noted_ensemble
from hyperdsl.markup import Html, data, join, tag
from hyperdsl.report.choices import choices, rank
from hyperdsl.report.course import course, duration, front, front_table, score_name, time_spent
from hyperdsl.report.curves import curves
from hyperdsl.report.failures import failures
from hyperdsl.report.highlight import highlighted, styles
from hyperdsl.report.parallel import parallel
from hyperdsl.report.subject import Subject, finite_score
from hyperdsl.schema import Schema
from hyperdsl.search.tables import TrialRecord
from hyperdsl.search.trial import State
from hyperdsl.search.units import shown
from hyperdsl.space.brief import brief_value

MOST_ROWS = 100  # of the table of trials
MOST_TRIALS = 1_500  # that the page's script knows


def render(subject: Subject) -> str:
    """The whole page."""
    ranking = rank(subject)
    structural = next((i for i in ranking.best(1) if not subject.decisions[i].is_number), None)
    colored = _colored(subject, ranking.best(len(subject.decisions)), structural)
    drawn = parallel(subject, ranking.best(7))
    sections = [
        _section("best", "The best pipeline", _best(subject)),
        _section("course", "The score over time", course(subject, colored), "half"),
    ]
    spent = _section("time", "Where the time went", time_spent(subject), "half")
    if subject.goals.is_single or not subject.complete:
        sections.append(spent)
    else:
        sections.append(_section("front", "The Pareto front", front(subject), "half"))
        sections.append(_section("front-trials", "The trials of the front", front_table(subject)))
    if (learned := curves(subject)) is not None:
        sections.append(_section("curves", "How the best network learned", learned))
    sections.append(_section("choices", "What matters", choices(subject, ranking)))
    if drawn is not None:
        sections.append(_section("parallel", "Which combinations do well", drawn))
    if subject.failed:
        sections.append(_section("failures", "What failed", failures(subject)))
    if spent not in sections:
        sections.append(spent)
    sections += [
        _section("trials", "Trials", _trials(subject)),
        _section("again", "How to repeat it", _again(subject)),
    ]
    return _document(subject, join(*sections))


def _document(subject: Subject, sections: Html) -> str:
    """The frame: nothing but the page's own script may run, nothing may be loaded."""
    here = files("hyperdsl.report")
    css, script = (Html(here.joinpath(name).read_text("utf-8")) for name in ("page.css", "page.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{subject.info.name}: report of a search"),
        tag("style", css, Html(styles())),
    )
    body = tag("body", _header(subject), tag("main", sections), data(_known(subject), "data"), tag("script", script))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _section(name: str, title: str, content: Html, class_: str | None = None) -> Html:
    return tag("section", tag("h2", title, id=name), content, aria_labelledby=name, class_=class_)


def _colored(subject: Subject, ranked: list[int], structural: int | None) -> Any:
    """The most important decision that is a choice among few, to tell points apart by."""
    for index in [structural, *ranked] if structural is not None else ranked:
        decided = subject.decisions[index]
        if not decided.is_number and 2 <= len(decided.labels) <= 12:
            return decided
    return None


# --- the head


def _header(subject: Subject) -> Html:
    info, best = subject.info, subject.best
    tiles = []
    for objective in subject.goals.objectives:
        value = "–" if best is None else shown(objective.name, subject.goals.value(best, objective.name))
        name = score_name(subject) if objective is subject.goals.objectives[0] else objective.name
        tiles.append(_tile(value, f"best {name}" if subject.goals.is_single else name))
    tiles.append(_tile(f"{len(subject.records):,}", "trials"))
    tiles.append(_tile(f"{len(subject.failed):,}", "failed"))
    stopped = sum(r.state is State.pruned for r in subject.records)
    if stopped:
        tiles.append(_tile(f"{stopped:,}", "given up early"))
    if subject.front:
        tiles.append(_tile(f"{len(subject.front):,}", "on the Pareto front"))
    return tag(
        "header",
        tag("p", "report of a search", class_="kicker"),
        tag("h1", info.name),
        tag("div", *tiles, class_="tiles"),
        tag("dl", *(join(tag("dt", name), tag("dd", value)) for name, value in _facts(subject))),
    )


def _tile(value: str, name: str) -> Html:
    return tag("div", tag("b", value), tag("span", name), class_="tile")


def _facts(subject: Subject) -> list[tuple[str, str]]:
    info = subject.info
    settings: Mapping[str, Any] = info.settings
    facts = [("goal", ", ".join(f"{o.direction} {o.name}" for o in subject.goals.objectives))]
    facts += [("constraints", ", ".join(c.words for c in subject.goals.constraints))]
    facts += [("data", str(settings.get("data") or "")), ("target", str(settings.get("target") or ""))]
    facts += [("task", str(settings.get("task") or "")), ("scores", info.metric)]
    if "schema" in settings:
        schema = Schema.from_json(settings["schema"])
        facts.append(("rows × columns", f"{schema.rows:,} × {schema.features:,}" if schema.rows else ""))
    if subject.space is not None:
        facts.append(("space", f"{info.space_name}, {len(subject.space.decisions)} decisions"))
    facts += [("searcher", str(settings.get("searcher") or "")), ("seed", str(info.seed)), ("study", subject.path)]
    started = [r.started for r in subject.records if r.started > 0]
    if started:
        facts.append(("started", f"{datetime.fromtimestamp(min(started), UTC):%Y-%m-%d %H:%M} UTC"))
    return [(name, value) for name, value in facts if value]


# --- the best


def _best(subject: Subject) -> Html:
    best = subject.best
    if best is None:
        return tag("p", f"No trial has a score: all {len(subject.records):,} failed or were cut off.", class_="none")
    assert best.evaluation is not None
    folds = best.evaluation.fold_scores
    words: list[object] = [
        "Trial ",
        tag("b", best.number),
        f": {score_name(subject)} ",
        tag("b", f"{finite_score(best):.6g}"),
    ]
    if len(folds) > 1:
        words.append(f", over the folds {min(folds):.4g} to {max(folds):.4g}")
    words.append(f", in {duration(best.evaluation.seconds)}.")
    broken = [c.words for c in subject.goals.constraints if c.violation(subject.goals.value(best, c.name))]
    if broken:
        words.append(tag("b", f" No trial keeps {' and '.join(broken)}; this one breaks it least.", class_="bad"))
    if not subject.goals.is_single:
        words.append(" It is the knee of the Pareto front.")
    rows = [
        tag("tr", tag("th", subject.names.get(path, path), scope="row", title=path), tag("td", brief_value(value)))
        for path, value in best.configuration.items()
    ]
    table = tag("div", tag("table", tag("tbody", *rows), class_="narrow"), class_="scroll")
    shown_twice = tag("div", _picture(subject, best), _code(subject, best), class_="pair")
    return join(tag("p", *words), shown_twice, _folded("Its decisions", table), _ensemble(subject))


def _ensemble(subject: Subject) -> Html | None:
    """What became of an ensemble, where one was asked for: its members and its script."""
    ensemble = noted_ensemble(subject.info)
    if ensemble is None:
        return None
    title = tag("h3", "Ensemble")
    said = tag("p", f"{ensemble.words(score_name(subject))}.")
    if not ensemble.is_better:
        return join(title, said)
    known = {r.number: r for r in subject.records}
    rows = [
        tag(
            "tr",
            tag("td", weight, class_="num"),
            tag("td", number, class_="num"),
            tag("td", f"{finite_score(known[number]):.6g}", class_="num"),
            tag("td", subject.brief(known[number]), class_="brief"),
        )
        for number, weight in ensemble.members
    ]
    names = ("weight", "trial", score_name(subject), "configuration")
    head = tag("tr", *(tag("th", name, scope="col") for name in names))
    table = tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), class_="scroll")
    note = "What the search has chosen is this weighted vote: its predictions are the average of its members’."
    return join(
        title, said, tag("p", note, class_="note"), table, _folded("Its script", _ensemble_code(subject, ensemble))
    )


def _ensemble_code(subject: Subject, ensemble: Ensemble) -> Html:
    if subject.space is None:
        return tag("p", f"There is no script: {subject.problem}.", class_="note")
    try:
        return _listing(ensemble_script(subject.space, subject.info, subject.records, ensemble), "python")
    except HypError as error:
        return tag("p", f"There is no script: {error.diagnostics[0].message}.", class_="note")


def _picture(subject: Subject, best: TrialRecord) -> Html | None:
    if subject.space is None:
        return None
    schema = subject.info.settings.get("schema")
    plan = subject.space.plan(best.configuration, Schema.from_json(schema) if isinstance(schema, dict) else None)
    facts = f"{score_name(subject)} {finite_score(best):.6g}, trial {best.number}"
    drawn = svg.draw(picture_of_plan(subject.info.space_name, facts, plan))
    source = f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"
    picture = tag("img", src=source, alt=f"The steps of the best pipeline: {subject.brief(best)}")
    return tag("div", picture, class_="scroll picture")


def _code(subject: Subject, best: TrialRecord) -> Html:
    if subject.space is None:
        return tag("p", f"There is no script: {subject.problem}.", class_="note")
    try:
        script = record_script(subject.space, subject.info, best)
    except HypError as error:
        return tag("p", f"There is no script: {error.diagnostics[0].message}.", class_="note")
    return _listing(script, "python")


def _listing(text: str, language: str) -> Html:
    button = tag("button", "Copy", type="button", class_="copy")
    code = tag("pre", tag("code", highlighted(text, language)), tabindex="0")
    return tag("div", button, code, class_="listing")


def _folded(title: str, content: Html) -> Html:
    return tag("details", tag("summary", title), content)


# --- trials, and the way back


def _trials(subject: Subject) -> Html:
    goals = subject.goals
    names = [o.name for o in goals.objectives]
    ordered = subject.ordered()
    rows = [
        tag(
            "tr",
            tag("td", r.number, class_="num"),
            *(tag("td", f"{v:.6g}", class_="num") for v in goals.values(r)),
            tag("td", f"{r.evaluation.seconds:.1f}" if r.evaluation else "", class_="num"),
            tag("td", subject.brief(r), class_="brief"),
        )
        for r in ordered[:MOST_ROWS]
    ]
    if not rows:
        return tag("p", "No trial has a score.", class_="none")
    titles = ("trial", *names, "seconds")
    heads = [tag("th", tag("button", name, type="button"), scope="col", aria_sort="none") for name in titles]
    head = tag("tr", *heads, tag("th", "configuration", scope="col"))
    note = "The best first." if len(rows) == len(ordered) else f"The best {len(rows)} of {len(ordered):,} with a score."
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="sortable")
    listing = " `hyperdsl trials` lists all." if len(rows) < len(ordered) else ""
    return join(tag("p", f"{note}{listing}", class_="note"), tag("div", table, class_="scroll"))


def _again(subject: Subject) -> Html:
    info = subject.info
    parts: list[Html] = []
    command = search_command(subject)
    if command:
        parts.append(_listing(command, "console"))
    facts = [("seed", str(info.seed)), ("fingerprint of the space", info.space_fingerprint)]
    facts += [("fingerprint of the data", info.data_fingerprint)]
    facts += _versions(info.settings.get("versions"))
    rows = [tag("tr", tag("th", n, scope="row"), tag("td", tag("code", v))) for n, v in facts if v]
    parts.append(tag("div", tag("table", tag("tbody", *rows), class_="narrow"), class_="scroll"))
    if info.space_text:
        parts.append(_folded("The text of the space", _listing(info.space_text, "hyp")))
    return join(*parts)


def _versions(made_with: object) -> list[tuple[str, str]]:
    """The libraries that a study was begun with, and which are others here."""
    here = installed_versions()
    if not isinstance(made_with, Mapping):  # a study of an earlier version of hyperdsl
        return [(f"{name}, here", version) for name, version in here.items()]
    others = {name: here.get(name, "none") for name in made_with if here.get(name) != made_with[name]}
    return [(n, f"{v}, here {others[n]}" if n in others else str(v)) for n, v in made_with.items()]


def search_command(subject: Subject) -> str:
    """The command that searches the same again; empty where the study was not made by an experiment."""
    info, goals = subject.info, subject.goals
    settings: Mapping[str, Any] = info.settings
    if "schema" not in settings:
        return ""
    given = ["hyperdsl", "search", str(settings["file"]), "--space", info.space_name]
    given += ["--data", str(settings["data"]), "--target", str(settings["target"]), "--task", str(settings["task"])]
    for name in (settings["metric"], *(o.name for o in goals.objectives[1:])):
        given += ["--metric", str(name)]
    for constraint in goals.constraints:
        given += ["--constraint", str(constraint)]
    facts = settings.get("facts") or {}
    if facts.get("groups"):
        given += ["--groups", str(facts["groups"])]
    limits = {"timeout": "{:.10g}s", "trial_timeout": "{:.10g}s", "trial_memory": "{}B"}
    for name in ("weights", "fidelity", "jobs", "batch", *limits):
        if settings.get(name) is not None:
            given += [f"--{name.replace('_', '-')}", limits.get(name, "{}").format(settings[name])]
    if not settings.get("racing", True):
        given += ["--no-racing"]
    if settings.get("inherit"):
        given += ["--inherit"]
    if facts and not facts.get("early_stopping"):
        given += ["--no-early-stopping"]
    if settings.get("level", 1) != 1:
        given += [f"-O{settings['level']}"]
    if (ensemble := noted_ensemble(info)) is not None:
        given += ["--ensemble", str(ensemble.of)]
    given += ["--cv", str(settings["cv"]), "--searcher", str(settings["searcher"]), "--seed", str(info.seed)]
    return shlex.join([*given, "--trials", str(len(subject.records))])


def _known(subject: Subject) -> dict[str, object]:
    """What the page's script shows of a trial under the pointer."""
    ordered = subject.ordered()[: MOST_TRIALS // 3]
    step = max(1, -(-len(subject.records) // MOST_TRIALS))
    kept = {r.number: r for r in [*ordered, *subject.records[::step]]}
    return {"trials": {str(n): _about(subject, kept[n]) for n in sorted(kept)}}


def _about(subject: Subject, record: TrialRecord) -> str:
    failure = record.evaluation.failure if record.evaluation else None
    if record.state is State.complete:
        values = zip((o.name for o in subject.goals.objectives), subject.goals.values(record), strict=True)
        what = ", ".join(shown(name, value) for name, value in values)
    else:
        what = f"{failure.type}: {failure.message[:80]}" if failure else record.state.value
    text = f"trial {record.number}: {what}\n{subject.brief(record)}"
    return text if len(text) <= 300 else f"{text[:299]}…"
