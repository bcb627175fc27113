"""Every operation of the record shows an example, and every example is true."""

import pytest
from pydantic import BaseModel

from decisionlog.decisions import (
    bodies,
    digest_schemas,
    notification_schemas,
    schemas,
    search_schemas,
)
from decisionlog.http import openapi

MODULES = (bodies, digest_schemas, notification_schemas, schemas, search_schemas)
MODELS = {
    name: model
    for module in MODULES
    for name, model in vars(module).items()
    if isinstance(model, type) and issubclass(model, BaseModel)
    if model.__module__ == module.__name__
}
TAGS = {"projects", "decisions", "relationships", "search", "digest", "notifications"}


def examples(model):
    return (model.model_config.get("json_schema_extra") or {}).get("examples", [])


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if examples(model)])
def test_an_example_is_what_the_model_takes(name):
    for example in examples(MODELS[name]):
        MODELS[name].model_validate(example)


def test_every_operation_of_the_record_shows_what_goes_in_and_out(app):
    document = openapi.document()
    known = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, entry in operations.items():
            if not TAGS & set(entry["tags"]):
                continue
            bodies_ = [entry.get("requestBody", {})] + [
                answer for code, answer in entry["responses"].items() if code.startswith("2")
            ]
            for body in bodies_:
                reference = body.get("content", {}).get("application/json", {}).get("schema")
                if reference:
                    model = known[reference["$ref"].rpartition("/")[2]]
                    assert model.get("examples"), (method, path, reference)
