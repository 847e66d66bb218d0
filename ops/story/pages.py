"""The citizens' pages of the story: their section of the settings, and where the citizen signs in.

The provider is a program for trying things out (`oidc-provider-mock`): it asks for no password. It runs in a
process of its own, beside the portal, as a real one would.
"""

from __future__ import annotations

import sys
from pathlib import Path

import requests

from ops.story.citizen import CLAIMS, SUBJECT
from ops.story.processes import Processes, Running

SECTION = """
[portal]
bind = "127.0.0.1:{port}"
public_url = "http://localhost:{port}"
name = {{ en = "My case (sample)", fr = "Mon dossier (exemple)" }}

[portal.contact]
phone = "0800 000 000"
address = "Sample Street 1, 00000 Sampletown"

[portal.oidc]
issuer = "{issuer}"
client_id = "accord-portal"
client_secret_file = "oidc-secret"
name = {{ en = "Sample sign-in", fr = "Connexion exemple" }}
"""


def add_section(settings: Path, port: int, issuer: str) -> None:
    """Write the section `[portal]` and the secret beside it, unless they are there."""
    text = settings.read_text("utf-8")
    if "\n[portal]\n" in text:
        return
    secret = settings.parent / "oidc-secret"
    secret.touch(mode=0o600)
    secret.write_text("sample", "ascii")
    settings.write_text(text + SECTION.format(port=port, issuer=issuer), "utf-8")


def run_provider(processes: Processes, port: int, log: Path) -> Running:
    """Start the provider; it listens on this machine alone."""
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    return processes.start_program(
        "sign-in",
        [*command, "--require-nonce", "true"],
        log=log,
        ready_url=f"http://127.0.0.1:{port}/.well-known/openid-configuration",
    )


def introduce(issuer: str) -> None:
    """Let the provider know the sample citizen; it forgets everybody when it ends."""
    requests.put(f"{issuer}/users/{SUBJECT}", json=CLAIMS, timeout=10).raise_for_status()
