"""The calendar file of an appointment (RFC 5545, RFC 6047), made of its event alone: the same event, the same bytes.

An appointment keeps its UID for life; each change raises SEQUENCE, so a calendar takes the newest whatever comes last.
Nobody is asked to answer (RSVP=FALSE): what is agreed is agreed, and another time is asked for in words.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from icalendar import Calendar, vCalAddress, vText
from icalendar import Event as Entry

from mainstay.notices import words
from mainstay.tickets.models import Event

METHODS: Final = {
    "appointment_agreed": "REQUEST", "appointment_moved": "REQUEST", "appointment_cancelled": "CANCEL",
}  # fmt: skip
NAME: Final = "appointment.ics"


def method(event: Event) -> str:
    """REQUEST or CANCEL; empty where an event has no calendar file."""
    return METHODS.get(event.kind, "")


def of(event: Event) -> bytes:
    """The file. Ask only where there is a `method`."""
    after, detail = event.after, event.text.detail
    entry = Entry()
    entry.add("uid", after["uid"])
    entry.add("sequence", int(after["sequence"]))
    entry.add("dtstamp", event.at.astimezone(UTC))
    entry.add("dtstart", _instant(after["starts_at"]))
    entry.add("dtend", _instant(after["ends_at"]))
    about = words.one_line(detail.get("about", ""), 200)
    entry.add("summary", f"{about} [#{event.ticket_id}]".strip())
    if place := words.one_line(detail.get("place", ""), 500):
        entry.add("location", place)
    entry.add("status", "CANCELLED" if method(event) == "CANCEL" else "CONFIRMED")
    entry.add("organizer", _person(settings.VENDOR_NAME, settings.SUPPORT_ADDRESS), encode=False)
    for name, address in detail.get("people", []):
        entry.add("attendee", _attendee(name, address), encode=False)
    calendar = Calendar()
    calendar.add("prodid", "-//Mainstay//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method(event))
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _instant(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


def _person(name: str, address: str) -> vCalAddress:
    found = vCalAddress(f"mailto:{words.one_line(address, 320)}")
    found.params["cn"] = vText(words.one_line(name, 150))
    return found


def _attendee(name: str, address: str) -> vCalAddress:
    found = _person(name, address)
    for key, value in (("role", "REQ-PARTICIPANT"), ("partstat", "ACCEPTED"), ("rsvp", "FALSE")):
        found.params[key] = vText(value)
    return found
