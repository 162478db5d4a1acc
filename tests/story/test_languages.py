"""Looking back in Russian and in Tajik, on a keyboard of either: what is asked for is understood, and answered so."""

from functools import partial

import pytest

from tests.support.chat import Chat, Message
from tests.support.world import OWNER, World, running_bot

SAID = {
    "ru": {
        "/history за эту неделю": ["Сообщения", "новое сверху", "7 дней", "доставлено"],
        "/find салом": ["#1"],
        "/stats неделя": ["Последние 7 дней", "отправлено 1, доставлено 1 (100 %), не дошло 0"],
        "/balance": ["💰", "Потрачено", "Сегодня: 1 часть"],
    },
    "tg": {
        "/history ин ҳафта": ["Паёмҳо", "навҳо дар боло", "7 рӯз", "расид"],
        "/find САЛОМ": ["#1"],
        "/stats ҳафта": ["7 рӯзи охир", "1 фиристода шуд, 1 расид (100 %), 0 нарасид"],
        "/balance": ["💰", "Сарф шуд", "Имрӯз: 1 қисм"],
    },
}
"""What is asked, and words of the answer."""
DELIVERED = {"ru": "✅ Доставлено", "tg": "✅ Расид"}
BUTTONS = {"ru": ("любой статус", "доставлены", "Все сообщения"), "tg": ("ҳар ҳолат", "расидаанд", "Ҳамаи паёмҳо")}


def _has(words: list[str], message: Message) -> bool:
    return all(word in message["content"] for word in words)


@pytest.mark.parametrize("language", SAID)
async def test_looking_back_speaks_the_language(world: World, chat: Chat, language: str) -> None:
    """/history with its buttons, /find, /stats and /balance: one message, and every answer in one language."""
    async with running_bot(world, LANGUAGE=language):
        await chat.says(OWNER, "/send 900000001 Салом")
        await chat.wait_for(DELIVERED[language])
        for words, said in SAID[language].items():
            await chat.says(OWNER, words)
            answer = await chat.wait_for(partial(_has, said))
            assert "{" not in answer["content"]
        await chat.says(OWNER, "/history")
        page = await chat.wait_for("#1 ")
        any_state, delivered, everything = BUTTONS[language]
        await chat.presses(OWNER, page, any_state)
        await chat.presses(OWNER, await chat.wait_for(lambda message: len(chat.buttons(message)) > 5), delivered)
        await chat.presses(OWNER, await chat.wait_for(delivered), everything)
        assert any_state in "".join(chat.buttons(await chat.wait_for("#1 ")))
