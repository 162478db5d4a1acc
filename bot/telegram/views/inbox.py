"""What waits for a decision: the list of it, and the notice that there is some."""

from collections import Counter

from bot.domain.errors import DuplicateTxnId
from bot.domain.message import Message
from bot.domain.phone import shown
from bot.i18n import Html, Translator, join
from bot.services.settle import Inbox
from bot.telegram.keyboards import Rows, Verb, button
from bot.telegram.views import View
from bot.telegram.views.message import ERRORS
from bot.telegram.views.picker import in_rows

_IN_A_ROW = 4
_CAMPAIGNS = 10


def inbox_view(t: Translator, inbox: Inbox) -> View:
    """A page: a line each with what is known, and a button that opens its card."""
    if not inbox.count:
        return View(t("inbox.none"))
    campaigns = Counter(bulk.campaign_id for bulk in inbox.bulks).most_common(_CAMPAIGNS)
    lines = [
        t("inbox.title", n=inbox.count),
        *[_line(t, message) for message in inbox.messages],
        *[t("inbox.bulk", number=str(id_), n=count) for id_, count in campaigns],
    ]
    messages = [button(f"#{message.id}", Verb.SHOW, message.id) for message in inbox.messages]
    lists = [button(t.plain("button.campaign", number=str(id_)), Verb.SHOW_CAMPAIGN, id_) for id_, _ in campaigns]
    return View(join(lines), [*in_rows(messages, _IN_A_ROW), *in_rows(lists, 2), *_turns(t, inbox)])


def inbox_card(t: Translator, count: int) -> View:
    """The notice: how much waits, or that nothing does any more."""
    if not count:
        return View(t("inbox.all_settled"))
    return View(t("inbox.notice", n=count), [[button(t.plain("button.inbox"), Verb.INBOX)]])


def _line(t: Translator, message: Message) -> Html:
    return t(
        "inbox.line",
        icon=t(f"icon.{message.state}"),
        number=str(message.id),
        phone=shown(message.phone),
        known=_known(t, message),
        time=message.created_at,
    )


def _known(t: Translator, message: Message) -> Html:
    """What is known, in a few words."""
    if message.reason == DuplicateTxnId.__name__:
        return t("inbox.duplicate")
    return t(f"error.{message.reason}") if message.reason in ERRORS else t("why.attempts_ran_out")


def _turns(t: Translator, inbox: Inbox) -> Rows:
    newer = [button(t.plain("button.newer"), Verb.INBOX_NEWER, inbox.newer)] if inbox.newer is not None else []
    older = [button(t.plain("button.older"), Verb.INBOX_OLDER, inbox.older)] if inbox.older is not None else []
    return [[*newer, *older]] if newer or older else []
