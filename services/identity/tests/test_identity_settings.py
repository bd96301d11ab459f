"""What the environment may say, and what it may not leave out."""

import pytest
from pydantic import ValidationError

from claims_identity.settings import LOCAL_KEY, IdentitySecrets, IdentitySettings
from claims_shared.cluster import Unusable
from claims_shared.service import wrong_settings

SECRET = "a production secret that is long enough"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("CLAIMS_ENV", "CLAIMS_SSN_KEY", "CLAIMS_IDENTITY_PROVIDER_TOKEN", "CLAIMS_IDENTITY_DEADLINE_SECONDS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLAIMS_IDENTITY_PROVIDER_URL", "http://127.0.0.1:8000")
    return monkeypatch


def test_nothing_but_the_provider_s_address_need_be_said_and_that_is_production():
    assert IdentitySettings().environment == "production"


def test_production_wants_a_key():
    with pytest.raises(Unusable, match="CLAIMS_SSN_KEY"):
        IdentitySecrets().token_key("production")


@pytest.mark.parametrize("where", ["production", "local"])
def test_a_short_key_is_refused_everywhere_without_saying_it(where, environment):
    environment.setenv("CLAIMS_SSN_KEY", "hunter2")
    with pytest.raises(Unusable) as refused:
        IdentitySecrets().token_key(where)
    assert "hunter2" not in str(refused.value)


def test_a_key_is_taken_and_never_shown(environment):
    environment.setenv("CLAIMS_SSN_KEY", SECRET)
    assert IdentitySecrets().token_key("production") == SECRET.encode()
    assert SECRET not in repr(IdentitySecrets())


def test_only_the_local_stack_goes_without():
    assert IdentitySecrets().token_key("local") == LOCAL_KEY.encode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLAIMS_IDENTITY_PROVIDER_URL", "provider"),
        ("CLAIMS_IDENTITY_PROVIDER_URL", None),
        ("CLAIMS_IDENTITY_DEADLINE_SECONDS", "0"),
        ("CLAIMS_IDENTITY_DEADLINE_SECONDS", "60"),
        ("CLAIMS_ENV", "test"),
    ],
)
def test_a_wrong_value_is_named_and_no_secret_with_it(name, value, environment):
    environment.setenv("CLAIMS_SSN_KEY", SECRET)
    environment.setenv("CLAIMS_IDENTITY_PROVIDER_TOKEN", SECRET)
    environment.delenv(name) if value is None else environment.setenv(name, value)
    with pytest.raises(ValidationError) as wrong:
        IdentitySettings()
    said = wrong_settings(wrong.value)
    assert name in said
    assert SECRET not in said
