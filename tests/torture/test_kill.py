"""The kill test in its short form; `make torture` is the long one."""

from pathlib import Path

import pytest

from tests.torture.person import by_command, by_file
from tests.torture.plan import draw
from tests.torture.run import Begin, Run


@pytest.mark.parametrize(("begin", "kills", "recipients"), [(by_file, 6, 150), (by_command, 3, 30)])
async def test_a_campaign_survives_kills_and_a_bad_gateway(
    tmp_path: Path, begin: Begin, kills: int, recipients: int
) -> None:
    """Whenever the bot dies and whatever the gateway does: one SMS each, and log and gateway agree on each message."""
    report = await Run(draw(1, kills, recipients, file=begin is by_file), tmp_path, begin)()
    assert report.differences == []
    assert report.kills.total() == kills
