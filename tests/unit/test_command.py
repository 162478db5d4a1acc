"""What stands behind /send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.draft import Order
from bot.domain.gateway import Channel
from bot.domain.phone import PhoneError
from bot.telegram.command import CommandError, parse_send

PHONE, OTHER = "992900000001", "992900000002"


@pytest.mark.parametrize(
    ("words", "order"),
    [
        ("", Order()),
        ("  ", Order()),
        ("900000001", Order((PHONE,))),
        ("900000001 hi", Order((PHONE,), "hi")),
        ("900000001\nhi\n\nthere ", Order((PHONE,), "hi\n\nthere")),
        ("+992 (90) 000-00-01 5 somoni", Order((PHONE,), "5 somoni")),
        ("900000001, 900000002 hi", Order((PHONE, OTHER), "hi")),
        ("900000001;900000002\nhi", Order((PHONE, OTHER), "hi")),
        ("900000001\n900000002\nhi", Order((PHONE, OTHER), "hi")),
        ("900000001 1234567 is your code", Order((PHONE,), "1234567 is your code")),
        ("from=Shop 900000001 hi", Order((PHONE,), "hi", "Shop")),
        ("From = “My Shop” 900000001 hi", Order((PHONE,), "hi", "My Shop")),
        ("—from=«Shop» 900000001 hi", Order((PHONE,), "hi", "Shop")),
        ("channel=Telegram 900000001 hi", Order((PHONE,), "hi", channel=Channel.TELEGRAM)),
        ("–confidential 900000001 hi", Order((PHONE,), "hi", confidential=True)),
        ("confidential from=Shop channel=sms 900000001", Order((PHONE,), "", "Shop", confidential=True)),
        ("900000001 from=Shop is text here", Order((PHONE,), "from=Shop is text here")),
    ],
)
def test_orders_as_people_type_them(words: str, order: Order) -> None:
    """Options, phones, then the text with its lines; what a phone's keyboard makes of dashes and quotes is taken."""
    assert parse_send(words) == order


@pytest.mark.parametrize("words", ["hello", "900000001, 9000000 hi", "900000001; hello", "12 hi", "confidential hi"])
def test_what_is_not_a_phone_is_not_sent_to(words: str) -> None:
    """No phone first, or none behind a comma: refused, since the rest would leave as a text at once."""
    with pytest.raises(PhoneError):
        parse_send(words)


def test_an_unknown_channel_is_named() -> None:
    """The error carries the word for the answer."""
    with pytest.raises(CommandError) as caught:
        parse_send("channel=viber 900000001 hi")
    assert caught.value.word == "viber"


@given(st.text(max_size=200))
def test_any_words_are_an_order_or_refused(words: str) -> None:
    """Nothing else is raised, and every phone of an order is whole."""
    try:
        order = parse_send(words)
    except (PhoneError, CommandError):
        return
    assert all(len(phone) == 12 and phone.startswith("992") for phone in order.phones)
