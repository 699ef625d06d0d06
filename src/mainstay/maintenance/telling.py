"""Telling: publications to everybody whom they concern, and what becomes of tasks to the customer (P7).

A step does a part in one transaction and may be run by any number of workers; a worker that dies leaves nothing
half done, and the next one goes on where it was. Nobody is told twice: a notice is one row for each publication,
system and person, and its letter is written in the transaction that says so. A letter that cannot be made fails alone:
it is tried again twice, then parked until a person has looked, and those behind it go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mainstay.customers.models import Contact
from mainstay.maintenance import concerned, links, publish
from mainstay.maintenance.models import (
    Notice,
    Publication,
    PublicationText,
    Task,
    TaskChange,
    TaskOutbox,
    Unwritten,
)  # fmt: skip
from mainstay.notices import edited, house
from mainstay.notices.letter import Button, Letter
from mainstay.notices.models import Delivery

State = Publication.State
log = logging.getLogger(__name__)
TRIES = 3
AGAIN = timedelta(minutes=5)


def step(at: datetime, most: int = 100) -> int:
    """Some of what waits: notices for systems, letters for people, changes of tasks; 0 when nothing is left."""
    return spread(at, most) or write_letters(at, most) or tell_changes(at, most)


# ---- from a publication to notices


def spread(at: datetime, most: int = 100) -> int:
    """Notices for the next systems of a publication that is being sent; the last step says that it is sent."""
    with transaction.atomic():
        held = Publication.objects.select_for_update(skip_locked=True, of=("self",))
        publication = (
            held.filter(state=State.SENDING).select_related("product", "release").order_by("pk").first()
        )
        if publication is None:
            return 0
        batch = list(concerned.environments(publication).filter(pk__gt=publication.spread_to)[:most])
        if not batch:
            publication.state = State.SENT
            publication.save(update_fields=["state"])
            return 1
        people = concerned.people(one.customer_id for one in batch)
        Notice.objects.bulk_create(
            (
                Notice(
                    publication=publication, environment=one, customer_id=one.customer_id, contact=contact,
                    name=contact.name, because=concerned.why(publication, one)[:300],
                )
                for one in batch for contact in people.get(one.customer_id, ())
            ),
            ignore_conflicts=True,
        )  # fmt: skip
        publication.spread_to = batch[-1].pk
        publication.save(update_fields=["spread_to"])
        return len(batch)


# ---- from notices to letters


def write_letters(at: datetime, most: int = 100) -> int:
    """One letter for each person of a publication whose notices all stand, naming all of their systems."""
    here = Unwritten.objects.filter(publication=OuterRef("publication_id"), contact=OuterRef("contact_id"))
    held = here.filter(Q(again_at=None) | Q(again_at__gt=at))
    waiting = Notice.objects.filter(~Exists(held), told_at=None, publication__state=State.SENT)
    waiting = waiting.order_by("publication_id", "contact_id")
    pairs = list(dict.fromkeys(waiting.values_list("publication_id", "contact_id")[: most * 5]))
    return sum(_write_or_set_back(publication, contact, at) for publication, contact in pairs[:most])


def _write_or_set_back(publication: int, contact: int | None, at: datetime) -> int:
    if contact is None:
        return _write(publication, None, at)  # they have gone: no letter
    done, error = _alone(lambda: _write(publication, contact, at))
    if error:
        log.error(
            "publication %s: the letter to contact %s could not be made: %s", publication, contact, error
        )
        with transaction.atomic():
            held, _new = Unwritten.objects.get_or_create(publication_id=publication, contact_id=contact)
            held.tries, held.error = held.tries + 1, error
            held.again_at = at + AGAIN if held.tries < TRIES else None
            held.save()
    return done


def _alone(work: Callable[[], int]) -> tuple[int, str]:
    """What a piece of work did, or why it failed; where the database is gone, everything stops."""
    try:
        return work(), ""
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.debug("a letter could not be made", exc_info=True)
        return 1, f"{type(error).__name__}: {error}"[:2000]


def unwritten(publication: Publication) -> list[Unwritten]:
    """The letters that could not be made, with why."""
    found = publication.unwritten.select_related("contact__customer").order_by("contact__name", "pk")
    return list(found)


def write_again(publication: Publication, at: datetime) -> int:
    """Try those letters once more, from the beginning. How many there are."""
    return publication.unwritten.update(tries=0, again_at=at)


def _write(publication: int, contact: int | None, at: datetime) -> int:
    """The letter of one person; whoever is second waits for the first and finds it written."""
    with transaction.atomic():
        mine = Notice.objects.select_for_update(of=("self",)).filter(
            publication=publication, contact=contact, told_at=None
        )
        rows = list(mine.select_related("environment__release").order_by("pk"))
        if not rows:
            return 0
        made = letter_for(rows[0].publication, _reader(contact), rows, at) if contact is not None else None
        if made is not None:
            made.save()
        Notice.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=at, delivery=made)
        Unwritten.objects.filter(publication=publication, contact=contact).delete()
    return 1


def _reader(contact: int) -> Contact:
    return Contact.objects.select_related("customer", "user").get(pk=contact)


def letter_for(publication: Publication, to: Contact, rows: list[Notice], at: datetime) -> Delivery:
    """The mail (unsaved) of a publication to one person, in their language or the fallback."""
    said = publish.words_for(publication.texts.all(), publish.language_of(to), publication.language)
    with house.writing(said.language):
        letter = compose(publication, said, [(row.environment.name, row.because) for row in rows])
        letter.buttons = [
            Button(_("I have read this"), links.make(publication.pk, to.pk, at=at), yours=True),
            Button(_("See it in the portal"), _portal("publication", publication.pk)),
        ]
        listed = may_be_stopped(publication)
        stop = links.stop(publication.pk, to.pk, at=at) if listed else ""
        if stop:
            letter.foot = [*letter.foot, _("You do not want such mails? %(url)s") % {"url": stop}]
        made = _mail(letter, to, template=publication.kind, at=at)
    made.unsubscribe = stop
    if listed and to.unsubscribed_at is not None and made.state == Delivery.State.PENDING:
        made.state, made.error = Delivery.State.SUPPRESSED, "this person wants no mail about publications"
    return made


def may_be_stopped(publication: Publication) -> bool:
    """Whether somebody may say that they want no such mails (RFC 8058): everything that goes to many and answers
    nobody, but for advisories that are critical or high, which tell of danger to their own system."""
    severe = publication.severity in {Publication.Severity.CRITICAL, Publication.Severity.HIGH}
    return not (publication.kind == Publication.Kind.ADVISORY and severe)


def compose(publication: Publication, said: PublicationText, systems: list[tuple[str, str]]) -> Letter:
    """What somebody reads: the words as they were written, and the facts beside them."""
    kind = str(publication.get_kind_display()).capitalize()
    letter = house.letter(
        "publication", {"title": said.title, "kind": kind, "product": publication.product.name}
    )
    letter.said = said.text
    letter.facts = facts(publication)
    letter.facts += [
        (_("Your system"), f"{name}: {concerned.said(because)}") for name, because in systems[:20]
    ]
    if len(systems) > 20:
        letter.facts.append((_("And"), _("%(count)s more of your systems") % {"count": len(systems) - 20}))
    letter.pressing = publication.severity in {Publication.Severity.CRITICAL, Publication.Severity.HIGH}
    return letter


def facts(publication: Publication) -> list[tuple[str, str]]:
    """What is known of a publication, in the order in which it is asked."""
    said = [
        (_("Number"), publication.reference),
        (_("Severity"), str(publication.get_severity_display()) if publication.severity else ""),
        (_("Release"), publication.release.version if publication.release else ""),
        (_("Affected"), "; ".join(publication.affected)),
        (_("Fixed in"), ", ".join(publication.fixed_in)),
        (_("Maintained until"), _end(publication)),
    ]
    return [(name, value) for name, value in said if value]


def _end(publication: Publication) -> str:
    if publication.kind != Publication.Kind.END_OF_LIFE or publication.release is None:
        return ""
    end = publication.release.maintained_until
    return date_format(end, "DATE_FORMAT") if end else ""


# ---- tasks


def tell_changes(at: datetime, most: int = 100) -> int:
    """What became of tasks, told to the customers who were told of them, in its order."""
    ready = Q(again_at=None, tries=0) | Q(again_at__lte=at)
    waiting = TaskOutbox.objects.filter(ready).order_by("change").values_list("pk", flat=True)
    return sum(_tell_or_set_back(number, at) for number in list(waiting[:most]))


def _tell_or_set_back(number: int, at: datetime) -> int:
    done, error = _alone(lambda: _tell_change(number, at))
    if error:
        log.error("change %s of a task could not be told: %s", number, error)
        with transaction.atomic():
            row = TaskOutbox.objects.select_for_update().filter(pk=number).first()
            if row is not None:
                row.tries, row.error = row.tries + 1, error
                row.again_at = at + AGAIN if row.tries < TRIES else None
                row.save()
    return done


def untold(task: Task) -> list[TaskOutbox]:
    """Changes of a task whose letters could not be made, with why."""
    return list(
        TaskOutbox.objects.filter(change__task=task, tries__gt=0).select_related("change").order_by("change")
    )


def tell_again(task: Task) -> int:
    """Try those letters once more, from the beginning."""
    return TaskOutbox.objects.filter(change__task=task, tries__gt=0).update(tries=0, again_at=None)


def _tell_change(number: int, at: datetime) -> int:
    with transaction.atomic():
        row = TaskOutbox.objects.select_for_update(skip_locked=True).filter(pk=number).first()
        if row is None:
            return 0
        change = TaskChange.objects.select_related(
            "task__customer", "task__environment", "task__release", "task__owner", "task__team"
        ).get(pk=number)
        customer = change.task.customer_id
        for contact in concerned.people([customer]).get(customer, []) if customer else []:
            with house.writing(house.language_of(contact)):
                _mail(task_letter(change), contact, template=f"task {change.kind}", at=at).save()
        row.delete()
    return 1


HEADLINES = {
    "opened": "task_new",
    "told": "task_new",
    "changed": "task_changed",
    "done": "task_done",
    "dropped": "task_dropped",
    "opened again": "task_again",
}


def task_letter(change: TaskChange) -> Letter:
    """What is to be done or was done, by when and in whose hands, in the language that is being written in."""
    task: Task = change.task
    kind = str(task.get_kind_display()).capitalize()
    heading = edited.say(HEADLINES.get(change.kind, "task_new"), kind=kind, title=task.title)
    letter = house.letter("task", {"heading": heading})
    if change.kind in {"done", "dropped", "opened again"}:
        letter.said = change.words
    else:
        letter.said = task.text
        letter.promise = [edited.say("due_by", day=date_format(task.due_on, "DATE_FORMAT"))]
    letter.facts = [
        (name, value)
        for name, value in (
            (_("System"), task.environment.name if task.environment else ""),
            (_("Upgrade to"), str(task.release) if task.release else ""),
            (_("In the hands of"), task.hands),
            (_("Why"), change.words if change.kind == "changed" else ""),
        )
        if value
    ]
    letter.buttons = [Button(_("What we run, and what is due"), _portal("running"))]
    return letter


# ---- what both share


_mail = house.mail


def _portal(name: str, *args: int) -> str:
    return settings.BASE_URL + reverse(name, args=args)
