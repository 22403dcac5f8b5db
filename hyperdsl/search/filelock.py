"""A lock that one process holds on a path, through a small file beside it."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

# Record locks do not see a second opener in the same process, so those are kept apart here.
_held: set[str] = set()


class FileLock:
    """Held until :meth:`release`, or until the process ends in whatever way.

    A record lock, not ``flock``: children that were forked do not inherit it, so they cannot keep it alive.
    """

    def __init__(self, path: str) -> None:
        self._path = os.path.realpath(path) + ".lock"
        self._file: int | None = None

    def acquire(self) -> bool:
        """Take the lock; False when another process, or another opener in this one, has it.

        Raises
        ------
        OSError
            When the lock's file cannot be made.
        """
        if self._path in _held:
            return False
        while True:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
            if not _lock(file):
                os.close(file)
                return False
            if _is_still(self._path, file):
                break
            os.close(file)  # its holder removed it between our open and our lock
        os.truncate(file, 0)
        os.write(file, f"process {os.getpid()} on {socket.gethostname()}".encode())
        self._file = file
        _held.add(self._path)
        return True

    def holder(self) -> str:
        """Who has it, in words."""
        try:
            text = Path(self._path).read_text(encoding="utf-8")
        except OSError:
            text = ""
        return text or "another process"

    def release(self) -> None:
        """Give the lock back and remove its file; without effect when it is not held."""
        if self._file is None:
            return
        if sys.platform != "win32" and _is_still(self._path, self._file):
            os.unlink(self._path)
        os.close(self._file)
        _held.discard(self._path)
        self._file = None


def _is_still(path: str, file: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(file))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True
