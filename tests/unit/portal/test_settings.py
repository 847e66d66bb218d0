"""The section for the citizens' pages: explained by `init`, complete, or refused with the wrong key."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from connectors.commands.setting_up import Answers, write_settings
from connectors.config import Config, load
from connectors.errors import ConfigRefused
from connectors.portal.settings import OidcSettings, PortalSettings, SmtpSettings

HEAD = """
[member]
id = "my-portal"
kind = "portal"
name = "My portal"
[coordinator]
url = "https://accord.example.org"
"""
PORTAL = """
[portal]
public_url = "https://portal.example.org"
name = { en = "My case", fr = "Mon dossier" }
[portal.contact]
phone = "+33 1 00 00 00 00"
[portal.oidc]
issuer = "https://id.example.org"
client_id = "portal"
name = { en = "Example ID", fr = "Identifiant Exemple" }
"""
SMTP = """
[portal.smtp]
host = "mail.example.org"
sender = "no-reply@portal.example.org"
"""


def written(folder: Path, text: str) -> Config:
    path = folder / "connector.toml"
    path.write_text(text, "utf-8")
    return load(path, {})


def portal_of(config: Config) -> PortalSettings:
    assert config.portal is not None
    return config.portal


def uncommented(folder: Path) -> str:
    """What `init` writes for a portal, with the # taken away from the portal's keys."""
    write_settings(folder, Answers("my-portal", "portal", "My portal", "https://accord.example.org"))
    text = (folder / "connector.toml").read_text("utf-8")
    head, _, rest = text.partition("# The citizens' pages.")
    assert rest
    return head + re.sub(r"^# (?=[a-z_]+ = |\[portal)", "", f"# {rest}", flags=re.MULTILINE)


def test_what_init_writes_for_a_portal_is_valid_as_it_is_and_without_its_comments(tmp_path: Path):
    text = uncommented(tmp_path)
    assert load(tmp_path / "connector.toml", {}).portal is None
    portal = portal_of(written(tmp_path, text))
    assert portal.smtp is not None
    assert portal.oidc.acr_step_up == "substantial"
    assert portal.smtp.password_file == tmp_path / "smtp-password"


def test_init_explains_each_key(tmp_path: Path):
    lines = uncommented(tmp_path).splitlines()
    for kind in (PortalSettings, OidcSettings, SmtpSettings):
        for each in fields(kind):
            if each.name in {"contact", "oidc", "smtp"}:
                continue
            places = [number for number, line in enumerate(lines) if line.startswith(f"{each.name} = ")]
            assert places, f"{each.name} is not in the template"
            assert all(lines[number - 1].startswith("# ") for number in places), each.name


def test_init_writes_nothing_about_pages_for_an_agency(tmp_path: Path):
    write_settings(tmp_path, Answers("city", "public", "City", "https://accord.example.org"))
    assert "[portal" not in (tmp_path / "connector.toml").read_text("utf-8")


def test_few_keys_are_needed_and_the_others_have_good_values(tmp_path: Path):
    portal = portal_of(written(tmp_path, HEAD + PORTAL))
    assert (portal.host, portal.port, portal.domain) == ("127.0.0.1", 8760, "portal.example.org")
    assert portal.smtp is None
    assert portal.contact == {"phone": "+33 1 00 00 00 00"}
    assert portal.oidc.client_secret_file == tmp_path / "oidc-secret"
    assert portal.called("fr") == "Mon dossier"
    assert portal.live_connections < portal.threads


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_of_e_mail_follows_from_its_security(tmp_path: Path, security: str, port: int):
    portal = portal_of(written(tmp_path, f'{HEAD}{PORTAL}{SMTP}security = "{security}"'))
    assert portal.smtp is not None
    assert portal.smtp.port == port


def test_secrets_are_read_from_their_files_and_never_shown(tmp_path: Path):
    text = f'{HEAD}{PORTAL}{SMTP}username = "portal"\npassword_file = "smtp-password"'
    for name in ("smtp-password", "oidc-secret"):
        (tmp_path / name).write_text("hunter-two\n")
    config = written(tmp_path, text)
    portal = portal_of(config)
    assert portal.smtp is not None
    assert (portal.smtp.password(), portal.oidc.client_secret()) == ("hunter-two", "hunter-two")
    assert "hunter-two" not in str(config.shown())


def test_the_environment_reaches_into_the_section(tmp_path: Path):
    path = tmp_path / "connector.toml"
    path.write_text(HEAD + PORTAL, "utf-8")
    environment = {
        "ACCORD_CONNECTOR__PORTAL__OIDC__CLIENT_ID": "other",
        "ACCORD_CONNECTOR__PORTAL__SESSION_HOURS": "2",
    }
    portal = portal_of(load(path, environment))
    assert (portal.oidc.client_id, portal.session_hours) == ("other", 2)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('public_url = "https://portal.example.org"', "", "portal.public_url"),
        ("https://portal.example.org", "http://portal.example.org", "portal.public_url"),
        ("https://portal.example.org", "https://portal.example.org/path", "portal.public_url"),
        ("https://portal.example.org", "https://a:b@portal.example.org", "portal.public_url"),
        (', fr = "Mon dossier"', "", "portal.name.fr"),
        ('phone = "+33 1 00 00 00 00"', "", "portal.contact.phone"),
        ('phone = "+33', 'fax = "+33', "portal.contact.fax"),
        ('phone = "+33 1 00 00 00 00"', 'email = "a b@x"', "portal.contact.email"),
        ("https://id.example.org", "id.example.org", "portal.oidc.issuer"),
        ('client_id = "portal"', 'client_id = "portal"\nscope = "profile"', "portal.oidc.scope"),
        ('client_id = "portal"', 'client_id = "portal"\nsecret = "x"', "portal.oidc.secret"),
        ("[portal]", '[portal]\ncolour = "red"', "portal.colour"),
        ("[portal]", '[portal]\nexit_url = "http://x"', "portal.exit_url"),
        ("[portal]", '[portal]\nbind = "8760"', "portal.bind"),
        ("[portal]", "[portal]\nthreads = 10\nlive_connections = 10", "portal.threads"),
        ("[portal]", "[portal]\nsession_hours = 25", "portal.session_hours"),
        ("[portal]", '[portal]\ntimezone = "Paris"', "portal.timezone"),
        ("[portal]", "[portal]\nunknown = 1", "portal.unknown"),
        ('sender = "no-reply@portal.example.org"', 'sender = "no reply"', "portal.smtp.sender"),
        ("[portal.smtp]", '[portal.smtp]\nusername = "x"', "portal.smtp.username"),
        ("[portal.smtp]", '[portal.smtp]\nsecurity = "ssl"', "portal.smtp.security"),
        (
            "[portal.smtp]",
            '[portal.smtp]\nsecurity = "none"\nusername = "x"\npassword_file = "y"',
            "portal.smtp.security",
        ),
        ('kind = "portal"', 'kind = "public"', "portal"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_key(tmp_path: Path, old: str, new: str, key: str):
    text = HEAD + PORTAL + SMTP
    assert old in text
    with pytest.raises(ConfigRefused) as caught:
        written(tmp_path, text.replace(old, new))
    assert caught.value.facts["keys"] == key
