"""A time as people type it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.when import WhenError, WhenFault, parse_when

ZONE = ZoneInfo("Asia/Dushanbe")
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("18:30", "2026-11-25 18:30"),
        (" 18.30 ", "2026-11-25 18:30"),
        ("9:00", "2026-11-26 09:00"),
        ("26.11 9:00", "2026-11-26 09:00"),
        ("26/11 9:00", "2026-11-26 09:00"),
        ("26–11 9:00", "2026-11-26 09:00"),
        ("1.1 0:00", "2027-01-01 00:00"),
        ("26.11.2026, 09:05", "2026-11-26 09:05"),
        ("2026-11-26 09:05", "2026-11-26 09:05"),
        ("2026-11-26T09:05", "2026-11-26 09:05"),
    ],
)
def test_times_as_people_write_them(text: str, wanted: str) -> None:
    """A time alone is the next such time, a day without a year the next such day; the clock is that of the zone."""
    assert f"{parse_when(text, ZONE, NOW):%Y-%m-%d %H:%M}" == wanted


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", WhenFault.UNREADABLE),
        ("tomorrow", WhenFault.UNREADABLE),
        ("25:00", WhenFault.UNREADABLE),
        ("31.02 10:00", WhenFault.UNREADABLE),
        ("24.11.2026 10:00", WhenFault.PAST),
        ("25.11.2028 10:00", WhenFault.TOO_FAR),
    ],
)
def test_what_is_no_time_to_send_at(text: str, fault: WhenFault) -> None:
    """Each reason is told apart."""
    with pytest.raises(WhenError) as caught:
        parse_when(text, ZONE, NOW)
    assert caught.value.fault is fault


@given(st.one_of(st.text(max_size=30), st.from_regex(r"[0-9 .:/-]{1,20}", fullmatch=True)))
def test_any_text_is_a_time_to_come_or_refused(text: str) -> None:
    """No text raises anything else, or gives a time that is past."""
    try:
        moment = parse_when(text, ZONE, NOW)
    except WhenError:
        return
    assert moment.astimezone(UTC) > NOW


def test_the_29th_of_february_does_not_break_a_year_without_one() -> None:
    """A day that the next year has not is refused, not raised."""
    with pytest.raises(WhenError):
        parse_when("29.02 10:00", ZONE, datetime(2028, 3, 1, tzinfo=ZONE))
