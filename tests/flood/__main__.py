"""Run one of the two and print what came of it."""

import argparse
import os
import platform
import random
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests import flood
from tests.flood import SIDES, ChatsOutcome, PushesOutcome, flood_of_chats, flood_of_pushes


def main() -> int:
    """Run one of them and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.flood", description=flood.__doc__)
    parser.add_argument("what", choices=("chats", "pushes"))
    parser.add_argument("--channel", choices=SIDES, default="telegram")
    parser.add_argument("--updates", type=int, default=10_000)
    parser.add_argument("--chats", type=int, default=500)
    parser.add_argument("--followers", type=int, default=100_000)
    parser.add_argument("--factor", type=float, default=5)
    parser.add_argument("--most", type=float, default=0, help="pushes: stop after these seconds")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(16))
    parser.add_argument("--database", default="", help="an empty database; default: SQLite")
    wanted = parser.parse_args()
    before = os.getloadavg()[0]
    outcome: ChatsOutcome | PushesOutcome
    with (
        tempfile.TemporaryDirectory(prefix="motcua-flood-") as name,
        SIDES[wanted.channel]() as side,
    ):
        if wanted.what == "chats":
            outcome = flood_of_chats(
                Path(name), side, wanted.database, updates=wanted.updates,
                chats=wanted.chats, seed=wanted.seed,
            )  # fmt: skip
        else:
            outcome = flood_of_pushes(
                Path(name), side, wanted.database, followers=wanted.followers,
                factor=wanted.factor, most=wanted.most,
            )  # fmt: skip
    database = wanted.database.partition(":")[0] or "sqlite"
    machine = f"{platform.processor() or platform.machine()}, {len(os.sched_getaffinity(0))} cores"
    load = " to ".join(f"{average:.0f}" for average in sorted({before, os.getloadavg()[0]}))
    print(f"{wanted.what} · {wanted.channel} · {database} · {datetime.now(UTC):%Y-%m-%d}")
    print(f"{machine}, load average {load}; seed {wanted.seed}")
    print(outcome)
    return 0 if outcome.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
