"""Who takes part in the story, what they ask for, and in whose records: plainly a sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from schemas import instant

SAMPLE = Path(__file__).parent / "sample"
AGREEMENT_ID, AGREEMENT = "prevent-evictions", "prevent-evictions@1"
PURPOSE = "prevent-eviction"
OPENER, CITIZENS = "charity", "portal"
PURPOSE_TEXT = {
    "en": "To find a way for you to keep your home, with a payment plan that you can afford.",
    "fr": "Trouver avec vous comment garder votre logement, avec un plan de paiement que vous pouvez tenir.",
}
WHY = {
    "en": "To see with you what is owed and which benefits are paused, before the hearing.",
    "fr": "Pour voir avec vous ce qui est dû et quelles aides sont suspendues, avant l'audience.",
}
IF_NO = {
    "en": "Nothing you are entitled to changes. We then ask you for the papers.",
    "fr": "Vos droits restent les mêmes. Nous vous demanderons alors les papiers.",
}
BY_PHONE = {"en": "Call 0800 000 000 (sample number)", "fr": "Appeler le 0800 000 000 (numéro d’exemple)"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of one source: fields that are needed, and fields that the citizen may leave out."""

    source: str
    category: str
    schema: str
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields."""
        return (*self.needed, *self.optional)


@dataclass(frozen=True, slots=True)
class Agency:
    """A member, and where its own records are: a mapping, and the files that belong to it."""

    id: str
    kind: str
    name: str
    mapping: Path | None = None
    policy: Path | None = None
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """One telling of the story."""

    agencies: tuple[Agency, ...]
    wanted: tuple[Wanted, ...]
    identify: Mapping[str, str] = field(repr=False)
    left_out: str
    """The optional field that the citizen leaves out, as `category.field`."""

    def agency(self, id: str) -> Agency:
        """Give a member."""
        return next(agency for agency in self.agencies if agency.id == id)


def sample_script() -> Script:
    """Give the story on the sample databases: three shapes that were not made for Accord."""
    return Script(
        agencies=(
            Agency(
                "charity",
                "charity",
                "Debt advice charity (sample)",
                SAMPLE / "charity.toml",
                SAMPLE / "charity-policy",
                (SAMPLE / "charity.sql",),
            ),
            Agency(
                "housing",
                "public",
                "Office de l'habitat (sample)",
                SAMPLE / "housing.toml",
                SAMPLE / "housing-policy",
                (SAMPLE / "housing.sql",),
            ),
            Agency(
                "benefits",
                "public",
                "Caisse d'allocations (sample)",
                SAMPLE / "benefits.toml",
                SAMPLE / "benefits-policy",
                tuple(sorted((SAMPLE / "benefits").glob("*.csv"))),
            ),
            Agency("portal", "portal", "Citizens' portal (sample)"),
        ),
        wanted=(
            Wanted(
                "housing",
                "housing",
                "housing.tenancy/1",
                ("arrears", "rent", "tenure"),
                ("charges", "lease_number"),
            ),
            Wanted(
                "benefits", "benefits", "benefits.entitlements/1", ("entitlements",), ("claimant_number",)
            ),
        ),
        identify={"family_name": "Exemple", "given_names": "Camille", "birth_date": "1991-04-23"},
        left_out="benefits.claimant_number",
    )


def agreement(script: Script, kids: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Write the agreement: only what the story needs may flow."""
    return {
        "id": AGREEMENT_ID,
        "version": 1,
        "title": {
            "en": "Preventing evictions together (sample)",
            "fr": "Prévenir ensemble les expulsions (exemple)",
        },
        "parties": [{"member": member, "kid": kid} for member, kid in sorted(kids.items())],
        "purposes": [{"code": PURPOSE, "text": PURPOSE_TEXT, "basis": "consent"}],
        "flows": [
            {
                "source": wanted.source,
                "recipient": OPENER,
                "purpose": PURPOSE,
                "category": wanted.category,
                "schema": wanted.schema,
                "fields": list(wanted.fields),
            }
            for wanted in script.wanted
        ],
        "identify_with": sorted(script.identify),
        "clauses": [],
        "proof": {},
        "data_life_max_days": 180,
        "consent_head_max_age_s": 3600,
        "valid_from": instant.format(now - timedelta(minutes=5)),
        "valid_until": instant.format(now + timedelta(days=365)),
    }


def terms(script: Script, now: datetime, notice_sha256: str, pages: str) -> dict[str, Any]:
    """Write what the citizen is asked: needed and optional fields apart; `pages` is the portal's address."""
    data = []
    for wanted in script.wanted:
        for necessity, names in (("needed", wanted.needed), ("optional", wanted.optional)):
            if names:
                data.append(
                    {
                        "category": wanted.category,
                        "schema": wanted.schema,
                        "fields": list(names),
                        "necessity": necessity,
                        "special": False,
                    }
                )
    return {
        "agreement": AGREEMENT,
        "supersedes": None,
        "request_group": None,
        "request": None,
        "notice": {"language": "en", "version": "1", "sha256": notice_sha256},
        "purpose": {"code": PURPOSE, "text": PURPOSE_TEXT},
        "lawful_basis": "consent",
        "explicit": True,
        "sources": [wanted.source for wanted in script.wanted],
        "recipients": [OPENER],
        "data": data,
        "data_period": None,
        "fetch": "repeated",
        "frequency": {"count": 10, "per": "month"},
        "data_life": {"days": 90},
        "identify_with": sorted(script.identify),
        "on_withdrawal": {"erased": True, "kept": [], "why": None},
        "consequence_of_refusal": IF_NO,
        "valid_until": instant.format(now + timedelta(days=180)),
        "review_due": instant.format(now + timedelta(days=90)),
        "withdrawal": {"url": f"{pages}/permissions/", "other_channels": [BY_PHONE]},
        "rights_url": f"{pages}/rights",
        "authority": "CNIL",
        "jurisdiction": "FR",
        "controllers": [
            {"member": agency.id, "name": agency.name}
            for agency in script.agencies
            if agency.kind != "portal"
        ],
    }
