"""Fitted steps with their outputs, as many as fit into a number of bytes."""

from __future__ import annotations

import heapq
import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from hyperdsl.experiment.sharing.folder import SharedFolder

Key = bytes
SHARE = 8  # of the memory of the machine that is kept at most
MOST = 1 << 30  # bytes that are kept unless a user says more
DEEPEST = 12  # objects within objects that are looked at


@dataclass(slots=True, eq=False)
class Entry:
    """The first steps of a pipeline, fitted, and what they make of the rows of one fold.

    Attributes
    ----------
    steps : tuple
        All steps from the first one on, fitted.
    outputs : dict
        By the use of the rows: ``"fit"``, ``"watch"``, ``"score"``.
    seconds : float
        CPU time that this entry saves beside those before it.
    total : float
        CPU time of all its steps.
    fits : int
        How many fits it saves.
    warnings : tuple of str
        What fitting them has warned of.
    size : int
        Bytes.
    """

    steps: tuple[Any, ...]
    outputs: dict[str, Any]
    seconds: float
    total: float
    fits: int
    warnings: tuple[str, ...] = ()
    size: int = 0
    uses: int = 1
    priority: float = field(default=0.0, repr=False)


class FittedStore:
    """Keeps entries while there is room, and drops what saves least for its bytes first.

    The order is that of GreedyDual-Size with frequencies (Cherkasova, "Improving WWW proxies performance with
    Greedy-Dual-Size-Frequency caching policy", HP Labs 98-69, 1998): uses times seconds saved per byte, over a level
    that rises to the priority of what was dropped last, so that what is not used any more goes too.

    Parameters
    ----------
    budget : int or None
        Bytes; 0 keeps nothing, None an eighth of the memory, a gigabyte at most.
    folder : SharedFolder or None
        Where processes share what is costly.

    Notes
    -----
    A pickled store comes back empty.
    """

    def __init__(self, budget: int | None = None, folder: SharedFolder | None = None) -> None:
        self.budget = default_budget() if budget is None else budget
        self.folder = folder
        self.size = 0
        self._entries: dict[Key, Entry] = {}
        self._queue: list[tuple[float, Key]] = []  # what is not an entry's priority any more is skipped
        self._level = 0.0

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.budget, self.folder)

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> Entry | None:
        """The entry of a key, which is from now on harder to drop."""
        entry = self._entries.get(key)
        if entry is not None:
            entry.uses += 1
            self._rank(key, entry)
            return entry
        if self.folder is not None and (entry := self.folder.get(key)) is not None:
            self._keep(key, entry)
        return entry

    def put(self, key: Key, entry: Entry) -> bool:
        """Keep an entry; False where it is larger than the whole budget."""
        if not self.budget or key in self._entries:
            return False
        entry.size = size_of((entry.steps, entry.outputs))
        if self.folder is not None:
            self.folder.put(key, entry)
        return self._keep(key, entry)

    def _keep(self, key: Key, entry: Entry) -> bool:
        if entry.size > self.budget:
            return False
        while self.size + entry.size > self.budget:
            self._drop()
        self._entries[key] = entry
        self.size += entry.size
        self._rank(key, entry)
        return True

    def _rank(self, key: Key, entry: Entry) -> None:
        entry.priority = self._level + entry.uses * entry.seconds / max(1, entry.size)
        heapq.heappush(self._queue, (entry.priority, key))
        if len(self._queue) > 64 + 8 * len(self._entries):
            self._queue = [(e.priority, k) for k, e in self._entries.items()]
            heapq.heapify(self._queue)

    def _drop(self) -> None:
        while True:
            priority, key = heapq.heappop(self._queue)
            entry = self._entries.get(key)
            if entry is not None and entry.priority == priority:
                break
        self._level = priority
        del self._entries[key]
        self.size -= entry.size


def default_budget() -> int:
    """Bytes to keep where nobody says how many."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return MOST // 4
    return min(MOST, memory // SHARE)


def size_of(value: object) -> int:
    """Bytes of an object as it would be pickled; arrays are counted, not copied."""
    counter = _Counter()
    try:
        pickle.Pickler(counter, protocol=5, buffer_callback=counter.buffer).dump(value)
    except Exception:  # it cannot be pickled: its arrays are most of it
        return sum(array.nbytes for array in arrays_of(value)) + 4096
    return counter.size


class _Counter:
    """A file that only counts."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return len(data)

    def buffer(self, data: pickle.PickleBuffer) -> None:
        self.size += data.raw().nbytes


def arrays_of(value: object, depth: int = 0) -> Iterator[np.ndarray[Any, Any]]:
    """The arrays in an object and in what it holds."""
    import numpy as np

    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value if depth < DEEPEST else ():
            yield from arrays_of(item, depth + 1)
    else:
        held = value if isinstance(value, dict) else getattr(value, "__dict__", None)
        for item in held.values() if held and depth < DEEPEST else ():
            yield from arrays_of(item, depth + 1)
