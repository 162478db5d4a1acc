"""The card of a draft: what it says, and exactly which buttons it has."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiogram.enums import ButtonStyle
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.campaign import Way
from bot.domain.draft import Draft, Order, Outcome, PhoneList, Step
from bot.domain.gateway import Channel
from bot.domain.phone import PhoneFault
from bot.i18n import LANGUAGES, Translator
from bot.intake import FileFault, RowFault
from bot.services.compose import MOST_PARTS
from bot.services.read_list import BROKEN, NOT_FETCHED
from bot.telegram.keyboards import Press, Verb
from bot.telegram.views import Money, View
from bot.telegram.views.draft import draft_card

DUSHANBE = ZoneInfo("Asia/Dushanbe")
NOW = datetime(2026, 11, 25, 7, tzinfo=UTC)
LATER = datetime(2026, 11, 26, 4, tzinfo=UTC)
T = Translator("en", DUSHANBE)
FREE = Money(None, None)
PRICED = Money(Decimal("0.10"), None)
NASTY = '<b>&amp;"{x}.csv'
CYRILLIC = "Уважаемый клиент, ваша посылка ждёт вас в отделении. Заберите её до пятницы, пожалуйста."
CURLY = "“Sale” in all our shops — only today and tomorrow, come and see for yourself what we have put aside."
LIST = PhoneList(
    file_name="clients.csv",
    rows=350,
    recipients=340,
    duplicates=3,
    faults={"too_short": 5, "scientific": 2},
    fault_rows=((5, "too_short"), (9, "scientific")),
    columns=("phone", "name", "sum"),
    samples=(("992900000001", "Anna", "5"), ("992900000002", "Zafar", "6"), ("992900000003", "Olim", "7")),
    parts=(1, 3, 900),
    encoding="Unicode",
    operators={"Tcell": 120, "": 3, "MegaFon": 217},
)
AGAIN = replace(LIST, columns=("phone", "text"), samples=tuple((phone, name) for phone, name, _ in LIST.samples))
CLEAN = replace(LIST, rows=340, duplicates=0, faults={}, fault_rows=())
ORDER = Order(text="Hello, {name}!", sender="OSON", file_name="clients.csv", phone_list=LIST)
TYPED = Order(("992900000001",), "Hello", "OSON", questions=("repeat", "parts", "several"))


def draft(order: Order = ORDER, step: Step = Step.CONFIRM, **values: Any) -> Draft:
    """A draft of this order."""
    outcome = Outcome.SENT if step is Step.CLOSED else None
    return replace(Draft(7, 1, 1, step, order, outcome, NOW), **values)


def card(
    shown: Draft,
    t: Translator = T,
    money: Money = FREE,
    rate: float | None = None,
    test_phone: str | None = None,
    same: int | None = None,
) -> View:
    """Its card."""
    return draft_card(t, shown, money, rate=rate, test_phone=test_phone, now=NOW, zone=DUSHANBE, same=same)


def verbs(view: View) -> list[list[str]]:
    """The verbs of the buttons, row by row; a choice by its prefix, a copy button as `copy`."""
    return [[_verb(button.callback_data) for button in row] for row in view.rows]


def _verb(data: str | None) -> str:
    if data is None:
        return "copy"
    return Press.unpack(data).verb.value if data.startswith("p:") else data.split(":")[0]


class _Tags(HTMLParser):
    """Gathers the words of a text, and refuses tags that Telegram would."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("b", "i", "code", "blockquote"), tag
        assert attrs in ([], [("expandable", None)])
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def words(view: View) -> str:
    """What a reader sees, if Telegram takes the view: tags closed and known, within its limits, buttons short.

    On a telephone 390 px wide about 34 characters stand in a row; a button that has more breaks its words.
    """
    parser = _Tags()
    parser.feed(view.text)
    parser.close()
    assert parser.open == []
    assert re.search(r"&(?!amp;|lt;|gt;|quot;)", view.text) is None
    assert 0 < len(parser.words.encode("utf-16-le")) // 2 <= 4096
    assert sum(map(len, view.rows)) <= 100
    for button in (button for row in view.rows for button in row):
        assert 0 < len(button.text) <= 30, button.text
        assert len((button.callback_data or "").encode()) <= 64
    for row in view.rows:
        assert 1 <= len(row) <= 4
        assert len(row) == 1 or all(len(button.text) <= 33 // len(row) for button in row), row
    return parser.words


def widest() -> Order:
    """An order in which everything is as long as it may be, and looks like markup."""
    faults = {fault.value: 350_000 for fault in (*PhoneFault, *RowFault)}
    listed = replace(
        LIST,
        rows=350_000,
        recipients=350_000,
        duplicates=350_000,
        faults=faults,
        fault_rows=tuple((350_000 + row, RowFault.SCIENTIFIC.value) for row in range(10)),
        columns=("phone", *(f"<{count:02}>" + "&" * 28 for count in range(49))),
        samples=tuple((f"99290000000{count}", *["<&" * 500] * 49) for count in range(5)),
        parts=(1, 11, 3_850_000),
        encoding="mixed",
        operators={f"<operator {count}>": 350_000 for count in range(20)},
    )
    text = "<b>" + "{" + listed.columns[1] + "}" + "&" * 1500
    return Order(
        text=text,
        sender="<&>" * 3,
        channel=Channel.TELEGRAM,
        file_name=NASTY * 6,
        phone_list=listed,
        send_at=datetime(2027, 10, 10, 13, 30, tzinfo=UTC),
        latin=True,
        plain=True,
        balance=Decimal("0.01"),
        unknown=("<x>" * 21, "<y>" * 21),
        refused="<&" * 2000,
    )


ORDERS = {
    "list": ORDER,
    "clean": replace(ORDER, phone_list=CLEAN),
    "pasted": replace(ORDER, file_name=""),
    "bulk": replace(ORDER, way=Way.BULK),
    "scheduled": replace(ORDER, send_at=LATER),
    "again": replace(ORDER, again_of=4),
    "nobody": replace(ORDER, phone_list=replace(LIST, recipients=0, samples=(), parts=(0, 0, 0), operators={})),
    "unread": replace(ORDER, phone_list=None),
    "no text": replace(ORDER, text="", unknown=("nmae", "name"), refused="Hi, {nmae} & <b>co</b>!"),
    "typed": TYPED,
    "confidential": replace(TYPED, confidential=True),
    "cyrillic": replace(ORDER, text=CYRILLIC),
    "curly": replace(ORDER, text=CURLY),
    "day": replace(ORDER, day=date(2026, 11, 26)),
    "widest": widest(),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("step", Step)
def test_every_step_is_shown_in_every_language(step: Step, name: str, language: str) -> None:
    """Whatever waits for what, priced or not: a view that Telegram takes, and words of this language's own."""
    order = ORDERS[name]
    t = Translator(language, DUSHANBE)
    for money, test_phone in ((FREE, None), (PRICED, "992900000001")):
        said = words(card(draft(order, step), t, money, 100.0, test_phone, 999_999))
        if order.phone_list and step is not Step.CLOSED:
            assert order.file_name in said or order.again_of
        assert language == "en" or re.search("[а-яё]", said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_end_of_a_draft_is_told(language: str) -> None:
    """One line for each outcome; a refused list with its name, what is wrong, and the cure. No buttons."""
    t = Translator(language, DUSHANBE)
    told = set()
    for outcome in Outcome:
        faults = [*FileFault, NOT_FETCHED, BROKEN] if outcome is Outcome.REFUSED else [None]
        for fault in faults:
            view = card(draft(replace(ORDER, file_name=NASTY), Step.CLOSED, outcome=outcome, fault=fault), t)
            assert view.rows == []
            told.add(words(view))
            assert (NASTY in words(view)) == (outcome is Outcome.REFUSED)
    assert len(told) == len(Outcome) - 1 + len(FileFault) + 2
    assert words(card(draft(step=Step.CLOSED, outcome=Outcome.REFUSED), t))


SEND = [["send"], ["canary", "later"], ["test"]]
SEND_ALL = [["send"], ["later", "test"]]
CHANGE = [["text", "sender"], ["way"], ["drop"]]
BUTTONS: list[tuple[str, Draft, str | None, list[list[str]]]] = [
    ("reading", draft(replace(ORDER, phone_list=None), Step.READING), None, [["drop"]]),
    ("typed", draft(TYPED), None, [["send", "drop"]]),
    ("its first text", draft(replace(ORDER, text=""), Step.TEXT), None, [["drop"]]),
    ("another text", draft(ORDER, Step.TEXT), None, [["back", "drop"]]),
    ("sender", draft(ORDER, Step.SENDER), None, [["back"]]),
    ("test", draft(ORDER, Step.TEST), None, [["back"]]),
    ("day", draft(ORDER, Step.SEND_AT), None, [["day"] * 2, ["day"] * 3, ["day"] * 2, ["back", "drop"]]),
    ("hour", draft(ORDERS["day"], Step.SEND_AT), None, [*[["at"] * 4] * 4, ["at"], ["later"], ["back", "drop"]]),
    ("list", draft(), None, [*SEND, ["text", "sender"], ["way", "rejected"], ["drop"]]),
    (
        "tested",
        draft(),
        "992900000001",
        [["send"], ["canary", "later"], ["test_again"], ["test"], ["text", "sender"], ["way", "rejected"], ["drop"]],
    ),
    ("clean", draft(ORDERS["clean"]), None, [*SEND, *CHANGE]),
    (
        "duplicates alone",
        draft(replace(ORDER, phone_list=replace(CLEAN, duplicates=1))),
        None,
        [*SEND, ["text", "sender"], ["way", "rejected"], ["drop"]],
    ),
    ("ten", draft(replace(ORDER, phone_list=replace(CLEAN, recipients=10))), None, [*SEND_ALL, *CHANGE]),
    ("eleven", draft(replace(ORDER, phone_list=replace(CLEAN, recipients=11))), None, [*SEND, *CHANGE]),
    ("bulk", draft(replace(ORDERS["clean"], way=Way.BULK)), None, [*SEND_ALL, *CHANGE]),
    (
        "telegram",
        draft(replace(ORDERS["clean"], channel=Channel.TELEGRAM)),
        None,
        [*SEND, ["text", "sender"], ["drop"]],
    ),
    (
        "scheduled",
        draft(replace(ORDERS["clean"], send_at=LATER)),
        None,
        [["schedule"], ["later", "now"], ["test"], *CHANGE],
    ),
    ("again", draft(replace(ORDERS["clean"], again_of=4)), None, [*SEND, ["sender"], ["drop"]]),
    ("nobody", draft(ORDERS["nobody"]), "992900000001", [["text", "rejected"], ["drop"]]),
    ("nobody again", draft(replace(ORDERS["nobody"], again_of=4)), None, [["rejected"], ["drop"]]),
    (
        "too long",
        draft(replace(ORDER, phone_list=replace(CLEAN, parts=(1, MOST_PARTS + 1, 900)))),
        "992900000001",
        CHANGE,
    ),
    (
        "just not too long",
        draft(replace(ORDER, phone_list=replace(CLEAN, parts=(1, MOST_PARTS, 900)))),
        None,
        [*SEND, *CHANGE],
    ),
    ("cyrillic", draft(replace(ORDERS["clean"], text=CYRILLIC)), None, [*SEND, ["latin"], *CHANGE]),
    ("latin", draft(replace(ORDERS["clean"], text=CYRILLIC, latin=True)), None, [*SEND, ["latin"], *CHANGE]),
    ("curly", draft(replace(ORDERS["clean"], text=CURLY)), None, [*SEND, ["plain"], *CHANGE]),
    ("plain", draft(replace(ORDERS["clean"], text=CURLY, plain=True)), None, [*SEND, ["plain"], *CHANGE]),
    (
        "plain cyrillic",
        draft(replace(ORDERS["clean"], text=CYRILLIC + "“”", plain=True)),
        None,
        [*SEND, ["latin", "plain"], *CHANGE],
    ),
]


@pytest.mark.parametrize(("shown", "test_phone", "rows"), [row[1:] for row in BUTTONS], ids=[row[0] for row in BUTTONS])
def test_a_card_has_exactly_these_buttons(shown: Draft, test_phone: str | None, rows: list[list[str]]) -> None:
    """What cannot be done has no button; what confirms is green, what destroys is red, the rest is plain."""
    view = card(shown, test_phone=test_phone)
    assert verbs(view) == rows
    green, red = {Verb.SEND.value, Verb.SCHEDULE.value}, {Verb.DROP.value}
    for row in view.rows:
        for button in row:
            verb = _verb(button.callback_data)
            assert (button.style == ButtonStyle.SUCCESS) == (verb in green)
            assert (button.style == ButtonStyle.DANGER) == (verb in red)
            if verb not in ("day", "at"):
                assert Press.unpack(button.callback_data or "").id == 7


def test_the_buttons_of_both_sides_say_which_way_they_turn() -> None:
    """A button says what a press of it brings."""
    texts = {
        name: [button.text for row in card(draft(order)).rows for button in row]
        for name, order in {
            "as it is": ORDER,
            "turned": replace(ORDER, way=Way.BULK, latin=True, plain=True, send_at=LATER),
        }.items()
    }
    assert {"📦 As a list", "Send (340)", "🐤 First 10"} <= {*texts["as it is"]}
    assert {"🔎 One by one", "🔤 In Cyrillic", "✂️ As written", "Schedule 26.11 9:00"} <= {*texts["turned"]}
    tested = card(draft(), test_phone="992900000009").rows[2:4]
    assert [button.text for row in tested for button in row] == ["🧪 Test: 90 000 00 09", "🧪 Other phone…"]


def test_the_preview_says_all_in_its_order() -> None:
    """File and rows, recipients, what is left out, operators, sender, parts, cost, time, when, way, three texts."""
    order = replace(ORDER, balance=Decimal("100.50"))
    said = words(card(draft(order), money=PRICED, rate=2.0))
    facts = (
        "📄 clients.csv · 350 rows",
        "340 recipients",
        "Duplicates: 3",
        "7 rows are left out",
        "digits are lacking: 5",
        "spoiled by Excel: 2",
        "Rows: 5, 9…",
        "make that column text",
        "Operators: MegaFon 217 · Tcell 120 · other 3",
        "From: OSON",
        "Parts per SMS: 1–3, in all 900 (Unicode)",
        "Cost: about 90.00 TJS · 10.50 TJS stay",
        "Takes about 3 min",
        "Goes out as soon as you confirm",
        "Tracked: the delivery of each SMS is known",
        "+992 90 000 00 01\nHello, Anna!",
        "+992 90 000 00 03\nHello, Olim!",
    )
    places = [said.find(fact) for fact in facts]
    assert -1 not in places, facts[places.index(-1)]
    assert places == sorted(places)
    assert "<b>340 recipients</b>" in card(draft(order)).text


def test_what_is_not_known_or_not_so_is_not_said() -> None:
    """No price, no cost; no rate, no time; no fault, nothing left out; by OsonSMS no promise of reports."""
    said = words(card(draft(ORDERS["clean"])))
    for fact in ("TJS", "Takes", "left out", "Duplicates", "Excel", "💡", "⚠️", "channel", "Telegram"):
        assert fact not in said, fact
    bulk = words(card(draft(ORDERS["bulk"]), rate=5.0))
    assert "Tracked" not in bulk
    assert "no report for each" in bulk
    assert "Takes" not in bulk
    assert "Cost: about 90.00 TJS\n" in words(card(draft(), money=PRICED))  # the balance is not known
    assert "🕘 Goes out 26.11 9:00" in words(card(draft(ORDERS["scheduled"])))
    assert "From: OSON · Telegram" in words(card(draft(replace(ORDER, channel=Channel.TELEGRAM))))


@pytest.mark.parametrize(
    ("balance", "said"),
    [
        ("90.00", "0.00 TJS stay"),
        ("1000", "910.00 TJS stay"),
        ("89.99", "there are 89.99 TJS, 0.01 TJS too little"),
        ("-5", "there are -5.00 TJS, 95.00 TJS too little"),
    ],
)
def test_a_balance_that_does_not_suffice_is_told_before(balance: str, said: str) -> None:
    """To the diram; and that the campaign waits for a top-up. It may be confirmed all the same."""
    view = card(draft(replace(ORDER, balance=Decimal(balance))), money=PRICED)
    assert said in words(view)
    assert ("will be held" in words(view)) == ("too little" in said)
    assert verbs(view)[:3] == SEND


def test_a_text_that_all_get_is_shown_once() -> None:
    """Three recipients' own texts only where they differ: the same three times over says nothing more."""
    order = replace(ORDER, text="Hello, all!")
    said = words(card(draft(order)))
    assert said.count("Hello, all!") == 1
    assert "+992" not in said
    assert words(card(draft())).count("+992") == 3
    assert words(card(draft(replace(order, text="{text}", again_of=4, phone_list=AGAIN)))).count("+992") == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_that_went_out_of_late_is_asked_about(language: str) -> None:
    """It names the campaign, last, next to the buttons; it may be sent all the same. Without one nothing is said."""
    t = Translator(language, DUSHANBE)
    view = card(draft(), t, same=17)
    last = words(view).splitlines()[-1]
    assert last.startswith("⚠️")
    assert "17" in last
    assert view.rows == card(draft(), t).rows
    assert "⚠️" not in words(card(draft(), t))


def test_what_saves_money_is_said_with_its_numbers() -> None:
    """Cyrillic against Latin letters; curly signs against plain ones, where they alone force Unicode; else nothing."""
    assert "in Cyrillic letters 2 parts per SMS, in Latin letters 1 part" in words(card(draft(ORDERS["cyrillic"])))
    curly = words(card(draft(ORDERS["curly"])))
    assert "With them 2 parts per SMS, with plain signs 1 part" in curly
    assert "Cyrillic" not in curly
    latin = card(draft(replace(ORDERS["cyrillic"], latin=True)))
    assert "goes in Latin letters" in words(latin)
    assert "Cheaper" not in words(latin)
    assert "Uvazhaemy" in words(latin)
    assert "Cheaper" not in words(card(draft(replace(ORDER, text="Салом!"))))  # one part either way


def test_a_text_that_is_too_long_for_somebody_is_told() -> None:
    """The longest counts, for it cannot be sent; the number of its parts is said."""
    said = words(card(draft(replace(ORDER, phone_list=replace(LIST, parts=(1, 11, 900))))))
    assert "too long: 11 parts, at most 10" in said


def test_a_text_is_asked_for_with_the_columns_at_hand() -> None:
    """Each column as a placeholder to be copied."""
    said = words(card(draft(replace(ORDER, text=""), Step.TEXT)))
    assert "Columns for the text: {name} {sum}" in said
    assert said.endswith("What shall it say? Write the text of the SMS.")
    alone = replace(ORDER, text="", phone_list=replace(LIST, columns=("phone",)))
    assert "Columns" not in words(card(draft(alone, Step.TEXT)))
    assert "Hello, {name}!" in words(card(draft(ORDER, Step.TEXT)))


def test_a_placeholder_that_is_no_columns_is_named_and_its_text_given_back() -> None:
    """First what was wrong, with the nearest column; the text whole, to be copied and mended; asked for once."""
    view = card(draft(ORDERS["no text"], Step.TEXT))
    said = words(view)
    assert said.startswith("The file has no column “nmae”. Did you mean “name”?\nHi, {nmae} & <b>co</b>!\n")
    assert "<code>Hi, {nmae} &amp; &lt;b&gt;co&lt;/b&gt;!</code>" in view.text
    assert "<code>{name}</code> <code>{sum}</code>" in view.text
    assert said.endswith("Copy the text, mend it and send it again.")
    assert "What shall it say" not in said
    far = words(card(draft(replace(ORDERS["no text"], unknown=("zzz", None)), Step.TEXT)))
    assert far.startswith("The file has no column “zzz”.\nHi")
    lost = words(card(draft(replace(ORDERS["no text"], refused=""), Step.TEXT)))  # of before it was kept
    assert lost.endswith("What shall it say? Write the text of the SMS.")
    long = "{nmae}" + "x" * 1_530
    assert long in words(card(draft(replace(ORDERS["no text"], refused=long), Step.TEXT)))


def test_what_comes_from_a_file_is_shown_as_it_is_written() -> None:
    """Names of files and columns, senders, values and texts are words, whatever tags they hold."""
    listed = replace(LIST, file_name=NASTY, samples=(("992900000001", "<i>&lt;</i>", "5"),), operators={"<u>": 1})
    order = replace(ORDER, text="<b>{name}", sender="<s>", file_name=NASTY, phone_list=listed)
    said = words(card(draft(order)))
    for part in (NASTY, "<b><i>&lt;</i>", "From: <s>", "<u> 1"):
        assert part in said, part
    assert unescape(card(draft(replace(order, phone_list=None), Step.READING)).text) == f"⏳ Reading {NASTY}…"
    assert words(card(draft(replace(ORDER, file_name=""), Step.READING))) == "⏳ Reading Pasted list…"


@given(
    st.builds(
        lambda text, values, name: replace(
            ORDER,
            text=text,
            file_name=name,
            phone_list=replace(LIST, columns=("phone", "a", "b"), samples=(("992900000001", *values),)),
        ),
        st.text(st.characters(exclude_characters="\0{}", exclude_categories=["Cs"]), max_size=1600),
        st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=2, max_size=2),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=100),
    ),
    st.sampled_from([step for step in Step if step is not Step.CLOSED]),
)
def test_any_text_makes_a_card(order: Order, step: Step) -> None:
    """Whatever an admin and his file say: Telegram takes the card."""
    assert words(card(draft(order, step), money=PRICED, rate=3.0))
