"""DecisionLog: the decisions made in meetings, each tied to the words that were said."""

from collections.abc import Mapping
from typing import Any

from flask import Flask


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The application.

    `config` goes before the environment: settings by their names, and Flask's or an extension's
    own keys as they are. Raises ConfigurationError for a wrong setting, and in production for an
    unsafe one.
    """
    # Not above, so that config and others can have a module of this package without the rest.
    import config as configuration
    from decisionlog import (  # noqa: F401
        auth,
        cli,
        decisions,
        errors,
        http,
        jobs,
        logs,
        models,
        sentry,
        webhook,
    )
    from decisionlog.extensions import cors, db, limiter, migrate

    given = dict(config or {})
    known = configuration.Settings.model_fields.keys()
    settings = configuration.load({key: value for key, value in given.items() if key in known})

    app = Flask(__name__, instance_path=str(configuration.INSTANCE_DIR), static_folder=None)
    app.config.from_mapping(configuration.flask_config(settings))
    app.config.from_mapping({key: value for key, value in given.items() if key not in known})

    logs.configure(settings.LOG_LEVEL, settings.production, sentry.reporter(settings))
    db.init_app(app)
    migrate.init_app(app, db, directory=str(configuration.BASE_DIR / "migrations"))

    errors.init_app(app)
    http.init_app(app)
    # After http: what the limiter refuses, too, must have its request id.
    limiter.init_app(app)
    cors.init_app(app)
    auth.init_app(app)
    decisions.init_app(app)
    webhook.init_app(app)
    jobs.init_app(app)
    cli.init_app(app)
    return app
