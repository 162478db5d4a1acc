"""The aiogram room: what comes from Telegram goes to a use case, what became of it goes back as a card."""
