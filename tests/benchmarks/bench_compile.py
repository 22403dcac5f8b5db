"""Time from text to space for a file of about 1,600 lines."""

from __future__ import annotations

from timing import best_of, report

import hyperdsl
from hyperdsl.diagnostics import Reporter
from hyperdsl.source import Source
from hyperdsl.syntax.parse import parse

FAMILY = """\
# Family {i}: a chain of its own.
def numbers_{i}() =
  SimpleImputer(strategy = "mean" | "median")
  >> (StandardScaler() | MinMaxScaler() | RobustScaler())?
def boosting_{i}() = {{
  let depth = 2..{depth}
  return LGBMClassifier(
    n_estimators = 100..400 step 50, learning_rate = 1e-3..0.3 log, max_depth = depth,
    num_leaves = 2..2**depth, reg_alpha = 1e-6..10.0 log, reg_lambda = 1e-6..10.0 log)
}}
def forest_{i}() = ExtraTreesClassifier(
  n_estimators = 100..300 step 100, max_features = 0.1..1.0,
  min_samples_leaf = 1..{leaf} log)
def family_{i}() = numbers_{i}() >> (boosting_{i}() | forest_{i}()
  | LogisticRegression(C = 1e-3..1e3 log, class_weight = None | "balanced"))
"""
FAMILIES = 1_600 // FAMILY.count("\n")


def text() -> str:
    families = [FAMILY.format(i=i, depth=4 + i % 6, leaf=5 + i % 20) for i in range(FAMILIES)]
    return "".join(families) + f"space big = {' | '.join(f'family_{i}()' for i in range(FAMILIES))}\n"


def main() -> None:
    source = text()
    space = hyperdsl.compile(source)
    parsing = best_of(3, lambda: parse(Source("big.hyp", source), Reporter()))
    whole = best_of(3, lambda: hyperdsl.compile(source))
    rows = [("text to tree", f"{parsing:.3f}"), ("text to space", f"{whole:.3f}")]
    lines = source.count("\n")
    report(f"Compiling {lines:,} lines, {len(space.decisions):,} decisions", ("from", "seconds"), rows, ("lark",))


if __name__ == "__main__":
    main()
