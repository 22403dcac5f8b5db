"""``hyperdsl trials`` and ``export``: look at a study, take a script out of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hyperdsl.cli.options import Commands, add_allow, add_command, add_json, add_study, natural
from hyperdsl.cli.output import counted, print_json, table, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyperdsl.search.tables import StudyInfo, TrialRecord

_TRIALS_EXAMPLES = """\
  hyperdsl trials study.db
  hyperdsl trials study.db --json
  hyperdsl trials study.db --revision 1      before its space was first edited"""
_EXPORT_EXAMPLES = """\
  hyperdsl export study.db -o pipeline.py
  hyperdsl export study.db --trial 17 -o pipeline.py"""


def add_commands(commands: Commands) -> None:
    trials = add_command(commands, "trials", run_trials, "list the trials of a study", _TRIALS_EXAMPLES)
    add_study(trials)
    add_json(trials)

    export = add_command(
        commands, "export", run_export, "write the script of a trial, which needs no hyperdsl", _EXPORT_EXAMPLES
    )
    add_study(export)
    export.add_argument("--trial", metavar="best|N", type=_trial, help="which trial (default: best)")
    export.add_argument("-o", "--output", metavar="PIPELINE.py", help="write here (default: standard output)")
    add_allow(export)


def _trial(text: str) -> int | None:
    return None if text == "best" else natural(text)


def run_trials(options: argparse.Namespace) -> int:
    from hyperdsl.search.store import Store

    with Store.open(options.study, "read") as store:
        study = store.study(options.name, options.revision)
        info, records = study.info, study.records()
    if options.json:
        print_json({**_study_facts(info, study.revision), "trials": [_trial_facts(r) for r in records]})
    else:
        print(_describe(info, records))
    return 0


def _study_facts(info: StudyInfo, revision: int) -> dict[str, object]:
    return {
        "study": info.name,
        "revision": revision,
        "space": info.space_name,
        "metric": info.metric,
        "direction": info.goals.direction,
        **info.goals.to_json(),
        "seed": info.seed,
        "settings": dict(info.settings),
    }


def _trial_facts(record: TrialRecord) -> dict[str, object]:
    facts: dict[str, object] = {"number": record.number, "state": record.state.value, "key": record.key}
    evaluation = record.evaluation
    if evaluation is not None:
        facts |= {"score": evaluation.score, "fold_scores": list(evaluation.fold_scores)}
        facts |= {"measures": dict(evaluation.measures)} if evaluation.measures else {}
        facts |= {"seconds": evaluation.seconds, "details": dict(evaluation.details)}
        if evaluation.failure is not None:
            failure = evaluation.failure
            facts["failure"] = {"kind": failure.kind.value, "type": failure.type, "message": failure.message}
    facts |= {} if record.origin is None else {"from_earlier_version": True}
    return {**facts, "started": record.started, "configuration": dict(record.configuration)}


def _describe(info: StudyInfo, records: Sequence[TrialRecord]) -> str:
    best = info.goals.best(records)
    front = () if info.goals.is_single else info.goals.front(records)
    rows = [
        (
            str(r.number),
            r.state.value,
            "" if r.evaluation is None or r.evaluation.score is None else f"{r.evaluation.score:.6g}",
            "" if r.evaluation is None else f"{r.evaluation.seconds:.1f}",
            "best" if r is best else "front" if r in front else _remark(r),
        )
        for r in records
    ]
    title = f"study {info.name}: {counted(len(records), 'trial')}, {_goals_text(info)}"
    if info.edit:
        title += f"\n{info.edit}"
    return f"{title}\n\n{table(('trial', 'state', 'score', 'seconds', ''), rows, right=(0, 2, 3))}" if rows else title


def _goals_text(info: StudyInfo) -> str:
    goals = info.goals
    first, *others = goals.objectives
    aims = [f"{first.direction} {info.metric or 'the score'}", *(f"{o.direction} {o.name}" for o in others)]
    return ", ".join([*aims, *map(str, goals.constraints)])


def _remark(record: TrialRecord, most: int = 80) -> str:
    evaluation = record.evaluation
    if evaluation is not None and evaluation.pruned:
        return f"an estimate from {counted(len(evaluation.fold_scores), 'fold')}"
    failure = evaluation.failure if evaluation else None
    if failure is None:
        return ""
    text = " ".join(f"{failure.kind.value}: {failure.message or failure.type}".split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def run_export(options: argparse.Namespace) -> int:
    from hyperdsl.experiment import export_script

    text = export_script(
        options.study, name=options.name, revision=options.revision, trial=options.trial, allow=tuple(options.allow)
    )
    if options.output:
        write_text(options.output, text)
    else:
        print(text, end="")
    return 0
