"""What waits for whoever keeps the house: mail held or stuck, who is away, what was changed and frozen last."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mainstay.accounts.models import Act
from mainstay.desk.waiting import FEW, SOON, Asking, Line, Part
from mainstay.intake.email import hold
from mainstay.intake.models import Mailbox
from mainstay.notices import deliveries
from mainstay.prepared import Arg, Prepared
from mainstay.reports.models import Figure
from mainstay.staffing.models import Absence


def held(asking: Asking) -> Part:
    """Mail that a person has to decide about."""
    waiting = hold.waiting_for_a_person()
    said = []
    if waiting.held:
        words = ngettext("%(n)s mail is held", "%(n)s mails are held", waiting.held) % {"n": waiting.held}
        said.append(Line(words, reverse("desk:held"), _("the oldest since"), at=waiting.oldest))
    if waiting.quarantine:
        words = ngettext("%(n)s mail in quarantine", "%(n)s mails in quarantine", waiting.quarantine)
        said.append(Line(words % {"n": waiting.quarantine}, reverse("desk:held"), hot=True))
    return Part("held", _("Mail that waits for a decision"), tuple(said))


def mail_out(asking: Asking) -> Part:
    """What does not leave, and mailboxes that cannot be reached."""
    stands, where, lines = deliveries.backlog(asking.at), reverse("desk:outbox"), []
    if stands.failed:
        words = ngettext("%(n)s mail could not be sent", "%(n)s mails could not be sent", stands.failed)
        lines.append(Line(words % {"n": stands.failed}, f"{where}?state=failed", hot=True))
    if stands.late:
        lines.append(Line(_("Outgoing mail is late"), where, stands.error[:120], at=stands.oldest, hot=True))
    if stands.unannounced:
        words = ngettext(
            "%(n)s event could not be told", "%(n)s events could not be told", stands.unannounced
        )
        lines.append(Line(words % {"n": stands.unannounced}, where, hot=True))
    away = Mailbox.objects.filter(active=True, failing_since__isnull=False).order_by("failing_since")
    for box in away[:FEW]:
        words, place = _("%(address)s cannot be fetched"), reverse("desk:mailbox", args=[box.pk])
        lines.append(
            Line(words % {"address": box.address}, place, box.error[:120], box.failing_since, hot=True)
        )
    return Part("mail", _("Mail"), tuple(lines), where, _("outbox"))


def away(asking: Asking) -> Part:
    """Who is away within a week."""
    lines = [
        Line(one.engineer.user.name, reverse("desk:person", args=[one.engineer.user_id]),
             _("away until") if one.starts_at <= asking.at else _("away from"),
             at=one.ends_at if one.starts_at <= asking.at else one.starts_at)
        for one in _ABSENCES.all(since=asking.at, until=asking.at + SOON)
    ]  # fmt: skip
    return Part("away", _("Who is away within a week"), tuple(lines), reverse("desk:people"), _("people"))


_ABSENCES = Prepared(
    lambda: (
        Absence.objects.filter(ends_at__gt=Arg.instant("since"), starts_at__lt=Arg.instant("until"))
        .select_related("engineer__user")
        .order_by("starts_at", "pk")[:FEW]
    )
)


def acts(asking: Asking) -> Part:
    """What was changed last."""
    lines = [
        Line(f"{one.kind}: {one.what}"[:140], reverse("desk:log"), one.by_name, at=one.at)
        for one in Act.objects.order_by("-pk")[:FEW]
    ]
    return Part("acts", _("What was changed last"), tuple(lines), reverse("desk:log"), _("the log"))


def figures(asking: Asking) -> Part:
    """Figures as they were frozen, corrections among them."""
    lines = [
        Line(f"{one.customer.name}: {one.code} {one.period}",
             reverse("desk:kpi_customer", args=[one.customer.code]),
             _("corrected: %(why)s") % {"why": one.reason[:80]} if one.version > 1 else _("frozen"), at=one.known_at)
        for one in Figure.objects.select_related("customer").defer("text").order_by("-pk")[:FEW]
    ]  # fmt: skip
    return Part("figures", _("Figures frozen last"), tuple(lines), reverse("desk:kpis"), _("KPIs"))
