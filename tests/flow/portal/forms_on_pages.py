"""What is on a page, as a browser reads it: its forms with their fields, its elements, its words.

Takes HTML and gives plain facts for assertions; it is lenient, as browsers are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final

_VOID: Final = frozenset({"input", "br", "img", "link", "meta", "hr"})


@dataclass
class Field:
    """One thing to fill in, choose or press."""

    name: str
    kind: str
    """text, textarea, select, radio, checkbox, hidden, file, submit …"""
    values: list[str] = field(default_factory=list)
    text: str = ""
    chosen: bool = False
    """Whether something is chosen before anybody chose it."""


@dataclass
class OnPage:
    """One form of a page."""

    method: str
    action: str
    attributes: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def asks(self) -> dict[str, Field]:
        """The fields that a person fills in."""
        left_out = {"hidden", "submit"}
        return {name: each for name, each in self.fields.items() if each.kind not in left_out}


@dataclass
class Seen:
    """Everything on a page that tests ask for."""

    forms: list[OnPage] = field(default_factory=list)
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""
    """What is read, without scripts and styles."""
    main: str = ""
    """What is read in the middle of the page."""
    first: str = ""
    """What of it is read without opening anything."""
    links: list[str] = field(default_factory=list)
    """Where one can go from the middle of the page."""

    def form(self, ending: str) -> OnPage:
        """Give the form whose action ends so."""
        (found,) = [each for each in self.forms if each.action.endswith(ending)]
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen = Seen()
        self.form: OnPage | None = None
        self.open: list[str] = []
        self.into: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, str] = {name: value or "" for name, value in attrs}
        self.seen.elements.append((tag, given))
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "a" and "main" in self.open:
            self.seen.links.append(given.get("href", ""))
        if tag == "form":
            self.form = OnPage(given.get("method", "get").lower(), given.get("action", ""), given)
            self.seen.forms.append(self.form)
        elif self.form is not None and tag in {"input", "button", "textarea", "select", "option"}:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        form: Any = self.form
        if tag == "option":
            if self.into is not None:
                self.into.values.append(given.get("value", ""))
                self.into.chosen |= "selected" in given
            return
        kind = (
            given.get("type", "submit" if tag == "button" else "text") if tag in {"input", "button"} else tag
        )
        name = given.get("name", "")
        if not name:
            return
        one = form.fields.setdefault(name, Field(name, kind))
        if tag != "textarea":
            one.values.append(given.get("value", ""))
            one.text = given.get("value", "") if kind not in {"radio", "checkbox"} else one.text
        one.chosen |= "checked" in given
        self.into = one if tag in {"textarea", "select"} else self.into

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open and self.open.pop() != tag:
                pass
        if tag == "form":
            self.form = None
        if tag in {"textarea", "select"}:
            self.into = None

    def handle_data(self, data: str) -> None:
        if self.into is not None and self.into.kind == "textarea":
            self.into.text += data
        if not {"script", "style"} & set(self.open):
            self.seen.text += data
            if "main" in self.open:
                self.seen.main += data
                hidden = "details" in self.open and "summary" not in self.open
                self.seen.first += "" if hidden else data


def seen(html: str) -> Seen:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.seen.text = " ".join(reader.seen.text.split(" "))
    return reader.seen
