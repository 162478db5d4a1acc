"""How many messages came to what, and how soon they were delivered."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.message import DELIVERY_STATES, State

SENT = frozenset({State.ACCEPTED}) | DELIVERY_STATES
"""States of messages that the gateway has surely taken."""
_TO_SEND = (State.QUEUED, State.SENDING)
_MOVING = (*_TO_SEND, State.ACCEPTED)
OLD = timedelta(days=4)
"""After so long what is heard of a message is rare enough to count its day anew."""
_FINE, _MINUTES = 120, 7200
"""Seconds up to which a delay is counted by the second, and by the minute; then by the hour."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of messages; those of several spans can be added up."""

    counts: Mapping[tuple[str, State], int] = field(default_factory=dict)
    """By operator (`bot.domain.operators`; empty: not known) and state."""
    delays: Mapping[int, int] = field(default_factory=dict)
    """Delivered messages by the seconds from acceptance until delivery was heard of, rounded down as `_FINE` says.

    Those whose acceptance was heard of only then are left out.
    """

    def of(self, states: Iterable[State], operator: str | None = None) -> int:
        """How many are in one of these states (of one operator)."""
        wanted = frozenset(states)
        return sum(n for (name, state), n in self.counts.items() if state in wanted and operator in (None, name))

    @property
    def operators(self) -> list[str]:
        """Operators of messages that were sent, most first."""
        sent = Counter[str]()
        for (name, state), number in self.counts.items():
            sent[name] += number if state in SENT else 0
        return [name for name, number in sent.most_common() if number]

    def is_settled(self, *, old: bool) -> bool:
        """Whether nothing of it moves by itself any more. Of `old` messages no delivery report is awaited."""
        return not self.of(_TO_SEND if old else _MOVING)

    def delay(self, share: float) -> int | None:
        """Seconds within which this share of the delivered were heard of; None without any."""
        total, passed = sum(self.delays.values()), 0
        for seconds, number in sorted(self.delays.items()):
            passed += number
            if passed >= share * total:
                return seconds
        return None

    def to_json(self) -> str:
        """As it is kept."""
        counts = [[name, state.value, number] for (name, state), number in self.counts.items()]
        return json.dumps({"counts": counts, "delays": list(self.delays.items())}, ensure_ascii=False)


def figures_from_json(kept: str) -> Figures:
    """What `to_json` made."""
    read = json.loads(kept)
    counts = {(name, State(state)): number for name, state, number in read["counts"]}
    return Figures(counts, dict(read["delays"]))


def total(several: Iterable[Figures]) -> Figures:
    """All of them together."""
    counts: Counter[tuple[str, State]] = Counter()
    delays: Counter[int] = Counter()
    for figures in several:
        counts.update(figures.counts)
        delays.update(figures.delays)
    return Figures(counts, delays)


def rounded(seconds: int) -> int:
    """A delay as it is counted: finely where it is short."""
    step = 1 if seconds < _FINE else 60 if seconds < _MINUTES else 3600
    return max(0, seconds - seconds % step)
