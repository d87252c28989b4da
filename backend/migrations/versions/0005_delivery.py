"""Tables of delivery."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STATUSES = "status IN ('ready','running','sending','done','dead','unknown','dropped')"
LIVE = sa.text("status IN ('ready', 'running', 'sending')")
LEASED = sa.text("status IN ('running', 'sending')")
READY = sa.text("status = 'ready'")


def upgrade() -> None:
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jobs_status_jobs_lane_jobs_run_at"))
        batch_op.drop_index(batch_op.f("ix_jobs_key_jobs_status"))
        batch_op.drop_constraint(batch_op.f("ck_jobs_status"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_jobs_status"), STATUSES)
    # By itself: SQLite copies the table above, and would write the default with too many quotes.
    op.add_column(
        "jobs", sa.Column("flow", sa.String(20), server_default=sa.text("''"), nullable=False)
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index(
            "ix_jobs_due", ["lane", "flow", "run_at", "id"],
            sqlite_where=READY, postgresql_where=READY,
        )  # fmt: skip
        batch_op.create_index(
            "ix_jobs_in_line", ["key", "position", "id"], sqlite_where=LIVE, postgresql_where=LIVE
        )
        batch_op.create_index(
            "ix_jobs_leased", ["lease_until"], sqlite_where=LEASED, postgresql_where=LEASED
        )
        batch_op.create_index(batch_op.f("ix_jobs_status_jobs_done_at"), ["status", "done_at"])

    op.create_table(
        "paces",
        sa.Column("name", sa.String(length=130), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("held_until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_paces")),
    )
    op.create_table(
        "switch_changes",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("notice", sa.String(length=500), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("officer_name", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_switch_changes")),
    )
    with op.batch_alter_table("switch_changes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_switch_changes_name_switch_changes_id"), ["name", "id"]
        )

    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("person", sa.String(length=130), server_default=sa.text("''"), nullable=False)
        )
        batch_op.add_column(sa.Column("topic", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("ways", sa.Text(), server_default="[]", nullable=False))
        batch_op.create_index(
            batch_op.f("ix_notifications_topic_notifications_person"), ["topic", "person"]
        )
    op.create_table(
        "notification_attempts",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("notification_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notifications.id"],
            name=op.f("fk_notification_attempts_notification_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_attempts")),
        sa.UniqueConstraint(
            "notification_id", "number", name=op.f("uq_notification_attempts_notification_id_number")
        ),
    )  # fmt: skip
    op.create_table(
        "delivery_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "channel", "name", "outcome", name=op.f("pk_delivery_days")),
    )
    op.create_table(
        "resent_letters",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("officer_name", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resent_letters")),
    )
    with op.batch_alter_table("resent_letters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resent_letters_job_id"), ["job_id"])
