"""Message Batches that transcripts wait for, and that answered runs

Revision ID: batches
Revises: meaning
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "batches"
down_revision = "meaning"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
SENT = sa.text("batch_sent_at IS NOT NULL")


def upgrade():
    # Columns that may be empty: both databases add them without touching a row.
    op.add_column("transcripts", sa.Column("batch_ids", JSON, nullable=True))
    op.add_column("transcripts", sa.Column("batch_sent_at", sa.DateTime(timezone=True)))
    op.add_column("transcripts", sa.Column("batch_model", sa.String(length=100)))
    op.add_column("transcripts", sa.Column("batch_prompt_version", sa.String(length=100)))
    op.add_column("transcripts", sa.Column("batch_reserved_usd", sa.Numeric(12, 6)))
    op.create_index(
        "ix_transcripts_batch_sent_at",
        "transcripts",
        ["batch_sent_at"],
        sqlite_where=SENT,
        postgresql_where=SENT,
    )
    op.add_column("extraction_runs", sa.Column("batch_ids", JSON, nullable=True))


def downgrade():
    # Not in a batch of Alembic's: on SQLite that would copy the table away from under the rows that
    # point at it.
    op.drop_column("extraction_runs", "batch_ids")
    op.drop_index("ix_transcripts_batch_sent_at", table_name="transcripts")
    for column in (
        "batch_reserved_usd",
        "batch_prompt_version",
        "batch_model",
        "batch_sent_at",
        "batch_ids",
    ):
        op.drop_column("transcripts", column)
