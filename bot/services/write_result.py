"""The result of a campaign as rows of a file: who was sent what under which txn_id, and what became of it."""

from collections.abc import AsyncIterator, Iterable

from bot.domain.campaign import Campaign
from bot.domain.draft import PieceKind
from bot.intake import written
from bot.services.export import Progress
from bot.services.ports import Store
from bot.services.sheets import Cell, Digits, Reader, Row, message_row

COLUMNS = ("phone", "state", "txn_id", "msg_id", "parts", "code", "reason", "text", "ordered", "accepted", "final")
NOT_BEGUN = "not_begun"
"""The state, beside those of messages, of who never came to be one."""
_PAGE = 500


async def result_pages(
    store: Store, campaign: Campaign, reader: Reader, progress: Progress
) -> AsyncIterator[Iterable[Row]]:
    """The rows, page by page; memory does not grow with the campaign.

    Who of a cancelled campaign never came to be a message stands at the end.
    """
    last, taken, told = 0, campaign.taken, 0
    while True:
        async with store.read() as log:  # first how many are taken: whoever is taken after that is on a page to come
            report = await log.campaign(campaign.id)
            page = await log.campaign_page(campaign.id, last, _PAGE)
        taken = report.campaign.taken if report else taken
        if not page:
            break
        yield (message_row(message, COLUMNS, reader) for message in page)
        last, told = page[-1].id, told + len(page)
        progress.done = told / max(1, campaign.recipients)
    async for rows in _rest(store, campaign, taken, reader):
        yield rows


async def _rest(store: Store, campaign: Campaign, taken: int, reader: Reader) -> AsyncIterator[Iterable[Row]]:
    while campaign.draft_id is not None and taken < campaign.rows:
        async with store.read() as log:
            piece = await log.piece(campaign.draft_id, PieceKind.RECIPIENTS, taken)
        if piece is None:
            return
        rows = written(campaign.columns, piece.data, campaign.wording)[taken - piece.first :]
        yield [_not_begun(row[1], None if campaign.confidential else row[2], reader) for row in rows if row]
        taken = piece.first + piece.rows


def _not_begun(phone: str, text: str | None, reader: Reader) -> list[Cell]:
    known: dict[str, Cell] = {"phone": Digits(phone), "state": reader.names[NOT_BEGUN], "text": text}
    return [known.get(column) for column in COLUMNS]
