"""Every refusal of a connector has its own code, words, and a status in the local API."""

from __future__ import annotations

from collections import Counter

from connectors.api import problems
from connectors.commands import doctor
from schemas.errors import Refusal


def kinds(above: type[Refusal] = Refusal) -> set[type[Refusal]]:
    found = {
        below for below in above.__subclasses__() if below.__module__.startswith(("schemas", "connectors"))
    }
    return found.union(*(kinds(each) for each in found)) if found else found


# A private kind is a detail of its module, and shows as the kind above it.
KINDS = sorted((kind for kind in kinds() if kind.__name__[0] != "_"), key=lambda kind: kind.__qualname__)


def test_every_refusal_has_its_own_code():
    assert doctor.Doubt in KINDS
    counted = Counter(kind.code for kind in KINDS)
    # A connector's own systems and the coordinator can both be unreachable: two codes, checked here.
    assert [code for code, times in counted.items() if times > 1] == []


def test_every_refusal_says_something_and_has_a_status():
    for kind in KINDS:
        assert (kind.__doc__ or "").strip().endswith("."), kind
        assert 400 <= problems.status_of(kind) < 600


def test_what_is_in_the_table_is_ours():
    assert set(problems.TABLE) <= {Refusal, *KINDS}
