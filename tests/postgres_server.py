"""A PostgreSQL server of the machine's own installation, for the tests: started, killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
PASSWORD = "s3cr3t@pass/word"  # what a URL must quote


class Server:
    """A cluster in a folder of its own; it listens on a port of this machine only."""

    def __init__(self) -> None:
        programs = PROGRAMS[-1].parent
        self._initdb, self._ctl = str(programs / "initdb"), str(programs / "pg_ctl")
        self._folder = tempfile.mkdtemp(prefix="hyperdsl-postgres-")
        self._data = os.path.join(self._folder, "data")
        self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if self._as:
            shutil.chown(self._folder, "postgres", "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        secret = Path(self._folder, "password")
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._run(self._initdb, "-D", self._data, "-U", "tester", "-A", "scram-sha-256", f"--pwfile={secret}", "-N")

    @property
    def url(self) -> str:
        return f"postgresql://tester:s3cr3t%40pass%2Fword@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=8MB"
        log = os.path.join(self._folder, "log")
        self._run(self._ctl, "-D", self._data, "-l", log, "-o", options, "-w", "-t", "60", "start")

    def kill(self) -> None:
        """The postmaster at once, with SIGKILL; its children notice and end."""
        postmaster = int(Path(self._data, "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)

    def restart(self) -> None:
        """Start after :meth:`kill`: what is left of it may hold on to the shared memory for a moment."""
        for _ in range(50):
            try:
                return self.start()
            except subprocess.CalledProcessError:
                subprocess.run(["sleep", "0.2"], check=True)
        raise AssertionError(Path(self._folder, "log").read_text())

    def remove(self) -> None:
        subprocess.run([*self._as, self._ctl, "-D", self._data, "-m", "immediate", "stop"], capture_output=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, *command: str) -> None:
        subprocess.run([*self._as, *command], check=True, capture_output=True, cwd=self._folder, env=_environment())


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C.UTF-8"}
