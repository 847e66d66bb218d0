"""Files that people add and take: names without paths, only ever saved, a clear word on faults."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote

from flask import Response
from werkzeug.datastructures import FileStorage

from connectors.exchange.acts.coordination import File
from connectors.pages.languages import gettext as _

_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
_LONGEST_NAME: Final = 120
_MOST_BYTES: Final = 25_000_000


def fault(upload: FileStorage | None) -> str | None:
    """Say what is wrong with a file that was sent, None when nothing is."""
    if upload is None or not upload.filename:
        return _("Choose a file.")
    upload.stream.seek(0, 2)
    size = upload.stream.tell()
    upload.stream.seek(0)
    if size == 0:
        return _("This file is empty. Choose another one.")
    if size > _MOST_BYTES:
        return _("This file is too large. A file can have 25 MB at most.")
    return None


def plain_name(name: str) -> str:
    """Give a file's name without folders and without characters that could mislead."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(each for each in last if unicodedata.category(each)[0] != "C").strip(" .")
    return kept[-_LONGEST_NAME:] or "file"


def media_type(said: str | None) -> str:
    """Give the media type that was said if it is one at all."""
    found = (said or "").lower()
    return found if _MEDIA_TYPE.fullmatch(found) else "application/octet-stream"


def download(file: File) -> Response:
    """Give a file to be saved: never shown in our own pages, whatever it says that it is."""
    answer = Response(file.data, mimetype="application/octet-stream")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(plain_name(file.name))}"
    return answer
