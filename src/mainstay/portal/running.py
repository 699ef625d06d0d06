"""What a customer runs and what is due: systems, lifecycle, publications that concern them, advice (P7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from mainstay.catalogue.publish import current_desk_policy
from mainstay.customers import lifecycle
from mainstay.customers.models import Contact, Environment
from mainstay.errors import Refused
from mainstay.maintenance import concerned, links, publish, telling
from mainstay.maintenance.models import Notice, Publication, Reading, Task
from mainstay.portal import frame
from mainstay.prepared import Arg, Prepared
from mainstay.tickets.scope import seeing
from mainstay.ui.doors import contact_page

MOST, FEW = 100, 10


@require_safe
@contact_page
def running(request: HttpRequest) -> HttpResponse:
    """The systems of their customers, how long their releases are looked after, what was told and what is advised."""
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    now, customers = timezone.now(), sorted({one.customer_id for one in contacts})
    zone = frame.zone_of(contacts)
    context = {
        "systems": _systems(customers, now.astimezone(zone).date()),
        "several": len(customers) > 1,
        "told": _told(contacts),
        "open": _OPEN.all(customers=customers),
        "ended": _ENDED.all(customers=customers),
        "today": now.astimezone(zone).date(),
        "now": now,
        "zone": zone,
    }
    return frame.page(request, "portal/running.html", context, here="running")


def _tasks() -> QuerySet[Task]:
    found = Task.objects.filter(customer__pk__any=Arg("customers"), told=True)
    return found.select_related("environment", "release", "owner", "team")


_OPEN = Prepared(lambda: _tasks().filter(state=Task.State.OPEN).order_by("due_on", "pk")[:MOST])
_ENDED = Prepared(lambda: _tasks().exclude(state=Task.State.OPEN).order_by("-ended_at")[:FEW])


def _systems(customers: Sequence[int], today: Any) -> list[dict[str, Any]]:
    policy = current_desk_policy().document
    return [
        {
            "one": one,
            "stands": lifecycle.words(one.release, today, policy) if one.release else "",
            "ended": one.release is not None and not lifecycle.phase_of(one.release, today, policy).supported,
        }
        for one in _SYSTEMS.all(customers=customers)
    ]


_SYSTEMS = Prepared(
    lambda: (
        Environment.objects.filter(customer__pk__any=Arg("customers"))
        .select_related("customer", "product", "release__product")
        .order_by("customer__name", "name")[:MOST]
    )
)


def _told(contacts: list[Contact]) -> list[dict[str, Any]]:
    """Publications that concern them, in their language, with when they read them."""
    read = dict(_READ.all(contacts=[one.pk for one in contacts]))
    return [
        {"one": one, "words": _words(one, contacts[0]), "read_at": read.get(one.pk)}
        for one in publish.told_to(contacts)[:MOST]
    ]


_READ = Prepared[tuple[int, datetime]](
    lambda: Reading.objects.filter(contact__pk__any=Arg("contacts")).values_list("publication_id", "at")
)


def _words(publication: Publication, contact: Contact) -> Any:
    texts = publication.texts.all()
    return publish.words_for(texts, publish.language_of(contact), publication.language)


# ---- one publication


@require_safe
@contact_page
def publication(request: HttpRequest, number: int) -> HttpResponse:
    """One publication; that it was read is said by the page itself, or by its button."""
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    found = publish.told_to(contacts).filter(pk=number).first()
    if found is None:
        raise Http404
    context = _page_of(found, _as(contacts, found))
    return frame.page(request, "portal/publication.html", context, here="running")


@require_POST
@contact_page
def reading(request: HttpRequest, number: int) -> HttpResponse:
    """They have read it."""
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    found = publish.told_to(contacts).filter(pk=number).first()
    if found is None:
        raise Http404
    publish.read(found, _as(contacts, found), how=Reading.How.PORTAL, at=timezone.now())
    return redirect("publication", number=found.pk)


def _as(contacts: list[Contact], found: Publication) -> Contact:
    """As whom somebody of several customers reads it: the one who was told, else the first."""
    told = set(Notice.objects.filter(publication=found).values_list("contact_id", flat=True))
    theirs = set(Notice.objects.filter(publication=found).values_list("customer_id", flat=True))
    mine = [one for one in contacts if one.customer_id in theirs]
    return next((one for one in mine if one.pk in told), mine[0])


def _page_of(found: Publication, contact: Contact) -> dict[str, Any]:
    systems = Notice.objects.filter(publication=found, customer=contact.customer_id).select_related(
        "environment"
    )
    read = Reading.objects.filter(publication=found, contact=contact).first()
    return {
        "one": found,
        "words": _words(found, contact),
        "facts": telling.facts(found),
        "systems": list(
            dict.fromkeys(
                (one.environment.name, concerned.said(one.because)) for one in systems.order_by("pk")[:MOST]
            )
        ),
        "read": read,
        "now": timezone.now(),
        "zone": contact.customer.time_zone,
    }


# ---- the link of the mail


def follow(request: HttpRequest, token: str) -> HttpResponse:
    """The publication with one button: "I have read this". The signature says whose reading it is."""
    try:
        link = links.read(token)
    except Refused as refused:
        return render(request, "portal/link_dead.html", {"message": refused.message}, status=410)
    with seeing(None):
        told = Notice.objects.filter(publication=link.publication_id, contact=link.contact_id)
        notice = told.select_related(
            "publication__product", "publication__release", "contact__customer"
        ).first()
        contact = notice.contact if notice else None
        if notice is None or contact is None or (contact.user is not None and not contact.user.is_active):
            return render(
                request, "portal/link_dead.html", {"message": _("leads nowhere any more")}, status=410
            )
        if request.method == "POST":
            publish.read(notice.publication, contact, how=Reading.How.LINK, at=timezone.now())
            messages.success(request, _("Thank you. That you have read it is recorded."))
        return render(request, "portal/publication_link.html", _page_of(notice.publication, contact))


@csrf_exempt  # mail programs press it, without a page of ours (RFC 8058); the signature says for whom
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """No more mails about publications, or again: a page with one button. GET changes nothing."""
    try:
        link = links.read(token)
    except Refused as refused:
        return render(request, "portal/link_dead.html", {"message": refused.message}, status=410)
    with seeing(None):
        contact = Contact.objects.filter(pk=link.contact_id).first()
        if contact is None:
            return render(
                request, "portal/link_dead.html", {"message": _("leads nowhere any more")}, status=410
            )
        if request.method == "POST":
            wanted = "again" in request.POST
            Contact.objects.filter(pk=contact.pk).update(unsubscribed_at=None if wanted else timezone.now())
            contact.refresh_from_db()
        return render(request, "portal/unsubscribe.html", {"contact": contact})
