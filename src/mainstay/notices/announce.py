"""From events to deliveries: each event in the outbox becomes one delivery for each who hears of it, once.

One ticket's events are announced in their order, by one announcer at a time; any number of announcers share
the tickets. An event that fails is tried again after a minute, parked after three tries, and holds up nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import translation

from mainstay import rows
from mainstay.catalogue.remembered import remembering
from mainstay.notices import attached, inside, letters, limits, offering, recipients, threads, words
from mainstay.notices.letter import Letter
from mainstay.notices.models import Delivery, Setback
from mainstay.notices.reading import Reading
from mainstay.notices.recipients import Listener, Row
from mainstay.notices.story import Story
from mainstay.prepared import Arg, Prepared
from mainstay.tickets.models import Event, Outbox, Ticket

log = logging.getLogger("mainstay.notices")
TOGETHER = 50  # tickets in one transaction
SHARED = 4  # announcers that find something to do at the same time
TRIES = 3
AGAIN = timedelta(minutes=1)
_LOCK = 2_041  # the advisory lock of announcing, with the ticket's number


def announce_pending(at: datetime, most: int = 100) -> int:
    """Announce what waits, the urgent first; returns how many events were dealt with (0: nothing to do).

    Whoever else announces holds some of the first tickets, so more are looked at than are taken.
    """
    return _announce_tickets(_tickets(at, most * SHARED), at, most)


def _tickets(at: datetime, most: int) -> list[int]:
    first = _waiting(at).order_by("-urgent", "event_id").values_list("event__ticket_id", flat=True)
    return list(dict.fromkeys(first[:most]))


def _waiting(at: datetime | Arg) -> QuerySet[Outbox]:
    held = Setback.objects.filter(event=OuterRef("event_id")).filter(Q(again_at=None) | Q(again_at__gt=at))
    ripe = Q(not_before=None) | Q(not_before__lte=at)  # until then it may be taken back
    return Outbox.objects.filter(ripe).exclude(Exists(held))


def _announce_tickets(numbers: list[int], at: datetime, most: int) -> int:
    """All that waits of some tickets, each ticket's in order; nothing of those that another announcer is at.

    Together in one transaction; when something of it fails, one ticket after another, and each event by itself.
    """
    try:
        with transaction.atomic(), remembering():
            return _together(_locked(numbers), at, most)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.warning("tickets are announced one at a time: %s", error)
    return sum(_announce_ticket(number, at, most) for number in numbers[:TOGETHER])


def _locked(numbers: list[int]) -> list[int]:
    """The first of them that are ours alone until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number FROM unnest(%s::bigint[]) number"
            " WHERE pg_try_advisory_xact_lock(%s, (number %% 2147483648)::int) LIMIT %s",
            [numbers, _LOCK, TOGETHER],
        )
        return [row[0] for row in cursor.fetchall()]


_WAITING = Prepared(
    lambda: (
        _waiting(Arg.instant("at"))
        .filter(event__ticket__id__any=Arg("tickets"))
        .select_related("event__text")
        .order_by("event_id")
    )
)
_TICKETS = Prepared(
    lambda: Ticket.objects.filter(pk__any=Arg("tickets")).select_related(
        "customer__tam", "requester__user", "requester__customer", "assignee", "contract", "environment"
    )
)


def _outbox(numbers: list[int], at: datetime, most: int) -> list[tuple[Outbox, Ticket]]:
    """What waits of these tickets, in order, at most so many for each."""
    waiting = _WAITING.all(tickets=numbers, at=at)
    tickets = {one.pk: one for one in _TICKETS.all(tickets=numbers)}
    room = dict.fromkeys(numbers, most)
    found = []
    for row in waiting:
        number = row.event.ticket_id
        if room[number] > 0:
            room[number] -= 1
            found.append((row, tickets[number]))
    return found


def _together(numbers: list[int], at: datetime, most: int) -> int:
    """Announce the events of several tickets; stored with one statement for each table."""
    found = _outbox(numbers, at, most) if numbers else []
    if not found:
        return 0
    reading = Reading(
        list({ticket.pk: ticket for _, ticket in found}.values()), [row.event for row, _ in found]
    )
    answers = limits.Answers(reading, at)
    made = [
        delivery for row, ticket in found for delivery in of_event(row.event, ticket, at, reading, answers)
    ]
    _store([row for row, _ in found], made, answers, reading, at)
    return len(found)


def _store(
    done: list[Outbox], made: list[Delivery], answers: limits.Answers, reading: Reading, at: datetime
) -> None:
    rows.insert(Delivery, made, conflict="DO NOTHING")
    answers.store()
    offering.record(reading.offered, at)
    numbers = [row.event_id for row in done]
    Setback.objects.filter(event__in=numbers).delete()
    Outbox.objects.filter(event__in=numbers).delete()


# ---- one at a time


def _announce_ticket(number: int, at: datetime, most: int) -> int:
    """All that waits of one ticket, in order, in one transaction; nothing if another announcer is at it."""
    with transaction.atomic(), remembering():
        found = _outbox(_locked([number]), at, most)
        for row, ticket in found:
            _announce(row, ticket, at)
    return len(found)


def _announce(row: Outbox, ticket: Ticket, at: datetime) -> None:
    try:
        with transaction.atomic():
            reading = Reading([ticket], [row.event])
            answers = limits.Answers(reading, at)
            made = of_event(row.event, ticket, at, reading, answers)
            _store([row], made, answers, reading, at)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("event %s of ticket %s could not be announced", row.event_id, ticket.pk)
        _set_back(row, at, f"{type(error).__name__}: {error}")


def _set_back(row: Outbox, at: datetime, error: str) -> None:
    setback, _ = Setback.objects.get_or_create(event_id=row.event_id)
    setback.tries += 1
    setback.again_at = at + AGAIN if setback.tries < TRIES else None
    setback.error = error[:2000]
    setback.save()


# ---- one event


def of_event(
    event: Event, ticket: Ticket, at: datetime, reading: Reading, answers: limits.Answers
) -> list[Delivery]:
    """The deliveries (unsaved) that an event makes. `answers` counts the unknown addresses that are answered."""
    row = recipients.row_of(event, ticket)
    if row is recipients.SILENT:
        return []
    story = Story(event, ticket, reading)
    urgent = event.outbox.urgent if hasattr(event, "outbox") else False
    made = [*_to_customer(row, story, at, answers), *_to_staff(story, at)]
    for delivery in made:
        delivery.urgent = urgent
        reading.made(delivery)
        answers.made(delivery)
    return made


def _to_customer(row: Row, story: Story, at: datetime, answers: limits.Answers) -> list[Delivery]:
    if not row.letter:
        return []
    people = recipients.listeners(story.event, story.ticket, story.reading)
    with translation.override(words.language(story.language)):
        made = [_customer_mail(row, story, to, at, answers) for to in people]
    return [delivery for delivery in made if delivery is not None]


def _customer_mail(
    row: Row, story: Story, to: Listener, at: datetime, answers: limits.Answers
) -> Delivery | None:
    letter = letters.write(row.letter, story, to)
    if letter is None:
        return None
    automatic = _automatic(row, story)
    delivery = Delivery(
        channel=Delivery.Channel.EMAIL,
        template=row.letter,
        recipient=to.address,
        contact=to.contact,
        automatic=automatic,
        reply_to=threads.reply_address(story.ticket, contact=to.contact),
        message_id=threads.message_id(story.event, to.address, contact=to.contact),
        references=threads.references(story, to),
    )
    delivery.files, links = attached.files_for(story, to)
    letter.facts += links
    why_not = (
        _withheld_as_asked(story)
        or letters.quiet(row.letter, story, to)
        or answers.withheld(to, story.ticket, automatic=automatic)
    )
    if why_not:
        delivery.state, delivery.error = Delivery.State.SUPPRESSED, why_not
    elif letter.offers:
        story.reading.offered[story.ticket.pk] = (story.ticket, story.reading.answers(story.ticket))
    return _complete(delivery, letter, story, at)


def _automatic(row: Row, story: Story) -> str:
    """A person of ours who said it makes it no automatic mail; an answer to nobody's mail is none either."""
    if row.automatic and story.event.by_kind == "staff":
        return "" if story.message else recipients.GENERATED
    return row.automatic


def _withheld_as_asked(story: Story) -> str:
    return story.why if story.event.kind == "acknowledgement_withheld" else ""


def _to_staff(story: Story, at: datetime) -> list[Delivery]:
    made = []
    for user, channels, role in recipients.staff_of(story.event, story.ticket, story.reading):
        with translation.override(words.language(user.language)):
            letter = inside.write(story, user, role)
            for channel in channels:
                made.append(_staff_delivery(story, user.pk, user.email, channel, letter, role, at))
    return made


def _staff_delivery(
    story: Story, user: int, address: str, channel: str, letter: Letter, role: str, at: datetime
) -> Delivery:
    template = inside.template(story.event)
    delivery = Delivery(channel=channel, template=template, recipient=address.lower(), user_id=user)
    if channel == recipients.DESK:
        delivery.recipient = f"user:{user}"
        delivery.state, delivery.sent_at = Delivery.State.SENT, at
    else:
        answerable = user if inside.may_answer(story, role) else None
        delivery.automatic = recipients.GENERATED
        delivery.message_id = threads.message_id(story.event, delivery.recipient, user_id=answerable)
        delivery.reply_to = threads.reply_address(story.ticket, user_id=answerable) if answerable else ""
        delivery.references = threads.of_staff(story, delivery.recipient)
    return _complete(delivery, letter, story, at)


def _complete(delivery: Delivery, letter: Letter, story: Story, at: datetime) -> Delivery:
    delivery.ticket, delivery.event = story.ticket, story.event
    delivery.subject = letter.subject[:998]
    delivery.text = letter.text
    delivery.html = letter.html if delivery.channel == Delivery.Channel.EMAIL else ""
    delivery.created_at = delivery.next_try_at = at
    return delivery
