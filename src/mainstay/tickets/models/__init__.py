"""A ticket and all it owns. Only the verbs write here; `access` is the only door for reading."""

from mainstay.tickets.models.appointments import Appointment, Attendee
from mainstay.tickets.models.attention import Snooze, Watcher
from mainstay.tickets.models.changes import Change, ChangeOfTicket
from mainstay.tickets.models.clocks import Alarm, Clock, LadderRung, Timer
from mainstay.tickets.models.concerns import Concern
from mainstay.tickets.models.conversation import (
    Attachment,
    CannedAnswer,
    Draft,
    Message,
    Participant,
    Presence,
    Scan,
)
from mainstay.tickets.models.handovers import Handover, ShiftHandover
from mainstay.tickets.models.log import Event, EventText, Outbox
from mainstay.tickets.models.relations import CommonCause, Defect, Link
from mainstay.tickets.models.ticket import Category, Channel, CloseReason, State, Step, Tally, Ticket

__all__ = [
    "Alarm",
    "Appointment",
    "Attachment",
    "Attendee",
    "CannedAnswer",
    "Category",
    "Change",
    "ChangeOfTicket",
    "Channel",
    "Clock",
    "CloseReason",
    "CommonCause",
    "Concern",
    "Defect",
    "Draft",
    "Event",
    "EventText",
    "Handover",
    "LadderRung",
    "Link",
    "Message",
    "Outbox",
    "Participant",
    "Presence",
    "Scan",
    "ShiftHandover",
    "Snooze",
    "State",
    "Step",
    "Tally",
    "Ticket",
    "Timer",
    "Watcher",
]
