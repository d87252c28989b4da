"""Tables of learning."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "lessons",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("lay_name", sa.String(length=200), nullable=False),
        sa.Column("examples", sa.Text(), nullable=False),
        sa.Column("group_name", sa.String(length=300), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("taught_by", sa.String(length=100), nullable=False),
        sa.Column("taught_at", MOMENT, nullable=False),
        sa.Column("withdrawn_by", sa.String(length=100), nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lessons")),
    )
    op.create_table(
        "training_runs",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("asked_by", sa.String(length=100), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=16), nullable=False),
        sa.Column("taught", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_runs")),
    )
    op.create_table(
        "learning_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lessons", sa.Integer(), nullable=False),
        sa.Column("active_run", BIG_ID, nullable=True),
        sa.Column("previous_run", BIG_ID, nullable=True),
        sa.Column("changed_by", sa.String(length=100), nullable=False),
        sa.Column("since", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["active_run"], ["training_runs.id"], name=op.f("fk_learning_state_active_run")
        ),
        sa.ForeignKeyConstraint(
            ["previous_run"], ["training_runs.id"], name=op.f("fk_learning_state_previous_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_state")),
    )
    op.create_table(
        "answers",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("message_id", BIG_ID, nullable=False),
        sa.Column("conversation_id", BIG_ID, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("is_typed", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.String(length=30), nullable=False),
        sa.Column("aspects", sa.String(length=200), nullable=False),
        sa.Column("intent", sa.String(length=40), nullable=False),
        sa.Column("in_domain", sa.Float(), nullable=False),
        sa.Column("band", sa.String(length=10), nullable=False),
        sa.Column("engine", sa.String(length=20), nullable=False),
        sa.Column("model", sa.String(length=16), nullable=False),
        sa.Column("repeats", sa.Boolean(), nullable=False),
        sa.Column("thumb", sa.Integer(), nullable=False),
        sa.Column("thumb_at", MOMENT, nullable=True),
        sa.Column("lesson_id", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_answers_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_answers_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_answers_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("message_id", name=op.f("uq_answers_message_id")),
    )
    with op.batch_alter_table("answers", schema=None) as batch_op:
        for columns in (
            ["conversation_id", "subject"], ["status", "at"], ["thumb", "at"], ["day"],
            ["lesson_id"],
        ):  # fmt: skip
            batch_op.create_index(
                batch_op.f("ix_" + "_".join(f"answers_{c}" for c in columns)), columns
            )
