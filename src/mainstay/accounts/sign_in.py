"""Signing in: by a link (one use, one hour) or a password (ten tries an hour for one address).

Only digests of tokens are kept. Nothing here tells whether an address is known: an unknown one costs the
same work and gets the same words (ATTACKS 56, 57).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import authenticate
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mainstay.accounts.models import PasswordTry, SignInLink, User
from mainstay.errors import Refused

LINK_LASTS = timedelta(hours=1)
TRIES, TRIES_IN = 10, timedelta(hours=1)
_WRONG = gettext_noop("The address and the password do not belong together.")


# ---- by link


def find_user(email: str) -> User | None:
    """The person who may sign in with this address."""
    return User.objects.filter(email=email.strip().lower(), is_active=True).first()


def make_link(user: User, at: datetime) -> str:
    """A token for one sign-in within the hour. Links made before keep working: a second mail may come first."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(user=user, digest=_digest(token), expires_at=at + LINK_LASTS)
    return token


def use_link(token: str, at: datetime) -> User:
    """Who the token lets in; it is used up by this. Raises `Refused` on the field link, in the same words
    whether it was used, has expired or never was."""
    refused = Refused("link", _("was used already or is older than an hour; ask for a new one"))
    with transaction.atomic():
        # one statement over one table: of several at once, one wins
        mine = SignInLink.objects.filter(digest=_digest(token))
        if not mine.filter(used_at__isnull=True, expires_at__gt=at).update(used_at=at):
            raise refused
        user = mine.select_related("user").get().user
        if not user.is_active:
            raise refused
        return user


def forget_old_links(at: datetime) -> int:
    """Remove links and tries that say nothing any more; how many went."""
    links = SignInLink.objects.filter(expires_at__lt=at - timedelta(days=1)).delete()[0]
    tries = PasswordTry.objects.filter(at__lt=at - TRIES_IN).delete()[0]
    return links + tries


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


# ---- by password


@dataclass(frozen=True)
class Tried:
    """What came of a try: somebody, or words to show; `wait` when no password is looked at for a while."""

    user: User | None
    message: str = ""
    wait: timedelta | None = None


def try_password(email: str, password: str, at: datetime) -> Tried:
    """Sign in with a password. Ten wrong tries within an hour and the address has to wait; the link still works.

    Returns instead of raising, so that the try is counted: a refusal would roll the request's work back.
    """
    address = _digest(email.strip().lower())
    wait = wait_for(email, at)
    if wait is not None:
        minutes = -(-wait // timedelta(minutes=1))
        return Tried(
            None,
            _("Too many tries. Wait %(minutes)s minutes, or sign in by link.") % {"minutes": minutes},
            wait,
        )
    PasswordTry.objects.create(address=address, at=at)  # before the password is looked at
    user = authenticate(username=email.strip().lower(), password=password)
    if not isinstance(user, User):
        return Tried(None, _(_WRONG))
    PasswordTry.objects.filter(address=address).delete()
    return Tried(user)


def wait_for(email: str, at: datetime) -> timedelta | None:
    """How long this address has to wait before another password is looked at; None: not at all."""
    tries = PasswordTry.objects.filter(
        address=_digest(email.strip().lower()), at__gt=at - TRIES_IN, at__lte=at
    )
    newest = list(tries.order_by("-at", "-pk").values_list("at", flat=True)[:TRIES])
    return newest[-1] + TRIES_IN - at if len(newest) == TRIES else None
