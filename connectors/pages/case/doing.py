"""What can be done on a case page, by citizen and agency alike: words, files, results, marks, seats.

Each act is checked by the desk before anything else, then brought to the exchange; a form that is refused is
shown again with everything that was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NoReturn

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from marshmallow import Schema
from werkzeug.wrappers import Response as Answer

from connectors.cases.view import Case, Document, Record, Thread
from connectors.exchange.acts import cases as seats
from connectors.exchange.acts import coordination, records
from connectors.exchange.acts.coordination import File, Result
from connectors.exchange.acts.coordination import Words as Said
from connectors.exchange.outgoing.compose import CITIZEN
from connectors.pages.case import answers, files, readers
from connectors.pages.case.about import about
from connectors.pages.case.around import around, called
from connectors.pages.case.desk import Act, Desk
from connectors.pages.case.forms import (
    ContestForm,
    DocumentForm,
    MessageForm,
    NoteForm,
    NothingForm,
    OutcomeForm,
    ReplyForm,
)
from connectors.pages.case.shown import labels, shown
from connectors.pages.case.unsent import kept, typed
from connectors.pages.forms import Form, read_form
from connectors.pages.languages import gettext as _
from schemas.errors import CaseClosed, NoSeat, Refusal, SeatTaken, WrongTransition
from schemas.messages.envelope import Authority

EMPTY: Final = Form()
_BY_THEIR_WISH: Final = frozenset({"consent", "seat"})
"""On what a seat rests that the citizen may end: on a permission, or on their own invitation."""
_TAKING_PART: Final = frozenset({"active", "invited", "joined"})
WIDENING: Final = frozenset({"case.invite", "case.reopen"})
"""Acts after which more can be shared than before: they want as much of the visitor as a yes does."""
Page = str | tuple[str, int] | Answer
"""A page, one that was refused with its status, or where to go next."""


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the addresses of everything that can be done."""
    doing = _Doing(desk)
    both: dict[str, tuple[str, Callable[..., Page]]] = {
        "/<uuid:case_id>/note": ("note", doing.note),
        "/<uuid:case_id>/messages/new": ("write", doing.write),
        "/<uuid:case_id>/documents/new": ("add_document", doing.add_document),
        "/<uuid:case_id>/records/<uuid:statement>/contest": ("contest", doing.contest),
        "/<uuid:case_id>/outcome": ("outcome", doing.outcome),
        "/<uuid:case_id>/invite": ("invite", doing.invite),
        "/<uuid:case_id>/team/<member>/end": ("end_seat", doing.end_seat),
        "/<uuid:case_id>/close": ("close", doing.close),
    }
    for rule, (endpoint, view) in both.items():
        blueprint.add_url_rule(rule, endpoint, view, methods=["GET", "POST"])
    reply = "/<uuid:case_id>/messages/<uuid:thread>/reply"
    blueprint.add_url_rule(reply, "reply", doing.reply, methods=["POST"])
    blueprint.add_url_rule("/<uuid:case_id>/reopen", "reopen", doing.reopen, methods=["POST"])
    blueprint.add_url_rule("/<uuid:case_id>/documents/<uuid:statement>", "document", doing.document)


class _Doing:
    """One method for each act: GET shows its form, POST does it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # --- words ----------------------------------------------------------------------------------------

    def note(self, case_id: Any) -> Page:
        """Leave a note in one's own words."""
        case, form = self._begin(case_id, "note.add", NoteForm())
        form = self._if_read(case, form)
        page = partial(self._form, "note", "messages", case)
        if form is None or not form.is_right:
            return page(form)
        with kept(form, page):
            done = coordination.add_note(self._desk.connector, case.id, form.data["text"])
        return self._done("note.add", case, done, "messages", _("Your note is in the case."))

    def write(self, case_id: Any) -> Page:
        """Write to some or all, ask why somebody looked, or complain."""
        case, form = self._begin(case_id, "message.send", MessageForm())
        name, asked = called(self._desk, case), request.args.getlist("to")
        known = readers.organisations(case) if self._desk.side == "citizen" else []  # others write to one
        thing = about(case, request.args.get("about"), name, asked)
        if form is not None and form.is_right:
            to = [each for each in form.data["to"] if each in known]
            if known and not to:
                form = form.with_error("to", _("Choose at least one organisation."))
        form = self._if_read(case, form)
        gone = [text for each in asked if (text := readers.why_not_to(case, each, name))]
        page = partial(self._form, "write", "messages", case, organisations=known, gone=gone, about=thing)
        if form is None or not form.is_right:
            return page(form or Form({"kind": request.args.get("kind", ""), "to": asked}))
        said = Said(
            text=form.data["text"],
            kind=form.data["kind"],
            subject=form.data["subject"],
            about=request.args.get("about") if thing else None,
        )
        with kept(form, page):
            done = coordination.send_message(self._desk.connector, case.id, said, to=to if known else None)
        return self._done("message.send", case, done, "messages", _("Your message is sent."))

    def reply(self, case_id: Any, thread: Any) -> Page:
        """Answer in a thread."""
        case, form = self._begin(case_id, "message.send", ReplyForm())
        found = next((each for each in case.threads if each.id == str(thread)), None)
        if found is None or form is None:
            abort(404)
        more = around_thread(self._desk, case, found)
        if more["gone"]:
            form = form.with_error("text", more["gone"])
        page = partial(self._form, "thread", "messages", case)
        if not form.is_right:
            return page(form, **more)
        last = found.posts[-1]
        said = Said(text=form.data["text"], answers=last.statement, about=found.about)
        those = [each for each in readers.organisations(case) if each in found.with_]
        to = those if self._desk.side == "citizen" else None  # with nobody left it goes to nobody
        with kept(form, lambda shown: page(shown, **more)):
            done = coordination.send_message(self._desk.connector, case.id, said, to=to)
        where = url_for(".thread", case_id=case.id, thread=found.id)
        return self._done("message.send", case, done, where, _("Your answer is sent."))

    # --- documents ------------------------------------------------------------------------------------

    def add_document(self, case_id: Any) -> Page:
        """Add a file."""
        case, form = self._begin(case_id, "document.add", DocumentForm())
        upload = request.files.get("file")
        if form is not None:
            fault = files.fault(upload)
            form = form.with_error("file", fault) if fault else form
        form = self._if_read(case, form)
        page = partial(self._form, "add_document", "documents", case)
        if form is None or not form.is_right or upload is None:
            return page(form)
        file = File(
            title=form.data["title"],
            name=files.plain_name(upload.filename or ""),
            media_type=files.media_type(upload.mimetype),
            data=upload.read(),
        )
        with kept(form, page):
            done = coordination.add_document(self._desk.connector, case.id, file, text=form.data["text"])
        return self._done("document.add", case, done, "documents", _("Your document is in the case."))

    def document(self, case_id: Any, statement: Any) -> Response:
        """Give a document's file, to be saved and not to be run in the page."""
        case = self._desk.case(str(case_id))
        found: Document | None = next(
            (each for each in case.documents if each.statement == str(statement)), None
        )
        if found is None or found.held != "here":
            abort(404)
        self._desk.open_record(case, found.statement)
        return files.download(coordination.open_document(self._desk.connector, found.statement))

    # --- what is wrong, and whether help arrived ------------------------------------------------------

    def contest(self, case_id: Any, statement: Any) -> Page:
        """Say what is wrong in a record."""
        case, form = self._begin(case_id, "record.contest", ContestForm())
        record: Record | None = case.record(str(statement))
        if record is None or record.content is None:
            abort(404)
        names = list(record.content)
        says = {each.name: each.text for each in shown(record.schema, record.content)}
        choices = [
            (each, label, says.get(each, ""))
            for each, label in zip(names, labels(record.schema, names), strict=True)
        ]
        if form is not None and form.is_right:
            wrong = [each for each in form.data["wrong"] if each in names]
            if not wrong:
                form = form.with_error("wrong", _("Tick at least one thing that is wrong."))
        nobody = readers.why_no_mark(case, record, called(self._desk, case))
        if form is not None and nobody is not None:
            form = form.with_error("text", nobody)
        page = partial(self._form, "contest", "records", case, record=record, choices=choices)
        if form is None or not form.is_right:
            return page(form)
        with kept(form, page):
            done = records.contest(self._desk.connector, record.statement, form.data["text"], wrong)
        where = url_for(".record", case_id=case.id, statement=record.statement)
        said = _("Your mark is set. It goes with every copy until the organisation has answered.")
        return self._done("record.contest", case, done, where, said)

    def outcome(self, case_id: Any) -> Page:
        """Say whether help arrived; answers the other side's word when there is one."""
        case, form = self._begin(case_id, "outcome.give", OutcomeForm())
        open_one, form = self._to_answer(case, form)
        form = self._if_read(case, form)
        thing = about(case, open_one[0].about, called(self._desk, case)) if open_one else ()
        page = partial(self._form, "outcome", "show", case, open_one=open_one, about=thing)
        if form is None or not form.is_right:
            return page(form)
        answered = None if open_one is None else open_one[1]
        result = Result(
            outcome=form.data["outcome"],
            text=form.data["text"],
            about=None if open_one is None else open_one[0].about,
            answers=None if answered is None else answered.statement,
            agrees=None if answered is None else answered.outcome == form.data["outcome"],
        )
        with kept(form, page):
            done = coordination.give_outcome(self._desk.connector, case.id, result)
        return self._done("outcome.give", case, done, "show", _("Thank you. Everybody in the case sees it."))

    def _to_answer(self, case: Case, form: Form | None) -> tuple[answers.Open | None, Form | None]:
        """Give the word that is answered: the one that the form or the link names, else one that waits.

        What was not shown is never answered: a form that names a word which was changed since is shown again.
        """
        side = self._desk.side
        party = CITIZEN if side == "citizen" else self._desk.connector.id
        asked = request.form.get("answers", request.args.get("answers"))
        found = answers.named(case, side, asked)
        if found is not None or (form is not None and asked == ""):
            return found, form
        if form is not None and asked is not None:
            text = _("This was changed in the meantime. Read it again, and then say what you think.")
            form = form.with_error("outcome", text)
        return answers.newer(case, side, asked) or answers.waiting(case, side, party), form

    # --- who takes part -------------------------------------------------------------------------------

    def invite(self, case_id: Any) -> Page:
        """Invite an organisation."""
        case, form = self._begin(case_id, "case.invite", NothingForm())
        choices = self._desk.invitable(case)
        chosen = request.form.get("member")
        agencies = [each for each in case.team if each.kind == "agency"]
        if any(each.member == chosen and each.status in _TAKING_PART for each in agencies):  # pressed twice
            return redirect(url_for(".team", case_id=case.id), 303)
        if form is not None and chosen not in {each[0] for each in choices}:
            form = form.with_error("member", _("Choose one of these."))
        if form is None or not form.is_right:
            return self._form("invite", "team", case, form, choices=choices)
        with self._desk.agreeing(case, "case.invite", str(chosen)) as waits_at:
            if waits_at is not None:
                return redirect(waits_at, 303)
            with self._once(SeatTaken, "team", case):
                done = seats.invite_agency(self._desk.connector, case.id, str(chosen), Authority("seat"))
        return self._done("case.invite", case, done, "team", _("The invitation is sent."))

    def end_seat(self, case_id: Any, member: str) -> Page:
        """End the part of an organisation that sits there by the citizen's wish; no other seat is theirs."""
        case, form = self._begin(case_id, "case.end_seat", NothingForm())
        found = next((each for each in case.team if each.member == member and each.kind == "agency"), None)
        if found is None:
            abort(404)
        if found.status not in _TAKING_PART:  # pressed twice, or it left by itself
            return redirect(url_for(".team", case_id=case.id), 303)
        if found.rests_on is None or found.rests_on.kind not in _BY_THEIR_WISH:
            stays = render_template("case/stays.html", **around(self._desk, case, "team"), member=found)
            return stays if form is None else (stays, 409)
        if form is None:
            return self._form("end_seat", "team", case, form, member=found)
        with self._once(NoSeat, "team", case):
            done = seats.end_agencys_seat(self._desk.connector, case.id, member)
        return self._done("case.end_seat", case, done, "team", _("It takes part no more."))

    def close(self, case_id: Any) -> Page:
        """Close the case."""
        case, form = self._begin(case_id, "case.close", NothingForm())
        if form is None:
            return self._form("close", "show", case, form)
        with self._once(CaseClosed, "show", case):
            done = seats.close(self._desk.connector, case.id)
        return self._done("case.close", case, done, "show", _("The case is closed. You can open it again."))

    def reopen(self, case_id: Any) -> Answer:
        """Open a closed case again."""
        case, _form = self._begin(case_id, "case.reopen", NothingForm())
        if case.status == "open":  # pressed twice, or somebody else was faster
            return redirect(url_for(".show", case_id=case.id), 303)
        with self._desk.agreeing(case, "case.reopen") as waits_at:
            if waits_at is not None:
                return redirect(waits_at, 303)
            # The reason is open to the service in the middle, so it says no more than who wants it.
            with self._once(WrongTransition, "show", case):
                done = seats.reopen(self._desk.connector, case.id, f"asked by the {self._desk.side}")
        return self._done("case.reopen", case, done, "show", _("The case is open again."))

    # --- around every act -----------------------------------------------------------------------------

    def _begin(self, case_id: Any, act: Act, schema: Schema) -> tuple[Case, Form | None]:
        """Check that the visitor may, and read the form if one was posted."""
        try:
            self._desk.check(str(case_id), act)
        except CaseClosed:
            if act == "case.close" and request.method == "POST":  # pressed twice, or somebody else was first
                abort(redirect(url_for(".show", case_id=case_id), 303))
            self._refuse_in_closed(case_id)
        case = self._desk.case(str(case_id))
        if act in WIDENING:
            self._desk.check_fresh()
        return case, read_form(schema) if request.method == "POST" else None

    def _refuse_in_closed(self, case_id: Any) -> NoReturn:
        """Say that the case is closed, with a way to open it again and what was typed: nothing is lost."""
        more = around(self._desk, self._desk.case(str(case_id)), "show")
        abort(make_response(render_template("case/closed.html", **more, typed=typed()), 409))

    @contextmanager
    def _once(self, is_so: type[Refusal], where: str, case: Case) -> Iterator[None]:
        """Lead to where the other press led if what is done inside is refused because it is so already."""
        try:
            yield
        except is_so:
            abort(redirect(url_for(f".{where}", case_id=case.id), 303))

    def _if_read(self, case: Case, form: Form | None) -> Form | None:
        """Refuse a form that was posted while nobody is there to read what it says."""
        nobody = readers.why_nobody(case, self._desk.side, called(self._desk, case))
        return form if form is None or nobody is None else form.with_error("text", nobody)

    def _form(self, template: str, tab: str, case: Case, form: Form | None, **more: Any) -> Page:
        """Show a form; one that was refused with status 422, and everything that was typed."""
        shown = {**around(self._desk, case, tab), "form": form or EMPTY, **more}
        page = render_template(f"case/{template}.html", **shown)
        return page if form is None or form.is_right else (page, 422)

    def _done(self, act: Act, case: Case, about: str | None, where: str, said: str) -> Answer:
        self._desk.did(case.id, act, about)
        flash(said, "success")
        return redirect(where if where.startswith("/") else url_for(f".{where}", case_id=case.id), 303)


def around_thread(desk: Desk, case: Case, thread: Thread) -> dict[str, Any]:
    """Give what the page of a conversation needs: what it is about, and why nobody would read an answer."""
    name = called(desk, case)
    return {
        "thread": thread,
        "about": about(case, thread.about, name, thread.with_),
        "gone": readers.why_no_answer(case, desk.side, thread, name),
    }
