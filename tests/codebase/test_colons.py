"""A colon between two parts of a page is translated too: in French, a narrow space stands before it."""

from __future__ import annotations

import re

from tests.codebase import tree

_BARE = re.compile(r"(?:\}\}|</strong>|</time>|</a>): ")


def test_no_template_writes_a_colon_of_its_own():
    templates = [
        file for kind in ("pages", "portal") for file in (tree.ROOT / "connectors" / kind).rglob("*.html")
    ]
    assert len(templates) > 60
    bare = [
        f"{file.name}:{number}"
        for file in templates
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if _BARE.search(line)
    ]
    assert bare == []
