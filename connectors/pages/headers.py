"""What every answer says about itself: strict content policy with a nonce, no referrer abroad, no storing.

Sources: OWASP ASVS 5.0 §3.4, CSP level 3. Nothing is loaded from elsewhere, nothing frames us.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, g, request

_NONCE_BYTES: Final = 18
_STATIC_LIFE_S: Final = 24 * 3600
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: the check against forged posts looks at the referrer of our own pages.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
        "publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
}


def nonce() -> str:
    """Give this answer's nonce: scripts and styles of ours carry it, nobody else's can."""
    if not hasattr(g, "csp_nonce"):
        g.csp_nonce = secrets.token_urlsafe(_NONCE_BYTES)
    return str(g.csp_nonce)


def guard(app: Flask, *, secure: bool, sign_in_origin: str | None = None) -> None:
    """Put the headers on every answer; `secure` is whether the deployment is reached by https.

    `sign_in_origin` is where the sign-in form leads: browsers apply form-action to redirects as well.
    """
    app.jinja_env.globals["csp_nonce"] = nonce
    forms = "'self'" + (f" {sign_in_origin}" if sign_in_origin else "")

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers["Content-Security-Policy"] = _policy(nonce(), forms)
        if secure:
            response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        if request.endpoint == "assets.static" and response.status_code != HTTPStatus.NOT_FOUND:
            response.headers["Cache-Control"] = f"public, max-age={_STATIC_LIFE_S}"
        else:
            response.headers["Cache-Control"] = "no-store"
        return response


def _policy(of_this_answer: str, forms: str) -> str:
    return (
        f"default-src 'none'; script-src 'nonce-{of_this_answer}'; "
        f"style-src 'self' 'nonce-{of_this_answer}'; "
        f"img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action {forms}; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
