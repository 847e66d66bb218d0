"""The sample citizen, who uses the portal's pages as a person does: signs in, types the code, reads.

Speaks plain HTTP with forms and cookies, so that the story needs no browser; raises NotAnswered for any page
that is not there.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

import requests

SUBJECT, NAME = "sample-citizen", "Sample Citizen"
"""What the citizen types at the sign-in, and what it then says to the portal."""
CLAIMS = {"name": NAME, "acr": "substantial"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_TAGS = re.compile(r"<script.*?</script>|<style.*?</style>|<[^>]+>", re.DOTALL)
_PATIENCE_S = 30


class NotAnswered(RuntimeError):
    """A page did not come as it should; the message says which, and nothing of what it holds."""


@dataclass(slots=True)
class Citizen:
    """One person with one browser, more or less."""

    portal: str
    """The address of the pages."""
    session: requests.Session = field(default_factory=requests.Session)

    def sign_in(self) -> None:
        """Sign in at the provider, and come back to the portal."""
        self.session.headers["Accept-Language"] = "en"
        asked = self._post("/sign-in", next="/home")
        answer = self.session.post(asked.url, data={"sub": SUBJECT}, timeout=_PATIENCE_S)
        _check(answer, "the way back from the sign-in")
        if not answer.url.startswith(f"{self.portal}/home"):
            raise NotAnswered("The sign-in did not lead back to the portal.")

    def join(self, code: str) -> str:
        """Join a case with the code from the agency; gives the address of the page that comes next."""
        return str(self._post("/join/", code=code).url)

    def read(self, path: str) -> str:
        """Open a page and give its words, without markup."""
        return " ".join(html.unescape(_TAGS.sub(" ", self._get(path))).split())

    def links(self, path: str, beginning: str) -> list[str]:
        """Give the addresses on a page that begin so."""
        found = re.findall(r'href="([^"#]+)"', self._get(path))
        return [html.unescape(each) for each in found if each.startswith(beginning)]

    def _get(self, path: str) -> str:
        answer = self.session.get(self.portal + path, timeout=_PATIENCE_S)
        _check(answer, path)
        return answer.text

    def _post(self, path: str, **fields: str) -> requests.Response:
        """Open the page, then send its form as the page would: with its token, and saying where from."""
        token = _TOKEN.search(self._get(path))
        if token is None:
            raise NotAnswered(f"There is no form on {path}.")
        address = self.portal + path
        answer = self.session.post(
            address,
            data={"csrf_token": token[1], **fields},
            headers={"Referer": address},
            timeout=_PATIENCE_S,
        )
        _check(answer, path)
        return answer


def _check(answer: requests.Response, what: str) -> None:
    if not answer.ok:
        raise NotAnswered(f"{what}: the portal answered {answer.status_code}.")
