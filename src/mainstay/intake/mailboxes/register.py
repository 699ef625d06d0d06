"""Adding, changing and ending mailboxes; each is an act in the log of the organisation, without its secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from mainstay.accounts import acts
from mainstay.accounts.actor import Actor
from mainstay.accounts.models import Team
from mainstay.customers.lookup import normal
from mainstay.customers.models import Product
from mainstay.errors import Refused
from mainstay.intake.mailboxes import known, oauth, vault
from mainstay.intake.mailboxes.imap import TROUBLE, Door, Talk
from mainstay.intake.models import Mailbox

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,4})?")
LOCAL = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True)
class Settings:
    """What is said of a mailbox. `secret` is only given when it is new: password, or what OAuth 2 needs
    (provider or token_url, client_id, client_secret, refresh_token, scope)."""

    address: str
    name: str
    kind: str = Mailbox.Kind.SMTP
    product: Product | None = None
    team: Team | None = None
    language: str = ""
    host: str = ""
    port: int = 993
    security: str = Mailbox.Security.TLS
    auth: str = Mailbox.Auth.PASSWORD
    user: str = ""
    folder: str = "INBOX"
    afterwards: str = Mailbox.Afterwards.SEEN
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)


def add_mailbox(settings: Settings, *, everything: bool = False, by: Actor, at: datetime) -> Mailbox:
    """A mailbox from now on; with `everything` the mail that is in it already is taken in, too.

    Raises `Refused` naming the field.
    """
    box = Mailbox()
    _fill(box, settings)
    if everything and box.kind == Mailbox.Kind.IMAP:
        box.uid_validity = 0  # no server's number: the first look begins with the first message
    return _kept(box, "mailbox added", {}, by, at)


def change_mailbox(box: Mailbox, settings: Settings, *, by: Actor, at: datetime) -> Mailbox:
    """Other settings from now on; an empty secret keeps the one there is. Raises `Refused` naming the field."""
    with transaction.atomic():
        held = Mailbox.objects.select_for_update().get(pk=box.pk)
        before = _as_logged(held)
        elsewhere = (held.host, held.user, held.folder) != (settings.host, settings.user, settings.folder)
        _fill(held, settings)
        if elsewhere:
            held.uid_validity, held.last_uid = None, 0
        return _kept(held, "mailbox changed", before, by, at)


def switch(box: Mailbox, *, on: bool, by: Actor, at: datetime) -> Mailbox:
    """Stop fetching and taking mail for the address, or begin again where it was left."""
    with transaction.atomic():
        held = Mailbox.objects.select_for_update().get(pk=box.pk)
        held.active = on
        held.save(update_fields=["active"])
        done = "mailbox switched on" if on else "mailbox switched off"
        acts.record(done, held.address, by=by, at=at, about=f"mailbox {held.pk}")
    known.forget()
    return held


def try_out(settings: Settings, *, old: Mailbox | None = None) -> str:
    """Sign in once and say what is there, in a sentence. Raises `Refused` naming host, user or password."""
    box = old or Mailbox()
    _fill(box, settings)
    if box.kind != Mailbox.Kind.IMAP:
        return "Nothing to sign in to: a mail server hands the mail to us."
    secret = vault.unseal(box.secret)
    door = Door(
        box.host, box.port, box.security, box.user, secret.get("password", ""), folder=box.folder or "INBOX"
    )
    try:
        if box.auth == Mailbox.Auth.OAUTH:
            door = Door(**(door.__dict__ | {"password": "", "token": oauth.access_token(secret).access}))
        with Talk(door) as talk:
            newest, tells = talk.newest(), talk.may_idle
    except oauth.NoToken as error:
        raise Refused("refresh_token", str(error)) from None
    except (*TROUBLE, ValueError) as error:
        raise Refused("host", f"does not let us in: {' '.join(str(error).split())[:200]}") from None
    how = "tells by itself of new mail" if tells else "is looked at every 20 seconds"
    return f"Signed in; the newest message has the number {newest}. The server {how}."


# ---- checking


def _fill(box: Mailbox, given: Settings) -> None:
    box.address = normal(given.address, "address")
    if "+" in box.address.partition("@")[0]:
        raise Refused("address", "must be without a plus: what stands behind it is ours to use")
    box.name = _line(given.name, "name", 100)
    box.kind = _choice(given.kind, Mailbox.Kind, "kind")
    box.product, box.team = given.product, given.team
    box.language = given.language.strip()
    if box.language and not _LANGUAGE.fullmatch(box.language):
        raise Refused("language", "must be a language such as en or de")
    if box.kind == Mailbox.Kind.IMAP:
        _fill_imap(box, given)


def _fill_imap(box: Mailbox, given: Settings) -> None:
    provider = oauth.PROVIDERS.get(given.secret.get("provider", ""), {})
    box.host = (given.host or provider.get("host", "")).strip()
    if not _HOST.fullmatch(box.host):
        raise Refused("host", "must be the name of the IMAP server, such as imap.vendor.example")
    if not 1 <= given.port <= 65_535:
        raise Refused("port", "must be a port from 1 to 65535; 993 is usual")
    box.port = given.port
    box.security = _choice(given.security, Mailbox.Security, "security")
    if box.security == Mailbox.Security.NONE and box.host not in LOCAL:
        raise Refused("security", "may only be none for a server on this machine; choose TLS or STARTTLS")
    box.auth = _choice(given.auth, Mailbox.Auth, "auth")
    box.user = _line(given.user or box.address, "user", 320)
    box.folder = _line(given.folder or "INBOX", "folder", 200)
    box.afterwards = _choice(given.afterwards, Mailbox.Afterwards, "afterwards")
    secret = _secret(box, given.secret, provider)
    if secret:
        box.secret = vault.seal(secret)
    elif not box.secret:
        missing = "password" if box.auth == Mailbox.Auth.PASSWORD else "refresh_token"
        raise Refused(missing, "is missing; without it nobody is let in")


def _secret(box: Mailbox, given: Mapping[str, str], provider: Mapping[str, str]) -> dict[str, str]:
    """The new secret, whole; empty when none was typed."""
    if box.auth == Mailbox.Auth.PASSWORD:
        password = given.get("password", "")
        return {"password": password} if password else {}
    if not given.get("refresh_token"):
        return {}
    tenant = given.get("tenant", "") or "common"
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,100}", tenant):
        raise Refused("tenant", "must be the tenant's domain or number")
    url = given.get("token_url", "") or provider.get("token_url", "").format(tenant=tenant)
    try:
        oauth.checked_url(url)
    except ValueError as error:
        raise Refused("token_url", str(error)) from None
    if not given.get("client_id"):
        raise Refused("client_id", "is missing; the provider shows it where the application is registered")
    return {
        "token_url": url,
        "client_id": given["client_id"],
        "client_secret": given.get("client_secret", ""),
        "refresh_token": given["refresh_token"],
        "scope": given.get("scope", "") or provider.get("scope", ""),
    }


def _choice(value: str, kinds: Any, field_name: str) -> str:
    if value not in kinds.values:
        raise Refused(field_name, f"is {value[:40]!r}; it may be {', '.join(kinds.values)}")
    return value


def _line(text: str, field_name: str, longest: int) -> str:
    line = " ".join(text.split())
    if not line or len(line) > longest or not line.isprintable():
        raise Refused(field_name, f"must be one line of 1 to {longest} characters")
    return line


# ---- keeping


def _kept(box: Mailbox, done: str, before: dict[str, Any], by: Actor, at: datetime) -> Mailbox:
    try:
        with transaction.atomic():
            box.save()
            acts.record(
                done,
                box.address,
                by=by,
                at=at,
                before=before,
                after=_as_logged(box),
                about=f"mailbox {box.pk}",
            )
    except IntegrityError:
        raise Refused("address", f"{box.address} is a mailbox already") from None
    known.forget()
    return box


def _as_logged(box: Mailbox) -> dict[str, Any]:
    """Everything but the secret."""
    said = {
        "address": box.address,
        "name": box.name,
        "kind": str(Mailbox.Kind(box.kind).label),
        "product": box.product.name if box.product else "",
        "team": box.team.name if box.team else "",
        "language": box.language,
    }
    if box.kind == Mailbox.Kind.IMAP:
        said |= {
            "server": f"{box.host}:{box.port}",
            "encryption": str(Mailbox.Security(box.security).label),
            "user": box.user,
            "folder": box.folder,
            "signs in by": str(Mailbox.Auth(box.auth).label),
            "what is fetched": str(Mailbox.Afterwards(box.afterwards).label),
        }
    return said
