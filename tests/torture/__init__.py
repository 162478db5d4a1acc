"""The kill test: a campaign while the gateway misbehaves and the bot is killed, again and again (docs/torture.md)."""
