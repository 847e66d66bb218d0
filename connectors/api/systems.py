"""The agency's own systems: what they are, and trying one out. Sends nothing."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields as ma

from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.systems.faults import SystemFault, UnknownSystem
from connectors.systems.source import Source
from connectors.systems.try_out import TrialRun, try_out
from schemas.messages.fields import Strict
from schemas.messages.record_v1 import IdentifyWith

blueprint = Blueprint("systems", __name__, description="The agency's own systems.")


class SystemLine(Strict):
    """One system."""

    name = ma.String(required=True)
    kind = ma.String(required=True)
    place = ma.String(required=True)
    read_only = ma.String(required=True)
    identify_with = ma.List(ma.String(), required=True)
    categories = ma.List(ma.String(), required=True)


class SystemList(Strict):
    """The systems of connector.toml."""

    systems = ma.List(ma.Nested(SystemLine), required=True)


class TryBody(Strict):
    """Whom to look for; without it, anybody."""

    identify = IdentifyWith()


class TriedLine(Strict):
    """One category of one person. Personal data."""

    category = ma.String(required=True)
    schema = ma.String(required=True)
    record = ma.Dict(keys=ma.String(), required=True, allow_none=True)
    faults = ma.List(ma.String(), required=True)
    fields_dropped = ma.List(ma.String(), required=True)


class Tried(Strict):
    """What trying a system has shown."""

    passed = ma.Boolean(required=True)
    person_found = ma.Boolean(required=True)
    categories = ma.List(ma.Nested(TriedLine), required=True)


@blueprint.route("/v1/systems", methods=["GET"])
@described(Shape("List the systems", SystemList, roles="agency"))
def list_systems() -> dict[str, Any]:
    """Give each system with the categories that it holds."""
    return {"systems": [line(source) for _, source in sorted(edge().agency().sources.items())]}


@blueprint.route("/v1/systems/<name>/try", methods=["POST"])
@described(
    Shape("Try a system out", Tried, body=TryBody, roles="agency", refuses=[UnknownSystem, SystemFault])
)
def try_system(name: str, body: dict[str, Any]) -> dict[str, Any]:
    """Read one person's records and say what is wrong with them; nothing is sent or stored."""
    source = edge().agency().sources.get(name)
    if source is None:
        raise UnknownSystem(remedy="GET /v1/systems lists those of connector.toml.")
    return tried(try_out(source, identify=body.get("identify")))


def line(source: Source) -> dict[str, Any]:
    """Give a system for a list."""
    about = source.describe()
    return {
        "name": about.name,
        "kind": about.kind,
        "place": about.place,
        "read_only": about.read_only,
        "identify_with": list(about.identify_with),
        "categories": sorted(about.categories),
    }


def tried(run: TrialRun) -> dict[str, Any]:
    """Give what a trial has shown."""
    return {
        "passed": run.passed,
        "person_found": run.person_found,
        "categories": [
            {
                "category": one.category,
                "schema": one.schema,
                "record": None if one.record is None else dict(one.record),
                "faults": list(one.faults),
                "fields_dropped": list(one.fields_dropped),
            }
            for one in run.categories
        ],
    }
