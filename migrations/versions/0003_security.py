"""security: notices by mail, sealed secrets of outgoing webhooks

Revision ID: security
Revises: record
"""

import sqlalchemy as sa
from alembic import op

from decisionlog.auth import sealing

revision = "security"
down_revision = "record"
branch_labels = None
depends_on = None

CHANGES = ("password", "email", "second_factor_on", "second_factor_off", "recovery_codes")
webhooks = sa.table("outgoing_webhooks", sa.column("id", sa.Uuid()), sa.column("secret"))


def rewrite_secrets(rewrite):
    connection = op.get_bind()
    for row in connection.execute(sa.select(webhooks)).all():
        connection.execute(
            sa.update(webhooks).where(webhooks.c.id == row.id).values(secret=rewrite(row.secret))
        )


def resize_secret(before, after):
    with op.batch_alter_table("outgoing_webhooks", schema=None) as batch_op:
        batch_op.alter_column(
            "secret",
            existing_type=sa.String(length=before),
            type_=sa.String(length=after),
            existing_nullable=False,
        )


def upgrade():
    op.create_table(
        "security_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column(
            "change",
            sa.Enum(
                *CHANGES,
                name="securitychange",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_security_notices_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_notices")),
    )
    with op.batch_alter_table("security_notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_security_notices_next_at"), ["next_at"], unique=False)

    resize_secret(100, 255)
    rewrite_secrets(sealing.seal)


def downgrade():
    rewrite_secrets(sealing.unseal)
    resize_secret(255, 100)

    with op.batch_alter_table("security_notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_security_notices_next_at"))

    op.drop_table("security_notices")
