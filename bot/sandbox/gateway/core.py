"""The gateway without its wire: a request goes in, an answer (a reply, and how it fares on the wire) comes out.

No I/O and no timers: time is the clock in the options, so a test can move it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.sandbox.gateway import bulk, replies
from bot.sandbox.gateway.checks import Ask, error, refusal
from bot.sandbox.gateway.faults import MAGIC, Fault, Wire
from bot.sandbox.gateway.journal import Journal
from bot.sandbox.gateway.options import Options
from bot.sandbox.gateway.outbox import Letter, Message, Outbox, Told, iso
from bot.sandbox.gateway.parts import count_parts
from bot.sandbox.gateway.replies import Call, Reply, Status
from bot.sandbox.gateway.switch import Switch
from bot.sandbox.gateway.whims import Whims

_NOTHING = Reply(500, b"")
"""Stands where a fault writes nothing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be done with the connection."""

    reply: Reply
    wire: Wire = Wire.REPLY
    wait: float = 0.0
    """Seconds before it is done."""


@dataclass(slots=True)
class Entry:
    """A line in the log of requests."""

    id: int
    call: Call
    txn_id: str
    at: float
    outcome: str = ""

    def as_dict(self) -> dict[str, object]:
        """As the control API shows it."""
        txn_id = self.txn_id or None
        return {"id": self.id, "call": self.call, "txn_id": txn_id, "at": iso(self.at), "outcome": self.outcome}


class Gateway:
    """One account with its balance, messages, bulks and faults."""

    def __init__(self, options: Options) -> None:
        self._start = options
        self.options = replace(options)
        """As they stand now."""
        self.outbox = Outbox()
        self.requests: Journal[Entry] = Journal()
        self.bulks: Journal[bulk.Bulk] = Journal()
        self.switch: Switch | None = None
        self.whims = Whims()
        self._bulk_txn_ids: set[str] = set()
        self._once: set[tuple[str, Call, str]] = set()
        self._verbs: Mapping[Call, Callable[[Ask], Reply]] = {
            Call.SEND: self._send,
            Call.QUERY: self._query,
            Call.BALANCE: self._balance,
            Call.BULK: self._bulk,
        }

    def now(self) -> float:
        """Seconds since 1970 by the gateway's clock; what is due has arrived by then."""
        now = self.options.clock()
        self.outbox.settle(now)
        return now

    def reset(self) -> None:
        """Back to the start: options, balance, no message, no fault. Numbers go on, so that `after=` stays right."""
        self.options = replace(self._start)
        self.outbox.clear()
        self.requests.clear()
        self.bulks.clear()
        self.switch = None
        self.whims = Whims()
        self._bulk_txn_ids.clear()
        self._once.clear()

    def answer(self, ask: Ask) -> Answer:
        """Log the request, then answer it, well or with the fault that is due."""
        entry = Entry(self.requests.next_id, ask.call, ask.txn_id, self.options.clock())
        self.requests.add(entry)
        fault, delay = self._fault(ask)
        if fault is None:
            reply = self._carry_out(ask)
            answer = Answer(reply, wait=reply.wait)
        else:
            answer = Answer(self._spoilt(ask, fault), fault.wire, self._wait(fault, delay))
        entry.outcome = fault.name if fault else answer.reply.outcome
        self._keep_told(ask, answer, entry.at)
        return answer

    def _keep_told(self, ask: Ask, answer: Answer, now: float) -> None:
        """Remember what is told of a message, unless it is lost on its way."""
        status = answer.reply.tells
        message = self._find(ask) if status else None
        if status and message and answer.wire in (Wire.REPLY, Wire.SLOW):
            message.told.append(Told(status, now + answer.wait))

    def _carry_out(self, ask: Ask) -> Reply:
        return refusal(ask, self.options, self.options.clock()) or self._verbs[ask.call](ask)

    # --- faults -------------------------------------------------------------------------------------------------------

    def _fault(self, ask: Ask) -> tuple[Fault | None, float | None]:
        """The fault for this request and the wait that the switch asked for. The switch comes before magic numbers."""
        fault, delay = self._switched(ask.call)
        if fault is None:
            fault, delay = self._magic_fault(ask), None
        if fault and fault.once:
            key = (fault.name, ask.call, ask.txn_id)
            if key in self._once:
                return None, None
            self._once.add(key)
        return fault, delay

    def _switched(self, call: Call) -> tuple[Fault | None, float | None]:
        """What the switch brings, which is off again when its times are used up."""
        switch = self.switch
        if switch is None:
            return None, None
        fault = switch.draw(call)
        if switch.times == 0:
            self.switch = None
        return fault, switch.delay

    def _magic_fault(self, ask: Ask) -> Fault | None:
        """A magic number acts on a request that is in order: a wrong token stays a wrong token."""
        row = MAGIC.get(self._phone(ask)) if self.options.magic else None
        if row is None or row.call is not ask.call or refusal(ask, self.options, self.options.clock()):
            return None
        return row.fault

    def _phone(self, ask: Ask) -> str:
        """The phone that decides about magic: the message's, or the first of the file."""
        if ask.call is Call.SEND:
            return ask.variables.get("phone_number", "")
        if ask.call is Call.QUERY:
            message = self._find(ask)
            return message.phone if message else ""
        return next((phone for phone, _ in ask.letters()), "") if ask.call is Call.BULK else ""

    def _spoilt(self, ask: Ask, fault: Fault) -> Reply:
        """The reply under a fault."""
        if fault.carried_out:
            reply = self._carry_out(ask)
        elif fault.code is not None:
            reply = error(fault.code, ask, self.now())
        else:
            reply = _NOTHING
        reply = fault.raw or reply
        return reply if fault.http is None else replace(reply, http=fault.http)

    def _wait(self, fault: Fault, delay: float | None) -> float:
        own = {Wire.HOLD: self.options.hold_seconds, Wire.SLOW: self.options.slow_seconds}
        return own.get(fault.wire, 0.0) if delay is None else delay

    # --- the four calls, for requests that are in order ---------------------------------------------------------------

    def _send(self, ask: Ask) -> Reply:
        """`sendsms_v1.php`."""
        said, now = ask.variables, self.now()
        parts = count_parts(said["msg"])
        cost = parts * self.options.price
        if unfit := self._clash(ask, now) or self._too_dear(cost, ask, now):
            return unfit
        letter = Letter(
            txn_id=ask.txn_id,
            sender=said["from"],
            phone=said["phone_number"],
            text=said["msg"],
            parts=parts,
            final=self._final(said["phone_number"]),
            channel=said.get("channel") or "sms",
            confidential=said.get("is_confidential", "").lower() == "true",
        )
        self.options.balance -= cost
        message = self._put(letter, now, now)
        return replies.sent(message.txn_id, message.msg_id, parts, now)

    def _query(self, ask: Ask) -> Reply:
        """`query_sms.php`."""
        message, now = self._find(ask), self.now()
        if message is None:
            return error(107, ask, now)
        word = self.whims.word(message, now)
        if word.vendor or self.options.query_style == "vendor":
            final_at = message.final_at if word.status.is_final else None
            reply = replies.status_vendor(word.status, message.msg_id, final_at)
        else:
            reply = replies.status_contract(word.status, now)
        return replace(reply, wait=word.wait)

    def _balance(self, _: Ask) -> Reply:
        """`check_balance.php`."""
        return replies.balance(self.options.balance, self.now())

    def _bulk(self, ask: Ask) -> Reply:
        """`bulk-sms/create`."""
        now = self.now()
        if clash := self._clash(ask, now):
            return clash
        letters = list(ask.letters())
        sizes = {text: count_parts(text) for text in {text for _, text in letters}}
        cost = sum(sizes[text] for _, text in letters) * self.options.price
        if not letters:
            return replies.BULK_NO_PHONES
        if too_dear := self._too_dear(cost, ask, now):
            return too_dear
        self.options.balance -= cost
        made = self._make_bulk(ask, len(letters), now)
        for phone, text in letters:
            letter = Letter(ask.txn_id, made.sender, phone, text, sizes[text], self._final(phone), bulk=made.name)
            self._put(letter, now, made.send_at)
        return replies.bulk_created(made.name)

    def _make_bulk(self, ask: Ask, count: int, now: float) -> bulk.Bulk:
        said, number = ask.variables, self.bulks.next_id
        made = bulk.Bulk(
            id=number,
            name=f"bulk-{number}",
            txn_id=ask.txn_id,
            sender=said["from"],
            text=said["msg"],
            file=bulk.file_text(ask.file or b""),
            with_params=said.get("with_params") == "1",
            send_at=max(now, bulk.read_send_at(said["send_at"]) or now),
            count=count,
            at=now,
        )
        self.bulks.add(made)
        self._bulk_txn_ids.add(ask.txn_id)
        return made

    # --- what the calls share -----------------------------------------------------------------------------------------

    def _clash(self, ask: Ask, now: float) -> Reply | None:
        """A txn_id that was taken before, of a single message or a bulk, and only then a sender that is not allowed."""
        if ask.txn_id in self.outbox.by_txn_id or ask.txn_id in self._bulk_txn_ids:
            return error(108, ask, now)
        return None if ask.variables["from"] in self.options.senders else error(107, ask, now)

    def _too_dear(self, cost: Decimal, ask: Ask, now: float) -> Reply | None:
        return error(119, ask, now) if cost > self.options.balance else None

    def _find(self, ask: Ask) -> Message | None:
        """The message that a query means; a msg_id and a txn_id that do not belong together mean none."""
        msg_id = ask.variables.get("msg_id")
        if not msg_id:
            return self.outbox.by_txn_id.get(ask.txn_id)
        message = self.outbox.by_msg_id.get(msg_id)
        return message if message and ask.txn_id in ("", message.txn_id) else None

    def _final(self, phone: str) -> Status:
        """What becomes of messages to this phone."""
        row = MAGIC.get(phone) if self.options.magic else None
        return row.final if row and row.final else self.whims.final(phone)

    def _put(self, letter: Letter, now: float, leaves: float) -> Message:
        late = self.whims.delay(letter.phone)
        enroute, delivered = self.options.enroute_seconds + late / 2, self.options.delivered_seconds + late
        return self.outbox.put(letter, now=now, leaves=leaves, enroute=enroute, delivered=delivered)
