"""Settings: one clear line for each that is missing or wrong, and never the value."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import SettingsError, load_settings

ROOT = Path(__file__).parents[2]
GOOD = {
    "BOT_TOKEN": "123456:very-secret",
    "ADMIN_IDS": "1, 2",
    "OSONSMS_LOGIN": "login",
    "OSONSMS_TOKEN": "also-secret",
    "OSONSMS_SENDER": "Demo",
}
WRONG = {
    "BOT_TOKEN": "nonsense",
    "ADMIN_IDS": "me",
    "OSONSMS_SENDER": "Ширкат",
    "OSONSMS_TOKEN": "two words",
    "OSONSMS_API_URL": "http://api.example.com",
    "OSONSMS_CABINET_URL": "https://cab.example.com/?a=b",
    "TELEGRAM_API_URL": "api.example.com",
    "DATABASE_URL": "mysql://x",
    "LANGUAGE": "fr",
    "TIMEZONE": "Mars/Olympus",
    "SEND_RATE": "0",
    "SEND_CONCURRENCY": "0",
    "PRICE_PER_PART": "-1",
    "LOW_BALANCE": "much",
    "HTTP_PORT": "70000",
    "WEBHOOK_URL": "http://example.com",
    "LOG_LEVEL": "LOUD",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No .env, and only the good settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in {*GOOD, *WRONG, "WEBHOOK_SECRET"}:
        monkeypatch.delenv(name, raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_the_first_five_are_enough() -> None:
    """With the five that have no default the bot can start; ids are numbers."""
    settings = load_settings()
    assert settings.admin_ids == (1, 2)
    assert settings.zone.key == "Asia/Dushanbe"
    assert settings.send_rate is None


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("empty", [True, False])
def test_a_missing_one_is_named_with_its_meaning(monkeypatch: pytest.MonkeyPatch, name: str, empty: bool) -> None:
    """Absent and empty are the same: one line with the name and what it is for."""
    monkeypatch.setenv(name, "") if empty else monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=f"^{name} is not set: ") as caught:
        load_settings()
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(("name", "value"), WRONG.items())
def test_a_wrong_one_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """One line that names the setting and what is wrong; secrets are never repeated."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name} is wrong: ") as caught:
        load_settings()
    assert len(str(caught.value).splitlines()) == 1
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/gateway", "http://localhost:1", "http://[::1]:2", "https://a.example"]
)
def test_plain_http_is_for_this_machine(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """The token travels with every request: plain http goes to loopback only."""
    monkeypatch.setenv("OSONSMS_API_URL", url)
    assert load_settings().osonsms_api_url == url


def test_a_webhook_needs_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one anybody could pose as Telegram."""
    monkeypatch.setenv("WEBHOOK_URL", "https://bot.example")
    with pytest.raises(SettingsError, match=r"^WEBHOOK_SECRET is not set"):
        load_settings()
    monkeypatch.setenv("WEBHOOK_SECRET", "not allowed!")
    with pytest.raises(SettingsError, match=r"^WEBHOOK_SECRET is wrong"):
        load_settings()
    monkeypatch.setenv("WEBHOOK_SECRET", "allowed")
    monkeypatch.setenv("HTTP_PORT", "0")
    with pytest.raises(SettingsError, match=r"^HTTP_PORT is 0"):
        load_settings()


def test_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """.env fills what the environment does not say."""
    (tmp_path / ".env").write_text("LANGUAGE=tg\nBOT_TOKEN=9:from-file\n", "utf-8")
    settings = load_settings()
    assert settings.language == "tg"
    assert settings.bot_token.get_secret_value() == GOOD["BOT_TOKEN"]


def test_settings_do_not_show_their_secrets_and_do_not_change() -> None:
    """A printed setting hides the tokens; nothing can be set at run time."""
    settings = load_settings()
    assert "very-secret" not in repr(settings)
    assert "also-secret" not in repr(settings)
    with pytest.raises(ValueError, match="frozen"):
        setattr(settings, "language", "en")  # noqa: B010 (mypy knows that it is frozen)


@pytest.mark.parametrize("command", ["run", "worker", "migrate", "backup x"])
def test_a_bad_setting_stops_the_start_with_one_line(tmp_path: Path, command: str) -> None:
    """The command line prints the line and ends with 2; no traceback."""
    environment = {name: value for name, value in os.environ.items() if name not in {*GOOD, *WRONG}} | GOOD
    environment |= {"TIMEZONE": "Mars/Olympus", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "bot", *command.split()],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.strip() == "TIMEZONE is wrong: must be a zone such as Asia/Dushanbe"
