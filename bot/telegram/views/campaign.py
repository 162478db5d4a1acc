"""The card of a campaign: how far it is, or what the gateway made of the list."""

from collections.abc import Sequence

from bot.domain.campaign import Bulk, CampaignReport, Way
from bot.domain.log import Pause
from bot.domain.message import Message, State
from bot.i18n import Html, Translator, join
from bot.telegram.keyboards import Rows, Verb, copy, go, stop
from bot.telegram.views import View, quote
from bot.telegram.views.message import reason_text, short_line


def campaign_card(t: Translator, report: CampaignReport, first: Sequence[Message], pause: Pause | None) -> View:
    """The card. `first` are its first messages (tracked)."""
    campaign = report.campaign
    head = [
        t("campaign.title", number=str(campaign.id), n=campaign.recipients),
        *([t("campaign.file", name=campaign.file_name)] if campaign.file_name else []),
        t("card.confidential_plain") if campaign.text is None else quote(t, campaign.text),
        t("campaign.size", sender=campaign.sender, parts=campaign.parts),
    ]
    if pause and (report.is_under_way or any(bulk.state is State.QUEUED for bulk in report.bulks)):
        head += [t("card.paused"), *reason_text(t, pause.reason, pause.code, pause.text)]
    if campaign.way is Way.BULK:
        return View(
            join([*head, *[line for bulk in report.bulks for line in _bulk(t, bulk)]]), _bulk_buttons(t, report)
        )
    return View(join([*head, *_tracked(t, report, first)]), _tracked_buttons(t, report))


def _tracked(t: Translator, report: CampaignReport, first: Sequence[Message]) -> list[Html]:
    counts = [
        t("campaign.count", icon=t(f"icon.{state}"), state=t(f"short.{state}"), count=report.states[state])
        for state in State
        if report.states.get(state)
    ]
    paused = [t("campaign.paused")] if report.campaign.paused and report.is_under_way else []
    rest = report.campaign.recipients - len(first)
    more = [t("campaign.more", n=rest)] if rest > 0 else []
    return [*paused, join(counts, "\n"), *[short_line(t, message) for message in first], *more]


def _tracked_buttons(t: Translator, report: CampaignReport) -> Rows:
    if not report.is_under_way:
        return []
    cancel = stop(t.plain("button.cancel_rest"), Verb.CANCEL_CAMPAIGN, report.campaign.id)
    if report.campaign.paused:
        return [[go(t.plain("button.go_on"), Verb.RESUME_CAMPAIGN, report.campaign.id), cancel]]
    return [[cancel]]


def _bulk(t: Translator, bulk: Bulk) -> list[Html]:
    lines = [t(f"bulk.{bulk.state}"), t("bulk.send_at", time=bulk.send_at)]
    if bulk.state is State.UNCERTAIN:
        lines.append(t("bulk.uncertain_advice"))
    elif bulk.state is not State.ACCEPTED:
        lines += reason_text(t, bulk.reason, bulk.code, bulk.gateway_text)
    if bulk.name:
        lines.append(t("bulk.name", name=bulk.name))
    return [*lines, t("card.txn", txn_id=bulk.txn_id)]


def _bulk_buttons(t: Translator, report: CampaignReport) -> Rows:
    return [[copy(t.plain("button.copy_txn"), bulk.txn_id)] for bulk in report.bulks]
