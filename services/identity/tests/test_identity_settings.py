"""What the environment may say, and what it may not leave out."""

import pytest
from pydantic import ValidationError

from claims_identity.settings import LOCAL_KEY, IdentitySettings
from claims_shared.kafka import Unusable

SECRET = "a production secret that is long enough"


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("CLAIMS_ENV", "CLAIMS_SSN_KEY", "CLAIMS_IDENTITY_PROVIDER_URL", "CLAIMS_IDENTITY_DEADLINE_SECONDS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLAIMS_IDENTITY_PROVIDER_URL", "http://127.0.0.1:8000")
    return monkeypatch


def test_production_wants_a_key():
    with pytest.raises(Unusable, match="CLAIMS_SSN_KEY"):
        IdentitySettings().token_key()


def test_a_short_key_is_refused_without_saying_it(environment):
    environment.setenv("CLAIMS_SSN_KEY", "hunter2")
    with pytest.raises(Unusable) as refused:
        IdentitySettings().token_key()
    assert "hunter2" not in str(refused.value)


def test_a_key_is_taken_and_never_shown(environment):
    environment.setenv("CLAIMS_SSN_KEY", SECRET)
    assert IdentitySettings().token_key() == SECRET.encode()
    assert SECRET not in repr(IdentitySettings())


def test_only_the_local_stack_goes_without(environment):
    environment.setenv("CLAIMS_ENV", "local")
    assert IdentitySettings().token_key() == LOCAL_KEY.encode()


def test_a_short_key_is_refused_locally_too(environment):
    environment.setenv("CLAIMS_ENV", "local")
    environment.setenv("CLAIMS_SSN_KEY", "hunter2")
    with pytest.raises(Unusable):
        IdentitySettings().token_key()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLAIMS_IDENTITY_PROVIDER_URL", "provider"),
        ("CLAIMS_IDENTITY_DEADLINE_SECONDS", "0"),
        ("CLAIMS_IDENTITY_DEADLINE_SECONDS", "60"),
        ("CLAIMS_ENV", "test"),
    ],
)
def test_a_wrong_value_is_named(name, value, environment):
    environment.setenv(name, value)
    with pytest.raises(ValidationError, match=name):
        IdentitySettings()


def test_there_is_no_provider_to_guess(environment):
    environment.delenv("CLAIMS_IDENTITY_PROVIDER_URL")
    with pytest.raises(ValidationError, match="CLAIMS_IDENTITY_PROVIDER_URL"):
        IdentitySettings()
