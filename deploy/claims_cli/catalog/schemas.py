"""JSON Schemas of every message: as the models read them, with every field's meaning.

They say what a reader may rely on: a field with a default may be missing, since an earlier release did not write it, and
fields that are not listed are to be ignored.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias, get_args

from claims_cli.catalog.glossary import meaning
from claims_shared.messages.catalog import Listing
from claims_shared.messages.fields import Message

Schema: TypeAlias = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_of(listing: Listing) -> Schema:
    """Give the schema of one message, complete in itself."""
    schema = listing.model.model_json_schema(by_alias=True, mode="validation")
    explain({listing.model.__name__: schema, **schema.get("$defs", {})}, listing.model)
    return {"$schema": DIALECT, "$id": f"urn:claimworks:{listing.wire}", **schema}


def explain(schemas: Mapping[str, Schema], model: type[Message]) -> None:
    """Put its meaning beside every field of a message and of its parts; take out titles that only repeat the names."""
    for part in parts_of(model):
        for field, of in schemas[part.__name__].get("properties", {}).items():
            of.pop("title", None)
            of["description"] = meaning(part, field)


def parts_of(model: type[Message]) -> Iterator[type[Message]]:
    """Give a message and every model that it is made of."""
    yield model
    for field in model.model_fields.values():
        for inner in _models_in(field.annotation):
            yield from parts_of(inner)


def _models_in(annotation: Any) -> Iterator[type[Message]]:
    if isinstance(annotation, type) and issubclass(annotation, Message):
        yield annotation
    for each in get_args(annotation):
        yield from _models_in(each)
