"""vectors of decisions

Revision ID: meaning
Revises: security
"""

import sqlalchemy as sa
from alembic import op

revision = "meaning"
down_revision = "security"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "decision_vectors",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decisions.id"],
            name=op.f("fk_decision_vectors_decision_id_decisions"),
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision_vectors")),
    )


def downgrade():
    op.drop_table("decision_vectors")
