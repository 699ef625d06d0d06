"""Files that came with a form: names cleaned, types taken from the content, never from the browser."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from mainstay.accounts.models import User
from mainstay.customers.models import Contact
from mainstay.errors import Refused
from mainstay.intake.email.files import clean_name, sniff
from mainstay.tickets import access, files
from mainstay.ui import downloads
from mainstay.ui.doors import contact_page, staff_page

MOST = 20


def of(request: HttpRequest, name: str = "files") -> tuple[files.Upload, ...]:
    """The files of a form. Raises `Refused` for too many or too large ones."""
    given = request.FILES.getlist(name)
    if len(given) > MOST:
        raise Refused(
            "files",
            _("are %(number)s; at most %(most)s fit into one message") % {"number": len(given), "most": MOST},
        )
    found = []
    for number, one in enumerate(given, 1):
        if one.size and one.size > files.LIMIT:
            raise Refused("files", _("“%(name)s” is larger than 50 MB") % {"name": one.name})
        content = one.read()
        kind = sniff(content, one.name or "")
        found.append(files.Upload(clean_name(one.name or "", number, kind), kind, content))
    return tuple(found)


def download(request: HttpRequest, number: int) -> HttpResponseBase:
    """A file, always as a download and never run by the browser."""
    user = request.user
    door = _for_staff if isinstance(user, User) and user.is_staff_member else _for_contact
    return door(request, number)


@require_GET
@staff_page()
def _for_staff(request: HttpRequest, number: int) -> HttpResponseBase:
    return downloads.attachment(access.attachment_for(request.user, [], number))  # type: ignore[arg-type]


@require_GET
@contact_page
def _for_contact(request: HttpRequest, number: int) -> HttpResponseBase:
    contacts: list[Contact] = request.contacts  # type: ignore[attr-defined]
    return downloads.attachment(access.attachment_for(request.user, contacts, number))  # type: ignore[arg-type]
