"""What deploy/ and docs/ say of the product is true of it."""

import re

import pytest
import yaml

from config import BASE_DIR, Settings
from decisionlog.http import metrics
from tests import factories

DEPLOY = BASE_DIR / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
RULES = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text("utf-8"))["groups"]
OPERATE = (BASE_DIR / "docs" / "operate.md").read_text("utf-8")
METRIC = re.compile(r"\bdecisionlog_(?:transcripts|extraction|http)\w*")


@pytest.fixture
def samples(client, project):
    """The names of all samples of /metrics, with those of their labels."""
    factories.run(factories.transcript(project))
    client.get("/health")
    page = client.get("/metrics").get_data(as_text=True)
    found = re.findall(r"^(decisionlog_\w+)(?:\{(.*)\})? ", page, re.MULTILINE)
    return {name: set(re.findall(r'(\w+)="', labels)) for name, labels in found}


@pytest.mark.parametrize("rule", [rule for group in RULES for rule in group["rules"]])
def test_an_alert_asks_for_metrics_and_labels_that_there_are(rule, samples):
    assert {"alert", "expr", "labels", "annotations"} <= rule.keys()
    for name, labels in re.findall(r"(decisionlog_\w+)(?:\{(.*?)\})?", rule["expr"]):
        assert set(re.findall(r"(\w+)(?:=|!=|=~|!~)\"", labels)) <= samples[name]


def test_the_guide_names_every_metric_with_its_labels_and_no_other(samples):
    told = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in _table()}
    parts = ("_bucket", "_sum", "_count")
    there = {}
    for sample, labels in samples.items():
        name = next((sample.removesuffix(part) for part in parts if sample.endswith(part)), sample)
        there[name] = labels - {"le"} | there.get(name, set())
    assert told == there
    assert {name for name in METRIC.findall(OPERATE) if name not in samples} <= there.keys()


def _table():
    """Name and labels of the rows of the guide's table of metrics."""
    return re.findall(r"^\| `(decisionlog_\w+)` \| (.*?) \|", OPERATE, re.MULTILINE)


def test_the_guide_names_every_alert():
    for group in RULES:
        for rule in group["rules"]:
            assert f"`{rule['alert']}`" in OPERATE


def test_compose_gives_settings_that_there_are_and_all_secrets_of_production():
    for name in ("migrate", "web", "worker"):
        given = COMPOSE[name]["environment"]
        assert given.keys() <= Settings.model_fields.keys()
        assert {"JWT_SECRET_KEY", "TACTIQ_WEBHOOK_SECRET", "TOTP_ENCRYPTION_KEY"} <= given.keys()


def test_in_compose_only_the_migrations_may_change_the_schema():
    roles = {
        name: re.match(r"postgresql://(\w+):", service["environment"]["DATABASE_URL"])[1]
        for name, service in COMPOSE.items()
        if "DATABASE_URL" in service.get("environment", {})
    }
    assert roles == {
        "migrate": "decisionlog_owner",
        "web": "decisionlog_app",
        "worker": "decisionlog_app",
    }


def test_in_compose_what_follows_the_migrations_waits_for_the_rights():
    assert COMPOSE["rights"]["command"] == COMPOSE["roles"]["command"]
    assert "roles" in COMPOSE["migrate"]["depends_on"]
    assert "migrate" in COMPOSE["rights"]["depends_on"]
    for name in ("web", "worker"):
        condition = COMPOSE[name]["depends_on"]["rights"]["condition"]
        assert condition == "service_completed_successfully"


def test_the_buckets_hold_what_the_alert_for_slowness_asks_for():
    assert 1.0 in metrics.BUCKETS
