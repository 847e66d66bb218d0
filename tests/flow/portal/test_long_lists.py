"""A long list is shown in parts, and every part can be reached."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from connectors.exchange.acts import coordination
from tests.conftest import MakeDatabase
from tests.flow.portal.story import Story

COUNT = 55


def test_old_notes_are_reached_by_going_on(tmp_path: Path, make_database: MakeDatabase) -> None:
    story = Story(tmp_path, make_database)
    try:
        case = story.hidden
        for number in range(COUNT):
            coordination.add_note(story.portal, case, f"Note number {number}.")
            story.world.clock.move(seconds=1)
        visit = story.pages.visit(story.citizen)
        first = visit.get(f"/cases/{case}/messages").text
        assert f"Note number {COUNT - 1}." in first
        assert "Note number 0." not in first
        older = re.search(r'href="([^"]+)" rel="next"', first)
        assert older is not None
        second = visit.get(unescape(older[1])).text
        assert "Note number 0." in second
        assert f"Note number {COUNT - 1}." not in second
        newer = re.search(r'href="([^"]+)" rel="prev"', second)
        assert newer is not None
        assert f"Note number {COUNT - 1}." in visit.get(unescape(newer[1])).text
    finally:
        story.close()
