"""Every waiting time of the bot in one place, with its reason. All in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """The defaults are what runs in earnest; tests build a quicker one."""

    call: float = 20.0
    """The contract's time-out of a call, connection and reply together."""
    lease: float = 45.0
    """How long a claimed message is left to its worker: a call, and time to write its outcome."""
    retries: tuple[float, ...] = (3.0, 10.0, 30.0, 60.0, 120.0, 300.0)
    """Pause before each repeat under the same txn_id; when they are used up, the message is uncertain or failed."""
    polls: tuple[float, ...] = (5.0, 10.0, 20.0, 40.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 2400.0, 3600.0, 7200.0)
    """From acceptance to the first question for the delivery status, and between the next ones; the last repeats."""
    poll_limit: float = 72 * 3600.0
    """After this long nothing more will be heard."""
    jitter: float = 0.2
    """Share by which a pause is stretched at random, so that what failed together does not come back together."""
    idle: float = 1.0
    """How often a worker with nothing to do looks for work that another process left."""
    balance_probe: float = 60.0
    """How often the balance is asked for while an empty one holds up the sending."""
    balance_watch: float = 3600.0
    """How often the balance is asked for whatever happens, so that a low one is told in time."""
    campaign_card: float = 3.0
    """The least time between two edits of a card that changes often."""
    progress: float = 2.0
    """What takes longer than this says how far it is."""
    progress_again: float = 3.0
    """The least time between two edits of that."""
    same_text: float = 600.0
    """The same text to the same phone within this time is asked about."""
    undo: float = 10.0
    """How long a confirmed campaign may be taken back before it begins."""
    overdue: float = 900.0
    """A campaign whose time passed longer ago asks instead of going out at a wrong hour."""
    advance: float = 0.2
    """How often campaigns are looked at while something happens."""
    draft: float = 24 * 3600.0
    """A draft older than this is dropped."""
    watched: float = 60.0
    """So long after an order its admin still looks at its card: an edit in place is noticed."""
    digest: float = 30.0
    """How often it is looked whether somebody's hour for the digest has come."""
    inbox: float = 300.0
    """The notice of what waits for a decision makes a sound no more often than this."""
