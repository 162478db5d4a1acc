"""The card of one message: where it stands in plain words, what to do about it, and its history."""

from collections.abc import Sequence

from bot.domain import errors
from bot.domain.log import Event, Pause
from bot.domain.message import BLOCKED, FINAL, Message, Settlement, State
from bot.domain.phone import shown
from bot.i18n import Html, Translator, join
from bot.services.track import NEVER_FINAL, NOT_KNOWN
from bot.telegram.keyboards import Rows, Verb, button, copy, go
from bot.telegram.views import View, quote

ERRORS = frozenset(
    name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, errors.GatewayError)
)
"""Reasons that are a class of `bot.domain.errors`; each has a text under `error.` and one under `advice.`."""
WHYS = ("lease_ran_out", "attempts_ran_out", NEVER_FINAL, NOT_KNOWN, BLOCKED, *Settlement)
"""Reasons of ours; each has a text under `why.`."""
ASKABLE = (State.ACCEPTED, State.UNCERTAIN)
"""States in which the gateway may know more than the log."""
_LAST_EVENTS = 12


def message_card(
    t: Translator, message: Message, history: Sequence[Event], pause: Pause | None, reader: int | None = None
) -> View:
    """The card. `pause` is the stop of all sending, if one holds; `reader` who alone reads it, None in a group."""
    lines = [
        t("card.title", state=t(f"state.{message.state}"), number=str(message.id)),
        t("card.to", phone=shown(message.phone), sender=message.sender),
        _text(t, message),
        _size(t, message),
        *_explanation(t, message, pause),
        *_heard(t, message),
        _ids(t, message),
        t("card.history", lines=join([event_line(t, event, reader) for event in history[-_LAST_EVENTS:]])),
    ]
    return View(join(lines), _buttons(t, message))


def short_line(t: Translator, message: Message) -> Html:
    """A message in a list: one line."""
    return t(
        "card.short",
        icon=t(f"icon.{message.state}"),
        number=str(message.id),
        phone=shown(message.phone),
        state=t(f"short.{message.state}"),
        time=message.created_at,
    )


def reason_text(t: Translator, reason: str | None, code: int | None, text: str | None) -> list[Html]:
    """Why, in plain words, what to do about it, and the gateway's own words."""
    if reason not in ERRORS:
        return []
    lines = [t(f"error.{reason}"), t(f"advice.{reason}")]
    if code is not None:
        lines.append(t("card.gateway_says", code=str(code), text=text or ""))
    elif text:
        lines.append(t("card.gateway_words", text=text))
    return lines


def event_line(t: Translator, event: Event, reader: int | None = None) -> Html:
    """One line of history."""
    line = t("event", time=event.at, state=t(f"short.{event.to_state}"))
    repeat = t("why.attempt", number=str(event.attempt)) if event.attempt and event.attempt > 1 else None
    return join([part for part in (line, repeat, _why(t, event), by_whom(t, event, reader)) if part], " · ")


def by_whom(t: Translator, event: Event, reader: int | None) -> Html | None:
    """Who did it, if it was done by hand."""
    if event.actor_id is None:
        return None
    return t("why.by_you") if event.actor_id == reader else t("why.by", actor=str(event.actor_id))


def _why(t: Translator, event: Event) -> Html | None:
    facts = "/".join(str(fact) for fact in (event.http_status, event.code) if fact is not None)
    if event.why in ERRORS:
        return join([t(f"error.{event.why}"), *([facts] if facts else [])], " ")
    return t(f"why.{event.why}") if event.why in WHYS else None


def _text(t: Translator, message: Message) -> Html:
    if message.confidential:
        return t("card.confidential", n=message.length)
    return quote(t, message.text or "")


def _size(t: Translator, message: Message) -> Html:
    parts = t("parts", n=message.gateway_parts or message.parts)
    return join([parts, message.encoding, t(f"channel.{message.channel}")], " · ")


def _explanation(t: Translator, message: Message, pause: Pause | None) -> list[Html]:
    match message.state:
        case State.QUEUED | State.SENDING if pause:
            return [t("card.paused"), *reason_text(t, pause.reason, pause.code, pause.text)]
        case State.QUEUED if message.reason in ERRORS:
            return [t("card.again", why=t(f"error.{message.reason}"), number=message.attempts + 1)]
        case State.FAILED:
            return reason_text(t, message.reason, message.code, message.gateway_text)
        case State.CANCELLED if message.reason == BLOCKED:
            return [t("card.blocked")]
        case State.UNCERTAIN | State.ACCEPTED if message.settlement:
            return [t(f"card.{message.settlement}")]
        case State.UNCERTAIN:
            return _uncertain(t, message)
        case State.ACCEPTED:
            return _accepted(t, message)
        case State.UNKNOWN if message.reason == NEVER_FINAL:
            return [t("card.never_final")]
        case _ if message.state in FINAL and message.status:
            return [t(f"status.{message.status}")]
    return []


def _uncertain(t: Translator, message: Message) -> list[Html]:
    how = "duplicate" if message.reason == errors.DuplicateTxnId.__name__ else "silent"
    advice = "card.uncertain_asking" if message.due_at else "card.uncertain_advice"
    erased = [t("card.erased")] if message.text is None else []
    return [t(f"card.uncertain_{how}"), t(advice), *erased]


def _accepted(t: Translator, message: Message) -> list[Html]:
    if message.reason == NOT_KNOWN:
        return [t("card.not_known")]
    if message.status:
        return [t(f"status.{message.status}")]
    if message.msg_id is None:
        return [t("card.nameless")]
    return [t("card.accepted")]


def _heard(t: Translator, message: Message) -> list[Html]:
    return [t("card.heard", time=message.status_at)] if message.status_at else []


def _ids(t: Translator, message: Message) -> Html:
    txn = t("card.txn", txn_id=message.txn_id)
    return txn if message.msg_id is None else join([txn, t("card.msg", msg_id=str(message.msg_id))])


def _buttons(t: Translator, message: Message) -> Rows:
    rows = [[copy(t.plain("button.copy_txn"), message.txn_id)]]
    if message.state in ASKABLE:
        name = "button.refresh" if message.state is State.ACCEPTED else "button.check"
        rows[0].append(button(t.plain(name), Verb.REFRESH, message.id))
    return [*rows, *_decisions(t, message)] if message.is_unsettled else rows


def _decisions(t: Translator, message: Message) -> Rows:
    """What an admin may decide about an uncertain one. What is erased cannot be sent again."""
    again = [] if message.text is None else [button(t.plain("button.resend"), Verb.RESEND, message.id)]
    close = button(t.plain("button.close"), Verb.CLOSE, message.id)
    return [[go(t.plain("button.mark_sent"), Verb.MARK_SENT, message.id)], [*again, close]]
