"""Two organisations with a ticket each and everything that hangs on it; clients signed in as the cast."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

import cast as people
from cast import PASSWORD, Cast, acting
from chromium import browser  # noqa: F401 - a fixture
from mainstay.accounts import sign_in
from mainstay.accounts.models import StandIn, User
from mainstay.advisor.models import Lead
from mainstay.allowances.models import NamedContact, Work
from mainstay.catalogue import publish as catalogue
from mainstay.config import demo
from mainstay.contracts import negotiation
from mainstay.contracts.models import Contract, Terms
from mainstay.contracts.papers import add_paper
from mainstay.customers.models import Contact, Release
from mainstay.desk.models import Bulk, SavedView
from mainstay.intake import uploads
from mainstay.intake.models import Mail, Mailbox
from mainstay.knowledge import articles, pictures
from mainstay.knowledge.articles import Words
from mainstay.maintenance import links as notice_links
from mainstay.maintenance import publish, tasks
from mainstay.maintenance.models import Notice, Publication, Review
from mainstay.notices import links
from mainstay.notices.announce import announce_pending
from mainstay.notices.models import Delivery
from mainstay.reports.models import Cause, Credit, Figure, MaintenanceWindow, Outage
from mainstay.staffing.models import Absence, Engineer
from mainstay.tickets import appointments
from mainstay.tickets.acknowledgement import Request, open_ticket
from mainstay.tickets.files import Upload
from mainstay.tickets.messages import Said
from mainstay.tickets.models import (
    Appointment,
    Attachment,
    CannedAnswer,
    Change,
    Concern,
    Handover,
    Participant,
    ShiftHandover,
    Ticket,
)
from mainstay.tickets.work import log_work
from serving import committed, served


@dataclass(frozen=True)
class Things:
    """One organisation's ticket, and one of everything that an address may name."""

    contact: Contact
    ticket: Ticket
    attachment: Attachment
    participant: Participant
    mail: Mail
    delivery: Delivery
    token: str
    link: str
    person: User
    absence: Absence
    work: Work
    mailbox: Mailbox
    named: NamedContact
    agreed: dict[str, int]  # ids of a draft and of a paper of the contract
    figures: dict[str, int]  # ids of an outage, a window, a cause and a credit
    published: dict[
        str, Any
    ]  # ids of a publication told to the contact, a draft and a task; the link of the mail
    review: int  # a service review that was held
    todo: int  # a task of the ticket, done
    appointment: int  # one that is agreed
    article: dict[str, int]  # ids of a public article, a draft of it and a picture that it shows
    kept: dict[
        str, Any
    ]  # ids of what waits for a word: a concern, a handover and its shift, a view, a file, a change

    @property
    def colleague(self) -> Contact:
        """Somebody else of the organisation, where there is anybody."""
        others = Contact.objects.filter(customer=self.contact.customer).exclude(pk=self.contact.pk)
        return others.order_by("pk").first() or self.contact

    def address(self, pattern: str) -> str:
        """The address that a pattern of the URL map stands for, of these things."""
        first = pattern.split("/")[0] if not pattern.startswith("desk/") else pattern.split("/")[1]
        number = {
            "organisation": self.colleague.pk, "concerns": self.kept["concern"], "views": self.kept["view"],
            "handover": self.kept["shift" if "shifts" in pattern else "handover"], "changes": self.kept["change"],
            "bulk": Bulk.objects.latest("pk").pk, "portfolio": self.kept["away"],
            "requests": self.ticket.pk, "tickets": self.ticket.pk, "files": self.attachment.pk,
            "attachments": self.attachment.pk, "held": self.mail.pk, "outbox": self.delivery.pk,
            "people": self.person.pk, "mailboxes": self.mailbox.pk, "letters": self.attachment.message_id,
            "publications": self.published["told"], "maintenance": self.published["draft"],
            "tasks": self.published["task"], "articles": self.article["article"],
            "answers": CannedAnswer.objects.get_or_create(title="Hello", text="Dear {{contact}}")[0].pk,
        }.get(first, 0)  # fmt: skip
        customer = self.contact.customer
        values = {
            "<int:contract>": Contract.objects.filter(customer=customer).earliest("pk").pk,
            "<int:draft>": self.agreed["draft"], "<int:paper>": self.agreed["paper"], "<int:contact>": self.contact.pk,
            "<int:environment>": customer.environments.earliest("pk").pk, "<slug:product>": "atlas",
            "<int:release>": Release.objects.get(version="6.4").pk,
            "<int:subscription>": customer.subscriptions.earliest("pk").pk, "<int:entry>": self.work.pk,
            "<int:named>": self.named.pk, "<int:review>": self.review, "<int:task>": self.todo,
            "<int:appointment>": self.appointment,
            "<slug:language>": "en", "<slug:letter>": "answer", "<slug:team>": "support",
            "<int:absence>": self.absence.pk, "<slug:rule>": "entra",
            "<slug:owner>": "desk", "<slug:calendar>": "nights",
            "<int:number>": number, "<int:participant>": self.participant.pk, "<int:n>": 1,
            "<slug:name>": "triage" if "/forms/" in pattern else "steps",
            "<int:seq>": 1,
            "<uuid:upload>": self.kept["upload"], "<slug:form>": "request",
            "<slug:clock>": "first_response", "<slug:digest>": Terms.objects.latest("pk").pk,
            "<slug:decision>": "ticket", "<slug:kind>": "level", "<slug:code>": "critical",
            "<str:code>": self.contact.customer.code,
            "<int:outage>": self.figures["outage"], "<int:window>": self.figures["window"],
            "<int:cause>": self.figures["cause"], "<int:credit>": self.figures["credit"],
            "<slug:measure>": "uptime", "<str:period>": f"{timezone.now():%Y-%m}", "<slug:step>": "grant",
            "<str:token>": {
                "r": self.link, "n": self.published["link"], "u": self.published["link"], "advisor": "1-0000000000000",
            }.get(first, self.token),
            "<int:lead>": getattr(Lead.objects.first(), "pk", 0) if "<int:lead>" in pattern else 0,
            "<int:version>": self.article["draft"] if first == "articles" else 1,
            "<int:picture>": self.article["picture"],
        }  # fmt: skip
        for name, value in values.items():
            pattern = pattern.replace(name, str(value))
        return f"/{pattern}"


@pytest.fixture
def cast(db: Any) -> Cast:
    """The cast as of today: the pages go by today's clock."""
    return people.make(timezone.now().replace(microsecond=0))


def published(cast: Cast, contact: Contact, at: datetime) -> dict[str, Any]:
    """A publication that was told to this contact alone, a draft, and a task of theirs."""
    by, about = acting(cast.mara), publish.Said("advisory", cast.atlas, severity="high", affected="all")
    told, draft = (publish.write(about, by=by, at=at) for _ in range(2))
    for one in (told, draft):
        publish.set_text(one, language="en", title="Take 7.2", text="Soon.")
    Publication.objects.filter(pk=told.pk).update(state="sent", sent_at=at)
    system = contact.customer.environments.earliest("pk")
    Notice.objects.create(
        publication=told, environment=system, customer=contact.customer, contact=contact, name=contact.name,
        because="runs it", told_at=at,
    )  # fmt: skip
    work = tasks.Work("Renew the certificate", cast.mara, at.date(), "With you.", told=True)
    task = tasks.open_task(work, environment=system, by=by, at=at)
    link = notice_links.make(told.pk, contact.pk, at=at).rpartition("/")[2]
    return {"told": told.pk, "draft": draft.pk, "task": task.pk, "link": link}


def todo(cast: Cast, ticket: Ticket, at: datetime) -> int:
    """Something that was to be done for the ticket, and was."""
    work, by = tasks.Work("Ask the maker of the reader", cast.mara, at.date()), acting(cast.mara)
    task = tasks.open_task(work, ticket=ticket, by=by, at=at)
    tasks.end_task(task, outcome="", by=by, at=at)
    return task.pk


def appointment(cast: Cast, ticket: Ticket, contact: Contact) -> int:
    """A call of Mara's with the contact, the day after tomorrow, at a time of their own."""
    at = timezone.now()
    start = at + timedelta(days=2, minutes=contact.pk)
    plan = appointments.Plan("call", start, 30, "Talk it over", "+61 2", (cast.mara,), (contact,))
    appointments.agree(ticket, plan, anyway=True, by=acting(cast.mara), at=at)
    return Appointment.objects.get(ticket=ticket).pk


def article(cast: Cast, at: datetime) -> dict[str, int]:
    """A public article with a picture, and a draft that follows it."""
    by, words = acting(cast.mara), Words("Clear the cache", "Do it.")
    first = articles.begin(words, language="en", audience="public", by=by, at=at)
    upload = Upload("door.png", "image/png", b"\x89PNG\r\n\x1a\n door")
    picture = pictures.attach(first.article, upload, by=by, at=at)
    words = Words("Clear the cache", f"Do it: ![door](picture:{picture.pk})")
    articles.write(first.article, words, language="en", by=by, at=at)
    articles.publish(first, by=acting(cast.sanjay), at=at)
    draft = articles.write(first.article, words, language="en", by=by, at=at)
    return {"article": first.article_id, "draft": draft.pk, "picture": picture.pk}


def agreed(cast: Cast, contact: Contact, at: datetime) -> dict[str, int]:
    """A renewal that is being negotiated, and the signed copy of the contract."""
    held = Contract.objects.select_related("customer", "package__level", "desk_policy").get(
        customer=contact.customer
    )
    draft = negotiation.start_from(held, "renewal", owner=cast.lena, by=acting(cast.lena), at=at)
    paper = add_paper(
        held,
        kind="signed",
        upload=Upload("signed.pdf", "application/pdf", b"%PDF signed"),
        user=cast.lena,
        at=at,
    )
    return {"draft": draft.pk, "paper": paper.pk}


def night_shift(cast: Cast, at: datetime) -> None:
    """A calendar of the desk beside its business hours."""
    document: Any = dict(catalogue.current_desk_policy().document)
    if "calendars" not in document:
        nights = {"time_zone": "customer", "week": {"mon": [["00:00", "06:00"]]}}
        catalogue.publish_desk_policy(
            document={**document, "calendars": {"nights": nights}},
            by=acting(cast.ruth),
            at=at,
            reason="Nights",
        )


@pytest.fixture
def things(cast: Cast) -> Callable[[Contact], Things]:
    """Makes what belongs to one contact's organisation."""

    def made(contact: Contact) -> Things:
        at = timezone.now() - timedelta(minutes=20)
        night_shift(cast, at)
        said = Said(
            "It fails.",
            "email",
            html="<p>It fails.</p>",
            attachments=(Upload("a.log", "text/plain", b"secret"),),
        )
        request = Request(
            f"Badges of {contact.customer.name}", said, customer=contact.customer, contact=contact,
            address=contact.email, name=contact.name, emergency=("says: urgent",),
        )  # fmt: skip
        ticket = open_ticket(request, by=acting(contact), at=at)
        while announce_pending(at):
            pass
        mail = Mail.objects.create(
            key=f"{contact.pk}".zfill(64), received_at=at, source="smtp", state=Mail.State.HELD, size=30,
            raw=b"From: a@b.example\nSubject: x\n\ny", from_address="a@b.example", ticket=ticket,
        )  # fmt: skip
        Lead.objects.create(
            at=at, advice="1-0000000000000", level_code="included", package_code="included", name="Pat",
            email="pat@prospect.example",
        )  # fmt: skip
        return Things(
            contact=contact,
            agreed=agreed(cast, contact, at),
            ticket=ticket,
            attachment=Attachment.objects.get(message__ticket=ticket),
            participant=Participant.objects.create(
                ticket=ticket, address="pat@elsewhere.example", since=at, accepted=False
            ),
            mail=mail,
            delivery=Delivery.objects.filter(ticket=ticket, channel="email").latest("pk"),
            token=sign_in.make_link(contact.user, timezone.now()),  # type: ignore[arg-type]
            link=links.make("close", ticket, contact_id=contact.pk).rpartition("/")[2],
            work=log_work(
                ticket,
                minutes=30,
                day=at.date(),
                text="Looked",
                billable=True,
                user=cast.mara,
                by=acting(cast.mara),
                at=timezone.now(),
            ),
            named=NamedContact.objects.create(
                customer=contact.customer,
                contact=contact,
                since=at,
                by_name="Lena Horvat",
                number=Contract.objects.filter(customer=contact.customer).earliest("pk").number,
            ),
            mailbox=Mailbox.objects.get_or_create(address="atlas@vendor.example", defaults={"name": "Atlas"})[
                0
            ],
            person=cast.sanjay,
            published=published(cast, contact, at),
            review=Review.objects.create(
                customer=contact.customer,
                planned_on=at.date(),
                planned_by="Owen Blake",
                held_on=at.date(),
                agreed="So.",
            ).pk,
            todo=todo(cast, ticket, at),
            appointment=appointment(cast, ticket, contact),
            article=article(cast, at),
            absence=Absence.objects.create(
                engineer=Engineer.objects.get(user=cast.sanjay), starts_at=at, ends_at=at + timedelta(days=1)
            ),
            figures=_figures(ticket, cast, at),
            kept=_kept(ticket, cast, contact, at),
        )

    return made


def _kept(ticket: Ticket, cast: Cast, contact: Contact, at: datetime) -> dict[str, Any]:
    """One of each thing that waits for somebody's word, or can be taken back; Ruth's where it is somebody's."""
    later = at + timedelta(days=2)
    concern = Concern.objects.create(
        ticket=ticket, kind="escalation", text="Wards stand still.", by=contact, by_name=contact.name, at=at,
        due_at=later,
    )  # fmt: skip
    shift = ShiftHandover.objects.create(given_by=cast.mara, to=cast.ruth, given_at=at, until=later)
    given = Handover.objects.create(
        ticket=ticket,
        shift=shift,
        given_by=cast.mara,
        to=cast.ruth,
        given_at=at,
        given_seq=1,
        accept_by=later,
    )
    Bulk.objects.create(once=uuid.uuid4(), by=cast.ruth, at=timezone.now(), act="take")
    view = SavedView.objects.create(owner=cast.ruth, name="Grave ones", query="sev:1", everybody=True)
    file = uploads.whole(
        contact.user,
        form="reply-999999999",
        name="trace.log",
        content=[b"one line"],
        size=8,
        at=at,  # type: ignore[arg-type]
    )
    away = StandIn.objects.create(
        person=cast.owen,
        stand_in=cast.hana,
        starts_at=at + timedelta(days=30),
        ends_at=at + timedelta(days=40),
    )
    change = Change.objects.create(
        why="Better terms.", effective=at.date(), starts_at=at, state="done", by_kind="staff", by_id=cast.ruth.pk,
        decided_at=at, ended_at=at,
    )  # fmt: skip
    return {
        "concern": concern.pk, "shift": shift.pk, "handover": given.pk, "view": view.pk, "upload": file.pk,
        "change": change.pk, "away": away.pk,
    }  # fmt: skip


def _figures(ticket: Ticket, cast: Cast, at: datetime) -> dict[str, int]:
    """One of each thing that figures are made of, and a figure with its credit."""
    customer = ticket.customer
    assert customer is not None
    of = {
        "customer": customer,
        "environment": cast.production(customer),
        "recorded_at": at,
        "recorded_by": cast.mara,
    }
    last = at - timedelta(days=5)
    outage = Outage.objects.create(starts_at=last, **of)
    window = MaintenanceWindow.objects.create(
        starts_at=last, ends_at=at, announced_at=last - timedelta(days=3), notice_hours=48, **of
    )
    cause = Cause.objects.create(
        ticket=ticket, clock="first_response", n=1, text="Slow.", excuse="Snow.", at=at, by=cast.mara
    )
    figure = Figure.objects.create(
        customer=customer, contract=Contract.objects.filter(customer=customer).earliest("pk"), code="uptime",
        per="month", period="2020-01", first=date(2020, 1, 1), end=date(2020, 2, 1), state="missed",
        text='{"credit":{"together":[],"working":[]}}', hash="0" * 64, known_at=at,
    )  # fmt: skip
    credit = Credit.objects.create(figure=figure, customer=customer, percent=10, state="open")
    return {"outage": outage.pk, "window": window.pk, "cause": cause.pk, "credit": credit.pk}


@pytest.fixture
def as_(cast: Cast) -> Callable[..., Client]:
    """A client signed in as somebody of the cast, by first name; "nobody" is signed out."""

    def signed_in(name: str, **how: Any) -> Client:
        client = Client(raise_request_exception=False, **how)
        if name != "nobody":
            who = getattr(cast, name)
            client.force_login(who.user if isinstance(who, Contact) else who)
        return client

    return signed_in


@pytest.fixture(scope="module")
def morning(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any, worker_database: Any
) -> Iterator[str]:
    """The demo vendor as it is when somebody tries Mainstay, served once for all tests of a file; the address.

    Everybody's password is `cast.PASSWORD`. A test changes only what it made, or what no other looks at.
    """
    request.getfixturevalue("browser")  # before any connection, as it says
    with (
        committed(django_db_blocker, worker_database),
        served() as address,
        override_settings(BASE_URL=address, CSRF_TRUSTED_ORIGINS=[address]),
    ):
        demo.create(timezone.now().replace(microsecond=0), PASSWORD)
        yield address
