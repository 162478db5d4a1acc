"""What must be so, message by message. Pure: evidence in, differences out. A phone is told by its last digits."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.gateway import DeliveryStatus
from bot.domain.message import DELIVERY_STATES, FINAL, FINAL_BY_STATUS, LAWFUL, State
from tests.support.timing import HASTY
from tests.torture.evidence import Evidence, Logged, Taken
from tests.torture.plan import Recipient

_THERE = LAWFUL[State.ACCEPTED]
"""States that say that the gateway has it."""
_ENDS = DELIVERY_STATES | {State.FAILED, State.UNCERTAIN}
"""States in which a message may end: in each that the gateway told, not sent, or not known."""


def always(evidence: Evidence) -> Iterator[str]:
    """What must hold at every moment, so also whenever the bot lies dead."""
    log = evidence.log
    by_txn_id = {message.txn_id: message for message in log.messages}
    if len(by_txn_id) < len(log.messages):
        yield "the log has one txn_id for two messages"
    if log.damage != "ok":
        yield f"the database is damaged: {log.damage}"
    if log.tallies != log.of_campaigns:
        yield f"the log counts {dict(log.tallies)}, and has {dict(log.of_campaigns)}"
    yield from _twice(evidence)
    yield from _taken(evidence.taken, by_txn_id)
    yield from _called(log.messages, {one.txn_id for one in evidence.taken})
    yield from _sends(evidence.sends, by_txn_id)
    told = {one.txn_id: one.words for one in evidence.taken}
    for message in log.messages:
        faults = (_history(message), _end(message), _heard(message, told.get(message.txn_id, frozenset())))
        yield from (f"{message.txn_id}: {fault}" for kind in faults for fault in kind)


def in_the_end(evidence: Evidence, recipients: Sequence[Recipient]) -> Iterator[str]:
    """What must hold besides when the campaign is over."""
    yield from _recipients(evidence, recipients)
    for message in evidence.log.messages:
        if message.state not in _ENDS:
            yield f"{message.txn_id}: is {message.state} in the end"
        elif message.state == State.UNCERTAIN and (fault := _too_soon(message)):
            yield f"{message.txn_id}: {fault}"
    if list(evidence.log.stages) != ["finished"]:
        yield f"there should be one campaign, finished, and there are {list(evidence.log.stages)}"
    yield from _card(evidence)


def _twice(evidence: Evidence) -> Iterator[str]:
    """Nobody has two messages, whichever side one asks."""
    sides = {
        "in the log": (message.phone for message in evidence.log.messages),
        "at the gateway": (one.phone for one in evidence.taken),
        "on the phone": (phone for phone, _ in evidence.arrived),
    }
    for side, phones in sides.items():
        yield from (f"…{phone[-4:]} has {n} messages {side}" for phone, n in Counter(phones).items() if n > 1)


def _taken(taken: Sequence[Taken], by_txn_id: Mapping[str, Logged]) -> Iterator[str]:
    """What the gateway has is in the log, and is the same there."""
    for one in taken:
        message = by_txn_id.get(one.txn_id)
        if message is None:
            yield f"{one.txn_id}: is at the gateway and not in the log"
        elif (message.phone, message.text) != (one.phone, one.text):
            yield f"{one.txn_id}: has another phone or text at the gateway"
        elif message.msg_id not in (None, one.msg_id):
            yield f"{one.txn_id}: has msg_id {one.msg_id} at the gateway, {message.msg_id} in the log"


def _called(logged: Sequence[Logged], taken: set[str]) -> Iterator[str]:
    """What the log says of a message is so."""
    for message in logged:
        there = message.txn_id in taken
        if message.state in _THERE and not there:
            yield f"{message.txn_id}: is called {message.state} and is not at the gateway"
        if message.state in (State.FAILED, State.CANCELLED) and there:
            yield f"{message.txn_id}: is called {message.state} and is at the gateway"


def _sends(sends: Mapping[str, Sequence[str]], by_txn_id: Mapping[str, Logged]) -> Iterator[str]:
    """Requests of one txn_id are the same to the letter, and each was counted before it left."""
    for txn_id, requests in sends.items():
        message = by_txn_id.get(txn_id)
        if message is None:
            yield f"{txn_id}: was sent and is not in the log"
        elif message.attempts < len(requests):
            yield f"{txn_id}: was sent {len(requests)} times, and {message.attempts} attempts are counted"
        if len(set(requests)) > 1:
            yield f"{txn_id}: was sent in {len(set(requests))} different ways"


def _history(message: Logged) -> Iterator[str]:
    """The steps follow on each other, are lawful, lead to where it stands, and tell of each attempt.

    A claim has no line of its own, nor has what is taken at the first attempt: they are told by what comes next.
    """
    stood, claims = State.QUEUED, 0
    for step in (*message.history, None):
        before = State(step.before if step else message.state)
        if stood is State.QUEUED and before in (State.SENDING, State.ACCEPTED):
            stood, claims = State.SENDING, claims + 1
        if stood is State.SENDING and before is State.ACCEPTED and claims == 1:
            stood = State.ACCEPTED
        if stood is not before:
            yield f"its history is at {stood} and {'goes on with' if step else 'the message at'} {before}"
        if step is None:
            break
        stood = State(step.after)
        if stood not in LAWFUL[before] and not (stood is before is State.UNCERTAIN):  # asked for in vain
            yield f"its history goes from {before} to {stood}"
        if before is State.SENDING and stood is not State.SENDING and step.attempt != claims:
            yield f"its history calls attempt {claims} the number {step.attempt}"
        claims += stood is State.SENDING
    if claims != message.attempts:
        yield f"its history has {claims} attempts, and {message.attempts} are counted"


def _end(message: Logged) -> Iterator[str]:
    """What is over has one line that ended it and all that belongs to an end; what is not over has none of it."""
    state, status = State(message.state), DeliveryStatus(message.status) if message.status else None
    over = state in FINAL
    if (ends := sum(State(step.after) in FINAL for step in message.history)) != over:
        yield f"is {state}, and its history ends {ends} times"
    if (message.final_at is not None) != over:
        yield f"is {state}, and ended at {message.final_at}"
    if over and message.due_at is not None:
        yield f"is {state}, and something is due"
    if (status is None) != (message.status_at is None):
        yield f"has heard {status} at {message.status_at}"
    if (FINAL_BY_STATUS.get(status) if status else None) is not (state if state in DELIVERY_STATES else None):
        yield f"is {state}, and has heard {status}"
    if state in DELIVERY_STATES and message.final_at != message.status_at:
        yield f"is {state} since {message.final_at}, and heard so at {message.status_at}"


def _heard(message: Logged, told: frozenset[str]) -> Iterator[str]:
    """Every status that it has, or had, was told of it."""
    words = {word.value for word in DeliveryStatus} & {message.status, *(step.why for step in message.history)}
    yield from (f"has heard {status}, and was told {sorted(told)}" for status in sorted(words - told))


def _too_soon(message: Logged) -> str | None:
    """Uncertain is what remains when the attempts ran out, or when an attempt after a doubtful one was refused."""
    if message.reason == "Refused" or message.attempts > len(HASTY.retries):
        return None
    return f"is uncertain after {message.attempts} attempts: {message.reason}"


def _recipients(evidence: Evidence, recipients: Sequence[Recipient]) -> Iterator[str]:
    """The log has everybody on the list, with what they were to be told, and nobody else."""
    wanted = {person.phone: person.text for person in recipients}
    logged = {message.phone: message.text for message in evidence.log.messages}
    yield from (f"…{phone[-4:]} is on the list and not in the log" for phone in wanted.keys() - logged.keys())
    yield from (f"…{phone[-4:]} is in the log and not on the list" for phone in logged.keys() - wanted.keys())
    common = wanted.keys() & logged.keys()
    yield from (f"…{phone[-4:]} was to be told something else" for phone in common if wanted[phone] != logged[phone])
    arrived = set(evidence.arrived)
    delivered = {(one.phone, one.text) for one in evidence.taken if one.status == DeliveryStatus.DELIVERED}
    yield from (f"…{phone[-4:]}: delivered and not arrived, or otherwise" for phone, _ in arrived ^ delivered)


def complaints(log: str) -> list[str]:
    """What a bot had to say in its log, at level warning and above.

    A press that was answered by the life before, and was handed over again, cannot be answered again: that may be said.
    """
    excused = "error='TelegramBadRequest'"
    return [line for line in log.splitlines() if excused not in line]


_WORDS = {
    State.QUEUED: "waiting",
    State.ACCEPTED: "accepted",
    State.DELIVERED: "delivered",
    State.UNDELIVERABLE: "not delivered",
    State.EXPIRED: "expired",
    State.REJECTED: "rejected",
    State.DELETED: "deleted",
    State.UNKNOWN: "delivery unknown",
    State.FAILED: "not sent",
    State.UNCERTAIN: "not known whether it went",
}
_TITLES = {
    State.DELIVERED: "Delivered",
    State.UNDELIVERABLE: "Not delivered",
    State.EXPIRED: "Delivery time ran out",
    State.REJECTED: "Rejected by the network",
    State.DELETED: "Deleted at OsonSMS",
    State.UNKNOWN: "Delivery unknown",
    State.FAILED: "Not sent",
    State.UNCERTAIN: "Not known whether it went",
}
"""How the card of a message begins, after its icon."""


def _card(evidence: Evidence) -> Iterator[str]:
    """The log knows of one card in the chat, and its counts are those of the log."""
    own = [card for id_, card in evidence.cards.items() if id_ in evidence.log.cards]
    if len(own) != 1:
        yield f"{len(own)} cards stand for the campaign"
    for card in own:
        if (shown := card_counts(card)) != evidence.log.of_campaigns:
            yield f"the card says {dict(shown)}, the log {dict(evidence.log.of_campaigns)}"
    for id_, state in evidence.log.shows.items():
        title = evidence.titles.get(id_)  # None: what a repost has replaced
        if title is not None and _TITLES.get(State(state), state) not in title:
            yield f"a card says {title}, and its message is {state}"


@dataclass(slots=True)
class FinalWatch:
    """Sees to it that what was over at one look is the same at every later one: nothing overwrites it."""

    finals: dict[str, Logged] = field(default_factory=dict)

    def look(self, evidence: Evidence) -> Iterator[str]:
        """What has changed of the messages that were over, and what has gone. A msg_id may still come."""
        now = {message.txn_id: replace(message, msg_id=None) for message in evidence.log.messages}
        for txn_id, was in self.finals.items():
            if txn_id not in now:
                yield f"{txn_id}: was {was.state}, and is gone"
            elif now[txn_id] != was:
                yield f"{txn_id}: was {was.state} since {was.final_at}, and is {now[txn_id].state}"
        over = {txn_id: message for txn_id, message in now.items() if State(message.state) in FINAL}
        self.finals = over | self.finals  # the first one stands


@dataclass(slots=True)
class CardWatch:
    """Sees to it that no card is left behind without need.

    Telegram has no txn_id: a bot that dies when Telegram has taken a new card and before it could note that leaves the
    card behind, and shows another. That may happen once a death, and never to a card that was noted.
    """

    noted: set[int] = field(default_factory=set)
    left_behind: set[int] = field(default_factory=set)

    def look(self, evidence: Evidence, *, died: bool) -> Iterator[str]:
        """What is wrong with the cards in the chat, now that a life has ended."""
        stray = evidence.cards.keys() - evidence.log.cards
        if stray & self.noted:
            yield "a card that the log knew was left behind"
        if len(stray - self.noted - self.left_behind) > died:
            yield "a card was left behind without need"
        self.noted |= evidence.log.cards
        self.left_behind |= stray


def card_counts(card: str) -> Counter[str]:
    """The counts that a campaign's card shows, by state."""
    words = {word: state for state, word in _WORDS.items()}
    found = re.findall(rf"(?:^|· )\S+\s({'|'.join(words)}): ([\d,]+)(?= ·|$)", card, re.MULTILINE)
    return Counter({words[word].value: int(count.replace(",", "")) for word, count in found})
