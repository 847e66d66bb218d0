"""Serves the limit (`ops.bench.limit`) with gunicorn exactly as `coordinator.serve` serves the coordinator.

Run as `python -m ops.bench.limit_server SETTINGS KEYS_FILE each|grouped`. Imports neither SQLAlchemy nor
Flask before the worker has made the standard library cooperative.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from coordinator.config import Config, load
from coordinator.serve import gunicorn_settings


class LimitServer(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with the coordinator's own settings and another application."""

    def __init__(self, config: Config, keys_file: Path, *, grouped: bool) -> None:
        self._config = config
        self._keys_file = keys_file
        self._grouped = grouped
        super().__init__()

    def load_config(self) -> None:
        """Hand the coordinator's settings over, but for its counts."""
        for name, value in gunicorn_settings(self._config).items():
            if name != "child_exit":
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application in the worker."""
        from ops.bench.limit import create_app  # noqa: PLC0415 - not before gevent has patched (see above)

        return create_app(self._config.database_url, self._keys_file, grouped=self._grouped)


def main(arguments: list[str]) -> int:
    """Serve until told to stop."""
    settings, keys_file, kind = arguments
    config = load(Path(settings), os.environ)
    LimitServer(config, Path(keys_file), grouped=kind == "grouped").run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
