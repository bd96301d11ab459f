"""What the scheduler reads from its environment besides what every service does."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from claims_scheduler.calendar import Rules
from claims_scheduler.drain import Flow
from claims_scheduler.smtp import Server, server_of
from claims_scheduler.watch import Rhythm
from claims_shared.cluster import Unusable
from claims_shared.flow import Limits


class SchedulerSettings(BaseSettings):
    """Mail, calendars and waits; each default is what a middling agency needs."""

    model_config = SettingsConfigDict(populate_by_name=True, extra="ignore")

    smtp_url: SecretStr = Field(SecretStr("smtp://127.0.0.1:1025"), validation_alias="CLAIMS_SMTP_URL")
    mail_from: str = Field(
        "Unemployment Insurance <no-reply@claims.invalid>",
        validation_alias="CLAIMS_MAIL_FROM",
        pattern=r"^[^@\r\n]*[^@\s<>]+@[^@\s<>]+>?$",
    )
    mail_host: str = Field("claims.invalid", validation_alias="CLAIMS_MAIL_HOST", pattern=r"^[A-Za-z0-9.-]+$")
    bounce_key: SecretStr = Field(SecretStr(""), validation_alias="CLAIMS_BOUNCE_KEY")
    bounce_host: str | None = Field(None, validation_alias="CLAIMS_BOUNCE_HOST", pattern=r"^[A-Za-z0-9.-]+$")
    bounce_listen: str = Field("127.0.0.1", validation_alias="CLAIMS_BOUNCE_LISTEN")
    bounce_port: int = Field(2525, validation_alias="CLAIMS_BOUNCE_PORT", ge=1, le=65_535)
    mail_batch: int = Field(100, validation_alias="CLAIMS_MAIL_BATCH", ge=1, le=500)
    mail_trickle: int = Field(20, validation_alias="CLAIMS_MAIL_TRICKLE", ge=2)
    mail_connections: int = Field(2, validation_alias="CLAIMS_MAIL_CONNECTIONS", ge=1, le=32)
    mail_rate: float | None = Field(None, validation_alias="CLAIMS_MAIL_RATE", gt=0)
    mail_breaker_failures: int = Field(1, validation_alias="CLAIMS_MAIL_BREAKER_FAILURES", ge=1)
    mail_breaker_seconds: float = Field(30.0, validation_alias="CLAIMS_MAIL_BREAKER_SECONDS", gt=0)
    busy_from: int = Field(1_000, validation_alias="CLAIMS_MAIL_BUSY_FROM", ge=1)
    slot_minutes: int = Field(30, validation_alias="CLAIMS_SLOT_MINUTES", ge=5, le=240)
    lead_hours: int = Field(24, validation_alias="CLAIMS_INTERVIEW_LEAD_HOURS", ge=0)
    days: int = Field(60, validation_alias="CLAIMS_INTERVIEW_DAYS", ge=1, le=366)
    flush_seconds: float = Field(2.0, validation_alias="CLAIMS_WAITS_FLUSH_SECONDS", gt=0, le=60)
    age_seconds: float = Field(3.0, validation_alias="CLAIMS_WAITS_AGE_SECONDS", ge=0, le=60)

    def server(self) -> Server:
        """Give the mail server. Raises Unusable; not checked by the model, whose error would quote the password."""
        try:
            return server_of(self.smtp_url.get_secret_value())
        except ValueError as wrong:
            raise Unusable(f"setting CLAIMS_SMTP_URL: {wrong}") from None

    def limits(self) -> Limits:
        """Give the limits of the mail server that hold where the flow file says nothing."""
        return Limits(
            concurrency=self.mail_connections,
            rate=self.mail_rate,
            breaker_failures=self.mail_breaker_failures,
            breaker_seconds=self.mail_breaker_seconds,
        )

    def rules(self) -> Rules:
        """Give how slots are made."""
        return Rules(minutes=self.slot_minutes, lead_hours=self.lead_hours, days=self.days)

    def rhythm(self) -> Rhythm:
        """Give how often waits are written."""
        return Rhythm(flush=self.flush_seconds, age=self.age_seconds)

    def flow(self) -> Flow:
        """Give how much mail is sent at a time."""
        return Flow(batch=self.mail_batch, trickle=self.mail_trickle)
