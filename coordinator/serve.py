"""Runs the coordinator under gunicorn: cooperative workers, one with SQLite, several with PostgreSQL.

Started as a process of its own (`python -m coordinator.serve FILE`) that imports neither SQLAlchemy nor Flask
before the worker has made the standard library cooperative. It decides nothing; the settings do.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from coordinator.config import Config, ConfigError, load
from coordinator.worker import ENDING_S

_HEADER_LINES = 64
_HEADER_BYTES = 8190
_LINE_BYTES = 2048
"""Bounds of what is read before a request is known: token and proof have about 2 kB together."""


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, told everything by our settings; it reads no file and no variable of its own."""

    def __init__(self, config: Config) -> None:
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        """Hand our settings over."""
        for name, value in gunicorn_settings(self._config).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application, in the worker, after the standard library was made cooperative."""
        from coordinator.app import create_app  # noqa: PLC0415 - not before gevent has patched (see above)

        return create_app(self._config, started=True)


def gunicorn_settings(config: Config) -> dict[str, Any]:
    """Give gunicorn's settings for these of ours."""
    return {
        "bind": config.bind,
        "workers": config.processes,
        "worker_class": "coordinator.worker.CooperativeWorker",
        "worker_connections": config.limits.connections,
        "keepalive": 75,
        "timeout": 60,
        "graceful_timeout": config.graceful_s + ENDING_S,
        "limit_request_line": _LINE_BYTES,
        "limit_request_fields": _HEADER_LINES,
        "limit_request_field_size": _HEADER_BYTES,
        "forwarded_allow_ips": "",
        "proc_name": "accord-coordinator",
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: PTH112, S108 - heartbeat files
        "logger_class": "coordinator.worker.TemplateLogger",
        "loglevel": "warning",
        "worker_exit": _end_worker,
        "child_exit": _forget_worker,
        "control_socket_disable": True,
    }


def _end_worker(_server: object, worker: Any) -> None:
    """Finish what was taken in, then let go of the database."""
    from coordinator.http.edge import edge  # noqa: PLC0415 - not before gevent has patched (see above)

    if worker.wsgi is not None:
        edge(worker.wsgi).coordinator.stop()


def _forget_worker(_server: object, worker: Any) -> None:
    from prometheus_client import multiprocess  # noqa: PLC0415 - reads its directory from the environment

    multiprocess.mark_process_dead(worker.pid)


def main(arguments: list[str]) -> int:
    """Serve until told to stop; the one argument is the file of settings."""
    try:
        config = load(Path(arguments[0]), os.environ)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    counts, master = tempfile.mkdtemp(prefix="accord-metrics-"), os.getpid()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts
    try:
        Server(config).run()
    finally:
        # Workers are forks of this process, and each of them comes by here when it ends.
        if os.getpid() == master:
            shutil.rmtree(counts, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
