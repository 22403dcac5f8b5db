"""What a run has found, and the files that are made of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from hyperdsl.diagnostics import Diagnostic, HypError
from hyperdsl.experiment.metrics import Metric
from hyperdsl.experiment.model import SUFFIX, Model, save_model
from hyperdsl.frozen import frozen
from hyperdsl.search.history import score_of, shared_fits

if TYPE_CHECKING:
    from hyperdsl.experiment.voting import Ensemble
    from hyperdsl.search.history import History
    from hyperdsl.search.trial import Trial


@frozen(slots=False)
class ExperimentResult:
    """What a run has found.

    Parameters
    ----------
    history : History
        All trials, and why the search ended.
    best : Trial
        The one that was chosen.
    metric : Metric
        What was compared.
    model : Model
        The best configuration, fitted; with ``score``, ``test_score`` and ``script``.
    warnings : tuple of Diagnostic
        What was noticed in the data.
    study : path or None
        Where the trials are kept.
    ensemble : Ensemble or None
        What became of an ensemble, where one was asked for; ``model`` is it where it is better than the best trial.
    best_test_score : float or None
        Where the model is an ensemble: the best trial's own score on the held-out rows, if it is a member.
    """

    history: History
    best: Trial
    metric: Metric
    model: Model
    warnings: tuple[Diagnostic, ...] = ()
    study: str | os.PathLike[str] | None = None
    ensemble: Ensemble | None = None
    best_test_score: float | None = None

    def __repr__(self) -> str:
        return f"<ExperimentResult: {self.metric.name} {self.score:.6g}, {len(self.history.trials)} trials>"

    @property
    def score(self) -> float:
        """The model's cross-validated score, in the metric's natural direction."""
        assert self.model.score is not None
        return self.model.score

    @property
    def test_score(self) -> float | None:
        """The fitted model's score on the held-out rows; None where there are none."""
        return self.model.test_score

    @property
    def script(self) -> str:
        """Python source that makes the best pipeline, and where the data has a name repeats its evaluation."""
        return self.model.script

    @property
    def shared_fits(self) -> tuple[int, int]:
        """How many fits of steps before the models were taken from other trials, and how many there were in all."""
        return shared_fits(self.history.trials)

    def save(self, path: str | os.PathLike[str]) -> tuple[Path, Path, tuple[Diagnostic, ...]]:
        """Write the model (``PATH.hypmodel``, unless the name ends so already) and its script (``PATH.py``) beside it.

        Returns
        -------
        model, script : Path
        warnings : tuple of Diagnostic
            Where loading the model will need permission.

        Raises
        ------
        HypError
            When they cannot be written, or the pipeline cannot be saved.
        """
        from hyperdsl.diagnostics.models import model_not_writable

        stem = Path(str(path).removesuffix(SUFFIX))
        target, script = Path(f"{stem}{SUFFIX}"), Path(f"{stem}.py")
        try:
            script.write_text(self.script, encoding="utf-8")
        except OSError as error:
            raise HypError([model_not_writable(str(script), error.strerror or str(error))]) from error
        return target, script, save_model(self.model, target)

    def _repr_html_(self) -> str:
        """For notebooks: what was found, the configuration, and the script."""
        from hyperdsl.markup import Html, join, table, tag
        from hyperdsl.search.units import shown

        goals = self.history.goals
        facts = [(f"best {self.metric.name}", f"{score_of(self.best):.6g}, cross-validated, trial {self.best.number}")]
        facts += [("ensemble", self.ensemble.words(self.metric.name))] if self.ensemble else []
        if self.test_score is not None:
            facts.append((f"held-out {self.metric.name}", f"{self.test_score:.6g}"))
        facts += [(name, shown(name, goals.value(self.best, name))) for name in goals.measures]
        facts.append(("trials", f"{len(self.history.trials):,}"))
        if not goals.is_single:
            facts.append(("on the Pareto front", f"{len(self.history.front()):,}"))
        facts += [("study", str(self.study))] if self.study is not None else []
        configuration = Html(self.best.configuration._repr_html_())
        script = tag("details", tag("summary", "script"), tag("pre", self.script))
        decisions = tag("details", tag("summary", "configuration"), configuration, open="")
        return join(table(facts), decisions, script)

    def _goals(self) -> dict[str, object]:
        """What more than one number says: the measures of the best trial and the front."""
        goals, evaluation = self.history.goals, self.best.evaluation
        assert evaluation is not None
        if not goals.measures:
            return {}
        front = [{"trial": t.number, "values": goals.values(t)} for t in self.history.front()]
        return {"measures": dict(evaluation.measures), "front": front, **goals.to_json()}

    def to_json(self) -> dict[str, object]:
        """The facts of the run, without the trials."""
        return {
            "metric": self.metric.name,
            "direction": self.metric.direction,
            "score": self.score,
            "test_score": self.test_score,
            "trial": self.best.number,
            **self._goals(),
            "ensemble": None if self.ensemble is None else self.ensemble.to_json(),
            "trials": len(self.history.trials),
            "shared_fits": self.shared_fits[0],
            "fits": self.shared_fits[1],
            "stopped": self.history.stopped.value,
            "configuration": self.best.configuration.to_json(),
            "study": None if self.study is None else str(self.study),
        }
