"""What officers did by hand to keep the product running."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db import Base, BigId, UtcDateTime


class Resent(Base):
    """An officer sent again what had been given up; the letter itself may be gone by now."""

    __tablename__ = "resent_letters"

    id: Mapped[BigId]
    job_id: Mapped[int] = mapped_column(BigInteger, index=True)
    why: Mapped[str] = mapped_column(String(500), default="")  # what it had been given up for
    officer_id: Mapped[int]
    officer_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
