"""Lets tests go on only when the log has a place for all that a coordinator has admitted.

On SQLite a message has its place when it is admitted; on PostgreSQL another thread gives it a moment later,
and nobody is given the message before. What is about that moment itself takes the coordinator as it is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Flask
from sqlalchemy import select

from coordinator.database.tables_log import sequencing_queue
from coordinator.http.edge import edge
from coordinator.intake.flow import Admitted
from coordinator.register.said import content
from coordinator.service import Coordinator
from schemas.errors import Refusal

PATIENCE_S = 10.0
_WAITING = select(select(sequencing_queue).exists())


def wait_until_placed(coordinator: Coordinator) -> None:
    """Wait; goes on after a while too, because a test may have brought the log to a halt on purpose."""
    if coordinator.integrator is None:
        return
    until = time.monotonic() + PATIENCE_S
    with coordinator.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while time.monotonic() < until and coordinator.integrator.trouble is None:
            if not connection.execute(_WAITING).scalar_one():
                return
            time.sleep(0.002)


def with_places(
    coordinator: Coordinator, raws: Sequence[bytes], answers: Sequence[Admitted | Refusal]
) -> list[Admitted | Refusal]:
    """Give the answers to messages with the places that they have a moment later."""
    wait_until_placed(coordinator)
    return [_with_place(coordinator, raw, answer) for raw, answer in zip(raws, answers, strict=True)]


def _with_place(coordinator: Coordinator, raw: bytes, answer: Admitted | Refusal) -> Admitted | Refusal:
    if isinstance(answer, Refusal) or answer.index is not None:
        return answer
    again = coordinator.admit(raw)  # the same bytes get the same answer, with the place that they have by now
    return answer if isinstance(again, Refusal) else replace(answer, index=again.index)


def mail(coordinator: Coordinator, member: str, type_name: str | None = None) -> list[dict[str, Any]]:
    """Collect all that waits for a member once it has its place; give what it says."""
    wait_until_placed(coordinator)
    said = [dict(content(letter.message)) for letter in coordinator.mailboxes.collect(member).letters]
    return [each for each in said if type_name in {None, each["type"]}]


def placing(app: Flask) -> Flask:
    """Let an application wait before each request, and after each that may admit; gives the same one."""
    served = app.wsgi_app

    def waiting(environ: Any, start_response: Any) -> Any:
        wait_until_placed(edge(app).coordinator)
        answer = served(environ, start_response)
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            wait_until_placed(edge(app).coordinator)
        return answer

    app.wsgi_app = waiting  # type: ignore[method-assign]  # how Flask says to do it
    return app
