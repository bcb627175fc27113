"""the record: search, links, notifications

Revision ID: record
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "record"
down_revision = "0001"
branch_labels = None
depends_on = None

# Python writes analysed words; the databases only store and find them. SQLite's FTS5 follows its
# table by triggers (https://sqlite.org/fts5.html, 4.4.3), PostgreSQL gets the vector as it is.
FTS = """
CREATE VIRTUAL TABLE {name}_fts USING fts5(
    title, body, forms, content = '{name}', content_rowid = 'id',
    tokenize = "ascii tokenchars '+#._|'", prefix = '2 3')
"""
ADD = "INSERT INTO {name}_fts (rowid, title, body, forms) VALUES ({new})"
TAKE = "INSERT INTO {name}_fts ({name}_fts, rowid, title, body, forms) VALUES ('delete', {old})"
NEW, OLD = (f"{row}.id, {row}.title, {row}.body, {row}.forms" for row in ("new", "old"))


def create_search_table(name, *columns):
    sqlite = op.get_bind().dialect.name == "sqlite"
    # An identity, unlike a serial, asks for no right on its sequence (deploy/postgres/roles.sql).
    key = [sa.Integer()] if sqlite else [sa.BigInteger(), sa.Identity(always=True)]
    words = [sa.Column(column, sa.Text(), nullable=False) for column in ("title", "body", "forms")]
    if not sqlite:
        words.append(sa.Column("vector", postgresql.TSVECTOR(), nullable=False))
    op.create_table(name, sa.Column("id", *key, primary_key=True), *columns, *words)
    if not sqlite:
        op.create_index(f"ix_{name}_vector", name, ["vector"], postgresql_using="gin")
        return
    add, take = ADD.format(name=name, new=NEW), TAKE.format(name=name, old=OLD)
    op.execute(FTS.format(name=name))
    op.execute(f"CREATE TRIGGER {name}_added AFTER INSERT ON {name} BEGIN {add}; END")
    op.execute(f"CREATE TRIGGER {name}_taken AFTER DELETE ON {name} BEGIN {take}; END")


def drop_search_table(name):
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TABLE {name}_fts")
    op.drop_table(name)


def upgrade():
    # The index is made from the decisions: `flask search rebuild` fills it anew.
    op.drop_table("decision_search")
    create_search_table(
        "decision_search",
        sa.Column("decision_id", sa.Uuid(), sa.ForeignKey("decisions.id"), unique=True),
    )
    create_search_table(
        "passage_search",
        sa.Column("transcript_id", sa.Uuid(), sa.ForeignKey("transcripts.id"), index=True),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("start_seconds", sa.Integer(), nullable=False),
        sa.Column("char_start", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
    )

    op.create_table(
        "digest_subscriptions",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_digest_subscriptions_user_id_users")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_digest_subscriptions")),
    )
    with op.batch_alter_table("digest_subscriptions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_digest_subscriptions_next_at"), ["next_at"], unique=False
        )

    op.create_table(
        "outgoing_webhooks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("secret", sa.String(length=100), nullable=False),
        sa.Column(
            "events",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_outgoing_webhooks_created_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_outgoing_webhooks_project_id_projects")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_webhooks")),
    )
    with op.batch_alter_table("outgoing_webhooks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outgoing_webhooks_project_id"), ["project_id"], unique=False
        )

    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column(
            "payload",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["outgoing_webhooks.id"],
            name=op.f("fk_webhook_deliveries_webhook_id_outgoing_webhooks"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    with op.batch_alter_table("webhook_deliveries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_webhook_deliveries_next_at"), ["next_at"], unique=False
        )
        batch_op.create_index(
            "ix_webhook_deliveries_webhook", ["webhook_id", "created_at", "id"], unique=False
        )

    with op.batch_alter_table("decision_relationships", schema=None) as batch_op:
        batch_op.add_column(sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_decisions_project_discipline",
            ["project_id", "discipline", "meeting_type", "status", "id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ix_decisions_project_review_on",
            ["project_id", "review_on", "id"],
            unique=False,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )


def downgrade():
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_decisions_project_review_on",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_decisions_project_discipline",
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    with op.batch_alter_table("decision_relationships", schema=None) as batch_op:
        batch_op.drop_column("removed_at")

    with op.batch_alter_table("webhook_deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_webhook_deliveries_webhook")
        batch_op.drop_index(batch_op.f("ix_webhook_deliveries_next_at"))

    op.drop_table("webhook_deliveries")
    with op.batch_alter_table("outgoing_webhooks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outgoing_webhooks_project_id"))

    op.drop_table("outgoing_webhooks")
    with op.batch_alter_table("digest_subscriptions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_digest_subscriptions_next_at"))

    op.drop_table("digest_subscriptions")

    drop_search_table("passage_search")
    drop_search_table("decision_search")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE decision_search"
            " USING fts5(decision_id UNINDEXED, words, tokenize = 'unicode61')"
        )
        return
    op.create_table(
        "decision_search",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"]),
        sa.PrimaryKeyConstraint("decision_id"),
    )
    op.execute(
        "CREATE INDEX ix_decision_search_words ON decision_search"
        " USING gin (to_tsvector('simple', words))"
    )
