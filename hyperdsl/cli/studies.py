"""``hyperdsl trials`` and ``export``: look at a study, take a script out of it, or hand it to Optuna."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Literal

from hyperdsl.cli.options import Commands, add_allow, add_command, add_json, add_study, natural, positive
from hyperdsl.cli.output import counted, print_diagnostics, print_json, require_script, write_text

if TYPE_CHECKING:
    from hyperdsl.search.tables import StudyInfo, TrialRecord
    from hyperdsl.search.trial import Evaluation

_TRIALS_EXAMPLES = """\
  hyperdsl trials study.db
  hyperdsl trials study.db --best 10
  hyperdsl trials study.db --failed
  hyperdsl trials study.db --json
  hyperdsl trials study.db --revision 1      before its space was first edited"""
_EXPORT_EXAMPLES = """\
  hyperdsl export study.db -o pipeline.py
  hyperdsl export study.db --trial 17 -o pipeline.py
  hyperdsl export study.db --to pytorch -o net.py       its network without Keras
  hyperdsl export study.db --to optuna -o optuna.db     then: optuna-dashboard sqlite:///optuna.db
  hyperdsl export model.hypmodel --to keras -o net.keras     the network that `search -o model` saved; or --to onnx"""


def add_commands(commands: Commands) -> None:
    trials = add_command(commands, "trials", run_trials, "list the trials of a study", _TRIALS_EXAMPLES)
    add_study(trials)
    which = trials.add_mutually_exclusive_group()
    which.add_argument("--best", metavar="N", type=positive, help="the N best only, the best first")
    which.add_argument("--failed", action="store_true", help="what failed: the same errors together, then each trial")
    add_json(trials)

    export = add_command(
        commands,
        "export",
        run_export,
        "write the script of a trial, which needs no hyperdsl, the whole study for Optuna, or a network",
        _EXPORT_EXAMPLES,
    )
    add_study(export)
    export.add_argument(
        "--to",
        choices=["script", "pytorch", "optuna", "keras", "onnx"],
        default="script",
        help="what is written (default: script): of a trial a script, with its networks in Keras or in plain PyTorch, "
        "of all that have ended a SQLite file of Optuna's, of a model file, in place of STUDY, its network",
    )
    export.add_argument(
        "--trial",
        metavar="best|N",
        type=_trial,
        help="which trial's script (default: what the search chose: the best, or its ensemble)",
    )
    export.add_argument(
        "-o", "--output", metavar="OUT", help="write here (default: standard output; --to optuna needs a new file)"
    )
    add_allow(export)
    export.set_defaults(usage_error=export.error)


def _trial(text: str) -> int | Literal["best"]:
    return "best" if text == "best" else natural(text)


def run_trials(options: argparse.Namespace) -> int:
    from hyperdsl.cli.listing import best_first, describe_failures, describe_trials
    from hyperdsl.search.store import Store
    from hyperdsl.search.trial import State

    with Store.open(options.study, "read") as store:
        study = store.study(options.name, options.revision)
        info, records = study.info, study.records()
    chosen = records
    if options.failed:
        chosen = [r for r in records if r.state is State.failed]
    elif options.best:
        chosen = best_first(info.goals, records)[: options.best]
    if options.json:
        print_json({**_study_facts(info, study.revision), "trials": [_trial_facts(r) for r in chosen]})
    elif options.failed:
        print(describe_failures(info, records))
    else:
        print(describe_trials(info, records, chosen))
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
        facts |= {"fidelity": evaluation.fidelity} if evaluation.fidelity is not None else {}
        facts |= {"earlier": [_rung_facts(e) for e in record.earlier]} if record.earlier else {}
        if evaluation.failure is not None:
            failure = evaluation.failure
            facts["failure"] = {"kind": failure.kind.value, "type": failure.type, "message": failure.message}
    facts |= {} if record.origin is None else {"from_earlier_version": True}
    return {**facts, "started": record.started, "configuration": dict(record.configuration)}


def _rung_facts(evaluation: Evaluation) -> dict[str, object]:
    return {"fidelity": evaluation.fidelity, "score": evaluation.score, "seconds": evaluation.seconds}


def run_export(options: argparse.Namespace) -> int:
    if options.to == "optuna":
        return _export_to_optuna(options)
    if options.to in ("keras", "onnx"):
        return _export_network(options)
    from hyperdsl.experiment import export_script

    require_script(options.output)
    text = export_script(
        options.study,
        name=options.name,
        revision=options.revision,
        trial=options.trial,
        allow=tuple(options.allow),
        to="pytorch" if options.to == "pytorch" else "sklearn",
    )
    if options.output:
        write_text(options.output, text)
    else:
        print(text, end="")
    return 0


def _export_network(options: argparse.Namespace) -> int:
    if not options.output:
        options.usage_error(f"--to {options.to} writes a file: give -o net.{options.to}")
    from hyperdsl.experiment import load_model
    from hyperdsl.experiment.network_file import export_network

    model = load_model(options.study, allow=options.allow)
    print_diagnostics((*model.warnings, *export_network(model, options.output, options.to)))
    print(f"the network of {options.study} written to {options.output}")
    return 0


def _export_to_optuna(options: argparse.Namespace) -> int:
    if not options.output:
        options.usage_error("--to optuna writes a file: give -o optuna.db")
    if options.trial is not None:
        options.usage_error("--to optuna writes all trials: --trial is for scripts")
    from hyperdsl.experiment.export import study_space
    from hyperdsl.search.store import Store
    from hyperdsl.search.to_optuna import export_to_optuna

    with Store.open(options.study, "read") as store:
        study = store.study(options.name, options.revision)
        info, records = study.info, study.records()
    space = study_space(info, tuple(options.allow)).space
    written = export_to_optuna(space, info, records, options.output)
    print(f"{counted(written, 'trial')} of the study {info.name} written to {options.output}")
    return 0
