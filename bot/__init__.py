"""A Telegram bot with which a company's admins send SMS through OsonSMS."""
