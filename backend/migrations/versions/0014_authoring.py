"""Courses as they are being written; files of questions that wait for a trainer's word."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
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
        "course_drafts",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("course_id", big_id(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("saves", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        of_course("course_drafts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_drafts")),
        sa.UniqueConstraint("course_id", name=op.f("uq_course_drafts_course_id")),
    )
    op.create_table(
        "question_imports",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("course_id", big_id(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("drafts", sa.Text(), nullable=False),
        sa.Column("pictures", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("is_quick", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        of_course("question_imports"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_imports")),
        sa.UniqueConstraint("token", name=op.f("uq_question_imports_token")),
    )
    op.create_index(op.f("ix_question_imports_course_id"), "question_imports", ["course_id"])
    op.create_index(op.f("ix_question_imports_created_at"), "question_imports", ["created_at"])
