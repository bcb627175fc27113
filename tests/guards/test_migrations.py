"""One history, and it makes what the models say."""

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask_migrate import check, downgrade, upgrade

from config import BASE_DIR
from decisionlog.auth import sealing
from decisionlog.extensions import db
from decisionlog.models import OutgoingWebhook


def test_the_history_has_one_head():
    config = Config()
    config.set_main_option("script_location", str(BASE_DIR / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_the_migrations_make_what_the_models_say(app):
    db.session.rollback()
    check()


def test_the_history_can_be_walked_down_and_up_again(app):
    db.session.rollback()
    downgrade(revision="base")
    upgrade()
    check()


def test_the_secrets_of_webhooks_are_sealed_on_the_way_up_and_opened_on_the_way_down(
    app, project, director
):
    def stored():
        return db.session.scalars(sa.select(OutgoingWebhook.secret)).one()

    plain = "whsec_c2VjcmV0"
    webhook = OutgoingWebhook(project_id=project.id, url="https://x", events=[])
    webhook.secret, webhook.created_by = sealing.seal(plain), director.id
    db.session.add(webhook)
    db.session.commit()
    downgrade(revision="record")
    assert stored() == plain
    db.session.rollback()
    upgrade()
    assert sealing.unseal(stored()) == plain
