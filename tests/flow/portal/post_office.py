"""A real SMTP server in a thread, which takes what comes, or says why not."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.portal.settings import OidcSettings, PortalSettings, Security, SmtpSettings

HOST = "127.0.0.1"
LOGIN = ("portal", "a password")


@dataclass
class PostOffice:
    """Keeps what it took; `answer` is what it says to the next messages instead."""

    folder: Path
    security: Security = "none"
    wants_login: bool = False
    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    recipient_answer: str | None = None
    data_answer: str | None = None
    _controller: Controller | None = None

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind((HOST, 0))
            self.port = free.getsockname()[1]

    def start(self, security: Security = "none", *, wants_login: bool = False) -> None:
        self.security, self.wants_login = security, wants_login
        options: dict[str, Any] = {}
        if security != "none":
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*self._certificate())
            if security == "starttls":
                options |= {"tls_context": context, "require_starttls": True}
            else:
                options |= {"ssl_context": context}
        if wants_login:
            # With TLS from the first byte, aiosmtpd does not notice that there is any.
            aware = security == "starttls"
            options |= {"authenticator": self._login, "auth_required": aware, "auth_require_tls": aware}
        self._controller = Controller(self, hostname=HOST, port=self.port, **options)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def settings(self) -> PortalSettings:
        password = self.folder / "smtp-password"
        password.write_text(f"{LOGIN[1]}\n")
        return PortalSettings(
            public_url="https://portal.example.org",
            name={"en": "Accord", "fr": "Accord"},
            contact={"phone": "+33 1 00 00 00 00"},
            oidc=OidcSettings("https://id.example.org", "portal", Path("secret")),
            smtp=SmtpSettings(
                host=HOST,
                port=self.port,
                sender="no-reply@portal.example.org",
                security=self.security,
                username=LOGIN[0] if self.wants_login else None,
                password_file=password if self.wants_login else None,
            ),
        )

    @property
    def trusted(self) -> Path:
        """The certificate, as a machine trusts it that has been told to."""
        return self.folder / "post-office.crt"

    # --- what the server calls ---------------------------------------------------------------------

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if self.recipient_answer is None:
            envelope.rcpt_tos.append(address)
        return self.recipient_answer or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.data_answer is not None:
            return self.data_answer
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        return "250 OK"

    def _login(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append(data.login)
        # Unless it is told otherwise, the server says nothing to a wrong password, and the client waits.
        return AuthResult(success=(data.login.decode(), data.password.decode()) == LOGIN, handled=False)

    def _certificate(self) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.trusted.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        file = self.folder / "post-office.key"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return self.trusted, file
