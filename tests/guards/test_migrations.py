"""One history, and it makes what the models say."""

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask_migrate import check, downgrade, upgrade

from config import BASE_DIR
from decisionlog.extensions import db


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
