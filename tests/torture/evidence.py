"""The two sides of the story, read apart: the bot's database with plain sqlite3, the stand-ins by their control API."""

import shutil
import sqlite3
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.support.chat import Chat
from tests.support.world import World
from tests.torture.person import is_card
from tests.torture.watch import Watch


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a message's history, which begins queued."""

    before: str
    after: str
    attempt: int | None = None
    """Whose outcome it is."""
    why: str | None = None
    """A word of ours, or the delivery status that was heard."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A message as the log has it."""

    history: tuple[Step, ...]
    txn_id: str
    phone: str = field(repr=False)
    text: str = field(repr=False)
    state: str
    attempts: int
    msg_id: int | None
    reason: str | None
    campaign_id: int | None
    status: str | None
    """The delivery status that was heard last. Times are in microseconds since 1970."""
    status_at: int | None
    final_at: int | None
    due_at: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A message as the gateway has it."""

    txn_id: str
    phone: str = field(repr=False)
    text: str = field(repr=False)
    msg_id: int
    status: str
    """What has become of it by now, whatever was told."""
    told: tuple[tuple[str, int], ...] = ()
    """Every status that was told of it, and when (microseconds since 1970), in order."""

    @property
    def words(self) -> frozenset[str]:
        """The statuses that were told of it."""
        return frozenset(status for status, _ in self.told)


@dataclass(frozen=True, slots=True)
class Log:
    """The bot's side."""

    messages: Sequence[Logged] = ()
    stages: Sequence[str] = ()
    """Where each campaign stands."""
    tallies: Counter[str] = field(default_factory=Counter)
    """Messages of all campaigns by state, as the log counts them apart."""
    cards: frozenset[int] = frozenset()
    """The messages of the chat that it knows for its cards."""
    shows: Mapping[int, str] = field(default_factory=dict)
    """Those that show one message, and its state."""
    damage: str = "ok"
    """What SQLite finds wrong with the file."""

    @property
    def states(self) -> Counter[str]:
        """Messages by state."""
        return Counter(message.state for message in self.messages)

    @property
    def of_campaigns(self) -> Counter[str]:
        """Messages of campaigns by state."""
        return Counter(message.state for message in self.messages if message.campaign_id is not None)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All sides at one moment."""

    log: Log
    taken: Sequence[Taken]
    arrived: Sequence[tuple[str, str]] = field(repr=False)
    """(phone, text) of every SMS on a phone."""
    sends: Mapping[str, Sequence[str]] = field(repr=False)
    """Every send as it came to the gateway, by txn_id."""
    cards: Mapping[int, str] = field(repr=False)
    """What the cards of campaigns in the chat say, by the number of the chat's message."""
    titles: Mapping[int, str] = field(repr=False)
    """The first line of everything that the bot has in the chat."""


async def gather(world: World, watch: Watch, chat: Chat) -> Evidence:
    """Everything that is known while no bot lives."""
    taken = [_taken(one) for one in await world.taken()]
    arrived = [(one["phone"], one["text"]) for one in await world.arrived()]
    sends = {txn_id: tuple(requests) for txn_id, requests in watch.sends.items()}
    said = [message for message in await chat.history() if message["from_bot"]]
    cards = {message["message_id"]: message["content"] for message in said if is_card(message)}
    titles = {message["message_id"]: message["content"].partition("\n")[0] for message in said}
    return Evidence(_read_log(world.folder), taken, arrived, sends, cards, titles)


def _taken(shown: Mapping[str, Any]) -> Taken:
    told = tuple((one["status"], _micros(one["at"])) for one in shown["told"])
    return Taken(shown["txn_id"], shown["phone"], shown["text"], shown["msg_id"], shown["status"], told)


def _micros(written: str) -> int:
    return round(datetime.fromisoformat(written).timestamp() * 1_000_000)


def _read_log(folder: Path) -> Log:
    """What stands in the database. A copy is read: to open the file itself would mend it, which the bot must."""
    with tempfile.TemporaryDirectory() as copies:
        for path in folder.glob("bot.db*"):
            shutil.copy(path, copies)
        with closing(sqlite3.connect(Path(copies) / "bot.db")) as database:
            made = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'tallies'").fetchall()
            return _look(database) if made else Log()  # it may have died before it had made its tables


def _look(database: sqlite3.Connection) -> Log:
    [[damage]] = database.execute("PRAGMA integrity_check(1)")
    stages = [stage for (stage,) in database.execute("SELECT stage FROM campaigns")]
    cards = database.execute("SELECT telegram_id FROM cards UNION SELECT replaces FROM cards")
    noted = frozenset(number for (number,) in cards)
    shows = dict(database.execute(_SHOWS))
    return Log(_messages(database), stages, _tallies(database), noted, shows, damage)


_SHOWS = (
    "SELECT telegram_id, state FROM cards JOIN messages ON messages.id = subject_id "
    "WHERE subject = 'message' AND telegram_id IS NOT NULL"
)


def _tallies(database: sqlite3.Connection) -> Counter[str]:
    total: Counter[str] = Counter()
    for row in _named(database.execute("SELECT * FROM tallies")):
        del row["campaign_id"]
        total += Counter(row)  # leaves out what is zero
    return total


def _named(cursor: sqlite3.Cursor) -> list[dict[str, int]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _messages(database: sqlite3.Connection) -> list[Logged]:
    histories = defaultdict(list)
    lines = "SELECT message_id, from_state, to_state, attempt, why FROM events WHERE message_id IS NOT NULL ORDER BY id"
    for message_id, *step in database.execute(lines):
        histories[message_id].append(Step(*step))
    columns = ", ".join(item.name for item in fields(Logged) if item.name != "history")
    rows = database.execute(f"SELECT id, {columns} FROM messages ORDER BY id")  # noqa: S608 (names of ours)
    return [Logged(tuple(histories[id_]), *row) for id_, *row in rows]


def has_shown_all(folder: Path) -> bool:
    """Whether a bot at work has brought every card to the chat as what it shows stands."""
    with closing(sqlite3.connect(folder / "bot.db", timeout=30)) as database:
        due = "SELECT count(*) FROM cards WHERE due_at IS NOT NULL OR telegram_id IS NULL"
        return bool(database.execute(due).fetchone()[0] == 0)


def look_in(folder: Path) -> tuple[list[str], Counter[str]]:
    """Of a bot at work: the stages of its campaigns, and its messages by state; `asked` are uncertain and asked for."""
    with closing(sqlite3.connect(folder / "bot.db", timeout=30)) as database:
        stages = [stage for (stage,) in database.execute("SELECT stage FROM campaigns")]
        state = "CASE WHEN state = 'uncertain' AND due_at IS NOT NULL THEN 'asked' ELSE state END"
        counts = f"SELECT {state}, count(*) FROM messages GROUP BY 1"  # noqa: S608 (words of ours)
        return stages, Counter(dict(database.execute(counts)))
