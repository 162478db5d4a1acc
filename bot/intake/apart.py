"""Reading and fitting in a child process: the event loop is not held up, and the memory goes back to the system."""

from collections.abc import Iterable, Iterator

from bot.domain.draft import PhoneList, Piece
from bot.domain.template import bind
from bot.domain.wording import Wording
from bot.intake.faults import FileError, FileFault
from bot.intake.fitting import fit
from bot.intake.frames import (
    DATA,
    HEAD,
    KIND_OF,
    Words,
    data_frame,
    list_of,
    list_words,
    wording_words,
    words_frame,
)
from bot.intake.kinds import MAX_BYTES
from bot.intake.reading import Reading, sorted_pieces


async def read_apart(data: bytes, file_name: str, wording: Wording | None) -> Reading:
    """`read_list` in a child process, and `fit` if there is a text; `Reading.unknown` says if the text cannot fit.

    Raises:
        FileError: it is no list of phones, or reading it failed in a way that says nothing of why (`DAMAGED`), or took
            too much time or memory (`TOO_SLOW`).
    """
    from bot.intake.helper import ask  # asyncio: the child, which imports this too, has no use for it

    if not 0 < len(data) <= MAX_BYTES:
        raise FileError(FileFault.TOO_LARGE if data else FileFault.EMPTY)
    pieces: list[Piece] = []
    rows = dict.fromkeys(KIND_OF.values(), 0)

    def take(what: bytes, count: int, content: bytes) -> None:
        kind = KIND_OF[what]
        pieces.append(Piece(kind, rows[kind], count, content))
        rows[kind] += count

    words = {"file_name": file_name, "wording": wording_words(wording)}
    answer = await ask([words_frame(words), HEAD.pack(DATA, 0, len(data)), data], take)
    return _reading(answer, pieces)


async def fit_apart(phone_list: PhoneList, recipients: Iterable[bytes], wording: Wording) -> PhoneList:
    """`fit` in a child process; directly, where the text is the same for all.

    Raises:
        UnknownPlaceholder: as `fit`.
        FileError: as `read_apart`.
    """
    from bot.intake.helper import ask

    if not bind(wording.text, phone_list.columns):
        return fit(phone_list, (), wording)
    words = {"phone_list": list_words(phone_list), "wording": wording_words(wording)}
    return _phone_list(await ask(_request(words, recipients)))


def _request(words: Words, recipients: Iterable[bytes]) -> Iterator[bytes]:
    yield words_frame(words)
    yield from map(data_frame, recipients)


def _reading(answer: Words, pieces: list[Piece]) -> Reading:
    phone_list, unknown = _phone_list(answer), answer.get("unknown")
    return sorted_pieces(phone_list, pieces, (str(unknown[0]), unknown[1]) if unknown else None)


def _phone_list(answer: Words) -> PhoneList:
    try:
        return list_of(answer["phone_list"])
    except (KeyError, TypeError) as error:
        raise FileError(FileFault.DAMAGED) from error
