"""The courses that ship with the product."""

from sqlalchemy.orm import Session

from backend import clock
from lms.courses import loader, shelf


def seed(session: Session) -> None:
    """The courses are brought up to date; the people of the demo are `backend.people.demo`."""
    load_courses(session)


def load_courses(session: Session) -> list[str]:
    """The shipped courses; codes of those with a new version."""
    loaded = [
        loader.load(session, shelf.read(folder), now=clock.now()) for folder in shelf.folders()
    ]
    return [one.code for one in loaded if one.is_new_version]
