"""What one run does: who is to be told what, and the moments at which the bot is killed. The seed decides all of it."""

import random
from collections.abc import Callable
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
LATE = 0.03
"""Share of messages that the gateway reads at once and carries out only after the bot has given up waiting."""

SEND, QUERY = "sendsms_v1.php", "query_sms.php"
ORDER, PRESS = "an order was handed over", "a press was handed over"
"""Not calls of their own: what a getUpdates brought."""
START = "the start of the process"
FIRST = "getMe"
"""The first call of a life."""


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
    """For sends: at which one, in fair shares (what is left to be sent by the kills that are left); else the first."""
    early: bool = False
    """Whether it comes before any send, or else is missed."""
    patience: float = 5.0
    """Seconds of a life after which the bot is killed though the moment has not come."""

    def __str__(self) -> str:
        state = "" if self.call in (ORDER, PRESS, START) else " done" if self.done else " read"
        return f"{self.call}{state} + {self.delay * 1000:.0f} ms"


@dataclass(frozen=True, slots=True)
class Plan:
    """One run."""

    seed: int
    recipients: tuple[Recipient, ...]
    moments: tuple[Moment, ...]
    caption: str
    """The text as the person writes it."""


def draw(seed: int, kills: int, recipients: int, *, file: bool = True) -> Plan:
    """The plan that this seed stands for, of a campaign that begins with a file, or else with a command."""
    caption = "Салом, {name}! Рӯзи шанбе биёед." if file else "Салом! Рӯзи шанбе биёед."
    dice = random.Random(seed)  # noqa: S311 (repeatable, no secret)
    people = []
    for number in dice.sample(range(10_000), recipients):
        name = f"Name {number:04d}"
        people.append(Recipient(f"99290000{number:04d}", name, caption.replace("{name}", name)))
    possible = [drawing(dice) for drawing in (_BEGINNING if file else _BEGINNING_BY_COMMAND)]
    chosen = sorted(dice.sample(range(len(possible)), min(len(possible), kills // 2)))
    beginning = [possible[index] for index in chosen]
    end = [drawing(dice) for drawing in _END[: kills // 5]]
    running = [dice.choices(_RUNNING, _WEIGHTS)[0](dice) for _ in range(kills - len(beginning) - len(end))]
    return Plan(seed, tuple(people), (*beginning, *running, *end), caption)


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
    lambda dice: Moment("sendMessage", done=dice.random() < 0.5, delay=_short(dice), patience=10),
    lambda dice: Moment("deleteMessage", done=dice.random() < 0.5, delay=_short(dice), patience=10),
)
"""When all have an outcome the card comes anew, and the old one goes."""
_CAMPAIGN: dict[Drawing, int] = {
    lambda dice: Moment(SEND, delay=0, share=dice.uniform(0, 2)): 20,
    lambda dice: Moment(SEND, done=True, share=dice.uniform(0, 2)): 25,
    lambda dice: Moment(SEND, done=True, delay=_short(dice), share=dice.uniform(0, 2)): 20,
    lambda dice: Moment(QUERY, done=dice.random() < 0.5, delay=_short(dice)): 5,
    lambda dice: Moment("editMessageText", done=dice.random() < 0.5, delay=_short(dice)): 5,
    lambda dice: Moment(FIRST, delay=dice.uniform(0, 2.5)): 20,
    lambda dice: Moment(START, delay=dice.uniform(0, 1)): 5,
}
_RUNNING, _WEIGHTS = list(_CAMPAIGN), list(_CAMPAIGN.values())


def _short(dice: random.Random) -> float:
    """A pause in which the bot may or may not get to its next step."""
    return dice.choice((0.0, dice.uniform(0, 0.03)))
