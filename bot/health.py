"""`python -m bot.health`: exit 0 if the bot on this machine is well, else 1. For a container's health check: it imports
nothing but the standard library, since it runs every half minute.
"""

import os
import sys
from urllib.error import URLError
from urllib.request import urlopen


def main() -> int:
    """Ask /health."""
    host = os.environ.get("HTTP_HOST") or "127.0.0.1"
    port = os.environ.get("HTTP_PORT") or "8080"
    address = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 (compared, not bound)
    try:
        with urlopen(f"http://{address}:{port}/health", timeout=5) as answer:
            return 0 if answer.status == 200 else 1
    except (URLError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
