"""The interview as a calendar entry: the invite, and its cancellation under the same UID with a higher number. Pure."""

from datetime import timedelta
from email.utils import parseaddr
from typing import Final

from icalendar import Calendar, Event, vCalAddress, vText

from claims_scheduler.effects import Effect
from claims_scheduler.slots import Slot
from claims_shared.messages.fields import utc

PRODUCT: Final = "-//Claimworks//Scheduler//EN"


def invite(effect: Effect, slot: Slot, *, organizer: str, guest: str, summary: str, description: str) -> bytes:
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
    event.add("organizer", _address(*parseaddr(organizer)))
    event.add("attendee", _guest(guest, effect.recipient))
    return _calendar(event, "CANCEL" if effect.cancelled else "REQUEST")


def _calendar(event: Event, method: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _guest(name: str, address: str) -> vCalAddress:
    guest = _address(name, address)
    guest.params["ROLE"] = vText("REQ-PARTICIPANT")
    guest.params["PARTSTAT"] = vText("NEEDS-ACTION")
    guest.params["RSVP"] = vText("FALSE")
    return guest


def _address(name: str, address: str) -> vCalAddress:
    """A quotation mark would end the parameter (RFC 5545, 3.1)."""
    written = vCalAddress(f"mailto:{address}")
    plain = "".join(each for each in name if each.isprintable() and each != '"').strip()
    if plain:
        written.params["CN"] = vText(plain)
    return written
