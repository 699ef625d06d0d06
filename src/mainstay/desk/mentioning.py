"""`@name` as the desk handles it: what is completed while one types, and what is said of what was typed."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mainstay.accounts.models import User
from mainstay.tickets import finding, mentions
from mainstay.ui.doors import StaffRequest, staff_page

MOST = 8


@require_safe
@staff_page()
def choices(request: StaffRequest) -> HttpResponse:
    """Who may be meant by the beginning `q` of a name: at most eight, each by the name that means them alone."""
    begun = mentions.plain(request.GET.get("q", "").replace("\x00", "")[:80].lstrip("@"))
    known = mentions.staff()
    found = [one for one in known if _begins(begun, one)][:MOST]
    return JsonResponse(
        {"choices": [{"put": f"@{mentions.handle(one, known)}", "says": one.name} for one in found]}
    )


def _begins(begun: str, user: User) -> bool:
    names = any(name.startswith(begun) for name in mentions.goes_by(user))
    return names or finding.goes_by(begun, mentions.plain(user.name), user.email)


def told(text: str, author: User) -> list[str]:
    """Sentences on a note: who is told, and which names stayed text because they mean nobody or several."""
    found = mentions.read(text)
    names = [one.name for one in found.people if one.pk != author.pk]
    said = [_("Told, and watching it: %(names)s.") % {"names": ", ".join(names)}] if names else []
    return said + [_unclear(one) for one in found.unclear]


def _unclear(one: mentions.Unclear) -> str:
    if not one.several:
        return _("@%(name)s is nobody of the desk: it stayed text, and nobody is told.") % {"name": one.name}
    longer = " / ".join(f"@{name}" for name in one.several)
    return _("@%(name)s may be several: nobody is told; write another note with %(longer)s.") % {
        "name": one.name, "longer": longer
    }  # fmt: skip


def plain(text: str) -> str:
    """What is said when words to the customer name one of us: they are text there, and tell nobody."""
    people = mentions.read(text).people
    if not people:
        return ""
    names = ", ".join(one.name for one in people)
    return _("To the customer an @name is plain text: %(names)s is not told. A note tells them.") % {
        "names": names
    }
