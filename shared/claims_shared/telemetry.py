"""Traces, metrics and log lines: one trace a claim, counters once a batch, one canonical line a batch. No personal data."""

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, TraceFlags
from prometheus_client import Counter, Gauge, Histogram

from claims_shared.wire import Received

MESSAGES = Counter("claims_messages_total", "Records by what became of them", ["service", "verdict"])
REASONS = Counter("claims_message_reasons_total", "Why records were ignored, refused or parked", ["service", "reason"])
SENT = Counter("claims_sent_total", "Records sent, acknowledged by the broker", ["service"])
BATCH_SECONDS = Histogram(
    "claims_batch_seconds",
    "Duration of one cycle",
    ["service"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
BATCH_RECORDS = Histogram(
    "claims_batch_records", "Records in one cycle", ["service"], buckets=(1, 5, 10, 50, 100, 250, 500)
)
LOST_WRITES = Counter("claims_lost_writes_total", "Compare-and-set losses", ["service"])
OUTSIDE_CALLS = Counter("claims_outside_calls_total", "Calls to outside services", ["dependency", "outcome"])
OUTSIDE_SECONDS = Histogram(
    "claims_outside_call_seconds",
    "Duration of a call to an outside service",
    ["dependency"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.3, 1, 3),
)
STUCK_OFFSET = Gauge(
    "claims_stuck_offset",
    "Where a partition stands still on a record that cannot be read",
    ["service", "topic", "partition", "error"],
)
STUCK_SINCE = Gauge(
    "claims_stuck_since_seconds", "Since when, in seconds since 1970", ["service", "topic", "partition", "error"]
)
READY = Gauge("claims_ready", "1 while this process takes work", ["service"])


_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
"""Local variables stay out: they hold whole records, and so people's data."""


def log() -> Any:
    """Give the structured logger."""
    return structlog.get_logger()


def configure_logging(service: str, *, json: bool, level: str = "INFO") -> None:
    """Send every line to stderr: JSON for machines, plain for people; the Kafka client's outage chatter is limited."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    renderer = structlog.processors.JSONRenderer() if json else plain
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _TRACEBACKS if json else structlog.dev.set_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service, pid=os.getpid())
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True, format="%(name)s: %(message)s")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def configure_tracing(service: str, *, ratio: float, processor: SpanProcessor) -> TracerProvider:
    """Trace this share of new claims and give every span to `processor`."""
    provider = TracerProvider(
        resource=Resource.create({"service.name": f"claims.{service}"}),
        sampler=ParentBased(TraceIdRatioBased(ratio)),
    )
    provider.add_span_processor(processor)
    _TRACING.use(provider, service)
    return provider


def stop_tracing() -> None:
    """Trace nothing from now on."""
    _TRACING.tracer, _TRACING.on = trace.NoOpTracer(), False


def configure_tracing_from_environment(service: str, ratio: float) -> None:
    """Trace over OTLP where OTEL_EXPORTER_OTLP_ENDPOINT is set, into files where CLAIMS_TRACE_DIR is; else not, at no cost."""
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - optional

        configure_tracing(service, ratio=ratio, processor=BatchSpanProcessor(OTLPSpanExporter()))
    elif folder := os.environ.get("CLAIMS_TRACE_DIR"):
        configure_tracing(service, ratio=ratio, processor=BatchSpanProcessor(_file_exporter(Path(folder), service)))


def _file_exporter(folder: Path, service: str) -> ConsoleSpanExporter:
    """Write one JSON line a span, a file a process: enough to see a claim's trace where no collector is at hand."""
    folder.mkdir(parents=True, exist_ok=True)
    out = (folder / f"{service}-{os.getpid()}.jsonl").open("a", encoding="utf-8")
    return ConsoleSpanExporter(out=out, formatter=lambda span: span.to_json(indent=None) + "\n")


class _Tracing:
    """The one tracer of this process; a no-op until configured."""

    def __init__(self) -> None:
        self.tracer: trace.Tracer = trace.NoOpTracer()
        self.on = False

    def use(self, provider: TracerProvider, service: str) -> None:
        self.tracer = provider.get_tracer(f"claims.{service}")
        self.on = True


_TRACING = _Tracing()


def parse(traceparent: str | None) -> SpanContext | None:
    """Read a W3C traceparent; None where there is none or it is malformed."""
    parts = traceparent.split("-") if traceparent else []
    try:
        context = SpanContext(int(parts[1], 16), int(parts[2], 16), True, TraceFlags(int(parts[3], 16)))  # noqa: FBT003
    except (IndexError, ValueError):
        return None
    return context if context.is_valid else None


def render(context: SpanContext) -> str:
    """Write a W3C traceparent."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


@contextmanager
def processing(message: Received, inherited: str | None) -> Iterator[str | None]:
    """Trace one message, if its claim is traced; give the traceparent for what it causes.

    A submission without one may start the claim's trace; everything else joins its own, or the claim's.
    """
    if not _TRACING.on:
        yield message.traceparent or inherited
        return
    parent = parse(message.traceparent) or parse(inherited)
    if parent is not None and not parent.trace_flags.sampled:
        yield render(parent)
        return
    context = trace.set_span_in_context(NonRecordingSpan(parent)) if parent else None
    attributes = {
        "messaging.system": "kafka",
        "messaging.destination.name": message.record.topic,
        "cloudevents.event_type": message.type,
        "cloudevents.event_id": message.id,
        "claims.claim_id": message.claim_id.partition("/")[0],  # a document per effect is known by `claim/kind/n`
    }
    with _TRACING.tracer.start_as_current_span(
        f"process {message.type}", context, kind=SpanKind.CONSUMER, attributes=attributes
    ) as span:
        yield render(span.get_span_context())


@dataclass(slots=True)
class OutsideCall:
    """One call to an outside service while it lasts; the caller names the outcome where it is no exception."""

    outcome: str = "answered"


@contextmanager
def outside_call(dependency: str, **attributes: str | int) -> Iterator[OutsideCall]:
    """Trace, count, time and log one call to an outside service: one line each, whatever becomes of it."""
    call, began = OutsideCall(), time.perf_counter()
    try:
        with _TRACING.tracer.start_as_current_span(f"call {dependency}", kind=SpanKind.CLIENT, attributes=attributes):
            yield call
    except BaseException as error:
        call.outcome = type(error).__name__ if call.outcome == "answered" else call.outcome
        raise
    finally:
        seconds = time.perf_counter() - began
        OUTSIDE_CALLS.labels(dependency, call.outcome).inc()
        OUTSIDE_SECONDS.labels(dependency).observe(seconds)
        log().info(
            "outside_call", dependency=dependency, outcome=call.outcome, ms=round(seconds * 1000, 1), **attributes
        )
