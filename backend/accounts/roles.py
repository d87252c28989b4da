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


GRANTS: dict[Role, frozenset[str]] = {
    Role.ONE_STOP: frozenset({"staff.*", "dossiers.view", "dossiers.change", "handover.*"}),
    Role.HEAD: frozenset({"staff.*", "dossiers.*", "handover.*", "feedback.*", "procedures.view"}),
    Role.ADMINISTRATOR: frozenset(
        {"staff.*", "accounts.*", "operations.*", "procedures.*", "learning.*"}
    ),
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

    def may(self, permission: str) -> bool:
        """Whether this officer has the permission."""
        return may(self.role, permission)
