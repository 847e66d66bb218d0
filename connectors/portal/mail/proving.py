"""Proves that somebody reads an e-mail address: six digits are sent there, and have to be typed on the page.

The digits stand in the session as a digest; how often they may be asked for and tried is limited over all
processes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Any, Final

from connectors.pages.throttle import Limit
from connectors.portal.mail import send
from connectors.portal.mail.address import check_address
from connectors.portal.settings import PortalSettings, SmtpSettings
from schemas import instant
from schemas.errors import WrongCode

LIFE: Final = timedelta(minutes=20)
ASKING: Final = Limit("email.ask", 5, timedelta(hours=1))
TRYING: Final = Limit("email.try", 10, timedelta(hours=1))
"""Ten tries at six digits in an hour: one chance in 100 000 to guess."""
_DIGITS: Final = 6
_SPACE: Final = "\u202f"
_SUBJECT: Final[Mapping[str, str]] = {
    "en": "Your code for {name}",
    "fr": "Votre code pour {name}",
}
_BODY: Final[Mapping[str, str]] = {
    "en": "Type this code on the page: {code}\n\nIt works for 20 minutes. "
    "You did not ask for it? Then do nothing; your address is not used.\n",
    "fr": "Saisissez ce code sur la page" + _SPACE + ": {code}\n\nIl est valable 20 minutes. "
    "Vous n’avez rien demandé" + _SPACE + "? Ne faites rien, votre adresse ne sera pas utilisée.\n",
}


def ask(
    settings: PortalSettings, smtp: SmtpSettings, to: str, language: str, now: datetime
) -> dict[str, Any]:
    """Send a code to an address; gives what the session keeps. Raises Invalid, MailUnavailable."""
    address, code = check_address(to), "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
    send.send_now(smtp, _message(settings, smtp, to=address, code=code, language=language, now=now))
    return {"email": address, "digest": _digest(address, code), "until": instant.format(now + LIFE)}


def check(kept: Mapping[str, Any] | None, typed: str, now: datetime) -> str:
    """Give the address that is proven now; raise WrongCode."""
    code = "".join(each for each in typed if each.isdigit())
    if kept is None or instant.parse(kept["until"]) <= now:
        raise WrongCode("The code is too old.")
    if not hmac.compare_digest(kept["digest"], _digest(kept["email"], code)):
        raise WrongCode("The code is another one.")
    return str(kept["email"])


def _digest(address: str, code: str) -> str:
    return hashlib.sha256(f"accord/portal/email/1\x00{address}\x00{code}".encode()).hexdigest()


def _message(
    settings: PortalSettings, smtp: SmtpSettings, *, to: str, code: str, language: str, now: datetime
) -> EmailMessage:
    name = settings.called(language)
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(display_name=name, addr_spec=check_address(smtp.sender))
    message["To"] = Address(addr_spec=to)
    message["Subject"] = _SUBJECT[language].format(name=name)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=settings.domain)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834
    message["Content-Language"] = language
    message.set_content(_BODY[language].format(code=code))
    return message
