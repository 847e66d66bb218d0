"""Composes one e-mail: plain text, fixed words, headers that nothing can break out of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from connectors.portal.mail import words
from connectors.portal.mail.address import check_address
from connectors.portal.settings import PortalSettings, SmtpSettings
from schemas.errors import Invalid


def compose(
    settings: PortalSettings,
    smtp: SmtpSettings,
    *,
    mail: str,
    kind: str,
    language: str,
    to: str,
    facts: Mapping[str, int],
    now: datetime,
) -> EmailMessage:
    """Make the message; raise Invalid for an address, a name or a fact that does not belong in one.

    Its Message-ID is that of the row, so that a second copy after a crash is the same message to a reader.
    """
    name, count = settings.called(language), facts.get("count", 1)
    if any(not isinstance(value, int) for value in facts.values()):
        raise Invalid("E-mails carry numbers only.", path="facts")
    if not name.isprintable():
        raise Invalid("The service's name does not fit a header.", path="portal.name")
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=name, addr_spec=check_address(smtp.sender))
    message["To"] = Address(addr_spec=check_address(to))
    message["Subject"] = words.SUBJECTS[language].format(name=name)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail}@{settings.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message["Content-Language"] = language
    body = words.BODIES[kind][language].format(name=name, count=count)
    message.set_content(f"{body}\n\n{words.ENDS[language].format(address=settings.public_url)}")
    return message
