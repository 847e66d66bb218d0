"""What was typed while an act could not be done: shown again with why, so that nobody types it twice.

Takes the form that was read and the page that shows it; it decides nothing, and says nothing of the refusal
but what a reader can do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from flask import abort, make_response, request

from connectors.pages.forms import Form
from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from schemas.errors import Refusal, Unavailable

_NOT_NOW: Final = N_(
    "This does not work at the moment, so nothing was sent. What you typed is still here. "
    "Try again in a few minutes."
)
_NOT_SO: Final = N_(
    "This could not be done, so nothing was sent. What you typed is still here. "
    "Try again. If it happens again, call or write to us."
)
_TYPED: Final = ("subject", "title", "text")


@contextmanager
def kept(form: Form, page: Callable[[Form], object]) -> Iterator[None]:
    """Show the form again if what is done inside is refused: 503 for what works again later, else 409."""
    try:
        yield
    except Refusal as refusal:
        later = isinstance(refusal, Unavailable)
        form = form.with_error("text", _(_NOT_NOW if later else _NOT_SO))
        if request.files:  # browsers keep no file
            form = form.with_error("file", _("Choose the file again."))
        answer = make_response(page(form))
        answer.status_code = 503 if later else 409
        abort(answer)


def typed() -> str:
    """Give the words of a form that was posted, one under the other, to be copied from a page without it."""
    return "\n\n".join(each for name in _TYPED if (each := request.form.get(name, "").strip()))
