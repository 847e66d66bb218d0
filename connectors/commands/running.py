"""Speaks to the connector that runs on this machine, over its local HTTP API. The one client of the
commands.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import requests

from connectors.api.authentication import read_token
from connectors.config import Config
from connectors.errors import NotRunning
from connectors.exchange.client import refusal_of
from schemas.errors import Refusal

_TIMEOUT_S: Final = (3, 120)
"""To connect on the same machine; to wait for an answer that needs the coordinator."""
_CHUNK: Final = 1 << 16


class RunningConnector:
    """The local API, with the token from its file."""

    def __init__(self, config: Config, session: requests.Session | None = None) -> None:
        """Take the settings of the connector; nothing is opened yet."""
        self._config = config
        self._session = session or _plain_session()
        host = f"[{config.api.host}]" if ":" in config.api.host else config.api.host
        self._url = f"http://{host}:{config.api.port}"

    def get(self, path: str, **query: str) -> Any:
        """Read something."""
        with self._asked("GET", path, params=query) as answer:
            return answer.json()

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Have something done, at most once even when the request is repeated on the way."""
        headers = {"Idempotency-Key": secrets.token_urlsafe(16)}
        with self._asked("POST", path, json=dict(body or {}), headers=headers) as answer:
            return answer.json() if answer.content else None

    def download(self, path: str, body: Mapping[str, Any], target: Path) -> int:
        """Write an answer to a file as it comes; give its size."""
        size = 0
        with self._asked("POST", path, json=dict(body), stream=True) as answer, target.open("wb") as file:
            target.chmod(0o600)
            for chunk in answer.iter_content(_CHUNK):
                size += file.write(chunk)
        return size

    @contextmanager
    def _asked(self, method: str, path: str, **options: Any) -> Iterator[requests.Response]:
        headers = {"Authorization": f"Bearer {self._token()}", **options.pop("headers", {})}
        try:
            answer = self._session.request(
                method,
                f"{self._url}{path}",
                headers=headers,
                timeout=_TIMEOUT_S,
                allow_redirects=False,
                **options,
            )
        except requests.RequestException as error:
            raise self._not_running() from error
        with answer:
            if not answer.ok:
                raise _refusal(answer)
            yield answer

    def _token(self) -> str:
        if not self._config.api.token_file.exists():
            raise self._not_running()
        return read_token(self._config.api.token_file)

    def _not_running(self) -> NotRunning:
        return NotRunning(
            f"No connector answers at {self._config.api.bind}.",
            remedy=f"Start it with: accord connector --config {self._config.file} run",
        )


def _plain_session() -> requests.Session:
    """Make a session that never goes through a proxy: it speaks to this machine only."""
    session = requests.Session()
    session.trust_env = False
    return session


def _refusal(answer: requests.Response) -> Refusal:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict) or "code" not in problem:
        return Refusal(f"The connector answered with HTTP {answer.status_code}.")
    return refusal_of(problem, ours=True)
