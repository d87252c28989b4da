"""Who is invited to a class, when it was moved and why cancelled; how long classes were; less."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def big_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "class_invitations",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("class_id", big_id(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["classes.id"],
            name=op.f("fk_class_invitations_class_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_invitations")),
        sa.UniqueConstraint(
            "class_id",
            "person_id",
            name=op.f("uq_class_invitations_class_id_person_id"),
        ),
    )
    op.create_index(op.f("ix_class_invitations_person_id"), "class_invitations", ["person_id"])
    op.add_column("classes", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("classes", sa.Column("cancel_reason", sa.String(length=300), nullable=True))
    op.add_column("lesson_progress", sa.Column("held_minutes", sa.Integer(), nullable=True))
    fill_held_minutes()
    op.drop_column("courses", "draft_saves")
    op.drop_column("courses", "shipped_digest")


def fill_held_minutes() -> None:
    """Classes that were attended before this column was there count by the same rule."""
    when = sa.DateTime(timezone=True)
    classes = sa.table(
        "classes", sa.column("id"), sa.column("lesson"), sa.column("starts_at", when),
        sa.column("ends_at", when),
    )  # fmt: skip
    seats = sa.table(
        "class_seats", sa.column("class_id"), sa.column("enrolment_id"), sa.column("minutes"),
        sa.column("counted_at"),
    )  # fmt: skip
    progress = sa.table(
        "lesson_progress", sa.column("enrolment_id"), sa.column("lesson"),
        sa.column("held_minutes"),
    )  # fmt: skip
    connection = op.get_bind()
    longest: dict[tuple[int, str], int] = {}
    for row in connection.execute(
        sa.select(seats, classes)
        .join(classes, classes.c.id == seats.c.class_id)
        .where(seats.c.counted_at.is_not(None))
    ):
        length = int((row.ends_at - row.starts_at).total_seconds()) // 60
        if row.minutes >= 0.8 * length:
            key = (row.enrolment_id, row.lesson)
            longest[key] = max(length, longest.get(key, 0))
    for (enrolment_id, lesson), length in longest.items():
        here = (progress.c.enrolment_id == enrolment_id) & (progress.c.lesson == lesson)
        connection.execute(sa.update(progress).where(here).values(held_minutes=length))
