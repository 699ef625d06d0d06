"""Mailboxes: the addresses customers write to, how their mail comes to us, and whether it does."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Act, Role, Team
from mainstay.config.env import env
from mainstay.customers.models import Product
from mainstay.desk import finding, frame
from mainstay.desk.typed import Typed, said
from mainstay.errors import Refused
from mainstay.intake.mailboxes import register
from mainstay.intake.mailboxes.register import Settings
from mainstay.intake.models import Mailbox
from mainstay.ui.doors import StaffRequest, staff_page

NEW = "new"
FIELDS = (
    "address", "name", "kind", "product", "team", "language", "host", "port", "security", "auth", "user",
    "folder", "afterwards", "provider", "tenant", "token_url", "client_id",
)  # fmt: skip
SECRETS = ("provider", "tenant", "token_url", "client_id", "client_secret", "refresh_token", "scope")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Role.ADMINISTRATOR, Role.AUDITOR)
def mailboxes(request: StaffRequest) -> HttpResponse:
    """Every mailbox and how it fares; an administrator's POST adds one, or only tries it out."""
    if request.method != "POST":
        return _show(request)
    _administrator(request)
    try:
        typed = _typed(Typed(request))
        if "try" in request.POST:
            return _show(request, NEW, found=register.try_out(typed))
        made = register.add_mailbox(
            typed,
            everything=Typed(request).flag("everything"),
            by=Actor.staff(request.user),
            at=timezone.now(),
        )
    except Refused as error:
        return _show(request, NEW, said(error))
    messages.success(request, f"Mail to {made.address} is taken in from now on.")
    return HttpResponseRedirect(reverse("desk:mailboxes"), status=303)


@require_POST
@staff_page(Role.ADMINISTRATOR)
def mailbox(request: StaffRequest, number: int) -> HttpResponse:
    """Other settings for one mailbox; an empty password keeps the one there is."""
    found = get_object_or_404(Mailbox, pk=number)
    try:
        typed = _typed(Typed(request))
        if "try" in request.POST:
            return _show(request, str(number), found=register.try_out(typed, old=found))
        register.change_mailbox(found, typed, by=Actor.staff(request.user), at=timezone.now())
    except Refused as error:
        return _show(request, str(number), said(error))
    messages.success(request, f"{typed.address} is kept as it is set now.")
    return HttpResponseRedirect(reverse("desk:mailboxes"), status=303)


@require_POST
@staff_page(Role.ADMINISTRATOR)
def mailbox_switch(request: StaffRequest, number: int) -> HttpResponse:
    """Off, or on again where it was left."""
    found = get_object_or_404(Mailbox, pk=number)
    on = Typed(request).flag("on")
    register.switch(found, on=on, by=Actor.staff(request.user), at=timezone.now())
    state = "is taken in again" if on else "is no longer taken in"
    messages.success(request, f"Mail to {found.address} {state}.")
    return HttpResponseRedirect(reverse("desk:mailboxes"), status=303)


def _administrator(request: StaffRequest) -> None:
    if not request.user.has_role(Role.ADMINISTRATOR):
        raise Http404


def _typed(typed: Typed) -> Settings:
    return Settings(
        address=typed.text("address"),
        name=typed.text("name"),
        kind=typed.text("kind"),
        product=_one(Product, typed.text("product"), "product"),
        team=_one(Team, typed.text("team"), "team"),
        language=typed.text("language"),
        host=typed.text("host"),
        port=typed.number("port", "the server's port") if typed.text("port") else 993,
        security=typed.text("security") or Mailbox.Security.TLS,
        auth=typed.text("auth") or Mailbox.Auth.PASSWORD,
        user=typed.text("user"),
        folder=typed.text("folder"),
        afterwards=typed.text("afterwards") or Mailbox.Afterwards.SEEN,
        secret={"password": str(typed.data.get("password", ""))}
        | {name: typed.text(name) for name in SECRETS if typed.text(name)},
    )


def _one(model: type[Any], code: str, field: str) -> Any:
    if not code:
        return None
    found = model.objects.filter(code=code).first()
    if found is None:
        raise Refused(field, f"there is no {field} {code[:40]!r}")
    return found


def _show(request: StaffRequest, form: str = "", refused: str = "", *, found: str = "") -> HttpResponse:
    """`form` is the one that was sent: a mailbox's number, or NEW; what was typed is shown again."""
    query = finding.asked(request)
    boxes = Mailbox.objects.select_related("product", "team")
    listed = finding.found(((_line(one), _text(one)) for one in boxes), query)
    past = acts.histories("mailbox", {line["box"].pk: line["box"].address for line in listed})
    again = {name: request.POST.get(name, "") for name in FIELDS}
    form = form or _put_back(request, listed, past)
    for line in listed:
        line["done"] = finding.told(past[line["box"].pk])
        if str(line["box"].pk) == form and request.method == "POST":
            line["typed"] = again
    blank = {"port": 993, "folder": "INBOX", "security": "tls", "auth": "password", "kind": "imap"}
    context = {
        "page_title": "Mailboxes",
        "listed": listed,
        "fresh": again if form == NEW else blank,
        "new": NEW,
        "form": form,
        "refused": refused,
        "found": found,
        "restore": reverse("desk:mailboxes"),
        "main_address": env().support_address,
        "kinds": Mailbox.Kind.choices,
        "securities": Mailbox.Security.choices,
        "auths": Mailbox.Auth.choices,
        "afterwards": Mailbox.Afterwards.choices,
        "providers": [("", "another"), ("microsoft", "Microsoft 365"), ("google", "Google")],
        "products": [("", "–"), *Product.objects.order_by("name").values_list("code", "name")],
        "teams": [("", "–"), *Team.objects.order_by("name").values_list("code", "name")],
        **finding.context(query, reverse("desk:mailboxes"), _("an address, a server, a team")),
    }
    return frame.page(
        request, "desk/mailboxes.html", context, here="mailboxes", status=422 if refused else 200
    )


WORDED = {
    "kind": ("kind", Mailbox.Kind), "encryption": ("security", Mailbox.Security),
    "signs in by": ("auth", Mailbox.Auth), "what is fetched": ("afterwards", Mailbox.Afterwards),
}  # fmt: skip
"""What the log keeps in words: the field of the form, and what may be chosen."""


def _put_back(request: StaffRequest, listed: list[dict[str, Any]], past: dict[object, list[Act]]) -> str:
    """With `?before=`, the form of a mailbox as it was before that act: to be tried out and kept. Gives its number.

    Passwords stand in no log: the one there is stays.
    """
    found = finding.as_it_was(request, past)
    line = next((one for one in listed if found and one["box"].pk == found[0]), None)
    if found is None or line is None:
        return ""
    was, typed = found[1], line["typed"]
    typed |= {name: was[name] for name in ("address", "name", "language", "user", "folder") if name in was}
    if "server" in was:
        typed["host"], _colon, typed["port"] = was["server"].rpartition(":")
    for name, (field, choices) in WORDED.items():
        typed[field] = finding.chosen(was.get(name), choices.choices) or typed[field]
    for name, model in (("product", Product), ("team", Team)):
        if name in was:
            typed[name] = next(iter(model.objects.filter(name=was[name]).values_list("code", flat=True)), "")
    return str(line["id"])


def _text(box: Mailbox) -> str:
    """What a mailbox is found by."""
    parts = [box.address, box.name, box.host, box.user, box.folder, box.language, box.get_kind_display()]
    parts += [box.product.name if box.product else "", box.team.name if box.team else ""]
    return " ".join([*parts, "" if box.active else "off", "failing" if box.failing_since else ""])


def _line(box: Mailbox) -> dict[str, Any]:
    typed = {
        name: getattr(box, name)
        for name in (
            "address",
            "name",
            "kind",
            "language",
            "host",
            "port",
            "security",
            "auth",
            "user",
            "folder",
            "afterwards",
        )
    }
    typed |= {
        "product": box.product.code if box.product else "",
        "team": box.team.code if box.team else "",
    }
    return {"box": box, "typed": typed, "id": str(box.pk)}
