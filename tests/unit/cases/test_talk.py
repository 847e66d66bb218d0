"""What people say to each other: threads by what they answer, results in three voices, notes, documents."""

from __future__ import annotations

from connectors.cases.fold import fold
from tests.unit.cases.story import BY_CITIZEN, BY_DEBT, BY_HOUSING, DEBT, HOUSING, PORTAL, Story


def _begun() -> Story:
    story = Story()
    story.begin()
    story.join(HOUSING)
    return story


def test_an_answer_that_comes_before_its_question_is_below_it():
    story = _begun()
    question = story.message(PORTAL, kind="question", subject="My rent")
    answer = story.message(DEBT, question)
    case = fold(reversed(story.entries), seat=BY_CITIZEN, now=story.now)
    (thread,) = case.threads
    assert (thread.id, thread.kind, thread.subject) == (question.id, "question", "My rent")
    assert [post.statement for post in thread.posts] == [question.id, answer.id]
    assert thread.with_ == ("citizen", HOUSING, DEBT)


def test_a_question_waits_for_everyone_asked_until_one_of_them_answers():
    story = _begun()
    question = story.message(PORTAL, kind="question")
    for member in (DEBT, HOUSING):
        assert [each.words for each in story.seen_by().waits_for(member)] == ["answer_question"]
    story.message(PORTAL, question)
    assert story.seen_by().threads[0].unanswered
    story.message(DEBT, question)
    assert not story.seen_by().threads[0].unanswered
    story.message(PORTAL, question, kind="complaint")
    assert [each.words for each in story.seen_by().waits_for(DEBT)] == ["answer_complaint"]


def test_a_plain_message_waits_for_nobody():
    story = _begun()
    story.message(PORTAL)
    assert story.seen_by().waiting == ()


def test_an_answer_to_what_is_not_here_is_a_thread_and_counted_as_such():
    story = _begun()
    question = story.message(PORTAL)
    story.message(DEBT, question)
    story.entries.remove(question)
    (thread,) = story.seen_by(BY_DEBT).threads
    assert (thread.id, len(thread.posts)) == (question.id, 1)
    assert {each.why: each.count for each in story.seen_by(BY_DEBT).hidden}["not_received"] == 1


def test_messages_that_answer_each_other_in_a_circle_are_one_thread():
    story = _begun()
    first = story.message(DEBT, answers=None)
    story.message(DEBT, first)
    story.change(first, content={**first.body, "answers": story.entries[-1].id})
    assert len(story.seen_by().threads) == 1


def test_the_thread_with_the_newest_message_is_first():
    story = _begun()
    old, new = story.message(DEBT), story.message(DEBT)
    assert [each.id for each in story.seen_by().threads] == [new.id, old.id]
    story.message(PORTAL, old)
    assert [each.id for each in story.seen_by().threads] == [old.id, new.id]


def test_a_message_that_was_refused_is_shown_to_its_writer_and_waits_for_them():
    story = _begun()
    story.change(story.message(PORTAL), log_index=None, state="failed", trouble="too_old")
    seen = story.seen_by()
    assert seen.threads[0].posts[0].trouble == "too_old"
    assert [each.words for each in seen.waits_for("citizen")] == ["not_delivered"]
    assert seen.timeline[0].trouble == "too_old"


def test_a_result_waits_for_the_citizen_to_confirm_it():
    story = _begun()
    given = story.outcome(DEBT, "got_help")
    outcome = story.seen_by().outcome
    assert outcome is not None
    assert (outcome.state, outcome.citizen) == ("waits_for_citizen", None)
    assert [(each.words, each.about) for each in story.seen_by().waits_for("citizen")] == [
        ("confirm_outcome", given.id)
    ]


def test_two_voices_that_differ_are_a_dispute_and_both_stay():
    story = _begun()
    story.outcome(DEBT, "got_help")
    story.outcome(PORTAL, "no_help")
    outcome = story.seen_by().outcome
    assert outcome is not None
    assert outcome.citizen is not None
    assert (outcome.state, outcome.disputed_with) == ("disputed", (DEBT,))
    assert (outcome.agencies[0].outcome, outcome.citizen.outcome) == ("got_help", "no_help")
    assert [each.words for each in story.seen_by().waits_for(DEBT)] == ["answer_dispute"]


def test_the_citizen_s_own_yes_or_no_counts_before_the_codes():
    story = _begun()
    given = story.outcome(DEBT, "got_help")
    story.outcome(PORTAL, "some_help", given, agrees=True)
    assert story.seen_by().outcome.state == "agreed"  # type: ignore[union-attr]  # both have spoken
    story.outcome(PORTAL, "got_help", given, agrees=False)
    assert story.seen_by().outcome.state == "disputed"  # type: ignore[union-attr]  # both have spoken


def test_a_newer_word_of_one_party_leaves_its_older_one_readable():
    story = _begun()
    old = story.outcome(DEBT, "got_help")
    story.outcome(PORTAL, "no_help", old, agrees=False)
    story.outcome(DEBT, "no_help")
    outcome = story.seen_by().outcome
    assert outcome is not None
    assert outcome.state == "agreed"
    assert [voice.statement for voice in outcome.earlier] == [old.id]


def test_one_agency_s_dispute_is_not_hidden_by_another_s_agreement():
    story = _begun()
    story.outcome(DEBT, "got_help")
    story.outcome(HOUSING, "no_help")
    story.outcome(PORTAL, "got_help")
    outcome = story.seen_by().outcome
    assert outcome is not None
    assert (outcome.state, outcome.disputed_with) == ("disputed", (HOUSING,))


def test_too_early_is_no_dispute():
    story = _begun()
    story.outcome(DEBT, "got_help")
    story.outcome(PORTAL, "too_early")
    assert story.seen_by().outcome.state == "too_early"  # type: ignore[union-attr]  # both have spoken


def test_an_answer_is_about_what_it_answers_whichever_comes_first():
    story = _begun()
    given = story.outcome(DEBT, "got_help", about="s-referral")
    story.outcome(PORTAL, "no_help", given, agrees=False)
    for entries in (story.entries, story.entries[::-1]):
        case = fold(entries, seat=BY_CITIZEN, now=story.now)
        assert [(each.about, each.state) for each in case.outcomes] == [("s-referral", "disputed")]
        assert case.outcome is None


def test_notes_and_documents_are_there_with_their_readers():
    story = _begun()
    story.note(PORTAL)
    story.document(DEBT)
    seen = story.seen_by()
    assert (seen.notes[0].readers, seen.notes[0].by.name) == ((DEBT, HOUSING), "citizen")
    assert (seen.documents[0].name, seen.documents[0].held) == ("letter.pdf", "here")
    assert story.seen_by(BY_HOUSING).documents == ()


def test_what_was_written_is_in_no_repr():
    story = _begun()
    story.note(PORTAL)
    story.message(DEBT)
    story.document(DEBT)
    shown = repr(story.seen_by()) + repr(story.entries)
    for text in ("Called back.", "Good morning.", "letter.pdf", "k" * 43):
        assert text not in shown
