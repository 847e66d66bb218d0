"""A browser test waits for what it expects: a page that was just asked for may not be drawn yet.

``assert locator.is_visible()`` looks once, so it fails on a slow machine for nothing;
``expect(locator)`` waits.
"""

from __future__ import annotations

import re

from tests.codebase import tree

_ONE_GLANCE = re.compile(
    r"assert .*("
    r"\.(is_visible|is_hidden|is_checked|is_enabled|is_disabled|input_value|inner_text|text_content|get_attribute)\("
    r"|(locator|get_by_\w+)\(.*\)\.count\(\)"
    r"|page\.url|page\.title\(\)"
    r")"
)


def test_no_browser_test_judges_a_page_at_one_glance():
    files = sorted((tree.ROOT / "tests" / "browser").rglob("*.py"))
    assert len(files) > 20
    hasty = [
        f"{file.name}:{number}"
        for file in files
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if _ONE_GLANCE.search(line)
    ]
    assert hasty == []
