"""Demo people and dossiers in one call; the same result every time, and again does no harm."""

from sqlalchemy.orm import Session

from backend.accounts import demo as people
from backend.accounts.demo import DEMO_LOGINS
from backend.dossiers import demo as dossiers

__all__ = ["DEMO_LOGINS", "seed"]


def seed(session: Session) -> None:
    """Officers who can sign in where DEMO_ACCOUNTS is on, and dossiers in every status."""
    people.seed(session)
    dossiers.seed(session)
