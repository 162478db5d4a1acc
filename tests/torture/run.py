"""One run: a person begins a campaign, the bot dies at each moment of the plan, in the end both sides are compared."""

import asyncio
import contextlib
import signal
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.chat import Chat
from tests.support.world import START, World
from tests.torture.evidence import Evidence, gather, has_shown_all, look_in
from tests.torture.nursery import Nursery, nursery
from tests.torture.person import by_file
from tests.torture.plan import RATES, SEND, Moment, Plan
from tests.torture.verdict import CardWatch, always, card_counts, complaints, in_the_end
from tests.torture.watch import Watch, stand_ins

_SETTLE = 60.0
"""Seconds without any change after which a campaign is given up."""
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
        self._report = Report()

    async def __call__(self) -> Report:
        """Run it through."""
        began = time.monotonic()
        async with (
            stand_ins(self._folder, self._watch) as world,
            nursery(world, SEND_CONCURRENCY="16") as bots,
            Chat(f"{world.address}/telegram") as chat,
        ):
            await world.gateway("faults", mode="random", seed=self._plan.seed, rates=RATES)
            person = asyncio.create_task(self._begin(chat, self._plan))
            try:
                await self._kill_all(bots, world, chat)
                await self._finish(bots, world, chat, person)
            finally:
                person.cancel()
            self._judge(await gather(world, self._watch, chat))
        self._report.seconds = time.monotonic() - began
        return self._report

    async def _kill_all(self, bots: Nursery, world: World, chat: Chat) -> None:
        for number, moment in enumerate(self._plan.moments):
            await self._live(bots, number, moment)
            evidence = await gather(world, self._watch, chat)
            self._differs(f"after kill {number + 1}", always(evidence), self._cards.look(evidence, died=True))
            when = f"{moment}{'' if self._watch.trap.in_time else ' (did not come)'}"
            log = " ".join(f"{state} {count}" for state, count in evidence.log.states.items())
            self._say(f"kill {number + 1:2} {when:36} gateway {len(evidence.taken):4}; log {log}")

    async def _live(self, bots: Nursery, number: int, moment: Moment) -> None:
        """One life, to its violent end."""
        trap = self._watch.trap
        async with bots.life(self._log(number)) as life:
            trap.arm(life, moment, self._nth(number, moment))
            try:
                code = await life.wait(2 * START)
            except TimeoutError:
                code = None
        if code != -signal.SIGKILL:
            self._report.differences.append(f"life {number + 1} ended with {code} before it was killed")
        self._report.kills[moment.call if trap.in_time else "late"] += 1

    def _log(self, number: int) -> Path:
        return self._folder / f"life-{number + 1}.log"

    def _nth(self, number: int, moment: Moment) -> int:
        """At which call the moment is: sends are spread evenly over the kills that are left."""
        if moment.call != SEND:
            return 1
        left = max(0, len(self._plan.recipients) - len(self._watch.sends))
        return max(1, min(left, round(moment.share * left / (len(self._plan.moments) - number))))

    async def _finish(self, bots: Nursery, world: World, chat: Chat, person: "asyncio.Task[None]") -> None:
        """The last life: it ends what is under way, shows it, and stops in order."""
        async with bots.life(self._log(len(self._plan.moments))) as life:
            self._watch.trap.disarm()
            try:
                await asyncio.wait_for(self._watch.trap.alive.wait(), 2 * START)
                await asyncio.wait_for(person, START)
                await self._settle()
                await self._until_shown(chat)
            except (AssertionError, TimeoutError) as error:
                self._report.differences.append(f"it came to no end: {error}")
            life.terminate()
            code = await life.wait(START)
        if code:
            self._report.differences.append(f"the last life ended with {code}")

    async def _settle(self) -> None:
        """Until every message has its outcome, as long as something moves."""
        last, deadline = None, 0.0
        while not self._is_settled(*(now := look_in(self._folder))):
            if now != last:
                last, deadline = now, time.monotonic() + _SETTLE
            if time.monotonic() > deadline:
                raise TimeoutError(f"{now} after {_SETTLE} s")
            await asyncio.sleep(0.2)

    def _is_settled(self, stages: Sequence[str], states: Counter[str]) -> bool:
        everybody = states.total() == len(self._plan.recipients)
        return everybody and stages == ["finished"] and not {"queued", "sending", "accepted"} & states.keys()

    async def _until_shown(self, chat: Chat) -> None:
        """Until the card has caught up. Whether it does is for the verdict to say."""
        _, states = look_in(self._folder)
        with contextlib.suppress(AssertionError):
            await chat.wait_for(lambda message: card_counts(message["content"]) == states, _CARD, since=0)
        deadline = time.monotonic() + _CARD  # what was seen may be a card that a death left behind
        while not has_shown_all(self._folder) and time.monotonic() < deadline:
            await asyncio.sleep(0.1)

    def _judge(self, evidence: Evidence) -> None:
        self._differs("in the end", always(evidence), in_the_end(evidence, self._plan.recipients))
        self._differs("in the end", self._cards.look(evidence, died=False))
        for path in sorted(self._folder.glob("life-*.log")):
            self._differs(path.stem, complaints(path.read_text("utf-8")))
        self._report.states = evidence.log.states
        self._report.sends = sum(map(len, evidence.sends.values()))
        self._report.taken = len(evidence.taken)
        there = {one.txn_id for one in evidence.taken}
        uncertain = [message for message in evidence.log.messages if message.state == "uncertain"]
        self._report.uncertain_there = sum(message.txn_id in there for message in uncertain)
        self._report.cards_left_behind = len(self._cards.left_behind)

    def _differs(self, when: str, *kinds: Iterable[str]) -> None:
        self._report.differences += [f"{when}: {difference}" for kind in kinds for difference in kind]
