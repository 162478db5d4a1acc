"""The judge of the kill test: of each way to be wrong, one case, so that no run passes for want of a look."""

from collections import Counter
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.message import DELIVERY_STATES, State
from bot.i18n import Translator
from tests.torture.evidence import Evidence, Log, Logged, Step, Taken
from tests.torture.plan import Recipient
from tests.torture.verdict import CardWatch, FinalWatch, always, card_counts, in_the_end

_DELIVERED = Step("accepted", "delivered", why="DELIVERED")
_ENROUTE = Step("accepted", "accepted", why="ENROUTE")
_AGAIN = [Step("sending", "queued", attempt) for attempt in (1, 2, 3)]
_GIVEN_UP = Step("sending", "uncertain", 4)
_REFUSED = Step("sending", "failed", 1)
_LOST = Step("sending", "sending")

_NEVER_HEARD = (None, None)
_ONE = Logged((_DELIVERED,), "T1", "992900000001", "one", "delivered", 1, 7, None, 1, "DELIVERED", 50, 50, None)
_TWO = Logged(
    (*_AGAIN, _GIVEN_UP), "T2", "992900000002", "two", "uncertain", 4, None, "TimedOut", 1, *_NEVER_HEARD, None, None
)
_THREE = Logged((_REFUSED,), "T3", "992900000003", "three", "failed", 1, None, "Refused", 1, *_NEVER_HEARD, 40, None)
_FOUR = replace(
    _ONE,
    history=(_ENROUTE, Step("accepted", "expired", why="EXPIRED")),
    txn_id="T4",
    phone="992900000004",
    text="four",
    state="expired",
    msg_id=8,
    campaign_id=None,
    status="EXPIRED",
)
_CARD = "Campaign 1\n✅\N{NO-BREAK SPACE}delivered: 1 · ❌ not sent: 1\n❓ not known whether it went: 1"
_ALL = (_ONE, _TWO, _THREE, _FOUR)
_PEOPLE = [Recipient(message.phone, "", message.text) for message in _ALL]
_LATER_TOLD = (("ENROUTE", 40), ("EXPIRED", 50), ("DELIVERED", 60))
_GOOD = Evidence(
    log=Log(_ALL, ("finished",), Counter(delivered=1, uncertain=1, failed=1), frozenset({5, 6}), {6: "expired"}),
    taken=(
        Taken("T1", "992900000001", "one", 7, "DELIVERED", (("DELIVERED", 50),)),
        Taken("T4", "992900000004", "four", 8, "EXPIRED", _LATER_TOLD),
    ),
    arrived=(("992900000001", "one"),),
    sends={"T1": ("GET 1",), "T2": ("GET 2",) * 4, "T3": ("GET 3",), "T4": ("GET 4",)},
    cards={5: _CARD},
    titles={5: "Campaign 1", 6: "⌛ Delivery time ran out · #4"},
)


def _log(**changes: Any) -> Evidence:
    """The good evidence with these changes to the bot's side."""
    return replace(_GOOD, log=replace(_GOOD.log, **changes))


def _with(*messages: Logged) -> Evidence:
    """The good evidence with these in the place of the first messages."""
    changed = (*messages, *_GOOD.log.messages[len(messages) :])
    return _log(messages=changed, tallies=_log(messages=changed).log.of_campaigns)


def _ended(**changes: Any) -> Evidence:
    """The good evidence with these changes to the message that expired."""
    return _with(_ONE, _TWO, _THREE, replace(_FOUR, **changes))


def _there(one: Taken) -> Evidence:
    """The good evidence with one more at the gateway."""
    return replace(_GOOD, taken=(*_GOOD.taken, one))


def test_what_is_right_passes() -> None:
    """Delivered and there, uncertain and not there, refused and not there, expired and contradicted later."""
    assert list(always(_GOOD)) == []
    assert list(in_the_end(_GOOD, _PEOPLE)) == []


def test_an_uncertain_one_may_be_there() -> None:
    """Uncertain says neither that it went nor that it did not."""
    there = _there(Taken("T2", _TWO.phone, _TWO.text, 9, "DELIVERED"))
    there = replace(there, arrived=(*_GOOD.arrived, (_TWO.phone, _TWO.text)))
    assert [*always(there), *in_the_end(there, _PEOPLE)] == []


_HISTORIES = {
    "waits": ((), "queued", 0),
    "is sent": ((), "sending", 1),
    "is taken": ((), "accepted", 1),
    "is sent again": ((_LOST,), "sending", 2),
    "is taken the second time": ((_LOST, Step("sending", "accepted", 2), Step("accepted", "accepted")), "accepted", 2),
    "waits again": (tuple(_AGAIN), "queued", 3),
    "is cancelled": ((Step("queued", "cancelled"),), "cancelled", 0),
}


@pytest.mark.parametrize("what", _HISTORIES)
def test_a_lawful_history_passes(what: str) -> None:
    """What goes as it should has no line of its own; what does not has one, with the number of the attempt."""
    history, state, attempts = _HISTORIES[what]
    message = replace(_THREE, history=tuple(history), state=state, attempts=attempts)
    assert not [words for words in always(_with(_ONE, _TWO, message)) if "history" in words]


_NEVER = {
    "one txn_id for two": _with(_ONE, replace(_TWO, txn_id="T1")),
    "the database is damaged": _log(damage="row 3 missing from index"),
    "the log counts": _log(tallies=Counter(delivered=3)),
    "in the log": _with(_ONE, replace(_TWO, phone=_ONE.phone)),
    "at the gateway": _there(Taken("T3", _ONE.phone, "one", 9, "DELIVERED")),
    "on the phone": replace(_GOOD, arrived=(*_GOOD.arrived, *_GOOD.arrived)),
    "is at the gateway and not in the log": _there(Taken("T9", "992900000009", "", 9, "DELIVERED")),
    "has another phone or text": _with(replace(_ONE, text="uno")),
    "has msg_id 7 at the gateway, 8 in the log": _with(replace(_ONE, msg_id=8)),
    "is called delivered and is not at the gateway": replace(_GOOD, taken=()),
    "is called failed and is at the gateway": _there(Taken("T3", _THREE.phone, _THREE.text, 9, "DELIVERED")),
    "was sent and is not in the log": replace(_GOOD, sends={"T9": ("GET",)}),
    "was sent 2 times, and 1 attempts": replace(_GOOD, sends={"T1": ("GET 1",) * 2}),
    "in 2 different ways": replace(_GOOD, sends={"T2": ("GET 2", "GET two")}),
    "is at queued and goes on with delivered": _with(replace(_ONE, history=(Step("delivered", "accepted"),))),
    "is at queued and the message at delivered": _with(replace(_ONE, history=())),
    "is at delivered and the message at accepted": _with(replace(_ONE, state="accepted")),
    "is at sending and goes on with accepted": _with(replace(_ONE, history=(_LOST, _DELIVERED), attempts=2)),
    "goes from sending to delivered": _with(replace(_ONE, history=(Step("sending", "delivered", 1),))),
    "goes from delivered to accepted": _with(
        replace(_ONE, history=(_DELIVERED, Step("delivered", "accepted")), state="accepted")
    ),
    "calls attempt 1 the number 4": _with(_ONE, replace(_TWO, history=(_GIVEN_UP,), attempts=1)),
    "has 1 attempts, and 2 are counted": _with(replace(_ONE, attempts=2)),
    "has heard DELIVERED, and was told ['ENROUTE', 'EXPIRED']": replace(
        _ended(state="delivered", status="DELIVERED", history=(_ENROUTE, _DELIVERED)),
        taken=(_GOOD.taken[0], replace(_GOOD.taken[1], told=_LATER_TOLD[:2])),
    ),
    "has heard ENROUTE, and was told ['DELIVERED']": _with(replace(_ONE, history=(_ENROUTE, _DELIVERED))),
    "has heard DELIVERED, and was told []": replace(_GOOD, taken=(replace(_GOOD.taken[0], told=()), _GOOD.taken[1])),
    "is expired, and its history ends 2 times": _ended(
        history=(_DELIVERED, Step("delivered", "expired", why="EXPIRED"))
    ),
    "is accepted, and its history ends 1 times": _ended(state="accepted"),
    "is expired, and its history ends 0 times": _ended(history=(_ENROUTE,)),
    "is expired, and ended at None": _ended(final_at=None),
    "is uncertain, and ended at 50": _with(_ONE, replace(_TWO, final_at=50)),
    "is expired, and something is due": _ended(due_at=60),
    "is failed, and something is due": _with(_ONE, _TWO, replace(_THREE, due_at=60)),
    "has heard EXPIRED at None": _ended(status_at=None),
    "has heard None at 50": _ended(status=None),
    "is expired, and has heard DELIVERED": _ended(status="DELIVERED"),
    "is expired, and has heard ENROUTE": _ended(status="ENROUTE"),
    "is accepted, and has heard EXPIRED": _ended(state="accepted"),
    "is expired since 50, and heard so at 60": _ended(status_at=60),
}


@pytest.mark.parametrize("words", _NEVER)
def test_what_must_never_be_is_seen(words: str) -> None:
    """Each thing that must hold at every moment is missed when it does not."""
    assert any(words in difference for difference in always(_NEVER[words]))


_SOON = replace(_TWO, history=(Step("sending", "uncertain", 1),), attempts=1, reason="DuplicateTxnId")
_NOT_IN_THE_END = {
    "is on the list and not in the log": _log(messages=(_TWO, _THREE, _FOUR)),
    "is in the log and not on the list": _with(replace(_ONE, phone="992900000009")),
    "was to be told something else": _with(replace(_ONE, text="two")),
    "0001: delivered and not arrived, or otherwise": replace(_GOOD, arrived=()),
    "0004: delivered and not arrived, or otherwise": replace(
        _GOOD, arrived=(*_GOOD.arrived, (_FOUR.phone, _FOUR.text))
    ),
    "is queued in the end": _with(replace(_ONE, state="queued")),
    "is sending in the end": _with(replace(_ONE, state="sending")),
    "is accepted in the end": _with(replace(_ONE, state="accepted")),
    "is uncertain after 1 attempts: DuplicateTxnId": _with(_ONE, _SOON),
    "and there are ['finished', 'running']": _log(stages=("finished", "running")),
    "and there are ['running']": _log(stages=("running",)),
    "and there are []": _log(stages=()),
    "2 cards stand for the campaign": replace(_log(cards=frozenset({5, 6})), cards={5: _CARD, 6: _CARD}),
    "0 cards stand for the campaign": replace(_GOOD, cards={}),
    "the card says": replace(_GOOD, cards={5: "Campaign 1\n✅ delivered: 2\n❌ not sent: 1"}),
    "a card says ✅ Delivered · #4, and its message is expired": replace(_GOOD, titles={6: "✅ Delivered · #4"}),
}


@pytest.mark.parametrize("words", _NOT_IN_THE_END)
def test_what_must_not_be_in_the_end_is_seen(words: str) -> None:
    """Each thing that must hold when the campaign is over is missed when it does not."""
    assert any(words in difference for difference in in_the_end(_NOT_IN_THE_END[words], _PEOPLE))


@pytest.mark.parametrize("state", sorted(DELIVERY_STATES | {State.FAILED, State.UNCERTAIN}))
def test_the_words_of_cards_are_known(state: State) -> None:
    """Whatever a message may end in, it is found on the card of its campaign, and on its own."""
    t = Translator("en", ZoneInfo("UTC"))
    count = t("campaign.count", icon=t(f"icon.{state}"), state=t(f"short.{state}"), count=1234)
    assert card_counts(f"Campaign 1\n{count}") == {state.value: 1234}
    title = f"{t(f'state.{state}')} · #4"
    shown = replace(_log(shows={6: state.value}), titles={6: title})
    assert not [words for words in in_the_end(shown, _PEOPLE) if "a card says" in words]


@pytest.mark.parametrize(
    "now",
    [
        replace(_FOUR, state="delivered", status="DELIVERED"),
        replace(_FOUR, state="accepted"),
        replace(_FOUR, final_at=60),
        replace(_FOUR, status_at=60),
        replace(_FOUR, status="DELIVERED"),
        replace(_FOUR, history=(*_FOUR.history, Step("expired", "expired", why="EXPIRED"))),
        replace(_FOUR, due_at=60),
    ],
)
def test_what_was_over_stays_as_it_was(now: Logged) -> None:
    """Whatever changes of a message that was over at one look is seen at the next one, and at every later one."""
    watch = FinalWatch()
    assert list(watch.look(_GOOD)) == []
    assert list(watch.look(_GOOD)) == []
    for _ in range(2):
        assert list(watch.look(_with(_ONE, _TWO, _THREE, now))) == [f"T4: was expired since 50, and is {now.state}"]
    assert list(watch.look(_log(messages=(_ONE, _TWO, _THREE)))) == ["T4: was expired, and is gone"]


def test_what_was_not_over_may_change() -> None:
    """What was uncertain may turn out to be delivered; and a msg_id may come late."""
    watch = FinalWatch()
    assert list(watch.look(_with(replace(_ONE, msg_id=None)))) == []
    assert list(watch.look(_with(_ONE, replace(_TWO, state="delivered")))) == []


def test_a_death_may_leave_one_card_behind_that_was_not_noted() -> None:
    """Telegram took the card and the bot died before it could note it: that is nobody's fault, and stays so."""
    watch = CardWatch()
    behind = replace(_GOOD, cards={4: _CARD, 5: _CARD})
    assert list(watch.look(behind, died=True)) == []
    assert list(watch.look(behind, died=True)) == []
    assert list(watch.look(behind, died=False)) == []
    assert watch.left_behind == {4}


def test_no_other_card_may_be_left_behind() -> None:
    """Two by one death, one by a life that ended in order, or one that the log knew: each is a fault."""
    assert list(CardWatch().look(replace(_GOOD, cards={3: _CARD, 4: _CARD, 5: _CARD}), died=True))
    assert list(CardWatch().look(replace(_GOOD, cards={4: _CARD, 5: _CARD}), died=False))
    watch = CardWatch()
    assert list(watch.look(_GOOD, died=True)) == []
    assert list(watch.look(replace(_log(cards=frozenset({6})), cards={5: _CARD, 6: _CARD}), died=True))
