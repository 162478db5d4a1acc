"""A stand-in for the OsonSMS gateway, to its contract (OsonSMS protocol 2.0.2): see docs/sandbox-gateway.md."""

from bot.sandbox.gateway.app import create_app
from bot.sandbox.gateway.options import Options
from bot.sandbox.gateway.web import GATEWAY

__all__ = ["GATEWAY", "Options", "create_app"]
