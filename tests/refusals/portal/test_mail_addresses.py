"""Addresses that are none, or that would be more than one; and headers that nothing breaks out of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.portal.mail import queue
from connectors.portal.mail.address import check_address
from connectors.portal.mail.compose import compose
from connectors.portal.settings import OidcSettings, PortalSettings, SmtpSettings
from schemas.errors import Invalid
from tests.unit.portal.people import START, person

SMTP = SmtpSettings("localhost", 25, "no-reply@portal.example.org", "none")
SETTINGS = PortalSettings(
    public_url="https://portal.example.org",
    name={"en": "My case", "fr": "Mon dossier"},
    contact={"phone": "1"},
    oidc=OidcSettings("https://id.example.org", "portal", Path("secret")),
    smtp=SMTP,
)
USUAL: dict[str, Any] = {
    "mail": "m",
    "kind": "waits",
    "language": "en",
    "to": "a@example.org",
    "facts": {},
    "now": START,
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "@example.org",
        "a@",
        "a@localhost",
        "a@@example.org",
        "a@example..org",
        "a@-example.org",
        "a b@example.org",
        ".a@example.org",
        "a@example.org ",
        "a@example.org\n",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org,b@example.org",
        "Name <a@example.org>",
        '"a"@example.org',
        "a@[127.0.0.1]",
        "à@example.org",
        "a@exämple.org",
        "a" * 65 + "@example.org",
        "a@" + "x" * 250 + ".org",
    ],
)
def test_this_is_no_address(text: str):
    with pytest.raises(Invalid):
        check_address(text)


@given(st.text())
def test_what_is_taken_for_an_address_has_no_space_no_break_and_one_at_sign(text: str):
    try:
        taken = check_address(f"{text}@example.org")
    except Invalid:
        return
    assert taken.isascii()
    assert taken.isprintable()
    assert taken.count("@") == 1
    assert not set(taken) & set(' <>,;:"()[]\\\r\n')


def test_a_name_or_a_fact_that_does_not_belong_in_an_e_mail_is_refused():
    hostile = replace(SETTINGS, name={"en": "My\r\nBcc: b@example.org", "fr": "x"})
    with pytest.raises(Invalid):
        compose(hostile, SMTP, **USUAL)
    with pytest.raises(Invalid):
        compose(SETTINGS, SMTP, **{**USUAL, "facts": {"count": "Sample Citizen"}})
    with pytest.raises(Invalid):
        compose(SETTINGS, replace(SMTP, sender="a@b\r\nX: y"), **USUAL)
    assert compose(SETTINGS, SMTP, **USUAL)["To"] == "a@example.org"


def test_there_is_no_e_mail_of_an_unknown_kind(connection):
    with pytest.raises(ValueError, match="kind"):
        queue.tell(connection, person(connection).account, "advertising", START)
