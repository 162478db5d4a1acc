"""The card of a message: what it says of what nobody knows, and exactly which buttons it has in each state."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.campaign import Bulk
from bot.domain.gateway import Channel
from bot.domain.log import Event
from bot.domain.message import BLOCKED, Message, Settlement, State
from bot.i18n import LANGUAGES, Translator
from bot.services.settle import Inbox
from bot.telegram.views.inbox import inbox_card, inbox_view
from bot.telegram.views.message import ERRORS, message_card
from bot.telegram.views.stop_list import blocked_view, unblocked_view
from tests.unit.test_views_draft import verbs, words

ZONE = ZoneInfo("Asia/Dushanbe")
T = Translator("en", ZONE)
THEN = datetime(2026, 1, 25, 7, tzinfo=UTC)
MESSAGE = Message(
    id=12,
    txn_id="01M8833WJJM5D2Z3T14NXK45CV",
    state=State.UNCERTAIN,
    phone="992900000001",
    text="<b>Hello</b> & #5",
    sender="OSON",
    channel=Channel.SMS,
    confidential=False,
    length=12,
    encoding="GSM-7",
    parts=1,
    actor_id=7,
    campaign_id=None,
    created_at=THEN,
    due_at=None,
    attempts=1,
    retries=0,
    may_have_arrived=True,
    msg_id=None,
    gateway_parts=None,
    status=None,
    status_at=None,
    polls=4,
    reason="DuplicateTxnId",
    code=108,
    gateway_text=None,
    accepted_at=None,
    final_at=None,
)
DECIDE = [["mark_sent"], ["resend", "close"]]


@pytest.mark.parametrize("state", State)
def test_only_the_uncertain_is_decided_about(state: State) -> None:
    """Mark as sent, send again, close; the gateway is asked about what it took or may have taken; else nothing."""
    first = {State.ACCEPTED: ["copy", "refresh"], State.UNCERTAIN: ["copy", "refresh"]}.get(state, ["copy"])
    card = message_card(T, replace(MESSAGE, state=state), [], None)
    assert verbs(card) == [first, *(DECIDE if state is State.UNCERTAIN else [])]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("how", Settlement)
def test_what_is_decided_is_told_and_asked_no_more(how: Settlement, language: str) -> None:
    """In each language: what was decided, in the history by whom; the gateway may still be asked."""
    t = Translator(language, ZONE)
    is_sent = how is Settlement.MARKED_SENT
    state = State.ACCEPTED if is_sent else State.UNCERTAIN
    message = replace(MESSAGE, state=state, reason=how, final_at=None if is_sent else THEN)
    line = Event(THEN, State.UNCERTAIN, state, how, None, None, None, actor_id=7)
    for reader, by in ((7, t("why.by_you")), (8, t("why.by", actor="7")), (None, t("why.by", actor="7"))):
        card = message_card(t, message, [line], None, reader)
        assert t(f"card.{how}") in words(card)
        assert f"{t(f'why.{how}')} · {by}" in words(card)
        assert verbs(card) == [["copy", "refresh"]]


def test_while_it_is_asked_for_it_says_so() -> None:
    """Whoever decides at once may; an erased text cannot be sent again, and the card says so."""
    asking = message_card(T, replace(MESSAGE, due_at=THEN), [], None)
    assert "I am asking OsonSMS by myself" in words(asking)
    assert verbs(asking)[1:] == DECIDE
    erased = message_card(T, replace(MESSAGE, text=None, confidential=True), [], None)
    assert "I cannot send it again" in words(erased)
    assert verbs(erased)[1:] == [["mark_sent"], ["close"]]


def test_the_stop_list_is_told_apart_from_other_cancels() -> None:
    """Its own words, and by whom where somebody blocked it then."""
    message = replace(MESSAGE, state=State.CANCELLED, reason=BLOCKED)
    line = Event(THEN, State.QUEUED, State.CANCELLED, BLOCKED, None, None, None)
    assert "on the stop list, so it was not sent" in words(message_card(T, message, [line], None))
    assert words(message_card(T, message, [line], None)).endswith("cancelled · on the stop list")
    assert "on the stop list" not in words(message_card(T, replace(message, reason=None), [], None))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", [*sorted(ERRORS), "attempts_ran_out", None])
def test_each_line_of_the_inbox_says_what_is_known(reason: str | None, language: str) -> None:
    """One line for each, whatever the reason; a button that opens it, and one that opens a campaign."""
    t = Translator(language, ZONE)
    found = tuple(replace(MESSAGE, id=id_, reason=reason) for id_ in range(12, 2, -1))
    bulk = Bulk(1, 3, "BULK", State.UNCERTAIN, THEN, False, 1, 0, True, None, None, None, None)
    view = inbox_view(t, Inbox(12, found, (bulk, replace(bulk, id=2)), 3, 12))
    lines = words(view).split("\n")
    assert len(lines) == 12
    assert all(line.startswith("⚠️ #") for line in lines[1:11])
    shows = [["show"] * count for count in (4, 4, 2)]
    assert verbs(view) == [*shows, ["campaign"], ["inbox_newer", "inbox_older"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notice_counts(language: str) -> None:
    """A button while there is something; none when all is settled. An empty inbox has no button either."""
    t = Translator(language, ZONE)
    for count in (1, 2, 5, 200):
        assert str(count) in words(inbox_card(t, count))
        assert verbs(inbox_card(t, count)) == [["inbox"]]
    assert verbs(inbox_card(t, 0)) == verbs(inbox_view(t, Inbox(0, (), (), None, None))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_block_can_be_taken_back(language: str) -> None:
    """By a button, whether it is new or stood before; what is not on the list has none."""
    t = Translator(language, ZONE)
    for cancelled in (None, 0, 1, 5):
        view = blocked_view(t, "992900000001", cancelled)
        assert verbs(view) == [["unblock"]]
        assert "+992 90 000 00 01" in words(view)
    for was_blocked in (True, False):
        assert verbs(unblocked_view(t, "992900000001", was_blocked=was_blocked)) == []
