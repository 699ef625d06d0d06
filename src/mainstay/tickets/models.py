"""A ticket and all it owns. Only the verbs write here; `access` is the only door for reading."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mainstay.accounts.models import Team
from mainstay.catalogue.models import ServiceLevel
from mainstay.contracts.models import Contract, Terms
from mainstay.customers.models import Contact, Customer, Environment


class State(models.TextChoices):
    """Where a ticket stands. Everything but `closed` is open."""

    OPEN = "open", _("open")
    WAITING_CUSTOMER = "waiting_on_customer", _("waiting for the customer")
    WAITING_THIRD = "waiting_on_third_party", _("waiting for a third party")
    OUT_OF_SCOPE = "out_of_scope", _("out of scope")
    PROPOSED = "solution_proposed", _("solution proposed")
    CLOSED = "closed", _("closed")


class Step(models.TextChoices):
    """The five steps; a ticket stands in one of them."""

    ACKNOWLEDGEMENT = "acknowledgement", _("Acknowledgement")
    TRIAGE = "triage", _("Triage")
    DISPATCH = "dispatch", _("Dispatch")
    RESOLUTION = "resolution", _("Resolution")
    CLOSURE = "closure", _("Closure")


class Category(models.TextChoices):
    """The ticket's type: decides team, clocks and life (T1)."""

    TECHNICAL = "technical", _("Technical problem")
    BILLING = "billing", _("Billing problem")
    FEATURE = "feature", _("Feature request")
    ENQUIRY = "enquiry", _("General enquiry")


class Channel(models.TextChoices):
    EMAIL = "email", _("email")
    PORTAL = "portal", _("portal")
    PHONE = "phone", _("phone")
    API = "api", _("API")
    ALERT = "alert", _("monitoring")
    DESK = "desk", _("desk")


class CloseReason(models.TextChoices):
    RESOLVED = "resolved", _("resolved")
    CLOSED_BY_CUSTOMER = "closed_by_customer", _("closed by the customer, unresolved")
    NO_ANSWER = "no_answer_to_solution", _("the proposed solution got no answer")
    NO_INFORMATION = "no_information", _("the information we asked for never came")
    OUT_OF_SCOPE = "out_of_scope", _("out of scope")
    NOT_ENTITLED = "not_entitled", _("not covered by any agreement")
    DUPLICATE = "duplicate", _("duplicate")
    SPAM = "spam", _("spam")


def _queued(name: str, *of: str, where: Q | None = None) -> models.Index:
    """Open tickets in the order of the queue (sla.order), of one `of` each: a page of them needs no sorting."""
    order = (
        F("queue_at").asc(), F("level_rank").desc(), F("severity").asc(), F("opened_at").asc(), F("id").asc(),
    )  # fmt: skip
    still_open = ~Q(state="closed")
    return models.Index(*map(F, of), *order, name=name, condition=still_open & where if where else still_open)


class Ticket(models.Model):
    """The id is the number people say. Derived columns say so; `mainstay clocks verify` rebuilds them."""

    subject = models.CharField(max_length=998)
    # Each index is written with every change of a ticket: columns that an index below begins with have none of
    # their own, nor do those by which no ticket is ever looked for.
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets", db_index=False
    )
    requester = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets", db_index=False
    )
    requester_address = models.CharField(max_length=320, blank=True)
    requester_name = models.CharField(max_length=200, blank=True)
    customer_reference = models.CharField(max_length=100, blank=True, help_text="the customer's own number")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    opened_at = models.DateTimeField()

    state = models.CharField(max_length=24, choices=State.choices, default=State.OPEN)
    state_since = models.DateTimeField()
    waiting_until = models.DateTimeField(null=True, blank=True)
    waiting_for = models.CharField(max_length=500, blank=True)
    step = models.CharField(max_length=16, choices=Step.choices, default=Step.ACKNOWLEDGEMENT)
    severity = models.PositiveSmallIntegerField(default=3)
    category = models.CharField(max_length=10, choices=Category.choices, blank=True)
    assessment = models.JSONField(default=dict, blank=True, help_text="answers of the assessment guide (V1)")
    facts = models.JSONField(
        default=dict,
        blank=True,
        help_text="R1: name -> value, source, start, end, by (None: read from the text)",
    )
    emergency = ArrayField(
        models.CharField(max_length=300),
        default=list,
        blank=True,
        help_text="why it looks like one; empty: no",
    )
    emergency_seen_at = models.DateTimeField(null=True, blank=True)

    contract = models.ForeignKey(Contract, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    level = models.ForeignKey(
        ServiceLevel, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    environment = models.ForeignKey(
        Environment, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    entitlement = models.CharField(max_length=12, default="none", help_text="contract, included or none")
    entitled_because = models.JSONField(default=list, blank=True)
    terms = models.ForeignKey(
        Terms, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    scope_decision = models.JSONField(default=dict, blank=True, help_text="rule, reason; empty: in scope")
    language = models.CharField(max_length=8, blank=True, help_text="of the case; empty: the customer's")
    our_address = models.CharField(
        max_length=320,
        blank=True,
        help_text="the mailbox it came to, which answers it; empty: the support address",
    )
    flags = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="facts that select rows of the policy: by_phone; sorted",
    )
    agreed = models.JSONField(
        default=dict, blank=True, help_text="clock -> target, calendar, why: agreed for this one ticket"
    )

    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )
    assigned_because = models.JSONField(default=list, blank=True)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    estimate = models.DateTimeField(null=True, blank=True, help_text="when we expect it solved")
    next_step = models.CharField(max_length=1000, blank=True, help_text="what the customer has to do next")
    root_cause = models.JSONField(default=dict, blank=True, help_text="category, text, fix, by, at")

    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=24, choices=CloseReason.choices, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    follows = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups", db_index=False
    )

    common_cause = models.ForeignKey(
        "CommonCause", null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )

    # derived from clocks and events
    queue_at = models.DateTimeField(help_text="derived: sorts the queue, see sla.order")
    due_at = models.DateTimeField(null=True, blank=True, help_text="derived: the promise that breaks first")
    due_clock = models.CharField(max_length=20, blank=True, help_text="derived")
    level_rank = models.PositiveSmallIntegerField(default=0, help_text="derived, negated sort")
    last_seq = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True)
    last_at = models.DateTimeField()

    class Meta:
        indexes = [
            _queued("ticket_queue"),
            _queued("ticket_mine", "assignee"),
            _queued("ticket_nobody", where=Q(assignee=None)),
            _queued("ticket_untriaged", where=Q(step__in=["acknowledgement", "triage"])),
            models.Index(fields=["customer", "-opened_at"], name="ticket_customer"),
            models.Index(fields=["requester", "-opened_at"], name="ticket_requester"),
            _queued("ticket_step", "step"),
            _queued("ticket_state", "state"),
            _queued("ticket_team", "team"),
            _queued("ticket_severity", "severity"),
            models.Index(fields=["-opened_at", "-id"], name="ticket_newest"),
            models.Index(fields=["customer", "severity"], name="ticket_grave", condition=~Q(state="closed")),
            models.Index(
                fields=["merged_into"], name="ticket_merged", condition=Q(merged_into__isnull=False)
            ),
            models.Index(fields=["follows"], name="ticket_follows", condition=Q(follows__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.subject}"

    @property
    def number(self) -> int:
        """What people say: the plain counter."""
        return int(self.pk)

    @property
    def is_open(self) -> bool:
        return self.state != State.CLOSED


class Tally(models.Model):
    """How the number of open tickets of a kind has changed; `tally` adds them up. Triggers write it (0007_tally)."""

    what = models.CharField(max_length=12, help_text="open, assignee, team, ...; changed: any ticket was")
    who = models.BigIntegerField(default=0, help_text="the assignee's or team's id")
    n = models.BigIntegerField()


class Message(models.Model):
    """Words said on a ticket: by the customer, by us to the customer, or a note among us."""

    class Kind(models.TextChoices):
        IN = "in", "from the customer"
        OUT = "out", "to the customer"
        NOTE = "note", "note, inside only"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    at = models.DateTimeField()
    kind = models.CharField(max_length=4, choices=Kind.choices)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    author_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_name = models.CharField(max_length=200)
    author_address = models.CharField(max_length=320, blank=True)
    text = models.TextField(help_text="what is new, without quotes")
    full_text = models.TextField(blank=True, help_text="all of it, when more came than what is new")
    html = models.TextField(blank=True, help_text="sanitised, for display")
    # mail only
    message_id = models.CharField(max_length=998, blank=True)
    authenticated = models.CharField(
        max_length=4, blank=True, help_text="pass, fail, none; empty: not a mail"
    )
    authenticated_why = models.CharField(max_length=300, blank=True)
    notes = models.JSONField(default=list, blank=True, help_text="what was repaired, flags such as thanks")
    out_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="ours: not to be seen outside before; it may be taken back until then",
    )

    class Meta:
        indexes = [models.Index(fields=["ticket", "at", "id"], name="message_of_ticket")]
        ordering = ["at", "id"]


class Attachment(models.Model):
    """A file on a message: stored under its SHA-256, served only as a download."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_id = models.CharField(max_length=300, blank=True)


class Scan(models.Model):
    """What the scanner for malware said of a file, known by its content (see `scanning`)."""

    class State(models.TextChoices):
        WAITING = "waiting", "not scanned yet"
        CLEAN = "clean", "nothing found"
        FOUND = "found", "malware found"

    sha256 = models.CharField(max_length=64, primary_key=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    finding = models.CharField(max_length=200, blank=True)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    scanned_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["next_try_at"], name="scan_waiting", condition=Q(state="waiting"))]


class Participant(models.Model):
    """Someone who hears of a ticket by mail and may join it. Approved, or waiting for approval."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="participants")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()
    accepted = models.BooleanField(default=True, help_text="False: listed, awaiting approval")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "address"], name="participant_once")]
        indexes = [models.Index(fields=["address"], name="participant_address")]


class Event(models.Model):
    """One change of one ticket. Append-only: neither role may update or delete a row."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    at = models.DateTimeField(help_text="whole seconds, never before the ticket's last")
    recorded_at = models.DateTimeField(auto_now_add=True)
    by_kind = models.CharField(max_length=8)
    by_id = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    text_digest = models.CharField(max_length=64, blank=True, help_text="keyed digest of EventText")
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "seq"], name="event_once")]
        ordering = ["ticket", "seq"]


class EventText(models.Model):
    """The personal words of an event, apart from it so that they can be erased and the chain stays whole."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True, related_name="text")
    by_name = models.CharField(max_length=200, blank=True)
    why = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True, help_text="message ids, names, addresses")
    key = models.BinaryField(max_length=16, help_text="of the digest; dropped on erasure")


class Outbox(models.Model):
    """An event that notices have not looked at yet: written with it, removed when its deliveries stand."""

    event = models.OneToOneField(Event, on_delete=models.CASCADE, primary_key=True)
    urgent = models.BooleanField(default=False)
    not_before = models.DateTimeField(null=True, blank=True, help_text="it may be taken back until then")

    class Meta:
        indexes = [models.Index(F("urgent").desc(), F("event").asc(), name="outbox_order")]


class Clock(models.Model):
    """An indexed copy of what `sla.clocks.explain` says; may be thrown away and rebuilt."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="clocks", db_index=False)
    clock = models.CharField(max_length=20)
    n = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField(help_text="in the order in which they started")
    kind = models.CharField(max_length=8, help_text="promise, goal, or internal")
    state = models.CharField(max_length=9, help_text="running, paused, stopped, cancelled")
    target = models.CharField(max_length=12, help_text="as the terms say it: 4h, 2bd")
    target_seconds = models.BigIntegerField()
    calendar = models.CharField(max_length=40)
    used = models.BigIntegerField(help_text="at `as_of`; while running, the rest is reckoned")
    as_of = models.DateTimeField()
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    breached = models.BooleanField(
        default=False, help_text="of a stopped or cancelled clock; running: derived"
    )
    earlier_breaches = models.JSONField(default=list)
    severity = models.PositiveSmallIntegerField(
        null=True, help_text="under which the present target was taken; null: not yet rebuilt"
    )
    missed_at = models.DateTimeField(
        null=True, help_text="the first second beyond a target of its; while it runs, when that will be"
    )
    next_alarm_at = models.DateTimeField(null=True)
    next_alarm = models.CharField(max_length=6, blank=True, help_text="warn or breach")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "clock", "n"], name="clock_once")]
        indexes = [
            models.Index(
                fields=["next_alarm_at"], name="clock_alarm", condition=Q(next_alarm_at__isnull=False)
            ),
            models.Index(
                fields=["clock", "ticket"], name="clock_figures",
                include=["n", "state", "kind", "severity", "stopped_at", "due_at", "missed_at", "started_at"],
            ),
        ]  # fmt: skip
        ordering = ["ticket", "position"]


class Alarm(models.Model):
    """A warning or breach that was noticed: once for each (ticket, clock, n, kind, due)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="alarms", db_index=False)
    clock = models.CharField(max_length=20)
    n = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=6)
    due_at = models.DateTimeField()
    noticed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "clock", "n", "kind", "due_at"], name="alarm_once")
        ]


class LadderRung(models.Model):
    """A step of an escalation ladder on a ticket: due, or told; once for each (ticket, rung, n, due).

    Those that are only due are derived, like the clocks that they hang on; those that were told stay.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="rungs", db_index=False)
    rung = models.CharField(
        max_length=500, help_text="see sla.ladder: for whom, at which severity, of which clock"
    )
    n = models.PositiveSmallIntegerField(help_text="of the clock")
    due_at = models.DateTimeField()
    says = models.JSONField(default=dict, help_text="the rung as the terms have it")
    told_at = models.DateTimeField(null=True)
    carried = models.BooleanField(default=False, help_text="told already, under another due instant")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "rung", "n", "due_at"], name="rung_once")]
        indexes = [models.Index(fields=["due_at"], name="rung_due", condition=Q(told_at__isnull=True))]
        ordering = ["due_at", "pk"]


class Timer(models.Model):
    """Something that happens by itself when nothing else does: a reminder, a closing, a waking."""

    class Kind(models.TextChoices):
        REMIND = "remind", "remind the customer"
        CLOSE = "close", "close by itself"
        WAKE = "wake", "resume work"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="timers")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    due_at = models.DateTimeField()
    set_at_seq = models.PositiveIntegerField(help_text="the event that set it")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "kind", "due_at"], name="timer_once")]
        indexes = [models.Index(fields=["due_at"], name="timer_due")]


class Snooze(models.Model):
    """A ticket that one person has put off; the row goes when it comes back. It moves nothing for anybody else."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="snoozes")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    until = models.DateTimeField(null=True, help_text="null: until the customer answers")
    note = models.CharField(max_length=200, blank=True, help_text="what they want to be reminded of")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "ticket"], name="snooze_once")]
        indexes = [
            models.Index(fields=["until"], name="snooze_due", condition=Q(until__isnull=False)),
        ]


class Watcher(models.Model):
    """One of us who is told of what the customer writes on a ticket, whoever has it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="watchers", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="watcher_once")]


class Appointment(models.Model):
    """A time agreed with the customer: a call, a remote session, a visit. Its changes are events of the ticket."""

    class Kind(models.TextChoices):
        CALL = "call", _("call")
        REMOTE = "remote", _("remote session")
        VISIT = "visit", _("visit")

    class State(models.TextChoices):
        AGREED = "agreed", _("agreed")
        CANCELLED = "cancelled", _("cancelled")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="appointments")
    uid = models.CharField(max_length=200, unique=True, help_text="by which calendars know it (RFC 5545)")
    sequence = models.PositiveIntegerField(default=0, help_text="raised with each change (RFC 5545)")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    state = models.CharField(max_length=9, choices=State.choices, default=State.AGREED)
    about = models.CharField(max_length=200)
    place = models.CharField(max_length=500, blank=True, help_text="a number, a link or an address")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    wish = models.TextField(blank=True, help_text="the customer asks for another time, in their words")
    wish_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["starts_at", "pk"]

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


class Attendee(models.Model):
    """Somebody who takes part in an appointment: one of us, or a contact."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="attendees")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) ^ Q(contact__isnull=False), name="attendee_is_somebody"
            ),
            models.UniqueConstraint(fields=["appointment", "user"], name="attendee_user_once"),
            models.UniqueConstraint(fields=["appointment", "contact"], name="attendee_contact_once"),
        ]
        ordering = ["pk"]


class ShiftHandover(models.Model):
    """A shift handed over at once: from whom to whom, until when the next one lasts, and words for all of it."""

    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    until = models.DateTimeField(help_text="the end of the next shift")
    note = models.TextField(blank=True, help_text="inside only")


class Handover(models.Model):
    """One ticket given to somebody who has to say that they have it; an indexed copy of what the events say."""

    class State(models.TextChoices):
        WAITING = "waiting", "not accepted yet"
        ACCEPTED = "accepted", "accepted"
        DECLINED = "declined", "given back"
        MOOT = "moot", "overtaken: closed, or given to somebody else"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="handovers")
    shift = models.ForeignKey(
        ShiftHandover, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="+")
    given_at = models.DateTimeField()
    given_seq = models.PositiveIntegerField(help_text="the event that gave it")
    accept_by = models.DateTimeField(help_text="not accepted by then, it is told to those who lead")
    look_at = models.DateTimeField(
        null=True, help_text="when the watch looks at it; null: nothing is left to do"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    ended_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="when those who lead were told")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state="waiting"), name="handover_waits_once"
            )
        ]
        indexes = [
            models.Index(fields=["look_at"], name="handover_look", condition=Q(look_at__isnull=False)),
            models.Index(fields=["to", "accept_by"], name="handover_to", condition=Q(state="waiting")),
            models.Index(fields=["given_by", "-id"], name="handover_by"),
        ]


class Link(models.Model):
    """Two tickets that belong together; written once for the pair, smaller number first, or who waits first."""

    class Kind(models.TextChoices):
        RELATED = "related", "related"
        DUPLICATE = "duplicate", "duplicate"
        CAUSED_BY = "caused_by", "same cause"
        BLOCKS = "blocks", "waits for"
        FOLLOW_UP = "follow_up", "follow-up"
        MAYBE = "maybe", "maybe related"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links")
    other = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="linked_from")
    kind = models.CharField(max_length=9, choices=Kind.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "other", "kind"], name="link_once")]


class Defect(models.Model):
    """A defect of the product behind a ticket, and the release that mends it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="defects")
    reference = models.CharField(max_length=100)
    url = models.URLField(blank=True)
    fixed_in = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "reference"], name="defect_once")]


class Change(models.Model):
    """Other terms for many open tickets: decided once, brought to each in the background (LESSON 14)."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting for its day"
        RUNNING = "running", "on its way"
        DONE = "done", "done"

    why = models.CharField(max_length=500)
    contract = models.ForeignKey(
        Contract, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="the version that judges from then on; empty: each ticket's own, resolved anew",
    )  # fmt: skip
    effective = models.DateField(help_text="from the beginning of this day where the customer is")
    starts_at = models.DateTimeField(help_text="when the day has begun for the first of them")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    by_kind = models.CharField(max_length=8)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["starts_at"], name="change_open", condition=~Q(state="done"))]

    def __str__(self) -> str:
        return self.why


class ChangeOfTicket(models.Model):
    """One open ticket of a change: waiting (no result yet), or what came of it."""

    class Result(models.TextChoices):
        CHANGED = "changed", "other terms hold"
        SAME = "same", "nothing was different"
        CLOSED = "closed", "closed meanwhile"
        FAILED = "failed", "could not be reckoned"

    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="tickets", db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField(help_text="the beginning of the day where the customer is")
    result = models.CharField(max_length=8, choices=Result.choices, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "ticket"], name="change_once_a_ticket")]
        indexes = [
            models.Index(fields=["change", "id"], name="change_waiting", condition=Q(result="")),
            models.Index(fields=["change", "result"], name="change_results"),
        ]


class CommonCause(models.Model):
    """One cause behind tickets of any number of customers; only staff see that they belong together."""

    title = models.CharField(max_length=200)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title


class Draft(models.Model):
    """What somebody of the desk is writing on a ticket and has not sent."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, help_text="reply, note, report, question, workaround, solution")
    said = models.JSONField(default=dict, help_text="field -> what was typed")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="draft_once")]


class Presence(models.Model):
    """Who has a ticket before them, and whether they are writing; of the last minutes only."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    typing_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="presence_once")]
        indexes = [models.Index(fields=["seen_at"], name="presence_old")]


class CannedAnswer(models.Model):
    """An answer that is written once and used often, in one language."""

    title = models.CharField(max_length=100)
    language = models.CharField(max_length=8, blank=True, help_text="empty: for every language")
    category = models.CharField(max_length=10, choices=Category.choices, blank=True, help_text="empty: any")
    text = models.TextField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title", "language", "id"]

    def __str__(self) -> str:
        return self.title


class Concern(models.Model):
    """What the customer wants somebody of ours to decide: an escalation, another severity, or a complaint.

    A complaint may be about no request; then it is of the customer alone.
    """

    class Kind(models.TextChoices):
        ESCALATION = "escalation", _("escalation asked for")
        SEVERITY = "severity", _("objection to the severity")
        COMPLAINT = "complaint", _("complaint")

    ticket = models.ForeignKey(Ticket, null=True, on_delete=models.CASCADE, related_name="concerns")
    customer = models.ForeignKey(
        Customer,
        null=True,
        on_delete=models.CASCADE,
        related_name="concerns",
        help_text="where it is about no request",
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField()
    by = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="when it is answered at the latest, by our own rule")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    answered_name = models.CharField(max_length=200, blank=True)
    answer = models.TextField(blank=True, help_text="empty: answered by what was done")
    late_told_at = models.DateTimeField(null=True, help_text="when managers were told that it is late")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind"], name="concern_open_once", condition=Q(answered_at=None)
            ),
            models.UniqueConstraint(
                fields=["customer", "by"],
                name="complaint_open_once",
                condition=Q(answered_at=None, ticket=None),
            ),
            models.CheckConstraint(
                name="concern_of_one",
                condition=Q(ticket__isnull=False, customer=None)
                | Q(ticket=None, customer__isnull=False, kind="complaint"),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="concern_open", condition=Q(answered_at=None)),
            models.Index(fields=["-at", "-id"], name="concern_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.ticket_id or self.number}"

    @property
    def number(self) -> str:
        """How a complaint about no request is called: "C12"."""
        return f"C{self.pk}"
