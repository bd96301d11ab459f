"""What every service reads from its environment; a wrong value ends the start with one line that names the variable."""

from typing import Annotated

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

Port = Annotated[int, Field(ge=0, le=65_535)]


class KafkaSettings(BaseSettings):
    """How to reach the broker; sessions of 45 s suit production, the local stack sets 6 s."""

    model_config = SettingsConfigDict(populate_by_name=True, extra="ignore")

    bootstrap: str = Field("127.0.0.1:9092", validation_alias="KAFKA_BOOTSTRAP_SERVERS", min_length=3)
    session_timeout_ms: int = Field(45_000, validation_alias="CLAIMS_SESSION_TIMEOUT_MS", ge=1_000)
    heartbeat_interval_ms: int = Field(3_000, validation_alias="CLAIMS_HEARTBEAT_INTERVAL_MS", ge=100)
    start_seconds: float = Field(20.0, validation_alias="CLAIMS_START_SECONDS", gt=0, le=30)
    produce_seconds: float = Field(10.0, validation_alias="CLAIMS_PRODUCE_SECONDS", gt=0)
    batch_records: int = Field(500, validation_alias="CLAIMS_BATCH_RECORDS", ge=1, le=5_000)
    standard_floor: int = Field(5, validation_alias="CLAIMS_STANDARD_FLOOR", ge=1)


class ServiceSettings(BaseSettings):
    """What a service needs besides the broker."""

    model_config = SettingsConfigDict(populate_by_name=True, extra="ignore")

    store_url: str = Field("", validation_alias=AliasChoices("MONGODB_URI", "CLAIMS_STORE_URL"))
    health_port: Port = Field(0, validation_alias="CLAIMS_HEALTH_PORT")
    log_format: str = Field("json", validation_alias="CLAIMS_LOG_FORMAT", pattern="^(json|console)$")
    log_level: str = Field("INFO", validation_alias="CLAIMS_LOG_LEVEL", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    trace_ratio: float = Field(1.0, validation_alias="CLAIMS_TRACE_RATIO", ge=0, le=1)
    drain_seconds: float = Field(10.0, validation_alias="CLAIMS_DRAIN_SECONDS", gt=0)
    flow_file: str = Field("", validation_alias="CLAIMS_FLOW")
    instance: str = Field("", validation_alias="CLAIMS_INSTANCE")
