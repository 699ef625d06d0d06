"""A mail as it was sent: its HTML in a frame of its own, where nothing runs and nothing is fetched until asked for.

Three walls: the HTML went through the allow-list when it came in, and again here; the frame is sandboxed; its
content security policy names what may be loaded: nothing, or pictures from elsewhere once somebody asked (ATTACKS 24,
26, 36). Pictures that came inside the mail are shown in place, out of our own store.
"""

from __future__ import annotations

import base64
import re
from html import escape

from django.http import Http404, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from mainstay.desk import frame
from mainstay.errors import Refused
from mainstay.intake.email import html as mail_html
from mainstay.tickets import access, files, scanning
from mainstay.tickets.models import Attachment, Message
from mainstay.ui.doors import StaffRequest, staff_page

SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp"}
LARGEST = 3_000_000  # bytes of one picture in place
TOGETHER = 8_000_000  # bytes of all of them
_PICTURE = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_ELSEWHERE = re.compile(r"https?://", re.IGNORECASE)
_BODY = """<!DOCTYPE html><html lang="und"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">
<title>{title}</title><link rel="stylesheet" href="{sheet}"></head><body class="as-sent-body">{body}</body></html>"""


@require_safe
@staff_page()
def letter(request: StaffRequest, number: int) -> HttpResponse:
    """The page around the frame: who wrote, and how many pictures would be fetched from elsewhere."""
    message = _message(request, number)
    elsewhere = _elsewhere(message)
    context = {
        "page_title": f"As sent: {message.ticket.subject}",
        "message": message,
        "ticket": message.ticket,
        "elsewhere": len(elsewhere),
        "hosts": sorted(
            {re.sub(r"^https?://", "", one, flags=re.IGNORECASE).split("/")[0][:80] for one in elsewhere}
        )[:5],
        "pictures": request.GET.get("pictures") == "1",
        "now": timezone.now(),
    }
    return frame.page(request, "desk/letter.html", context, here="queue")


@require_safe
@xframe_options_sameorigin
@staff_page()
def document(request: StaffRequest, number: int) -> HttpResponse:
    """The mail's own HTML, for the frame."""
    message = _message(request, number)
    from_elsewhere = request.GET.get("pictures") == "1"
    body = shown(message, from_elsewhere=from_elsewhere)
    page = _BODY.format(
        title=escape(message.ticket.subject), sheet=escape(static("mainstay/as_sent.css")), body=body
    )
    response = HttpResponse(page)
    pictures = "data: https: http:" if from_elsewhere else "data:"
    response.headers["Content-Security-Policy"] = (
        f"sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src {pictures}; "
        f"style-src {request.scheme}://{request.get_host()}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _message(request: StaffRequest, number: int) -> Message:
    message = Message.objects.select_related("ticket").filter(pk=number).exclude(html="").first()
    if message is None:
        raise Http404
    access.for_staff(request.user, message.ticket_id)
    return message


def shown(message: Message, *, from_elsewhere: bool) -> str:
    """The mail's HTML with its own pictures in place, and those from elsewhere only when asked for."""
    inside = {one.content_id.strip("<>"): one for one in message.attachments.all() if one.content_id}
    room = [TOGETHER]

    def picture(match: re.Match[str]) -> str:
        attributes = dict(_ATTRIBUTE.findall(match[1]))
        cid, blocked = attributes.pop("data-cid", None), attributes.pop("data-blocked", None)
        said = attributes.get("alt") or ""
        source = ""
        if cid is not None and cid in inside:
            source = _data(inside[cid], room)
            said = said or escape(inside[cid].name)
        elif blocked and from_elsewhere and _ELSEWHERE.match(blocked):
            source = blocked
        if not source:
            return f'<span class="picture">[{said or "picture"}]</span>'
        kept = "".join(f' {name}="{value}"' for name, value in sorted(attributes.items()) if name != "alt")
        return f'<img{kept} alt="{said}" src="{source}">'

    return _PICTURE.sub(picture, mail_html.sanitise(message.html))


def _data(attachment: Attachment, room: list[int]) -> str:
    """A picture of the mail as a data address; empty for what is no picture a browser may show, or too large."""
    if attachment.content_type not in SHOWN or attachment.size > min(LARGEST, room[0]):
        return ""
    if not scanning.verdict(attachment).served:
        return ""
    try:
        content = files.where(attachment.sha256).read_bytes()
    except (OSError, Refused):
        return ""
    room[0] -= len(content)
    return f"data:{attachment.content_type};base64,{base64.b64encode(content).decode()}"


def _elsewhere(message: Message) -> list[str]:
    """The addresses of pictures that the mail wants fetched."""
    found = (dict(_ATTRIBUTE.findall(one)).get("data-blocked", "") for one in _PICTURE.findall(message.html))
    return [address for address in found if _ELSEWHERE.match(address)]


def address_of(message: Message) -> str:
    """Where a message is shown as it was sent; empty when it came as plain text."""
    return reverse("desk:letter", args=[message.pk]) if message.html else ""
