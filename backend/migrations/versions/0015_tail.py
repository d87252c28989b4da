"""Why a call was promised, and who reads Khmer."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "callbacks",
        sa.Column("reason", sa.String(length=12), server_default=sa.text("''"), nullable=False),
    )
    op.create_table(
        "khmer_readers",
        sa.Column(
            "officer_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["officers.id"],
            name=op.f("fk_khmer_readers_officer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("officer_id", name=op.f("pk_khmer_readers")),
    )
