"""What is done when the mail server fails, by what it means to a mail."""

from typing import Final

from claims_scheduler.drain import FIRST_PAUSE, FIRST_RETRY, GIVE_UP, LONGEST_PAUSE, LONGEST_RETRY
from claims_scheduler.smtp import Fate
from claims_shared.retries import Outside, Retry, lasting

MAIL: Final = Outside(
    "the mail server",
    "notices and invites, beside the path of the commands",
    (
        Retry(
            Fate.REFUSED,
            "a 5xx reply to the recipient or the content; an address that is none; a letter that cannot be written",
            "a notice is told as failed, an invite is left (its meeting stands)",
            "never",
            "the mail room is asked at once",
        ),
        Retry(
            Fate.DEFERRED,
            "a 4xx reply; any refusal of our own sender address, which is our mistake and no citizen's",
            "the same mail again, under the same Message-ID",
            f"after {lasting(FIRST_RETRY)}, doubling to {lasting(LONGEST_RETRY)}",
            f"{lasting(GIVE_UP)} after it was asked for; then as refused (`given_up`)",
        ),
        Retry(
            Fate.UNTRIED,
            "no connection, a connection that ends, 421, no reply within 10 s",
            "every mail waits; it counts as a try of none",
            f"after {lasting(FIRST_PAUSE)}, doubling to {lasting(LONGEST_PAUSE)}",
            "for ever",
        ),
    ),
)
