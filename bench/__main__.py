"""`make bench`: every measurement next to its bar, each in a process of its own; exit code 1 if a bar is missed."""

import subprocess
import sys

MEASUREMENTS = ("gateway_client", "intake", "campaign", "latency", "memory", "queue", "answers", "lookback")


def main() -> int:
    """Run them one after the other: side by side they would measure each other."""
    missed = 0
    for name in MEASUREMENTS:
        print(f"\n== {name}", flush=True)
        missed += subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode != 0
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
