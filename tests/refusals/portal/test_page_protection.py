"""What protects every page whatever it is about: forged posts, sessions, cookies, headers, limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
from flask import Response

from connectors.pages import frame
from connectors.pages.sessions import Kept, hashed
from connectors.pages.sign_in import SignedIn
from connectors.portal import visiting
from connectors.portal.sessions import Sessions
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import PORTAL
from tests.flow.portal.story import Story
from tests.flow.portal.visits import Pages, settings
from tests.refusals.portal.test_foreign_ids import FIELDS, address, everything, ids_of, statement_for

SECURE: Final = "https://portal.example.org"


@pytest.fixture(scope="module")
def story(tmp_path_factory, make_database_for_module: MakeDatabase) -> Iterator[Story]:
    made = Story(tmp_path_factory.mktemp("story"), make_database_for_module)
    yield made
    made.close()


@pytest.fixture(scope="module")
def secure(story: Story) -> Pages:
    """The same portal, reached by https."""
    told = settings(story.folder, public_url=SECURE)
    return Pages(story.portal, told, story.folder / PORTAL / "keys")


def posts(story: Story) -> list[str]:
    """Give every address that takes a post, with the citizen's own ids."""
    found = []
    for rule in story.pages.app.url_map.iter_rules():
        if "POST" in (rule.methods or set()):
            values = {**ids_of(story), "statement": statement_for(story, rule), "code": "en"}
            found.append(address(rule, values))
    return found


def gets(story: Story) -> list[str]:
    found = []
    for rule in story.pages.app.url_map.iter_rules():
        if "GET" in (rule.methods or set()) and rule.endpoint not in {"assets.static", "assets.show_logo"}:
            values = {**ids_of(story), "statement": statement_for(story, rule), "code": "en"}
            found.append(address(rule, values))
    return found


# --- forged posts -----------------------------------------------------------------------------------


def test_no_post_is_taken_without_the_token_of_this_session(story: Story):
    before, visit, other = everything(story), story.visit(story.citizen), story.visit(story.citizen)
    own, foreign, nobodys = visit.token(), other.token(), story.visit().token()
    assert len({own, foreign, nobodys}) == 3
    tried = 0
    for path in posts(story):
        for token in (None, "", "x", foreign, nobodys, own[:-1], own + "x", "." + own):
            data = {**FIELDS} if token is None else {**FIELDS, "csrf_token": token}
            answer = visit.client.post(path, data=data)
            assert answer.status_code == 400, (path, token)
            assert "Please send this again" in answer.text
            tried += 1
    assert tried > 150
    assert everything(story) == before


def test_a_form_that_is_sent_after_the_session_has_ended_says_so(story: Story):
    before, visit = everything(story), story.visit(story.citizen)
    token = visit.token()
    visit.client.post("/sign-out", data={"csrf_token": token})
    answer = visit.client.post(f"/cases/{story.ids['case_id']}/note", data={**FIELDS, "csrf_token": token})
    assert answer.status_code == 400
    assert "You are not signed in any more" in answer.text
    assert everything(story) == before


def test_no_token_is_taken_from_an_address_or_a_json_body(story: Story):
    before, visit = everything(story), story.visit(story.citizen)
    token = visit.token()
    path = f"/cases/{story.ids['case_id']}/note"
    for answer in (
        visit.client.post(f"{path}?csrf_token={token}", data={"text": "Sample"}),
        visit.client.post(path, json={"text": "Sample", "csrf_token": token}),
        visit.client.post(path, data=f"text=Sample&csrf_token={token}", content_type="text/plain"),
    ):
        assert answer.status_code == 400
    assert everything(story) == before


def test_a_token_from_before_signing_in_is_worth_nothing_after_it(story: Story):
    visit = story.visit()
    before = visit.token()
    held = visit.client.get_cookie("session")
    assert held is not None
    cookie = _enter(story, held.value)
    visit.client.set_cookie("session", cookie)
    assert visit.client.post("/sign-out", data={"csrf_token": before}).status_code == 400


def test_nothing_is_done_by_a_get(story: Story):
    """Whatever is opened by a robot or fetched beforehand, nothing has changed but what was shown."""
    before, visit = everything(story), story.visit(story.citizen)
    for path in gets(story):
        if not path.startswith("/sign-in/done"):
            visit.get(path)
            visit.client.head(path)
    assert everything(story) == before


def test_over_https_a_post_from_another_site_is_refused_even_with_the_token(secure: Pages, story: Story):
    client, token = _signed_in(secure, story)
    path = f"{SECURE}/account/language"
    wanted = {"language": "en", "csrf_token": token}
    for referrer in (None, "https://evil.example/", "http://portal.example.org/", SECURE + ".evil.example/"):
        said = {} if referrer is None else {"Referer": referrer}
        assert client.post(path, data=wanted, headers=said).status_code == 400, referrer
    assert client.post(path, data=wanted, headers={"Referer": f"{SECURE}/account/"}).status_code == 303


def _signed_in(pages: Pages, story: Story) -> tuple[Any, str]:
    client, held, now = pages.app.test_client(), "sample-held-name", story.world.clock()
    data = {"account": story.citizen, "acr": "substantial", "auth_time": int(now.timestamp() * 1000)}
    Sessions(story.portal.database).save(hashed(held), Kept(data, now + timedelta(hours=1)), now)
    client.set_cookie("__Host-session", held, domain="portal.example.org", secure=True, path="/")
    text = client.get(f"{SECURE}/account/").text
    return client, text.split('name="csrf_token" value="')[1].split('"')[0]


# --- sessions and cookies ---------------------------------------------------------------------------


def _enter(story: Story, held: str | None, subject: str = "citizen") -> str:
    """Come back from the identity provider with this cookie; gives the cookie afterwards."""
    pages = story.pages
    found = SignedIn(
        pages.made.provider.issuer, subject, "Sample Citizen", None, "substantial", story.world.clock()
    )
    said = {} if held is None else {"Cookie": f"session={held}"}
    with pages.app.test_request_context("/sign-in/done", headers=said):
        visiting.enter(found)
        answer = pages.app.process_response(Response(""))
    return str(answer.headers["Set-Cookie"]).partition(";")[0].removeprefix("session=")


def test_a_session_that_was_planted_is_worth_nothing_after_signing_in(story: Story):
    attacker = story.visit()
    attacker.token()
    planted = attacker.client.get_cookie("session")
    assert planted is not None
    cookie = _enter(story, planted.value)
    assert cookie != planted.value
    assert attacker.get("/home").status_code == 302, "the planted name leads nowhere"
    victim = story.visit()
    victim.client.set_cookie("session", cookie)
    assert victim.get("/home").status_code == 200


@pytest.mark.parametrize("name", ["chosen-by-an-attacker", "", "x" * 4000, "\\x00", "../../x", "a" * 64])
def test_a_name_that_nobody_was_given_is_no_session(story: Story, name: str):
    visit = story.visit()
    visit.client.set_cookie("session", name)
    assert visit.get("/home").status_code == 302
    visit.get("/sign-in")
    now = visit.client.get_cookie("session")
    assert now is not None
    assert now.value != name


def test_what_was_in_the_session_before_does_not_stay_when_somebody_else_signs_in(story: Story):
    helper = story.visit(story.citizen, acting_for=story.mandate, wish={"words": "CANARY"})
    held = helper.client.get_cookie("session")
    assert held is not None
    cookie = _enter(story, held.value, subject="stranger")
    other = story.visit()
    other.client.set_cookie("session", cookie)
    assert "CANARY" not in other.get("/begin/").text
    assert helper.get("/home").status_code == 302


def test_the_database_holds_no_name_that_opens_a_session(story: Story):
    visit = story.visit(story.citizen)
    held = visit.client.get_cookie("session")
    assert held is not None
    store = Sessions(story.portal.database)
    assert store.load(held.value, story.world.clock()) is None
    assert store.load(hashed(held.value), story.world.clock()) is not None


def test_a_session_ends_by_itself_and_on_the_server_when_signing_out(story: Story):
    visit, thief = story.visit(story.citizen), story.visit()
    held = visit.client.get_cookie("session")
    assert held is not None
    thief.client.set_cookie("session", held.value)
    assert thief.get("/home").status_code == 200
    assert visit.post("/sign-out").status_code == 302
    assert thief.get("/home").status_code == 302
    expired = story.visit(story.citizen)
    before = story.world.clock.at
    try:
        story.world.clock.move(hours=9)
        assert expired.get("/home").status_code == 302
    finally:
        story.world.clock.at = before


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(story: Story, secure: Pages):
    for client, base, names in (
        (story.pages.app.test_client(), "", {"session", "language"}),
        (secure.app.test_client(), SECURE, {"__Host-session", "language"}),
    ):
        said = client.get(f"{base}/sign-in").headers.getlist("Set-Cookie")
        said += client.get(f"{base}/language/fr").headers.getlist("Set-Cookie")
        assert {each.partition("=")[0] for each in said} == names
        for each in said:
            parts = {part.strip().lower().partition("=")[0]: part for part in each.split(";")[1:]}
            assert {"httponly", "samesite", "path"} <= set(parts), each
            assert parts["path"].strip().lower() == "path=/"
            assert parts["samesite"].strip().lower() == "samesite=lax"
            assert "domain" not in parts
            assert ("secure" in parts) == bool(base)


# --- headers ----------------------------------------------------------------------------------------


def _answers(story: Story) -> list[Any]:
    visit, nobody = story.visit(story.citizen), story.visit()
    found = [visit.get(path) for path in gets(story)] + [nobody.get(path) for path in gets(story)]
    found += [visit.client.post(path, data={}) for path in posts(story)]
    found += [visit.get("/nothing"), visit.get("/assets/nothing.css"), visit.client.open("/", method="PATCH")]
    return found


def test_every_answer_says_what_may_be_done_with_it(story: Story):
    nonces = []
    for answer in _answers(story):
        said, where = answer.headers, answer.request.path
        assert said["X-Content-Type-Options"] == "nosniff", where
        assert said["Cache-Control"] == "no-store", where
        assert said["Referrer-Policy"] == "same-origin", where
        assert said["Cross-Origin-Opener-Policy"] == "same-origin", where
        assert "geolocation=()" in said["Permissions-Policy"], where
        policy = {part.split()[0]: part.split()[1:] for part in said["Content-Security-Policy"].split(";")}
        assert policy["default-src"] == ["'none'"], where
        assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"], where
        assert "'unsafe-inline'" not in str(policy)
        assert "*" not in str(policy)
        (nonce,) = policy["script-src"]
        nonces.append(nonce)
        assert f'nonce="{nonce[7:-1]}"' in answer.text or "<script" not in answer.text, where
    assert len(set(nonces)) == len(nonces) > 60, "a nonce is used once"


def test_over_https_browsers_are_told_to_stay_there(secure: Pages):
    for path in ("/", "/home", "/nothing"):
        said = secure.app.test_client().get(f"{SECURE}{path}").headers
        assert "max-age=63072000" in said["Strict-Transport-Security"]


def test_nothing_tells_what_the_server_is_made_of(story: Story):
    for answer in _answers(story):
        assert "Traceback" not in answer.text
        assert "werkzeug" not in (answer.text + str(answer.headers)).lower()
        assert "X-Powered-By" not in answer.headers


# --- where one is led -------------------------------------------------------------------------------

ELSEWHERE: Final = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\t\\evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "http:evil.example",
    "/\x00/evil.example",
    "/%0a/evil.example\u2028",
    "https:///evil.example",
]


@pytest.mark.parametrize("where", ELSEWHERE, ids=range(len(ELSEWHERE)))
def test_no_link_leads_elsewhere_after_signing_in_or_changing_the_language(story: Story, where: str):
    on = frame.own_path(where)
    assert on.startswith("/")
    assert not on.startswith(("//", "/\\"))
    assert not any(sign in on for sign in "\\\t\r\n\x00")
    visit = story.visit()
    answer = visit.get("/language/fr", query_string={"next": where})
    assert answer.status_code == 302
    assert _leads_home(answer.location), answer.location
    shown = visit.get("/sign-in", query_string={"next": where})
    assert "evil.example" not in shown.text.partition("<main")[2] or '"/%0a' in shown.text


def _leads_home(location: str) -> bool:
    r"""Say whether a browser, which takes `\\` for `/` and leaves out tabs and breaks, stays here."""
    read = location.replace("\\", "/").replace("\t", "").replace("\n", "").strip()
    return read.startswith("/") and not read.startswith("//")


def test_a_way_of_ours_is_kept(story: Story):
    for path in ("/requests/x?y=1&z=%C3%A9", "/cases/?a=//b", "/who-looked/#x"):
        assert frame.own_path(path) == path
    answer = story.visit().get("/language/fr", query_string={"next": "/about"})
    assert answer.location == "/about"


def test_the_host_that_a_request_names_appears_nowhere(story: Story):
    visit = story.visit(story.citizen)
    for said in (
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"},
    ):
        for path in gets(story):
            answer = visit.client.get(path, headers=said)
            assert "evil.example" not in answer.text + str(answer.headers.get("Location", "")), path


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "HOSTILE"])
def test_other_methods_do_nothing(story: Story, method: str):
    before, visit = everything(story), story.visit(story.citizen)
    token = visit.token()
    for path in {*gets(story), *posts(story)}:
        answer = visit.client.open(path, method=method, data={**FIELDS, "csrf_token": token})
        assert answer.status_code in {400, 404, 405}, (path, answer.status_code)
    assert everything(story) == before


# --- limits -----------------------------------------------------------------------------------------


_BOUNDARY: Final = "sample-boundary"


def _with_file(token: str, size: int) -> bytes:
    """Write a form with a file, as browsers send it."""
    parts = [("csrf_token", "", token.encode()), ("title", "", b"Sample")]
    parts.append(("file", '; filename="large.txt"', b"x" * size))
    return (
        b"".join(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
            + data
            + b"\r\n"
            for name, more, data in parts
        )
        + f"--{_BOUNDARY}--\r\n".encode()
    )


def test_a_body_that_is_too_large_is_refused_with_words(story: Story):
    before, visit = everything(story), story.visit(story.citizen)
    path, token = f"/cases/{story.ids['case_id']}/note", visit.token()
    many = {"csrf_token": token, "text": "Sample"} | {f"x{number}": "x" for number in range(3000)}
    upload = f"/cases/{story.ids['case_id']}/documents/new"
    for where, data, kind in (
        (path, {"csrf_token": token, "text": "W" * 600_000}, None),
        (path, many, "multipart/form-data"),
        (upload, _with_file(token, 27 * 1024 * 1024), f"multipart/form-data; boundary={_BOUNDARY}"),
    ):
        answer = visit.client.post(where, data=data, content_type=kind)
        assert answer.status_code == 413, where
        assert "That is too large" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    assert everything(story) == before


def test_a_file_a_little_too_large_is_refused_on_its_own_page(story: Story):
    visit = story.visit(story.citizen)
    upload = f"/cases/{story.ids['case_id']}/documents/new"
    body = _with_file(visit.token(), 25_000_001)
    answer = visit.client.post(upload, data=body, content_type=f"multipart/form-data; boundary={_BOUNDARY}")
    assert answer.status_code == 422
    assert "This file is too large" in answer.text
    assert 'value="Sample"' in answer.text, "what was typed is not lost"
