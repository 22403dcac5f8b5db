"""The page about a study: what it says, that nothing gets into it, and that a browser runs it."""

from __future__ import annotations

import html
import os
import random
import re
import shutil
import sqlite3
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path

import pytest
from studies import MODELS, failed, linear_is_best, scored, write_study

import hyperdsl
from hyperdsl.cli.main import main
from hyperdsl.report import report_page
from hyperdsl.report.failures import grouped, in_common
from hyperdsl.report.importance import importance
from hyperdsl.report.page import search_command
from hyperdsl.report.subject import find_subject
from hyperdsl.search.goals import find_goals
from hyperdsl.search.store import Store
from hyperdsl.search.trial import Evaluation, FailureKind
from hyperdsl.space.hierarchy import beneath

EVIL = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">&\"'"


class Page(HTMLParser):
    """Elements with their attributes, and the texts of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._hidden = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))

    def count(self, tag: str, class_: str) -> int:
        return sum(t == tag and class_ in (a.get("class") or "").split() for t, a in self.elements)


def test_the_page_says_what_was_found(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study.db")
    page = report_page(study)
    shown = Page(page)
    assert page == report_page(study), "the same study gives the same page"
    with Store.open(study, "read") as store:
        records = store.study().records()
        best = store.study().info.goals.best(records)
    assert best is not None and best.evaluation is not None
    assert f"Trial {best.number}: accuracy over 2 folds {best.evaluation.score:.6g}" in shown.text
    assert "LogisticRegression(" in shown.text and "random_state" in shown.text
    assert "All of them have models = forest" in shown.text
    assert "max_depth = " in shown.text and "the code of the trial raised" in shown.text
    assert shown.count("circle", "best-point") >= 1 and shown.count("path", "best-line") == 1
    failures = sum(r.evaluation is not None and r.evaluation.failure is not None for r in records)
    assert shown.count("path", "failed") == failures > 0
    for title in ("The score over time", "What matters", "Which combinations do well", "Where the time went"):
        assert title in shown.text


def test_nothing_is_loaded_and_only_its_own_script_may_run(tmp_path: Path) -> None:
    page = report_page(write_study(tmp_path / "study.db", trials=25))
    shown = Page(page)
    for _, attributes in shown.elements:
        for name in ("src", "href"):
            assert (attributes.get(name) or "data:").startswith("data:")
        assert not any(name.startswith("on") for name in attributes)
    assert "script-src &#x27;sha256-" in page and "default-src &#x27;none&#x27;" in page
    assert not re.search(r"https?://(?!www\.w3\.org)", page)


def test_texts_cannot_get_into_the_page(tmp_path: Path) -> None:
    text = f'space s = record(how = {quoted(EVIL)} | "ok", x = 0.0..1.0)'

    def outcome(configuration: hyperdsl.Configuration, rng: object) -> object:
        if configuration["s.how"] == "ok":
            return scored(configuration["s.x"])
        return failed(f"{EVIL}\nsecond line\x00\x1b[31m {EVIL}", FailureKind.crash, EVIL)

    page = report_page(write_study(tmp_path / "study.db", outcome, text=text, name=EVIL, metric=EVIL))  # type: ignore[arg-type]
    shown = Page(page)
    assert [t for t, _ in shown.elements].count("script") == 2
    assert not [a for t, a in shown.elements if t == "img" and not (a.get("src") or "").startswith("data:")]
    assert EVIL in html.unescape("".join(shown.words))
    assert "\x00" not in page and "\x1b" not in page
    if browser() is not None:
        assert html.unescape(title_of(dom(page, tmp_path))) == f"{EVIL}: report of a search"


def test_in_a_browser(tmp_path: Path) -> None:
    if browser() is None:
        pytest.skip("there is no Chromium")
    drawn = dom(report_page(write_study(tmp_path / "study.db", trials=25)), tmp_path)
    assert 'id="tip"' in drawn, "the page's script has run under its policy"
    assert title_of(drawn) == "models: report of a search"


def test_a_wide_and_a_narrow_screen(tmp_path: Path) -> None:
    """Nothing is wider than the screen: what is wide scrolls in its own box."""
    if browser() is None:
        pytest.skip("there is no Chromium")
    (tmp_path / "report.html").write_text(report_page(write_study(tmp_path / "study.db", trials=25)), "utf-8")
    frames = "".join(
        f'<iframe src="report.html" style="width:{w}px;height:600px" onload="this.title=this.contentDocument.'
        f'documentElement.scrollWidth"></iframe>'
        for w in (390, 1600)
    )
    drawn = dom(f"<!DOCTYPE html>{frames}", tmp_path, "--allow-file-access-from-files")
    widths = [int(w) for w in re.findall(r'title="(\d+)"', drawn)]
    assert widths[0] <= 390 and widths[1] <= 1600


def test_one_trial_none_and_all_failed(tmp_path: Path) -> None:
    one = Page(report_page(write_study(tmp_path / "one.db", lambda c, r: scored(0.5), 1)))
    assert "Trial 0: accuracy over 2 folds 0.5" in one.text
    assert "Importance is measured from 20 trials" in one.text
    none = Page(report_page(write_study(tmp_path / "none.db", trials=0)))
    assert "No trial has a score" in none.text
    failing = Page(report_page(write_study(tmp_path / "bad.db", lambda c, r: failed("no"), 30)))
    assert "No trial has a score: all 30 failed" in failing.text and "ValueError: no" in failing.text


def test_several_objectives_and_constraints(tmp_path: Path) -> None:
    goals = find_goals({"auc": "maximize", "size": "minimize"}, ["size < 0"])
    shown = Page(report_page(write_study(tmp_path / "study.db", goals=goals)))
    assert "No trial keeps size < 0; this one breaks it least." in shown.text
    assert "The Pareto front" in shown.text and shown.count("circle", "broken") > 10
    kept = find_goals({"auc": "maximize", "size": "minimize"}, ["size < 50"])
    shown = Page(report_page(write_study(tmp_path / "kept.db", goals=kept)))
    assert "It is the knee of the Pareto front." in shown.text
    assert shown.count("circle", "front-point") >= 1


def test_trials_that_were_given_up_early_count_as_estimates(tmp_path: Path) -> None:
    def outcome(configuration: hyperdsl.Configuration, rng: random.Random) -> Evaluation:
        full = linear_is_best(configuration, rng)
        given_up = full.score is not None and full.score < 0.75
        return replace(full, pruned=True, fold_scores=full.fold_scores[:1]) if given_up else full

    shown = Page(report_page(write_study(tmp_path / "study.db", outcome)))
    assert "given up early" in shown.text and "Small pale points are estimates" in shown.text
    given_up = shown.count("circle", "given-up")
    assert given_up > 10
    assert shown.count("path", "trial-line") == 60 - shown.count("path", "failed") > given_up


def test_thousands_of_trials(tmp_path: Path) -> None:
    page = report_page(write_study(tmp_path / "study.db", trials=3000))
    assert len(page) < 1_200_000
    assert "1,0" in Page(page).text and "of 2," in Page(page).text


def test_importance_is_that_of_the_tree() -> None:
    space = hyperdsl.compile(MODELS).space
    configurations = space.sample(400, 3)
    flat = [1.0 if c["models"] == "linear" else 0.0 for c in configurations]
    found = importance(space, configurations, flat)
    assert found is not None and found.foretold > 0.95
    shares = dict(zip((d.path for d in space.decisions), found.shares, strict=True))
    assert shares.pop("models") == pytest.approx(1.0, abs=0.1)
    assert all(share is not None and share < 0.02 for share in shares.values())
    inner = [
        c["models.linear.LogisticRegression.C"] if c["models"] == "linear" else 10.0 * hash(c.codes) % 7 / 7
        for c in configurations
    ]
    found = importance(space, configurations, inner)
    assert found is not None
    shares = dict(zip((d.path for d in space.decisions), found.shares, strict=True))
    c, model = shares["models.linear.LogisticRegression.C"], shares["models"]
    assert c is not None and model is not None
    assert 0.05 < c < model, "a choice counts with its branches"
    assert importance(space, configurations[:19], flat[:19]) is None
    assert importance(space, configurations, [0.5] * 400) is None


def test_what_lies_beneath() -> None:
    text = """
    let deep = 1..3
    space s = record(
      a = (1 | [2..5, deep]),
      b = (7 if deep == 1 else 0.0..1.0),
      c = repeat(1..3, 0..9),
      d = 0..9)
    """
    space = hyperdsl.compile(text).space
    paths = [d.path for d in space.decisions]
    under = {paths[row]: {paths[i] for i in below} for row, below in enumerate(beneath(space.graph))}
    assert any(len(below) >= 1 for path, below in under.items() if path.startswith("s.a"))
    assert any(path.startswith("s.b") for path in under["deep"])
    assert under["s.d"] == set()


def test_failures_are_grouped_with_what_they_share(tmp_path: Path) -> None:
    subject = find_subject(write_study(tmp_path / "study.db", linear_is_best, 80))
    (group,) = grouped(subject.failed)
    common = in_common(subject, group)
    assert common is not None and (common.name, common.value) == ("models", "forest")
    assert common.trials == sum(r.configuration["models"] == "forest" for r in subject.records)


def test_the_command_to_repeat_a_search(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text("a,b,y\n" + "".join(f"{i % 7},{i % 5},{i % 2}\n" for i in range(80)))
    (tmp_path / "m.hyp").write_text("space m = LogisticRegression(C = 0.1 | 1.0) | GaussianNB()")
    study = tmp_path / "m.db"
    command = ["search", str(tmp_path / "m.hyp"), "--data", str(tmp_path / "t.csv"), "--target", "y", "--cv", "2"]
    command += ["--trials", "3", "--seed", "5", "--constraint", "fit_time < 1000 s", "--study", str(study)]
    command += ["--jobs", "1", "--timeout", "10m", "--trial-timeout", "90", "--trial-memory", "4GB"]
    assert main(command) == 0
    again = search_command(find_subject(study))
    for part in ("--target y", "--cv stratified:2", "--seed 5", "'fit_time < 1000'", "--trials 3", "--metric roc_auc",
                 "--jobs 1", "--timeout 600s", "--trial-timeout 90s", "--trial-memory 4000000000B"):  # fmt: skip
        assert part in again, again
    out = tmp_path / "report.html"
    assert main(["report", str(study), "-o", str(out)]) == 0
    page = out.read_text("utf-8")
    assert "How to repeat it" in page and f">{version('scikit-learn')}<" in page
    with sqlite3.connect(study) as connection:  # as if it had been made long ago
        connection.execute(
            "UPDATE study SET settings = replace(settings, ?, ?)",
            (f'"scikit-learn": "{version("scikit-learn")}"', '"scikit-learn": "1.0"'),
        )
    connection.close()
    assert main(["report", str(study), "-o", str(out)]) == 0
    assert f"1.0, here {version('scikit-learn')}" in out.read_text("utf-8")
    assert main(["report", str(tmp_path / "no.db"), "-o", str(out)]) == 1
    assert main(["report", str(study), "-o", str(tmp_path / "no" / "r.html")]) == 1
    assert "E0850" in capsys.readouterr().err


def test_a_space_that_does_not_compile_is_told(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study.db", trials=25)
    import sqlite3

    with sqlite3.connect(study) as connection:
        connection.execute("UPDATE study SET space_text = 'space models = Nothing()'")
    connection.close()
    shown = Page(report_page(study))
    assert "its text does not compile here: E0" in shown.text
    assert "The score over time" in shown.text and "linear" in shown.text


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def browser() -> str | None:
    return next((b for b in ("chromium", "chromium-browser", "google-chrome") if shutil.which(b)), None)


def dom(page: str, folder: Path, *flags: str) -> str:
    """What a browser makes of a page."""
    found = browser()
    assert found is not None
    (folder / "page.html").write_text(page, "utf-8")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"]
    command = [found, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", *quiet, *flags]
    command += [f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=3000", "--dump-dom"]
    command.append(f"file://{folder / 'page.html'}")
    environment = {**os.environ, "HOME": str(folder)}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, env=environment).stdout


def title_of(drawn: str) -> str:
    match = re.search(r"<title>(.*?)</title>", drawn)
    assert match is not None
    return match[1]
