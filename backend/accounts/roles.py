"""What each role may do.

A permission is `<feature>.<verb>`; `<feature>.*` grants them all. Administrators keep the product
running and its accounts in order; citizens' dossiers are none of their business.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an officer is here to do."""

    ONE_STOP = "one_stop"
    HEAD = "head"
    ADMINISTRATOR = "administrator"
    OFFICIAL = "official"
    TRAINER = "trainer"
    COORDINATOR = "coordinator"


# Whoever has an account may learn. A coordinator sees to the training of one agency (and those
# below it): `people.service.scope` says which.
LEARNS = frozenset({"staff.enter", "training.learn"})
GRANTS: dict[Role, frozenset[str]] = {
    Role.ONE_STOP: LEARNS | {"staff.*", "dossiers.view", "dossiers.change", "handover.*"},
    Role.HEAD: LEARNS
    | {
        "staff.*",
        "dossiers.*",
        "handover.*",
        "feedback.*",
        "learning.statistics",
        "procedures.view",
        "people.view",
        "training.report",
    },
    Role.ADMINISTRATOR: LEARNS
    | {
        "staff.*",
        "accounts.*",
        "operations.*",
        "procedures.*",
        "learning.*",
        "people.*",
        "training.*",
    },
    Role.OFFICIAL: LEARNS,
    Role.TRAINER: LEARNS
    | {"training.teach", "training.assign", "training.report", "people.everywhere"},
    Role.COORDINATOR: LEARNS
    | {"people.view", "people.change", "training.assign", "training.report"},
}


def may(role: Role, permission: str) -> bool:
    """Whether the role has the permission."""
    feature = permission.partition(".")[0]
    return not GRANTS[role].isdisjoint({permission, f"{feature}.*"})


@dataclass(frozen=True)
class SignedIn:
    """The officer who is acting."""

    id: int
    login: str
    name: str
    role: Role
    agency: str = ""
    person_id: int | None = None

    def may(self, permission: str) -> bool:
        """Whether this officer has the permission."""
        return may(self.role, permission)
