"""Classes with their roll-call, questions under lessons, surveys, courses that open at a set time."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def big_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def of_course(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["course_id"], ["courses.id"], name=op.f(f"fk_{table}_course_id"), ondelete="CASCADE"
    )


def upgrade() -> None:
    op.create_table(
        "course_openings",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("course_id", big_id(), nullable=False),
        sa.Column("live_course_id", sa.Integer(), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_by_name", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        of_course("course_openings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_openings")),
        sa.UniqueConstraint("live_course_id", name=op.f("uq_course_openings_live_course_id")),
    )
    op.create_index(op.f("ix_course_openings_course_id"), "course_openings", ["course_id"])
    op.create_table(
        "course_surveys",
        sa.Column("course_id", big_id(), autoincrement=False, nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        of_course("course_surveys"),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_course_surveys")),
    )
    op.create_table(
        "lesson_questions",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("course_id", big_id(), nullable=False),
        sa.Column("lesson", sa.String(length=40), nullable=False),
        sa.Column("lesson_title", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answerer", sa.String(length=200), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        of_course("lesson_questions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_questions")),
        sa.UniqueConstraint("token", name=op.f("uq_lesson_questions_token")),
    )
    op.create_index(op.f("ix_lesson_questions_answered_at"), "lesson_questions", ["answered_at"])
    op.create_index(
        op.f("ix_lesson_questions_course_id_lesson_questions_lesson"),
        "lesson_questions",
        ["course_id", "lesson"],
    )
    op.create_index(op.f("ix_lesson_questions_person_id"), "lesson_questions", ["person_id"])
    op.create_table(
        "survey_answers",
        sa.Column("id", big_id(), autoincrement=False, nullable=False),
        sa.Column("course_id", big_id(), nullable=False),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name=op.f("ck_survey_answers_grade")),
        of_course("survey_answers"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answers")),
    )
    op.create_index(op.f("ix_survey_answers_course_id"), "survey_answers", ["course_id"])
    op.create_table(
        "classes",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("course_id", big_id(), nullable=False),
        sa.Column("version_id", big_id(), nullable=False),
        sa.Column("lesson", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("trainer", sa.String(length=200), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_classes_course_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["course_versions.id"], name=op.f("fk_classes_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classes")),
        sa.UniqueConstraint("token", name=op.f("uq_classes_token")),
    )
    op.create_index(op.f("ix_classes_course_id"), "classes", ["course_id"])
    op.create_index(op.f("ix_classes_starts_at"), "classes", ["starts_at"])
    op.create_table(
        "class_seats",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("class_id", big_id(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", big_id(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("present_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("marked_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_id"], ["classes.id"], name=op.f("fk_class_seats_class_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_class_seats_enrolment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_seats")),
        sa.UniqueConstraint(
            "class_id", "person_id", name=op.f("uq_class_seats_class_id_person_id")
        ),
    )
    op.create_index(op.f("ix_class_seats_person_id"), "class_seats", ["person_id"])
    op.create_table(
        "survey_marks",
        sa.Column("enrolment_id", big_id(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolments.id"],
            name=op.f("fk_survey_marks_enrolment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_survey_marks")),
    )
