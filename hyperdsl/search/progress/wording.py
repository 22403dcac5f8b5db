"""The texts that views of a search have in common."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.search.history import Stop, failure_of, score_of
from hyperdsl.search.trial import Failure, Trial
from hyperdsl.space.brief import printable

BARS = "▁▂▃▄▅▆▇█"

ENDED = {
    Stop.trials: "done",
    Stop.timeout: "time is over",
    Stop.exhausted: "there is no configuration left to try",
    Stop.interrupted: "interrupted; the best so far is kept",
}


def result_text(trial: Trial) -> str:
    failure = failure_of(trial)
    if failure:
        return f"failed ({failure_text(failure)})"
    score, evaluation = number(score_of(trial)), trial.evaluation
    assert evaluation is not None
    if evaluation.fidelity is not None:
        return f"{score} at fidelity {evaluation.fidelity:.3g}"
    if evaluation.pruned:
        return f"about {score}, given up after {counted(len(evaluation.fold_scores), 'fold')},"
    return score


def failure_text(failure: Failure) -> str:
    """The type and the first line of a failure."""
    first_line = failure.message.splitlines()[0] if failure.message else ""
    return printable(f"{failure.type}: {first_line}" if first_line else failure.type)


def best_text(best: Trial | None) -> str:
    return f"; best {number(score_of(best))} (trial {best.number})" if best else ""


def number(value: float) -> str:
    return f"{value:.6g}"


def counted(many: int, noun: str) -> str:
    return f"{many} {noun}" if many == 1 else f"{many} {noun}s"


def clock(seconds: float) -> str:
    """Hours, minutes and seconds: ``0:01:23``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def stopwatch(seconds: float) -> str:
    """A running time in few characters: ``7 s``, ``2:05``, ``1:02:05``."""
    if seconds < 60:
        return f"{max(0, int(seconds))} s"
    return clock(seconds).removeprefix("0:").removeprefix("0")


def pace(per_second: float) -> str:
    """Trials over time in the unit that gives a number worth reading."""
    for unit, factor in (("s", 1), ("min", 60)):
        if per_second * factor >= 1:
            return f"{per_second * factor:.3g} trials/{unit}"
    return f"{per_second * 3600:.3g} trials/h"


def sparkline(values: Sequence[float], width: int) -> str:
    """Values as bars from the lowest to the highest; ``width`` at most, taken evenly with both ends."""
    if not values:
        return ""
    if len(values) > width:
        values = [values[i * (len(values) - 1) // (width - 1)] for i in range(width)]
    low, high = min(values), max(values)
    if low == high:
        return BARS[len(BARS) // 2 - 1] * len(values)
    return "".join(BARS[round((v - low) / (high - low) * (len(BARS) - 1))] for v in values)
