"""How the networks of the best trial learned: their losses over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hyperdsl.markup import Html, join, tag
from hyperdsl.report.charts import Scale, axes, counted, figure, number, path, spread
from hyperdsl.report.course import HEIGHT, WIDTH
from hyperdsl.report.subject import Subject

_LEFT, _RIGHT, _TOP, _BOTTOM = 72.0, 16.0, 34.0, 48.0
_DRAWN = {"loss": ("q1", "loss on the rows that are trained on"), "val_loss": ("q2", "loss on the rows held back")}


def curves(subject: Subject) -> Html | None:
    """The losses of each fold of the best trial; None where it has no network."""
    best = subject.best
    found: Any = best.evaluation.details.get("curves") if best is not None and best.evaluation is not None else None
    folds: Sequence[Mapping[str, Sequence[float]]] = found or ()
    values = [value for fold in folds for name in _DRAWN for value in fold.get(name, ())]
    if best is None or not values:
        return None
    epochs = max(len(fold.get("loss", ())) for fold in folds)
    low, high = spread(values)
    x = Scale(1, max(2, epochs), _LEFT, WIDTH - _RIGHT)
    y = Scale(max(low, 0.0), high, HEIGHT - _BOTTOM, _TOP)
    drawn = axes(x, y, "epoch", "loss", lambda value: f"{value:g}" if value == int(value) else "")
    present = [name for name in _DRAWN if any(fold.get(name) for fold in folds)]
    for name in present:
        class_ = f"learning {_DRAWN[name][0]}"
        drawn += [path([(x(i), y(v)) for i, v in enumerate(fold.get(name, ()), 1)], class_) for fold in folds]
    words = f"the losses of trial {best.number} over {counted(epochs, 'epoch')}, from {number(values[0])} on"
    legend = [tag("li", tag("span", class_=f"swatch {_DRAWN[n][0]}"), _DRAWN[n][1]) for n in present]
    note = f"Trial {best.number}, {counted(len(folds), 'line')} of each kind: one for each fold."
    return join(
        tag("ul", *legend, class_="legend"), figure(WIDTH, HEIGHT, words, *drawn), tag("p", note, class_="note")
    )
