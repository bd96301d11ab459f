"""What the identity service reads from its environment besides what every service does."""

from typing import Final, Literal

from pydantic import Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from claims_shared.cluster import Unusable
from claims_shared.flow import Limits

LOCAL_KEY: Final = "the-local-stack-keys-its-tokens-with-this-known-sentence"
"""Used only where CLAIMS_ENV=local, so that the local stack starts without secrets. Never for real people."""
SHORTEST_KEY: Final = 32


class IdentitySettings(BaseSettings):
    """The provider's address and our patience with it."""

    model_config = SettingsConfigDict(populate_by_name=True, extra="ignore")

    environment: Literal["production", "local"] = Field("production", validation_alias="CLAIMS_ENV")
    provider_url: HttpUrl = Field(validation_alias="CLAIMS_IDENTITY_PROVIDER_URL")
    deadline_seconds: float = Field(3.0, validation_alias="CLAIMS_IDENTITY_DEADLINE_SECONDS", gt=0, le=20)
    concurrency: int = Field(4, validation_alias="CLAIMS_IDENTITY_CONCURRENCY", ge=1, le=64)
    breaker_failures: int = Field(5, validation_alias="CLAIMS_IDENTITY_BREAKER_FAILURES", ge=1)
    breaker_seconds: float = Field(5.0, validation_alias="CLAIMS_IDENTITY_BREAKER_SECONDS", gt=0)
    rate: float | None = Field(None, validation_alias="CLAIMS_IDENTITY_RATE", gt=0)

    def limits(self) -> Limits:
        """Give the limits that hold where the flow file says nothing."""
        return Limits(
            concurrency=self.concurrency,
            rate=self.rate,
            breaker_failures=self.breaker_failures,
            breaker_seconds=self.breaker_seconds,
        )


class IdentitySecrets(BaseSettings):
    """The key of the person tokens and the provider's token.

    Apart from the settings, and without a rule that pydantic checks: its errors quote what they refuse, a missing address
    even quotes everything beside it.
    """

    model_config = SettingsConfigDict(populate_by_name=True, extra="ignore")

    ssn_key: SecretStr = Field(SecretStr(""), validation_alias="CLAIMS_SSN_KEY")
    provider_token: SecretStr = Field(SecretStr(""), validation_alias="CLAIMS_IDENTITY_PROVIDER_TOKEN")

    def token_key(self, environment: str) -> bytes:
        """Give the key of the person tokens; raise Unusable where production has none."""
        key = self.ssn_key.get_secret_value()
        if not key and environment == "local":
            return LOCAL_KEY.encode()
        if len(key) < SHORTEST_KEY:
            raise Unusable(
                f"setting CLAIMS_SSN_KEY must hold a secret of at least {SHORTEST_KEY} characters: social security"
                " numbers are kept as digests under it (only CLAIMS_ENV=local does without)"
            )
        return key.encode()
