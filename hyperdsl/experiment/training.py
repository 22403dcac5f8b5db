"""Training networks so that it can be gone on with: when a trial is promoted, and when its process was killed.

After an epoch the whole state of a training is a file, named by what it depends on: the network, the rows, the seed.
Who fits the same network to the same rows takes it from there: a promoted trial does the epochs that it lacks, one that
was cut off those after the last. Since the order of the rows in an epoch follows from its number, going on equals
training in one go. Where a file is gone, training begins anew.
"""

from __future__ import annotations

import ast
import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hyperdsl.frozen import frozen
from hyperdsl.ir.facts import trains_networks

if TYPE_CHECKING:
    from hyperdsl.ir.graph import Graph
    from hyperdsl.search.trial import FailureKind

BUDGET = 2 << 30  # bytes of the files of a study
WRITING = 0.1  # share of the time that may go into writing them
INHERITED = ", weights inherited"  # of scores that others do not compare with
SUFFIX = ".training"  # of a study's folder
# How JAX and TensorFlow say it, and PyTorch of a GPU and of a CPU.
OUT_OF_MEMORY = ("resource_exhausted", "resourceexhausted", "out of memory", "outofmemory", "not enough memory")


@frozen(slots=False)
class Checkpoints:
    """The files of trainings.

    Parameters
    ----------
    folder : Path
    origin : str
        What all of them depend on: the data.
    budget : int
        Bytes; what was written longest ago goes first.
    """

    folder: Path
    origin: str
    budget: int = BUDGET

    def file(self, key: bytes, model: Any) -> Path:
        """Where the state of a model is that is fitted to what the key stands for."""
        name = blake2b(f"{self.origin}\\0{_text_of(model)}".encode(), key=key, digest_size=16).hexdigest()
        return self.folder / f"{name}.npz"

    def write(self, file: Path, state: Mapping[str, Any]) -> None:
        """Put a state into its place, whole or not at all; a full disk is no failure of a trial."""
        import numpy as np

        beside = file.with_suffix(f".{os.getpid()}")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as opened:
                np.savez(opened, **state)
            beside.replace(file)
            self._trim(file)
        except OSError:
            beside.unlink(missing_ok=True)

    def _trim(self, kept: Path) -> None:
        found = [(path.stat(), path) for path in self.folder.glob("*.npz") if path != kept]
        total = sum(facts.st_size for facts, _ in found) + kept.stat().st_size
        for facts, path in sorted(found, key=lambda pair: pair[0].st_mtime):
            if total <= self.budget:
                return
            path.unlink(missing_ok=True)
            total -= facts.st_size


def _text_of(model: Any) -> str:
    """What a network depends on beside its rows; how many epochs it does is not part of it."""
    others = {name: value for name, value in model.get_params(deep=False).items() if name not in ("build", "epochs")}
    return f"{ast.dump(model.build.definition)} {sorted(model.build.imports.items())} {sorted(others.items())}"


def is_network(model: object) -> bool:
    """Whether a model is a network that trains by epochs."""
    return type(model).__module__ == "hyperdsl.backends.keras.estimators"


@frozen
class Trained:
    """How a network was trained.

    Parameters
    ----------
    file : Path or None
        The file of the training.
    stopped : bool
        Whether it stopped early.
    inherited : mapping or None
        What it began with of another network; None where it began anew, or went on.
    """

    file: Path | None
    stopped: bool
    inherited: Mapping[str, object] | None


def train(
    model: Any, X: Any, y: Any, weights: Any, checkpoints: Checkpoints | None, key: bytes, parent: Any = None
) -> Trained:
    """Fit a network in place, from where the file of its training ends, else from that of its parent."""
    file = checkpoints.file(key, model) if checkpoints is not None else None
    training = _begun(model, X, y, weights, file)
    inherited = None
    if checkpoints is not None and parent is not None and not training.done:
        inherited = _inherited(training, parent, checkpoints.file(key, parent))
    written, cost = time.monotonic(), 0.0
    while training.goes_on:
        training.epoch()
        now = time.monotonic()
        if checkpoints is not None and file is not None and (not training.goes_on or now - written >= cost / WRITING):
            checkpoints.write(file, training.state())
            written = time.monotonic()
            cost = written - now
    model.end(training)
    return Trained(file, training.stopped, inherited)


def _inherited(training: Any, parent: Any, file: Path) -> Mapping[str, object] | None:
    """Begin with the weights of another network; None where they are gone."""
    import numpy as np

    from hyperdsl.backends.keras.morphisms import begin_as

    try:
        with np.load(file, allow_pickle=False) as state:
            found = begin_as(training, parent, state)
    except (OSError, ValueError, KeyError, EOFError):
        return None
    return {"layers": found.layers, "of": found.of, "same": found.same}


def _begun(model: Any, X: Any, y: Any, weights: Any, file: Path | None) -> Any:
    """A training that is as far as its file says, where there is one that has not done too much."""
    import numpy as np

    training = model.begin(X, y, weights)
    if file is None or not file.exists():
        return training
    try:
        with np.load(file, allow_pickle=False) as state:
            training.restore(state)
        if training.done <= model.epochs:
            return training
    except (OSError, ValueError, KeyError, EOFError):  # it is damaged
        file.unlink(missing_ok=True)
    return model.begin(X, y, weights)


@contextmanager
def checkpoints_for(study: object, graph: Graph, origin: str) -> Iterator[Checkpoints | None]:
    """Where the networks of a search keep their trainings; None where it has no networks.

    Beside the file of a study, for later searches too; without a file for this search alone.
    """
    if not trains_networks(graph):
        yield None
    elif isinstance(study, (str, os.PathLike)) and "://" not in str(study):
        yield Checkpoints(Path(f"{os.fspath(study)}{SUFFIX}"), origin)
        with contextlib.suppress(OSError):
            Path(f"{os.fspath(study)}{SUFFIX}").rmdir()  # where it is empty
    else:
        with tempfile.TemporaryDirectory(prefix="hyperdsl-training-") as folder:
            yield Checkpoints(Path(folder), origin)


def kind_of(error: BaseException) -> FailureKind:
    """What kind of failure of a trial an exception is."""
    from hyperdsl.search.trial import FailureKind

    if isinstance(error, FloatingPointError):
        return FailureKind.loss
    text = f"{type(error).__name__}: {error}".lower()
    is_memory = isinstance(error, MemoryError) or any(words in text for words in OUT_OF_MEMORY)
    return FailureKind.memory if is_memory else FailureKind.error
