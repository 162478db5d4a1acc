"""Read what stands behind `/send`: `[from=NAME] [channel=telegram] [confidential] PHONE[, PHONE …] TEXT`."""

import re
from enum import StrEnum

from bot.domain.draft import Order
from bot.domain.gateway import Channel
from bot.domain.phone import PhoneError, PhoneFault, take_phone

# Phones' keyboards turn -- into a dash and "quotes" into curly ones, and put a space round the = now and then.
_QUOTES = "\"'“”„«»‘’"
_DASHES = "-‐‑‒–—−"
_OPTION = re.compile(
    rf"\s*[{_DASHES}]{{0,2}}(?:"
    rf"(?P<name>from|channel)\s*=\s*(?:[{_QUOTES}](?P<quoted>[^{_QUOTES}\n]*)[{_QUOTES}]|(?P<bare>[^\s{_QUOTES}]+))"
    r"|(?P<flag>confidential))(?=\s|$)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s,;]*")


class CommandFault(StrEnum):
    """Why the words before the phone cannot be read."""

    CHANNEL_UNKNOWN = "channel_unknown"


class CommandError(ValueError):
    """The words before the phone cannot be read."""

    def __init__(self, fault: CommandFault, word: str) -> None:
        self.fault = fault
        self.word = word
        super().__init__(fault.value)


def parse_send(words: str) -> Order:
    """Read the words behind `/send`. Phones or text may be missing; they are asked for then.

    Raises:
        CommandError: an option has a value that does not exist.
        PhoneError: there are words, but they do not begin with a phone.
    """
    order, rest = parse_options(words)
    if not rest.strip():
        return order
    phones, text = _take_phones(rest)
    return Order(phones, text.strip(), order.sender, order.channel, order.confidential)


def parse_options(words: str) -> tuple[Order, str]:
    """Read the options at the front; return them in an order, and the rest.

    Raises:
        CommandError: an option has a value that does not exist.
    """
    sender, channel, confidential = "", Channel.SMS, False
    while found := _OPTION.match(words):
        value = (found["quoted"] if found["quoted"] is not None else found["bare"]) or ""
        match (found["name"] or found["flag"]).lower():
            case "from":
                sender = value.strip()
            case "channel":
                channel = _channel(value)
            case _:
                confidential = True
        words = words[found.end() :]
    return Order(sender=sender, channel=channel, confidential=confidential), words


def _channel(word: str) -> Channel:
    try:
        return Channel(word.strip().lower())
    except ValueError:
        raise CommandError(CommandFault.CHANNEL_UNKNOWN, word) from None


def _take_phones(words: str) -> tuple[tuple[str, ...], str]:
    phone, rest = take_phone(words.lstrip())
    phones = [phone]
    while True:
        between = _BETWEEN.match(rest)
        gap = between[0] if between else ""
        following = rest[len(gap) :]
        try:
            phone, after = take_phone(following)
        except PhoneError as error:
            # Behind a comma another phone was meant. To take it for the text would send it away at once.
            if error.fault is PhoneFault.AMBIGUOUS or (following and ("," in gap or ";" in gap)):
                raise
            return tuple(phones), following
        phones.append(phone)
        rest = after
