"""Statuses that misbehave: each whim does what it says, repeats itself, and all that is told is kept."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.gateway.core import Gateway
from bot.sandbox.gateway.faults import FAULTS
from bot.sandbox.gateway.options import Options
from bot.sandbox.gateway.outbox import Letter, Message, Told
from bot.sandbox.gateway.replies import Status
from bot.sandbox.gateway.switch import ControlError
from bot.sandbox.gateway.whims import Whims, read_whims
from tests.unit.test_sandbox_gateway import Served, gateway

__all__ = ["gateway"]

FINAL = [status for status in Status if status.is_final]
PHONES = [f"99290000{number:04d}" for number in range(400)]


def message(phone: str = PHONES[0], final: Status = Status.DELIVERED, *told: Status) -> Message:
    """A message that has come to its end, of which this was told."""
    letter = Letter("t-1", "Demo", phone, "Hello", 1, final)
    taken = Gateway(Options()).outbox.put(letter, now=0, leaves=0, enroute=0, delivered=0)
    taken.told = [Told(status, 0) for status in told]
    return taken


async def told(gateway: Served) -> list[str]:
    """The statuses that were told of the only message, oldest first."""
    [shown] = await gateway.shown("messages")
    return [one["status"] for one in shown["told"]]


def test_which_statuses_are_final() -> None:
    """All but ENROUTE and ACCEPTED."""
    assert set(Status) - set(FINAL) == {Status.ENROUTE, Status.ACCEPTED}


def test_without_whims_the_truth_is_told() -> None:
    """As it is built nothing strays, whatever was told before."""
    whims = Whims()
    for status in FINAL:
        word = whims.word(message(PHONES[0], status, Status.EXPIRED), 1)
        assert (word.status, word.wait, word.vendor) == (status, 0.0, False)
    assert {(whims.final(phone), whims.delay(phone)) for phone in PHONES} == {(Status.DELIVERED, 0.0)}


def test_shares_of_finals() -> None:
    """Messages come to the final statuses in the shares that are asked for; the rest is delivered."""
    whims = Whims(finals={Status.EXPIRED: 0.25, Status.REJECTED: 0.25})
    counts = Counter(whims.final(phone) for phone in PHONES)
    shares = {Status.EXPIRED: 0.25, Status.REJECTED: 0.25, Status.DELIVERED: 0.5}
    assert counts.keys() == shares.keys()
    assert all(abs(counts[status] / len(PHONES) - share) < 0.1 for status, share in shares.items())
    assert {Whims(finals={Status.DELETED: 1.0}).final(phone) for phone in PHONES} == {Status.DELETED}


def test_shares_of_late_ones() -> None:
    """The share that is asked for is late, by as much as is asked for at the most."""
    delays = [Whims(late=0.5, late_seconds=8).delay(phone) for phone in PHONES]
    assert 0.4 < sum(delay > 0 for delay in delays) / len(PHONES) < 0.6
    assert max(delays) <= 8
    assert len({delay for delay in delays if delay}) > 100


@pytest.mark.parametrize("final", FINAL)
def test_every_final_is_contradicted_by_every_other_status(final: Status) -> None:
    """Once it was told, each of the seven others is told in its place, and with a share of 1 never itself."""
    whims = Whims(contradicting=1)
    others = {whims.word(message(phone, final, Status.ENROUTE, final), 1).status for phone in PHONES}
    assert others == set(Status) - {final}


def test_nothing_is_contradicted_before_a_final_was_told() -> None:
    """The first final status is the true one; what is earlier is no reason to stray."""
    words = [Whims(contradicting=1).word(message(phone, Status.EXPIRED, Status.ACCEPTED), 1) for phone in PHONES]
    assert {word.status for word in words} == {Status.EXPIRED}


def test_shares_of_answers() -> None:
    """Slow answers, those in the vendor's spelling and contradictions come in the shares that are asked for."""
    whims = Whims(slow=0.25, slow_seconds=2, vendor=0.5, contradicting=0.75)
    words = [whims.word(message(phone, Status.DELIVERED, Status.DELIVERED), 1) for phone in PHONES]
    assert 0.15 < sum(word.wait > 0 for word in words) / len(PHONES) < 0.35
    assert 0.4 < sum(word.vendor for word in words) / len(PHONES) < 0.6
    assert 0.65 < sum(word.status is not Status.DELIVERED for word in words) / len(PHONES) < 0.85
    assert max(word.wait for word in words) <= 2


def test_it_repeats_itself() -> None:
    """Seed, phone and number of the answer decide; another of each brings something else."""

    def fates(seed: int, told: int) -> list[Any]:
        whims = Whims(seed, {Status.EXPIRED: 0.5}, 0.5, 9, 0.5, 0.5, 9, 0.5)
        mine = [message(phone, Status.DELIVERED, *(Status.DELIVERED,) * told) for phone in PHONES]
        return [(whims.final(one.phone), whims.delay(one.phone), whims.word(one, 1)) for one in mine]

    assert fates(1, 1) == fates(1, 1)
    assert fates(1, 1) != fates(2, 1)
    assert [word for *_, word in fates(1, 1)] != [word for *_, word in fates(1, 2)]
    assert len(set(fates(1, 1))) > len(PHONES) / 2


async def test_a_late_message(gateway: Served) -> None:
    """It is ENROUTE for half of its delay, ACCEPTED for the other half, and arrives only then."""
    await gateway.control("options", enroute_seconds=0, delivered_seconds=0)
    await gateway.control("statuses", late=1, late_seconds=100)
    await gateway.send()
    heard = []
    for _ in range(101):
        heard.append((await gateway.query(txn_id="t-1")).json()["status"])
        assert len(await gateway.shown("handset")) == (heard[-1] == "DELIVERED")
        gateway.clock.at += 1
    assert list(dict.fromkeys(heard)) == ["ENROUTE", "ACCEPTED", "DELIVERED"]
    assert abs(heard.count("ENROUTE") - heard.count("ACCEPTED")) <= 1
    assert await told(gateway) == heard


async def test_what_arrives_is_not_moved_by_what_is_told(gateway: Served) -> None:
    """A contradiction brings no SMS to a phone, and takes none from it; both spellings tell it."""
    await gateway.control("statuses", finals={"EXPIRED": 1}, contradicting=1, vendor=0.5)
    await gateway.send()
    gateway.clock.at += 4
    replies = [(await gateway.query(txn_id="t-1")).json() for _ in range(40)]
    heard = [reply.get("status") or reply["message_state"].upper() for reply in replies]
    assert heard == await told(gateway)
    assert heard[0] == "EXPIRED"
    assert set(heard[1:]) == set(Status) - {"EXPIRED"}
    assert 0 < sum("status" in reply for reply in replies) < 40
    finished = {reply["message_state"].upper() for reply in replies if reply.get("final_date")}
    assert finished
    assert finished <= set(FINAL)
    assert (await gateway.shown("messages"))[0]["status"] == "EXPIRED"
    assert await gateway.shown("handset") == []


async def test_a_status_set_by_hand_is_not_contradicted(gateway: Served) -> None:
    """It holds for good."""
    await gateway.control("statuses", contradicting=1)
    await gateway.send()
    await gateway.control("status", txn_id="t-1", status="REJECTED")
    assert {(await gateway.query(txn_id="t-1")).json()["status"] for _ in range(20)} == {"REJECTED"}


async def test_a_slow_answer_is_overtaken(gateway: Served) -> None:
    """Of two questions the second may be answered first; what was told is listed as it was written."""
    await gateway.control("statuses", slow=1, slow_seconds=3600)
    await gateway.send()
    slow = asyncio.create_task(gateway.query(txn_id="t-1"))
    async with asyncio.timeout(5):
        while not await told(gateway):
            pass
    await gateway.control("statuses")
    gateway.clock.at += 4
    assert (await gateway.query(txn_id="t-1")).json()["status"] == "DELIVERED"
    assert not slow.done()
    assert await told(gateway) == ["DELIVERED", "ENROUTE"]
    slow.cancel()


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if not fault.once])
async def test_only_what_is_written_was_told(gateway: Served, name: str) -> None:
    """A status that a fault swallowed was not told; one whose reply came through was."""
    gateway.patience = 0.2
    await gateway.send()
    await gateway.control("faults", mode=name, call="query", delay=0.01)
    try:
        heard = [(await gateway.query(txn_id="t-1")).json()["status"]]
    except (httpx.HTTPError, ValueError, LookupError):
        heard = []
    assert await told(gateway) == heard
    assert bool(heard) == (name in ("ok_in_200", "slow"))


JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just({"EXPIRED": 0.5})


@given(st.dictionaries(st.sampled_from(sorted(Whims().as_dict())), JSON))
def test_any_whims_are_read(body: dict[str, Any]) -> None:
    """Whatever is asked for, it can be drawn from and shown, or it is refused."""
    try:
        whims = read_whims(body)
    except ControlError:
        return
    word = whims.word(message(PHONES[0], whims.final(PHONES[0]), Status.DELIVERED), 1)
    assert 0 <= word.wait <= whims.slow_seconds
    assert 0 <= whims.delay(PHONES[0]) <= whims.late_seconds
    assert read_whims(whims.as_dict()) == whims
