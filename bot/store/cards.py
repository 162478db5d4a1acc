"""Cards: what every chat is to be shown. A card stays due until Telegram has taken its newest state."""

from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.domain.card import Card, Subject
from bot.store.base import Statements
from bot.store.schema import Moment, cards

_COLUMNS = [cards.c[item.name] for item in fields(Card)]
_REACH = 10_000
"""Due cards among which these are chosen: however many are due, a look takes no longer."""


class Cards(Statements):
    """The statements of cards."""

    async def add_card(
        self, chat_id: int, actor_id: int, subject: Subject, subject_id: int, now: datetime, reply_to: int | None = None
    ) -> int:
        """Add a card, due at once; return its id."""
        values = {
            "chat_id": chat_id,
            "actor_id": actor_id,
            "subject": subject,
            "subject_id": subject_id,
            "reply_to": reply_to,
            "wanted": 1,
            "shown": 0,
            "tries": 0,
            "due_at": now,
        }
        added = await self._connection.execute(sa.insert(cards).values(values).returning(cards.c.id))
        return int(added.scalar_one())

    async def card_in_chat(self, chat_id: int, telegram_id: int) -> Card | None:
        """The card that is this message of the chat."""
        condition = sa.and_(cards.c.chat_id == chat_id, cards.c.telegram_id == telegram_id)
        row = (await self._connection.execute(sa.select(*_COLUMNS).where(condition))).first()
        return Card(**row._mapping) if row else None

    async def due_cards(self, now: datetime, limit: int, of_chat: int | None = None) -> list[Card]:
        """Cards that Telegram has not taken yet, oldest first; of each chat no more than `of_chat`."""
        oldest = (cards.c.due_at, cards.c.id)
        due = sa.select(cards.c.id, cards.c.chat_id, cards.c.due_at).where(cards.c.due_at <= now)
        some = due.order_by(*oldest).limit(_REACH).subquery()
        place = sa.func.row_number().over(partition_by=some.c.chat_id, order_by=(some.c.due_at, some.c.id))
        placed = sa.select(some.c.id, place.label("place")).subquery()
        query = sa.select(*_COLUMNS).join(placed, placed.c.id == cards.c.id).where(placed.c.place <= (of_chat or limit))
        return [Card(**row._mapping) for row in await self._connection.execute(query.order_by(*oldest).limit(limit))]

    async def turn_cards(self, subject: Subject, id_: int, to: Subject, to_id: int, now: datetime) -> None:
        """Let the cards of one subject show another: a confirmed draft becomes its message or campaign."""
        change = sa.update(cards).where(cards.c.subject == subject, cards.c.subject_id == id_)
        await self._connection.execute(change.values(subject=to, subject_id=to_id))
        await self._bump(to, [to_id], now)

    async def repost(self, subject: Subject, id_: int, now: datetime, chat_id: int | None = None) -> bool:
        """Show the cards of this subject anew, at the end of their chats: an edit further up would be overlooked.

        Of one chat, if that is given; False if there is none.
        """
        there = sa.and_(cards.c.subject == subject, cards.c.subject_id == id_, cards.c.telegram_id.is_not(None))
        there = sa.and_(there, cards.c.chat_id == chat_id) if chat_id is not None else there
        again = {"replaces": cards.c.telegram_id, "telegram_id": None, "wanted": cards.c.wanted + 1, "due_at": now}
        shown = await self._connection.execute(sa.update(cards).where(there).values(again).returning(cards.c.id))
        return bool(shown.all())

    async def tell(self, subject: Subject, id_: int, actor_id: int, now: datetime) -> None:
        """Show this person its card anew, so that it makes a sound; in private if he has none."""
        own = sa.and_(cards.c.subject == subject, cards.c.subject_id == id_, cards.c.actor_id == actor_id)
        again = {"replaces": cards.c.telegram_id, "telegram_id": None, "wanted": cards.c.wanted + 1, "due_at": now}
        shown = sa.update(cards).where(own, cards.c.telegram_id.is_not(None)).values(again)
        await self._connection.execute(shown)
        if not (await self._connection.execute(sa.select(cards.c.id).where(own).limit(1))).first():
            await self.add_card(actor_id, actor_id, subject, id_, now)

    async def bump(self, subject: Subject, id_: int, now: datetime) -> None:
        """Make the cards of this subject due."""
        await self._bump(subject, [id_], now)

    async def card_shown(self, card: Card, telegram_id: int, now: datetime, quiet_until: datetime | None) -> None:
        """Telegram has taken the card as of `card.wanted`; it is due again at once if its subject has moved since.

        So it is while the message that it replaces is still there (`old_card_gone`): a bot that dies in between must
        find it. If it is to come anew meanwhile, what was taken is the one further up, and counts for nothing.
        """
        again = sa.literal(quiet_until or now, Moment)
        await self._change(
            card,
            cards.c.telegram_id.is_not_distinct_from(card.telegram_id),
            telegram_id=telegram_id,
            shown=card.wanted,
            tries=0,
            quiet_until=quiet_until,
            due_at=sa.case(
                (cards.c.replaces.is_not(None), sa.literal(now, Moment)),
                (cards.c.wanted > card.wanted, again),
                else_=sa.null(),
            ),
        )

    async def old_card_gone(self, card: Card, now: datetime) -> None:
        """The message that the card replaced is taken away: it is due again only if its subject has moved since."""
        again = sa.func.coalesce(cards.c.quiet_until, sa.literal(now, Moment))
        await self._change(
            card,
            cards.c.replaces == card.replaces,
            cards.c.telegram_id.is_not(None),
            replaces=None,
            due_at=sa.case((cards.c.wanted > cards.c.shown, again), else_=sa.null()),
        )

    async def card_missed(self, card: Card, due_at: datetime) -> None:
        """Telegram did not take it; try again at `due_at`."""
        await self._change(card, tries=cards.c.tries + 1, due_at=due_at)

    async def put_off_chat(self, chat_id: int, now: datetime, due_at: datetime) -> None:
        """Put off all that is due in a chat. What another is just changing stays due: nobody is waited for."""
        here = cards.c.chat_id + 0 == chat_id  # found by what is due: a chat has more cards than are ever due in it
        due = sa.select(cards.c.id).where(cards.c.due_at <= now, here).with_for_update(skip_locked=True).cte("due")
        put_off = sa.update(cards).where(cards.c.id.in_(sa.select(due.c.id))).values(due_at=due_at)
        await self._connection.execute(put_off)

    async def card_gone(self, card: Card) -> None:
        """Somebody deleted it from the chat, or what it showed is no more: forget it."""
        where_it_was = cards.c.telegram_id.is_not_distinct_from(card.telegram_id)  # not if it is to come anew meanwhile
        await self._connection.execute(sa.delete(cards).where(cards.c.id == card.id, where_it_was))

    async def _change(self, card: Card, *conditions: sa.ColumnElement[bool], **values: Any) -> None:
        await self._connection.execute(sa.update(cards).where(cards.c.id == card.id, *conditions).values(values))
