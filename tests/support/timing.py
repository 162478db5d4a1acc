"""The waiting times of the tests."""

from bot.domain.timing import Timing

QUICK = Timing(
    call=1.0,
    lease=1.5,
    retries=(0.05, 0.1, 0.1),
    polls=(0.1, 0.2, 0.3),
    idle=0.2,
    balance_probe=0.5,
    balance_watch=5.0,
    campaign_card=0.3,
    undo=0.3,
    advance=0.02,
)
"""Waiting times at which a story is over in a second or two."""
