"""Lets `requests` talk to a WSGI application in the same process: real requests and answers, no sockets.

A test can cut the line: before a request leaves, or after the answer was made, as networks do.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

Hook = Callable[[requests.PreparedRequest], None]


class WsgiAdapter(BaseAdapter):
    """Carries requests to an application."""

    def __init__(self, application: Any) -> None:
        """Take the application; `before` and `after` may raise to cut the line."""
        super().__init__()
        self.application = application
        self.before: Hook | None = None
        self.after: Hook | None = None
        self.change: Callable[[requests.PreparedRequest, bytes], bytes] | None = None
        self.requests = 0

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Run the application."""
        self.requests += 1
        if self.before is not None:
            self.before(request)
        parts = urlsplit(request.url or "")
        body = request.body or b""
        headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
        content_type = headers.pop("Content-Type", None)
        builder = EnvironBuilder(
            path=parts.path,
            query_string=parts.query,
            base_url=f"{parts.scheme}://{parts.netloc}",
            method=request.method or "GET",
            headers=Headers(headers),
            data=body.encode() if isinstance(body, str) else body,
        )
        environ = builder.get_environ()
        environ["PATH_INFO"] = _unquoted(parts.path)
        if content_type is not None:
            environ["CONTENT_TYPE"] = content_type
        else:
            environ.pop("CONTENT_TYPE", None)
        answered, status, answer_headers = run_wsgi_app(self.application, environ, buffered=True)
        content = b"".join(answered)
        if self.change is not None:
            content = self.change(request, content)
        if self.after is not None:
            self.after(request)
        return _response(request, content, int(status.split()[0]), dict(answer_headers))

    def close(self) -> None:
        """Nothing is open."""


def _unquoted(path: str) -> str:
    return unquote_to_bytes(path).decode("latin-1")


def _response(
    request: requests.PreparedRequest, content: bytes, status: int, headers: dict[str, str]
) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers = CaseInsensitiveDict(headers)
    response.request = request
    response.url = request.url or ""
    response.raw = HTTPResponse(io.BytesIO(content), status=status, preload_content=False)
    return response


def cut(_request: requests.PreparedRequest) -> None:
    """Cut the line."""
    raise requests.ConnectionError("the line is cut")
