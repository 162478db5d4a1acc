"""A message that is a list of phones is told from a sentence."""

import pytest

from bot.intake import is_pasted_list, read_list


@pytest.mark.parametrize(
    "text",
    [
        "900000001\n900000002",
        "900000001, 900000002",
        "900000001 900000002 900000003",
        "900000001;900000002",
        "+992 90 000 00 01\n\n(90) 000-00-02\n",
        "Али 900000001\nБек Валиев 900000002",
        "900000001 Али\n900000002 - Бек",
        "900000001, Али\n900000002, Бек",
        "1. А. Валиев: 90 000 00 01\n2. Б. Валиев: 90 000 00 02".replace("1. ", "").replace("2. ", ""),
        "900000001\n90\n900000002",
        "900000001\r\n900000002\r\n",
    ],
)
def test_a_list_is_told(text: str) -> None:
    """Two phones or more, and nothing but names beside them; and it can be read as a file then."""
    assert is_pasted_list(text)
    assert read_list(text.encode(), "list.txt").phone_list.recipients >= 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "900000001",
        "900000001 Али",
        "Салом!",
        "/send 900000001 Салом",
        "/send 900000001,900000002 Салом",
        "900000001 900000002 Салом",
        "900000001, 900000002 Салом, заказ готов",
        "Позвоните 900000001 или 900000002, пожалуйста",
        "Ваш заказ готов.\nЗвоните: 900000001\n900000002",
        "900000001\nСалом, ваш заказ готов",
        "900000001 Ваш заказ готов! Ждём вас\n900000002 Ваш заказ готов! Ждём вас",
        "900000001 это очень длинная строка из многих слов подряд\n900000002",
        "90\n91",
        "1\n2\n3",
    ],
)
def test_a_sentence_is_none(text: str) -> None:
    """Nor is one phone, a command, or a text with phones in it."""
    assert not is_pasted_list(text)
