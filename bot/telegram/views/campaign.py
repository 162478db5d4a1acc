"""The card of a campaign: how far it is, or what the gateway made of the list. And the list of campaigns."""

from collections.abc import Mapping, Sequence

from aiogram.types import InlineKeyboardButton

from bot.domain.campaign import Bulk, Campaign, CampaignReport, Stage, Way
from bot.domain.log import Event, Pause
from bot.domain.message import BLOCKED, Message, State
from bot.domain.phone import shown
from bot.i18n import Html, Translator, join
from bot.intake import bulk_text
from bot.telegram.keyboards import Rows, Verb, button, copy, go, stop
from bot.telegram.views import Money, View, cut, quote
from bot.telegram.views.figures import percent, to_the_minute
from bot.telegram.views.message import by_whom, reason_text
from bot.telegram.views.picker import in_rows
from bot.telegram.views.progress import share, stage_lines

_SHOWN = 200
_SMALL = 15
"""A campaign of no more recipients shows each of them."""
_BULKS = 3
"""So many bulk calls are shown in full: more would not fit."""
_CAMPAIGNS = 20
_NAME = 30
_ICONS = {
    Stage.RUNNING: "📤",
    Stage.WAITING: "🕓",
    Stage.PAUSED: "⏸",
    Stage.CANCELLING: "✋",
    Stage.CLEARING: "✋",
    Stage.CANCELLED: "🚫",
    Stage.FINISHED: "🏁",
}
"""The icon of each stage, in the order in which a list of campaigns has them."""
_OPEN = (Stage.RUNNING, Stage.WAITING, Stage.PAUSED, Stage.CANCELLING, Stage.CLEARING)


def campaign_card(
    t: Translator,
    report: CampaignReport,
    first: Sequence[Message],
    pause: Pause | None,
    money: Money,
    rate: float | None,
    *,
    may_repeat: bool = False,
    decisions: Mapping[int, Event] | None = None,
    reader: int | None = None,
) -> View:
    """The card. `first` are its first messages (tracked); `rate` is what leaves a second now, None if not known.

    `may_repeat`: some of what failed may pass when it is sent again. `decisions`: who has decided what about its
    uncertain bulk calls, by their ids. `reader`: who alone reads it, None in a group.
    """
    campaign = report.campaign
    lines = _head(t, campaign)
    if pause and (report.is_under_way or any(bulk.state is State.QUEUED for bulk in report.bulks)):
        lines += [t("card.paused"), *reason_text(t, pause.reason, pause.code, pause.text)]
    lines += stage_lines(t, report, money, None if pause else rate)
    if campaign.way is Way.BULK:
        bulks = _most_telling(report.bulks)
        lines += [line for bulk in bulks for line in _bulk(t, bulk, (decisions or {}).get(bulk.id), reader)]
        lines += _more(t, len(report.bulks) - len(bulks))
        own = [row for bulk in bulks for row in _bulk_buttons(t, bulk)]
        return View(join(lines), [*_buttons(t, report, may_repeat=may_repeat), *own])
    if campaign.recipients <= _SMALL:
        lines += [_recipient(t, message) for message in first]
    return View(join(lines), _buttons(t, report, may_repeat=may_repeat))


def _head(t: Translator, campaign: Campaign) -> list[Html]:
    return [
        t("campaign.title", number=str(campaign.id), n=campaign.recipients),
        *([t("campaign.file", name=campaign.file_name)] if campaign.file_name else []),
        _text(t, campaign),
        t("campaign.size", sender=campaign.sender, parts=campaign.parts),
    ]


def _text(t: Translator, campaign: Campaign) -> Html:
    if campaign.again_of:  # each has his own text
        return t("campaign.again_of", number=str(campaign.again_of))
    if campaign.text is None:
        return t("card.confidential_plain")
    return quote(t, bulk_text(campaign.wording), _SHOWN)


def _recipient(t: Translator, message: Message) -> Html:
    state = message.state
    said = t("why.blocked") if state is State.CANCELLED and message.reason == BLOCKED else t(f"short.{state}")
    return t("campaign.recipient", icon=t(f"icon.{state}"), phone=shown(message.phone), state=said)


def _more(t: Translator, rest: int) -> list[Html]:
    return [t("campaign.more", n=rest)] if rest > 0 else []


def _buttons(t: Translator, report: CampaignReport, *, may_repeat: bool) -> Rows:
    """What can be done with it now, and its result."""
    campaign = report.campaign
    rows: Rows = []
    match campaign.stage:
        case Stage.WAITING:
            rows = [[stop(t.plain("button.undo"), Verb.UNDO, campaign.id)]]
        case Stage.RUNNING:
            rows = [[stop(t.plain("button.pause"), Verb.PAUSE_CAMPAIGN, campaign.id)]]
        case Stage.PAUSED:
            go_on = go(t.plain("button.go_on"), Verb.RESUME_CAMPAIGN, campaign.id)
            cancel = t.plain("button.cancel_rest") if _has_left(report) else t.plain("button.cancel_all")
            rows = [[go_on], [stop(cancel, Verb.CANCEL_CAMPAIGN, campaign.id)]]
        case Stage.FINISHED if may_repeat and campaign.again_by is None:
            rows = [[button(t.plain("button.again"), Verb.AGAIN, campaign.id)]]
    return [*rows, *_result(t, campaign)]


def _has_left(report: CampaignReport) -> bool:
    """Whether anything of it may have left."""
    handed = any(bulk.state is not State.QUEUED or bulk.may_have_arrived for bulk in report.bulks)
    return report.ordered > 0 or handed


def _result(t: Translator, campaign: Campaign) -> Rows:
    if campaign.started_at is None or campaign.way is Way.BULK:
        return []
    result = button(t.plain("button.result"), Verb.RESULT, campaign.id)
    figures = button(t.plain("button.stats"), Verb.STATS, campaign.id)
    return [[result, figures, button(t.plain("button.messages"), Verb.MESSAGES, campaign.id)]]


def _most_telling(bulks: Sequence[Bulk]) -> list[Bulk]:
    """The first few bulk calls; what waits for a decision, then what did not simply go well, before the rest."""
    return sorted(bulks, key=lambda bulk: (not bulk.is_unsettled, bulk.state is State.ACCEPTED))[:_BULKS]


def _bulk_buttons(t: Translator, bulk: Bulk) -> Rows:
    """Never «send again»: it is a whole list."""
    rows: Rows = [[copy(t.plain("button.copy_txn"), bulk.txn_id)]]
    if bulk.is_unsettled:
        sent = go(t.plain("button.mark_sent"), Verb.BULK_SENT, bulk.id)
        rows.append([sent, button(t.plain("button.close"), Verb.BULK_CLOSE, bulk.id)])
    return rows


def _bulk(t: Translator, bulk: Bulk, decision: Event | None, reader: int | None) -> list[Html]:
    lines = [t(f"bulk.{bulk.state}"), t("bulk.send_at", time=bulk.send_at)]
    if bulk.settlement and decision:
        facts = (t(f"why.{bulk.settlement}"), by_whom(t, decision, reader), t.time(decision.at))
        lines.append(join([fact for fact in facts if fact], " · "))
    elif bulk.state is State.UNCERTAIN:
        lines.append(t("bulk.uncertain_advice"))
    elif bulk.reason == BLOCKED:
        lines.append(t("why.blocked"))
    elif bulk.state is not State.ACCEPTED:
        lines += reason_text(t, bulk.reason, bulk.code, bulk.gateway_text)
    if bulk.name:
        lines.append(t("bulk.name", name=bulk.name))
    return [*lines, t("card.txn", txn_id=bulk.txn_id)]


def campaigns_view(t: Translator, reports: Sequence[CampaignReport]) -> View:
    """The campaigns: those under way first, then the last ones; a button opens the card of each."""
    if not reports:
        return View(t("campaigns.none"))
    shown = sorted(reports, key=_place)[:_CAMPAIGNS]
    lines = [t("campaigns.title"), *[_line(t, report) for report in shown], *_more(t, len(reports) - len(shown))]
    return View(join(lines), in_rows([_opener(report.campaign) for report in shown], 4))


def _place(report: CampaignReport) -> tuple[int, int]:
    stage = report.campaign.stage
    return _OPEN.index(stage) if stage in _OPEN else len(_OPEN), -report.campaign.id


def _line(t: Translator, report: CampaignReport) -> Html:
    campaign = report.campaign
    time = campaign.starts_at if campaign.stage is Stage.WAITING else campaign.started_at or campaign.created_at
    return t(
        "campaigns.line",
        icon=_ICONS[campaign.stage],
        number=str(campaign.id),
        name=_name(t, campaign),
        count=campaign.recipients,
        percent=percent(*share(report)),
        time=to_the_minute(t, time),
    )


def _name(t: Translator, campaign: Campaign) -> Html:
    if campaign.file_name:
        return join([cut(campaign.file_name, _NAME)])
    if campaign.again_of:
        return t("campaign.again_of", number=str(campaign.again_of))
    if campaign.text is None:
        return t("card.confidential_plain")
    return join([cut(" ".join(bulk_text(campaign.wording).split()), _NAME)])


def _opener(campaign: Campaign) -> InlineKeyboardButton:
    return button(f"{_ICONS[campaign.stage]} {campaign.id}", Verb.SHOW_CAMPAIGN, campaign.id)
