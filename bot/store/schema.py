"""The tables. `bot/store/migrations` builds them; a test holds the two together."""

import json
import operator
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from bot.domain.campaign import Hold, Stage, Way
from bot.domain.card import Subject
from bot.domain.draft import Outcome, PieceKind, Step
from bot.domain.gateway import Channel, DeliveryStatus
from bot.domain.message import FINAL, State
from bot.domain.notices import What, Whose
from bot.domain.text import UNSENDABLE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware time, stored as microseconds since 1970: the same number, order and index on both engines.

    Nothing is rounded: a pace of 300 a second would else run at 333.
    """

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Aware time → microseconds."""
        return micros(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Microseconds → aware time in UTC."""
        return moment(value)


def moment(stored: int | None) -> datetime | None:
    """Microseconds → aware time in UTC, for rows that are read as they are stored."""
    return None if stored is None else _EPOCH + stored * _MICROSECOND


def micros(moment: datetime | None) -> int | None:
    """A moment as it is stored, for rows that travel as JSON."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def quoted(text: str | None) -> str | None:
    """Words as `Quote` stores them, for rows that travel as JSON."""
    return None if text is None else UNSENDABLE.sub("\N{REPLACEMENT CHARACTER}", text)


class Word(sa.types.TypeDecorator[StrEnum]):
    """A word of the domain, stored as its text."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        self.words = words
        self.members: dict[str | None, StrEnum | None] = {word.value: word for word in words} | {None: None}
        super().__init__()

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """Word → text."""
        return None if value is None else str(value.value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> StrEnum | None:
        """Text → word."""
        return None if value is None else self.words(value)


def word(value: StrEnum) -> sa.ColumnElement[str]:
    """A word spelled in the statement: only so is a partial index found, and a statement needs no value for it."""
    return sa.literal_column(f"'{value.value}'")


def words(values: Iterable[StrEnum]) -> list[sa.ColumnElement[str]]:
    """Several of them."""
    return [word(value) for value in values]


def as_stored(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """A column whose values come as the database stores them."""
    kind = column.type
    if isinstance(kind, Moment | Word | Quote):
        return sa.type_coerce(column, kind.impl_instance).label(column.name)
    return column


class Amount(sa.types.TypeDecorator[Decimal]):
    """An exact amount of money, stored as its text: SQLite has no decimals."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Amount → text."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        """Text → amount."""
        return None if value is None else Decimal(value)


class Names(sa.types.TypeDecorator[tuple[str, ...]]):
    """A row of names, stored as JSON."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """Names → JSON."""
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[str, ...] | None:
        """JSON → names."""
        return None if value is None else tuple(json.loads(value))


class Quote(sa.types.TypeDecorator[str]):
    """Somebody else's words. Whatever they hold, what is recorded with them is recorded."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Words → text without what PostgreSQL (NUL) and UTF-8 (half a surrogate pair) have no room for."""
        return quoted(value)


Key = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # only an INTEGER key counts up by itself there

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> sa.Column[int]:
    return sa.Column("id", Key, primary_key=True)


def _partial_index(name: str, *columns: Any, where: sa.ColumnElement[bool]) -> sa.Index:
    """An index over the rows that `where` holds for, on both engines."""
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


def _attempt_columns() -> tuple[sa.Column[Any], ...]:
    """What a message and a bulk call share: where the sending of it stands."""
    return (
        sa.Column("txn_id", sa.Text, nullable=False, unique=True),
        sa.Column("state", Word(State), nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("attempts", sa.Integer, nullable=False, default=0),
        sa.Column("retries", sa.Integer, nullable=False, default=0),
        sa.Column("may_have_arrived", sa.Boolean, nullable=False, default=False),
        sa.Column("reason", sa.Text),
        sa.Column("code", sa.BigInteger),
        sa.Column("gateway_text", Quote),
        sa.Column("accepted_at", Moment),
    )


campaigns = sa.Table(
    "campaigns",
    metadata,
    _id(),
    sa.Column("way", Word(Way), nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("confidential", sa.Boolean, nullable=False),
    sa.Column("file_name", Quote),
    sa.Column("recipients", sa.Integer, nullable=False),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("actor_id", sa.BigInteger, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("channel", Word(Channel), nullable=False, server_default="sms"),
    sa.Column("latin", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("plain", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("stage", Word(Stage), nullable=False, server_default="waiting"),
    sa.Column("hold", Word(Hold)),
    sa.Column("starts_at", Moment, nullable=False, server_default="0"),
    sa.Column("send_at", Moment),
    sa.Column("started_at", Moment),
    sa.Column("ended_at", Moment),
    sa.Column("draft_id", Key),
    sa.Column("columns", Names, nullable=False, server_default="[]"),
    sa.Column("rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("taken", sa.Integer, nullable=False, server_default="0"),
    sa.Column("ask_after", sa.Integer),
    sa.Column("checked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("again_of", Key),
    sa.Column("again_by", Key),
    _partial_index(
        "ix_campaigns_at_work",
        "stage",
        "starts_at",
        where=sa.column("stage").not_in([sa.literal_column("'finished'"), sa.literal_column("'cancelled'")]),
    ),
    sqlite_autoincrement=True,
)

tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("campaign_id", Key, sa.ForeignKey("campaigns.id"), primary_key=True, autoincrement=False),
    *(sa.Column(state.value, sa.Integer, nullable=False) for state in State),
)
"""How many messages of a campaign stand in each state, kept in the commit that moves them: a card counts no million."""

messages = sa.Table(
    "messages",
    metadata,
    _id(),
    # Where it came from (chat and message): after a crash Telegram delivers an update again; it must not send twice.
    sa.Column("origin", sa.Text, unique=True),
    sa.Column("campaign_id", Key, sa.ForeignKey("campaigns.id")),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("text", sa.Text),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("channel", Word(Channel), nullable=False),
    sa.Column("confidential", sa.Boolean, nullable=False),
    sa.Column("length", sa.Integer, nullable=False),
    sa.Column("encoding", sa.Text, nullable=False),
    sa.Column("parts", sa.Integer, nullable=False),
    sa.Column("actor_id", sa.BigInteger, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    *_attempt_columns(),
    sa.Column("msg_id", sa.BigInteger),
    sa.Column("gateway_parts", sa.Integer),
    sa.Column("status", Word(DeliveryStatus)),
    sa.Column("status_at", Moment),
    sa.Column("polls", sa.Integer, nullable=False, default=0),
    sa.Column("final_at", Moment),
    # For «what did this admin send» and «what went on that day».
    sa.Index("ix_messages_actor", "actor_id", "id"),
    sa.Index("ix_messages_created_at", "created_at"),
    # With the id, for their order: else PostgreSQL may look for a campaign's first messages through all the log.
    sa.Index("ix_messages_campaign", "campaign_id", "id"),
    sqlite_autoincrement=True,
)


# What is to be sent, in the order it is to go: single messages have no campaign, and what a paused campaign holds back
# is never looked at. What was tried before has an index of its own: it does not wait behind all the rest, and none of
# the rest waits behind what is to be tried later. And what is to be asked for. Each holds only the rows at work, so all
# stay small however long the log grows.
IS_FRESH = sa.and_(messages.c.state == sa.literal_column("'queued'"), messages.c.attempts == sa.literal_column("0"))
WAS_TRIED = sa.and_(
    messages.c.state.in_([sa.literal_column("'queued'"), sa.literal_column("'sending'")]),
    messages.c.attempts > sa.literal_column("0"),
)
_partial_index("ix_messages_fresh", messages.c.campaign_id, messages.c.id, where=IS_FRESH)
_partial_index("ix_messages_tried", messages.c.campaign_id, messages.c.due_at, messages.c.id, where=WAS_TRIED)
_partial_index("ix_messages_msg_id", messages.c.msg_id, where=messages.c.msg_id.is_not(None))
IS_ASKED = messages.c.state.in_(words((State.ACCEPTED, State.UNCERTAIN)))
"""What the gateway is asked about: also what may be there and may not."""
_single, OF_CAMPAIGN = messages.c.campaign_id.is_(None), messages.c.campaign_id.is_not(None)
_partial_index("ix_messages_to_ask", messages.c.due_at, where=sa.and_(IS_ASKED, OF_CAMPAIGN))
# With the campaign, which none has: else SQLite takes the index of campaigns, and goes through every single message.
_partial_index("ix_messages_to_ask_single", messages.c.campaign_id, messages.c.due_at, where=sa.and_(IS_ASKED, _single))

# What did not go well, in the order in which it is looked through. What goes well never enters these.
TROUBLE = tuple(sorted((FINAL | {State.UNCERTAIN}) - {State.DELIVERED}))
IS_TROUBLE = messages.c.state.in_(words(TROUBLE))
_partial_index("ix_messages_trouble", messages.c.state, messages.c.id, where=IS_TROUBLE)
IS_UNSETTLED = sa.and_(messages.c.state == sa.literal_column("'uncertain'"), messages.c.final_at.is_(None))
"""Uncertain, and nobody has decided about it."""
_partial_index("ix_messages_unsettled", messages.c.id, where=IS_UNSETTLED)
_partial_index(
    "ix_messages_trouble_of", messages.c.campaign_id, messages.c.state, messages.c.id, where=IS_TROUBLE & OF_CAMPAIGN
)

_PLACES: list[sa.ColumnElement[int]] = [sa.literal_column(str(place)) for place in range(12, 0, -1)]
_ONE: sa.ColumnElement[int] = sa.literal_column("1")


def backwards(phone: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """The digits from the last to the first: so one index finds a phone, and whatever ends with these digits."""
    return reduce(operator.add, [sa.func.substr(phone, place, _ONE, type_=sa.Text) for place in _PLACES])


phone_backwards = backwards(messages.c.phone)
sa.Index("ix_messages_phone", phone_backwards, messages.c.id, postgresql_include=["phone"])
"""PostgreSQL answers from an index alone only where the column itself stands in it, not only what is made of it."""

# The words of texts, but for confidential ones, by bundles (`words.py`); each engine has an index of its own kind. Both
# are given words without signs and capitals, so they know the same.
_FTS = "CREATE VIRTUAL TABLE words USING fts5(text, content='', detail=none, columnsize=0, tokenize='ascii')"
_WORDS = "CREATE TABLE words (rowid BIGINT NOT NULL, words TSVECTOR NOT NULL, CONSTRAINT pk_words PRIMARY KEY (rowid))"
_GIN = "CREATE INDEX ix_words ON words USING gin (words) WITH (fastupdate = off)"
for _engine, _statement in (("sqlite", _FTS), ("postgresql", _WORDS), ("postgresql", _GIN)):
    sa.event.listen(messages, "after_create", sa.DDL(_statement).execute_if(dialect=_engine))  # type: ignore[no-untyped-call]  # its own gap

bulks = sa.Table(
    "bulks",
    metadata,
    _id(),
    sa.Column("campaign_id", Key, sa.ForeignKey("campaigns.id"), nullable=False, index=True),
    sa.Column("file", sa.LargeBinary, nullable=False),
    sa.Column("send_at", Moment, nullable=False),
    sa.Column("with_params", sa.Boolean, nullable=False),
    *_attempt_columns(),
    sa.Column("name", Quote),
    sa.Column("settled_at", Moment),
    sqlite_autoincrement=True,
)

events = sa.Table(
    "events",
    metadata,
    _id(),
    sa.Column("message_id", Key, sa.ForeignKey("messages.id"), index=True),
    sa.Column("bulk_id", Key, sa.ForeignKey("bulks.id")),
    sa.Column("at", Moment, nullable=False),
    sa.Column("from_state", Word(State)),
    sa.Column("to_state", Word(State), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("http_status", sa.Integer),
    sa.Column("code", sa.BigInteger),
    sa.Column("text", Quote),
    sa.Column("attempt", sa.Integer),
    sa.Column("actor_id", sa.BigInteger),
    _partial_index("ix_events_bulk_id", "bulk_id", where=sa.column("bulk_id").is_not(None)),
)

drafts = sa.Table(
    "drafts",
    metadata,
    _id(),
    sa.Column("origin", sa.Text, nullable=False, unique=True),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("actor_id", sa.BigInteger, nullable=False),
    sa.Column("step", Word(Step), nullable=False),
    sa.Column("order", sa.Text, nullable=False),
    sa.Column("answered", sa.BigInteger, nullable=False, default=0),
    sa.Column("file", sa.LargeBinary),
    sa.Column("outcome", Word(Outcome)),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("file_id", sa.Text),
    sa.Column("fault", sa.Text),
    sa.Column("asked_at", Moment),
    _partial_index("ix_drafts_open", "chat_id", "actor_id", where=sa.column("step") != sa.literal_column("'closed'")),
    sqlite_autoincrement=True,
)

pieces = sa.Table(
    "pieces",
    metadata,
    _id(),
    sa.Column("draft_id", Key, sa.ForeignKey("drafts.id"), nullable=False),
    sa.Column("kind", Word(PieceKind), nullable=False),
    sa.Column("first", sa.Integer, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Index("ix_pieces_list", "draft_id", "kind", "first"),
)

cards = sa.Table(
    "cards",
    metadata,
    _id(),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("actor_id", sa.BigInteger, nullable=False),
    sa.Column("subject", Word(Subject), nullable=False),
    sa.Column("subject_id", Key, nullable=False),
    sa.Column("telegram_id", sa.BigInteger),
    sa.Column("reply_to", sa.BigInteger),
    sa.Column("wanted", sa.Integer, nullable=False),
    sa.Column("shown", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("due_at", Moment),
    sa.Column("quiet_until", Moment),
    sa.Column("replaces", sa.BigInteger),
    sa.Index("ix_cards_subject", "subject", "subject_id"),
    sa.Index("ix_cards_telegram", "chat_id", "telegram_id"),
    _partial_index("ix_cards_due", "due_at", where=sa.column("due_at").is_not(None)),
    sqlite_autoincrement=True,
)

pauses = sa.Table(
    "pauses",
    metadata,
    _id(),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("code", sa.BigInteger),
    sa.Column("text", Quote),
    sa.Column("since", Moment, nullable=False),
    sa.Column("resumed_at", Moment),
    sa.Column("low_balance", Amount),
)

pace = sa.Table(
    "pace",
    metadata,
    _id(),
    sa.Column("next_at", Moment, nullable=False),
)
"""One row: when the next message may leave, over all workers (`SEND_RATE`)."""

people = sa.Table(
    "people",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("language", sa.Text),
    sa.Column("told_at", Moment),
    sa.Column("test_phone", sa.Text),
    sa.Column("whose", Word(Whose), nullable=False, server_default="own"),
    sa.Column("what", Word(What), nullable=False, server_default="failures"),
    sa.Column("digest_hour", sa.Integer),
    sa.Column("digest_day", sa.Integer, nullable=False, server_default="0"),
)
"""Who has spoken to the bot: an admin's language, own phone and wishes for notices.

`told_at`: when a stranger was last told his id, and an admin, with a sound, of what waits for a decision.
"""

stops = sa.Table(
    "stops",
    metadata,
    sa.Column("phone", sa.Text, primary_key=True),
    sa.Column("since", Moment, nullable=False),
    sa.Column("actor_id", sa.BigInteger, nullable=False),
)
"""The stop list: numbers that are never sent to."""

lists = sa.Table(
    "lists",
    metadata,
    _id(),
    sa.Column("actor_id", sa.BigInteger, nullable=False),
    sa.Column("wanted", sa.Text, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
)
"""What the lists in the chats are narrowed to: their buttons hold the id."""

figures = sa.Table(
    "figures",
    metadata,
    sa.Column("since", Moment, primary_key=True),
    sa.Column("until", Moment, primary_key=True),
    sa.Column("counts", sa.Text, nullable=False),
)
"""What became of the messages of a day, counted once nothing of it moves any more; or that a count of it has begun."""

spent = sa.Table(
    "spent",
    metadata,
    sa.Column("quarter", Moment, primary_key=True, autoincrement=False),
    sa.Column("messages", sa.BigInteger, nullable=False),
    sa.Column("parts", sa.BigInteger, nullable=False),
)
"""Messages and parts that the gateway took, by quarters of an hour: days begin with one in every zone."""

balances = sa.Table(
    "balances",
    metadata,
    _id(),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("amount", Amount, nullable=False),
    sa.Column("parts", sa.BigInteger, nullable=False),
)
"""Balances as they were seen, each with the parts that the gateway had taken by then."""

lows = sa.Table(
    "lows",
    metadata,
    _id(),
    sa.Column("since", Moment, nullable=False),
    sa.Column("amount", Amount, nullable=False),
    sa.Column("days", sa.Float),
    sa.Column("back_at", Moment),
    sa.Column("back_amount", Amount),
)
"""Times at which the balance was low, and the lowest of each: all admins hear of the beginning and of the end."""
