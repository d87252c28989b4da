"""The courses that ship with the product, and what the demo's people did with them."""

from sqlalchemy.orm import Session

from backend import clock
from backend.config import settings
from lms import demo
from lms.courses import loader, shelf


def seed(session: Session) -> None:
    """The courses are brought up to date; in development there is something to see in them."""
    load_courses(session)
    if settings().is_development:
        demo.seed(session)


def load_courses(session: Session) -> list[str]:
    """The shipped courses; codes of those with a new version."""
    loaded = [
        loader.load(session, shelf.read(folder), now=clock.now()) for folder in shelf.folders()
    ]
    return [one.code for one in loaded if one.is_new_version]
