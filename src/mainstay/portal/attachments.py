"""Files of a ticket, as downloads to whoever may see them."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from mainstay.accounts.models import User
from mainstay.customers.models import Contact
from mainstay.tickets import access
from mainstay.ui import downloads
from mainstay.ui.doors import contact_page, staff_page


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
