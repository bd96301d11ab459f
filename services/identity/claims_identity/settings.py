"""What the identity service reads from its environment besides what every service does."""

from typing import Final, Literal

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from claims_shared.kafka import Unusable

LOCAL_KEY: Final = "the-local-stack-keys-its-tokens-with-this-known-sentence"
"""Used only where CLAIMS_ENV=local, so that the local stack starts without secrets. Never for real people."""
SHORTEST_KEY: Final = 32


class IdentitySettings(BaseSettings):
    """The provider's address and patience, and the key of the person tokens."""

    model_config = SettingsConfigDict(populate_by_name=True, extra="ignore")

    environment: Literal["production", "local"] = Field("production", validation_alias="CLAIMS_ENV")
    provider_url: HttpUrl = Field(validation_alias="CLAIMS_IDENTITY_PROVIDER_URL")
    provider_token: SecretStr | None = Field(None, validation_alias="CLAIMS_IDENTITY_PROVIDER_TOKEN")
    deadline_seconds: float = Field(3.0, validation_alias="CLAIMS_IDENTITY_DEADLINE_SECONDS", gt=0, le=20)
    concurrency: int = Field(4, validation_alias="CLAIMS_IDENTITY_CONCURRENCY", ge=1, le=64)
    breaker_failures: int = Field(5, validation_alias="CLAIMS_IDENTITY_BREAKER_FAILURES", ge=1)
    breaker_seconds: float = Field(5.0, validation_alias="CLAIMS_IDENTITY_BREAKER_SECONDS", gt=0)
    ssn_key: SecretStr | None = Field(None, validation_alias="CLAIMS_SSN_KEY")

    def token_key(self) -> bytes:
        """Give the key of the person tokens; raise Unusable where production has none.

        Checked here and not by the model: a validation error would quote the key in the log.
        """
        key = self.ssn_key.get_secret_value() if self.ssn_key else ""
        if not key and self.environment == "local":
            return LOCAL_KEY.encode()
        if len(key) < SHORTEST_KEY:
            raise Unusable(
                f"setting CLAIMS_SSN_KEY must hold a secret of at least {SHORTEST_KEY} characters: social security"
                " numbers are kept as digests under it (only CLAIMS_ENV=local does without)"
            )
        return key.encode()
