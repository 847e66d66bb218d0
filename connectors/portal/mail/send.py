"""Sends what waits, by SMTP: each mail once, again later when the server cannot take it, never for ever.

A mail is claimed before it is tried, so that two processes do not both send it. Addresses and words are never
logged.
"""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Row

from connectors.exchange.connector import Connector
from connectors.portal.mail import queue
from connectors.portal.mail.compose import compose
from connectors.portal.settings import PortalSettings, SmtpSettings
from connectors.portal.store import accounts, mails
from schemas.errors import Refusal, Unavailable
from schemas.instant import from_ms

_BATCH: Final = 50
_TIMEOUT_S: Final = 20.0
_PAUSES: Final = (60, 300, 900, 3600, 4 * 3600, 12 * 3600)
"""Seconds before the second, third, … try; then the last one again and again (RFC 5321 §4.5.4.1)."""
GIVE_UP_AFTER: Final = timedelta(days=5)
"""RFC 5321 §4.5.4.1: four to five days."""
_log = structlog.get_logger("accord.portal")


def send_due(connector: Connector, settings: PortalSettings, now: datetime) -> int:
    """Send what is due; gives how many were sent. A server that cannot be reached keeps the rest waiting."""
    if settings.smtp is None:
        return 0
    with connector.database.reading() as connection:
        due = mails.due(connection, now, _BATCH)
    if not due:
        return 0
    try:
        server = _connect(settings.smtp)
    except (OSError, smtplib.SMTPException) as error:
        _log.warning("mail_unreachable", kind=type(error).__qualname__, waiting=len(due))
        _put_off(connector, due, now)
        return 0
    try:
        return sum(_send_one(connector, settings, server, row, now) for row in due)
    finally:
        _close(server)


class MailUnavailable(Unavailable):
    """E-mail cannot be sent at the moment."""

    code = "mail_unavailable"


def send_now(smtp: SmtpSettings, message: EmailMessage) -> None:
    """Send one message at once, because somebody waits for it; raise MailUnavailable."""
    try:
        server = _connect(smtp)
    except (OSError, smtplib.SMTPException) as error:
        raise MailUnavailable from error
    try:
        server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise MailUnavailable from error
    finally:
        _close(server)


def _connect(smtp: SmtpSettings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if smtp.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=_TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=_TIMEOUT_S)
    try:
        if smtp.security == "starttls":
            server.starttls(context=context)
        if smtp.username is not None:
            server.login(smtp.username, smtp.password() or "")
    except BaseException:
        server.close()
        raise
    return server


def _close(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _put_off(connector: Connector, due: Any, now: datetime) -> None:
    """Note one try that came to nothing for each, so that the pauses grow."""
    for row in due:
        with connector.database.writing() as connection:
            _claim(connection, row, now)


def _claim(connection: Connection, row: Row[Any], now: datetime) -> bool:
    """Take a mail for one try; one that has waited too long is given up."""
    if from_ms(row.at) + GIVE_UP_AFTER <= now:
        mails.move(connection, row.id, "failed")
        return False
    pause = _PAUSES[min(row.attempts, len(_PAUSES) - 1)]
    return mails.claim(connection, row, now + timedelta(seconds=pause))


def _send_one(
    connector: Connector, settings: PortalSettings, server: smtplib.SMTP, row: Row[Any], now: datetime
) -> bool:
    with connector.database.writing() as connection:
        if not _claim(connection, row, now):
            return False
        claimed = mails.find(connection, row.id)  # it may be about more by now
        message = None if claimed is None else _message(connection, settings, claimed, now)
        if message is None:
            mails.move(connection, row.id, "failed")
            return False
    after = _deliver(server, message)
    if after is not None:
        with connector.database.writing() as connection:
            mails.move(connection, row.id, after)
    return after == "sent"


def _message(
    connection: Connection, settings: PortalSettings, row: Row[Any], now: datetime
) -> EmailMessage | None:
    """Compose it for whoever still wants e-mail; None when nobody does or it cannot be one.

    Nor when staff have held back or kept from its reader, since it began to wait, all that it is about.
    """
    account = accounts.find(connection, row.account)
    if account is None or not account.email_wanted or not account.email or settings.smtp is None:
        return None
    facts = queue.to_tell(connection, row, now)
    if facts is None:
        return None
    try:
        return compose(
            settings,
            settings.smtp,
            mail=row.id,
            kind=row.kind,
            language=row.language,
            to=account.email,
            facts=facts,
            now=now,
        )
    except Refusal as refusal:
        _log.warning("mail_refused", mail=row.id, code=refusal.code)
        return None


def _deliver(server: smtplib.SMTP, message: EmailMessage) -> str | None:
    """Hand it to the server: `sent`, `failed` when it will never be taken, None when it may be later."""
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _words in error.recipients.values()]
        return "failed" if all(_for_ever(code) for code in codes) else None
    except smtplib.SMTPSenderRefused as error:
        # The portal's own address or login is not taken: that is for its staff to mend, and no mail's end.
        _log.error("mail_sender_refused", smtp_code=error.smtp_code)
        return None
    except smtplib.SMTPResponseException as error:
        _log.warning("mail_not_taken", smtp_code=error.smtp_code)
        return "failed" if _for_ever(error.smtp_code) else None
    except (OSError, smtplib.SMTPException) as error:
        _log.warning("mail_not_taken", kind=type(error).__qualname__)
        return None
    return "sent"


def _for_ever(code: int) -> bool:
    return 500 <= code < 600  # noqa: PLR2004 - RFC 5321 §4.2.1: a permanent negative answer
