"""Who asks: their session and their account, as each page reads both. Django's own, with statements that are kept."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from mainstay.accounts.models import User
from mainstay.prepared import Arg, Prepared


class SessionStore(db.SessionStore):
    """Sessions in the database, as the setting `SESSION_ENGINE` names them."""

    def _get_session_from_db(self) -> Session | None:
        found = _SESSION.first(key=self.session_key, at=timezone.now())
        if found is None:
            self._session_key = None
        return found


class Accounts(ModelBackend):
    """People with an account, as the setting `AUTHENTICATION_BACKENDS` names them."""

    def get_user(self, user_id: Any) -> User | None:
        """The person of that number who may be signed in; None for nobody."""
        user = _ACCOUNT.first(user=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


_SESSION = Prepared(
    lambda: Session.objects.filter(session_key=Arg.text("key"), expire_date__gt=Arg.instant("at"))
)
_ACCOUNT = Prepared(lambda: User.objects.filter(pk=Arg("user")))
