"""The card of a campaign and the list of campaigns: what they say, and exactly which buttons they have."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiogram.enums import ButtonStyle
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.campaign import Bulk, Campaign, CampaignReport, Hold, Stage, Way
from bot.domain.gateway import Channel
from bot.domain.log import Event, Pause
from bot.domain.message import BLOCKED, DELIVERY_STATES, Message, Settlement, State
from bot.i18n import LANGUAGES, Translator
from bot.telegram.keyboards import Press, Verb
from bot.telegram.views import Money, View
from bot.telegram.views.campaign import campaign_card, campaigns_view
from bot.telegram.views.message import ERRORS
from bot.telegram.views.progress import sent
from tests.unit.test_views_draft import FREE, NASTY, PRICED, verbs, words

T = Translator("en", ZoneInfo("Asia/Dushanbe"))
THEN = datetime(2026, 1, 25, 7, tzinfo=UTC)
NBSP = "\N{NO-BREAK SPACE}"
BULK_STATES = (State.QUEUED, State.SENDING, State.ACCEPTED, State.FAILED, State.UNCERTAIN, State.CANCELLED)
CAMPAIGN = Campaign(
    id=12,
    way=Way.TRACKED,
    text="Hello, {name}!",
    sender="OSON",
    channel=Channel.SMS,
    confidential=False,
    latin=False,
    plain=False,
    file_name="clients.csv",
    recipients=300,
    parts=600,
    stage=Stage.RUNNING,
    hold=None,
    actor_id=1,
    created_at=THEN,
    starts_at=THEN,
    send_at=None,
    started_at=THEN,
    ended_at=None,
    draft_id=7,
    columns=("phone", "name"),
    rows=300,
    taken=300,
    ask_after=None,
    checked=False,
    again_of=None,
    again_by=None,
)
RUNNING = {State.QUEUED: 150, State.SENDING: 24, State.ACCEPTED: 30, State.DELIVERED: 90, State.FAILED: 5} | {
    State.UNCERTAIN: 1
}
ENDED = {State.ACCEPTED: 10, State.DELIVERED: 279, State.EXPIRED: 1, State.FAILED: 8, State.UNCERTAIN: 2}
PAUSE = Pause(1, "BalanceExhausted", 119, "not enough", THEN, None, None)


def bulk(state: State = State.ACCEPTED, **values: Any) -> Bulk:
    """A bulk call in this state."""
    made = Bulk(1, 12, "01J0000000000000000000000A", state, THEN, False, 1, 0, False, None, None, None, None)
    return replace(made, **values)


def report(states: dict[State, int] | None = None, bulks: tuple[Bulk, ...] = (), **values: Any) -> CampaignReport:
    """A campaign with these fields, its messages in these states."""
    return CampaignReport(replace(CAMPAIGN, **values), states or {}, bulks)


def message(number: int, state: State) -> Message:
    """A message of it."""
    return Message(
        id=number,
        txn_id=f"01J00000000000000000000{number:03}",
        state=state,
        phone=f"9929000000{number:02}",
        text="Hello",
        sender="OSON",
        channel=Channel.SMS,
        confidential=False,
        length=5,
        encoding="GSM-7",
        parts=1,
        actor_id=1,
        campaign_id=12,
        created_at=THEN,
        due_at=None,
        attempts=1,
        retries=0,
        may_have_arrived=True,
        msg_id=None,
        gateway_parts=None,
        status=None,
        status_at=None,
        polls=0,
        reason=None,
        code=None,
        gateway_text=None,
        accepted_at=None,
        final_at=None,
    )


def card(
    shown: CampaignReport,
    t: Translator = T,
    money: Money = FREE,
    rate: float | None = None,
    first: tuple[Message, ...] = (),
    pause: Pause | None = None,
    *,
    may_repeat: bool = False,
) -> View:
    """Its card."""
    return campaign_card(t, shown, first, pause, money, rate, may_repeat=may_repeat)


def said(shown: CampaignReport, **more: Any) -> str:
    """The words of its card."""
    return words(card(shown, **more))


ENDLESS = Pause(1, "SenderInvalid", 107, "<&" * 150, THEN, None, None)
TROUBLE = bulk(State.FAILED, name="<&>" * 100, reason="NotConnected", code=None, gateway_text="<&" * 150, send_at=THEN)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("stage", Stage)
def test_every_stage_is_shown_in_every_language(stage: Stage, way: Way, language: str) -> None:
    """Whatever holds it, paused or not, priced or not, as long as can be: a view that Telegram takes."""
    t = Translator(language, ZoneInfo("Asia/Dushanbe"))
    seen = set()
    for hold in Hold if stage is Stage.PAUSED else [None]:
        for started_at in (None, THEN):
            shown = report(
                dict.fromkeys(State, 350_000) if started_at else {},
                tuple(replace(TROUBLE, id=number) for number in range(30)) if way is Way.BULK else (),
                way=way,
                stage=stage,
                hold=hold,
                started_at=started_at,
                ended_at=started_at and started_at + timedelta(days=400, hours=3),
                recipients=9_999_999,
                parts=99_999_999,
                text="<&" * 2000,
                sender="<&><&><&><&",
                file_name=(NASTY * 10)[:100],
                send_at=THEN,
                ask_after=10,
                again_by=999_999,
            )
            seen.add(said(shown, t=t, money=PRICED, rate=0.01, pause=ENDLESS))
            plain = said(replace(shown, campaign=replace(shown.campaign, file_name=None, text=None)), t=t)
            assert language == "en" or re.search("[а-яё]", plain)
    assert len(seen) >= (len(Hold) if stage is Stage.PAUSED else 1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", [*sorted(ERRORS), None])
@pytest.mark.parametrize("state", BULK_STATES)
def test_every_bulk_call_is_shown_in_every_language(state: State, reason: str | None, language: str) -> None:
    """Its state, why, its name at the gateway, its txn_id to be copied."""
    t = Translator(language, ZoneInfo("Asia/Dushanbe"))
    one = bulk(state, reason=reason, code=109, gateway_text="<words>", name="<list 5>")
    view = card(report(bulks=(one,), way=Way.BULK, stage=Stage.FINISHED), t)
    assert "<list 5>" in words(view)
    assert one.txn_id in words(view)
    decide = [["bulk_sent", "bulk_close"]] if state is State.UNCERTAIN else []
    assert verbs(view) == [["copy"], *decide], "never «send again»: it is a whole list"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("how", Settlement)
@pytest.mark.parametrize(("reader", "by"), [(7, "why.by_you"), (8, "why.by"), (None, "why.by")])
def test_a_decision_about_a_bulk_call_is_told(how: Settlement, language: str, reader: int | None, by: str) -> None:
    """What was decided, by whom and when; nothing is left to be decided."""
    t = Translator(language, ZoneInfo("Asia/Dushanbe"))
    one = bulk(State.ACCEPTED if how is Settlement.MARKED_SENT else State.UNCERTAIN, reason=how)
    line = Event(THEN, State.UNCERTAIN, one.state, how, None, None, None, actor_id=7)
    shown = report(bulks=(one,), way=Way.BULK, stage=Stage.FINISHED)
    view = campaign_card(t, shown, [], None, FREE, None, decisions={one.id: line}, reader=reader)
    assert f"{t(f'why.{how}')} · {t(by, actor='7')} · {t.time(THEN)}" in words(view)
    assert verbs(view) == [["copy"]]


def test_a_bulk_call_without_anybody_says_why() -> None:
    """All its phones are on the stop list."""
    one = bulk(State.FAILED, reason=BLOCKED)
    assert "on the stop list" in said(report(bulks=(one,), way=Way.BULK, stage=Stage.FINISHED))


STAGES: list[tuple[str, CampaignReport, list[list[str]]]] = [
    ("waiting", report(stage=Stage.WAITING, started_at=None), [["undo"]]),
    ("waiting again", report(stage=Stage.WAITING, started_at=None, send_at=THEN), [["undo"]]),
    ("running", report(RUNNING), [["pause"], ["result", "stats", "messages"]]),
    ("failing", report(ENDED), [["pause"], ["result", "stats", "messages"]]),
    (
        "paused",
        report(RUNNING, stage=Stage.PAUSED, hold=Hold.BY_HAND),
        [["go_on"], ["cancel"], ["result", "stats", "messages"]],
    ),
    (
        "not begun",
        report(stage=Stage.PAUSED, hold=Hold.BALANCE, started_at=None),
        [["go_on"], ["cancel"]],
    ),
    ("cancelling", report(RUNNING, stage=Stage.CANCELLING), [["result", "stats", "messages"]]),
    ("clearing", report(RUNNING, stage=Stage.CLEARING), [["result", "stats", "messages"]]),
    ("cancelled", report(ENDED, stage=Stage.CANCELLED), [["result", "stats", "messages"]]),
    ("cancelled unbegun", report(stage=Stage.CANCELLED, started_at=None), []),
    ("finished", report({State.DELIVERED: 300}, stage=Stage.FINISHED), [["result", "stats", "messages"]]),
    ("finished with failures", report(ENDED, stage=Stage.FINISHED), [["result", "stats", "messages"]]),
    ("bulk waiting", report(way=Way.BULK, stage=Stage.WAITING, started_at=None), [["undo"]]),
    ("bulk running", report(bulks=(bulk(State.QUEUED),), way=Way.BULK), [["pause"], ["copy"]]),
    (
        "bulk paused",
        report(bulks=(bulk(State.QUEUED),), way=Way.BULK, stage=Stage.PAUSED, hold=Hold.BY_HAND),
        [["go_on"], ["cancel"], ["copy"]],
    ),
    ("bulk cancelling", report(bulks=(bulk(State.CANCELLED),), way=Way.BULK, stage=Stage.CANCELLING), [["copy"]]),
    ("bulk cancelled", report(bulks=(bulk(State.CANCELLED),), way=Way.BULK, stage=Stage.CANCELLED), [["copy"]]),
    ("bulk finished", report(bulks=(bulk(),) * 2, way=Way.BULK, stage=Stage.FINISHED), [["copy"], ["copy"]]),
    ("many bulks", report(bulks=(bulk(),) * 9, way=Way.BULK, stage=Stage.FINISHED), [["copy"]] * 3),
]


@pytest.mark.parametrize(("shown", "rows"), [row[1:] for row in STAGES], ids=[row[0] for row in STAGES])
def test_a_stage_has_exactly_these_buttons(shown: CampaignReport, rows: list[list[str]]) -> None:
    """What can be done now has a button: green goes on, red stops; each names this campaign."""
    view = card(shown)
    assert verbs(view) == rows
    red = {Verb.UNDO, Verb.PAUSE_CAMPAIGN, Verb.CANCEL_CAMPAIGN}
    for button in (button for row in view.rows for button in row if button.callback_data):
        press = Press.unpack(button.callback_data or "")
        assert press.id == 12
        assert (button.style == ButtonStyle.DANGER) == (press.verb in red)
        assert (button.style == ButtonStyle.SUCCESS) == (press.verb is Verb.RESUME_CAMPAIGN)


def test_failures_are_sent_again_only_where_that_may_help() -> None:
    """Where the caller has seen one that may pass, the campaign is over, and nobody sends them again already."""
    ended = report(ENDED, stage=Stage.FINISHED)
    assert verbs(card(ended, may_repeat=True)) == [["again"], ["result", "stats", "messages"]]
    others = [replace(CAMPAIGN, stage=stage) for stage in Stage if stage is not Stage.FINISHED]
    for campaign in (*others, replace(ended.campaign, again_by=13)):
        assert "again" not in str(verbs(card(replace(ended, campaign=campaign), may_repeat=True)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_names_the_button_that_brings_the_draft_back(language: str) -> None:
    """What it says of undoing is the word on the button, at once or at its time."""
    t = Translator(language, ZoneInfo("Asia/Dushanbe"))
    for send_at in (None, THEN):
        view = card(report(stage=Stage.WAITING, started_at=None, send_at=send_at), t)
        [[undo]] = view.rows
        assert re.search(f"[«“]{undo.text}[»”]", words(view))


@pytest.mark.parametrize(
    ("shown", "whole"),
    [
        (report(), True),
        (report({State.QUEUED: 1}), False),
        (report(bulks=(bulk(State.QUEUED),), way=Way.BULK), True),
        (report(bulks=(bulk(State.QUEUED, may_have_arrived=True),), way=Way.BULK), False),
        (report(bulks=(bulk(State.QUEUED), bulk()), way=Way.BULK), False),
    ],
)
def test_cancelling_says_whether_it_is_all_or_the_rest(shown: CampaignReport, *, whole: bool) -> None:
    """All, while nothing of it can have left; else the rest."""
    paused = replace(shown, campaign=replace(shown.campaign, stage=Stage.PAUSED, hold=Hold.BALANCE))
    assert card(paused).rows[1][0].text == ("Cancel the campaign" if whole else "Cancel the rest")


def test_a_campaign_under_way_says_how_far_it_is() -> None:
    """A bar of those with an outcome, what has surely gone, the counts, the pace, and the time left."""
    shown = said(report(RUNNING), rate=2.9)
    assert "Campaign 12 · 300 recipients\nFile: clients.csv\nHello, {name}!\nFrom OSON · parts: 600" in shown
    assert "▓▓▓▓░░░░░░ 42 %\nSent: 120 of 300\n" in shown
    counts = (
        "🕓 waiting: 174",
        "☑️ accepted: 30",
        "✅ delivered: 90",
        "❌ not sent: 5",
        "⚠️ not known whether it went: 1",
    )
    assert " · ".join(count.replace(" ", NBSP, 1) for count in counts) in shown
    assert "being sent" not in shown
    assert "about 3 SMS a second, about 1 min left" in shown  # 174 at 2.9 a second
    for text in (said(report(RUNNING)), said(report(RUNNING), rate=0.0), said(report(RUNNING), rate=2.9, pause=PAUSE)):
        assert "left" not in text


def test_the_time_left_of_a_canary_ends_where_it_asks() -> None:
    """Ten, not all of them; nothing is left to wait for once they have an outcome."""
    assert "about 5 s left" in said(report({State.QUEUED: 6, State.ACCEPTED: 4}, ask_after=10, taken=10), rate=1.2)
    assert "left" not in said(report({State.ACCEPTED: 10}, ask_after=10, taken=10), rate=1.2)


def test_what_waits_says_when_it_goes() -> None:
    """In some seconds, or at its time; a time that was passed and confirmed is none; by OsonSMS it is handed over."""
    waiting: dict[str, Any] = {"stage": Stage.WAITING, "started_at": None}
    assert "Starts in a few seconds" in said(report(**waiting))
    scheduled = said(report(**waiting, send_at=THEN))
    assert "Goes out 25.01.2026 12:00" in scheduled
    assert "few seconds" not in scheduled
    resumed = said(report(**waiting, send_at=THEN, starts_at=THEN + timedelta(hours=1)))
    assert "Starts in a few seconds" in resumed
    assert "Goes out" not in resumed
    handed = said(report(**waiting, send_at=THEN, starts_at=THEN - timedelta(hours=1), way=Way.BULK))
    assert "Starts in a few seconds" in handed
    assert "Goes out 25.01.2026 12:00" in handed
    for text in (scheduled, handed):
        assert "%" not in text


@pytest.mark.parametrize(
    ("hold", "facts"),
    [
        (Hold.BY_HAND, ["Stopped.", "42 %"]),
        (Hold.SENDER, ["refuses the sender OSON"]),
        (Hold.REFUSALS, ["5 of the first 126"]),
        (Hold.CANARY, ["The first 300:", "accepted: 30, delivered: 90, not sent: 5", "the rest (0)"]),
        (Hold.OVERDUE, ["it was to go at 25.01.2026 12:00"]),
        (Hold.BALANCE, ["does not suffice for it: it needs 60.00 TJS", "by itself"]),
    ],
)
def test_what_holds_a_campaign_is_told_with_its_figures(hold: Hold, facts: list[str]) -> None:
    """Why it is paused, and what the answer hangs on."""
    text = said(report(RUNNING, stage=Stage.PAUSED, hold=hold), money=PRICED)
    for fact in facts:
        assert fact in text, fact
    assert ("TJS" in text) == (hold is Hold.BALANCE)


def test_a_canary_asks_for_the_rest() -> None:
    """How the first few fared, and how many the rest are."""
    states = {State.DELIVERED: 9, State.ACCEPTED: 1}
    text = said(report(states, stage=Stage.PAUSED, hold=Hold.CANARY, ask_after=10, taken=11))
    assert "The first 10: accepted: 1, delivered: 9. Shall the rest (290) follow?" in text


def test_what_ended_is_summed_up() -> None:
    """When it ended, what went, parts and cost of what went, what is open, what may have gone, who follows."""
    ended = report(ENDED, stage=Stage.FINISHED, ended_at=THEN + timedelta(minutes=12))
    text = said(ended, money=PRICED)
    facts = (
        "🏁 Done · 25.01.2026 12:12\n",
        "▓▓▓▓▓▓▓▓▓▓ 100 %",
        "Sent: 290 of 300",
        "delivered: 279",
        "Parts in all: 580 · Cost: about 58.00 TJS",
        "The delivery of 10 SMS is still",
        "2 SMS may have gone or not",
        "/uncertain",
    )
    for fact in facts:
        assert fact in text, fact
    assert "TJS" not in said(ended)
    assert "Sent again" not in text
    follower = report(ENDED, stage=Stage.FINISHED, again_by=13)
    assert "sent again in campaign 13" in said(follower)
    clean = said(report({State.DELIVERED: 300}, stage=Stage.FINISHED, ended_at=THEN))
    for fact in ("may have gone", "still to be reported", "not sent"):
        assert fact not in clean


def test_what_was_cancelled_says_who_was_spared() -> None:
    """What left stays sent; who never came to be a message is counted; what may have left is being found out."""
    states = {State.DELIVERED: 100, State.CANCELLED: 50, State.UNCERTAIN: 1}
    text = said(report(states, stage=Stage.CANCELLED, taken=151))
    assert "Cancelled. What had left stays sent" in text
    assert "Not begun: 149 recipients" in text
    assert "cancelled: 50" in text
    assert "%" not in text  # a bar would never fill
    assert "1 SMS may have gone or not" in text
    clearing = said(report({State.SENDING: 3, State.CANCELLED: 297}, stage=Stage.CLEARING))
    assert "3 SMS may have left already" in clearing
    assert "waiting" not in clearing
    assert "Being cancelled" in said(report(RUNNING, stage=Stage.CANCELLING))
    bulks = (bulk(State.CANCELLED),)
    assert "Not begun" not in said(report(bulks=bulks, way=Way.BULK, stage=Stage.CANCELLED))


def test_a_small_campaign_shows_each_of_them() -> None:
    """Up to fifteen recipients, one line each; a larger one shows figures alone."""
    first = tuple(message(number, State.DELIVERED) for number in range(1, 16))
    small = said(report({State.DELIVERED: 15}, recipients=15, rows=15, taken=15), first=first)
    lines = [f"✅{NBSP}+992 90 000 00 {number:02} · delivered" for number in range(1, 16)]
    assert small.splitlines()[-15:] == lines
    assert "+992" not in said(report({State.DELIVERED: 16}, recipients=16, rows=16, taken=16), first=first)


def test_its_text_is_shown_as_it_goes() -> None:
    """In its letters, cut to 200 characters; hidden where it is not kept; each his own where they are sent again."""
    assert "Salom, {имя}!" in said(report(text="Салом, { имя }!", latin=True))  # the name is its column's
    long = said(report(text="a" * 500))
    assert "a" * 199 + "…" in long
    assert "a" * 200 not in long
    assert "hidden" in said(report(text=None))
    again = said(report(text="{text}", again_of=4))
    assert "What failed in campaign 4" in again
    assert "{text}" not in again
    assert "<b>{x}</b>" in said(report(text="<b>{x}</b>", file_name=None))


def test_the_stop_of_all_sending_is_told_where_something_waits() -> None:
    """What is under way says why it stands still; what is over does not."""
    for stage in Stage:
        text = said(report(RUNNING, stage=stage), pause=PAUSE)
        assert ("All sending is stopped" in text) == (stage not in (Stage.CANCELLED, Stage.FINISHED))
        assert ("Top up the balance" in text) == ("All sending is stopped" in text)


def test_bulk_calls_that_need_a_look_come_first() -> None:
    """Three are shown in full, those that did not simply go well before the rest; the others are counted."""
    bulks = (*(bulk(txn_id=f"GOOD{number}") for number in range(6)), bulk(State.UNCERTAIN, txn_id="BAD"))
    text = said(report(bulks=bulks, way=Way.BULK, stage=Stage.FINISHED))
    assert re.findall(r"txn_id: (\w+)", text) == ["BAD", "GOOD0", "GOOD1"]
    assert "Do not send again" in text
    assert "… and 4 more" in text


def test_campaigns_are_listed_with_what_runs_first() -> None:
    """Running, waiting, paused, then the last ones; one line and one button each, four in a row."""
    reports = [
        report({State.DELIVERED: 300}, id=number, stage=stage, **values)
        for number, stage, values in (
            (1, Stage.FINISHED, {}),
            (2, Stage.PAUSED, {"hold": Hold.BY_HAND}),
            (3, Stage.RUNNING, {}),
            (4, Stage.CANCELLED, {"file_name": NASTY}),
            (5, Stage.WAITING, {"started_at": None, "starts_at": THEN + timedelta(days=1)}),
        )
    ]
    view = campaigns_view(T, reports)
    lines = words(view).replace(f"{NBSP}%", " %").splitlines()
    assert NBSP in words(view)
    assert lines[1:] == [
        "📤 3 · clients.csv · 👤 300 · 100 % · 25.01.2026 12:00",
        "🕓 5 · clients.csv · 👤 300 · 100 % · 26.01.2026 12:00",
        "⏸ 2 · clients.csv · 👤 300 · 100 % · 25.01.2026 12:00",
        f"🚫 4 · {NASTY} · 👤 300 · 100 % · 25.01.2026 12:00",
        "🏁 1 · clients.csv · 👤 300 · 100 % · 25.01.2026 12:00",
    ]
    assert [[button.text for button in row] for row in view.rows] == [["📤 3", "🕓 5", "⏸ 2", "🚫 4"], ["🏁 1"]]
    assert {verb for row in verbs(view) for verb in row} == {"campaign"}


def test_a_campaign_in_the_list_is_known_by_its_file_or_its_words() -> None:
    """The first words where it has no file, cut; hidden ones are not told; bulk calls have a share too."""
    named = {
        "clients.csv": report(),
        "Hello,\nall": report(file_name=None, text="Hello,\nall"),
        "hidden": report(file_name=None, text=None),
        "campaign 4": report(file_name=None, text="{text}", again_of=4),
        "x" * 29 + "…": report(file_name=None, text="x" * 99),
        "50 %": report(bulks=(bulk(), bulk(State.QUEUED)), way=Way.BULK),
        "· 0 %": report(way=Way.BULK),
    }
    for name, shown in named.items():
        line = words(campaigns_view(T, [shown])).splitlines()[1].replace(NBSP, " ")
        assert " ".join(name.split()) in line


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [0, 1, 20, 21, 500])
def test_any_number_of_campaigns_is_listed(count: int, language: str) -> None:
    """None says what to do; many are cut to what fits, and the rest counted."""
    t = Translator(language, ZoneInfo("Asia/Dushanbe"))
    long = (NASTY * 10)[:100]
    view = campaigns_view(t, [report(id=number, file_name=long, recipients=9_999_999) for number in range(count)])
    assert len(words(view).splitlines()) == (1 if count == 0 else min(count, 20) + 1 + (count > 20))
    assert sum(map(len, view.rows)) == min(count, 20)


@given(st.dictionaries(st.sampled_from(State), st.integers(0, 10**6)), st.sampled_from(Stage), st.floats(0.001, 500))
def test_any_counts_make_a_card(states: dict[State, int], stage: Stage, rate: float) -> None:
    """Whatever the counts: Telegram takes it, nothing is more than all of it, and what went is what the gateway has."""
    total = sum(states.values())
    shown = report(states, stage=stage, hold=Hold.BY_HAND, recipients=max(1, total), rows=total, taken=total)
    text = said(shown, money=Money(Decimal("0.1"), None), rate=rate)
    assert sent(shown) == sum(states.get(state, 0) for state in {State.ACCEPTED, *DELIVERY_STATES})
    for share in re.findall(r"(\d+) %", text):
        assert 0 <= int(share) <= 100
        assert (int(share) == 100) == (shown.decided == total and total > 0)
