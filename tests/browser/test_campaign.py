"""A whole campaign as an admin does it on the demo page, from a spreadsheet to its result, in a real browser."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from playwright.async_api import Locator, Page, expect

from tests.browser.test_demo import begin, said

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
COUNT = 190
"""Enough that a slow gateway has not taken them all when somebody presses Stop; the page shows no more than 200 SMS."""
PHONES = [f"99290000{number:04}" for number in range(1, COUNT + 1)]
RUSSIAN = ["Анна", "Пётр", "Юлия", "Щукина Элла", "Ёлкин"]
TAJIK = ["Ғафур", "Ҷамшед", "Қурбон", "Мӯсо", "Раҳим", "Фарҳоди Ширинӣ"]


def people(names: list[str]) -> list[tuple[str, str]]:
    """A phone and a name for each row."""
    return [(phone, f"{names[place % len(names)]} {place}") for place, phone in enumerate(PHONES)]


def excel_csv(folder: Path) -> Path:
    """As Excel in Russian saves a CSV: Windows-1251, semicolons, CRLF; a row without a phone, and a phone twice."""
    rows = ["Имя;Телефон;Долг", *(f"{name};{phone[3:]};10,50" for phone, name in people(RUSSIAN))]
    file = folder / "клиенты.csv"
    file.write_bytes("\r\n".join([*rows, "Никто;;0", f"Анна ещё раз;+{PHONES[0]};1", ""]).encode("cp1251"))
    return file


def workbook(folder: Path) -> Path:
    """As Excel saves a workbook: phones as numbers, names in Tajik; a row without a phone, and a phone twice."""
    file = folder / "мизоҷон.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Мизоҷон")
        sheet.write_row(0, 0, ["Имя", "Телефон"])
        for number, (phone, name) in enumerate(people(TAJIK), 1):
            sheet.write_row(number, 0, [name, int(phone)])
        sheet.write_row(COUNT + 1, 0, ["Ҳеҷ кас", ""])
        sheet.write_row(COUNT + 2, 0, ["Боз", int(PHONES[0])])
    return file


@pytest.mark.parametrize(("make", "names"), [(excel_csv, RUSSIAN), (workbook, TAJIK)])
async def test_a_spreadsheet_becomes_one_sms_each(
    page: Page, demo: str, tmp_path: Path, make: Callable[[Path], Path], names: list[str]
) -> None:
    """Previewed, first ten, continued, stopped, resumed, done; the result tells of each what the gateway knows."""
    await upload(page, make(tmp_path), "Салом, {имя}!")
    preview = said(page, f"{COUNT} получателей")
    for words in (f"{COUNT + 2} строки", "Повторов: 1", "нет номера", f"Салом, {names[0]} 0!", "47,50 TJS"):
        await expect(preview).to_contain_text(words)
    await expect(page.get_by_test_id("sms")).to_have_count(0)

    await press(preview, "Сначала 10")
    await expect(said(page, "вернёт черновик").get_by_role("button", name="Отменить")).to_be_visible()
    asking = said(page, f"Отправить остальные ({COUNT - 10})?")
    await expect(asking).to_be_visible()
    await expect(page.get_by_test_id("sms")).to_have_count(10)

    await slow_down(page)
    await press(asking, "Продолжить")
    await expect(page.get_by_test_id("sms")).not_to_have_count(10, timeout=30_000)
    await press(said(page, "Ушло:"), "Остановить")
    stopped = said(page, "Остановлено.")
    await expect(stopped).to_contain_text("остальное ждёт вас")
    await page.get_by_test_id("fault-clear").click()
    await page.wait_for_timeout(3_500)  # what was on its way has arrived by now
    assert 10 < await page.get_by_test_id("sms").count() < COUNT

    await press(stopped, "Продолжить")
    done = said(page, "Готово")
    await expect(done).to_contain_text(f"доставлено: {COUNT}", timeout=60_000)
    await expect(page.get_by_test_id("sms")).to_have_count(COUNT)

    told = await result(page, done)
    taken = (await (await page.request.get(f"{demo}/gateway/control/messages")).json())["messages"]
    facts = [(one["phone"], one["txn_id"], str(one["msg_id"]), one["text"]) for one in taken]
    assert sorted(told) == sorted(facts)
    wanted = [(phone, f"Салом, {name}!") for phone, name in people(names)]
    assert [(phone, text) for phone, _, _, text in told] == wanted


async def upload(page: Page, file: Path, caption: str) -> None:
    """Send a file with its text."""
    await begin(page)
    await page.get_by_test_id("file-input").set_input_files(file)
    await page.get_by_test_id("compose-input").fill(caption)
    await page.get_by_test_id("send-button").click()


async def press(card: Locator, button: str) -> None:
    """Press a button of a card."""
    await card.get_by_role("button", name=button).click()


async def slow_down(page: Page) -> None:
    """Let the gateway take three seconds for each answer."""
    await page.get_by_test_id("fault-select").select_option("slow")
    await page.get_by_test_id("fault-set").click()
    await expect(page.get_by_test_id("fault-now")).to_be_visible()


async def result(page: Page, card: Locator) -> list[tuple[str, str, str, str]]:
    """(phone, txn_id, msg_id, text) of each row of the result file, all of them delivered."""
    await press(card, "Результат")
    async with page.expect_download() as download:
        await page.locator("article.in").get_by_test_id("document").last.click()
    raw = (await (await download.value).path()).read_bytes()
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert {row["состояние"] for row in rows} == {"доставлено"}
    return [(row["номер"].replace(" ", ""), row["txn_id"], row["msg_id"], row["текст"]) for row in rows]
