"""The interview as a calendar entry: the invite, and its cancellation under the same UID with a higher number. Pure."""

from datetime import timedelta
from typing import Final, NamedTuple

from icalendar import Calendar, Event, vCalAddress, vText

from claims_scheduler.effects import Effect
from claims_scheduler.slots import Slot
from claims_shared.messages.fields import utc

PRODUCT: Final = "-//Claimworks//Scheduler//EN"


class Mailbox(NamedTuple):
    """Somebody with an address."""

    name: str
    address: str


def invite(effect: Effect, slot: Slot, *, organizer: Mailbox, guest: Mailbox, summary: str, description: str) -> bytes:
    """Give the iCalendar object. Instants are UTC: no clock change can move them, and every calendar shows its own zone."""
    starts_at = utc(slot.starts_at)
    event = Event()
    event.add("uid", effect.id)
    event.add("sequence", effect.sequence)
    event.add("dtstamp", utc(effect.asked_at))
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(minutes=slot.minutes))
    event.add("summary", summary)
    event.add("description", description)
    event.add("status", "CANCELLED" if effect.cancelled else "CONFIRMED")
    event.add("organizer", _address(organizer))
    event.add("attendee", _guest(guest))
    return _calendar(event, "CANCEL" if effect.cancelled else "REQUEST")


def _calendar(event: Event, method: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _guest(guest: Mailbox) -> vCalAddress:
    written = _address(guest)
    written.params["ROLE"] = vText("REQ-PARTICIPANT")
    written.params["PARTSTAT"] = vText("NEEDS-ACTION")
    written.params["RSVP"] = vText("FALSE")
    return written


def _address(somebody: Mailbox) -> vCalAddress:
    """A quotation mark would end the parameter (RFC 5545, 3.1)."""
    written = vCalAddress(f"mailto:{somebody.address}")
    plain = "".join(each for each in somebody.name if each.isprintable() and each != '"').strip()
    if plain:
        written.params["CN"] = vText(plain)
    return written
