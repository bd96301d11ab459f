"""The AsyncAPI document: FastStream describes every message of the catalogue, we say where each travels.

FastStream knows one channel a publisher and names it as AsyncAPI does not allow; here a topic is one channel with all its
messages, and an operation says who does it: `portals.send...`, `orchestrator.receive...`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from faststream.kafka import KafkaBroker
from faststream.specification import AsyncAPI

from claims_cli.catalog.samples import Sample
from claims_cli.catalog.schemas import Schema, explain
from claims_shared.messages.catalog import BY_WIRE, MESSAGES, TOPICS, Listing, Topic
from claims_shared.messages.fields import CLAIM_ID_PATTERN

BINDING: Final = "0.5.0"
DESCRIPTION: Final = (
    "Every event and command of Claimworks. Operations are named for who does it: a portal sends what `portals.send` says "
    "and reads what `portals.receive` says. Topics have one writer."
)
HEADERS: Final = {
    "ce_specversion": ("The version of CloudEvents, 1.0.", {"const": "1.0"}),
    "ce_id": ("Unique within `ce_source`; the same again is the same message.", {}),
    "ce_source": ("Who wrote it: a URI, or a name of yours that nobody else has.", {"format": "uri-reference"}),
    "ce_type": ("Which message it is: its wire name.", {}),
    "ce_time": ("When it was written.", {"format": "date-time"}),
    "ce_subject": ("The claim; always there in what we write.", {}),
    "ce_sequence": ("On the life cycle: the event's number in its claim's life, 1, 2, 3 and so on without gap.", {}),
    "ce_causationid": ("The `ce_id` of what caused it.", {}),
    "traceparent": ("W3C trace context.", {}),
    "content-type": ("How the body is written.", {"const": "application/json"}),
}
REQUIRED: Final = ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"]


def document(samples: Mapping[str, Sample]) -> Schema:
    """Give the document; deterministic, in the catalogue's order."""
    described = _described()
    return {
        **{name: described[name] for name in ("asyncapi", "info", "defaultContentType", "servers")},
        "channels": dict(_channels()),
        "operations": dict(_operations()),
        "components": {
            "messages": {wire: _message(listing, samples[wire]) for wire, listing in BY_WIRE.items()},
            "schemas": _schemas(described),
        },
    }


def _described() -> Schema:
    """Let FastStream describe a broker that publishes everything; nothing connects."""
    broker = KafkaBroker("localhost:9092", description="The local stack's broker; every installation has its own.")
    publishers = [  # held here: the broker itself does not keep them alive
        broker.publisher(each.topic.name, title=each.wire, description=each.model.__doc__, schema=each.model)
        for each in BY_WIRE.values()
    ]
    described = AsyncAPI(broker, title="Claimworks", version="1.0.0", description=DESCRIPTION).to_specification()
    jsonable: Schema = described.to_jsonable()
    assert len(publishers) == len(jsonable["channels"])
    return jsonable


def _channels() -> Iterator[tuple[str, Schema]]:
    for topic in TOPICS:
        messages = {wire: {"$ref": f"#/components/messages/{wire}"} for wire in MESSAGES[topic]}
        for stream in topic.streams:
            yield (
                stream,
                {
                    "address": stream,
                    "description": f"Written by {topic.writer_of(stream)} only; read by {', '.join(topic.readers)}.",
                    "messages": messages,
                    "bindings": {"kafka": _topic_binding(topic, stream)},
                },
            )


def _topic_binding(topic: Topic, stream: str) -> Schema:
    kept = {"cleanup.policy": [topic.cleanup], "retention.ms": int(topic.keep.total_seconds() * 1000)}
    return {"topic": stream, "topicConfiguration": kept, "bindingVersion": BINDING}


def _operations() -> Iterator[tuple[str, Schema]]:
    for topic in TOPICS:
        for stream in topic.streams:
            yield _operation("send", topic.writer_of(stream), topic, stream)
            for reader in topic.readers:
                yield _operation("receive", reader, topic, stream)


def _operation(action: str, who: str, topic: Topic, stream: str) -> tuple[str, Schema]:
    name = re.sub(r"[^a-z]+", "-", who.lower().replace("'", ""))
    messages = [{"$ref": f"#/channels/{stream}/messages/{wire}"} for wire in MESSAGES[topic]]
    verb = "writes" if action == "send" else "reads"
    operation = {
        "action": action,
        "channel": {"$ref": f"#/channels/{stream}"},
        "summary": f"{who} {verb} {stream}",
        "tags": [{"name": name}],
        "messages": messages,
    }
    return f"{name}.{action}.{stream}", operation


def _message(listing: Listing, sample: Sample) -> Schema:
    title = listing.model.__name__
    headers = {name: {"type": "string", "description": said, **more} for name, (said, more) in HEADERS.items()}
    return {
        "name": listing.wire,
        "title": title,
        "summary": (listing.model.__doc__ or "").strip().splitlines()[0],
        "contentType": "application/json",
        "headers": {"type": "object", "properties": headers, "required": REQUIRED},
        "payload": {"$ref": f"#/components/schemas/{title}"},
        "bindings": {"kafka": {"key": {"type": "string", "pattern": CLAIM_ID_PATTERN}, "bindingVersion": BINDING}},
        "examples": [{"headers": dict(sample.headers), "payload": dict(sample.body)}],
    }


def _schemas(described: Schema) -> Schema:
    """Take FastStream's schemas, sorted, with every field's meaning."""
    schemas: Schema = described["components"]["schemas"]
    for listing in BY_WIRE.values():
        explain(schemas, listing.model)
    return dict(sorted(schemas.items()))
