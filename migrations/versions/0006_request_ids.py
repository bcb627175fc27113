"""the request that asked for a transcript's extraction

Revision ID: request_ids
Revises: batches
"""

import sqlalchemy as sa
from alembic import op

revision = "request_ids"
down_revision = "batches"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("transcripts", sa.Column("request_id", sa.String(length=64), nullable=True))


def downgrade():
    op.drop_column("transcripts", "request_id")
