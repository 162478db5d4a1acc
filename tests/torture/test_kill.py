"""The kill test in its short form; `make torture` is the long one."""

from pathlib import Path

import pytest

from tests.torture.person import by_command, by_file
from tests.torture.plan import draw
from tests.torture.run import Begin, Run

_SEED = 257
"""One whose few moments are of each kind: of the beginning, of sends, of questions, of the end.

The last comes before the new card can be noted: a death after that, and before the old card is taken away, leaves one.
"""


@pytest.mark.parametrize(("begin", "kills", "recipients"), [(by_file, 6, 100), (by_command, 3, 30)])
async def test_a_campaign_survives_kills_and_a_bad_gateway(
    tmp_path: Path, begin: Begin, kills: int, recipients: int
) -> None:
    """Whenever the bot dies and whatever the gateway does: one SMS each, and log and gateway agree on each message.

    Nor does any status overwrite a final one, though most are contradicted and many questions overlap.
    """
    report = await Run(draw(_SEED, kills, recipients, file=begin is by_file), tmp_path, begin)()
    assert report.differences == []
    assert report.kills.total() == kills
