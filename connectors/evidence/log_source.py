"""Where the maker of an evidence file gets its proofs: the coordinator's public log, which asks for no
sign-in.

Gives what the log says; what the file's reader can rely on is checked before it is written (`export.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

import requests

from connectors.exchange.client import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from connectors.exchange.errors import TryLater, Unreachable, UnreadableAnswer
from schemas.errors import Malformed
from schemas.log import TILE_WIDTH, entries_path, unpack_bundle

_T = TypeVar("_T")
_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of an answer: a bundle of 256 commitments is 9 kB; nothing here is larger than a few times that."""


class LogSource(Protocol):
    """The public log, wherever it is served."""

    def checkpoint(self) -> str:
        """Give the newest signed checkpoint."""

    def inclusion(self, index: int, size: int) -> list[str]:
        """Give the proof that the entry at `index` is in the log of `size` entries, in hexadecimal."""

    def consistency(self, old: int, new: int) -> list[str]:
        """Give the proof that the log of `new` entries begins with the one of `old`, in hexadecimal."""

    def commitment(self, index: int, size: int) -> bytes:
        """Give what stands at `index`."""


class HttpLog:
    """The log as the coordinator serves it under `/v1/log/`."""

    def __init__(self, url: str, session: requests.Session | None = None) -> None:
        """Take the coordinator's address; `requests` honours HTTPS_PROXY and NO_PROXY by itself."""
        self._url = f"{url}/v1/log"
        self._session = session or requests.Session()
        self._bundles: dict[int, list[bytes]] = {}

    def checkpoint(self) -> str:
        """Fetch the newest checkpoint."""
        return self._get("checkpoint").decode("utf-8", "replace")

    def inclusion(self, index: int, size: int) -> list[str]:
        """Fetch one inclusion proof."""
        return self._hashes("proof", index=index, size=size)

    def consistency(self, old: int, new: int) -> list[str]:
        """Fetch one consistency proof."""
        return self._hashes("consistency", old=old, new=new)

    def commitment(self, index: int, size: int) -> bytes:
        """Fetch the bundle around an index, once for each bundle."""
        number, place = divmod(index, TILE_WIDTH)
        if number not in self._bundles:
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            path = entries_path(number, width).removeprefix("tile/")
            self._bundles[number] = _read(lambda: unpack_bundle(self._get(f"tile/{path}"), width))
        return self._bundles[number][place]

    def _hashes(self, path: str, **query: int) -> list[str]:
        answer: Any = _read(lambda: self._ask(path, **query).json())
        for name in ("proof", "inclusion", "consistency", "hashes"):
            if isinstance(answer, dict) and isinstance(answer.get(name), list):
                return [str(each) for each in answer[name]]
        raise UnreadableAnswer("The log's answer holds no proof.")

    def _get(self, path: str) -> bytes:
        content = self._ask(path).content
        if len(content) > _LIMIT:
            raise UnreadableAnswer("The log's answer is larger than any should be.")
        return content

    def _ask(self, path: str, **query: int) -> requests.Response:
        try:
            answer = self._session.get(
                f"{self._url}/{path}",
                params=query,
                timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise Unreachable(
                "The log cannot be reached.",
                remedy="Check the network; `accord connector doctor` shows where.",
            ) from error
        if answer.status_code != requests.codes.ok:
            raise TryLater(f"The log answered with HTTP {answer.status_code}.", status=answer.status_code)
        return answer


def _read(take: Callable[[], _T]) -> _T:
    """Turn an answer that cannot be read into the one refusal for that."""
    try:
        return take()
    except (ValueError, Malformed) as error:
        raise UnreadableAnswer("The log's answer is not as agreed.") from error
