"""Fitted steps that the worker processes of one search share, as files."""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from hashlib import blake2b
from pathlib import Path
from typing import Any

from hyperdsl.cachedir import cache_dir
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid
from hyperdsl.experiment.sharing.store import Entry, FittedStore, Key, arrays_of, default_budget
from hyperdsl.search.filelock import FileLock
from hyperdsl.version import __version__

WORTH_SECONDS = 0.02  # CPU time below which a file is not worth it
WORTH_RATE = 200e6  # bytes a second below which it is quicker to fit than to write and read; disks do 0.5 to 2 GB/s
_HEAD = struct.Struct("<d")  # seconds saved
_LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "lightgbm", "xgboost", "xgboost-cpu", "catboost")


class SharedFolder:
    """Files of fitted steps, one for each key.

    A file comes into its place whole, so a process that is killed while it writes leaves nothing that is read. Who
    fits something costly holds a lock on its key, which ends with the process: others wait for the file instead of
    doing the same.

    Parameters
    ----------
    path : Path
    budget : int
        Bytes of all files.
    origin : str
        What else entries depend on: the data and the libraries, see :func:`origin_of`.
    """

    def __init__(self, path: Path, budget: int, origin: str) -> None:
        self.path = path
        self.budget = budget
        self.origin = origin
        self._quick: dict[str, float] = {}  # the most seconds that steps of a kind have taken here
        self._locks: int | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.budget, self.origin)

    def get(self, key: Key) -> Entry | None:
        """What another process has fitted."""
        path = self._file(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        try:
            return Entry(*pickle.loads(memoryview(data)[_HEAD.size :]))
        except Exception:  # e.g. a class that only the other process has
            return None

    def put(self, key: Key, entry: Entry) -> None:
        """Write an entry where that pays; not where its arrays would come back in another order of memory."""
        if entry.seconds < max(WORTH_SECONDS, entry.size / WORTH_RATE) or entry.size > self.budget:
            return
        path = self._file(key)
        if path.exists() or not all(a.flags.forc for a in arrays_of((entry.steps, entry.outputs))):
            return
        parts = (entry.steps, entry.outputs, entry.seconds, entry.total, entry.fits, entry.warnings, entry.size)
        temporary = path.with_suffix(f".{os.getpid()}")
        try:
            data = pickle.dumps(parts, protocol=5)
            self._make_room(len(data))
            temporary.write_bytes(_HEAD.pack(entry.seconds) + data)
            os.replace(temporary, path)
        except Exception:  # a full disk, or what cannot be pickled: it is only a cache
            temporary.unlink(missing_ok=True)

    @contextmanager
    def claim(self, key: Key, kind: str) -> Iterator[None]:
        """Wait until no other process fits what has this key, and keep others waiting meanwhile.

        Without effect for kinds of steps that have been quick so far.
        """
        if self._quick.get(kind, WORTH_SECONDS) < WORTH_SECONDS or not self._lock(key, True):
            yield
            return
        try:
            yield
        finally:
            self._lock(key, False)

    def took(self, kind: str, seconds: float) -> None:
        """Remember how long a step of a kind took."""
        self._quick[kind] = max(self._quick.get(kind, 0.0), seconds)

    def _lock(self, key: Key, taken: bool) -> bool:
        """Lock or unlock one byte of a file for each key; a lock ends with its process."""
        if sys.platform == "win32":
            return False
        import fcntl

        with contextlib.suppress(OSError):  # a deadlock through two keys of one byte, or no locks on this disk
            if self._locks is None:
                self._locks = os.open(self.path / "claims", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.lockf(self._locks, fcntl.LOCK_EX if taken else fcntl.LOCK_UN, 1, int.from_bytes(key[:7], "big"))
            return True
        return False

    def _file(self, key: Key) -> Path:
        return self.path / f"{blake2b(self.origin.encode(), key=key, digest_size=16).hexdigest()}.fitted"

    def _make_room(self, size: int) -> None:
        """Remove the files that save least for their bytes."""
        files: list[tuple[float, int, str]] = []
        for file in os.scandir(self.path):
            if file.name.endswith(".fitted"):
                with contextlib.suppress(OSError), open(file.path, "rb") as head:
                    length = os.fstat(head.fileno()).st_size
                    files.append((_HEAD.unpack(head.read(_HEAD.size))[0] / max(1, length), length, file.path))
        total = sum(length for _, length, _ in files)
        for _, length, path in sorted(files):
            if total + size <= self.budget:
                return
            with contextlib.suppress(OSError):
                os.unlink(path)
            total -= length


def origin_of(data_fingerprint: str) -> str:
    """What all entries of a search depend on: the data, and the versions of the libraries."""
    from importlib.metadata import PackageNotFoundError, version

    found = [f"hyperdsl {__version__}", data_fingerprint]
    for name in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return "\n".join(found)


@contextmanager
def shared_folder(budget: int, data_fingerprint: str) -> Iterator[SharedFolder | None]:
    """A folder for the workers of one search, removed at its end; None where there is no place for one.

    What searches that were killed have left is removed too.
    """
    home = cache_dir()
    if home is None or not budget:
        yield None
        return
    root = home / "fitted"
    try:
        root.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(root)
        path = Path(tempfile.mkdtemp(prefix="search-", dir=root))
        lock = FileLock(str(path))
        lock.acquire()
    except OSError:
        yield None
        return
    try:
        yield SharedFolder(path, budget, origin_of(data_fingerprint))
    finally:
        shutil.rmtree(path, ignore_errors=True)
        lock.release()


@contextmanager
def search_store(cache: int | None, jobs: int, data_fingerprint: str = "") -> Iterator[FittedStore]:
    """The store of one search.

    Parameters
    ----------
    cache : int or None
        Bytes for all workers together, and as many on disk; 0 shares nothing, None see :class:`FittedStore`.
    jobs : int
        Workers; several share through a folder in the user's cache.

    Raises
    ------
    HypError
        When ``cache`` is negative.
    """
    if cache is not None and cache < 0:
        raise HypError([search_setting_invalid("cache", cache, "a number of bytes, 0 for no sharing")])
    budget = default_budget() if cache is None else cache
    with shared_folder(budget, data_fingerprint) if jobs > 1 else nullcontext() as folder:
        yield FittedStore(budget // jobs, folder)


def _remove_abandoned(root: Path) -> None:
    for path in root.glob("search-*"):
        if path.is_dir():
            lock = FileLock(str(path))
            if lock.acquire():
                shutil.rmtree(path, ignore_errors=True)
                lock.release()
