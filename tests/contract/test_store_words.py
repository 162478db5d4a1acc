"""Words of texts: found as people write them, on both engines alike; never those of a confidential text."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.lookback import words_of
from bot.store import Store
from bot.store.database import Database
from tests.support.log import (
    NOW,
    campaign,
    claim,
    everything,
    fill,
    new_message,
    new_text,
    queue,
    record,
    report,
    sent,
)

RUSSIAN, TAJIK, LATIN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "ғӣқӯҳҷ", "abcdefghijklmnopqrstuvwxyz"
SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»—…№€²½ \n😀"


async def _find(store: Store, *words: str, limit: int = 99) -> list[int]:
    async with store.read() as tx:
        return [message.id for message in (await tx.messages_by_words(words, limit)).messages]


async def _queue(store: Store, *texts: str) -> list[int]:
    return [row.id for row in await queue(store, *(new_message(text=text) for text in texts))]


async def test_every_letter_is_found(store: Store, database: Database) -> None:
    """Of every code point that may be asked for: by itself, between others, and at the end; sixteen at once."""
    points = range(0x3000)  # farther ones, too, where they are other ways to write a near one
    letters = sorted({word for point in points for word in words_of(chr(point))})
    assert max(letters) < "\u0800"
    assert len(letters) > 1400
    assert {*RUSSIAN, *TAJIK, *LATIN, *"0123456789"} <= set(letters)
    words = [word for letter in letters for word in (f"7{letter}", f"к{letter}7", letter)]
    some = [words[start : start + 48] for start in range(0, len(words), 48)]
    await fill(database, [{"text": " ".join(each)} for each in some])
    async with store.read() as tx:
        for each in some:
            assert " ".join(each) in [row.text for row in (await tx.messages_by_words(each, 9)).messages]


@pytest.mark.parametrize("letters", [RUSSIAN, TAJIK, LATIN])
async def test_capitals_make_no_difference(store: Store, letters: str) -> None:
    """What is written small is found by capitals, and the other way round."""
    for letter in letters:
        ids = await _queue(store, f"1{letter}2", f"1{letter.upper()}2")
        for asked in (letter, letter.upper()):
            assert await _find(store, f"1{asked}2") == ids[::-1]


async def test_letters_that_look_alike_are_different(store: Store) -> None:
    """Neither a stroke nor an alphabet is guessed."""
    ids = dict(zip("гғеёиӣйcс", await _queue(store, *(f"1{letter}2" for letter in "гғеёиӣйcс")), strict=True))
    for letter, id_ in ids.items():
        assert await _find(store, f"1{letter}2") == [id_]


async def test_all_words_are_asked_for_and_the_last_may_go_on(store: Store) -> None:
    """In any order, anywhere in the text; only the last one may be a beginning."""
    first, second = await _queue(store, "Ваш заказ готов", "Ваш заказ отменён")
    assert await _find(store, "заказ", "ваш") == [second, first]
    assert await _find(store, "ваш", "зак") == [second, first]
    assert await _find(store, "зак", "ваш") == []
    assert await _find(store, "заказ", "гот") == [first]
    assert await _find(store, "аказ") == []
    assert await _find(store, "заказ", "выдан") == []


# What stands in a text, and the words by which it is found.
WRITTEN = {
    "Код: 4711.": ["Код", "4711"],
    "PAROL-4711": ["PAROL", "4711"],
    "-5 +992900000001": ["5", "992900000001"],
    "2026-11-25": ["2026", "11", "25"],
    "3.14 1,5 1e5 12:30": ["3", "14", "1", "5", "1e5", "12", "30"],
    "https://bank.tj/a_b?id=7&x=ok#z": ["https", "bank", "tj", "a", "b", "id", "7", "x", "ok", "z"],
    "sales@bank.tj": ["sales", "bank", "tj"],
    "/var/log ~/x C:\\y": ["var", "log", "x", "C", "y"],
    "<b>Салом</b> &amp; <a href='дом'>": ["b", "Салом", "amp", "a", "href", "дом"],
    "онлайн-банк, O'Brien": ["онлайн", "банк", "O", "Brien"],
    "«Салом»—№5…100%": ["Салом", "5", "100"],
    "50 м² дом ½": ["50", "м", "дом"],
    "а_б__в": ["а", "б", "в"],
    "ok😀ok2": ["ok", "ok2"],
}


@pytest.mark.parametrize("text", WRITTEN)
async def test_signs_part_words(store: Store, text: str) -> None:
    """Each word by itself and all together, whatever signs stand between them; and nothing across a sign."""
    [id_] = await _queue(store, text)
    words = WRITTEN[text]
    assert set(words_of(text)) == set(words)
    for asked in (words, *([word] for word in words), *([word, words[0]] for word in words)):
        assert await _find(store, *asked) == [id_], asked
    assert await _find(store, "нет", *words) == []


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), text=st.text(RUSSIAN + TAJIK.upper() + LATIN[:6] + "01.-e" + SIGNS, min_size=1, max_size=40))
async def test_any_text_is_found_by_its_words(store: Store, data: st.DataObject, text: str) -> None:
    """By any of them, in any order, the last one cut; and by none that is not in it."""
    [id_] = await _queue(store, text)
    words = words_of(text)
    asked = data.draw(st.permutations(words).flatmap(lambda some: st.integers(0, len(some)).map(lambda n: some[:n])))
    if asked:
        cut = data.draw(st.integers(1, len(asked[-1])))
        found = await _find(store, *asked[:-1], asked[-1][:cut], limit=1)
        assert found == [id_]
        assert id_ not in await _find(store, *asked, "zzz", limit=1)


ASKED = {
    '"код"': True,
    "код*": True,
    "к*д": False,
    "^код": True,
    "text:код": False,
    "-код": True,
    "!код": True,
    "код:*": True,
    "код:A": False,
    "код & !нет": False,
    "код | x": False,
    "код OR x": False,
    "NOT x": False,
    "NEAR(код)": False,
    "код <-> вам": True,
    "(код": True,
    "вам' код": True,
    "вам\\ код\\": True,
    "код'; DROP TABLE messages; --": False,
    "%": False,
    "": False,
    " \0 ": False,
    "код\ud83d": True,
    "\u0301": False,
    "x" * 2046: False,
    "x" * 2047: False,
    "я" * 4000: False,
}


@pytest.mark.parametrize("asked", ASKED)
async def test_signs_of_a_question_are_text(store: Store, asked: str) -> None:
    """No sign is an operator, none is an error: the words among them are asked for; without any, nothing is found."""
    [id_] = await _queue(store, "Вам код")
    assert await _find(store, asked) == [id_] * ASKED[asked]
    assert await _find(store, "вам", asked) == [id_] * (ASKED[asked] or not words_of(asked))


@pytest.mark.parametrize("length", [254, 255, 256, 2047, 4000])
@pytest.mark.parametrize("letter", "xя")
async def test_a_word_is_found_however_long(store: Store, letter: str, length: int) -> None:
    """Whole and begun, by itself and with another; one letter more or less is another word."""
    await _queue(store, letter * (length - 1) + " код")
    [id_] = await _queue(store, letter * length + " код")
    assert await _find(store, letter * length) == [id_]
    assert await _find(store, letter * length, "код") == [id_]
    assert await _find(store, "код", letter * length) == [id_]
    assert await _find(store, "код", letter * (length + 1)) == []
    assert await _find(store, letter * (length + 1), "код") == []


async def test_a_confidential_text_is_never_found(store: Store) -> None:
    """Not before it leaves, not after; however it was ordered."""
    id_ = await campaign(store, confidential=True)
    found = await report(store, id_)
    [open_] = await _queue(store, "geheim offen")
    async with store.write() as tx:
        await tx.add_messages([new_message(text="geheim", confidential=True)], NOW)
        await tx.add_campaign_messages(found.campaign, [new_text(text="geheim")], NOW)
    assert await _find(store, "geheim") == [open_]
    await record(store, *map(sent, await claim(store)))
    assert await _find(store, "geheim") == [open_]


async def test_texts_of_campaigns_are_found(store: Store) -> None:
    """Like any other."""
    id_ = await campaign(store)
    found = await report(store, id_)
    async with store.write() as tx:
        await tx.add_campaign_messages(found.campaign, [new_text(text=f"заказ {number}") for number in (1, 2)], NOW)
        [message] = (await tx.messages_by_words(("заказ", "2"), 9)).messages
    assert (message.text, message.campaign_id) == ("заказ 2", id_)


@pytest.mark.parametrize("recent", [0, 1, 4, 5000])
async def test_the_latest_come_first(store: Store, monkeypatch: pytest.MonkeyPatch, recent: int) -> None:
    """As many as asked for, wherever they stand in the log."""
    monkeypatch.setattr("bot.store.search._RECENT", recent)
    ids = await _queue(store, *("заказ" if number % 3 else "другое" for number in range(12)))
    expected = [id_ for number, id_ in enumerate(ids) if number % 3][::-1]
    for limit in range(1, 10):
        assert await _find(store, "зак", limit=limit) == expected[:limit]


@pytest.mark.parametrize(("first", "late"), [(1, 0), (1, 41), (2, 30), (32, 53), (32, 100_000)])
async def test_the_latest_come_first_however_they_were_ordered(
    store: Store, database: Database, monkeypatch: pytest.MonkeyPatch, first: int, late: int
) -> None:
    """Messages of two campaigns and single ones among each other, so bundles lie within bundles."""
    monkeypatch.setattr("bot.store.search._LATE", late)
    monkeypatch.setattr("bot.store.search._RECENT", 1)
    monkeypatch.setattr("bot.store.search._FIRST", first)
    owners = [await campaign(store), None, await campaign(store), None]
    names = ["Мадина", "Мадинабону", "Далер"]
    rows = [
        {"text": f"Салом, {names[number * 7 % 3]}! Код {number % 5}", "campaign_id": owners[number * 5 % 11 % 4]}
        for number in range(100)
    ]
    await fill(database, rows)
    everyone = await everything(database)
    for asked in (
        ("мадина",),
        ("мад",),
        ("салом", "мадина"),
        ("мадина", "2"),
        ("код", "салом", "далер"),
        ("2", "далер"),
    ):
        *whole, begun = asked
        expected = [
            row.id
            for row in reversed(everyone)
            for there in [words_of((row.text or "").lower())]
            if set(whole) <= set(there) and any(word.startswith(begun) for word in there)
        ]
        assert len(expected) > 5
        for limit in (1, 2, 3, 10, 99):
            assert await _find(store, *asked, limit=limit) == expected[:limit], asked
