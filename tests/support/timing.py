"""The waiting times of the tests."""

from dataclasses import replace

from bot.domain.timing import Timing

QUICK = Timing(
    call=9.0,
    lease=12.0,
    retries=(0.05, 0.1, 0.1),
    polls=(0.1, 0.2, 0.3),
    idle=0.2,
    balance_probe=0.5,
    balance_watch=5.0,
    campaign_card=0.3,
    undo=0.3,
    advance=0.02,
)
"""Waiting times at which a story is over in a second or two. A call has time: a busy machine stops for a second."""
HASTY = replace(QUICK, call=1.0, lease=1.5)
"""For a gateway that never answers, and for a bot that is killed: what it held is soon taken up again."""
