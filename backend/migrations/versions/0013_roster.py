"""Rosters that wait to be applied; links, second factors and recovery codes of accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def big_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def of_officer(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["officer_id"], ["officers.id"], name=op.f(f"fk_{table}_officer_id"), ondelete="CASCADE"
    )


def upgrade() -> None:
    op.add_column(
        "officers",
        sa.Column("email", sa.String(length=200), server_default=sa.text("''"), nullable=False),
    )
    op.create_index(op.f("ix_officers_email"), "officers", ["email"], unique=False)
    op.add_column(
        "officer_sessions",
        sa.Column("device", sa.String(length=60), server_default=sa.text("''"), nullable=False),
    )
    op.add_column(
        "officer_sessions",
        sa.Column("by_link", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_table(
        "officer_links",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("officer_id", big_id(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        of_officer("officer_links"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_links")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_officer_links_token_digest")),
    )
    op.create_index(op.f("ix_officer_links_officer_id"), "officer_links", ["officer_id"])
    op.create_index(op.f("ix_officer_links_expires_at"), "officer_links", ["expires_at"])
    op.create_table(
        "officer_factors",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("officer_id", big_id(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        of_officer("officer_factors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_factors")),
        sa.UniqueConstraint("officer_id", name=op.f("uq_officer_factors_officer_id")),
    )
    op.create_table(
        "officer_recovery_codes",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("officer_id", big_id(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        of_officer("officer_recovery_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_recovery_codes")),
    )
    op.create_index(
        op.f("ix_officer_recovery_codes_officer_id_officer_recovery_codes_digest"),
        "officer_recovery_codes",
        ["officer_id", "digest"],
        unique=True,
    )
    op.create_table(
        "roster_drafts",
        sa.Column("id", big_id(), nullable=False),
        sa.Column("officer_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("encoding", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("agency_id", big_id(), nullable=True),
        sa.Column("entries", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_roster_drafts_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_drafts")),
    )
    op.create_index(op.f("ix_roster_drafts_officer_id"), "roster_drafts", ["officer_id"])
    op.create_index(op.f("ix_roster_drafts_created_at"), "roster_drafts", ["created_at"])
