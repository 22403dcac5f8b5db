"""The way of Optuna's FAQ for proportions: exponential numbers by their sum, here rounded to percents."""

import math
from itertools import pairwise


def space(trial):
    raw = [-math.log(trial.suggest_float(name, 0.0, 1.0) or 1e-300) for name in "abcd"]
    cuts = [round(100 * sum(raw[:i]) / sum(raw)) for i in range(5)]
    return [right - left for left, right in pairwise(cuts)]


# Mistake: none
