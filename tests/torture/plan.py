"""What one run does: who is to be told what, and the moments at which the bot is killed. The seed decides all of it."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

RATES = {
    "timeout_before": 0.02,
    "timeout_after": 0.03,
    "reset_before": 0.02,
    "reset_after": 0.03,
    "drop_before": 0.02,
    "drop_after": 0.02,
    "cut_after": 0.03,
    "http_500": 0.02,
    "http_500_after": 0.03,
    "html_200_after": 0.02,
    "empty_200_after": 0.02,
    "store_failed": 0.01,
    "centre_unreachable": 0.01,
    "http_429": 0.02,
    "unknown_code": 0.01,
    "slow": 0.05,
}
"""How the gateway misbehaves: the share of all requests by fault. Faults that say what is not so are left out: with a
409 for a message that was never taken, no log could be right."""
STATUSES: Mapping[str, object] = {
    "finals": {"UNDELIVERABLE": 0.1, "EXPIRED": 0.08, "REJECTED": 0.06, "DELETED": 0.04, "UNKNOWN": 0.04},
    "late": 0.25,
    "late_seconds": 1.5,
    "contradicting": 0.7,
    "slow": 0.3,
    "slow_seconds": 0.8,
    "vendor": 0.5,
}
"""How its statuses stray (docs/sandbox-gateway.md)."""
LATE = 0.03
"""Share of messages that the gateway reads at once and carries out only after the bot has given up waiting."""

SEND, QUERY = "sendsms_v1.php", "query_sms.php"
ORDER, PRESS = "an order was handed over", "a press was handed over"
"""Not calls of their own: what a getUpdates brought."""
CARD = "the campaign's card was sent"
"""Nor is this: what a sendMessage said."""
START = "the start of the process"
FIRST = "getMe"
"""The first call of a life."""
_RECIPIENTS_TO_A_SINGLE = 15


@dataclass(frozen=True, slots=True)
class Recipient:
    """One who is to get one SMS."""

    phone: str = field(repr=False)
    name: str = field(repr=False)
    text: str = field(repr=False)
    """As it must arrive."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When to kill: `delay` seconds after the stand-ins have read (or have `done`) such a call."""

    call: str
    done: bool = False
    """Whether the call was carried out, with its reply still to be written; else it was only read."""
    delay: float = 0.0
    share: float = 0.0
    """For sends: at which one, in fair shares (what is left to be sent by the kills that are left)."""
    nth: int = 1
    """For other calls: at which one."""
    early: bool = False
    """Whether it comes before any send, or else is missed."""
    patience: float = 5.0
    """Seconds of a life after which the bot is killed though the moment has not come."""

    def __str__(self) -> str:
        state = "" if self.call in (ORDER, PRESS, CARD, START) else " done" if self.done else " read"
        return f"{self.call}{state} + {self.delay * 1000:.0f} ms"


@dataclass(frozen=True, slots=True)
class Plan:
    """One run."""

    seed: int
    recipients: tuple[Recipient, ...]
    moments: tuple[Moment, ...]
    caption: str
    """The text as the person writes it."""
    singles: tuple[Recipient, ...] = ()
    """Who gets a message of their own beside the campaign."""
    statuses: Mapping[str, object] = field(default_factory=dict)
    """How statuses stray; not at all if this is empty, and then nobody meddles either."""

    @property
    def everybody(self) -> tuple[Recipient, ...]:
        """All who are to be told something."""
        return (*self.recipients, *self.singles)


def draw(seed: int, kills: int, recipients: int, *, file: bool = True, honest: bool = False) -> Plan:
    """The plan that this seed stands for, of a campaign that begins with a file, or else with a command.

    `honest`: the gateway tells each status once and as it is, and nobody meddles.
    """
    caption = "Салом, {name}! Рӯзи шанбе биёед." if file else "Салом! Рӯзи шанбе биёед."
    dice = random.Random(seed)  # noqa: S311 (repeatable, no secret)
    singles = 0 if honest else recipients // _RECIPIENTS_TO_A_SINGLE
    numbers = dice.sample(range(10_000), recipients + singles)
    people = [_recipient(number, caption) for number in numbers[:recipients]]
    alone = [_recipient(number, "Ба {name}: занг занед.") for number in numbers[recipients:]]
    possible = [drawing(dice) for drawing in (_BEGINNING if file else _BEGINNING_BY_COMMAND)]
    chosen = sorted(dice.sample(range(len(possible)), min(len(possible), kills // 2)))
    beginning = [possible[index] for index in chosen]
    end = [drawing(dice) for drawing in _END[: kills // 5]]
    weights = _CAMPAIGN if honest else _CAMPAIGN | _MEDDLED
    drawings = dice.choices([*weights], [*weights.values()], k=kills - len(beginning) - len(end))
    running = [drawing(dice) for drawing in drawings]
    statuses = {} if honest else {**STATUSES, "seed": seed}
    return Plan(seed, tuple(people), (*beginning, *running, *end), caption, tuple(alone), statuses)


def _recipient(number: int, text: str) -> Recipient:
    name = f"Name {number:04d}"
    return Recipient(f"99290000{number:04d}", name, text.replace("{name}", name))


Drawing = Callable[[random.Random], Moment]

_BEGINNING: tuple[Drawing, ...] = (
    lambda dice: Moment(ORDER, done=True, delay=dice.uniform(0, 0.05), early=True),
    lambda dice: Moment("sendMessage", done=dice.random() < 0.5, delay=_short(dice), early=True),
    lambda dice: Moment("getFile", done=dice.random() < 0.5, delay=_short(dice), early=True),
    lambda dice: Moment("editMessageText", done=dice.random() < 0.5, delay=_short(dice), early=True),
    lambda dice: Moment(PRESS, done=True, delay=dice.uniform(0, 0.05), early=True),
    lambda dice: Moment("answerCallbackQuery", done=dice.random() < 0.5, delay=_short(dice), early=True),
)
"""From the file to the confirmation, in this order: one life each."""
_BEGINNING_BY_COMMAND = _BEGINNING[:2] + _BEGINNING[4:]
_END: tuple[Drawing, ...] = (
    lambda dice: Moment(CARD, done=True, delay=_short(dice), patience=20),
    lambda dice: Moment("deleteMessage", done=dice.random() < 0.5, delay=_short(dice), patience=10),
)
"""When all have an outcome the card comes anew, and the old one goes."""
_CAMPAIGN: dict[Drawing, int] = {
    lambda dice: Moment(SEND, delay=0, share=dice.uniform(0, 2)): 20,
    lambda dice: Moment(SEND, done=True, share=dice.uniform(0, 2)): 25,
    lambda dice: Moment(SEND, done=True, delay=_short(dice), share=dice.uniform(0, 2)): 20,
    lambda dice: Moment(QUERY, nth=dice.randint(1, 20)): 10,
    lambda dice: Moment(QUERY, done=True, nth=dice.randint(1, 20)): 10,
    lambda dice: Moment(QUERY, done=True, delay=dice.uniform(0, _COMMITTED), nth=dice.randint(1, 20)): 20,
    lambda dice: Moment("editMessageText", done=dice.random() < 0.5, delay=_short(dice)): 5,
    lambda dice: Moment(FIRST, delay=dice.uniform(0, 2.5)): 20,
    lambda dice: Moment(START, delay=dice.uniform(0, 1)): 5,
}
_MEDDLED: dict[Drawing, int] = {
    lambda dice: Moment(PRESS, done=True, delay=dice.uniform(0, 0.3), nth=dice.randint(1, 3)): 5,
    lambda dice: Moment(ORDER, done=True, delay=_short(dice)): 5,
}
"""Where people meddle."""


_COMMITTED = 0.15
"""Seconds within which an answer is in the log: it waits for company for as long as that."""


def _short(dice: random.Random) -> float:
    """A pause in which the bot may or may not get to its next step."""
    return dice.choice((0.0, dice.uniform(0, 0.03)))
