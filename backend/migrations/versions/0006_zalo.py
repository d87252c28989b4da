"""Tables of zalo."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Zalo's tokens, the log-in under way, its windows, and what we sent."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "zalo_tokens",
        sa.Column("app_id", sa.String(length=40), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text(), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("renewed_at", moment, nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("broken", sa.String(length=200), nullable=True),
        sa.Column("broken_at", moment, nullable=True),
        sa.Column("lease_by", sa.String(length=60), nullable=True),
        sa.Column("lease_until", moment, nullable=True),
        sa.PrimaryKeyConstraint("app_id", name=op.f("pk_zalo_tokens")),
    )
    op.create_table(
        "zalo_logins",
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_zalo_logins")),
    )
    op.create_table(
        "zalo_windows",
        sa.Column("chat", sa.String(length=100), nullable=False),
        sa.Column("last_at", moment, nullable=True),
        sa.Column("quota_type", sa.String(length=40), nullable=True),
        sa.Column("quota_remain", sa.Integer(), nullable=True),
        sa.Column("quota_total", sa.Integer(), nullable=True),
        sa.Column("quota_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("chat", name=op.f("pk_zalo_windows")),
    )
    op.create_table(
        "zalo_sent",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("chat", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=100), nullable=True),
        sa.Column("is_noted", sa.Boolean(), nullable=False),
        sa.Column("sent_at", moment, nullable=False),
        sa.Column("delivered_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zalo_sent")),
        sa.UniqueConstraint("message_id", name=op.f("uq_zalo_sent_message_id")),
    )
    op.create_index(op.f("ix_zalo_sent_chat_zalo_sent_digest"), "zalo_sent", ["chat", "digest"])
    op.create_index(op.f("ix_zalo_sent_sent_at"), "zalo_sent", ["sent_at"])
