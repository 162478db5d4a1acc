"""What a person does on the demo page, in a real browser."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def begin(page: Page) -> None:
    """Press Start where Telegram would want it."""
    start, compose = page.get_by_test_id("start-button"), page.get_by_test_id("compose-input")
    await expect(start.or_(compose).locator("visible=true")).to_be_visible()
    if await start.is_visible():
        await start.click()
    await expect(compose).to_be_visible()


async def write(page: Page, text: str) -> None:
    """Write a message and send it."""
    await begin(page)
    await page.get_by_test_id("compose-input").fill(text)
    await page.get_by_test_id("send-button").click()


def said(page: Page, words: str) -> Locator:
    """The last message of the bot that holds these words."""
    return page.get_by_test_id("chat-messages").locator("article.in", has_text=words).last


async def test_an_sms_is_sent_arrives_and_its_card_turns_to_delivered(page: Page) -> None:
    """/send: the handset rings, the card turns to delivered in place; /status and /balance tell of it."""
    await write(page, "/send 90 000 00 01 Салом аз браузер")
    await expect(said(page, "Принято OsonSMS")).to_be_visible()
    sms = page.get_by_test_id("handset").get_by_test_id("sms")
    await expect(sms).to_contain_text("Салом аз браузер")
    await expect(sms).to_contain_text("Demo")
    card = said(page, "Доставлено")
    await expect(card).to_be_visible()
    await expect(card.get_by_role("button", name="Копия txn_id")).to_be_visible()
    await expect(page.locator("article.in", has_text="Салом аз браузер")).to_have_count(1)

    await write(page, "/status 90 000 00 01")
    await expect(page.get_by_test_id("chat-messages").locator("article").last).to_contain_text("Доставлено")
    await expect(page.locator("article.in", has_text="Доставлено")).to_have_count(1)

    await write(page, "/balance")
    await said(page, "99,75 TJS").get_by_role("button", name="Обновить").click()
    await expect(said(page, "399")).to_be_visible()


async def test_a_csv_is_uploaded_previewed_and_sent(page: Page, tmp_path: Path) -> None:
    """A CSV by file upload with its text as caption: preview, confirmation, SMS filled from the columns."""
    file = tmp_path / "мизоҷон.csv"
    file.write_bytes("телефон;ном\n900000001;Зарина\n900000002;Фаррух\n900000001;Зарина\n12345;Кӯтоҳ\n".encode())
    await begin(page)
    await page.get_by_test_id("file-input").set_input_files(file)
    await page.get_by_test_id("compose-input").fill("Салом, {ном}!")
    await page.get_by_test_id("send-button").click()
    preview = said(page, "2 получателя")
    await expect(preview).to_contain_text("Салом, Зарина!")
    await expect(preview).to_contain_text("Повторов: 1")
    await expect(preview).to_contain_text("не хватает цифр")
    await expect(page.get_by_test_id("sms")).to_have_count(0)
    await preview.get_by_role("button", name="Отправить (2)").click()
    await expect(said(page, "доставлено: 2")).to_be_visible(timeout=40_000)
    await expect(page.get_by_test_id("handset")).to_contain_text("Салом, Зарина!")
    await expect(page.get_by_test_id("handset")).to_contain_text("Салом, Фаррух!")
    await expect(page.get_by_test_id("sms")).to_have_count(2)


async def test_a_stranger_is_turned_away(page: Page) -> None:
    """A stranger's /start is answered with his id, once; his /send with silence, and nothing leaves."""
    await page.get_by_test_id("person-stranger").click()
    await begin(page)
    await expect(said(page, "900000003")).to_be_visible()
    await write(page, "/send 900000001 let me in")
    await write(page, "/start")
    await page.get_by_test_id("person-owner").click()
    await write(page, "/help")
    await expect(said(page, "/send")).to_be_visible()
    await page.get_by_test_id("person-stranger").click()
    await expect(page.locator("article.in")).to_have_count(1)
    await expect(page.get_by_test_id("sms")).to_have_count(0)


async def test_several_phones_are_confirmed_with_the_green_button(page: Page) -> None:
    """Several phones ask first; the green button sends, the red one drops."""
    await write(page, "/send 900000001, 900000002 всем привет")
    ask = said(page, "Отправить на 2 номера?")
    await expect(ask.get_by_role("button", name="Отправить")).to_have_class(re.compile("success"))
    await expect(ask.get_by_role("button", name="Отменить")).to_have_class(re.compile("danger"))
    await ask.get_by_role("button", name="Отправить").click()
    await expect(page.get_by_test_id("sms")).to_have_count(2)
    await expect(said(page, "доставлено: 2")).to_be_visible(timeout=40_000)


async def test_a_fault_switched_on_the_page_is_told_in_plain_words(page: Page) -> None:
    """With the gateway's sender fault on, the card says what is wrong and what to do."""
    await page.get_by_test_id("fault-select").select_option("bad_sender")
    await page.get_by_test_id("fault-set").click()
    await write(page, "/send 900000001 не уйдёт")
    card = said(page, "Не отправлено")
    await expect(card).to_contain_text("не знает такого отправителя")
    await expect(page.get_by_test_id("sms")).to_have_count(0)


async def test_the_page_serves_a_phone(page: Page) -> None:
    """At the width of a phone the chat is all there is, and the handset is a tab away."""
    await page.set_viewport_size({"width": 390, "height": 844})
    await write(page, "/send 900000001 узкий экран")
    await expect(said(page, "Доставлено")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.get_by_test_id("tab-handset").click()
    await expect(page.get_by_test_id("sms").first).to_be_visible()
