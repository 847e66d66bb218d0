"""The frame of an application with pages: templates, words, assets, headers, sessions, protection of posts.

Takes what differs between portal and workspace and gives a Flask application without any page yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader

from connectors.pages import assets, headers, languages
from connectors.pages.brand import Brand
from connectors.pages.packing import pack_pages
from connectors.pages.sessions import ServerSide, SessionStore

HERE: Final = Path(__file__).parent
_MOST_POSTED: Final = 26 * 1024 * 1024
"""Bytes of a form with a file: the protocol's 25 MiB and room for the rest."""
_MOST_IN_MEMORY: Final = 512 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What differs between deployments."""

    brand: Brand
    public_url: str
    secret: str
    sessions: SessionStore
    session_life: timedelta
    clock: Any
    folders: Iterable[Path]
    """Folders of packages with `templates` and `languages`, besides this one."""
    zone: str = "UTC"
    sign_in_origin: str | None = None

    @property
    def secure(self) -> bool:
        """Whether the pages are reached by https; plain http is for one's own machine."""
        return self.public_url.startswith("https://")


def make(name: str, frame: Frame) -> Flask:
    """Make the application."""
    app = Flask(name, static_folder=None, template_folder=None)
    app.config.update(
        SECRET_KEY=frame.secret,
        MAX_CONTENT_LENGTH=_MOST_POSTED,
        MAX_FORM_MEMORY_SIZE=_MOST_IN_MEMORY,
        PREFERRED_URL_SCHEME=urlsplit(frame.public_url).scheme,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: nobody loses what they typed to a clock
    )
    packages = (HERE, *frame.folders)
    app.jinja_loader = ChoiceLoader(
        [
            *(FileSystemLoader(folder / "templates") for folder in packages),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    app.session_interface = ServerSide(
        frame.sessions, frame.clock, life=frame.session_life, secure=frame.secure
    )
    app.before_request(_keep_plain)
    app.before_request(_keep_small)
    CSRFProtect(app)
    languages.speak(app, [folder / "languages" for folder in packages], frame.zone)
    headers.guard(app, secure=frame.secure, sign_in_origin=frame.sign_in_origin)
    pack_pages(app)
    app.register_blueprint(assets.assets(frame.brand))
    app.jinja_env.globals |= {
        "brand": frame.brand,
        "languages": languages.NAMES,
        "language": languages.language,
        "asset": assets.asset,
        "here": here,
    }
    return app


def _keep_plain() -> None:
    """Let no address have a null in it: PostgreSQL takes none, so that it names nothing anywhere."""
    if "\x00" in request.path:
        abort(404)


def _keep_small() -> None:
    """Let only forms with files be large; the others are read into memory as a whole."""
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = _MOST_IN_MEMORY


def here() -> str:
    """Give the path of this page, to come back to after changing the language.

    Where a form was sent it is the page that has the form, if there is one at the same address, else `/`.
    """
    if request.method == "GET" or _has_page(request.path):
        return request.full_path.rstrip("?")
    return "/"


def _has_page(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(path, method="GET")


def own_path(path: str | None) -> str:
    """Give a path of ours to go on to, `/` for anything that leads elsewhere (open redirect, CWE-601)."""
    if not path or not path.startswith("/") or path.startswith("//") or any(_misleads(each) for each in path):
        return "/"
    parts = urlsplit(path)
    return path if not parts.scheme and not parts.netloc else "/"


def _misleads(sign: str) -> bool:
    """Say whether browsers read a sign as another one, or leave it out (WHATWG URL §4.4)."""
    return sign == "\\" or ord(sign) < 0x20  # noqa: PLR2004 - the control characters of ASCII
