"""What each admin wants to hear of, beside the cards of what he does himself."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.message import Message, State


class Whose(StrEnum):
    """Of whose messages."""

    OWN = "own"
    ALL = "all"


class What(StrEnum):
    """Of what became of them."""

    FAILURES = "failures"
    """What was not sent or not delivered, and what nobody knows."""
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an admin wants to hear of."""

    whose: Whose = Whose.OWN
    what: What = What.FAILURES
    digest_hour: int | None = None
    """The hour of the day, in the bot's zone, at which the day before is summed up; None: never."""

    def want(self, message: Message, admin: int) -> bool:
        """Whether `admin`, whose wishes these are, is to be told what became of this message."""
        is_meant = self.whose is Whose.ALL or message.actor_id == admin
        return is_meant and (self.what is What.EVERYTHING or message.state is not State.DELIVERED)
