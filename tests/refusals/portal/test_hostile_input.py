"""Hostile words in every field of every form: never a fault of ours, never markup, and nothing typed is lost.

The forms are those that the pages show; a new form is tried without a change here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import pytest

from connectors.exchange.acts import coordination
from connectors.exchange.acts.coordination import File
from connectors.exchange.acts.coordination import Words as Said
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT
from tests.flow.portal.forms_on_pages import Field, OnPage, Seen, seen
from tests.flow.portal.story import Story
from tests.flow.portal.visits import Visit
from tests.refusals.portal.test_foreign_ids import address, ids_of, statement_for

MARKUP: Final = (
    "<script>window.hostile=1</script><hostile-tag onhostile=x>\"'><svg/onload=hostile()>"
    "</textarea></title><img src=x onerror=hostile()><a href=javascript:hostile()>x</a>"
)
NAUGHTY: Final = {
    "markup": MARKUP,
    "attribute": '" onhostile="x" autofocus x="',
    "template": "{{1234567*7}} {% include 'frame/layout.html' %} ${1234567*7} #{1234567*7} <%= 1234567*7 %>",
    "percent": "%s %(who)s %n %d %% %(num)s {who} {0}",
    "sql": "'; DROP TABLE accounts; -- \" OR 1=1 /* \\'",
    "shell": "$(reboot) `reboot` | reboot & ../../../../etc/passwd \\\\host\\share",
    "header": "Sample\r\nSet-Cookie: session=hostile\r\n\r\n<hostile-tag>",
    "emoji": "Sample 👩‍👩‍👧‍👦 🏳️‍🌈 ﷽ Z̷̡͙a̴l̵g̸o 日本語 עברית",
    "long word": "W" * 1500,
    "long": "Sample words. " * 400,
    "json": '{"__proto__": {"x": 1}, "$ref": "x"}',
    "numbers": "99999999999999999999999999 -1 NaN 1e999 0x7fffffff",
    "xml": '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>',
}
REFUSED: Final = {
    "null": "Sample\x00words",
    "escape": "Sample\x1b[31mwords",
    "override": "Sample \u202etxt.exe",
    "isolate": "Sample \u2066words\u2069",
    "marks": "Sample\u200f words",
    "noncharacter": "Sample\ufdd0\uffff",
    "private": "Sample\ue000",
}
"""What makes a line say something else than it does, or what no database takes: refused in every field."""
FINE: Final = {200, 302, 303, 400, 404, 409, 422, 429}
OFFLINE: Final = {"/sign-in": {503}}
"""There is no identity provider in this world; the page says so."""
TEXT: Final = frozenset({"text", "textarea", "email", "search", "tel", "url", "date"})


@pytest.fixture(scope="module")
def story(tmp_path_factory, make_database_for_module: MakeDatabase) -> Iterator[Story]:
    made = Story(tmp_path_factory.mktemp("story"), make_database_for_module)
    yield made
    made.close()


@pytest.fixture
def visit(story: Story) -> Visit:
    return story.visit(story.citizen)


# --- the pages and their forms ----------------------------------------------------------------------


def pages_of(story: Story) -> list[str]:
    """Give the address of every page that the citizen can open."""
    found = []
    for rule in story.pages.app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint in {"case.live", "join.news"}:
            continue
        if rule.endpoint.startswith(("assets.", "health.")):
            continue
        values = {**ids_of(story), "statement": statement_for(story, rule), "code": "en"}
        if set(rule.arguments) <= set(values):
            found.append(address(rule, values))
    return found


def forms_of(story: Story, visit: Visit) -> list[tuple[str, OnPage]]:
    """Give every form that asks for something, once, with the page that shows it."""
    found: dict[tuple[str, str], tuple[str, OnPage]] = {}
    visit.get("/begin/")
    visit.post("/begin/", words="Sample")
    for page in pages_of(story):
        answer = visit.get(page)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        for form in seen(answer.text).forms:
            action = form.action or page
            if form.asks or set(form.fields) - {"csrf_token"}:
                found.setdefault((form.method, action.partition("?")[0]), (action, form))
    return list(found.values())


def filled(form: OnPage, text: str, *, also_choices: bool = False) -> dict[str, Any]:
    """Fill a form in: this text wherever one writes, and the first of what can be chosen."""
    data: dict[str, Any] = {}
    for name, each in form.fields.items():
        if name != "csrf_token":
            data[name] = _value(each, text, also_choices=also_choices)
    return data


def _value(each: Field, text: str, *, also_choices: bool) -> Any:
    if each.kind == "file":
        return (io.BytesIO(text.encode()), "letter.txt")
    if each.kind in TEXT or also_choices:
        return text
    return next((value for value in each.values if value), "")


def is_harmless(answer: Any) -> Seen:
    """Check that nothing of what was typed has become an element, an attribute, a template or a header."""
    found = seen(answer.text) if answer.mimetype == "text/html" else Seen()
    for tag, attributes in found.elements:
        assert tag != "hostile-tag"
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert tag not in {"script", "style"} or "nonce" in attributes
        assert (
            not attributes.get("href", "").lower().strip().startswith(("javascript:", "data:", "vbscript:"))
        )
    assert "8641969" not in answer.text
    assert "hostile" not in str(answer.headers)
    return found


def test_there_are_forms_to_try(story: Story, visit: Visit):
    asked = {name for _, form in forms_of(story, visit) for name in form.asks}
    assert {"text", "to", "kind", "subject", "title", "file", "wrong", "outcome", "words", "themes"} <= asked
    assert {"code", "name", "language", "kept", "state", "with"} <= asked
    assert {"powers", "scope", "last_day", "until"} <= asked


@pytest.mark.parametrize("kind", NAUGHTY)
def test_words_in_any_field_are_words(story: Story, visit: Visit, kind: str):
    for action, form in forms_of(story, visit):
        for also_choices in (False, True) if kind in {"markup", "sql", "numbers"} else (False,):
            answer = _send(visit, action, form, filled(form, NAUGHTY[kind], also_choices=also_choices))
            assert answer.status_code in FINE | OFFLINE.get(action, set()), (action, answer.status_code)
            is_harmless(answer)
    story.world.settle()
    for page in pages_of(story):
        is_harmless(visit.get(page))


@pytest.mark.parametrize("kind", REFUSED)
def test_what_would_deceive_or_break_is_refused_and_not_a_fault(story: Story, visit: Visit, kind: str):
    text, said = REFUSED[kind], 0
    for action, form in forms_of(story, visit):
        for also_choices in (False, True):
            answer = _send(visit, action, form, filled(form, text, also_choices=also_choices))
            assert answer.status_code in FINE | OFFLINE.get(action, set()), (action, answer.status_code)
            said += "Remove invisible characters" in answer.text
    assert said >= 6
    story.world.settle()
    for page in pages_of(story):
        assert text not in visit.get(page).text, page


def _send(visit: Visit, action: str, form: OnPage, data: dict[str, Any]) -> Any:
    if form.method == "get":
        return visit.get(action, query_string=data)
    return visit.post(action, **data)


def test_what_was_typed_is_shown_again_when_a_form_is_refused(story: Story, visit: Visit):
    """Every text field of every form holds what was typed, when another field was wrong."""
    text, again = f"Sample {MARKUP} é \u2028 end", 0
    for action, form in forms_of(story, visit):
        written = [name for name, each in form.asks.items() if each.kind in TEXT - {"email"}]
        if form.method == "get" or not written:
            continue
        for wrong in form.asks:
            data = filled(form, text)
            data[wrong] = "" if form.asks[wrong].kind != "checkbox" else []
            answer = visit.post(action, **data)
            if answer.status_code not in {200, 422}:
                continue
            same = [
                each
                for each in seen(answer.text).forms
                if (each.action or action) == action and set(form.asks) <= set(each.fields)
            ]
            if not same:
                continue
            (shown,) = same
            for name in set(written) - {wrong}:
                assert shown.fields[name].text.lstrip("\n") == data[name], (action, name)
                again += 1
    assert again >= 5


ODD_DAYS: Final = ["9999-12-31", "0001-01-01", "0000-00-00", "2031-02-30", "-1", "99999-1-1", "٢٠٣١-٠٥-٣١"]


@pytest.mark.parametrize("day", ODD_DAYS, ids=range(len(ODD_DAYS)))
def test_odd_days_are_not_a_fault_and_nothing_is_done_with_them(story: Story, visit: Visit, day: str):
    """Whatever is chosen beside them: the first of what can be chosen, and the last."""
    tried = 0
    for action, form in forms_of(story, visit):
        days = {name: day for name in form.asks if name == "last_day"}
        for which in (0, -1) if days else ():
            chosen = {name: each.values[which] for name, each in form.fields.items() if each.values}
            data = {**chosen, "until": "date"} if "until" in chosen else chosen
            answer = _send(visit, action, form, {**data, **days, "csrf_token": visit.token()})
            wanted = {200} if form.method == "get" else {422}
            assert answer.status_code in wanted, (action, answer.status_code)
            tried += 1
    assert tried >= 4


# --- what organisations say -------------------------------------------------------------------------


def test_what_an_organisation_says_never_becomes_markup(story: Story, visit: Visit):
    debt, case = story.world.members[DEBT], story.ids["case_id"]
    both = {"en": MARKUP, "fr": MARKUP}
    hostile = {
        "consequence_of_refusal": both,
        "authority": MARKUP,
        "jurisdiction": MARKUP[:60],
        "rights_url": "https://example.org/?" + quote(MARKUP),
        "controllers": [{"member": DEBT, "name": MARKUP[:100]}],
        "on_withdrawal": {"erased": False, "kept": ["housing"], "why": both},
        "withdrawal": {"url": "https://example.org/", "other_channels": [both]},
    }
    try:
        request = story.ask(case, **hostile)
    except Exception:  # noqa: BLE001 - what the schema refuses is tried one by one
        request = ""
    words = Said(text=MARKUP, subject=MARKUP[:150], kind="question")
    coordination.send_message(debt, case, words)
    coordination.add_note(debt, case, MARKUP)
    file = File(title=MARKUP[:150], name="x.html", media_type="text/html", data=MARKUP.encode())
    coordination.add_document(debt, case, file)
    story.look(story.statement_at(DEBT, case), role="<hostile-tag>")
    story.world.settle()
    if request:
        receipt = story.allow(visit, request)
        is_harmless(visit.get(f"/receipts/{receipt}"))
    found = [is_harmless(visit.get(page)) for page in pages_of(story)]
    assert any("<hostile-tag" in each.text for each in found)  # it was shown, as words
    assert request


# --- files ------------------------------------------------------------------------------------------

NAMES: Final = [
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\x.dll",
    "letter\r\nX-Hostile: 1.txt",
    'letter"; filename="hostile.exe',
    "letter\u202etxt.exe",
    "letter\x00.exe",
    "<hostile-tag>.html",
    "." * 300,
    "x" * 5000 + ".txt",
    "con", "  ", "é👩‍👩‍👧.pdf",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_file_is_saved_under_a_harmless_name_and_never_run(story: Story, visit: Visit, name: str):
    case, title = story.ids["case_id"], f"Sample letter {NAMES.index(name)}"
    file = (io.BytesIO(MARKUP.encode()), name, "text/html")
    answer = visit.post(f"/cases/{case}/documents/new", title=title, file=file)
    if answer.status_code != 303:
        assert answer.status_code == 422
        assert "Choose a file." in answer.text
        return
    story.world.settle()
    page = visit.get(f"/cases/{case}/documents")
    is_harmless(page)
    links = [at["href"] for tag, at in seen(page.text).elements if tag == "a" and "download" in at]
    given = [visit.get(link) for link in links]
    for each in given:
        assert each.mimetype == "application/octet-stream"
        assert each.headers["X-Content-Type-Options"] == "nosniff"
        said = each.headers["Content-Disposition"]
        assert said.startswith("attachment; filename*=UTF-8''")
        assert not set(said.partition("''")[2]) & set('/\\"; \r\n<>')
        assert "%00" not in said
        assert "%E2%80%AE" not in said
        assert "X-Hostile" not in each.headers
        assert len(said) < 1600


# --- addresses --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "odd", ["%00", "%0d%0aX-Hostile:1", "..%2f..%2f", "%ff%fe", "a" * 3000, "%E2%80%AE", "{{7*7}}"]
)
def test_odd_addresses_lead_nowhere(story: Story, visit: Visit, odd: str):
    case = story.ids["case_id"]
    for path in (
        f"/receipts/{odd}",
        f"/receipts/{odd}.txt",
        f"/account/passkeys/{odd}",
        f"/account/passkeys/{odd}/cases/{case}",
        f"/cases/{case}/team/{odd}/end",
        f"/cases/{odd}",
        f"/requests/{odd}",
        f"/permissions/{odd}",
        f"/language/{odd}",
        f"/{odd}",
        f"/assets/{odd}",
    ):
        answer = visit.get(path)
        assert answer.status_code in {301, 302, 308, 400, 404}, (path, answer.status_code)
        assert "X-Hostile" not in answer.headers


@pytest.mark.parametrize(
    "odd", ["\x00", "99999999999999999999999", "-1", "<hostile-tag>", "W" * 5000, "é", "1;2", "[]"]
)
def test_odd_queries_are_not_a_fault(story: Story, visit: Visit, odd: str):
    case = story.ids["case_id"]
    for path, names in {
        "/permissions/": ("state", "with"),
        "/who-looked/": ("with", "kind", "from"),
        f"/cases/{case}/timeline": ("kind", "after"),
        f"/cases/{case}/messages/new": ("about", "kind", "to"),
        f"/cases/{case}/live": ("seen",),
        "/sign-in": ("next",),
        "/language/fr": ("next",),
        "/sign-in/done": ("code", "state", "error"),
    }.items():
        for name in names:
            answer = visit.get(path, query_string={name: odd})
            assert answer.status_code < 500, (path, name)
            is_harmless(answer)
