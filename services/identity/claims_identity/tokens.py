"""Keyed digests (HMAC-SHA256) that stand for a person where the SSN, the name and the birth date may not be kept. Pure.

Without the key nobody can try all billion SSNs. A new key makes new tokens: the registry of persons would begin anew.
"""

import hmac
import unicodedata

from claims_identity.crossmatch import Registration
from claims_shared.messages.identity import VerifyIdentity
from claims_shared.wire import millis


class Tokens:
    """The digests under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def person(self, ssn: str) -> str:
        """Give the id under which the registry keeps the person of this SSN."""
        return self._digest("ssn", ssn).hex()

    def registration(self, asked: VerifyIdentity) -> Registration:
        """Give what the registry keeps of a claim."""
        return Registration(
            asked.claim_id,
            asked.effect_id,
            asked.claim_type,
            millis(asked.filed_at),
            self._digest(
                "bearer",
                asked.ssn,
                normal(asked.first_name),
                normal(asked.last_name),
                asked.date_of_birth.isoformat(),
            ),
        )

    def _digest(self, *parts: str) -> bytes:
        # Kind and SSN are part of it: namesakes born on one day have unequal digests, so the registry links nobody.
        return hmac.digest(self._key, "\0".join(parts).encode(), "sha256")


def normal(name: str) -> str:
    """Give a name as people compare it: no case, accents, spaces, hyphens or apostrophes (`O'Brien` is `OBRIEN`)."""
    if not name.isascii():
        name = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in name.casefold() if letter.isalnum())
