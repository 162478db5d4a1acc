"""Counts of messages: how they add up, and what they tell of delays."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.figures import Figures, figures_from_json, rounded, total
from bot.domain.lookback import KIND_OF, STATES
from bot.domain.message import State

some = st.builds(
    Figures,
    st.dictionaries(st.tuples(st.sampled_from(["Tcell", "MegaFon", ""]), st.sampled_from(State)), st.integers(0, 999)),
    st.dictionaries(st.integers(0, 300_000).map(rounded), st.integers(1, 999)),
)


def test_every_state_is_of_one_kind() -> None:
    """Lists are narrowed by kinds: none may be left out, none may be in two."""
    assert KIND_OF.keys() == set(State)
    assert sum(map(len, STATES.values())) == len(State)


@given(some)
def test_what_is_kept_is_what_was_counted(figures: Figures) -> None:
    """Through JSON and back."""
    assert figures_from_json(figures.to_json()) == figures


@given(st.lists(some, max_size=4))
def test_figures_add_up(several: list[Figures]) -> None:
    """Every count of the whole is the sum of its parts."""
    whole = total(several)
    for state in State:
        assert whole.of([state]) == sum(figures.of([state]) for figures in several)
        assert whole.of([state], "Tcell") == sum(figures.of([state], "Tcell") for figures in several)
    assert sum(whole.delays.values()) == sum(sum(figures.delays.values()) for figures in several)


@given(st.lists(st.integers(0, 300_000), min_size=1, max_size=200), st.floats(0.01, 1))
def test_a_delay_holds_for_its_share(seconds: list[int], share: float) -> None:
    """So many at least were no slower; and it is a delay that was seen, as it is counted."""
    counted: dict[int, int] = {}
    for each in map(rounded, seconds):
        counted[each] = counted.get(each, 0) + 1
    delay = Figures({}, counted).delay(share)
    assert delay in counted
    assert sum(rounded(each) <= delay for each in seconds) >= share * len(seconds)


@given(st.integers(0, 10**7))
def test_delays_are_rounded_down_finely_where_they_are_short(seconds: int) -> None:
    """To the second up to two minutes, to the minute up to two hours, then to the hour."""
    off = seconds - rounded(seconds)
    assert 0 <= off < (1 if seconds < 120 else 60 if seconds < 7200 else 3600)
    assert rounded(rounded(seconds)) == rounded(seconds)


def test_nothing_has_no_delay() -> None:
    """Without a delivery there is none."""
    assert Figures().delay(0.5) is None
    assert Figures().operators == []


def test_what_is_settled() -> None:
    """What waits or is under way may move; an accepted one only while it is young; all else stands."""
    for state in State:
        figures = Figures({("", state): 1})
        waits = state in (State.QUEUED, State.SENDING)
        assert figures.is_settled(old=True) is not waits
        assert figures.is_settled(old=False) is not (waits or state is State.ACCEPTED)
