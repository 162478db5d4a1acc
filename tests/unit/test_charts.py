"""The pictures, judged by their pixels and by the words on them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import combinations, groupby
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.i18n import Translator
from bot.telegram.charts import BalanceChart, Bar, Share, StatsChart, balance_chart, stats_chart
from bot.telegram.charts.balance import balance_canvas
from bot.telegram.charts.canvas import Canvas
from bot.telegram.charts.ink import Ink
from bot.telegram.charts.letters import SMALL
from bot.telegram.charts.stats import stats_canvas

START = datetime(2026, 10, 26, tzinfo=UTC)
LEGEND = ("доставлено", "в пути", "не доставлено")
OUTCOMES = (Ink.DELIVERED, Ink.PENDING, Ink.FAILED)


SPACED, COMMAS = (Translator(language, ZoneInfo("UTC")).number for language in ("ru", "en"))


def stats(bars: list[Bar], operators: list[Share] | None = None, **other: object) -> StatsChart:
    """A chart of which only the bars, or the operators, matter."""
    return StatsChart("Ноябрь", bars, LEGEND, operators or [], "По операторам", [], **{"number": SPACED} | other)  # type: ignore[arg-type] # a field of the caller's choice


def balance(*points: tuple[float, int], low: int | None = None) -> BalanceChart:
    """A chart of amounts, each with the day of its reading."""
    readings = [(START + timedelta(days=day), Decimal(amount)) for day, amount in points]
    return BalanceChart("Баланс", readings, None if low is None else Decimal(low), ("26 октября", "сегодня"), str)


def month() -> StatsChart:
    """As full a picture as is made."""
    return StatsChart(
        "Моҳи декабри 2026",
        [Bar(str(day), 37 * day % 400, day % 30, day % 13) for day in range(1, 32)],
        LEGEND,
        [Share(f"Оператор {count}", 90 * count, 100 * count) for count in range(1, 9)],
        "По операторам",
        [("12 s", "half delivered within"), ("2 min", "95 % within"), ("98 %", "delivered")],
        SPACED,
    )


def opened(png: bytes) -> Image.Image:
    """The picture as a phone reads it."""
    with Image.open(BytesIO(png), formats=["PNG"]) as picture:
        return picture.convert("RGB")


def runs(canvas: Canvas, line: list[int]) -> list[tuple[Ink | None, int]]:
    """A row or a column of pixels as inks at their fullest (None for shades), and how many pixels long each is."""
    full = {ink.full: ink for ink in Ink}
    return [(ink, len(list(same))) for ink, same in groupby(full.get(pixel) for pixel in line)]


def column(canvas: Canvas, x: int, top: int = 0) -> list[tuple[Ink | None, int]]:
    """The inks of a column of pixels, from `top` down."""
    return runs(canvas, list(canvas.image.crop((x, top, x + 1, canvas.image.height)).tobytes()))


def row(canvas: Canvas, y: int, left: int = 0) -> list[tuple[Ink | None, int]]:
    """The inks of a row of pixels, from `left` on."""
    return runs(canvas, list(canvas.image.crop((left, y, canvas.image.width, y + 1)).tobytes()))


def box_of(canvas: Canvas, text: str) -> tuple[int, int, int, int]:
    """Where the words stand."""
    return next(written.box for written in canvas.written if written.text == text)


def stacks(chart: StatsChart) -> list[dict[Ink, int]]:
    """The bars of a picture, each from its bottom to its top: how many pixels of which ink."""
    canvas = stats_canvas(chart)
    below = box_of(canvas, LEGEND[0])[3]
    middles = [(box[0] + box[2]) // 2 for box in (box_of(canvas, bar.label) for bar in chart.bars)]
    return [{ink: height for ink, height in reversed(column(canvas, x, below)) if ink in OUTCOMES} for x in middles]


@pytest.mark.parametrize(
    ("png", "least", "most"),
    [
        (stats_chart(month()), 1300, 1600),
        (stats_chart(stats([])), 600, 700),
        (balance_chart(balance((0, 10), (30, 5))), 540, 540),
    ],
)
def test_a_picture_is_a_small_png_made_for_phones(png: bytes, least: int, most: int) -> None:
    """1080 pixels wide, no higher than it must be, opaque, under 100 KB."""
    picture = opened(png)
    assert picture.width == 1080
    assert least <= picture.height <= most
    assert picture.getpixel((0, 0)) == Ink.PAPER.rgb
    assert len(png) < 100_000


def test_the_busiest_pictures_are_small_too() -> None:
    """Thousands of readings that leap up and down do not make a large file."""
    leaps = [(count / 200, count * 7919 % 10_007) for count in range(6000)]
    assert len(balance_chart(balance(*leaps, low=500))) < 100_000


def test_the_file_shows_what_was_drawn() -> None:
    """Every colour of the file is the paper, an ink, or a shade between the two."""
    colours = set(zip(*[iter(opened(stats_chart(month())).tobytes())] * 3, strict=True))
    assert {Ink.PAPER.rgb, Ink.TEXT.rgb, *(ink.rgb for ink in OUTCOMES)} <= colours
    for colour in colours:
        assert any(
            all(min(p, c) <= part <= max(p, c) for p, c, part in zip(Ink.PAPER.rgb, ink.rgb, colour, strict=True))
            for ink in Ink
        )


def test_a_bar_twice_as_large_is_twice_as_high() -> None:
    """Heights are counts, from nought, by the pixel."""
    one, two, four = (sum(stack.values()) for stack in stacks(stats([Bar(str(n), 10 * n, 0, 0) for n in (1, 2, 4)])))
    assert (two, four) == (2 * one, 4 * one)
    assert one == 90


def test_outcomes_are_stacked_in_the_order_of_the_legend() -> None:
    """Delivered lies at the bottom, then what is under way, then what failed, each as high as its count."""
    (stack,) = stacks(stats([Bar("a", 60, 30, 10)]))
    assert list(stack.items()) == [(Ink.DELIVERED, 216), (Ink.PENDING, 108), (Ink.FAILED, 36)]
    canvas = stats_canvas(stats([]))
    _, top, _, bottom = box_of(canvas, LEGEND[0])
    swatches = [ink for ink, _ in row(canvas, (top + bottom) // 2) if ink in OUTCOMES]
    assert swatches == list(OUTCOMES)
    assert sorted(LEGEND, key=lambda word: box_of(canvas, word)[0]) == list(LEGEND)


def test_one_failure_among_many_is_seen() -> None:
    """A bar of a million shows it as some pixels on top."""
    (stack,) = stacks(stats([Bar("a", 10**6, 0, 1)]))
    assert list(stack) == [Ink.DELIVERED, Ink.FAILED]
    assert stack[Ink.FAILED] >= 3  # the top row of a round corner is a shade


def test_no_messages_are_a_nought() -> None:
    """A large 0 stands where the bars would be; the hours are there all the same."""
    canvas = stats_canvas(stats([Bar(f"{hour:02}", 0, 0, 0) for hour in range(24)]))
    assert [written.type.size for written in canvas.written if written.text == "0"] == [60]
    below = box_of(canvas, LEGEND[0])[3]
    pixels = set(canvas.image.crop((0, below, 1080, canvas.image.height)).tobytes())
    assert not pixels & {ink.full for ink in (*OUTCOMES, Ink.LINE)}
    assert {"00", "12", "22"} <= {written.text for written in canvas.written}


@pytest.mark.parametrize(("count", "labelled"), [(1, 1), (7, 1), (12, 1), (24, 2), (31, 2)])
def test_labels_that_would_touch_are_left_out_evenly(count: int, labelled: int) -> None:
    """Every bar has its label where there is room; else every second, third and so on has, from the first."""
    labels = [f"{place:02}" for place in range(1, count + 1)]
    canvas = stats_canvas(stats([Bar(label, 1, 0, 0) for label in labels]))
    assert [written.text for written in canvas.written if written.text in labels] == labels[::labelled]


@pytest.mark.parametrize(
    ("delivered", "total", "said"),
    [(0, 7, "0 %"), (199, 200, "99 %"), (7, 7, "100 %"), (8, 7, "100 %"), (1, 3, "33 %"), (0, 0, "–")],
)
def test_an_operators_share_is_said_and_drawn(delivered: int, total: int, said: str) -> None:
    """Rounded down, so that 100 % means all; a dash where nothing went. The bar is as long as the share."""
    canvas = stats_canvas(stats([], [Share("Tcell", delivered, total)]))
    box = box_of(canvas, said.replace(" ", "\u00a0"))
    filled = sum(length for ink, length in row(canvas, box[3] + 12) if ink is Ink.DELIVERED)
    assert abs(filled - 984 * min(delivered, total) // max(1, total)) <= 1
    assert f"{delivered} / {total}" in {written.text for written in canvas.written}


def test_numbers_are_written_as_the_caller_says() -> None:
    """On the scale and with the operators."""
    chart = stats([Bar("a", 4000, 0, 0)], [Share("Tcell", 3000, 4000)])
    assert {"4\u00a0000", "3\u00a0000 / 4\u00a0000"} <= {written.text for written in stats_canvas(chart).written}
    english = stats(
        [Bar("a", 4000, 0, 0)], [Share("Tcell", 3000, 4000)], number=Translator("en", ZoneInfo("UTC")).number
    )
    assert {"4,000", "3,000 / 4,000"} <= {written.text for written in stats_canvas(english).written}


def test_a_long_figure_is_written_smaller() -> None:
    """It is not cut, for then it would be another number."""
    figures = ["12 с", "1 000 000 000 с"]
    canvas = stats_canvas(StatsChart("", [], LEGEND, [], "", [(figure, "за") for figure in [*figures, "3"]], SPACED))
    assert [written.type.size for written in canvas.written if written.text in figures] == [60, 30]


def test_a_balance_stands_until_the_next_reading() -> None:
    """The line is level at each amount, then goes straight to the next; it ends with the last amount in words."""
    canvas = balance_canvas(balance((0, 800), (15, 600), (30, 250)))
    assert flat_rows(canvas) == [level for amount in ("800", "600") for level in around(canvas, amount)]
    first, second = (
        next(length for ink, length in row(canvas, around(canvas, amount)[0]) if ink is Ink.DELIVERED)
        for amount in ("800", "600")
    )
    assert abs(first - second) <= 5
    assert [written.text for written in canvas.written if written.type.bold] == ["Баланс", "250"]


def test_the_last_of_readings_close_together_stands() -> None:
    """A fall that is made good within the same pixel leaves no level of its own."""
    canvas = balance_canvas(balance((0, 800), (10, 100), (10.001, 600), (30, 600)))
    assert flat_rows(canvas) == [level for amount in ("800", "600") for level in around(canvas, amount)]


def around(canvas: Canvas, amount: str) -> range:
    """The rows of the line at the height of an amount of the scale."""
    _, top, _, bottom = box_of(canvas, amount)
    middle = top + (bottom - top) // 2
    return range(middle - 2, middle + 3)


def flat_rows(canvas: Canvas) -> list[int]:
    """The rows in which the line goes on for long."""
    return [y for y in range(540) if any(ink is Ink.DELIVERED and length > 100 for ink, length in row(canvas, y))]


def test_rises_are_seen() -> None:
    """A top-up has an ink of its own; a balance that only falls has none of it."""
    fell, rose = (balance_canvas(balance((0, 900), (9, 100), (20, end), (30, 50))) for end in (60, 1000))
    assert Ink.RISE.full not in fell.image.tobytes()
    assert rose.image.tobytes().count(Ink.RISE.full) > 1000


def test_the_least_amount_is_a_dashed_line() -> None:
    """With its amount in the same ink; without one, nothing."""
    canvas = balance_canvas(balance((0, 900), (30, 800), low=300))
    _, top, _, bottom = box_of(canvas, "300")
    dashes = [length for ink, length in row(canvas, (top + bottom) // 2, 200) if ink is Ink.FAILED]
    assert len(dashes) > 20
    assert set(dashes[1:-1]) == {14}  # the first may be cut by `row`, the last by the plot
    assert Ink.FAILED.full not in balance_canvas(balance((0, 900), (30, 800))).image.tobytes()


def test_a_peak_among_thousands_is_kept() -> None:
    """One reading of six thousand that stands out is drawn as high as the scale says."""
    readings = [(count / 200, 4000 if count == 3333 else 1000) for count in range(6000)]
    canvas = balance_canvas(balance(*readings))
    inks = (Ink.DELIVERED.full, Ink.RISE.full)
    heights = [
        y for y in range(540) if any(pixel in inks for pixel in canvas.image.crop((0, y, 1080, y + 1)).tobytes())
    ]
    top = box_of(canvas, "4000")
    assert heights[0] <= (top[1] + top[3]) // 2


def test_pictures_can_be_drawn_in_threads() -> None:
    """The same words and figures are the same bytes, whoever draws them beside."""
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda _: stats_chart(month()), range(8)))
    assert set(drawn) == {stats_chart(month())}


words = st.text(st.characters(), max_size=60) | st.text("Щ№ WЖм", min_size=100, max_size=400) | st.just("")
counts = st.integers(0, 10) | st.integers(0, 10**9)
charts = st.builds(
    StatsChart,
    title=words,
    bars=st.lists(st.builds(Bar, words, counts, counts, counts), max_size=31),
    legend=st.tuples(words, words, words),
    operators=st.lists(st.builds(Share, words, counts, counts), max_size=8),
    operators_title=words,
    facts=st.lists(st.tuples(words, words), max_size=3),
    number=st.sampled_from([SPACED, COMMAS]),
)
amounts = st.decimals(-(10**9), 10**9, places=2) | st.decimals(0, 5, places=2)
moments = st.timedeltas(timedelta(), timedelta(days=30)).map(lambda since: START + since)
written_as: st.SearchStrategy[Callable[[Decimal], str]] = st.sampled_from([str, lambda amount: f"{amount:,.2f} сомони"])
balances = st.builds(
    BalanceChart,
    title=words,
    points=st.lists(st.tuples(moments, amounts), max_size=40).map(lambda points: sorted(points, key=lambda p: p[0])),
    low=st.none() | amounts,
    labels=st.tuples(words, words),
    amount=written_as,
)


def hold_to_the_rules(canvas: Canvas) -> None:
    """What holds for all words on all pictures."""
    picture = canvas.image
    for text in canvas.written:
        left, top, right, bottom = text.box
        assert 20 <= left < right <= picture.width - 20
        assert 20 <= top < bottom <= picture.height - 20
        assert text.type.size >= 28
        pixels = set(picture.crop(text.box).tobytes())
        assert pixels <= {*range(text.ink.first, text.ink.full + 1), Ink.PAPER.full}
        assert contrast(text.ink, Ink.PAPER) >= 4.5
    for one, other in combinations(canvas.written, 2):
        a, b = one.box, other.box
        assert a.right <= b.left or b.right <= a.left or a.bottom <= b.top or b.bottom <= a.top, (one, other)
    inside = picture.copy()
    inside.paste(Ink.PAPER.full, (20, 20, picture.width - 20, picture.height - 20))
    assert set(inside.tobytes()) == {Ink.PAPER.full}


@pytest.mark.parametrize("count", [1, 2, 7, 9, 31])
def test_long_labels_stay_in_the_picture(count: int) -> None:
    """Under the first bar and the last as well."""
    hold_to_the_rules(stats_canvas(stats([Bar("Понедельник и вторник", 10**9, 0, 0)] * count)))


@settings(max_examples=40)
@given(charts)
def test_no_words_meet_or_run_out_of_the_statistics(chart: StatsChart) -> None:
    """Whatever the words and figures: each text lies on plain paper, apart from all others, large and dark enough."""
    hold_to_the_rules(stats_canvas(chart))


@settings(max_examples=60)
@given(balances)
def test_no_words_meet_or_run_out_of_the_balance(chart: BalanceChart) -> None:
    """The same for the other picture."""
    hold_to_the_rules(balance_canvas(chart))


def luminance(ink: Ink) -> float:
    """Of a colour, as WCAG 2 defines it."""
    parts = [part / 255 for part in ink.rgb]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Ink, other: Ink) -> float:
    """Between two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_outcomes_are_told_apart_without_hue() -> None:
    """Each stands out from the paper, and differs from the others in lightness alone: no eye needs to see a hue."""
    assert all(contrast(ink, Ink.PAPER) >= 3 for ink in (*OUTCOMES, Ink.RISE))
    assert all(contrast(one, other) >= 1.75 for one, other in combinations(OUTCOMES, 2))


def test_no_letter_is_smaller_than_a_phone_can_show() -> None:
    """28 pixels of 1080 are nine points on a phone 360 wide."""
    assert SMALL.size == 28
    assert {written.type.size for written in stats_canvas(month()).written} == {60, 44, 34, 30, 28}
