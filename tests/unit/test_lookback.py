"""What is asked of the log: periods on the clock of a zone, words of a text."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lookback import PERIODS, Kind, Wanted, bounds, midnight, wanted_from_json, words_of

DUSHANBE = ZoneInfo("Asia/Dushanbe")
NOW = datetime(2026, 11, 25, 20, 30, tzinfo=UTC)
"""In Dushanbe it is 1:30 of the 26th."""
OUT_OF_REACH = ["0001-01-01", "1999-12-31", "3000-01-01", "9999-12-31"]


def test_periods_begin_at_midnight_of_the_zone() -> None:
    """Today is today there; a week is today and the six days before; a day ends where the next begins."""
    begins = {"today": 26, "week": 20}
    for period, day in begins.items():
        assert bounds(period, DUSHANBE, NOW) == (midnight(date(2026, 11, day), DUSHANBE), None)
    since, until = bounds("2026-11-25", DUSHANBE, NOW)
    assert (since, until) == (midnight(date(2026, 11, 25), DUSHANBE), midnight(date(2026, 11, 26), DUSHANBE))
    assert bounds(None, DUSHANBE, NOW) == (None, None)
    assert {bounds(period, DUSHANBE, NOW)[1] for period in PERIODS} == {None}


@pytest.mark.parametrize("period", ["", "yesterday", "2026-13-01", "2026-1-1", "20261125", "2026-W48-3", *OUT_OF_REACH])
def test_there_is_no_such_period(period: str) -> None:
    """Whatever a button may be made to say."""
    with pytest.raises(ValueError, match=r".*"):
        bounds(period, DUSHANBE, NOW)


@pytest.mark.parametrize("period", ["2000-01-01", "2999-12-31"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", "Asia/Dushanbe"])
def test_the_first_and_the_last_day_have_bounds(period: str, zone: str) -> None:
    """Whatever the zone, there is room for more on either side."""
    since, until = bounds(period, ZoneInfo(zone), NOW)
    assert since
    assert until
    assert since.astimezone(UTC) - timedelta(days=1) < until.astimezone(UTC) + timedelta(days=1)


def test_a_day_has_as_many_hours_as_its_zone_gives_it() -> None:
    """Also where clocks are put forward."""
    berlin = ZoneInfo("Europe/Berlin")
    since, until = bounds("2026-03-29", berlin, NOW)
    assert since
    assert until
    assert until.astimezone(UTC) - since.astimezone(UTC) == timedelta(hours=23)


@given(st.builds(Wanted, actor_id=st.none() | st.integers(), kind=st.none() | st.sampled_from(Kind)))
def test_what_is_wanted_is_kept(wanted: Wanted) -> None:
    """Through JSON and back."""
    assert wanted_from_json(wanted.to_json()) == wanted


@given(st.text())
def test_words_are_letters_and_digits(text: str) -> None:
    """No sign of any search language gets through, whatever is typed; no word comes twice."""
    words = words_of(text)
    assert all(word.isalnum() for word in words)
    assert len(set(words)) == len(words)


def test_words_of_a_text() -> None:
    """Signs part them; a letter put together of two is one."""
    assert words_of("Салом, Ғайрат! (№12_b)") == ("Салом", "Ғайрат", "12", "b")
    assert words_of("и\u0306од") == ("йод",)
