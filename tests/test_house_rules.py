"""Rules that hold over the whole house, each enumerated from what is really there."""

import ast
import os
import re
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from bot.__main__ import COMMANDS as COMMAND_LINE
from bot.domain.campaign import Hold
from bot.domain.draft import Outcome, Step
from bot.domain.gateway import Channel, DeliveryStatus
from bot.domain.lookback import PERIODS, Kind
from bot.domain.message import BLOCKED, Settlement, State
from bot.domain.notices import What, Whose
from bot.domain.phone import PhoneFault
from bot.domain.when import WhenFault
from bot.i18n import LANGUAGES, catalogue
from bot.intake.faults import FileFault, RowFault
from bot.services.account import PERIODS as SPENT_IN
from bot.services.compose import OrderFault
from bot.services.read_list import BROKEN, NOT_FETCHED
from bot.services.resend import QUESTIONS, SENT_SINCE
from bot.services.sheets import CELLS, Form
from bot.settings import Settings
from bot.telegram.command import CommandFault
from bot.telegram.keyboards import Verb
from bot.telegram.menu import COMMANDS
from bot.telegram.views.export import ALL
from bot.telegram.views.message import ERRORS

ROOT = Path(__file__).parents[1]
CODE = sorted((ROOT / "bot").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


def words(family: str, members: Any) -> set[str]:
    """The keys of one family of texts."""
    return {f"{family}.{member}" for member in members}


FAMILIES = (
    words("state", State)
    | words("short", State)
    | words("icon", State)
    | words("status", DeliveryStatus)
    | words("error", ERRORS)
    | words("advice", ERRORS)
    | words("phone", PhoneFault)
    | words("fault", PhoneFault)
    | words("order", OrderFault)
    | words("command", CommandFault)
    | words("when", WhenFault)
    | words("file", FileFault)
    | words("channel", Channel)
    | words("draft", Outcome)
    | words("menu", COMMANDS)
    | words("ask", {Step.PHONE, Step.TEXT, Step.SEND_AT, Step.SENDER, Step.TEST})
    | words("question", {"parts", "repeat", "several", "blocked", SENT_SINCE, *filter(None, QUESTIONS.values())})
    | words("bulk", {State.QUEUED, State.SENDING, State.ACCEPTED, State.FAILED, State.UNCERTAIN, State.CANCELLED})
    | words("why", {"attempt", "lease_ran_out", "attempts_ran_out", "never_final", "delivery_not_known"})
    | words("why", {*Settlement, BLOCKED})
    | words("card", {"uncertain_duplicate", "uncertain_silent", "uncertain_asking", "uncertain_advice", *Settlement})
    | words("settled", {Settlement.MARKED_SENT, Settlement.CLOSED, "already"})
    | words("fault", RowFault)
    | words("file", {NOT_FETCHED, BROKEN})
    | words("hold", Hold)
    | words("kind", Kind)
    | words("whose", Whose)
    | words("what", What)
    | words("stats", {"today", "week", "month", "year", "half", "most"})
    | words("history", {"ask_kind", "ask_period", "ask_actor"})
    | words("column", CELLS)
    | words("form", Form)
    | words("period", {*PERIODS, ALL, "day"})
    | words("spent", SPENT_IN)
)
"""Keys that the code puts together from a word of the domain."""


def texts(language: str) -> dict[str, tuple[str, ...]]:
    """Every text of a language: all its plural forms."""
    return {
        str(message.id[0] if isinstance(message.id, tuple) else message.id): tuple(
            [message.string] if isinstance(message.string, str) else message.string
        )
        for message in catalogue(language)
        if message.id
    }


def places(form: str) -> set[str]:
    """The `{places}` of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(form) if name}


def literal_keys() -> set[str]:
    """Keys that stand in the code as they are."""
    found: set[str] = set()
    for path in CODE:
        if "sandbox" not in path.relative_to(ROOT).parts:
            found |= set(re.findall(r"\bt(?:\.plain)?\(\s*\"([a-z_.A-Z]+)\"", path.read_text("utf-8")))
            families = "button|history|status|resume|draft|ask|cancel|campaign|unblock"
            found |= set(re.findall(rf"\"((?:{families})\.[a-z_]+)\"", path.read_text("utf-8")))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_places(language: str) -> None:
    """The three catalogues hold the same keys; each form of a text has the places that the English one has."""
    english, other = texts("en"), texts(language)
    assert other.keys() == english.keys()
    for key, forms in other.items():
        wanted = set().union(*map(places, english[key]))
        assert all(form.strip() and places(form) == wanted for form in forms), key


def test_every_key_of_the_code_is_a_text_and_every_text_is_used() -> None:
    """No key without a text, which would break a card; no text without a key, which would only be translated."""
    assert literal_keys() | FAMILIES == texts("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_fit_telegram(language: str) -> None:
    """Buttons are short, menu lines and alerts within Telegram's limits, and every tag of a text is closed."""
    for key, forms in texts(language).items():
        for form in forms:
            tags = re.findall(r"<(/?)([a-z]+)[^>]*>", form)
            assert sorted(tag for slash, tag in tags if not slash) == sorted(tag for slash, tag in tags if slash), key
            if key.startswith("button."):
                assert len(form) <= 32, key
            if key.startswith("menu."):
                assert len(form) <= 64, key
            alerts = ("failure", "button_is_old", "draft.not_open", "ask.send_at", "meant.none", "settled.already")
            if key in (*alerts, "export.busy", "order.blocked", "order.settled", "order.text_erased"):
                assert len(form) <= 200, key  # an alert


def test_env_example_is_the_settings() -> None:
    """Every setting stands in .env.example with its meaning and its default, in order, and nothing else does."""
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    found = [(lines[i - 1].removeprefix("# "), *line.split("=", 1)) for i, line in enumerate(lines) if "=" in line[:40]]
    found = [entry for entry in found if not entry[1].startswith("#")]
    fields = Settings.model_fields.items()
    defaults = {name: "" if f.default in (None, PydanticUndefined) else str(f.default) for name, f in fields}
    assert found == [(field.description, name.upper(), defaults[name]) for name, field in fields]


def test_the_readme_names_every_command() -> None:
    """Chat commands, the command line and the two commands that set everything up stand in the README."""
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in COMMANDS:
        assert f"`/{name}" in readme, name
    for name in COMMAND_LINE:
        assert f"python -m bot {name}" in readme, name
    assert "make demo" in readme
    assert "make test" in readme


def test_every_button_has_a_handler() -> None:
    """Each verb that a button may carry is taken by a handler."""
    handlers = "".join(path.read_text("utf-8") for path in (ROOT / "bot/telegram/handlers").glob("*.py"))
    assert {verb.name for verb in Verb} == set(re.findall(r"Verb\.([A-Z_]+)", handlers))


def test_every_test_states_its_rule() -> None:
    """A test without a docstring does not say what it holds."""
    silent = [
        f"{path.name}:{node.name}"
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_bare_ignore_and_no_thing_left_undone() -> None:
    """An ignore names its code; nothing says that it is to be done later."""
    bad = re.compile(
        r"#\s*(?:type:\s*ignore|noqa)\s*$|\b(?:TO" + r"DO|FIX" + r"ME|NotImplemented" + r"Error)\b", re.MULTILINE
    )
    assert [path.name for path in [*CODE, *TESTS] if bad.search(path.read_text("utf-8"))] == []


def test_the_rooms_arrows_hold() -> None:
    """import-linter finds every contract kept."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("command", ["--help", "backup x", "migrate"])
def test_small_commands_do_not_import_aiogram(command: str, tmp_path: Path) -> None:
    """aiogram takes 2 s and 165 MB: what does not speak to Telegram does without it; so does the health check."""
    check = (
        "import sys; import bot.health; from bot.__main__ import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "assert 'aiogram' not in sys.modules"
    )
    settings = {"BOT_TOKEN": "1:a", "ADMIN_IDS": "1", "OSONSMS_LOGIN": "a", "OSONSMS_TOKEN": "a", "OSONSMS_SENDER": "a"}
    environment = (
        os.environ | settings | {"PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/b.db"}
    )
    arguments = [sys.executable, "-c", check, *command.split()]
    done = subprocess.run(arguments, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
