"""One run: a person begins a campaign, the bot dies at each moment of the plan, in the end both sides are compared."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.message import FINAL_BY_STATUS
from tests.support.chat import Chat
from tests.support.lives import Life, bot_process
from tests.support.timing import HASTY
from tests.support.world import OWNER, START, World
from tests.torture.evidence import Evidence, gather, has_shown_all, look_in
from tests.torture.meddler import Meddler
from tests.torture.person import by_file
from tests.torture.plan import RATES, SEND, Moment, Plan
from tests.torture.verdict import CardWatch, FinalWatch, always, complaints, in_the_end
from tests.torture.watch import Watch, stand_ins

_SETTLE = 60.0
"""Seconds without any change after which a campaign is given up."""
_CALM = HASTY.lease
"""Seconds after which nobody asks any more: by what is heard then, one that is not known may turn out to be taken."""
_OPEN = {"queued", "sending", "accepted", "asked"}
_CARD = 15.0
Begin = Callable[[Chat, Plan], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Report:
    """What came of a run."""

    differences: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    """By the call that they followed on; `late` where the moment did not come."""
    uncertain_there: int = 0
    """Uncertain ones that the gateway has."""
    sends: int = 0
    taken: int = 0
    cards_left_behind: int = 0
    presses: int = 0
    """Of the buttons that ask the gateway."""
    told: int = 0
    """Statuses that the gateway told."""
    told_again: int = 0
    """Of these, what was told after a final one."""
    too_late: int = 0
    """Of these, what came when the message was over in the log."""
    contradicting: int = 0
    """Messages of which the gateway told another status, after a final one, than the log has."""
    seconds: float = 0.0


class Run:
    """A run under way. `say` is told how it goes."""

    def __init__(self, plan: Plan, folder: Path, begin: Begin = by_file, say: Callable[[str], None] = print) -> None:
        self._plan = plan
        self._folder = folder
        self._begin = begin
        self._say = say
        self._watch = Watch(plan.seed)
        self._cards = CardWatch()
        self._finals = FinalWatch()
        self._report = Report()

    async def __call__(self) -> Report:
        """Run it through."""
        began = time.monotonic()
        async with (
            stand_ins(self._folder, self._watch) as world,
            Chat(f"{world.address}/telegram") as chat,
        ):
            await world.gateway("faults", mode="random", seed=self._plan.seed, rates=RATES)
            await world.gateway("statuses", **(self._plan.statuses or {"seed": self._plan.seed}))
            meddler = Meddler(f"{world.address}/telegram", self._plan, lambda: self._watch.phones)
            people = asyncio.create_task(self._act(chat, meddler))
            try:
                await self._kill_all(world, chat)
                await self._finish(world, people, meddler)
            finally:
                people.cancel()
            self._report.presses = meddler.presses
            self._judge(await gather(world, self._watch, chat))
        self._report.seconds = time.monotonic() - began
        return self._report

    async def _act(self, chat: Chat, meddler: Meddler) -> None:
        """What people do: one begins the campaign, then several meddle."""
        await self._begin(chat, self._plan)
        if self._plan.statuses:
            await meddler()

    async def _kill_all(self, world: World, chat: Chat) -> None:
        for number, moment in enumerate(self._plan.moments):
            await self._live(world, number, moment)
            evidence = await gather(world, self._watch, chat)
            faults = (always(evidence), self._finals.look(evidence), self._cards.look(evidence, died=True))
            self._differs(f"after kill {number + 1}", *faults)
            when = f"{moment}{'' if self._watch.trap.in_time else ' (did not come)'}"
            log = " ".join(f"{state} {count}" for state, count in evidence.log.states.items())
            self._say(f"kill {number + 1:2} {when:36} gateway {len(evidence.taken):4}; log {log}")

    async def _live(self, world: World, number: int, moment: Moment) -> None:
        """One life, to its violent end."""
        trap = self._watch.trap
        async with self._life(world, number) as life:
            trap.arm(life, moment, self._nth(number, moment))
            try:
                code = await life.wait(2 * START)
            except TimeoutError:
                code = None
        if code != -signal.SIGKILL:
            self._report.differences.append(f"life {number + 1} ended with {code} before it was killed")
        self._report.kills[moment.call if trap.in_time else "late"] += 1

    def _life(self, world: World, number: int) -> AbstractAsyncContextManager[Life]:
        log = self._folder / f"life-{number + 1}.log"
        return bot_process(world, log, SEND_CONCURRENCY="16", ADMIN_IDS=str(OWNER))

    def _nth(self, number: int, moment: Moment) -> int:
        """At which call the moment is: sends are spread evenly over the kills that are left."""
        if moment.call != SEND:
            return moment.nth
        left = max(0, len(self._plan.recipients) - len(self._watch.sends))
        return max(1, min(left, round(moment.share * left / (len(self._plan.moments) - number))))

    async def _finish(self, world: World, people: "asyncio.Task[None]", meddler: Meddler) -> None:
        """The last life: it ends what is under way, shows it, and stops in order."""
        async with self._life(world, len(self._plan.moments)) as life:
            self._watch.trap.disarm()
            try:
                await asyncio.wait_for(self._watch.trap.alive.wait(), 2 * START)
                await self._settle(len(self._plan.recipients))
                meddler.stop()
                await asyncio.wait_for(people, START)
                await self._settle(len(self._plan.everybody), _CALM)
                await self._until_shown()
            except (AssertionError, TimeoutError) as error:
                self._report.differences.append(f"it came to no end: {error}")
            life.terminate()
            code = await life.wait(START)
        if code:
            self._report.differences.append(f"the last life ended with {code}")

    async def _settle(self, messages: int, calm: float = 0.0) -> None:
        """Until so many messages and all others have their outcome, for `calm` seconds, as long as something moves."""
        last, since = None, 0.0
        while True:
            now = look_in(self._folder)
            if now != last:
                last, since = now, time.monotonic()
            if _is_settled(messages, *now) and time.monotonic() - since >= calm:
                return
            if time.monotonic() - since > _SETTLE:
                raise TimeoutError(f"{now} after {_SETTLE} s")
            await asyncio.sleep(0.2)

    async def _until_shown(self) -> None:
        """Until the cards have caught up. Whether it does is for the verdict to say."""
        deadline = time.monotonic() + _CARD
        while not has_shown_all(self._folder) and time.monotonic() < deadline:
            await asyncio.sleep(0.1)

    def _judge(self, evidence: Evidence) -> None:
        self._differs("in the end", always(evidence), in_the_end(evidence, self._plan.everybody))
        self._differs("in the end", self._finals.look(evidence), self._cards.look(evidence, died=False))
        for path in sorted(self._folder.glob("life-*.log")):
            self._differs(path.stem, complaints(path.read_text("utf-8")))
        self._report.states = evidence.log.states
        self._report.sends = sum(map(len, evidence.sends.values()))
        self._report.taken = len(evidence.taken)
        there = {one.txn_id for one in evidence.taken}
        uncertain = [message for message in evidence.log.messages if message.state == "uncertain"]
        self._report.uncertain_there = sum(message.txn_id in there for message in uncertain)
        self._report.cards_left_behind = len(self._cards.left_behind)
        self._count_told(evidence)

    def _count_told(self, evidence: Evidence) -> None:
        """How often the log may have heard what it must not write."""
        report, ends = self._report, {message.txn_id: message for message in evidence.log.messages}
        for one in evidence.taken:
            finals = [number for number, (status, _) in enumerate(one.told) if status in FINAL_BY_STATUS]
            again = one.told[finals[0] + 1 :] if finals else ()
            end = ends[one.txn_id]
            report.told += len(one.told)
            report.told_again += len(again)
            report.too_late += sum(bool(end.final_at and at > end.final_at) for _, at in again)
            report.contradicting += any(end.status != status for status, _ in again)

    def _differs(self, when: str, *kinds: Iterable[str]) -> None:
        self._report.differences += [f"{when}: {difference}" for kind in kinds for difference in kind]


def _is_settled(messages: int, stages: Sequence[str], states: Counter[str]) -> bool:
    return states.total() >= messages and stages == ["finished"] and not _OPEN & states.keys()
