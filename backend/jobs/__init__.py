"""One durable queue in the product's own database: inbox, outbox, retries and the clock.

`enqueue` inserts a row in the caller's transaction: no commit, no job; commit, and it cannot be
lost. Two kinds of handler:

* `@job` is synchronous: its work and its done-mark are one transaction, so it happens exactly once.
* `@send` is asynchronous and talks to the network with no transaction open: commit `sending`, call,
  commit the outcome. A process that dies in between leaves a send that may have happened;
  `Resend` says what another process does with it.

Rows with the same `key` run one after another, oldest first (`position`, then id). A row whose
process died is taken over when its lease runs out. Lanes go before each other, and what flows
through a channel keeps to its pace (`backend/paces.py`). Why not a library: docs/decisions.
"""

from backend.jobs.claims import (
    EXPIRED,
    LEASE,
    back_off,
    claim,
    extend,
    finish,
    is_anything_due,
    retry,
)
from backend.jobs.handlers import (
    HANDLERS,
    MAX_ATTEMPTS,
    Claimed,
    GiveUp,
    Handler,
    Later,
    Resend,
    Unknown,
    job,
    send,
)
from backend.jobs.queue import drop, enqueue, off_enqueue, on_enqueue, revive
from backend.jobs.rows import LIVE, PUSHED, Job, Lane, Status, counts, oldest_ready

__all__ = [
    "EXPIRED", "HANDLERS", "LEASE", "LIVE", "MAX_ATTEMPTS", "PUSHED", "Claimed", "GiveUp",
    "Handler", "Job", "Lane", "Later", "Resend", "Status", "Unknown", "back_off", "claim", "counts",
    "drop", "enqueue", "extend", "finish", "is_anything_due", "job", "off_enqueue", "oldest_ready",
    "on_enqueue", "retry", "revive", "send",
]  # fmt: skip
