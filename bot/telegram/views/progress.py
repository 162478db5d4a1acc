"""Where a campaign stands, in words: what holds it, how far it is, what became of it."""

from bot.domain.campaign import Campaign, CampaignReport, Hold, Stage, Way
from bot.domain.message import DELIVERY_STATES, State
from bot.i18n import Html, Translator, join
from bot.telegram.views import Money, cost
from bot.telegram.views.figures import bar, duration, pace, to_the_minute

_LEFT = (State.ACCEPTED, *sorted(DELIVERY_STATES))
"""States of messages that the gateway has surely taken."""
_WAITING = (State.QUEUED, State.SENDING)
"""One to a reader: of what is being sent most is only claimed, and waits for its turn."""


def stage_lines(t: Translator, report: CampaignReport, money: Money, rate: float | None) -> list[Html]:
    """The stage of a campaign and, if it is tracked, its figures: a bar first. `rate` is in messages a second."""
    campaign = report.campaign
    figures = _figures(t, report) if campaign.way is Way.TRACKED else []
    match campaign.stage:
        case Stage.WAITING:
            return _waiting(t, campaign)
        case Stage.RUNNING:
            return [*figures, *_pace(t, report, rate)]
        case Stage.PAUSED:
            return [_hold(t, report, money), *(figures if campaign.started_at else [])]
        case Stage.CANCELLING:
            return [t("campaign.cancelling"), *figures]
        case Stage.CLEARING:
            return [t("campaign.clearing", n=report.to_leave), *figures]
        case Stage.CANCELLED:
            return [t("campaign.is_cancelled"), *_not_begun(t, report), *figures[1:], *_uncertain(t, report)]
        case Stage.FINISHED:
            return _finished(t, report, money) if campaign.way is Way.TRACKED else []


def share(report: CampaignReport) -> tuple[int, int]:
    """How many have an outcome, of how many: messages, or bulk calls."""
    if report.campaign.way is Way.BULK:
        return len(report.bulks) - report.to_leave, len(report.bulks)
    return report.decided, report.campaign.recipients


def sent(report: CampaignReport) -> int:
    """Messages that the gateway has surely taken."""
    return sum(report.states.get(state, 0) for state in _LEFT)


def _waiting(t: Translator, campaign: Campaign) -> list[Html]:
    """When it begins, and that it may be taken back. By OsonSMS it is handed over now, with its time."""
    tracked = campaign.way is Way.TRACKED
    if tracked and campaign.send_at == campaign.starts_at:
        return [t("list.at", time=to_the_minute(t, campaign.starts_at)), t("campaign.undoable")]
    soon = join([t("campaign.soon"), t("campaign.undoable")], " ")
    return [soon, t("list.at", time=to_the_minute(t, campaign.send_at))] if campaign.send_at and not tracked else [soon]


def _figures(t: Translator, report: CampaignReport) -> list[Html]:
    lines = [bar(*share(report)), t("campaign.sent", count=sent(report), total=report.campaign.recipients)]
    counts = [t("campaign.count", icon=icon, state=state, count=count) for icon, state, count in _counted(t, report)]
    return [*lines, join(counts, " · ")] if counts else lines


def _counted(t: Translator, report: CampaignReport) -> list[tuple[Html, Html, int]]:
    """(icon, words, how many) of each state that there is. What a cancelled campaign waits for is said elsewhere."""
    waiting = 0 if report.campaign.stage is Stage.CLEARING else sum(report.states.get(state, 0) for state in _WAITING)
    others = [
        (t(f"icon.{state}"), t(f"short.{state}"), report.states.get(state, 0))
        for state in State
        if state not in _WAITING
    ]
    return [each for each in ((t("icon.queued"), t("campaign.waiting"), waiting), *others) if each[2]]


def _pace(t: Translator, report: CampaignReport, rate: float | None) -> list[Html]:
    """The pace, and the time left until it is through, or asks."""
    goal = min(report.campaign.ask_after or report.campaign.recipients, report.campaign.recipients)
    rest = goal - report.decided
    if not rate or rest <= 0 or report.campaign.way is Way.BULK:
        return []
    return [t("campaign.left", pace=pace(t, rate), left=duration(t, rest / rate))]


def _hold(t: Translator, report: CampaignReport, money: Money) -> Html:
    """Why it is paused, with the figures that the answer hangs on."""
    campaign = report.campaign
    outcomes = [t("campaign.outcome", state=state, count=count) for _, state, count in _counted(t, report)]
    return t(
        f"hold.{campaign.hold or Hold.BY_HAND}",
        sender=campaign.sender,
        failed=report.states.get(State.FAILED, 0),
        decided=report.decided,
        count=report.ordered,
        outcomes=join(outcomes, ", "),
        rest=campaign.recipients - report.ordered,
        time=campaign.send_at or campaign.starts_at,
        needed="…" if money.price_per_part is None else money.price_per_part * campaign.parts,
    )


def _finished(t: Translator, report: CampaignReport, money: Money) -> list[Html]:
    campaign = report.campaign
    parts = round(campaign.parts * sent(report) / max(1, campaign.recipients))
    price = cost(t, parts, money)
    waiting = report.states.get(State.ACCEPTED, 0)
    return [
        _done(t, campaign),
        *_figures(t, report),
        *([join([t("draft.total", parts=parts), *([price] if price else [])], " · ")] if parts else []),
        *([t("campaign.delivery_open", n=waiting)] if waiting else []),
        *_uncertain(t, report),
        *([t("campaign.again_by", number=str(campaign.again_by))] if campaign.again_by else []),
    ]


def _done(t: Translator, campaign: Campaign) -> Html:
    """When it ended; not how long it took, for it may have waited for somebody's word."""
    if campaign.ended_at is None:
        return t("campaign.finished")
    return t("campaign.finished_at", time=to_the_minute(t, campaign.ended_at))


def _not_begun(t: Translator, report: CampaignReport) -> list[Html]:
    """Who of a cancelled campaign never came to be a message."""
    rest = report.campaign.recipients - report.ordered
    return [t("campaign.not_begun", n=rest)] if rest > 0 and report.campaign.way is Way.TRACKED else []


def _uncertain(t: Translator, report: CampaignReport) -> list[Html]:
    count = report.states.get(State.UNCERTAIN, 0)
    return [t("campaign.uncertain", n=count)] if count else []
