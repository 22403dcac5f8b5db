"""One network for all candidates of a search (:mod:`hyperdsl.backends.keras.supernet`), trained on its first fold.

What comes before the network is fitted once, as is known of a space in which nothing of it is decided. After every
epoch the whole state is a file beside the study, among those of :mod:`hyperdsl.experiment.training`, so that a search
that was cut off goes on with it. Candidates are scored on the rows that the first fold scores, with the metric of the
search.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.networks import not_one_network
from hyperdsl.experiment.training import Checkpoints, is_network
from hyperdsl.ir.facts import trains_networks
from hyperdsl.search.proxy import INHERITED
from hyperdsl.search.seeds import derive_seed

if TYPE_CHECKING:
    from hyperdsl.backends.keras.supernet.model import Supernet
    from hyperdsl.backends.keras.supernet.training import SharedTraining
    from hyperdsl.experiment.estimator import PipelineEstimator
    from hyperdsl.hyperspace import HyperSpace
    from hyperdsl.ir.domain import Code
    from hyperdsl.search.history import History
    from hyperdsl.search.progress import Progress
    from hyperdsl.search.proxy import Proxy
    from hyperdsl.space import Configuration

EPOCHS = 20  # where no searcher says how many
SECONDS = 5.0  # between two lines about a training


def shared_weights_of(
    space: HyperSpace,
    estimator: PipelineEstimator,
    sign: int,
    seed: int,
    checkpoints: Checkpoints | None = None,
    progress: Progress | None = None,
) -> dict[str, Proxy]:
    """The network that the candidates of a search share, by its name among the proxies; nothing where there are none.

    Parameters
    ----------
    sign : int
        -1 where less of the score is better.
    """
    if not trains_networks(space.graph):
        return {}
    return {INHERITED: SharedNetwork(space, estimator, sign, seed, checkpoints, progress)}


def report_agreement(shared: Mapping[str, Proxy], history: History, progress: Progress | None) -> None:
    """Tell how well inherited scores order the trials, where a search went by them."""
    network = shared.get(INHERITED)
    if progress is None or not isinstance(network, SharedNetwork) or (found := network.agreement(history)) is None:
        return
    tau, number = found
    text = f"inherited and own scores of {number} trials agree by a rank correlation (Kendall's tau) of {tau:.2f}"
    progress.note("rank_correlation", text, tau=tau, trials=number)


class SharedNetwork:
    """The network, made and trained when it is first asked for; see :func:`shared_weights_of`."""

    def __init__(
        self,
        space: HyperSpace,
        estimator: PipelineEstimator,
        sign: int,
        seed: int,
        checkpoints: Checkpoints | None,
        progress: Progress | None,
    ) -> None:
        self._space = space
        self._estimator = estimator
        self._sign = sign
        self._seed = seed
        self._checkpoints = checkpoints
        self._progress = progress
        self._trained: dict[int, InheritedScore] = {}
        self._shown = -math.inf  # when something was told

    def __call__(self, configuration: Configuration) -> float | None:
        return self.single_paths(EPOCHS)(configuration)

    def decided(self, configuration: Configuration) -> dict[int, Code]:
        used = sorted(self._supernet.wiring.gates.used)
        return {row: code for row in used if (code := configuration.codes[row]) is not None}

    def single_paths(self, epochs: int) -> InheritedScore:
        if epochs not in self._trained:
            from hyperdsl.backends.keras.supernet.training import SharedTraining

            training = SharedTraining(*self._given())
            self._train(training, epochs, "single paths", lambda: training.epoch(self._gates(training.done)))
            self._trained[epochs] = InheritedScore(self._supernet, self.rows, self._sign, self._seed, self._scored)
        return self._trained[epochs]

    def relaxed(self, epochs: int, rate: float) -> Mapping[int, Mapping[Code, float]]:
        from hyperdsl.backends.keras.supernet.relaxed import RelaxedTraining

        training = RelaxedTraining(*self._given(), rate=rate)
        self._train(training, epochs, f"relaxed {rate!r}", training.both)
        return training.probabilities()

    # --- training

    @cached_property
    def rows(self) -> Rows:
        """What flows into the network."""
        return Rows(self._estimator, self._space, self._seed)

    @cached_property
    def _supernet(self) -> Supernet:
        from hyperdsl.backends.keras.supernet.model import Supernet

        return Supernet(self._space, self.rows.shape, self._seed)

    def _given(self) -> tuple[Any, ...]:
        """What a training of new weights begins with."""
        if self._progress is not None:
            self._progress.note("shared_weights", "one network of all candidates is made")
        self.__dict__.pop("_supernet", None)
        model = self.rows.model
        return self._supernet, model.build(self.rows.shape), self.rows.parts, model.batch_size, self._seed

    def _gates(self, epoch: int) -> Callable[[int], Sequence[Any]]:
        """Draws of one epoch: from the prior, with the conditions of the space."""
        seed = derive_seed("single paths", self._seed, epoch)
        return lambda n: [self._supernet.gates(c) for c in self._space.sample(n, seed=seed)]

    def _train(self, training: SharedTraining, epochs: int, how: str, epoch: Callable[[], float]) -> None:
        """Train from where the file of an earlier search ends, and leave one after every epoch."""
        file = None
        if self._checkpoints is not None:
            depends = repr((how, self._space.graph.nodes, self.rows.shape)).encode() + self.rows.identity
            file = self._checkpoints.file(blake2b(depends, digest_size=32).digest(), self.rows.model)
            _restore(training, file, epochs)
        while training.done < epochs:
            if self._progress is not None and (now := time.monotonic()) - self._shown >= SECONDS:
                self._note(training, epochs)
                self._shown = now
            epoch()
            if file is not None and self._checkpoints is not None:
                self._checkpoints.write(file, training.state())
        self._note(training, epochs)

    def _scored(self, number: int, best: float) -> None:
        """Tell how many candidates were scored, from time to time."""
        if self._progress is not None and (now := time.monotonic()) - self._shown >= SECONDS:
            self._shown = now
            text = f"{number} candidates scored with the weights that they inherit, the best {self._sign * best:.4g}"
            self._progress.note("inherited", text, candidates=number, best=self._sign * best)

    def _note(self, training: SharedTraining, epochs: int) -> None:
        if self._progress is None:
            return
        loss = training.losses[-1] if training.losses else None
        text = f"network of all candidates: epoch {training.done} of {epochs}"
        said = text if loss is None else f"{text}, loss {loss:.3g}"
        self._progress.note("shared_weights", said, epoch=training.done, epochs=epochs, loss=loss)

    # --- afterwards

    def agreement(self, history: History) -> tuple[float, int] | None:
        """How well inherited scores order the trials that were trained by themselves: Kendall's tau, and their number.

        None where no candidate was scored so, or there are fewer than three trials or only ties.
        """
        from scipy.stats import kendalltau

        if not self._trained:
            return None
        score = next(iter(self._trained.values()))
        known = {
            t.number: t.evaluation.score for t in history.trials if t.evaluation and t.evaluation.score is not None
        }
        if len(known) < 3:
            return None
        inherited = [score(t.configuration) for t in history.trials if t.number in known]
        tau = float(kendalltau(inherited, [self._sign * value for value in known.values()]).statistic)
        return None if tau != tau else (tau, len(known))


class InheritedScore:
    """The score of a candidate with the weights that it inherits; more is better.

    Parameters
    ----------
    supernet : Supernet
        Trained.
    rows : Rows
    sign : int
        -1 where less of the score is better.
    seed : int
    tell : callable
        Is told how many candidates were scored, and the best score.
    """

    def __init__(
        self, supernet: Supernet, rows: Rows, sign: int, seed: int, tell: Callable[[int, float], None]
    ) -> None:
        from hyperdsl.backends.keras.supernet.training import Inherited

        self._supernet = supernet
        self._rows = rows
        self._sign = sign
        self._inherited = Inherited(supernet, rows.parts[0], seed)
        self._known: dict[bytes, float] = {}
        self._tell = tell

    def __call__(self, configuration: Configuration) -> float:
        import numpy as np

        gates = self._supernet.gates(configuration)
        key = gates.tobytes()
        if key not in self._known:
            outputs = self._inherited.outputs(gates, self._rows.scored)
            model = self._rows.answering(outputs, self._supernet.network.loss)
            found = self._rows.score(model)
            self._known[key] = self._sign * found if np.isfinite(found) else -math.inf
            self._tell(len(self._known), max(self._known.values()))
        return self._known[key]


class Rows:
    """The rows of the first fold as the network takes them: those that it is trained on, and those that score it."""

    def __init__(self, estimator: PipelineEstimator, space: HyperSpace, seed: int) -> None:
        import numpy as np

        from hyperdsl.backends.keras.estimators import _rows as rows_of
        from hyperdsl.experiment.estimator import take
        from hyperdsl.experiment.surroundings import quiet

        trained, scored = estimator.folds[0]
        pipeline = estimator.build(space.default(), seed)
        self._steps = pipeline[:-1] if hasattr(pipeline, "steps") else None
        self.model = pipeline[-1] if hasattr(pipeline, "steps") else pipeline
        if not is_network(self.model):
            raise HypError([not_one_network(None, 0)])
        self._estimator = estimator
        X, X_scored, y = take(estimator.X, trained), take(estimator.X, scored), estimator.y[trained]
        if self._steps is not None:
            with quiet():
                X, X_scored = self._steps.fit_transform(X, y), self._steps.transform(X_scored)
        if estimator.classification:
            self.model.classes_, y = np.unique(y, return_inverse=True)
        else:
            y = y.astype("float32")
        weights = [] if estimator.weights is None else [estimator.weights[trained]]
        self.parts = [rows_of(X), y, *weights]
        self.scored = rows_of(X_scored)
        self._scored_rows = scored
        self.identity: bytes = np.asarray(trained).tobytes()

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one row."""
        return tuple(self.parts[0].shape[1:])

    def answering(self, outputs: Any, loss: Any) -> Any:
        """The model of a candidate, trained for a loss, that gives these outputs for the rows that score it."""
        made = copy(self.model)
        made.network_ = _Answers(outputs, loss)
        return made

    def score(self, model: Any) -> float:
        of = self._estimator
        params = {name: values[self._scored_rows] for name, values in of.score_params.items()}
        found = of.score(model, self.scored, of.y[self._scored_rows], **params)
        return float(next(iter(found.values())) if isinstance(found, Mapping) else found)


class _Answers:
    """A network whose outputs are known."""

    def __init__(self, outputs: Any, loss: Any) -> None:
        self._outputs = outputs
        self.loss = loss

    def predict(self, rows: Any, **options: Any) -> Any:
        assert len(rows) == len(self._outputs)
        return self._outputs


def _restore(training: SharedTraining, file: Path, epochs: int) -> None:
    """Go on from a file, where there is one that has not done too much."""
    import numpy as np

    if not file.exists():
        return
    try:
        with np.load(file, allow_pickle=False) as state:
            if len(state["losses"]) <= epochs:
                training.restore(state)
    except (OSError, ValueError, KeyError, EOFError):  # it is damaged, or of another network
        file.unlink(missing_ok=True)
