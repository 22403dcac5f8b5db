"""``hyperdsl predict`` and ``evaluate``: use a saved model."""

from __future__ import annotations

import argparse
import os

from hyperdsl.cli.options import TABLE_HELP, Commands, add_allow, add_command, add_json
from hyperdsl.cli.output import print_diagnostics, print_json, write_text
from hyperdsl.diagnostics import Reporter

_PREDICT_EXAMPLES = """\
  hyperdsl predict model --data new.csv -o predictions.csv
  hyperdsl predict model --data new.parquet --proba -o probabilities.csv"""
_EVALUATE_EXAMPLES = """\
  hyperdsl evaluate model --data test.csv --target income
  hyperdsl evaluate model --data test.csv --target income --metric roc_auc --json
  hyperdsl evaluate model --data test.csv --target income --weights people"""


def add_commands(commands: Commands) -> None:
    predict = add_command(commands, "predict", run_predict, "predict a table with a saved model", _PREDICT_EXAMPLES)
    predict.add_argument("model", metavar="MODEL", help="what `hyperdsl search -o MODEL` saved")
    predict.add_argument("--data", metavar="D", required=True, help=TABLE_HELP)
    predict.add_argument("--proba", action="store_true", help="a column of probabilities for each class")
    predict.add_argument(
        "-o", "--output", metavar="OUT.csv", help="write the predictions here (default: standard output)"
    )
    add_allow(predict)

    evaluate = add_command(commands, "evaluate", run_evaluate, "score a saved model on a table", _EVALUATE_EXAMPLES)
    evaluate.add_argument("model", metavar="MODEL", help="what `hyperdsl search -o MODEL` saved")
    evaluate.add_argument("--data", metavar="D", required=True, help="data as for predict, with the target")
    evaluate.add_argument("--target", metavar="COL", help="the column that holds the truth (default: as in the search)")
    evaluate.add_argument("--metric", metavar="M", help="default: the metric of the search")
    evaluate.add_argument("--weights", metavar="COL", help="the column that says how much each row counts")
    add_allow(evaluate)
    add_json(evaluate)


def _file(name: str) -> str:
    """The model's file: ``search -o NAME`` saves ``NAME.hypmodel``, so both names find it."""
    from hyperdsl.experiment.model import SUFFIX

    return f"{name}{SUFFIX}" if not os.path.exists(name) and os.path.exists(f"{name}{SUFFIX}") else name


def run_predict(options: argparse.Namespace) -> int:
    import pandas as pd

    from hyperdsl.experiment import load_model

    reporter = Reporter()
    model = load_model(_file(options.model), allow=options.allow)
    if options.proba:
        predictions = model.predict_proba(options.data, reporter)
    else:
        predictions = pd.DataFrame({str(model.schema.target): model.predict(options.data, reporter)})
    print_diagnostics((*model.warnings, *reporter.diagnostics))
    text = predictions.to_csv(index=False, lineterminator="\n")
    if options.output:
        write_text(options.output, text)
    else:
        print(text, end="")
    return 0


def run_evaluate(options: argparse.Namespace) -> int:
    from hyperdsl.experiment import load_model

    reporter = Reporter()
    model = load_model(_file(options.model), allow=options.allow)
    metric, score = model.evaluate(
        options.data, options.target, options.metric, reporter, options.allow, weights=options.weights
    )
    print_diagnostics((*model.warnings, *reporter.diagnostics))
    if options.json:
        print_json(
            {"metric": metric.name, "score": score, "cross_validated": model.score, "held_out": model.test_score}
        )
    else:
        print(f"{metric.name} {score:.6g}")
    return 0
