"""What is counted for Prometheus: calls to the gateway, by how they ended and how long they took."""

import time
from collections.abc import Awaitable
from functools import cache
from typing import TypeVar

from prometheus_client import CollectorRegistry, Histogram, generate_latest

from bot.domain.errors import GatewayError
from bot.domain.gateway import Accepted, Balance, BulkAccepted, BulkOrder, Delivery, Sms
from bot.services.ports import Gateway

_Answer = TypeVar("_Answer")
_SMOOTH = 20
"""Sends that an average reaches back."""
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20)


class MeasuredGateway:
    """A gateway that counts its calls."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.registry = CollectorRegistry()
        self.send_seconds = 0.0
        """What a send takes at present; 0 until there was one."""
        self._calls = Histogram(
            "osonsms_call_seconds",
            "Calls to the gateway by call and outcome (an error's class, or ok).",
            ("call", "outcome"),
            buckets=_SECONDS,
            registry=self.registry,
        )

    def exposition(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self.registry)

    async def send(self, sms: Sms) -> Accepted:
        """Hand over one SMS."""
        began, outcome = time.monotonic(), "ok"
        try:
            return await self._gateway.send(sms)
        except GatewayError as error:
            outcome = type(error).__name__
            raise
        finally:
            took = time.monotonic() - began
            self.send_seconds += (took - self.send_seconds) / _SMOOTH if self.send_seconds else took
            self._counter("send", outcome).observe(took)

    async def query(self, txn_id: str, msg_id: int | None) -> Delivery:
        """Ask what became of a message."""
        return await self._measured("query", self._gateway.query(txn_id, msg_id))

    async def balance(self, txn_id: str) -> Balance:
        """Ask for the balance."""
        return await self._measured("balance", self._gateway.balance(txn_id))

    async def create_bulk(self, order: BulkOrder) -> BulkAccepted:
        """Hand over a list."""
        return await self._measured("bulk", self._gateway.create_bulk(order))

    async def _measured(self, call: str, answer: Awaitable[_Answer]) -> _Answer:
        began, outcome = time.monotonic(), "ok"
        try:
            return await answer
        except GatewayError as error:
            outcome = type(error).__name__
            raise
        finally:
            self._counter(call, outcome).observe(time.monotonic() - began)

    @cache  # noqa: B019 (it lives as long as the process)
    def _counter(self, call: str, outcome: str) -> Histogram:
        """The counter of one kind of call and outcome: to look it up by its labels takes longer than to count."""
        return self._calls.labels(call, outcome)
